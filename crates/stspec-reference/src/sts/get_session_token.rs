//! `GetSessionToken`: a user's own powers for a while, without permission asked.

use super::constraint::{Violations, integer};
use super::error::StsError;
use super::operation::Operation;
use super::reply::Field;
use crate::auth::identity::Identity;
use crate::authz::Question;
use crate::faults::Fault;
use crate::model::caller::{Caller, SessionKind};
use crate::state::directory::Directory;
use crate::sts::StsCall;
use crate::sts::session::duration::DurationRule;
use crate::sts::session::mint::{Order, mint};
use crate::sts::session::{mfa, size};
use crate::wire::request::Params;

/// What AWS documents of the operation, as values.
#[derive(Default)]
pub(crate) struct Rules {
    /// How long a session may last.
    pub(crate) duration: DurationRule,
}

/// Answers long-term credentials; temporary ones can't be prolonged this way.
///
/// Source: `docs/evidence/get-federation-token.md`, CALL-GST-FREE, FED-STS-GST and
/// CALL-SESSION-SIB.
pub(crate) fn answer(
    call: &StsCall<'_>,
    params: &Params,
    caller: &Identity<'_>,
    directory: &Directory,
) -> Result<Vec<Field>, StsError> {
    let faults = &call.state.faults;
    let rules = &call.rules.get_session_token;
    let issuer = caller.as_issuer();
    let revision = call.state.revision;
    let seconds = integer(params.get("DurationSeconds"))?;
    let token_bytes_min = size::token_bytes_min(params, revision)?;
    let mut violations = Violations::new(faults);
    rules.duration.check(seconds, &issuer, &mut violations);
    mfa::check_shapes(params, &mut violations);
    size::check_token_bytes_min(token_bytes_min, &mut violations);
    violations.into_result()?;
    match caller.caller() {
        Caller::Root | Caller::User(_) => {}
        Caller::Session(session) => match session.kind {
            SessionKind::Federated { .. }
                if faults.has(Fault::FederatedSessionGetsSessionToken) => {}
            SessionKind::Federated { .. }
            | SessionKind::SessionToken
            | SessionKind::AssumedRole { .. } => {
                return Err(super::session_refused(Operation::GetSessionToken));
            }
        },
    }
    mfa::check_absent(params)?;
    if faults.has(Fault::GetSessionTokenNeedsPermission) {
        let question = Question {
            caller: Some(caller),
            action: Operation::GetSessionToken.iam_action(),
            resource: "*",
            resource_policy: None,
            request_tags: &[],
            service_keys: &[],
        };
        let decision = call.authorization().decide(call.call, directory, &question);
        super::check_allowed(call, &question, &decision)?;
    }
    let seconds = rules.duration.seconds(seconds, &issuer);
    let token_bytes_min = token_bytes_min.and_then(|size| usize::try_from(size).ok());
    let order = Order { issuer, kind: SessionKind::SessionToken, seconds, token_bytes_min };
    let credentials = mint(call, order);
    let sizes = size::fields_of_token(&credentials.session_token, revision)?;
    let mut result = vec![credentials.into_field(call)];
    result.extend(sizes);
    Ok(result)
}
