//! Faults of authorisation: wrong policies handed to a right evaluation.
//!
//! `stspec-iam` itself stays honest. An honest server passes through here untouched.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};
use stspec_iam::{Policy, PolicyKind};

use super::{InForce, Labelled, Question};
use crate::fault::Fault;
use crate::identity::Identity;
use crate::state::State;

mod wording;

/// A statement of a policy document.
type Statement = Map<String, Value>;

static ALLOW_ALL: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let text = r#"{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    Arc::new(Policy::parse(text, PolicyKind::Identity).expect("our own document is well-formed"))
});

fn allow_all<'a>() -> Labelled<'a> {
    ("fault", Arc::clone(&ALLOW_ALL))
}

/// Mistakes about who may call `GetFederationToken`.
pub(super) fn for_minting(state: &State, in_force: &mut InForce<'_>) {
    let faults = &state.faults;
    if faults.has(Fault::PermissionUnchecked) {
        in_force.identity.push(allow_all());
    }
    if faults.has(Fault::MintDenyIgnored) {
        edit(&mut in_force.identity, is_allow);
    }
    if faults.has(Fault::MintResourceIgnored) {
        edit(&mut in_force.identity, |statement| {
            if is_allow(statement) {
                statement.remove("NotResource");
                statement.insert("Resource".to_owned(), Value::from("*"));
            }
            true
        });
    }
    if faults.has(Fault::MintResourceStarOnly) {
        edit(&mut in_force.identity, |statement| {
            !is_allow(statement) || has_any_resource(statement)
        });
    }
    wording::for_minting(state, in_force);
}

/// Mistakes about who may pass tags.
pub(super) fn for_tagging(state: &State, in_force: &mut InForce<'_>) {
    let faults = &state.faults;
    if faults.has(Fault::TagSessionUnchecked) {
        in_force.identity = vec![allow_all()];
    }
    if faults.has(Fault::TagSessionAlwaysRefused) {
        in_force.identity.clear();
    }
    if faults.has(Fault::TagSessionStarOnly) {
        edit(&mut in_force.identity, |statement| {
            !is_allow(statement) || has_any_resource(statement)
        });
    }
    if faults.has(Fault::TagConditionIgnored) {
        edit(&mut in_force.identity, without_condition);
    }
    if faults.has(Fault::TagConditionNeverMet) {
        edit(&mut in_force.identity, has_no_condition);
    }
}

/// Mistakes about what a federated session may do.
pub(super) fn for_sessions(state: &State, question: &Question<'_>, in_force: &mut InForce<'_>) {
    let Some(caller) = question.caller.filter(|caller| caller.federated_name().is_some()) else {
        return;
    };
    for_session_policies(state, in_force);
    if state.faults.has(Fault::IdentityDenyIgnoredForSessions) {
        edit(&mut in_force.identity, is_allow);
    }
    if state.faults.has(Fault::BoundaryIgnoredForSessions) {
        in_force.boundary = None;
    }
    for_resource_policy(state, caller, in_force);
}

fn for_session_policies(state: &State, in_force: &mut InForce<'_>) {
    let faults = &state.faults;
    match &mut in_force.session {
        None if faults.has(Fault::NoPolicyInheritsIssuer) => {
            in_force.session = Some(vec![allow_all()]);
        }
        Some(session) if faults.has(Fault::SessionPolicyIgnored) => *session = vec![allow_all()],
        Some(session) if faults.has(Fault::SessionDenyIgnored) => edit(session, is_allow),
        Some(_) if faults.has(Fault::SessionPolicyEscalates) => {
            in_force.identity = vec![allow_all()];
            in_force.boundary = None;
        }
        None | Some(_) => {}
    }
}

fn for_resource_policy(state: &State, caller: &Identity<'_>, in_force: &mut InForce<'_>) {
    let faults = &state.faults;
    let session_arn = caller.arn(state);
    let mut resource: Vec<Labelled<'_>> = in_force.resource.take().into_iter().collect();
    if faults.has(Fault::ResourcePolicySessionIgnored) {
        edit(&mut resource, |statement| {
            !is_allow(statement) || still_names_somebody(statement, &session_arn)
        });
    }
    if faults.has(Fault::ResourcePolicyDenyIgnored) {
        edit(&mut resource, |statement| {
            is_allow(statement) || still_names_somebody(statement, &session_arn)
        });
    }
    if faults.has(Fault::ResourcePolicyUserBypasses) {
        let issuer_arn = caller.issuer().arn(state);
        edit(&mut resource, |statement| {
            for name in aws_principals(statement).into_iter().filter(|name| is(name, &issuer_arn)) {
                *name = Value::from(session_arn.as_str());
            }
            true
        });
    }
    in_force.resource = resource.pop();
}

/// Rewrites each policy statement by statement, and drops statements where `keep` says so.
fn edit(policies: &mut Vec<Labelled<'_>>, mut keep: impl FnMut(&mut Statement) -> bool) {
    policies.retain_mut(|(_, policy)| match edited(policy, &mut keep) {
        Some(edited) => {
            *policy = edited;
            true
        }
        None => false,
    });
}

/// The policy with its statements edited; nothing where no statement is left.
fn edited(
    policy: &Arc<Policy>,
    keep: &mut impl FnMut(&mut Statement) -> bool,
) -> Option<Arc<Policy>> {
    let mut document: Value = serde_json::from_str(policy.text()).ok()?;
    let statement = document.get_mut("Statement")?;
    let mut statements = match statement.take() {
        Value::Array(statements) => statements,
        single => vec![single],
    };
    statements.retain_mut(|statement| statement.as_object_mut().is_some_and(&mut *keep));
    if statements.is_empty() {
        return None;
    }
    *statement = Value::Array(statements);
    Policy::parse(&document.to_string(), policy.kind()).ok().map(Arc::new)
}

fn is_allow(statement: &mut Statement) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
}

/// Strikes the condition of an Allow or a Deny.
fn without_condition(statement: &mut Statement) -> bool {
    statement.remove("Condition");
    true
}

/// Drops an Allow that has a condition.
fn has_no_condition(statement: &mut Statement) -> bool {
    !is_allow(statement) || !statement.contains_key("Condition")
}

fn has_any_resource(statement: &Statement) -> bool {
    match statement.get("Resource") {
        Some(Value::String(resource)) => resource == "*",
        Some(Value::Array(resources)) => resources.iter().any(|resource| is(resource, "*")),
        _ => false,
    }
}

/// Strikes `arn` from the statement's principals, and says whether any are left.
fn still_names_somebody(statement: &mut Statement, arn: &str) -> bool {
    let names_it = aws_principals(statement).into_iter().any(|name| is(name, arn));
    if !names_it {
        return true;
    }
    match statement.get_mut("Principal").and_then(|principal| principal.get_mut("AWS")) {
        Some(Value::Array(names)) => {
            names.retain(|name| !is(name, arn));
            !names.is_empty()
        }
        _ => false,
    }
}

/// The values under `Principal.AWS`, which may be one or a list.
fn aws_principals(statement: &mut Statement) -> Vec<&mut Value> {
    match statement.get_mut("Principal").and_then(|principal| principal.get_mut("AWS")) {
        Some(Value::Array(names)) => names.iter_mut().collect(),
        Some(name) => vec![name],
        None => Vec::new(),
    }
}

fn is(value: &Value, text: &str) -> bool {
    value.as_str() == Some(text)
}
