//! The one error of this crate: a policy document that breaks the grammar.

use thiserror::Error;

/// A policy document that was refused, with AWS's words and the place in the document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} ({detail})", fault.message())]
pub struct Malformed {
    fault: Fault,
    detail: String,
}

impl Malformed {
    pub(crate) fn new(fault: Fault, detail: impl Into<String>) -> Malformed {
        Malformed { fault, detail: detail.into() }
    }

    /// Which rule of the grammar was broken.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The text that AWS answers with `MalformedPolicyDocument`.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.fault.message()
    }

    /// Where in the document the fault lies and what stands there, in our words.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// The rules of the grammar that AWS words differently when they are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The text is not JSON at all.
    NotJson,
    /// An identity or session policy names a principal.
    PrincipalForbidden,
    /// A statement has neither `Action` nor `NotAction`, or an empty one.
    ActionMissing,
    /// A statement has neither `Resource` nor `NotResource`, or an empty one.
    ResourceMissing,
    /// An action or a condition key lacks its service prefix.
    VendorMissing,
    /// Any other violation of the grammar.
    Syntax,
}

impl Fault {
    /// AWS's text for this fault.
    ///
    /// Source: facts GFT-POLICY-NOTJSON, GFT-POLICY-PRINCIPAL and GFT-POLICY-GRAMMAR. The first two
    /// were seen on `GetFederationToken`; the others are IAM's texts, inferred for STS.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Fault::NotJson => "The policy is not in the valid JSON format.",
            Fault::PrincipalForbidden => "Policy document should not specify a principal.",
            Fault::ActionMissing => "Policy statement must contain actions.",
            Fault::ResourceMissing => "Policy statement must contain resources.",
            Fault::VendorMissing => {
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            }
            Fault::Syntax => "Syntax errors in policy.",
        }
    }
}
