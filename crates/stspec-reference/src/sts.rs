//! The STS query service.
//!
//! Start at [`answer`]; the table of operations is in [`operation`].

use stspec_iam::{Decision, Reason};

use crate::auth::identity::Identity;
use crate::authz::{Access, Question};
use crate::call::Call;
use crate::state::State;
use crate::state::directory::Directory;
use crate::wire::answer::Answer;
use crate::wire::request::Params;

mod rules;

pub(crate) mod operation;

pub(crate) mod assume_role;
pub(crate) mod get_caller_identity;
pub(crate) mod get_federation_token;
pub(crate) mod get_session_token;
pub(crate) mod refused;

pub(crate) mod session;

pub(crate) mod authentication;
pub(crate) mod callers;
pub(crate) mod constraint;
pub(crate) mod error;
pub(crate) mod members;
pub(crate) mod reply;
pub(crate) mod unrouted;

use constraint::ViolationRules;
use error::StsError;
use members::Members;
use operation::{Handler, Operation};
use rules::{AnswerEdits, Checks, RequestRules};
use session::mint::MintRules;

/// The only version of the API.
pub(crate) const VERSION: &str = "2011-06-15";

/// Whether STS has an operation of this name.
pub(crate) fn has_operation(name: &str) -> bool {
    operation::find(name).is_some()
}

/// The rules of the service and of each operation.
#[derive(Default)]
pub(crate) struct Rules {
    /// How requests are taken in.
    pub(crate) requests: RequestRules,
    /// Further checks.
    pub(crate) checks: Checks,
    /// How violations of shapes are worded.
    pub(crate) violations: ViolationRules,
    /// How credentials are minted.
    pub(crate) mint: MintRules,
    /// What changes answers.
    pub(crate) answers: AnswerEdits,
    /// `AssumeRole`.
    pub(crate) assume_role: assume_role::Rules,
    /// `GetCallerIdentity`.
    pub(crate) get_caller_identity: get_caller_identity::Rules,
    /// `GetFederationToken`.
    pub(crate) get_federation_token: get_federation_token::Rules,
    /// `GetSessionToken`.
    pub(crate) get_session_token: get_session_token::Rules,
    /// The operations that are refused.
    pub(crate) refused: refused::Rules,
}

/// A request to STS.
#[derive(Debug)]
pub(crate) enum StsRequest {
    /// A query request with an action.
    Call(Params),
    /// A browser's question before a request from another origin.
    Preflight,
    /// A request without an action.
    NoAction,
    /// A path or method that leads to no operation.
    UnknownOperation,
}

/// A call of an operation before it is known who calls.
pub(crate) struct UnsignedCall<'a> {
    /// The request with what its signature claims.
    pub(crate) call: &'a Call<'a>,
    /// What the service does.
    pub(crate) rules: &'a Rules,
    /// The operation.
    pub(crate) operation: &'static Operation,
    /// Its parameters.
    pub(crate) params: &'a Params,
}

/// A call of an operation by an authenticated caller.
pub(crate) struct StsCall<'a> {
    /// The request with what its signature claims.
    pub(crate) call: &'a Call<'a>,
    /// The server's state.
    pub(crate) state: &'a State,
    /// What the service does.
    pub(crate) rules: &'a Rules,
    /// What decides what the caller may do.
    pub(crate) access: &'a Access,
    /// The operation.
    pub(crate) operation: &'static Operation,
    /// Its parameters.
    pub(crate) params: &'a Params,
    /// Who calls.
    pub(crate) caller: &'a Identity<'a>,
    /// The users, roles and policies, the same for the whole request.
    pub(crate) directory: &'a Directory,
}

/// Answers every request.
pub(crate) fn answer(
    call: &Call<'_>,
    access: &Access,
    rules: &Rules,
    request: &StsRequest,
) -> Answer {
    let stubbed = rules.requests.stub.as_ref().and_then(|stub| stub(call, access, rules, request));
    stubbed.unwrap_or_else(|| served(call, access, rules, request))
}

/// The answer of the service itself.
pub(crate) fn served(
    call: &Call<'_>,
    access: &Access,
    rules: &Rules,
    request: &StsRequest,
) -> Answer {
    let answer = match request {
        StsRequest::Call(params) => answer_call(call, access, rules, params),
        StsRequest::Preflight => unrouted::preflight(call),
        StsRequest::NoAction => (rules.requests.without_action)(call, rules),
        StsRequest::UnknownOperation => unrouted::unknown_operation(call),
    };
    finished(call, rules, answer)
}

/// The answer to a request beyond the rate limit.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-THROTTLE; recorded in
/// jlevers/selling-partner-api#278.
pub(crate) fn throttled(call: &Call<'_>, rules: &Rules) -> Answer {
    let error = StsError::new(400, "Throttling", "Rate exceeded");
    finished(call, rules, failure(call, rules, None, error))
}

