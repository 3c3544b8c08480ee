//! What `GetFederationToken` and `AssumeRole` both pass to a session: policies and tags.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::caller::SessionParameters;
use crate::sts::constraint::{TextShape, Violations, code_points};
use crate::sts::error::StsError;
use crate::wire::request::Params;

/// Most managed session policies.
///
/// Source: STS API Reference, `GetFederationToken` and `AssumeRole`, `PolicyArns`.
const POLICY_ARNS_MAX: usize = 10;

/// Most session tags.
///
/// Source: botocore's service model, `tagListType`.
const TAGS_MAX: usize = 50;

/// Source: botocore's service model, `arnType`.
pub(crate) const ARN: TextShape = TextShape {
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    matches: |text| !text.is_empty() && text.chars().all(arn_char),
    chars_min: 20,
    chars_max: 2048,
    length: code_points,
};

/// Source: botocore's service model, `unrestrictedSessionPolicyDocumentType`; the size of the
/// session bounds it.
const POLICY: TextShape = TextShape {
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    matches: |text| !text.is_empty() && text.chars().all(policy_char),
    chars_min: 1,
    chars_max: usize::MAX,
    length: code_points,
};

/// Source: botocore's service model, `tagKeyType`.
const TAG_KEY: TextShape = TextShape {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
    matches: |text| !text.is_empty() && text.chars().all(tag_char),
    chars_min: 1,
    chars_max: 128,
    length: code_points,
};

/// Source: botocore's service model, `tagValueType`.
const TAG_VALUE: TextShape = TextShape {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    matches: |text| text.chars().all(tag_char),
    chars_min: 0,
    chars_max: 256,
    length: code_points,
};

/// What the shapes of the session parameters allow.
#[derive(Default)]
pub(crate) struct ParameterRules {
    /// `Policy`.
    pub(crate) policy: PolicyParameterRule,
    /// `PolicyArns`.
    pub(crate) policy_arns: PolicyArnsRule,
    /// `Tags`.
    pub(crate) tags: TagsRule,
}

/// The parameter `Policy`.
pub(crate) struct PolicyParameterRule {
    /// Whether a call has to pass one.
    pub(crate) required: bool,
    /// What the service takes of the text that was passed: all of it.
    pub(crate) read: fn(&str) -> Option<Cow<'_, str>>,
    /// Its shape.
    pub(crate) shape: TextShape,
}

/// The parameter `PolicyArns`.
pub(crate) struct PolicyArnsRule {
    /// The shape of each ARN.
    pub(crate) arn: TextShape,
    /// Most ARNs.
    pub(crate) count_max: usize,
}

/// The parameter `Tags`.
pub(crate) struct TagsRule {
    /// The shape of a key.
    pub(crate) key: TextShape,
    /// The shape of a value.
    pub(crate) value: TextShape,
    /// Whether each tag has to have a key.
    pub(crate) key_required: bool,
    /// Whether each tag has to have a value.
    pub(crate) value_required: bool,
    /// Most tags.
    pub(crate) count_max: usize,
    /// What the tags of one call are checked for together.
    pub(crate) check: TagsCheck,
    /// The form of a key in which no two may be equal.
    pub(crate) folded_key: fn(&str) -> String,
    /// Whether a key belongs to AWS.
    pub(crate) key_reserved: fn(&str) -> bool,
    /// Whether a value belongs to AWS.
    pub(crate) value_reserved: fn(&str) -> bool,
}

/// Checks the tags of one call together.
pub(crate) type TagsCheck = fn(&TagsRule, &[(String, String)]) -> Result<(), StsError>;

impl Default for PolicyParameterRule {
    fn default() -> Self {
        Self { required: false, read: |text| Some(Cow::Borrowed(text)), shape: POLICY }
    }
}

impl Default for PolicyArnsRule {
    fn default() -> Self {
        Self { arn: ARN, count_max: POLICY_ARNS_MAX }
    }
}

impl Default for TagsRule {
    fn default() -> Self {
        Self {
            key: TAG_KEY,
            value: TAG_VALUE,
            key_required: true,
            value_required: true,
            count_max: TAGS_MAX,
            check: |rule, tags| {
                rule.check_duplicates(tags)?;
                rule.check_reserved(tags)
            },
            folded_key: str::to_lowercase,
            key_reserved: starts_with_aws,
            value_reserved: starts_with_aws,
        }
    }
}

