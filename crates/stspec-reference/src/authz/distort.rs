//! Faults of authorisation: wrong policies handed to a right evaluation.
//!
//! `stspec-iam` itself stays honest. An honest server passes through here untouched.

use std::sync::{Arc, LazyLock};

use serde_json::Value;
use stspec_iam::{Decision, Policy, PolicyKind};

use self::edit::{edit, is_allow};
use super::{ApplicablePolicies, Labelled, Question};
use crate::faults::Fault;
use crate::state::State;

mod edit;
mod resource_policy;
mod session_policy;
mod wording;

pub(super) use self::resource_policy::lose_session_grants;

static ALLOW_ALL: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let text = r#"{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    Arc::new(Policy::parse(text, PolicyKind::Identity).expect("our own document is well-formed"))
});

fn allow_all<'a>() -> Labelled<'a> {
    ("fault", Arc::clone(&ALLOW_ALL))
}

/// Mistakes about who may call `GetFederationToken`.
pub(super) fn for_minting(state: &State, in_force: &mut ApplicablePolicies<'_>) {
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
            !is_allow(statement) || edit::has_any_resource(statement)
        });
    }
    wording::for_minting(state, in_force);
}

/// Mistakes about who may pass tags.
pub(super) fn for_tagging(state: &State, in_force: &mut ApplicablePolicies<'_>) {
    let faults = &state.faults;
    if faults.has(Fault::TagSessionUnchecked) {
        in_force.identity = vec![allow_all()];
    }
    if faults.has(Fault::TagSessionAlwaysRefused) {
        in_force.identity.clear();
    }
    if faults.has(Fault::TagSessionStarOnly) {
        edit(&mut in_force.identity, |statement| {
            !is_allow(statement) || edit::has_any_resource(statement)
        });
    }
    if faults.has(Fault::TagConditionIgnored) {
        edit(&mut in_force.identity, edit::without_condition);
    }
    if faults.has(Fault::TagConditionNeverMet) {
        edit(&mut in_force.identity, edit::has_no_condition);
    }
}

/// Decides as if each session policy stood alone, and lets pass what all of them do.
pub(super) fn decide_one_by_one(
    mut in_force: ApplicablePolicies<'_>,
    decide: impl Fn(&ApplicablePolicies<'_>) -> Decision,
) -> Decision {
    let together = decide(&in_force);
    for policy in in_force.session.take().into_iter().flatten() {
        in_force.session = Some(vec![policy]);
        let alone = decide(&in_force);
        if !alone.allowed() {
            return alone;
        }
    }
    together
}

/// Mistakes about what a federated session may do.
pub(super) fn for_sessions(
    state: &State,
    question: &Question<'_>,
    in_force: &mut ApplicablePolicies<'_>,
) {
    let Some(caller) = question.caller.filter(|caller| caller.federated_name().is_some()) else {
        return;
    };
    resource_policy::overrule(state, caller, question, in_force);
    resource_policy::bound(state, caller, question, in_force);
    session_policy::distort(state, caller, question, in_force);
    if state.faults.has(Fault::IdentityDenyIgnoredForSessions) {
        edit(&mut in_force.identity, is_allow);
    }
    resource_policy::distort(state, caller, in_force);
    if state.faults.has(Fault::IdentityConditionsIgnoredForSessions) {
        edit(&mut in_force.identity, edit::without_condition);
    }
    if state.faults.has(Fault::BoundaryIgnoredForSessions) {
        in_force.boundary = None;
    }
    if state.faults.has(Fault::SessionsAlwaysDenied) {
        in_force.session = Some(Vec::new());
        in_force.resource = None;
    }
}
