//! The `Condition` element.

mod address;
mod arn;
mod expected;
mod operator;
mod scalar;

use crate::{
    condition::{
        expected::Expected,
        operator::{Comparison, Operator, Quantifier},
    },
    context::{Context, folded},
    error::{GrammarError, MalformedPolicy},
    json::{Json, JsonPath},
    sense::Sense,
    template::Version,
};

/// One context key under one operator.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Folded, as [`Context`] keeps its keys.
    key: String,
    check: Check,
}

#[derive(Debug)]
enum Check {
    /// `Null`: whether the key is absent, as one of these.
    Absent(Vec<bool>),
    Values {
        quantifier: Quantifier,
        sense: Sense,
        holds_without_key: bool,
        expected: Expected,
    },
}

/// Reads the whole element; all of its conditions have to hold.
pub(crate) fn read_conditions(
    json: &Json,
    version: Version,
    path: &JsonPath,
) -> Result<Vec<Condition>, MalformedPolicy> {
    let mut conditions = Vec::new();
    for (name, keys) in json.object(path)? {
        let path = path.member(name);
        let operator = Operator::read(name).ok_or_else(|| path.syntax("unknown operator"))?;
        for (key, values) in keys.object(&path)? {
            conditions.push(read_condition(operator, key, values, version, &path.member(key))?);
        }
    }
    Ok(conditions)
}

fn read_condition(
    operator: Operator,
    key: &str,
    values: &Json,
    version: Version,
    path: &JsonPath,
) -> Result<Condition, MalformedPolicy> {
    if !key.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty()) {
        return Err(path.error(GrammarError::VendorMissing, "the key names no service"));
    }
    let values = values.scalars(path)?;
    let unreadable =
        |value: &String| path.syntax(format_args!("the operator can't compare `{value}`"));
    let check = if operator.comparison == Comparison::Null {
        let absent = values.iter().map(|value| scalar::boolean(value).ok_or(value));
        Check::Absent(absent.collect::<Result<_, _>>().map_err(unreadable)?)
    } else {
        Check::Values {
            quantifier: operator.quantifier,
            sense: operator.sense,
            holds_without_key: operator.holds_without_key(),
            expected: Expected::read(operator.comparison, &values, version).map_err(unreadable)?,
        }
    };
    Ok(Condition { key: folded(key).into_owned(), check })
}

impl Condition {
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let present = context.values(&self.key);
        let (quantifier, sense, expected) = match &self.check {
            Check::Absent(accepted) => return accepted.contains(&present.is_empty()),
            Check::Values { holds_without_key, .. } if present.is_empty() => {
                return *holds_without_key;
            }
            Check::Values { quantifier, sense, expected, .. } => (quantifier, *sense, expected),
        };
        let mut present = present.iter();
        match quantifier {
            // Inferred for keys with several values, for which AWS requires a set operator.
            Quantifier::Single => {
                sense.holds(present.any(|value| expected.matches(value, context)))
            }
            Quantifier::Any => present.any(|value| sense.holds(expected.matches(value, context))),
            Quantifier::All => present.all(|value| sense.holds(expected.matches(value, context))),
        }
    }
}
