//! Whether the session policies of a call can be used.

use stspec_iam::GrammarError;

use crate::model::caller::SessionParameters;
use crate::state::State;
use crate::state::directory::Directory;
use crate::sts::StsCall;
use crate::sts::error::StsError;

/// Which session policies can be used.
pub(crate) struct PolicyRules {
    /// Whether an inline document follows the grammar.
    pub(crate) grammar: fn(&State, &str) -> Result<(), GrammarError>,
    /// Whether an account may attach the managed policy with this ARN.
    pub(crate) attachable: fn(&State, &Directory, &str) -> bool,
}

impl Default for PolicyRules {
    fn default() -> Self {
        Self { grammar: session_grammar, attachable: exists }
    }
}

impl PolicyRules {
    /// Checks the inline document, then every managed policy.
    pub(crate) fn check(
        &self,
        call: &StsCall<'_>,
        parameters: &SessionParameters,
    ) -> Result<(), StsError> {
        if let Some(text) = &parameters.policy {
            self.check_document(call.state, text)?;
        }
        for arn in &parameters.policy_arns {
            // Code and text are unrecorded (`docs/evidence/get-federation-token.md`,
            // GFT-ARNS-MISSING and GFT-ARNS-ACCOUNT).
            if !(self.attachable)(call.state, call.directory, arn) {
                let message = format!("Policy {arn} does not exist or is not attachable.");
                return Err(malformed(&message));
            }
        }
        Ok(())
    }

    /// Checks an inline document.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, GFT-POLICY-NOTJSON, GFT-POLICY-PRINCIPAL
    /// and GFT-POLICY-GRAMMAR.
    pub(crate) fn check_document(&self, state: &State, text: &str) -> Result<(), StsError> {
        (self.grammar)(state, text).map_err(|error| malformed(error.message()))
    }
}

/// The grammar of session policies.
pub(crate) fn session_grammar(state: &State, text: &str) -> Result<(), GrammarError> {
    match state.session_policy(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.grammar_error()),
    }
}

/// Whether the account has this managed policy, or AWS does.
pub(crate) fn exists(_: &State, directory: &Directory, arn: &str) -> bool {
    directory.managed_policy(arn).is_some()
}

/// The code does not end in `Exception`, unlike the class in SDKs.
///
/// Source: `docs/evidence/get-federation-token.md`, ERR-MalformedPolicyDocument and
/// ERR-PackedPolicyTooLarge.
fn malformed(message: &str) -> StsError {
    StsError::new(400, "MalformedPolicyDocument", message)
}
