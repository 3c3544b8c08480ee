//! How much of its allotment a session takes up, in a measure of our own.
//!
//! AWS never documented its packed format. The fits of `facts/iam.md`, section 6, are right on a few
//! observed points; what is promised beyond them is a whole number, the same for the same terms.

use serde_json::Value;

use super::error::StsError;
use crate::caller::Terms;

/// What 100 percent hold, in units of the fits.
const ALLOTMENT: usize = 460;

/// What a policy costs before its first string.
const POLICY_BASE: usize = 16;

/// What each tag costs beside its key and value.
const TAG_BASE: usize = 3;

/// What each managed policy costs beside its name; the rest of its ARN packs to next to nothing.
const POLICY_ARN_BASE: usize = 3;

/// The percentage, if it is at most a hundred.
///
/// Source of the texts: `facts/sts.md`, PACK-MSG-POLICY and PACK-MSG-TAGS.
pub(super) fn checked(terms: &Terms) -> Result<i64, StsError> {
    let tags = percent(tag_units(&terms.tags));
    if tags > 100 {
        return Err(too_large(format!(
            "Packed size of session tags consumes {tags}% of allotted space."
        )));
    }
    let policies = terms.policy.as_deref().map_or(0, policy_units) + arn_units(&terms.policy_arns);
    let total = tags + percent(policies);
    if total > 100 {
        return Err(too_large(format!(
            "Packed policy consumes {total}% of allotted space, please use smaller policy."
        )));
    }
    Ok(i64::try_from(total).unwrap_or(100))
}

fn too_large(message: String) -> StsError {
    StsError::new(400, "PackedPolicyTooLarge", message)
}

fn percent(units: usize) -> usize {
    100 * units / ALLOTMENT
}

fn tag_units(tags: &[(String, String)]) -> usize {
    let chars = |text: &str| text.chars().count();
    tags.iter().map(|(key, value)| chars(key) + chars(value) + TAG_BASE).sum()
}

fn arn_units(arns: &[String]) -> usize {
    let name = |arn: &String| arn.rsplit('/').next().map_or(0, |name| name.chars().count());
    arns.iter().map(|arn| name(arn) + POLICY_ARN_BASE).sum()
}

/// A document that isn't JSON, which only a fault lets in, costs as much as its text.
fn policy_units(text: &str) -> usize {
    let document = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    POLICY_BASE + string_units(&document)
}

/// Strings count, but for those that pack into a few bits.
fn string_units(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count() + 1,
        Value::Array(values) => values.iter().map(string_units).sum(),
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "Version" | "Effect"))
            .map(|(_, value)| string_units(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(policy: Option<&str>, tags: &[(&str, &str)]) -> Terms {
        Terms {
            policy: policy.map(str::to_owned),
            policy_arns: Vec::new(),
            tags: tags
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[track_caller]
    fn check(policy: Option<&str>, tags: &[(&str, &str)], percent: i64) {
        assert_eq!(checked(&terms(policy, tags)), Ok(percent));
    }

    const ALL: &str = r#"{"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

    #[test]
    fn observed_points_are_met() {
        check(None, &[], 0);
        check(Some(ALL), &[], 4);
        check(None, &[("c", "c"), ("b", "c")], 2);
        check(None, &[("b", "b"), ("c", "b"), ("d", "b")], 3);
    }

    #[test]
    fn white_space_packs_to_nothing() {
        let padded = format!("{ALL}{}", " ".repeat(1500));
        check(Some(&padded), &[], 4);
    }

    #[test]
    fn ten_managed_policies_fit() {
        let mut terms = terms(Some(ALL), &[]);
        terms.policy_arns = vec!["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess".to_owned(); 10];
        assert!(checked(&terms).is_ok_and(|percent| percent > 4));
    }

    #[test]
    fn what_takes_more_than_everything_is_refused_by_its_kind() {
        let value = "v".repeat(250);
        let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let tags: Vec<(&str, &str)> = keys.iter().map(|key| (*key, value.as_str())).collect();
        let error = checked(&terms(None, &tags)).unwrap_err();
        assert_eq!(error.code, "PackedPolicyTooLarge");
        assert!(error.message.unwrap().starts_with("Packed size of session tags consumes 49"));

        let long =
            ALL.replace(r#""Action": "*""#, &format!(r#""Action": "s3:{}""#, "x".repeat(500)));
        let error = checked(&terms(Some(&long), &[])).unwrap_err();
        assert!(error.message.unwrap().ends_with("please use smaller policy."));
    }
}
