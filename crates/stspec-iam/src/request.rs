//! What is asked, and the policies that answer it.

use crate::{context::Context, policy::Policy, principal::Principal};

/// One request to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// `<service>:<operation>`, such as `s3:GetObject`.
    pub action: &'a str,
    /// The ARN, or `*` for an action without a resource.
    pub resource: &'a str,
    /// The account that owns the resource; `None` means the principal's own.
    pub resource_account: Option<&'a str>,
    /// The context keys.
    pub context: &'a Context,
}

/// The policies in force for one request.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The identity policies of the user, issuer or role.
    pub identity: Vec<Named<'a>>,
    /// The permissions boundary of the user, issuer or role.
    pub boundary: Option<Named<'a>>,
    /// The session policies, inline and managed, which count as one; `None` if none was passed.
    pub session: Option<Vec<Named<'a>>>,
    /// The policy of the resource; a trust policy if the resource is a role to be assumed.
    pub resource: Option<Named<'a>>,
}

impl Policies<'_> {
    /// Whether any of them has a condition or a variable. Where none has, the context decides
    /// nothing, and who asks may leave it empty.
    #[must_use]
    pub fn ask_context(&self) -> bool {
        let single = self.boundary.iter().chain(&self.resource);
        let all = self.identity.iter().chain(self.session.iter().flatten()).chain(single);
        all.into_iter().any(|named| named.policy.asks_context())
    }
}

/// A policy under the name by which a decision mentions it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Any text that tells the policy from its neighbours.
    pub label: &'a str,
    /// The policy itself.
    pub policy: &'a Policy,
}

impl<'a> Named<'a> {
    /// Puts a label on a policy.
    #[must_use]
    pub fn new(label: &'a str, policy: &'a Policy) -> Named<'a> {
        Named { label, policy }
    }
}
