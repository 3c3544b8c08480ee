//! An account standing on a target, ready for many signed requests.

use std::sync::Arc;

use stspec_scenario::{
    Account, Grade, Library, LoadCall, Name, Outcome, Placeholder, Principal, Profile, Transport,
};
use stspec_verdict::{Redactor, resolve};
use tokio_util::sync::CancellationToken;

use crate::ProvisionError;
use crate::account::provision::{provision, settle};
use crate::account::provisioned::{NotProvisioned, Ownership, Provisioned};
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::ledger::CleanUp;
use crate::load_client::{Endpoint, LoadClient, ReadyCall, ReadyCalls, SignerNumbers, prepared};
use crate::options::RequestOptions;
use crate::params::flatten;
use crate::run_context::RunContext;
use crate::target::connection::ConnectOptions;
use crate::wire::sdk::SdkCall;

/// An account that was made on a target and stays until [`ProvisionedTarget::close`].
///
/// What [`run`](crate::run()) does for a rule's steps, a stand does for calls that are sent many times
/// over: it makes calls ready once, and each user's [`LoadClient`] signs and sends them afresh. Dropping a stand without
/// closing it leaves its account on the target.
pub struct ProvisionedTarget {
    pub(crate) context: RunContext,
    account: Provisioned,
}

impl ProvisionedTarget {
    /// Connects to a target and makes an account on it.
    ///
    /// Where the target does not make all of it, or `stop` resolves before it did, what it made is
    /// removed before the error is returned.
    pub async fn open(
        library: &Library,
        account: &Name,
        connect: ConnectOptions,
        clock: Clock,
        cancelled: &CancellationToken,
    ) -> Result<Self, ProvisionError> {
        let account = library
            .account(account)
            .ok_or_else(|| ProvisionError::UnknownAccount { account: account.clone() })?;
        let context = tokio::select! {
            context = RunContext::open(connect, RequestOptions::quiet(clock), cancelled.clone()) => context?,
            // Connecting makes nothing, so it need not be waited for.
            () = cancelled.cancelled() => return Err(ProvisionError::Interrupted { leaks: Vec::new() }),
        };
        let provisioned = provision_settled(account, &context).await;
        if cancelled.is_cancelled() {
            let leaks = context.clean_up().await.leaks;
            return Err(ProvisionError::Interrupted { leaks });
        }
        match provisioned {
            Ok(provisioned) => Ok(Self { context, account: provisioned }),
            Err(failure) => Err(ProvisionError::NotProvisioned {
                account: account.name.clone(),
                reason: failure.reason,
                leaks: context.clean_up().await.leaks,
            }),
        }
    }

    /// The base URL of the STS that the stand talks to.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.context.connection.endpoints.sts
    }

    /// Fills in the templates of a profile's calls and finds the credentials that sign them.
    pub fn ready(&self, profile: &Profile) -> Result<ReadyCalls, ProvisionError> {
        let mut numbers = SignerNumbers::default();
        let mut endpoints = Vec::new();
        let calls: Result<_, ProvisionError> = profile
            .calls()
            .map(|load_call| {
                let ready = self.ready_call(profile, load_call, (&mut numbers, &mut endpoints));
                ready.map_err(|reason| ProvisionError::CallNotReady {
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
    pub fn load_client(self: &Arc<Self>, calls: &Arc<ReadyCalls>) -> LoadClient {
        LoadClient::new(Arc::clone(self), Arc::clone(calls))
    }

    /// The most requests a second that the target is sent, if it is limited.
    #[must_use]
    pub fn requests_per_second(&self) -> Option<u32> {
        self.context.connection.target.requests_per_second()
    }

    /// The run's id, which is part of the name of all that the stand made.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.context.run_id
    }

    /// The target's name.
    #[must_use]
    pub fn target(&self) -> &str {
        self.context.connection.target.name.as_str()
    }

    /// The secrets that were registered so far.
    #[must_use]
    pub fn secrets(&self) -> Redactor {
        self.context.secrets.redactor()
    }

    /// Removes the account from the target.
    ///
    /// Requests that are still on their way must have been waited for. A second call finds nothing to
    /// remove.
    pub async fn close(&self) -> CleanUp {
        self.context.clean_up().await
    }

    fn look_up(&self, reference: &Placeholder) -> Option<String> {
        match reference {
            Placeholder::RunId => Some(self.context.run_id.clone()),
            other => self.account.look_up(other, &self.context.connection),
        }
    }

    fn credentials(&self, principal: &Principal) -> Result<Option<Credentials>, String> {
        let found = match principal {
            Principal::Anonymous => return Ok(None),
            Principal::Root => self.context.connection.root.as_ref(),
            Principal::Admin => return Ok(Some(self.context.connection.admin.credentials())),
            Principal::User(name) => self.account.users.get(name).map(|user| &user.credentials),
            Principal::Session(_) => None,
        };
        found.cloned().map(Some).ok_or_else(|| "its credentials are not at hand".to_owned())
    }
}

async fn provision_settled(
    account: &Account,
    context: &RunContext,
) -> Result<Provisioned, NotProvisioned> {
    let provisioned = provision(account, Ownership::Shared, context).await?;
    settle(&provisioned, context).await;
    Ok(provisioned)
}
