//! What `GetCallerIdentity` answers.

use crate::auth::identity::root_arn;
use crate::state::State;
use crate::sts::StsCall;
use crate::sts::error::StsError;
use crate::sts::members::{Member, Members};

/// Answers every authenticated caller.
///
/// Source: `docs/evidence/get-federation-token.md`, FED-STS-GCI and FED-STS-GCI-NOPERM.
pub(crate) fn answer(call: &StsCall<'_>) -> Result<Members, StsError> {
    call.check_caller()?;
    (call.rules.get_caller_identity.check_permission)(call)?;
    let (state, caller) = (call.state, call.caller);
    Ok(identity(state, caller.arn(state), caller.user_id(state)))
}

/// What the root user gets.
pub(crate) fn root(state: &State) -> Members {
    identity(state, root_arn(state), state.account.to_string())
}

fn identity(state: &State, arn: String, user_id: String) -> Members {
    vec![
        Member::new("Arn", arn),
        Member::new("UserId", user_id),
        Member::new("Account", state.account.as_str()),
    ]
}
