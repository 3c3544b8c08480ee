//! The values of a condition, compiled for comparison with values of the request.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;

use crate::{
    condition::{
        address::Network,
        arn::ArnPattern,
        operator::{Comparison, Relation},
        scalar::{self, Decimal},
    },
    context::Context,
    pattern::Case,
    template::{Template, Version, Wildcards},
};

/// The values a key is compared with; one that matches is enough.
#[derive(Debug)]
pub(super) enum Expected {
    Text(Case, Vec<Template>),
    Number(Relation, Vec<Decimal>),
    Date(Relation, Vec<Timestamp>),
    Bool(Vec<bool>),
    Binary(Vec<Vec<u8>>),
    Address(Vec<Network>),
    Arn(Vec<ArnPattern>),
}

impl Expected {
    /// Compiles the values, or returns the first that the comparison can't read. That such a value
    /// makes the document malformed is inferred.
    pub(super) fn read(
        comparison: Comparison,
        values: &[String],
        version: Version,
    ) -> Result<Expected, &String> {
        let texts = |wildcards| {
            values.iter().map(|value| Template::read(value, version, wildcards)).collect()
        };
        Ok(match comparison {
            Comparison::StringEquals => Expected::Text(Case::Exact, texts(Wildcards::Literal)),
            Comparison::StringEqualsIgnoreCase => {
                Expected::Text(Case::Ignored, texts(Wildcards::Literal))
            }
            Comparison::StringLike => Expected::Text(Case::Exact, texts(Wildcards::Live)),
            Comparison::Numeric(relation) => {
                Expected::Number(relation, all(values, scalar::decimal)?)
            }
            Comparison::Date(relation) => Expected::Date(relation, all(values, scalar::instant)?),
            // `Null` compares presence and is handled before; it would be read alike.
            Comparison::Bool | Comparison::Null => Expected::Bool(all(values, scalar::boolean)?),
            Comparison::Binary => Expected::Binary(all(values, bytes)?),
            Comparison::IpAddress => Expected::Address(all(values, Network::read)?),
            Comparison::Arn => {
                let patterns = values.iter().map(|value| ArnPattern::read(value, version));
                Expected::Arn(patterns.collect())
            }
        })
    }

    /// Whether a value of the request matches one of the policy's. A value that the comparison can't
    /// read matches none.
    pub(super) fn matches(&self, value: &str, context: &Context) -> bool {
        match self {
            Expected::Text(case, templates) => {
                templates.iter().any(|template| template.matches(value, *case, context))
            }
            Expected::Number(relation, limits) => scalar::decimal(value).is_some_and(|number| {
                limits.iter().any(|limit| relation.accepts(number.cmp(limit)))
            }),
            Expected::Date(relation, limits) => scalar::instant(value).is_some_and(|instant| {
                limits.iter().any(|limit| relation.accepts(instant.cmp(limit)))
            }),
            Expected::Bool(expected) => {
                scalar::boolean(value).is_some_and(|value| expected.contains(&value))
            }
            Expected::Binary(expected) => {
                bytes(value).is_some_and(|value| expected.contains(&value))
            }
            Expected::Address(networks) => value
                .parse()
                .is_ok_and(|address| networks.iter().any(|network| network.contains(address))),
            Expected::Arn(patterns) => {
                patterns.iter().any(|pattern| pattern.matches(value, context))
            }
        }
    }
}

fn all<T>(values: &[String], read: fn(&str) -> Option<T>) -> Result<Vec<T>, &String> {
    values.iter().map(|value| read(value).ok_or(value)).collect()
}

/// Keys of type binary travel as base64, in requests as in policies.
fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
