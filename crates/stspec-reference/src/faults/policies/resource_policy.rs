//! Mistakes about what a bucket policy means to a federated session.

use serde_json::Value;
use stspec_iam::Effect;

use super::edit::{Object, edit, is, is_allow, rename, values, without_condition};
use super::{allow_all, edit_for_sessions};
use crate::auth::identity::{Identity, federated_user_arn, root_arn};
use crate::authz::{ApplicablePolicies, Labelled, PendingDecision, Question};
use crate::faults::entry::entries;
use crate::parts::Parts;
use crate::state::State;

entries! {
    "boundary-limits-resource-grants",
        "Where a bucket policy names the federated user, its issuer's permissions boundary still limits it.",
        |parts| edit_for_sessions(parts, bound_grants);
    "not-principal-ignored",
        "A Deny with NotPrincipal in a bucket policy doesn't reach federated sessions.",
        |parts| edit_statements(parts, |statement| !statement.contains_key("NotPrincipal"));
    "resource-grant-beats-session-deny",
        "Where a bucket policy lets a session in by its ARN, a Deny in its session policy is ignored.",
        |parts| edit_for_sessions(parts, |pending, caller, policies| {
            let granted = grants_to(&caller.arn(pending.call.state), pending.question, policies);
            if let Some(session) = policies.session.as_mut().filter(|_| granted) {
                edit(session, is_allow);
            }
        });
    "resource-policy-account-bypasses",
        "An Allow in a bucket policy for the account counts as if it named the federated user.",
        |parts| read_as_session(parts, |state, _, effect, name| {
            effect == Effect::Allow && (name == root_arn(state) || name == state.account.as_str())
        });
    "resource-policy-conditions-ignored",
        "Conditions in a bucket policy are ignored where a federated session asks.",
        |parts| edit_statements(parts, without_condition);
    "resource-policy-deny-account-ignored",
        "A Deny in a bucket policy that names the account doesn't reach federated sessions.",
        |parts| lose_denies(parts, |state, _| vec![state.account.to_string(), root_arn(state)]);
    "resource-policy-deny-hits-every-session",
        "A Deny in a bucket policy that names one federated user hits them all.",
        |parts| read_as_session(parts, |state, _, effect, name| {
            let any_session = federated_user_arn(state, state.account.as_str(), "");
            effect == Effect::Deny && name.starts_with(&any_session)
        });
    "resource-policy-deny-ignored",
        "A Deny in a bucket policy that names the federated user is ignored.",
        |parts| lose_denies(parts, |state, caller| vec![caller.arn(state)]);
    "resource-policy-deny-user-ignored",
        "A Deny in a bucket policy that names the issuer doesn't reach its sessions.",
        |parts| lose_denies(parts, |state, caller| vec![caller.issuer().arn(state)]);
    "resource-policy-everyone-ignored",
        "An Allow in a bucket policy for everybody doesn't reach federated sessions.",
        |parts| lose_grants(parts, |_, _| vec!["*".to_owned()]);
    "resource-policy-session-ignored",
        "An Allow in a bucket policy that names the federated user is ignored.",
        |parts| lose_grants(parts, |state, caller| vec![caller.arn(state)]);
    "resource-policy-session-needs-issuer",
        "An Allow in a bucket policy that names the federated user counts only where the issuer may do the same.",
        |parts| edit_resource(parts, |pending, caller, resource| {
            if !issuer_may(pending, caller) {
                drop_grants(resource, &[caller.arn(pending.call.state)]);
            }
        });
    "resource-policy-session-unlimited",
        "An Allow in a bucket policy that names the federated user opens every resource to it.",
        |parts| edit_resource(parts, |pending, caller, resource| {
            let session_arn = caller.arn(pending.call.state);
            edit(resource, |statement| {
                if is_allow(statement) && has_principal(statement, &session_arn) {
                    rename(statement, "NotResource", "Resource");
                    statement.insert("Resource".to_owned(), Value::from("*"));
                }
                true
            });
        });
    "resource-policy-user-bypasses",
        "An Allow in a bucket policy for the issuer counts as if it named the federated user.",
        |parts| read_as_session(parts, |state, caller, _, name| name == caller.issuer().arn(state));
    "resource-policy-user-ignored",
        "An Allow in a bucket policy that names the issuer doesn't reach its sessions.",
        |parts| lose_grants(parts, |state, caller| vec![caller.issuer().arn(state)]);
}

