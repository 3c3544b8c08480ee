//! `GetCallerIdentity`: needs no permission, and none can be taken away.

use stspec_iam::Reason;

use super::check_allowed;
use super::error::StsError;
use super::operation::Operation;
use super::reply::Field;
use crate::auth::identity::{Identity, federated_user_arn, root_arn};
use crate::authz::Question;
use crate::faults::Fault;
use crate::state::State;
use crate::state::directory::Directory;
use crate::sts::StsCall;

/// The account of a session under `session-in-foreign-account`.
const FOREIGN_ACCOUNT: &str = "000000000000";

/// Answers whoever was authenticated.
///
/// Source: `docs/evidence/get-federation-token.md`, FED-STS-GCI and FED-STS-GCI-NOPERM.
pub(crate) fn answer(
    call: &StsCall<'_>,
    caller: &Identity<'_>,
    directory: &Directory,
) -> Result<Vec<Field>, StsError> {
    let (state, faults) = (call.state, &call.state.faults);
    if faults.has(Fault::CallerIdentityDeniedByPolicy) {
        check_not_denied(call, caller, directory)?;
    }
    Ok(match caller.federated_name() {
        Some(name) if faults.has(Fault::SessionInForeignAccount) => {
            let arn = federated_user_arn(state, FOREIGN_ACCOUNT, name);
            fields(arn, format!("{FOREIGN_ACCOUNT}:{name}"), FOREIGN_ACCOUNT)
        }
        Some(_) if faults.has(Fault::CallerIdentityOfIssuer) => {
            let issuer = caller.issuer();
            fields(issuer.arn(state), issuer.user_id(state), state.account.as_str())
        }
        Some(_) | None => fields(caller.arn(state), caller.user_id(state), state.account.as_str()),
    })
}

/// What root is told.
pub(crate) fn root(state: &State) -> Vec<Field> {
    fields(root_arn(state), state.account.to_string(), state.account.as_str())
}

fn fields(arn: String, user_id: String, account: &str) -> Vec<Field> {
    vec![("Arn", arn.into()), ("UserId", user_id.into()), ("Account", account.into())]
}

fn check_not_denied(
    call: &StsCall<'_>,
    caller: &Identity<'_>,
    directory: &Directory,
) -> Result<(), StsError> {
    let question = Question {
        caller: Some(caller),
        action: Operation::GetCallerIdentity.iam_action(),
        resource: "*",
        resource_policy: None,
        request_tags: &[],
        service_keys: &[],
    };
    let decision = call.authorization().decide(call.call, directory, &question);
    match decision.reason() {
        Reason::ExplicitDeny(_) => check_allowed(call, &question, &decision),
        Reason::Allowed | Reason::ImplicitDeny(_) => Ok(()),
    }
}
