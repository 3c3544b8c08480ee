//! What `GetSessionToken` answers.

use super::input::Input;
use crate::model::caller::SessionKind;
use crate::sts::StsCall;
use crate::sts::error::StsError;
use crate::sts::members::Members;
use crate::sts::session::mfa;
use crate::sts::session::mint::{NewSession, mint};

/// Answers a call: shapes, then the kind of caller, then a second factor.
pub(crate) fn answer(call: &StsCall<'_>) -> Result<Members, StsError> {
    let rules = &call.rules.get_session_token;
    let revision = call.state.revision;
    let issuer = call.caller.as_issuer();
    let input = Input::read(call.params, call.rules, revision, &issuer)?;
    call.check_caller()?;
    mfa::check_absent(call.params)?;
    (rules.check_permission)(call)?;
    let new = NewSession {
        seconds: rules.duration.seconds(input.duration_seconds, &issuer),
        kind: SessionKind::SessionToken,
        issuer,
        token_bytes_min: input.token_bytes_min,
    };
    let minted = mint(call, new);
    let sizes = rules.size.token_sizes(&minted.session_token, revision)?;
    let mut members = vec![minted.into_member()];
    members.extend(sizes.members());
    Ok(members)
}