/// Edits the bucket policy before decisions about federated sessions.
fn edit_resource(
    parts: &mut Parts,
    edit: impl Fn(&PendingDecision<'_>, &Identity<'_>, &mut Vec<Labelled<'_>>) + Send + Sync + 'static,
) {
    edit_for_sessions(parts, move |pending, caller, policies| {
        let mut resource: Vec<Labelled<'_>> = policies.resource.take().into_iter().collect();
        edit(pending, caller, &mut resource);
        policies.resource = resource.pop();
    });
}

/// Rewrites the bucket policy statement by statement.
fn edit_statements(parts: &mut Parts, keep: fn(&mut Object) -> bool) {
    edit_resource(parts, move |_, _, resource| edit(resource, keep));
}

/// The principals that a mistake overlooks for a session.
type Principals = fn(&State, &Identity<'_>) -> Vec<String>;

/// Overlooks these principals in each Allow.
fn lose_grants(parts: &mut Parts, names: Principals) {
    edit_resource(parts, move |pending, caller, resource| {
        drop_grants(resource, &names(pending.call.state, caller));
    });
}

fn drop_grants(resource: &mut Vec<Labelled<'_>>, names: &[String]) {
    edit(resource, |statement| !is_allow(statement) || keeps_a_principal(statement, names));
}

/// Overlooks these principals in each Deny.
fn lose_denies(parts: &mut Parts, names: Principals) {
    edit_resource(parts, move |pending, caller, resource| {
        let names = names(pending.call.state, caller);
        edit(resource, |statement| is_allow(statement) || keeps_a_principal(statement, &names));
    });
}

/// Whether a mistake takes a principal of a statement for the session.
type IsSession = fn(&State, &Identity<'_>, Effect, &str) -> bool;

/// Reads statements about other principals as statements about the session.
fn read_as_session(parts: &mut Parts, is_session: IsSession) {
    edit_resource(parts, move |pending, caller, resource| {
        let state = pending.call.state;
        edit(resource, |statement| {
            let effect = if is_allow(statement) { Effect::Allow } else { Effect::Deny };
            for name in aws_principals(statement) {
                if name.as_str().is_some_and(|name| is_session(state, caller, effect, name)) {
                    *name = Value::from(caller.arn(state));
                }
            }
            true
        });
    });
}

/// Takes a grant to the session itself for one to its issuer, which the boundary limits.
///
/// The session policy and the issuer's own are lifted, as they would not limit the session.
fn bound_grants(
    pending: &PendingDecision<'_>,
    caller: &Identity<'_>,
    policies: &mut ApplicablePolicies<'_>,
) {
    let arn = caller.arn(pending.call.state);
    if policies.boundary.is_some() && grants_to(&arn, pending.question, policies) {
        policies.resource = None;
        policies.identity = vec![allow_all()];
        policies.session = Some(vec![allow_all()]);
    }
}

/// Whether the session's issuer may do the same without the bucket policy.
fn issuer_may(pending: &PendingDecision<'_>, caller: &Identity<'_>) -> bool {
    let issuer = caller.issuer();
    let question = Question { caller: Some(&issuer), resource_policy: None, ..*pending.question };
    pending.decide_unedited(&question).allowed()
}

/// Whether a statement of the bucket policy allows something to this ARN on the very resource.
fn grants_to(arn: &str, question: &Question<'_>, policies: &ApplicablePolicies<'_>) -> bool {
    let mut granted = false;
    let mut resource: Vec<Labelled<'_>> = policies.resource.iter().cloned().collect();
    edit(&mut resource, |statement| {
        let resources = values(statement, "Resource");
        let matches = resources.into_iter().any(|arn| is(arn, question.resource));
        granted |= matches && has_principal(statement, arn) && is_allow(statement);
        true
    });
    granted
}

/// Removes principals from a statement, and returns whether any are left.
fn keeps_a_principal(statement: &mut Object, names: &[String]) -> bool {
    let removed = |value: &Value| names.iter().any(|name| is(value, name));
    let Some(principal) = statement.get_mut("Principal") else { return true };
    let Value::Object(kinds) = principal else { return !removed(principal) };
    match kinds.get_mut("AWS") {
        Some(Value::Array(values)) => {
            values.retain(|value| !removed(value));
            !values.is_empty()
        }
        Some(value) => !removed(value),
        None => true,
    }
}

fn has_principal(statement: &mut Object, arn: &str) -> bool {
    aws_principals(statement).into_iter().any(|name| is(name, arn))
}

/// The values under `Principal.AWS`, which may be one or a list.
fn aws_principals(statement: &mut Object) -> Vec<&mut Value> {
    let kinds = statement.get_mut("Principal").and_then(Value::as_object_mut);
    kinds.map_or_else(Vec::new, |kinds| values(kinds, "AWS"))
}
