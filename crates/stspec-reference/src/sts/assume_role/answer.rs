//! What `AssumeRole` answers.

use super::input::Input;
use super::rules::ROOT_REFUSED;
use crate::auth::identity::{Entity, assumed_role_arn, assumed_role_id};
use crate::authz::Question;
use crate::model::account::Revision;
use crate::model::caller::{SessionKind, SessionOwner};
use crate::state::directory::Role;
use crate::sts::StsCall;
use crate::sts::error::StsError;
use crate::sts::members::{Member, Members};
use crate::sts::session::duration::Chained;
use crate::sts::session::mfa;
use crate::sts::session::mint::{Minted, NewSession, mint};

/// Answers a call: shapes, then the kind of caller, then its permissions and the role's trust, then
/// the duration and the documents.
///
/// AWS documents no order between these steps; it is that of `GetFederationToken`.
pub(crate) fn answer(call: &StsCall<'_>) -> Result<Members, StsError> {
    let rules = &call.rules.assume_role;
    let input = Input::read(call.params, call.rules, call.state.revision)?;
    call.check_caller()?;
    check_not_root(call)?;
    let role = trusting_role(call, &input)?;
    mfa::check_absent(call.params)?;
    let seconds =
        rules.duration.seconds(input.duration_seconds, role.session_seconds_max, chained(call))?;
    let size = rules.session.check(call, &input.parameters)?;
    // Recorded: `docs/evidence/get-federation-token.md`, RSP-PACKED-ALWAYS.
    let without_sizes =
        call.state.revision == Revision::BeforeSeptember2026 && input.parameters.is_empty();
    let user = assumed_role_user(call, role, &input.session_name);
    let minted = mint_for(call, role, seconds, input);
    let sizes = rules.session.size.sizes(size, &minted.session_token)?;
    let mut members = vec![user, minted.into_member()];
    if !without_sizes {
        members.extend(sizes.members());
    }
    Ok(members)
}

fn mint_for(call: &StsCall<'_>, role: &Role, seconds: i32, input: Input) -> Minted {
    let new = NewSession {
        issuer: SessionOwner::Role { name: role.name.clone(), id: role.id.clone() },
        kind: SessionKind::AssumedRole {
            session_name: input.session_name,
            terms: input.parameters,
        },
        seconds,
        token_bytes_min: input.token_bytes_min,
    };
    mint(call, new)
}

/// Sessions of root don't assume roles either.
fn check_not_root(call: &StsCall<'_>) -> Result<(), StsError> {
    match call.caller.entity() {
        Entity::Root => Err(StsError::access_denied(ROOT_REFUSED)),
        Entity::User(_) | Entity::Role(_) => Ok(()),
    }
}

/// Whether the caller has the session of a role itself.
fn chained(call: &StsCall<'_>) -> Chained {
    match call.caller.entity() {
        Entity::Role(_) => Chained::Yes,
        Entity::Root | Entity::User(_) => Chained::No,
    }
}

/// The role, if its trust policy and the caller's own policies let the caller in.
///
/// A role that doesn't exist is refused in the same words as one that doesn't trust the caller.
fn trusting_role<'a>(call: &StsCall<'a>, input: &Input) -> Result<&'a Role, StsError> {
    let role = call.directory.role_with_arn(&input.role_arn);
    let service_keys = input.service_keys();
    let assume = Question {
        resource: &input.role_arn,
        resource_policy: role.map(|role| ("trust policy", &role.trust)),
        request_tags: &input.parameters.tags,
        service_keys: &service_keys,
        ..call.question()
    };
    let refused = || StsError::access_denied(call.denial(&assume));
    let role = role.ok_or_else(refused)?;
    call.check(&assume)?;
    if !input.parameters.tags.is_empty() {
        call.check(&Question { action: "sts:TagSession", ..assume })?;
    }
    Ok(role)
}

/// Who the session is.
///
/// Source: STS API Reference, `AssumedRoleUser`.
fn assumed_role_user(call: &StsCall<'_>, role: &Role, session_name: &str) -> Member {
    let members = vec![
        Member::new("AssumedRoleId", assumed_role_id(role, session_name)),
        Member::new("Arn", assumed_role_arn(call.state, role, session_name)),
    ];
    Member::group("AssumedRoleUser", members)
}
