//! Whether the session policies of a call may be used.

use serde_json::Value;
use stspec_iam::{GrammarError, Policy, PolicyKind};

use crate::faults::{Fault, Faults};
use crate::model::caller::Terms;
use crate::state::State;
use crate::state::directory::Directory;
use crate::sts::error::StsError;

/// Checks the inline document and that every managed policy exists.
pub(crate) fn check(state: &State, terms: &Terms, directory: &Directory) -> Result<(), StsError> {
    if let Some(text) = &terms.policy {
        check_document(state, text)?;
    }
    if !terms.policy_arns.is_empty() && state.faults.has(Fault::PolicyArnsRefused) {
        return Err(malformed(state, "Managed session policies are not supported."));
    }
    for arn in &terms.policy_arns {
        // Code and text are unrecorded (`docs/evidence/get-federation-token.md`, GFT-ARNS-MISSING
        // and GFT-ARNS-ACCOUNT).
        if directory.managed_policy(arn).is_none() && !is_overlooked(state, arn) {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            return Err(malformed(state, &message));
        }
    }
    Ok(())
}

/// Whether a fault takes an ARN for that of a policy, though there is none.
fn is_overlooked(state: &State, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let foreign = account.parse::<u64>().is_ok() && account != state.account.as_str();
    let fault =
        if foreign { Fault::PolicyArnForeignAccepted } else { Fault::PolicyArnMissingAccepted };
    state.faults.has(fault)
}

/// Checks an inline document.
///
/// Source: `docs/evidence/get-federation-token.md`, GFT-POLICY-NOTJSON, GFT-POLICY-PRINCIPAL and
/// GFT-POLICY-GRAMMAR.
pub(crate) fn check_document(state: &State, text: &str) -> Result<(), StsError> {
    let faults = &state.faults;
    match state.session_policy(text) {
        Ok(_) if is_too_much(text, faults) => Err(malformed(state, GrammarError::Syntax.message())),
        Ok(_) => Ok(()),
        Err(error) if is_let_in(text, error.grammar_error(), faults) => Ok(()),
        Err(error) => Err(malformed(state, error.message())),
    }
}

/// Whether a fault lets in a document that breaks the grammar in this way.
fn is_let_in(text: &str, broken: GrammarError, faults: &Faults) -> bool {
    let cut = || first_value(text).filter(|_| faults.has(Fault::PolicyTrailingTextIgnored));
    match broken {
        GrammarError::NotJson => {
            faults.has(Fault::PolicyJsonUnchecked) || cut().is_some_and(|cut| is_policy(&cut))
        }
        GrammarError::PrincipalForbidden => faults.has(Fault::PolicyPrincipalAccepted),
        _ if !is_object(text) => faults.has(Fault::PolicyAnyJsonAccepted) && is_json(text),
        _ if faults.has(Fault::PolicyEffectAnyCase) => {
            is_policy(&text.replace("allow", "Allow").replace("DENY", "Deny"))
        }
        _ => faults.has(Fault::PolicyGrammarUnchecked),
    }
}

/// The faults that refuse what is a policy.
const TOO_STRICT: [Fault; 4] = [
    Fault::PolicyVersionRequired,
    Fault::PolicyVersion2008Refused,
    Fault::PolicySingleStatementRefused,
    Fault::PolicyNotElementsRefused,
];

/// Whether a fault refuses a document though it is a policy.
fn is_too_much(text: &str, faults: &Faults) -> bool {
    if !TOO_STRICT.iter().any(|fault| faults.has(*fault)) {
        return false;
    }
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let (version, statement) = (document.get("Version"), document.get("Statement"));
    let negated = |statement: &Value| {
        ["NotAction", "NotResource"].iter().any(|name| statement.get(name).is_some())
    };
    let mut statements = statement.into_iter().flat_map(|statement| match statement {
        Value::Array(statements) => statements.as_slice(),
        single => std::slice::from_ref(single),
    });
    (version.is_none() && faults.has(Fault::PolicyVersionRequired))
        || (version.is_some_and(|version| version == "2008-10-17")
            && faults.has(Fault::PolicyVersion2008Refused))
        || (statement.is_some_and(Value::is_object)
            && faults.has(Fault::PolicySingleStatementRefused))
        || (faults.has(Fault::PolicyNotElementsRefused) && statements.any(negated))
}

/// The JSON value with which a text starts.
fn first_value(text: &str) -> Option<String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.next()?.ok().map(|value| value.to_string())
}

fn is_policy(text: &str) -> bool {
    Policy::parse(text, PolicyKind::Session).is_ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|document| document.is_object())
}

/// The code has no `Exception` at its end, unlike the class in SDKs.
///
/// Source: `docs/evidence/get-federation-token.md`, ERR-MalformedPolicyDocument and
/// ERR-PackedPolicyTooLarge.
fn malformed(state: &State, message: &str) -> StsError {
    let suffixed = state.faults.has(Fault::MalformedPolicyCodeSuffixed);
    let code =
        if suffixed { "MalformedPolicyDocumentException" } else { "MalformedPolicyDocument" };
    StsError::new(400, code, message)
}
