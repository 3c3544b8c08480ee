//! Inline session policies, kept parsed for a while.

use std::sync::Arc;

use stspec_iam::{MalformedPolicy, Policy, PolicyKind};

use crate::model::recent::Recent;

/// Most inline session policies that are kept parsed, in either of two generations.
///
/// Source: ours. A load run mints with a handful; at about 20 KiB for one of the longest that
/// `GetFederationToken` takes, they stay below 3 MiB.
const SESSION_POLICIES_MAX: usize = 64;

/// Longest session policy that is kept parsed, in bytes.
///
/// Source: STS API Reference, `GetFederationToken`, `Policy`. `AssumeRole` takes longer ones, which
/// are parsed at each use.
const SESSION_POLICY_BYTES_MAX: usize = 2048;

/// Inline session policies by their text: minting checks one, and each request of its session needs it.
pub(crate) struct SessionPolicies(Recent<Arc<Policy>>);

impl Default for SessionPolicies {
    fn default() -> Self {
        Self(Recent::new(SESSION_POLICIES_MAX))
    }
}

impl SessionPolicies {
    /// The policy with this text.
    pub(crate) fn parsed(&self, text: &str) -> Result<Arc<Policy>, MalformedPolicy> {
        let parse = |text: &str| Policy::parse(text, PolicyKind::Session).map(Arc::new);
        if text.len() > SESSION_POLICY_BYTES_MAX {
            return parse(text);
        }
        self.0.get_or_make(text, parse)
    }
}
