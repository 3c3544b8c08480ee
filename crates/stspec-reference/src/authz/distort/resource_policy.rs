//! Mistakes about what a bucket policy means to a federated session.

use serde_json::Value;

use super::allow_all;
use super::edit::{Object, edit, is, is_allow, rename, values};
use crate::auth::identity::{Identity, federated_user_arn, root_arn};
use crate::authz::{ApplicablePolicies, Labelled, Question};
use crate::faults::Fault;
use crate::state::State;

/// Takes a grant to the session itself for one to its issuer, which the boundary limits.
///
/// The session policy and the issuer's own are lifted, as they would not limit the session.
pub(super) fn bound(
    state: &State,
    caller: &Identity<'_>,
    question: &Question<'_>,
    in_force: &mut ApplicablePolicies<'_>,
) {
    let bounded =
        in_force.boundary.is_some() && state.faults.has(Fault::BoundaryLimitsResourceGrants);
    if bounded && grants_to(&caller.arn(state), question, in_force) {
        in_force.resource = None;
        in_force.identity = vec![allow_all()];
        in_force.session = Some(vec![allow_all()]);
    }
}

/// Rewrites the bucket policy as a faulty server reads it for this session.
pub(super) fn distort(state: &State, caller: &Identity<'_>, in_force: &mut ApplicablePolicies<'_>) {
    let mut resource: Vec<Labelled<'_>> = in_force.resource.take().into_iter().collect();
    lose_grants(state, caller, &mut resource);
    lose_denies(state, caller, &mut resource);
    widen(state, caller, &mut resource);
    in_force.resource = resource.pop();
}

/// Drops the grants to the session by its own ARN.
pub(in crate::authz) fn lose_session_grants(
    state: &State,
    caller: &Identity<'_>,
    in_force: &mut ApplicablePolicies<'_>,
) {
    let session = [caller.arn(state)];
    let mut resource: Vec<Labelled<'_>> = in_force.resource.take().into_iter().collect();
    edit(&mut resource, |statement| {
        !is_allow(statement) || still_names_somebody(statement, &session)
    });
    in_force.resource = resource.pop();
}

/// Lets a grant by the session's ARN overrule what the session policy denies.
pub(super) fn overrule(
    state: &State,
    caller: &Identity<'_>,
    question: &Question<'_>,
    in_force: &mut ApplicablePolicies<'_>,
) {
    if !state.faults.has(Fault::ResourceGrantBeatsSessionDeny) {
        return;
    }
    let granted = grants_to(&caller.arn(state), question, in_force);
    if let Some(session) = in_force.session.as_mut().filter(|_| granted) {
        edit(session, is_allow);
    }
}

/// Whether a statement of the bucket policy allows something to this ARN on the very resource.
fn grants_to(arn: &str, question: &Question<'_>, in_force: &ApplicablePolicies<'_>) -> bool {
    let mut granted = false;
    let mut resource: Vec<Labelled<'_>> = in_force.resource.iter().cloned().collect();
    edit(&mut resource, |statement| {
        let named = aws_principals(statement).into_iter().any(|name| is(name, arn));
        let meant = values(statement, "Resource").into_iter().any(|arn| is(arn, question.resource));
        granted |= named && meant && is_allow(statement);
        true
    });
    granted
}

fn lose_grants(state: &State, caller: &Identity<'_>, resource: &mut Vec<Labelled<'_>>) {
    let faults = &state.faults;
    let lose = |resource: &mut Vec<Labelled<'_>>, names: &[String]| {
        edit(resource, |statement| !is_allow(statement) || still_names_somebody(statement, names));
    };
    if faults.has(Fault::ResourcePolicySessionIgnored) {
        lose(resource, &[caller.arn(state)]);
    }
    if faults.has(Fault::ResourcePolicyUserIgnored) {
        lose(resource, &[caller.issuer().arn(state)]);
    }
    if faults.has(Fault::ResourcePolicyEveryoneIgnored) {
        lose(resource, &["*".to_owned()]);
    }
}

fn lose_denies(state: &State, caller: &Identity<'_>, resource: &mut Vec<Labelled<'_>>) {
    let faults = &state.faults;
    let lose = |resource: &mut Vec<Labelled<'_>>, names: &[String]| {
        edit(resource, |statement| is_allow(statement) || still_names_somebody(statement, names));
    };
    if faults.has(Fault::ResourcePolicyDenyIgnored) {
        lose(resource, &[caller.arn(state)]);
    }
    if faults.has(Fault::ResourcePolicyDenyUserIgnored) {
        lose(resource, &[caller.issuer().arn(state)]);
    }
    if faults.has(Fault::ResourcePolicyDenyAccountIgnored) {
        lose(resource, &[state.account.to_string(), root_arn(state)]);
    }
    if faults.has(Fault::NotPrincipalIgnored) {
        edit(resource, |statement| !statement.contains_key("NotPrincipal"));
    }
}

/// Reads statements that mean somebody else, or something less, as meaning the session.
fn widen(state: &State, caller: &Identity<'_>, resource: &mut Vec<Labelled<'_>>) {
    let faults = &state.faults;
    let (session_arn, issuer_arn) = (caller.arn(state), caller.issuer().arn(state));
    let root_arn = root_arn(state);
    let any_session = federated_user_arn(state, state.account.as_str(), "");
    edit(resource, |statement| {
        let allows = is_allow(statement);
        if faults.has(Fault::ResourcePolicyUserBypasses) {
            read_as(statement, &session_arn, |name| name == issuer_arn);
        }
        if faults.has(Fault::ResourcePolicyAccountBypasses) && allows {
            read_as(statement, &session_arn, |name| {
                name == root_arn || name == state.account.as_str()
            });
        }
        if faults.has(Fault::ResourcePolicyDenyHitsEverySession) && !allows {
            read_as(statement, &session_arn, |name| name.starts_with(&any_session));
        }
        if faults.has(Fault::ResourcePolicyConditionsIgnored) {
            statement.remove("Condition");
        }
        let named = aws_principals(statement).into_iter().any(|name| is(name, &session_arn));
        if faults.has(Fault::ResourcePolicySessionUnlimited) && allows && named {
            rename(statement, "NotResource", "Resource");
            statement.insert("Resource".to_owned(), Value::from("*"));
        }
        true
    });
}

fn read_as(statement: &mut Object, session_arn: &str, is_meant: impl Fn(&str) -> bool) {
    for name in aws_principals(statement) {
        if name.as_str().is_some_and(&is_meant) {
            *name = Value::from(session_arn);
        }
    }
}

/// Strikes names from the statement's principals, and says whether any are left.
fn still_names_somebody(statement: &mut Object, names: &[String]) -> bool {
    let struck = |value: &Value| names.iter().any(|name| is(value, name));
    match statement.get_mut("Principal") {
        Some(Value::Object(kinds)) => match kinds.get_mut("AWS") {
            Some(Value::Array(values)) => {
                values.retain(|value| !struck(value));
                !values.is_empty()
            }
            Some(value) => !struck(value),
            None => true,
        },
        Some(value) => !struck(value),
        None => true,
    }
}

/// The values under `Principal.AWS`, which may be one or a list.
fn aws_principals(statement: &mut Object) -> Vec<&mut Value> {
    let kinds = statement.get_mut("Principal").and_then(Value::as_object_mut);
    kinds.map_or_else(Vec::new, |kinds| values(kinds, "AWS"))
}