fn answer_call(call: &Call<'_>, access: &Access, rules: &Rules, params: &Params) -> Answer {
    let action = params.get("Action").unwrap_or_default();
    let version = params.get("Version");
    let right_version = (rules.requests.is_version)(version);
    let Some(operation) = (rules.requests.find_operation)(action).filter(|_| right_version) else {
        return failure(call, rules, None, StsError::invalid_action(action, version));
    };
    match perform(&UnsignedCall { call, rules, operation, params }, access) {
        Ok(members) => reply::success(call, rules, operation, &members),
        Err(error) => failure(call, rules, Some(operation), error),
    }
}

fn failure(
    call: &Call<'_>,
    rules: &Rules,
    operation: Option<&Operation>,
    mut error: StsError,
) -> Answer {
    for edit in &rules.answers.errors {
        edit(operation, &mut error);
    }
    reply::failure(call, rules, &error)
}

fn finished(call: &Call<'_>, rules: &Rules, mut answer: Answer) -> Answer {
    for edit in &rules.answers.finished {
        edit(call, &mut answer);
    }
    answer
}

fn perform(call: &UnsignedCall<'_>, access: &Access) -> Result<Members, StsError> {
    let answer = match call.operation.handler {
        Handler::Unsigned(answer) => return answer(call),
        Handler::Signed(answer) => answer,
    };
    for check in &call.rules.checks.before_caller {
        check(call)?;
    }
    // One look at the directory for the whole request: nothing changes between two questions.
    let directory = call.call.state.directory();
    let caller = authentication::caller(call, access, &directory)?;
    check_region(call)?;
    let call = call.by(&caller, &directory, access);
    for check in &call.rules.checks.before_operation {
        check(&call)?;
    }
    let mut members = answer(&call)?;
    for edit in &call.rules.answers.members {
        edit(&call, &mut members);
    }
    Ok(members)
}

/// Credentials are not issued in a region in which the account has switched STS off; callers that
/// have some may still ask who they are.
///
/// Source: `docs/evidence/get-federation-token.md`, REG-DISABLED and REG-GCI. That it comes before
/// the shapes of parameters is our guess.
fn check_region(call: &UnsignedCall<'_>) -> Result<(), StsError> {
    let state = call.call.state;
    let signed = call.call.presented().map(|presented| presented.scope.region());
    let disabled = signed.is_some_and(|region| state.disabled_regions.contains(region));
    if !disabled || !(call.rules.requests.needs_active_region)(call.operation) {
        return Ok(());
    }
    let account = &state.account;
    let message = format!(
        "STS is not activated in this region for account:{account}. Your account administrator can \
         activate STS in this region using the IAM Console."
    );
    Err(StsError::new(403, "RegionDisabledException", message))
}

impl<'a> UnsignedCall<'a> {
    /// The same call once the caller is authenticated.
    fn by(
        &self,
        caller: &'a Identity<'a>,
        directory: &'a Directory,
        access: &'a Access,
    ) -> StsCall<'a> {
        let Self { call, rules, operation, params } = *self;
        StsCall { call, state: call.state, rules, access, operation, params, caller, directory }
    }
}

impl<'a> StsCall<'a> {
    /// The same call without its caller.
    pub(crate) fn unsigned(&self) -> UnsignedCall<'a> {
        let Self { call, rules, operation, params, .. } = *self;
        UnsignedCall { call, rules, operation, params }
    }

    /// Checks that the operation can be called with credentials of this kind.
    pub(crate) fn check_caller(&self) -> Result<(), StsError> {
        (self.operation.callers)(self.rules).check(self.caller.caller(), self.operation.name)
    }

    /// Whether the caller may perform the operation, on every resource.
    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            caller: Some(self.caller),
            action: self.operation.action,
            resource: "*",
            resource_policy: None,
            request_tags: &[],
            service_keys: &[],
        }
    }

    /// Checks that policies allow what the question asks.
    pub(crate) fn check(&self, question: &Question<'_>) -> Result<(), StsError> {
        let decision = self.access.authorization.decide(self.call, self.directory, question);
        self.check_allowed(question, &decision)
    }

    /// What AWS says to a caller who may not do this.
    pub(crate) fn denial(&self, question: &Question<'_>) -> String {
        self.access.authorization.denial(self.state, question)
    }

    /// Turns a denial by policies into an error.
    ///
    /// STS leaves out why nothing allows it (`docs/evidence/get-federation-token.md`,
    /// CALL-PERM-SUFFIX); that it names an explicit deny is unrecorded.
    pub(crate) fn check_allowed(
        &self,
        question: &Question<'_>,
        decision: &Decision,
    ) -> Result<(), StsError> {
        if decision.allowed() {
            return Ok(());
        }
        let mut message = self.denial(question);
        if let (Reason::ExplicitDeny(_), Some(because)) = (decision.reason(), decision.because()) {
            message.push(' ');
            message.push_str(&because);
        }
        Err(StsError::access_denied(message))
    }
}
