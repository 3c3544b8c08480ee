//! The parameters of `GetFederationToken` and what their shapes allow.

use std::collections::{BTreeMap, BTreeSet};

use super::super::constraint::{TextShape, Violations, integer};
use super::super::duration;
use super::super::error::StsError;
use crate::caller::Issuer;
use crate::fault::{Fault, Faults};
use crate::request::Params;

/// Fewest and most characters of `Name`.
///
/// Source: STS API Reference, `GetFederationToken`, `Name`.
const NAME_CHARS_MIN: usize = 2;
const NAME_CHARS_MAX: usize = 32;

/// Most characters of `Policy`, white space included.
///
/// Source: botocore's service model, `sessionPolicyDocumentType`.
const POLICY_CHARS_MAX: usize = 2048;

/// Most managed session policies.
///
/// Source: STS API Reference, `GetFederationToken`, `PolicyArns`.
const POLICY_ARNS_MAX: usize = 10;

/// Most session tags.
///
/// Source: botocore's service model, `tagListType`.
const TAGS_MAX: usize = 50;

/// Most bytes that a session token can be padded to.
///
/// Source: `facts/sts.md`, GFT-MINTOKEN.
const TOKEN_SIZE_MIN_MAX: i32 = 4096;

/// What a session without a name is called under `name-optional`.
const NAME_OF_THE_NAMELESS: &str = "unnamed";

