//! The STS query service.
//!
//! Start at [`answer`].

use stspec_iam::{Decision, Reason};

use crate::auth::identity::Identity;
use crate::auth::{Denial, authenticate};
use crate::authz::{self, Access, Authorization, Question};
use crate::call::Call;
use crate::faults::Fault;
use crate::model::caller::Caller;
use crate::model::service::Service;
use crate::sigv4::{Presented, Refusal};
use crate::state::State;
use crate::state::directory::Directory;
use crate::wire::answer::Answer;
use crate::wire::request::{Params, Request};

pub(crate) mod assume_role;
pub(crate) mod get_caller_identity;
pub(crate) mod get_federation_token;
pub(crate) mod get_session_token;
pub(crate) mod refused;

pub(crate) mod constraint;
pub(crate) mod error;
mod null;
pub(crate) mod operation;
pub(crate) mod reply;
pub(crate) mod session;
pub(crate) mod wire;

use error::StsError;
use operation::Operation;
use reply::Field;

pub(crate) use session::mint::TOKEN_MARK;

/// The only version of the API.
pub(crate) const VERSION: &str = "2011-06-15";

/// Whether STS has an operation of this name.
pub(crate) fn has_operation(name: &str) -> bool {
    Operation::named(name).is_some()
}

/// What AWS documents of STS, as values.
#[derive(Default)]
pub(crate) struct Rules {
    /// `GetFederationToken`.
    pub(crate) get_federation_token: get_federation_token::Rules,
    /// `GetSessionToken`.
    pub(crate) get_session_token: get_session_token::Rules,
    /// `AssumeRole`.
    pub(crate) assume_role: assume_role::Rules,
}

/// One request to STS on its way through an operation.
pub(crate) struct StsCall<'a> {
    /// The request with what its signature claims.
    pub(crate) call: &'a Call<'a>,
    /// The request itself.
    pub(crate) request: &'a Request,
    /// The account.
    pub(crate) state: &'a State,
    /// What says who calls and what they may do.
    pub(crate) access: &'a Access,
    /// What the operations do.
    pub(crate) rules: &'a Rules,
}

impl<'a> StsCall<'a> {
    fn new(call: &'a Call<'a>, access: &'a Access, rules: &'a Rules) -> Self {
        Self { call, request: call.request, state: call.state, access, rules }
    }

    /// What a readable signature claims.
    fn presented(&self) -> Option<&'a Presented> {
        self.call.presented()
    }

    /// What says what the caller may do.
    fn authorization(&self) -> &'a Authorization {
        &self.access.authorization
    }
}

/// What STS is asked.
#[derive(Debug)]
pub(crate) enum Asked {
    /// A query request with an action.
    Call(Params),
    /// A browser's question before a request from another origin.
    Preflight,
    /// A request without an action.
    NoAction,
    /// A path or method that leads nowhere.
    UnknownOperation,
}

/// Answers whatever it is asked.
pub(crate) fn answer(call: &Call<'_>, access: &Access, rules: &Rules, asked: &Asked) -> Answer {
    let call = &StsCall::new(call, access, rules);
    if let Some(unseen) = null::answer(call, asked) {
        return unseen;
    }
    honest(call, asked)
}

/// The answer to one request too many.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-THROTTLE; recorded in
/// jlevers/selling-partner-api#278.
pub(crate) fn throttled(call: &Call<'_>, access: &Access, rules: &Rules) -> Answer {
    let call = &StsCall::new(call, access, rules);
    reply::failure(call, &StsError::new(400, "Throttling", "Rate exceeded"))
}

/// The answer of a server that looks at what it is asked.
fn honest(call: &StsCall<'_>, asked: &Asked) -> Answer {
    let faults = &call.state.faults;
    match asked {
        Asked::Call(params) => answer_call(call, params),
        Asked::NoAction if faults.has(Fault::NoActionAsError) => {
            let message = "The request must contain an Action";
            reply::failure(call, &StsError::new(400, "MissingAction", message))
        }
        Asked::Preflight => wire::preflight(call),
        Asked::NoAction => wire::no_action(call),
        Asked::UnknownOperation => wire::unknown_operation(call),
    }
}

fn answer_call(call: &StsCall<'_>, params: &Params) -> Answer {
    let action = params.get("Action").unwrap_or_default();
    let version = params.get("Version");
    let faults = &call.state.faults;
    let right_version = version == Some(VERSION) || faults.has(Fault::VersionUnchecked);
    let Some(operation) = operation_named(call, action).filter(|_| right_version) else {
        return reply::failure(call, &unknown_action(call, action, version));
    };
    match perform(call, params, operation) {
        Ok(result) => reply::success(call, operation, &result),
        Err(error) => reply::failure(call, &error),
    }
}

fn operation_named(call: &StsCall<'_>, action: &str) -> Option<Operation> {
    if call.state.faults.has(Fault::ActionInAnyCase) {
        return Operation::named_in_any_case(action);
    }
    Operation::named(action)
}

/// The refusal of an action, with the mistakes that can be made about it.
fn unknown_action(call: &StsCall<'_>, action: &str, version: Option<&str>) -> StsError {
    let faults = &call.state.faults;
    let mut error = StsError::invalid_action(action, version);
    if faults.has(Fault::InvalidActionCode) {
        error.code = "UnknownOperationException";
    }
    if faults.has(Fault::InvalidActionNamespace) {
        error.namespace = error::NAMESPACE;
    }
    if faults.has(Fault::InvalidActionStatus) {
        error.status = 404;
    }
    error
}

