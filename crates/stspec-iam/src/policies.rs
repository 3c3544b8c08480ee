//! The policies that apply to one request.

use crate::policy::Policy;

/// The policies that apply to one request.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The identity policies of the user, issuer or role.
    pub identity: Vec<LabelledPolicy<'a>>,
    /// The permissions boundary of the user, issuer or role.
    pub boundary: Option<LabelledPolicy<'a>>,
    /// The session policies, inline and managed, which count as one; `None` if none was passed.
    pub session: Option<Vec<LabelledPolicy<'a>>>,
    /// The policy of the resource; a trust policy if the resource is a role to be assumed.
    pub resource: Option<LabelledPolicy<'a>>,
}

impl Policies<'_> {
    /// Whether any policy has a condition or a variable. If not, the context does not affect the
    /// decision and may be left empty.
    #[must_use]
    pub fn need_context(&self) -> bool {
        let single = self.boundary.iter().chain(&self.resource);
        let all = self.identity.iter().chain(self.session.iter().flatten()).chain(single);
        all.into_iter().any(|labelled| labelled.policy.needs_context())
    }
}

/// A policy with the label by which a decision refers to it.
#[derive(Debug, Clone, Copy)]
pub struct LabelledPolicy<'a> {
    /// Any text that distinguishes the policy from the others.
    pub label: &'a str,
    /// The policy itself.
    pub policy: &'a Policy,
}

impl<'a> LabelledPolicy<'a> {
    /// Puts a label on a policy.
    #[must_use]
    pub fn new(label: &'a str, policy: &'a Policy) -> LabelledPolicy<'a> {
        LabelledPolicy { label, policy }
    }
}