/// Source of the four: botocore's service model, `arnType`, `tagKeyType`, `tagValueType` and the
/// pattern of `sessionPolicyDocumentType`.
const ARN: TextShape = TextShape {
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    allows: |char| {
        matches!(char, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
    },
    chars_min: 20,
    chars_max: 2048,
    length: |text| text.chars().count(),
};
const TAG_KEY: TextShape = TextShape {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
    allows: tag_char,
    chars_min: 1,
    chars_max: 128,
    length: |text| text.chars().count(),
};
const TAG_VALUE: TextShape =
    TextShape { pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", chars_min: 0, chars_max: 256, ..TAG_KEY };

/// A call whose parameters have the shapes they need.
#[derive(Debug)]
pub(super) struct Input {
    /// What the federated user is called.
    pub(super) name: String,
    /// The inline session policy.
    pub(super) policy: Option<String>,
    /// The managed session policies.
    pub(super) policy_arns: Vec<String>,
    /// How long the session is to last.
    pub(super) duration_seconds: Option<i32>,
    /// The session tags.
    pub(super) tags: Vec<(String, String)>,
    /// The least length of the session token.
    pub(super) token_chars_min: Option<usize>,
}

impl Input {
    /// Reads all parameters and gathers every violation into one error.
    ///
    /// The order between members is unrecorded (`facts/sts.md`, VAL-ORDER-MEMBERS); it is decided
    /// here and nowhere else.
    pub(super) fn read(
        params: &Params,
        issuer: &Issuer,
        faults: &Faults,
    ) -> Result<Self, StsError> {
        let duration_seconds = integer(params.get("DurationSeconds"))?;
        let token_size_min = integer(params.get("MinimumSessionTokenSize"))?;
        let mut violations = Violations::new(faults);
        let name = name(params, faults, &mut violations);
        let policy = policy(params, faults, &mut violations);
        let policy_arns = policy_arns(params, &mut violations);
        duration::check_federated(duration_seconds, issuer, faults, &mut violations);
        let tags = tags(params, &mut violations);
        if let Some(size) = token_size_min {
            violations.check_range(size, "minimumSessionTokenSize", 0, TOKEN_SIZE_MIN_MAX);
        }
        violations.into_result()?;
        if policy_arns.len() > POLICY_ARNS_MAX {
            return Err(too_many_policy_arns());
        }
        let token_chars_min = token_size_min.and_then(|size| usize::try_from(size).ok());
        Ok(Self { name, policy, policy_arns, duration_seconds, tags, token_chars_min })
    }

    /// Refuses tag keys that only differ in case, and those that belong to AWS.
    ///
    /// Source: `facts/sts.md`, GFT-TAGS-DUP and GFT-TAGS-AWSPREFIX; the code of the latter is
    /// unrecorded and taken over from the former.
    pub(super) fn check_tag_keys(&self) -> Result<(), StsError> {
        let keys: BTreeSet<String> = self.tags.iter().map(|(key, _)| key.to_lowercase()).collect();
        if keys.len() < self.tags.len() {
            let message =
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(StsError::new(400, "InvalidParameterValue", message));
        }
        let values = self.tags.iter().map(|(_, value)| value.to_lowercase());
        if keys.iter().cloned().chain(values).any(|text| text.starts_with("aws:")) {
            let message = "Tag keys and values may not start with aws:";
            return Err(StsError::new(400, "InvalidParameterValue", message));
        }
        Ok(())
    }
}

/// The form of this error is unrecorded (`facts/sts.md`, GFT-ARNS-MAX).
fn too_many_policy_arns() -> StsError {
    StsError::validation(format!(
        "The number of managed session policies exceeds {POLICY_ARNS_MAX}"
    ))
}

fn name(params: &Params, faults: &Faults, violations: &mut Violations<'_>) -> String {
    let Some(name) = params.get("Name") else {
        if !faults.has(Fault::NameOptional) {
            violations.missing("name");
        }
        return NAME_OF_THE_NAMELESS.to_owned();
    };
    let shape = TextShape {
        pattern: r"[\w+=,.@-]*",
        allows: match () {
            () if faults.has(Fault::NamePatternIgnored) => |_| true,
            () if faults.has(Fault::NamePlusRefused) => |char| char != '+' && name_char(char),
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
    };
    violations.check_text(name, "name", &shape);
    name.to_owned()
}

/// `\w` is ASCII here, as in Java (`facts/sts.md`, GFT-NAME-NONASCII).
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
    let shape = TextShape {
        pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
        allows: match () {
            () if faults.has(Fault::PolicyCharactersUnchecked) => |_| true,
            () => |char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
        },
        chars_min: 1,
        chars_max: match () {
            () if faults.has(Fault::PolicyLengthIgnored) => usize::MAX,
            () if faults.has(Fault::PolicyLengthOffByOne) => POLICY_CHARS_MAX - 1,
            () => POLICY_CHARS_MAX,
        },
        length: match () {
            () if faults.has(Fault::PolicyLengthInBytes) => str::len,
            () => |text| text.chars().count(),
        },
    };
    violations.check_text(policy, "policy", &shape);
    Some(policy.to_owned())
}

fn policy_arns(params: &Params, violations: &mut Violations<'_>) -> Vec<String> {
    let descriptors = members(params, "PolicyArns.member.");
    let mut arns = Vec::new();
    for (position, parts) in (1..).zip(descriptors.values()) {
        // A descriptor without an ARN is legal in the model and says nothing.
        if let Some(arn) = parts.get("arn") {
            violations.check_text(arn, &format!("policyArns.{position}.member.arn"), &ARN);
            arns.push((*arn).to_owned());
        }
    }
    arns
}

fn tags(params: &Params, violations: &mut Violations<'_>) -> Vec<(String, String)> {
    let members = members(params, "Tags.member.");
    if members.len() > TAGS_MAX {
        let keys: Vec<&str> = members.values().filter_map(|tag| tag.get("Key").copied()).collect();
        let constraint = format!("Member must have length less than or equal to {TAGS_MAX}");
        violations.add(format!("[{}]", keys.join(", ")), "tags", constraint);
    }
    let mut tags = Vec::new();
    for (position, parts) in (1..).zip(members.values()) {
        let mut part = |name: &str, member: &str, shape: &TextShape| {
            let path = format!("tags.{position}.member.{member}");
            match parts.get(name) {
                Some(text) => violations.check_text(text, &path, shape),
                None => violations.missing(&path),
            }
            parts.get(name).copied().unwrap_or_default().to_owned()
        };
        tags.push((part("Key", "key", &TAG_KEY), part("Value", "value", &TAG_VALUE)));
    }
    tags
}

/// The members of a list of structures, by their number: `Tags.member.1.Key` and its like.
///
/// What is not of that form is an unknown parameter, which is ignored (`facts/sts.md`, VAL-UNKNOWN).
fn members<'a>(params: &'a Params, prefix: &str) -> BTreeMap<u32, BTreeMap<&'a str, &'a str>> {
    let mut members: BTreeMap<u32, BTreeMap<&str, &str>> = BTreeMap::new();
    for (name, value) in params.iter() {
        let Some((number, part)) = name.strip_prefix(prefix).and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        if let Ok(number) = number.parse() {
            members.entry(number).or_default().entry(part).or_insert(value);
        }
    }
    members
}

/// Letters, separators and numbers of Unicode, and some punctuation.
///
/// `char` knows no general categories: `is_alphanumeric` stands for `\p{L}` and `\p{N}` and also
/// takes the few alphabetic marks.
fn tag_char(char: char) -> bool {
    char.is_alphanumeric()
        || "_.:/=+-@ ".contains(char)
        || matches!(
            char,
            '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
}
