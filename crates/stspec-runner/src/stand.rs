//! An account standing on a target, ready for many signed requests.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use stspec_scenario::{
    Account, Grade, Library, LoadCall, Name, Outcome, Placeholder, Principal, Profile, Transport,
};
use stspec_verdict::{Redactor, resolve};

use crate::StandError;
use crate::clock::Clock;
use crate::connection::{Connect, Manner};
use crate::credentials::Credentials;
use crate::lane::{Endpoint, Lane, ReadyCall, ReadyCalls, SignerNumbers, prepared};
use crate::ledger::CleanUp;
use crate::params::flatten;
use crate::provision::{NotProvisioned, Ownership, Provisioned, provision, settle};
use crate::run::Site;
use crate::sdk::SdkCall;

/// An account that was made on a target and stays until [`Stand::close`].
///
/// What [`run`](crate::run()) does for a rule's steps, a stand does for calls that are sent many times
/// over: it makes calls ready once, and each user's [`Lane`] signs and sends them afresh. Dropping a stand without
/// closing it leaves its account on the target.
pub struct Stand {
    pub(crate) site: Site,
    account: Provisioned,
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
            site = Site::open(connect, Manner::quiet(clock)) => site?,
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

    /// Fills in the templates of a profile's calls and finds the credentials that sign them.
    pub fn ready(&self, profile: &Profile) -> Result<ReadyCalls, StandError> {
        let mut numbers = SignerNumbers::default();
        let mut endpoints = Vec::new();
        let calls: Result<_, StandError> = profile
            .calls()
            .map(|load_call| {
                let ready = self.ready_call(profile, load_call, (&mut numbers, &mut endpoints));
                ready.map_err(|reason| StandError::NotReady {
                    call: load_call.id.to_string(),
                    principal: load_call.principal.to_string(),
                    reason,
                })
            })
            .collect();
        let signers = numbers.signers;
        Ok(ReadyCalls { calls: calls?, signers, endpoints, carrier: profile.transport })
    }

    fn ready_call(
        &self,
        profile: &Profile,
        load_call: &LoadCall,
        (numbers, endpoints): (&mut SignerNumbers, &mut Vec<Endpoint>),
    ) -> Result<ReadyCall, String> {
        let outcome = Outcome { grade: Grade::Ok, expectations: load_call.expectations.clone() };
        let pairs = flatten(&load_call.params, &mut |reference| self.look_up(reference))
            .map_err(|unresolved| unresolved.to_string())?;
        let outcomes = resolve(&[outcome], |reference| self.look_up(reference))
            .map_err(|error| error.to_string())?;
        let signer = match &load_call.principal {
            Principal::Session(session) => Some(numbers.of_session(session)),
            principal => self
                .credentials(principal)?
                .map(|credentials| numbers.of(&principal.to_string(), Some(credentials))),
        };
        let captures = load_call.session.as_ref().map(|session| numbers.of_session(session));
        let prepared = prepared(self, load_call, &pairs, endpoints)?;
        let by_sdk = profile.transport == Transport::AwsSdk;
        let sdk = by_sdk.then(|| SdkCall::new(load_call.call, &pairs)).transpose()?;
        Ok(ReadyCall { outcomes, captures, call: load_call.call, sdk, pairs, signer, prepared })
    }

    /// A new user's way to the target.
    #[must_use]
    pub fn lane(self: &Arc<Self>, calls: &Arc<ReadyCalls>) -> Lane {
        Lane::new(Arc::clone(self), Arc::clone(calls))
    }

    /// The most requests a second that the target is sent, if it is limited.
    #[must_use]
    pub fn requests_per_second(&self) -> Option<u32> {
        self.site.connection.target.requests_per_second()
    }

    /// The run's id, which is part of the name of all that the stand made.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.site.run_id
    }

    /// The target's name.
    #[must_use]
    pub fn target(&self) -> &str {
        self.site.connection.target.name.as_str()
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

    fn look_up(&self, reference: &Placeholder) -> Option<String> {
        match reference {
            Placeholder::RunId => Some(self.site.run_id.clone()),
            other => self.account.look_up(other, &self.site.connection),
        }
    }

    fn credentials(&self, principal: &Principal) -> Result<Option<Credentials>, String> {
        let found = match principal {
            Principal::Anonymous => return Ok(None),
            Principal::Root => self.site.connection.root.as_ref(),
            Principal::Admin => return Ok(Some(self.site.connection.admin.credentials())),
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
