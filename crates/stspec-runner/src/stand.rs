//! An account standing on a target, ready for many signed requests.

use std::future::Future;
use std::pin::pin;

use stspec_scenario::{
    Account, Call, Grade, Library, LoadCall, Name, Outcome, Principal, Reference,
};
use stspec_verdict::{Observation, Observed, Redactor, ResolvedOutcome, resolve};

use crate::StandError;
use crate::clock::Clock;
use crate::connection::{Connect, Manner, Message, Signer};
use crate::credentials::{Credentials, Secret};
use crate::ledger::CleanUp;
use crate::params::flatten;
use crate::play::credentials_in;
use crate::provision::{NotProvisioned, Ownership, Provisioned, provision, settle};
use crate::run::Site;

/// An account that was made on a target and stays until [`Stand::close`].
///
/// What [`run`](crate::run()) does for a rule's steps, a stand does for calls that are sent many times
/// over: it makes a call ready once and signs and sends it afresh each time. Dropping a stand without
/// closing it leaves its account on the target.
pub struct Stand {
    site: Site,
    account: Provisioned,
}

/// A call of one principal with its templates filled in, to be sent as often as wanted.
#[derive(Debug, Clone)]
pub struct ReadyCall {
    /// What its answers are judged against.
    pub outcomes: Vec<ResolvedOutcome>,
    call: Call,
    pairs: Vec<(String, String)>,
    /// Nothing for an anonymous call.
    credentials: Option<Credentials>,
}

impl Stand {
    /// Connects to a target and makes an account on it.
    ///
    /// Where the target does not make all of it, or `stop` resolves before it did, what it made is
    /// removed before the error is returned.
    pub async fn open(
        library: &Library,
        account: &Name,
        connect: Connect,
        clock: Clock,
        stop: impl Future<Output = ()>,
    ) -> Result<Self, StandError> {
        let account = library
            .account(account)
            .ok_or_else(|| StandError::UnknownAccount { account: account.clone() })?;
        let mut stop = pin!(stop);
        let site = tokio::select! {
            site = Site::open(connect, Manner::quiet(clock), |_| ()) => site?,
            // Connecting makes nothing, so it need not be waited for.
            () = &mut stop => return Err(StandError::Interrupted { leaks: Vec::new() }),
        };
        let provisioned = provision_until(stop, account, &site).await;
        if site.stop.is_asked() {
            let leaks = site.clean_up().await.leaks;
            return Err(StandError::Interrupted { leaks });
        }
        match provisioned {
            Ok(provisioned) => Ok(Self { site, account: provisioned }),
            Err(failure) => Err(StandError::NotProvisioned {
                account: account.name.clone(),
                reason: failure.reason,
                leaks: site.clean_up().await.leaks,
            }),
        }
    }

    /// The base URL of the STS that the stand talks to.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.site.connection.endpoints.sts
    }

    /// Fills in the templates of a call and finds the credentials that sign it.
    pub fn ready(&self, load_call: &LoadCall) -> Result<ReadyCall, StandError> {
        let not_ready = |reason: String| StandError::NotReady {
            call: load_call.call.to_string(),
            principal: load_call.principal.to_string(),
            reason,
        };
        let outcome = Outcome { grade: Grade::Ok, expectations: load_call.expectations.clone() };
        let pairs = flatten(&load_call.params, &mut |reference| self.look_up(reference))
            .map_err(|unresolved| not_ready(unresolved.to_string()))?;
        let outcomes = resolve(&[outcome], |reference| self.look_up(reference))
            .map_err(|error| not_ready(error.to_string()))?;
        let credentials = self.credentials(&load_call.principal).map_err(not_ready)?;
        Ok(ReadyCall { outcomes, call: load_call.call, pairs, credentials })
    }

    /// Signs a call for this very moment, sends it to the target and observes the answer.
    ///
    /// The observed duration covers sending and reading to the end of the body, not the signing. An answer
    /// that throttles is observed as any other: how much a target takes is what a load asks.
    pub async fn send(&self, ready: &ReadyCall) -> Observed {
        let signer = ready.credentials.as_ref().map(|credentials| Signer {
            credentials,
            token: credentials.session_token.as_ref().map(Secret::expose),
        });
        let message = Message { signer, ..Message::plain(ready.call, &ready.pairs) };
        self.site.connection.send(&message).await
    }

    /// Takes the stand's secrets, and those that `answer` hands out, from a text about that answer.
    ///
    /// What an answer hands out is registered for good, so this is for the few answers that are shown.
    #[must_use]
    pub fn redact(&self, answer: &Observation, text: &str) -> String {
        if let Some(credentials) = credentials_in(answer) {
            self.site.secrets.register(&credentials);
        }
        self.site.secrets.redactor().redact(text).into_owned()
    }

    /// The secrets that were registered so far.
    #[must_use]
    pub fn secrets(&self) -> Redactor {
        self.site.secrets.redactor()
    }

    /// Removes the account from the target.
    ///
    /// Requests that are still on their way must have been waited for. A second call finds nothing to
    /// remove.
    pub async fn close(&self) -> CleanUp {
        self.site.clean_up().await
    }

    fn look_up(&self, reference: &Reference) -> Option<String> {
        match reference {
            Reference::RunId => Some(self.site.run_id.clone()),
            other => self.account.look_up(other, &self.site.connection),
        }
    }

    fn credentials(&self, principal: &Principal) -> Result<Option<Credentials>, String> {
        let found = match principal {
            Principal::Anonymous => return Ok(None),
            Principal::Root => self.site.connection.root.as_ref(),
            Principal::Admin => Some(&self.site.connection.admin),
            Principal::User(name) => self.account.users.get(name).map(|user| &user.credentials),
            Principal::Session(_) => None,
        };
        found.cloned().map(Some).ok_or_else(|| "its credentials are not at hand".to_owned())
    }
}

async fn provision_until(
    stop: impl Future<Output = ()>,
    account: &Account,
    site: &Site,
) -> Result<Provisioned, NotProvisioned> {
    let mut provisioning = pin!(async {
        let provisioned = provision(account, Ownership::Shared, site).await?;
        settle(&provisioned, site).await;
        Ok(provisioned)
    });
    tokio::select! {
        provisioned = &mut provisioning => provisioned,
        () = stop => {
            site.stop.ask();
            provisioning.await
        }
    }
}