impl ParameterRules {
    /// Refuses more managed session policies than a session may have.
    ///
    /// The form of this error is unrecorded (`docs/evidence/get-federation-token.md`,
    /// GFT-ARNS-MAX).
    pub(crate) fn check_counts(&self, parameters: &SessionParameters) -> Result<(), StsError> {
        let maximum = self.policy_arns.count_max;
        if parameters.policy_arns.len() <= maximum {
            return Ok(());
        }
        Err(StsError::validation(format!(
            "The number of managed session policies exceeds {POLICY_ARNS_MAX}"
        )))
    }
}

impl PolicyParameterRule {
    /// Reads the inline session policy.
    pub(crate) fn read(&self, params: &Params, violations: &mut Violations<'_>) -> Option<String> {
        let Some(text) = params.get("Policy") else {
            if self.required {
                violations.missing("policy");
            }
            return None;
        };
        let text = (self.read)(text)?;
        violations.check_text(&text, "policy", &self.shape);
        Some(text.into_owned())
    }
}

impl PolicyArnsRule {
    /// Reads the ARNs of managed session policies.
    pub(crate) fn read(&self, params: &Params, violations: &mut Violations<'_>) -> Vec<String> {
        let descriptors = members(params, "PolicyArns.member.");
        let mut arns = Vec::new();
        for (position, parts) in (1..).zip(descriptors.values()) {
            // A descriptor without an ARN is legal in the model and passes nothing.
            if let Some(arn) = parts.get("arn") {
                let path = format!("policyArns.{position}.member.arn");
                violations.check_text(arn, &path, &self.arn);
                arns.push((*arn).to_owned());
            }
        }
        arns
    }
}

impl TagsRule {
    /// Reads session tags.
    pub(crate) fn read(
        &self,
        params: &Params,
        violations: &mut Violations<'_>,
    ) -> Vec<(String, String)> {
        let members = members(params, "Tags.member.");
        if members.len() > self.count_max {
            let keys: Vec<&str> =
                members.values().filter_map(|tag| tag.get("Key").copied()).collect();
            let constraint = format!("Member must have length less than or equal to {TAGS_MAX}");
            violations.add(format!("[{}]", keys.join(", ")), "tags", constraint);
        }
        let read = |(position, parts)| self.read_tag(position, parts, violations);
        (1..).zip(members.values()).map(read).collect()
    }

    fn read_tag(
        &self,
        position: usize,
        parts: &BTreeMap<&str, &str>,
        violations: &mut Violations<'_>,
    ) -> (String, String) {
        let mut part = |name: &str, member: &str, shape: &TextShape, required: bool| {
            let path = format!("tags.{position}.member.{member}");
            match parts.get(name) {
                Some(text) => violations.check_text(text, &path, shape),
                None if required => violations.missing(&path),
                None => {}
            }
            parts.get(name).copied().unwrap_or_default().to_owned()
        };
        let key = part("Key", "key", &self.key, self.key_required);
        (key, part("Value", "value", &self.value, self.value_required))
    }

    /// Refuses tag keys that differ only in case.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, GFT-TAGS-DUP.
    pub(crate) fn check_duplicates(&self, tags: &[(String, String)]) -> Result<(), StsError> {
        let keys: BTreeSet<String> = tags.iter().map(|(key, _)| (self.folded_key)(key)).collect();
        if keys.len() == tags.len() {
            return Ok(());
        }
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        Err(StsError::new(400, "InvalidParameterValue", message))
    }

    /// Refuses tags that belong to AWS.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, GFT-TAGS-AWSPREFIX; the code is unrecorded
    /// and taken over from duplicate keys.
    pub(crate) fn check_reserved(&self, tags: &[(String, String)]) -> Result<(), StsError> {
        let reserved = |(key, value): &(String, String)| {
            (self.key_reserved)(key) || (self.value_reserved)(value)
        };
        if !tags.iter().any(reserved) {
            return Ok(());
        }
        let message = "Tag keys and values may not start with aws:";
        Err(StsError::new(400, "InvalidParameterValue", message))
    }
}

fn starts_with_aws(text: &str) -> bool {
    text.to_lowercase().starts_with("aws:")
}

/// The members of a list of structures, by their number: `Tags.member.1.Key` and similar names.
///
/// A name of another form is an unknown parameter, which is ignored
/// (`docs/evidence/get-federation-token.md`, VAL-UNKNOWN).
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

fn arn_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Whether `Policy` may hold this character.
pub(crate) fn policy_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}

/// Letters, separators and numbers of Unicode, and some punctuation.
///
/// `char` has no general categories: `is_alphanumeric` covers `\p{L}` and `\p{N}` and also accepts
/// the few alphabetic marks.
pub(crate) fn tag_char(char: char) -> bool {
    char.is_alphanumeric()
        || "_.:/=+-@ ".contains(char)
        || matches!(
            char,
            '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
}
