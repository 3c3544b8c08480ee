//! Mistakes of authorisation: wrong policies handed to a right evaluation.
//!
//! `stspec-iam` itself stays honest.

use std::sync::{Arc, LazyLock};

use stspec_iam::{Policy, PolicyKind};

use self::edit::{Object, edit};
use crate::auth::identity::Identity;
use crate::authz::{ApplicablePolicies, Labelled, PendingDecision, PolicyEdit};
use crate::parts::Parts;

mod edit;
pub(super) mod issuer_policy;
pub(super) mod minting;
pub(super) mod resource_policy;
pub(super) mod session_policy;
pub(super) mod tagging;

static ALLOW_ALL: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let text = r#"{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    Arc::new(Policy::parse(text, PolicyKind::Identity).expect("our own document is well-formed"))
});

/// A policy that allows everything.
fn allow_all<'a>() -> Labelled<'a> {
    ("fault", Arc::clone(&ALLOW_ALL))
}

/// Edits the policies before decisions about federated sessions.
fn edit_for_sessions(
    parts: &mut Parts,
    edit: impl Fn(&PendingDecision<'_>, &Identity<'_>, &mut ApplicablePolicies<'_>)
    + Send
    + Sync
    + 'static,
) {
    parts.access.authorization.policies.push(Box::new(move |pending, policies| {
        let caller = pending.question.caller;
        if let Some(caller) = caller.filter(|caller| caller.federated_name().is_some()) {
            edit(pending, caller, policies);
        }
    }));
}

/// Rewrites the identity policies statement by statement, as [`edit`] does.
fn identity_statements(keep: fn(&mut Object) -> bool) -> PolicyEdit {
    Box::new(move |_, policies| edit(&mut policies.identity, keep))
}
