//! What `GetFederationToken` and `AssumeRole` both pass to a session: policies and tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::faults::{Fault, Faults};
use crate::sts::constraint::{TextShape, Violations};
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
    allows: |char| {
        matches!(char, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
    },
    chars_min: 20,
    chars_max: 2048,
    length: |text| text.chars().count(),
};

/// Source: botocore's service model, `unrestrictedSessionPolicyDocumentType`; the size of the
/// session bounds it.
pub(crate) const POLICY: TextShape = TextShape {
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    allows: |char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
    chars_min: 1,
    chars_max: usize::MAX,
    length: |text| text.chars().count(),
};

/// Source of the two: botocore's service model, `tagKeyType` and `tagValueType`.
const TAG_KEY: TextShape = TextShape {
    pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
    allows: tag_char,
    chars_min: 1,
    chars_max: 128,
    length: |text| text.chars().count(),
};
const TAG_VALUE: TextShape =
    TextShape { pattern: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", chars_min: 0, chars_max: 256, ..TAG_KEY };

/// Reads the ARNs of managed session policies.
pub(crate) fn policy_arns(params: &Params, violations: &mut Violations<'_>) -> Vec<String> {
    let descriptors = members(params, "PolicyArns.member.");
    let mut arns = Vec::new();
    for (position, parts) in (1..).zip(descriptors.values()) {
        // A descriptor without an ARN is legal in the model and says nothing.
        if let Some(arn) = parts.get("arn") {
            let unchecked = violations.has(Fault::PolicyArnLengthUnchecked);
            let (chars_min, chars_max) =
                if unchecked { (0, usize::MAX) } else { (ARN.chars_min, ARN.chars_max) };
            let shape = TextShape { chars_min, chars_max, ..ARN };
            violations.check_text(arn, &format!("policyArns.{position}.member.arn"), &shape);
            arns.push((*arn).to_owned());
        }
    }
    arns
}

/// Refuses more managed session policies than a session may have.
///
/// The form of this error is unrecorded (`docs/evidence/get-federation-token.md`, GFT-ARNS-MAX).
pub(crate) fn check_policy_arns(arns: &[String], faults: &Faults) -> Result<(), StsError> {
    let maximum = match () {
        () if faults.has(Fault::PolicyArnsMaximumIgnored) => usize::MAX,
        () if faults.has(Fault::PolicyArnsMaximumOffByOne) => POLICY_ARNS_MAX - 1,
        () => POLICY_ARNS_MAX,
    };
    if arns.len() <= maximum {
        return Ok(());
    }
    Err(StsError::validation(format!(
        "The number of managed session policies exceeds {POLICY_ARNS_MAX}"
    )))
}

/// Reads session tags.
pub(crate) fn tags(params: &Params, violations: &mut Violations<'_>) -> Vec<(String, String)> {
    let members = members(params, "Tags.member.");
    let most = match () {
        () if violations.has(Fault::TagsMaximumIgnored) => usize::MAX,
        () if violations.has(Fault::TagsMaximumOffByOne) => TAGS_MAX - 1,
        () => TAGS_MAX,
    };
    if members.len() > most {
        let keys: Vec<&str> = members.values().filter_map(|tag| tag.get("Key").copied()).collect();
        let constraint = format!("Member must have length less than or equal to {TAGS_MAX}");
        violations.add(format!("[{}]", keys.join(", ")), "tags", constraint);
    }
    let (key_shape, value_shape) = (key_shape(violations), value_shape(violations));
    let mut tags = Vec::new();
    for (position, parts) in (1..).zip(members.values()) {
        let mut part = |name: &str, member: &str, shape: &TextShape| {
            let path = format!("tags.{position}.member.{member}");
            match parts.get(name) {
                Some(text) => violations.check_text(text, &path, shape),
                None if name == "Key" && violations.has(Fault::TagKeyOptional) => {}
                None if name == "Value" && violations.has(Fault::TagValueOptional) => {}
                None => violations.missing(&path),
            }
            parts.get(name).copied().unwrap_or_default().to_owned()
        };
        tags.push((part("Key", "key", &key_shape), part("Value", "value", &value_shape)));
    }
    tags
}

fn key_shape(violations: &Violations<'_>) -> TextShape {
    let empty = violations.has(Fault::TagKeyEmptyAccepted);
    TextShape {
        pattern: if empty { TAG_VALUE.pattern } else { TAG_KEY.pattern },
        allows: tag_chars(violations),
        chars_min: if empty { 0 } else { TAG_KEY.chars_min },
        chars_max: match () {
            () if violations.has(Fault::TagKeyLengthIgnored) => usize::MAX,
            () if violations.has(Fault::TagKeyLengthOffByOne) => TAG_KEY.chars_max - 1,
            () => TAG_KEY.chars_max,
        },
        length: tag_length(violations),
    }
}

fn value_shape(violations: &Violations<'_>) -> TextShape {
    TextShape {
        pattern: TAG_VALUE.pattern,
        allows: tag_chars(violations),
        chars_min: usize::from(violations.has(Fault::TagValueEmptyRefused)),
        chars_max: match () {
            () if violations.has(Fault::TagValueLengthIgnored) => usize::MAX,
            () if violations.has(Fault::TagValueLengthOffByOne) => TAG_VALUE.chars_max - 1,
            () => TAG_VALUE.chars_max,
        },
        length: tag_length(violations),
    }
}

fn tag_chars(violations: &Violations<'_>) -> fn(char) -> bool {
    match () {
        () if violations.has(Fault::TagCharactersUnchecked) => |_| true,
        () if violations.has(Fault::TagMarksRefused) => {
            |char| tag_char(char) && !":/=+@".contains(char)
        }
        () if violations.has(Fault::TagUnicodeRefused) => |char| tag_char(char) && char.is_ascii(),
        () => tag_char,
    }
}

fn tag_length(violations: &Violations<'_>) -> fn(&str) -> usize {
    if violations.has(Fault::TagLengthInBytes) { str::len } else { TAG_KEY.length }
}

/// Refuses tag keys that only differ in case, and those that belong to AWS.
///
/// Source: `docs/evidence/get-federation-token.md`, GFT-TAGS-DUP and GFT-TAGS-AWSPREFIX; the code
/// of the latter is unrecorded and taken over from the former.
pub(crate) fn check_tag_keys(tags: &[(String, String)], faults: &Faults) -> Result<(), StsError> {
    if !tags.is_empty() && faults.has(Fault::TagsRefused) {
        return Err(StsError::validation("Session tags are not supported"));
    }
    if has_duplicates(tags, faults) {
        let wrong = faults.has(Fault::TagDuplicatesCode);
        let code = if wrong { "InvalidInput" } else { "InvalidParameterValue" };
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(StsError::new(400, code, message));
    }
    let reserved = |text: &String| text.to_lowercase().starts_with("aws:");
    let key = !faults.has(Fault::TagAwsPrefixAccepted);
    let value = !faults.has(Fault::TagAwsPrefixInValueAccepted);
    if tags.iter().any(|(k, v)| (key && reserved(k)) || (value && reserved(v))) {
        let message = "Tag keys and values may not start with aws:";
        return Err(StsError::new(400, "InvalidParameterValue", message));
    }
    Ok(())
}

fn has_duplicates(tags: &[(String, String)], faults: &Faults) -> bool {
    let exact = faults.has(Fault::TagKeysCaseSensitive);
    let folded = |key: &String| if exact { key.clone() } else { key.to_lowercase() };
    let keys: BTreeSet<String> = tags.iter().map(|(key, _)| folded(key)).collect();
    keys.len() < tags.len() && !faults.has(Fault::TagDuplicatesAccepted)
}

/// The members of a list of structures, by their number: `Tags.member.1.Key` and its like.
///
/// What is not of that form is an unknown parameter, which is ignored
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
