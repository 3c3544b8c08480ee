//! Whether the session policies of a call may be used.

use serde_json::Value;
use stspec_iam::Fault as Grammar;

use super::error::StsError;
use crate::caller::Terms;
use crate::directory::Directory;
use crate::fault::Fault;
use crate::state::State;

/// Checks the inline document and that every managed policy exists.
pub(super) fn check(state: &State, terms: &Terms, directory: &Directory) -> Result<(), StsError> {
    if let Some(text) = &terms.policy {
        check_document(state, text)?;
    }
    for arn in &terms.policy_arns {
        // Code and text are unrecorded (`facts/sts.md`, GFT-ARNS-MISSING and GFT-ARNS-ACCOUNT).
        if directory.managed_policy(arn).is_none() {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            return Err(malformed(state, &message));
        }
    }
    Ok(())
}

/// Source: `facts/sts.md`, GFT-POLICY-NOTJSON, GFT-POLICY-PRINCIPAL and GFT-POLICY-GRAMMAR.
fn check_document(state: &State, text: &str) -> Result<(), StsError> {
    let Err(error) = state.session_policy(text) else { return Ok(()) };
    let faults = &state.faults;
    let overlooked = match error.fault() {
        Grammar::NotJson => faults.has(Fault::PolicyJsonUnchecked),
        Grammar::PrincipalForbidden => faults.has(Fault::PolicyPrincipalAccepted),
        _ => faults.has(Fault::PolicyGrammarUnchecked) && is_object(text),
    };
    if overlooked { Ok(()) } else { Err(malformed(state, error.message())) }
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|document| document.is_object())
}

/// The code has no `Exception` at its end, unlike the class in SDKs.
///
/// Source: `facts/sts.md`, section 1.1.
fn malformed(state: &State, message: &str) -> StsError {
    let suffixed = state.faults.has(Fault::MalformedPolicyCodeSuffixed);
    let code =
        if suffixed { "MalformedPolicyDocumentException" } else { "MalformedPolicyDocument" };
    StsError::new(400, code, message)
}
