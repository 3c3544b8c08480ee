//! The names of condition operators and what they are made of.

use std::cmp::Ordering;

use crate::sense::Sense;

/// A condition operator with its prefix and suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) comparison: Comparison,
    pub(super) sense: Sense,
    pub(super) quantifier: Quantifier,
    missing: Missing,
}

/// How a value of the key is compared with the values of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Relation),
    Date(Relation),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// How a value of the key relates to a value of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How many values of the key have to satisfy the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// No prefix: the key is meant to have one value.
    Single,
    /// `ForAnyValue:`.
    Any,
    /// `ForAllValues:`.
    All,
}

/// What happens if the request lacks the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// The default of the operator.
    Usual,
    /// `…IfExists`: the condition holds.
    Holds,
}

impl Operator {
    pub(super) fn read(name: &str) -> Option<Operator> {
        let (quantifier, name) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::Single, name)
        };
        let (missing, name) = match name.strip_suffix("IfExists") {
            Some(rest) => (Missing::Holds, rest),
            None => (Missing::Usual, name),
        };
        let (comparison, sense) = comparison_of(name)?;
        // `Null` tests the key itself, so neither its values nor its absence can be qualified.
        let qualified = quantifier != Quantifier::Single || missing == Missing::Holds;
        if comparison == Comparison::Null && qualified {
            return None;
        }
        Some(Operator { comparison, sense, quantifier, missing })
    }

    /// Whether the condition holds for a request without the key.
    pub(super) fn holds_without_key(self) -> bool {
        self.missing == Missing::Holds
            || match self.quantifier {
                Quantifier::Single => self.sense == Sense::Negated,
                Quantifier::Any => false,
                Quantifier::All => true,
            }
    }
}

/// Source: IAM User Guide, JSON policy elements, condition operators.
fn comparison_of(name: &str) -> Option<(Comparison, Sense)> {
    use Comparison::{Arn, Binary, Bool, Date, IpAddress, Null, Numeric};
    use Comparison::{StringEquals, StringEqualsIgnoreCase, StringLike};
    use Relation::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    use Sense::{Negated, Positive};
    Some(match name {
        "StringEquals" => (StringEquals, Positive),
        "StringNotEquals" => (StringEquals, Negated),
        "StringEqualsIgnoreCase" => (StringEqualsIgnoreCase, Positive),
        "StringNotEqualsIgnoreCase" => (StringEqualsIgnoreCase, Negated),
        "StringLike" => (StringLike, Positive),
        "StringNotLike" => (StringLike, Negated),
        "NumericEquals" => (Numeric(Equal), Positive),
        "NumericNotEquals" => (Numeric(Equal), Negated),
        "NumericLessThan" => (Numeric(Less), Positive),
        "NumericLessThanEquals" => (Numeric(LessOrEqual), Positive),
        "NumericGreaterThan" => (Numeric(Greater), Positive),
        "NumericGreaterThanEquals" => (Numeric(GreaterOrEqual), Positive),
        "DateEquals" => (Date(Equal), Positive),
        "DateNotEquals" => (Date(Equal), Negated),
        "DateLessThan" => (Date(Less), Positive),
        "DateLessThanEquals" => (Date(LessOrEqual), Positive),
        "DateGreaterThan" => (Date(Greater), Positive),
        "DateGreaterThanEquals" => (Date(GreaterOrEqual), Positive),
        "Bool" => (Bool, Positive),
        "BinaryEquals" => (Binary, Positive),
        "IpAddress" => (IpAddress, Positive),
        "NotIpAddress" => (IpAddress, Negated),
        // The two ARN operators behave alike: both accept wildcards.
        "ArnEquals" | "ArnLike" => (Arn, Positive),
        "ArnNotEquals" | "ArnNotLike" => (Arn, Negated),
        "Null" => (Null, Positive),
        _ => return None,
    })
}

impl Relation {
    pub(super) fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Relation::Equal => ordering.is_eq(),
            Relation::Less => ordering.is_lt(),
            Relation::LessOrEqual => ordering.is_le(),
            Relation::Greater => ordering.is_gt(),
            Relation::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
