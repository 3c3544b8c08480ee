//! The one error of this crate: a policy document that breaks the grammar.

use thiserror::Error;

/// A policy document that was refused, with AWS's words and the position in the document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} ({detail})", grammar_error.message())]
pub struct MalformedPolicy {
    grammar_error: GrammarError,
    detail: String,
}

impl MalformedPolicy {
    pub(crate) fn new(grammar_error: GrammarError, detail: impl Into<String>) -> MalformedPolicy {
        MalformedPolicy { grammar_error, detail: detail.into() }
    }

    /// The rule of the grammar that the document breaks.
    #[must_use]
    pub fn grammar_error(&self) -> GrammarError {
        self.grammar_error
    }

    /// The text that AWS answers with `MalformedPolicyDocument`.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.grammar_error.message()
    }

    /// The path in the document and what is wrong there, in our words.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// The grammar errors for which AWS has different messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrammarError {
    /// The text is not JSON.
    NotJson,
    /// An identity or session policy contains a principal.
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

impl GrammarError {
    /// AWS's message for this error.
    ///
    /// Source: GFT-POLICY-NOTJSON, GFT-POLICY-PRINCIPAL and GFT-POLICY-GRAMMAR. The first two
    /// were seen on `GetFederationToken`; the others are IAM's messages, inferred for STS.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            GrammarError::NotJson => "The policy is not in the valid JSON format.",
            GrammarError::PrincipalForbidden => "Policy document should not specify a principal.",
            GrammarError::ActionMissing => "Policy statement must contain actions.",
            GrammarError::ResourceMissing => "Policy statement must contain resources.",
            GrammarError::VendorMissing => {
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            }
            GrammarError::Syntax => "Syntax errors in policy.",
        }
    }
}
