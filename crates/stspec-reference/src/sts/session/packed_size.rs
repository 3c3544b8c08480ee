//! How much of its allotment a session takes up, in a measure of our own.
//!
//! AWS never documented its packed format. The fits of `docs/evidence/iam.md`, PACK-FIT, are right
//! on a few observed points; what is promised beyond them is a whole number, the same for the same
//! terms.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::caller::SessionParameters;
use crate::sts::error::StsError;

/// What 100 percent hold, in units of the fits.
const ALLOTMENT: usize = 460;

/// What a policy costs before its first string.
const POLICY_BASE: usize = 16;

/// What each tag costs beside its key and value.
const TAG_BASE: usize = 3;

/// What each managed policy costs beside its name; the rest of its ARN packs to next to nothing.
const POLICY_ARN_BASE: usize = 3;

/// The percentage, if it is at most this high.
///
/// Source of the texts: `docs/evidence/get-federation-token.md`, PACK-MSG-POLICY and PACK-MSG-TAGS.
pub(crate) fn checked(terms: &SessionParameters, percent_max: usize) -> Result<i64, StsError> {
    let tags = percent(tag_units(&terms.tags));
    if tags > percent_max {
        return Err(too_large(format!(
            "Packed size of session tags consumes {tags}% of allotted space."
        )));
    }
    let policies = terms.policy.as_deref().map_or(0, policy_units) + arn_units(&terms.policy_arns);
    let total = tags + percent(policies);
    if total > percent_max {
        return Err(too_large(format!(
            "Packed policy consumes {total}% of allotted space, please use smaller policy."
        )));
    }
    Ok(i64::try_from(total).unwrap_or(i64::MAX))
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

/// A document that isn't JSON costs as much as its text.
fn policy_units(text: &str) -> usize {
    let units = serde_json::from_str(text).map_or_else(|_| text_units(text), |Units(units)| units);
    POLICY_BASE + units
}

fn text_units(text: &str) -> usize {
    text.chars().count() + 1
}

/// What the strings of a document cost; they are counted while they are read, and nothing is kept.
#[derive(Debug, Clone, Copy)]
struct Units(usize);

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UnitsVisitor)
    }
}

struct UnitsVisitor;

impl<'de> Visitor<'de> for UnitsVisitor {
    type Value = Units;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Units, E> {
        Ok(Units(1))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Units, E> {
        Ok(Units(1))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Units, E> {
        Ok(Units(1))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Units, E> {
        Ok(Units(1))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Units, E> {
        Ok(Units(1))
    }

    fn visit_str<E>(self, text: &str) -> Result<Units, E> {
        Ok(Units(text_units(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Units, A::Error> {
        let mut sum = 0;
        while let Some(Units(units)) = items.next_element()? {
            sum += units;
        }
        Ok(Units(sum))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Units, A::Error> {
        let mut sum = 0;
        while let Some(weight) = members.next_key()? {
            match weight {
                Weight::Nothing => _ = members.next_value::<IgnoredAny>()?,
                Weight::Strings => sum += members.next_value::<Units>()?.0,
            }
        }
        Ok(Units(sum))
    }
}

/// What counts of a member, by its key.
enum Weight {
    /// Its value is a word that packs into a few bits.
    Nothing,
    Strings,
}

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WeightVisitor)
    }
}

struct WeightVisitor;

impl Visitor<'_> for WeightVisitor {
    type Value = Weight;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Weight, E> {
        Ok(if matches!(key, "Version" | "Effect") { Weight::Nothing } else { Weight::Strings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(policy: Option<&str>, tags: &[(&str, &str)]) -> SessionParameters {
        SessionParameters {
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
        assert_eq!(checked(&terms(policy, tags), 100), Ok(percent));
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
    fn every_string_counts_but_version_and_effect() {
        assert_eq!(policy_units(r#"{"Version": "2012", "a": {"Effect": ["Allow"]}}"#), POLICY_BASE);
        assert_eq!(policy_units(r#"{"a": ["b", {"c": "\u00e9d"}]}"#), POLICY_BASE + 2 + 3);
        assert_eq!(policy_units("[null, true, 1, -1, 0.5]"), POLICY_BASE + 5);
        assert_eq!(policy_units("no JSON"), POLICY_BASE + 8);
    }

    #[test]
    fn ten_managed_policies_fit() {
        let mut terms = terms(Some(ALL), &[]);
        terms.policy_arns = vec!["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess".to_owned(); 10];
        assert!(checked(&terms, 100).is_ok_and(|percent| percent > 4));
    }

    #[test]
    fn what_takes_more_than_everything_is_refused_by_its_kind() {
        let value = "v".repeat(250);
        let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let tags: Vec<(&str, &str)> = keys.iter().map(|key| (*key, value.as_str())).collect();
        let error = checked(&terms(None, &tags), 100).unwrap_err();
        assert_eq!(error.code, "PackedPolicyTooLarge");
        assert!(error.message.unwrap().starts_with("Packed size of session tags consumes 49"));

        let long =
            ALL.replace(r#""Action": "*""#, &format!(r#""Action": "s3:{}""#, "x".repeat(500)));
        let error = checked(&terms(Some(&long), &[]), 100).unwrap_err();
        assert!(error.message.unwrap().ends_with("please use smaller policy."));
    }
}
