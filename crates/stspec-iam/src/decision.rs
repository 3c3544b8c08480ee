//! IAM's answer, with the statements that made it.

use crate::statement::Effect;

/// Whether a request is allowed, why, and which statements matched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    reason: Reason,
    /// The action, for the message of an implicit deny; empty otherwise.
    action: String,
    matched: Vec<Matched>,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Every category that limits the caller allows the request, and none denies it.
    Allowed,
    /// A `Deny` statement matched. If several categories deny, this is one of them.
    ExplicitDeny(Category),
    /// No statement of a category that limits the caller allows the request. If several lack one,
    /// this is one of them.
    ImplicitDeny(Category),
}

/// The kinds of policies that are weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// The identity policies of the caller, of its issuer or of its role.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
    /// The policy of the resource.
    Resource,
}

/// A statement that matched the request, whether or not it was decisive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The kind of policy that contains it.
    pub category: Category,
    /// The label of that policy.
    pub label: String,
    /// Its index in the policy, from 0.
    pub index: usize,
    /// Its `Sid`, if it has one.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
}

impl Decision {
    pub(crate) fn new(reason: Reason, action: &str, matched: Vec<Matched>) -> Decision {
        let action = match reason {
            Reason::ImplicitDeny(_) => action.to_owned(),
            Reason::Allowed | Reason::ExplicitDeny(_) => String::new(),
        };
        Decision { reason, action, matched }
    }

    /// Whether the request is allowed.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.reason == Reason::Allowed
    }

    /// What decided.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The statements that matched, by category, policy and index; empty after [`decide`](crate::decide).
    #[must_use]
    pub fn matched(&self) -> &[Matched] {
        &self.matched
    }

    /// The end of AWS's denial message; `None` if the request is allowed.
    ///
    /// Source: MSG-BASE and MSG-SESSION-IMPLICIT. What AWS prints for a federated session without
    /// any session policy is unrecorded (MSG-SESSION-NONE); this text treats it like a session policy
    /// that does not allow.
    #[must_use]
    pub fn because(&self) -> Option<String> {
        match self.reason {
            Reason::Allowed => None,
            Reason::ExplicitDeny(category) => {
                let (article, noun) = category.words();
                Some(format!("with an explicit deny in {article} {noun}"))
            }
            Reason::ImplicitDeny(category) => {
                let (_, noun) = category.words();
                Some(format!("because no {noun} allows the {} action", self.action))
            }
        }
    }
}

impl Category {
    /// Article and noun in AWS's denial messages. That AWS writes "session policy" in explicit
    /// denials is unsettled (MSG-SESSION-EXPLICIT).
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Category::Identity => ("an", "identity-based policy"),
            Category::Boundary => ("a", "permissions boundary"),
            Category::Session => ("a", "session policy"),
            Category::Resource => ("a", "resource-based policy"),
        }
    }
}
