//! Mistakes about what the issuer's own policies mean to its sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use stspec_iam::Policy;

use super::edit::{edit, is_allow, without_condition};
use super::edit_for_sessions;
use crate::authz::{Labelled, PendingDecision};
use crate::faults::entry::entries;
use crate::parts::Parts;
use crate::sts::StsCall;

/// Most sessions whose issuer's policies are kept.
const FROZEN_MAX: usize = 10_000;

entries! {
    "boundary-ignored-for-sessions",
        "The issuer's permissions boundary doesn't limit its federated sessions.",
        |parts| edit_for_sessions(parts, |_, _, policies| policies.boundary = None);
    "identity-conditions-ignored-for-sessions",
        "Conditions in the issuer's own policies are ignored where its sessions ask.",
        |parts| edit_for_sessions(parts, |_, _, policies| {
            edit(&mut policies.identity, without_condition);
        });
    "identity-deny-ignored-for-sessions",
        "A Deny in the issuer's own policies doesn't reach its sessions.",
        |parts| edit_for_sessions(parts, |_, _, policies| edit(&mut policies.identity, is_allow));
    "issuer-frozen-at-mint",
        "A federated session keeps the policies that its issuer had when it was minted.",
        freeze_at_mint;
}

fn freeze_at_mint(parts: &mut Parts) {
    let frozen = Arc::new(FrozenPolicies::default());
    let kept = Arc::clone(&frozen);
    parts.sts.mint.observers.push(Box::new(move |call, minted| {
        if call.operation.name == "GetFederationToken" {
            kept.freeze(call, &minted.access_key_id);
        }
    }));
    parts.access.authorization.policies.push(Box::new(move |pending, policies| {
        if let Some(identity) = frozen.of_session(pending) {
            policies.identity = identity;
        }
    }));
}

/// The policies that issuers had when they minted, by the access key id of the session.
#[derive(Default)]
struct FrozenPolicies(Mutex<HashMap<String, Vec<Arc<Policy>>>>);

impl FrozenPolicies {
    /// Keeps the policies that the calling user has now.
    fn freeze(&self, call: &StsCall<'_>, access_key_id: &str) {
        let Some(user) = call.caller.user() else { return };
        let mut frozen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if frozen.len() < FROZEN_MAX {
            let policies = call.directory.policies_of(user);
            let policies = policies.map(|(_, policy)| Arc::clone(policy)).collect();
            frozen.insert(access_key_id.to_owned(), policies);
        }
    }

    /// The policies that were kept for the calling session.
    fn of_session<'a>(&self, pending: &PendingDecision<'_>) -> Option<Vec<Labelled<'a>>> {
        let access_key_id = &pending.call.presented()?.access_key_id;
        let frozen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let policies = frozen.get(access_key_id)?;
        Some(policies.iter().map(|policy| ("frozen", Arc::clone(policy))).collect())
    }
}