fn perform(
    call: &StsCall<'_>,
    params: &Params,
    operation: Operation,
) -> Result<Vec<Field>, StsError> {
    if operation.is_unsigned() {
        return refused::without_provider(call, params, operation);
    }
    if operation == Operation::GetFederationToken {
        get_federation_token::check_before_caller(call, params)?;
    }
    // One look at the directory for the whole request: nothing changes between two questions.
    let directory = call.state.directory();
    let caller = caller(call, &directory)?;
    check_region(call, operation)?;
    match operation {
        Operation::AssumeRole => assume_role::answer(call, params, &caller, &directory),
        Operation::GetFederationToken => {
            get_federation_token::answer(call, params, &caller, &directory)
        }
        Operation::GetCallerIdentity => get_caller_identity::answer(call, &caller, &directory),
        Operation::GetSessionToken => get_session_token::answer(call, params, &caller, &directory),
        _ => refused::answer(call, params, operation, &caller, &directory),
    }
}

/// Nobody gets credentials in a region in which the account has switched STS off; whoever has some
/// may still ask who they are.
///
/// Source: `docs/evidence/get-federation-token.md`, REG-DISABLED and REG-GCI. That it comes before
/// the shapes of parameters is our guess.
fn check_region(call: &StsCall<'_>, operation: Operation) -> Result<(), StsError> {
    let signed = call.presented().map(|presented| presented.scope.region());
    let disabled = signed.is_some_and(|region| call.state.disabled_regions.contains(region));
    let faults = &call.state.faults;
    let concerned = operation.needs_active_region()
        || (operation == Operation::GetCallerIdentity
            && faults.has(Fault::IdentityRefusedInDisabledRegion));
    if !disabled || !concerned || faults.has(Fault::RegionDisabledIgnored) {
        return Ok(());
    }
    let account = &call.state.account;
    let message = format!(
        "STS is not activated in this region for account:{account}. Your account administrator can \
         activate STS in this region using the IAM Console."
    );
    let unsuffixed = faults.has(Fault::RegionDisabledCode);
    let code = if unsuffixed { "RegionDisabled" } else { "RegionDisabledException" };
    let status = if faults.has(Fault::RegionDisabledStatus) { 400 } else { 403 };
    Err(StsError::new(status, code, message))
}

fn caller<'d>(call: &StsCall<'_>, directory: &'d Directory) -> Result<Identity<'d>, StsError> {
    let denied = |denial| denied(call, denial);
    let caller = authenticate(call.call, directory, Service::Sts).map_err(denied)?;
    let anonymous = caller.is_none() && call.state.faults.has(Fault::UnsignedAccepted);
    let caller = if anonymous { Identity::of(Caller::Root, directory) } else { caller };
    caller.ok_or_else(|| {
        let message = "Request is missing Authentication Token";
        StsError::new(403, "MissingAuthenticationToken", message)
    })
}

/// How STS words a failed authentication: with a final period, unlike IAM.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-BADKEY and the rows beside it.
fn denied(call: &StsCall<'_>, denial: Denial) -> StsError {
    match denial {
        Denial::Signature(Refusal::Malformed(fault))
            if call.state.faults.has(Fault::MalformedAuthorizationCode) =>
        {
            StsError::new(403, "MissingAuthenticationToken", fault.to_string())
        }
        Denial::Signature(refusal) => {
            let error = StsError::new(refusal.status(), refusal.code(), refusal.message());
            match refusal {
                Refusal::Mismatch { canonical_request, string_to_sign }
                    if call.state.faults.has(Fault::SignatureComparisonShown) =>
                {
                    error
                        .showing("StringToSign", string_to_sign)
                        .showing("CanonicalRequest", canonical_request)
                }
                _ => error,
            }
        }
        Denial::Expired => {
            let other = call.state.faults.has(Fault::ExpiredTokenCode);
            let (status, code) =
                if other { (400, "ExpiredTokenException") } else { (403, "ExpiredToken") };
            let message = "The security token included in the request is expired";
            StsError::new(status, code, message)
        }
        Denial::UnknownKey | Denial::UnreadableToken => {
            let long_term =
                call.presented().is_some_and(|who| !who.access_key_id.starts_with("ASIA"));
            let dropped = !long_term
                && call.presented().is_some_and(|who| who.session_token.is_none())
                && call.state.faults.has(Fault::DroppedTokenCode);
            let code = match () {
                () if dropped => "MissingAuthenticationToken",
                () if long_term && call.state.faults.has(Fault::UnknownKeyCode) => {
                    "UnrecognizedClientException"
                }
                () => "InvalidClientTokenId",
            };
            StsError::new(403, code, "The security token included in the request is invalid.")
        }
    }
}

/// The refusal of somebody who has the wrong kind of credentials, without a final period.
///
/// Source: `docs/evidence/get-federation-token.md`, CALL-ROLE and CALL-SESSION-SIB.
fn session_refused(operation: Operation) -> StsError {
    let name = operation.name();
    StsError::access_denied(format!("Cannot call {name} with session credentials"))
}

/// Turns a denial by policies into an error.
///
/// STS leaves out why nothing allows it (`docs/evidence/get-federation-token.md`,
/// CALL-PERM-SUFFIX); that it names an explicit deny is unrecorded.
fn check_allowed(
    call: &StsCall<'_>,
    question: &Question<'_>,
    decision: &Decision,
) -> Result<(), StsError> {
    if decision.allowed() {
        return Ok(());
    }
    let mut message = authz::denial(call.state, question);
    if let (Reason::ExplicitDeny(_), Some(because)) = (decision.reason(), decision.because()) {
        message.push(' ');
        message.push_str(&because);
    }
    Err(StsError::access_denied(message))
}
