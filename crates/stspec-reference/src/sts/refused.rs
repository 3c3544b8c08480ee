//! The operations that the reference recognises, and refuses as AWS would refuse them here.
//!
//! It has no identity providers, no organisation and no encoded messages. What remains is who is
//! refused, and how.

use super::callers::{Admission, CallerRule};
use super::constraint::Violations;
use super::error::StsError;
use super::members::{Member, Members};
use super::{StsCall, UnsignedCall};
use crate::model::entropy::has_temporary_form;

/// What AWS documents of these operations, as values.
pub(crate) struct Rules {
    /// Who may call them: federated sessions and those of `GetSessionToken` may not, role sessions
    /// may.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, OP-GetSessionToken and FED-STS-REST; the
    /// text is unrecorded and taken over from `GetFederationToken`.
    pub(crate) callers: CallerRule,
}

impl Default for Rules {
    fn default() -> Self {
        let callers = CallerRule { role_session: Admission::Admitted, ..CallerRule::LONG_TERM };
        Self { callers }
    }
}

/// Answers a call with a token of an identity provider: none is registered.
pub(crate) fn without_provider(call: &UnsignedCall<'_>) -> Result<Members, StsError> {
    check_required(call)?;
    let account = &call.call.state.account;
    let message = format!("No identity provider is registered in account {account}");
    Err(StsError::new(400, "InvalidIdentityToken", message))
}

/// `AssumeRoot`: the account is not part of an organisation.
pub(crate) fn assume_root(call: &StsCall<'_>) -> Result<Members, StsError> {
    check(call)?;
    Err(StsError::access_denied(call.denial(&call.question())))
}

/// `DecodeAuthorizationMessage`: no message was encoded.
pub(crate) fn decode_authorization_message(call: &StsCall<'_>) -> Result<Members, StsError> {
    check(call)?;
    Err(StsError::new(400, "InvalidAuthorizationMessageException", "Message is not valid"))
}

/// `GetAccessKeyInfo`: the account of an access key, whatever its state.
///
/// Minting stores nothing, so a temporary id is recognised by its form alone: this server has one
/// account, and every id of that form could belong to one of its sessions.
pub(crate) fn get_access_key_info(call: &StsCall<'_>) -> Result<Members, StsError> {
    check(call)?;
    let id = call.params.get("AccessKeyId").unwrap_or_default();
    if id == call.state.root.access_key_id
        || call.directory.access_key(id).is_some()
        || has_temporary_form(id)
    {
        return Ok(vec![Member::new("Account", call.state.account.as_str())]);
    }
    Err(StsError::validation(format!("Access key {id} belongs to no account")))
}

/// `GetDelegatedAccessToken`: nobody issued a token to trade in.
pub(crate) fn get_delegated_access_token(call: &StsCall<'_>) -> Result<Members, StsError> {
    check(call)?;
    let message = "The trade-in token is not valid";
    Err(StsError::new(400, "ExpiredTradeInTokenException", message))
}

/// `GetWebIdentityToken`: the account has not enabled it.
pub(crate) fn get_web_identity_token(call: &StsCall<'_>) -> Result<Members, StsError> {
    check(call)?;
    let message = "Outbound web identity federation is not enabled for this account";
    Err(StsError::new(403, "OutboundWebIdentityFederationDisabledException", message))
}

/// Checks required parameters, then the kind of caller, then the permission.
fn check(call: &StsCall<'_>) -> Result<(), StsError> {
    check_required(&call.unsigned())?;
    call.check_caller()?;
    call.check(&call.question())
}

fn check_required(call: &UnsignedCall<'_>) -> Result<(), StsError> {
    let mut violations = Violations::new(&call.rules.violations);
    for parameter in call.operation.required {
        if call.params.get(parameter.name).is_none() {
            violations.missing(parameter.member);
        }
    }
    violations.into_result()
}
