//! The operations that the reference knows, and refuses as AWS would refuse them here.
//!
//! It keeps no identity providers, no organisation and no encoded messages. What is left is who is
//! refused, and how.

use super::constraint::Violations;
use super::error::StsError;
use super::operation::Operation;
use super::reply::Field;
use super::{check_allowed, session_refused};
use crate::auth::identity::Identity;
use crate::authz::{self, Question};
use crate::faults::Fault;
use crate::model::caller::SessionKind;
use crate::model::entropy::has_temporary_form;
use crate::state::directory::Directory;
use crate::sts::StsCall;
use crate::wire::request::Params;

/// Parameters that each operation requires, as sent and as messages print them.
///
/// Source: botocore's service model of STS 2011-06-15.
fn required(operation: Operation) -> &'static [(&'static str, &'static str)] {
    match operation {
        Operation::AssumeRoleWithSAML => &[
            ("RoleArn", "roleArn"),
            ("PrincipalArn", "principalArn"),
            ("SAMLAssertion", "sAMLAssertion"),
        ],
        Operation::AssumeRoleWithWebIdentity => &[
            ("RoleArn", "roleArn"),
            ("RoleSessionName", "roleSessionName"),
            ("WebIdentityToken", "webIdentityToken"),
        ],
        Operation::AssumeRoot => {
            &[("TargetPrincipal", "targetPrincipal"), ("TaskPolicyArn.arn", "taskPolicyArn")]
        }
        Operation::DecodeAuthorizationMessage => &[("EncodedMessage", "encodedMessage")],
        Operation::GetAccessKeyInfo => &[("AccessKeyId", "accessKeyId")],
        Operation::GetDelegatedAccessToken => &[("TradeInToken", "tradeInToken")],
        Operation::GetWebIdentityToken => {
            &[("Audience.member.1", "audience"), ("SigningAlgorithm", "signingAlgorithm")]
        }
        Operation::AssumeRole
        | Operation::GetCallerIdentity
        | Operation::GetFederationToken
        | Operation::GetSessionToken => &[],
    }
}

/// Answers a call that carries a token of an identity provider: nobody registered any here.
pub(crate) fn without_provider(
    call: &StsCall<'_>,
    params: &Params,
    operation: Operation,
) -> Result<Vec<Field>, StsError> {
    check_required(call, params, operation)?;
    let message = format!("No identity provider is registered in account {}", call.state.account);
    Err(StsError::new(400, "InvalidIdentityToken", message))
}

/// Answers a signed call.
pub(crate) fn answer(
    call: &StsCall<'_>,
    params: &Params,
    operation: Operation,
    caller: &Identity<'_>,
    directory: &Directory,
) -> Result<Vec<Field>, StsError> {
    check_required(call, params, operation)?;
    check_kind(call, operation, caller)?;
    let question = Question {
        caller: Some(caller),
        action: operation.iam_action(),
        resource: "*",
        resource_policy: None,
        request_tags: &[],
        service_keys: &[],
    };
    check_allowed(call, &question, &call.authorization().decide(call.call, directory, &question))?;
    let id = params.get("AccessKeyId").unwrap_or_default();
    match operation {
        Operation::GetAccessKeyInfo => access_key_info(call, id, directory),
        Operation::DecodeAuthorizationMessage => {
            Err(StsError::new(400, "InvalidAuthorizationMessageException", "Message is not valid"))
        }
        Operation::GetWebIdentityToken => Err(StsError::new(
            403,
            "OutboundWebIdentityFederationDisabledException",
            "Outbound web identity federation is not enabled for this account",
        )),
        Operation::GetDelegatedAccessToken => Err(StsError::new(
            400,
            "ExpiredTradeInTokenException",
            "The trade-in token is not valid",
        )),
        _ => Err(StsError::access_denied(authz::denial(call.state, &question))),
    }
}

fn check_required(
    call: &StsCall<'_>,
    params: &Params,
    operation: Operation,
) -> Result<(), StsError> {
    let mut violations = Violations::new(&call.state.faults);
    for (name, member) in required(operation) {
        if params.get(name).is_none() {
            violations.missing(member);
        }
    }
    violations.into_result()
}

/// Federated sessions and those of `GetSessionToken` have none of these; role sessions do.
///
/// Source: `docs/evidence/get-federation-token.md`, OP-GetSessionToken and FED-STS-REST; the text
/// is unrecorded and taken over from `GetFederationToken`.
fn check_kind(
    call: &StsCall<'_>,
    operation: Operation,
    caller: &Identity<'_>,
) -> Result<(), StsError> {
    let Some(session) = caller.session() else { return Ok(()) };
    let lenient = match session.kind {
        SessionKind::Federated { .. } => call.state.faults.has(Fault::FederatedSessionCallsSts),
        SessionKind::SessionToken => false,
        SessionKind::AssumedRole { .. } => true,
    };
    if lenient { Ok(()) } else { Err(session_refused(operation)) }
}

/// The account of an access key, whatever its state.
///
/// Minting stores nothing, so a temporary id is known by its form alone: this server has one
/// account, and every id of that form could be a session of it.
fn access_key_info(
    call: &StsCall<'_>,
    id: &str,
    directory: &Directory,
) -> Result<Vec<Field>, StsError> {
    if id == call.state.root.access_key_id
        || directory.access_key(id).is_some()
        || has_temporary_form(id)
    {
        return Ok(vec![("Account", call.state.account.as_str().into())]);
    }
    Err(StsError::validation(format!("Access key {id} belongs to no account")))
}
