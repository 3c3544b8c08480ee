//! The parameters of `GetFederationToken` and what their shapes allow.

use super::super::constraint::{TextShape, Violations};
use super::super::error::StsError;
use super::Rules;
use crate::faults::{Fault, Faults};
use crate::model::account::Revision;
use crate::model::caller::{Issuer, Terms};
use crate::sts::session::{parameters, size};
use crate::wire::request::Params;

/// Fewest and most characters of `Name`.
///
/// Source: STS API Reference, `GetFederationToken`, `Name`.
const NAME_CHARS_MIN: usize = 2;
const NAME_CHARS_MAX: usize = 32;

/// Most characters of `Policy`, white space included.
///
/// Source: botocore's service model, `sessionPolicyDocumentType`.
const POLICY_CHARS_MAX: usize = 2048;

/// What a session without a name is called under `name-optional`.
const NAME_OF_THE_NAMELESS: &str = "unnamed";

/// A call whose parameters have the shapes they need.
#[derive(Debug)]
pub(crate) struct Input {
    /// What the federated user is called.
    pub(crate) name: String,
    /// What is passed to the session.
    pub(crate) terms: Terms,
    /// How long the session is to last.
    pub(crate) duration_seconds: Option<i32>,
    /// The least size of the session token.
    pub(crate) token_bytes_min: Option<usize>,
}

impl Input {
    /// Reads all parameters and gathers every violation into one error.
    ///
    /// The order between members is unrecorded (`docs/evidence/get-federation-token.md`,
    /// VAL-ORDER-MEMBERS); it is decided here and nowhere else.
    pub(crate) fn read(
        params: &Params,
        issuer: &Issuer,
        rules: &Rules,
        revision: Revision,
        faults: &Faults,
    ) -> Result<Self, StsError> {
        let duration_seconds = (rules.duration.read)(params.get("DurationSeconds"))?;
        let token_bytes_min = size::token_bytes_min(params, revision)?;
        let mut violations = Violations::new(faults);
        let name = name(params, faults, &mut violations);
        let policy = policy(params, faults, &mut violations);
        let policy_arns = parameters::policy_arns(params, &mut violations);
        rules.duration.check(duration_seconds, issuer, &mut violations);
        let tags = parameters::tags(params, &mut violations);
        if !faults.has(Fault::TokenMinimumUnchecked) {
            size::check_token_bytes_min(token_bytes_min, &mut violations);
        }
        violations.into_result()?;
        parameters::check_policy_arns(&policy_arns, faults)?;
        let token_bytes_min = token_bytes_min.and_then(|size| usize::try_from(size).ok());
        let terms = Terms { policy, policy_arns, tags };
        Ok(Self { name, terms, duration_seconds, token_bytes_min })
    }
}

fn name(params: &Params, faults: &Faults, violations: &mut Violations<'_>) -> String {
    let Some(name) = params.get("Name") else {
        if !faults.has(Fault::NameOptional) {
            violations.missing("name");
        }
        return NAME_OF_THE_NAMELESS.to_owned();
    };
    let shape = name_shape(faults);
    let doubled = name.is_empty() && faults.has(Fault::EmptyNameTwoViolations);
    let unlettered = !name.starts_with(|char: char| char.is_ascii_alphabetic());
    if doubled || (unlettered && faults.has(Fault::NameLetterFirst)) {
        let constraint = "Member must satisfy regular expression pattern: ";
        violations.add(name, "name", format!("{constraint}{}", shape.pattern));
    }
    violations.check_text(name, "name", &shape);
    name.to_owned()
}

fn name_shape(faults: &Faults) -> TextShape {
    TextShape {
        pattern: r"[\w+=,.@-]*",
        allows: match () {
            () if faults.has(Fault::NamePatternIgnored) => |_| true,
            () if faults.has(Fault::NamePlusRefused) => |char| char != '+' && name_char(char),
            () if faults.has(Fault::NameMarksRefused) => {
                |char| !"=,.@".contains(char) && name_char(char)
            }
            () if faults.has(Fault::NameUnicodeAccepted) => {
                |char| char.is_alphanumeric() || name_char(char)
            }
            () => name_char,
        },
        chars_min: match () {
            () if faults.has(Fault::NameMinimumIgnored) => 0,
            () if faults.has(Fault::NameMinimumOffByOne) => NAME_CHARS_MIN + 1,
            () => NAME_CHARS_MIN,
        },
        chars_max: match () {
            () if faults.has(Fault::NameMaximumIgnored) => usize::MAX,
            () if faults.has(Fault::NameMaximumOffByOne) => NAME_CHARS_MAX - 1,
            () => NAME_CHARS_MAX,
        },
        length: |text| text.chars().count(),
    }
}

/// `\w` is ASCII here, as in Java (`docs/evidence/get-federation-token.md`, GFT-NAME-NONASCII).
fn name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || "_+=,.@-".contains(char)
}

fn policy(params: &Params, faults: &Faults, violations: &mut Violations<'_>) -> Option<String> {
    let Some(policy) = params.get("Policy") else {
        if faults.has(Fault::PolicyRequired) {
            violations.missing("policy");
        }
        return None;
    };
    if policy.is_empty() && faults.has(Fault::PolicyEmptyAccepted) {
        return None;
    }
    let policy = if faults.has(Fault::PolicyControlCharactersDropped) {
        policy
            .replace(|char: char| char.is_ascii_control() && !(parameters::POLICY.allows)(char), "")
    } else {
        policy.to_owned()
    };
    violations.check_text(&policy, "policy", &policy_shape(faults));
    Some(policy)
}

fn policy_shape(faults: &Faults) -> TextShape {
    TextShape {
        allows: match () {
            () if faults.has(Fault::PolicyCharactersUnchecked) => {
                |char| (parameters::POLICY.allows)(char) || char > '\u{ff}'
            }
            () if faults.has(Fault::PolicyLatin1Refused) => {
                |char| matches!(char, '\t' | '\n' | '\r' | ' '..='~')
            }
            () if faults.has(Fault::PolicyLineBreaksRefused) => {
                |char| matches!(char, ' '..='\u{ff}')
            }
            () => parameters::POLICY.allows,
        },
        chars_max: match () {
            () if faults.has(Fault::PolicyLengthIgnored) => usize::MAX,
            () if faults.has(Fault::PolicyLengthOffByOne) => POLICY_CHARS_MAX - 1,
            () => POLICY_CHARS_MAX,
        },
        length: match () {
            () if faults.has(Fault::PolicyLengthInBytes) => str::len,
            () if faults.has(Fault::PolicyWhiteSpaceIgnored) => {
                |text| text.chars().filter(|char| !char.is_whitespace()).count()
            }
            () => parameters::POLICY.length,
        },
        ..parameters::POLICY
    }
}
