//! IAM requests: authenticated, authorised, done.

use stspec_iam::Decision;

use super::{IamCall, IamContext, IamError};
use crate::auth::Denial;
use crate::auth::identity::Identity;
use crate::authz::{Access, Question};
use crate::call::Call;
use crate::model::caller::{Session, SessionKind};
use crate::model::service::Service;
use crate::state::ids::EntityIds;
use crate::wire::answer::Answer;
use crate::wire::request::Params;

/// Answers a query request.
pub(crate) fn answer(call: &Call<'_>, access: &Access, rules: &Rules, params: &Params) -> Answer {
    perform(call, access, rules, params)
        .unwrap_or_else(|error| super::refuse(&error, &call.request_id))
}

fn perform(
    call: &Call<'_>,
    access: &Access,
    rules: &Rules,
    params: &Params,
) -> Result<Answer, IamError> {
    // Let go of before the change: a lock that is held for reading can't be taken for writing.
    let directory = call.state.directory();
    let caller =
        access.authentication.authenticate(call, &directory, Service::Iam).map_err(denied)?;
    let caller = caller.ok_or_else(|| {
        forbidden("MissingAuthenticationToken", "Request is missing Authentication Token")
    })?;
    check_kind(&caller, rules)?;
    let iam_call = super::parse(params, caller.caller())?;
    let resource = iam_call.resource(&directory);
    check_allowed(call, access, &caller, &iam_call, &resource, |question| {
        access.authorization.decide(call, &directory, question)
    })?;
    let acting = caller.caller().clone();
    drop(directory);
    let iam_call = super::parse(params, &acting)?;
    let mut directory = call.state.directory.write();
    let context = IamContext {
        directory: &mut directory,
        ids: &mut EntityIds(&call.state.entropy),
        now: call.now,
        request_id: &call.request_id,
    };
    let answer = super::execute(&iam_call, context);
    if iam_call.changes() {
        call.state.directory.changed(&directory);
    }
    Ok(answer)
}

/// The answer to one request too many.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-THROTTLE; the status is recorded in
/// `legion-platform/legion#807`.
pub(crate) fn throttled(call: &Call<'_>) -> Answer {
    super::refuse(&IamError::Throttled, &call.request_id)
}

/// What AWS documents of IAM, as values.
pub(crate) struct Rules {
    /// How a session is refused, whatever its policies say; `None` if it is not.
    pub(crate) session_refused: fn(&Session) -> Option<IamError>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { session_refused }
    }
}

/// Temporary credentials are unknown to IAM, except those of roles.
///
/// Source: `docs/evidence/get-federation-token.md`, FED-IAM-NO; IAM User Guide, "Compare AWS STS
/// credentials". Whether a wrong signature is noticed first is unrecorded.
fn session_refused(session: &Session) -> Option<IamError> {
    match session.kind {
        SessionKind::AssumedRole { .. } => None,
        SessionKind::Federated { .. } | SessionKind::SessionToken => {
            Some(denied(Denial::UnknownKey))
        }
    }
}

fn check_kind(caller: &Identity<'_>, rules: &Rules) -> Result<(), IamError> {
    caller.session().and_then(rules.session_refused).map_or(Ok(()), Err)
}

fn check_allowed(
    call: &Call<'_>,
    access: &Access,
    caller: &Identity<'_>,
    iam_call: &IamCall<'_>,
    resource: &str,
    decide: impl FnOnce(&Question<'_>) -> Decision,
) -> Result<(), IamError> {
    let service_keys: Vec<(&str, String)> =
        iam_call.context().map(|(key, value)| (key, value.to_owned())).collect();
    let question = Question {
        caller: Some(caller),
        action: iam_call.action(),
        resource,
        resource_policy: None,
        request_tags: &[],
        service_keys: &service_keys,
    };
    match decide(&question).because() {
        None => Ok(()),
        Some(because) => {
            let denial = access.authorization.denial(call.state, &question);
            Err(forbidden("AccessDenied", format!("{denial} {because}")))
        }
    }
}

/// How IAM words a failed authentication: without a final period, unlike STS.
///
/// Source: `docs/evidence/get-federation-token.md`, FED-IAM-NO and AUTH-BADKEY.
fn denied(denial: Denial) -> IamError {
    match denial {
        Denial::Signature(refusal) => forbidden(refusal.code(), refusal.message()),
        Denial::Expired => {
            forbidden("ExpiredToken", "The security token included in the request is expired")
        }
        Denial::UnknownKey | Denial::UnreadableToken => forbidden(
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ),
    }
}

pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> IamError {
    IamError::Forbidden { code, message: message.into() }
}
