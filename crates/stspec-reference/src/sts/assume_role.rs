//! `AssumeRole`: the powers of a role, for whom its trust policy names.

use super::error::StsError;
use super::operation::Operation;
use super::reply::{Field, Value};
use super::{check_allowed, session_refused};
use crate::auth::identity::{Entity, Identity, assumed_role_arn, assumed_role_id};
use crate::authz::{self, Question};
use crate::faults::Fault;
use crate::model::account::Revision;
use crate::model::caller::{Issuer, SessionKind};
use crate::state::directory::{Directory, Role};
use crate::sts::StsCall;
use crate::sts::session::duration::{Chained, RoleDurationRule};
use crate::sts::session::mint::{Credentials, Order, mint};
use crate::sts::session::size::Size;
use crate::sts::session::{mfa, parameters, policy};
use crate::wire::request::Params;

pub(crate) mod input;

use input::Input;

/// What AWS documents of the operation, as values.
#[derive(Default)]
pub(crate) struct Rules {
    /// How long a session may last.
    pub(crate) duration: RoleDurationRule,
}

/// Answers a call: shapes, then the kind of caller, then its permissions and the role's trust, then
/// the duration and the documents.
///
/// AWS documents no order between these steps; it is that of `GetFederationToken`.
pub(crate) fn answer(
    call: &StsCall<'_>,
    params: &Params,
    caller: &Identity<'_>,
    directory: &Directory,
) -> Result<Vec<Field>, StsError> {
    let state = call.state;
    let input = Input::read(params, &call.rules.assume_role, state.revision, &state.faults)?;
    check_kind(call, caller)?;
    let role = trusting_role(call, caller, &input, directory)?;
    mfa::check_absent(params)?;
    let chained = match caller.entity() {
        Entity::Role(_) => Chained::Yes,
        Entity::Root | Entity::User(_) => Chained::No,
    };
    let seconds = call.rules.assume_role.duration.seconds(
        input.duration_seconds,
        role.session_seconds_max,
        chained,
    )?;
    parameters::check_tag_keys(&input.terms.tags, &call.state.faults)?;
    policy::check(state, &input.terms, directory)?;
    let size = Size::of(&input.terms, state.revision)?;
    let unsized_answer = state.revision == Revision::BeforeSeptember2026 && input.terms.is_empty();
    let user = assumed_role_user(call, role, &input.session_name);
    let credentials = mint_for(call, role, seconds, input);
    let mut sizes = size.into_fields(&credentials.session_token)?;
    if unsized_answer {
        // Recorded: `docs/evidence/get-federation-token.md`, RSP-PACKED-ALWAYS.
        sizes.clear();
    }
    let mut result = vec![user, credentials.into_field(call)];
    result.extend(sizes);
    Ok(result)
}

fn mint_for(call: &StsCall<'_>, role: &Role, seconds: i32, input: Input) -> Credentials {
    let order = Order {
        issuer: Issuer::Role { name: role.name.clone(), id: role.id.clone() },
        kind: SessionKind::AssumedRole { session_name: input.session_name, terms: input.terms },
        seconds,
        token_bytes_min: input.token_bytes_min,
    };
    mint(call, order)
}

/// Root and federated sessions don't assume roles, whatever policies say.
///
/// Source: `docs/evidence/get-federation-token.md`, OP-AssumeRole (root) and FED-STS-ASSUME; the
/// text for federated sessions is unrecorded and taken over from `GetFederationToken`.
fn check_kind(call: &StsCall<'_>, caller: &Identity<'_>) -> Result<(), StsError> {
    let lenient = call.state.faults.has(Fault::FederatedSessionCallsSts);
    if caller.federated_name().is_some() && !lenient {
        return Err(session_refused(Operation::AssumeRole));
    }
    match caller.entity() {
        Entity::Root => Err(StsError::access_denied("Roles may not be assumed by root accounts.")),
        Entity::User(_) | Entity::Role(_) => Ok(()),
    }
}

/// The role, if its trust policy and the caller's own policies let the caller in.
///
/// A role that doesn't exist is refused in the same words as one that doesn't trust the caller.
fn trusting_role<'d>(
    call: &StsCall<'_>,
    caller: &Identity<'_>,
    input: &Input,
    directory: &'d Directory,
) -> Result<&'d Role, StsError> {
    let role = directory.role_with_arn(&input.role_arn);
    let service_keys = input.service_keys();
    let question = |action| Question {
        caller: Some(caller),
        action,
        resource: &input.role_arn,
        resource_policy: role.map(|role| ("trust policy", &role.trust)),
        request_tags: &input.terms.tags,
        service_keys: &service_keys,
    };
    let assume = question(Operation::AssumeRole.iam_action());
    let refused = || StsError::access_denied(authz::denial(call.state, &assume));
    let role = role.ok_or_else(refused)?;
    check_allowed(call, &assume, &call.authorization().decide(call.call, directory, &assume))?;
    if !input.terms.tags.is_empty() {
        let tag = question("sts:TagSession");
        check_allowed(call, &tag, &call.authorization().decide(call.call, directory, &tag))?;
    }
    Ok(role)
}

/// Who the session is.
///
/// Source: STS API Reference, `AssumedRoleUser`.
fn assumed_role_user(call: &StsCall<'_>, role: &Role, session_name: &str) -> Field {
    let parts = vec![
        ("AssumedRoleId", assumed_role_id(role, session_name).into()),
        ("Arn", assumed_role_arn(call.state, role, session_name).into()),
    ];
    ("AssumedRoleUser", Value::Group(parts))
}
