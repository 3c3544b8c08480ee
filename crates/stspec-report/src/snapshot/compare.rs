//! How two targets answer the same rule: what differs in contract, in shape and in text.

use std::fmt::Write as _;

use serde_yaml::{Mapping, Value};
use stspec_scenario::RuleId;

use crate::ReportError;
use crate::text::line;

/// How much a difference matters to who calls the API, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceClass {
    /// A status, an error code, a member that is there or not, an answer that came or did not; also a
    /// request that differs, because then the two were taken with different rules.
    Contract,
    /// What a value looks like: its type, the placeholders in it, a header, a namespace.
    Shape,
    /// The words of a value of the same shape, such as a message.
    Text,
}

impl DifferenceClass {
    /// All classes, the gravest first.
    pub const ALL: [Self; 3] = [Self::Contract, Self::Shape, Self::Text];

    /// Returns the class as it is spelt.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Shape => "shape",
            Self::Text => "text",
        }
    }
}

/// One difference between two snapshots of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotDifference {
    /// How much it matters.
    pub class: DifferenceClass,
    /// The check and the path in its exchange, such as `bounds/below answer.status`.
    pub path: String,
    /// What the first has there.
    pub a: String,
    /// What the second has there.
    pub b: String,
}

/// Compares two snapshots of one rule, in the order of the first.
pub fn compare_snapshots(a: &str, b: &str) -> Result<Vec<SnapshotDifference>, ReportError> {
    let mut found = Vec::new();
    for (step, a, b) in members(&exchanges(a)?, &exchanges(b)?) {
        step_differences(&step, a.as_ref(), b.as_ref(), &mut found);
    }
    found.sort_by_key(|difference| difference.class);
    Ok(found)
}

/// Renders the differences of one rule.
#[must_use]
pub fn render_differences(rule: &RuleId, differences: &[SnapshotDifference]) -> String {
    let mut text = format!("{rule}\n");
    for SnapshotDifference { class, path, a, b } in differences {
        // Writing to a string never fails.
        let _ = writeln!(text, "  {:<8}  {}", class.word(), line(path));
        let _ = writeln!(text, "    - {}\n    + {}", line(a), line(b));
    }
    text
}

fn exchanges(text: &str) -> Result<Mapping, ReportError> {
    let no_snapshot = |reason: String| ReportError::NoSnapshot { reason };
    let value: Value =
        serde_yaml::from_str(text).map_err(|error| no_snapshot(error.to_string()))?;
    let exchanges = value.get("exchanges").and_then(Value::as_mapping);
    exchanges.cloned().ok_or_else(|| no_snapshot("it has no mapping `exchanges`".to_owned()))
}

/// The members of two mappings by name: those of the first in its order, then those of the second alone.
fn members(a: &Mapping, b: &Mapping) -> Vec<(String, Option<Value>, Option<Value>)> {
    let of_a =
        a.iter().map(|(name, value)| (word(name), Some(value.clone()), b.get(name).cloned()));
    let only_b = b.iter().filter(|(name, _)| !a.contains_key(name));
    of_a.chain(only_b.map(|(name, value)| (word(name), None, Some(value.clone())))).collect()
}

/// What comes of one step.
fn step_differences(
    step: &str,
    a: Option<&Value>,
    b: Option<&Value>,
    found: &mut Vec<SnapshotDifference>,
) {
    let part = |value: Option<&Value>, name: &str| value.and_then(|value| value.get(name)).cloned();
    let mut walk = |kind, path: &str, name: &[&str]| {
        let at = |value: Option<&Value>| {
            name.iter().fold(value.cloned(), |value, name| part(value.as_ref(), name))
        };
        let mut walk = Walk { kind, found };
        walk.optional(&format!("{step} {path}"), at(a).as_ref(), at(b).as_ref());
    };
    walk(Kind::Whole, "not sent", &["not_sent"]);
    walk(Kind::Whole, "request", &["request"]);
    walk(Kind::Whole, "answer.missing", &["answer", "missing"]);
    walk(Kind::Whole, "answer.status", &["answer", "status"]);
    walk(Kind::Header, "answer.headers", &["answer", "headers"]);
    if part(part(a, "answer").as_ref(), "body").is_some_and(|body| body.is_mapping())
        && part(part(b, "answer").as_ref(), "body").is_some_and(|body| body.is_mapping())
    {
        walk(Kind::Whole, "answer.body.root", &["answer", "body", "root"]);
        walk(Kind::Header, "answer.body.namespace", &["answer", "body", "namespace"]);
        walk(Kind::Body, "answer.body", &["answer", "body", "content"]);
    } else {
        walk(Kind::Body, "answer.body", &["answer", "body"]);
    }
}

/// Which classes the differences of a part are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// All of them contract.
    Whole,
    /// None of them contract.
    Header,
    /// Presence is contract, and so is the error code.
    Body,
}

/// A walk through the same part of two exchanges.
struct Walk<'a> {
    kind: Kind,
    found: &'a mut Vec<SnapshotDifference>,
}

impl Walk<'_> {
    fn optional(&mut self, path: &str, a: Option<&Value>, b: Option<&Value>) {
        match (a, b) {
            (Some(a), Some(b)) => self.values(path, a, b),
            (None, None) => {}
            _ => {
                let class = if self.kind == Kind::Header {
                    DifferenceClass::Shape
                } else {
                    DifferenceClass::Contract
                };
                let shown = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), word);
                self.add(class, path, shown(a), shown(b));
            }
        }
    }

    fn values(&mut self, path: &str, a: &Value, b: &Value) {
        match (a, b) {
            (Value::Mapping(a), Value::Mapping(b)) => {
                for (name, a, b) in members(a, b) {
                    self.optional(&format!("{path}.{name}"), a.as_ref(), b.as_ref());
                }
            }
            (Value::Sequence(a), Value::Sequence(b)) => {
                for position in 0..a.len().max(b.len()) {
                    let path = format!("{path}.{position}");
                    self.optional(&path, a.get(position), b.get(position));
                }
            }
            (a, b) if a == b => {}
            (a, b) => self.add(self.class(path, a, b), path, word(a), word(b)),
        }
    }

    /// The class of two values of which at least one is text.
    fn class(&self, path: &str, a: &Value, b: &Value) -> DifferenceClass {
        let (texts, same_form) = (is_text(a) && is_text(b), form(&word(a)) == form(&word(b)));
        match self.kind {
            Kind::Whole => DifferenceClass::Contract,
            Kind::Body if !texts || is_error_code(path) => DifferenceClass::Contract,
            _ if texts && same_form => DifferenceClass::Text,
            _ => DifferenceClass::Shape,
        }
    }

    fn add(&mut self, class: DifferenceClass, path: &str, a: String, b: String) {
        self.found.push(SnapshotDifference { class, path: path.to_owned(), a, b });
    }
}

fn is_text(value: &Value) -> bool {
    !value.is_mapping() && !value.is_sequence()
}

/// STS and IAM put the code below `Error`, S3 at the top.
fn is_error_code(path: &str) -> bool {
    path.ends_with(".Error.Code") || path.ends_with(" answer.body.Code")
}

/// What a text looks like: its placeholders in order, and what the rest is.
#[derive(Debug, PartialEq, Eq)]
struct Form<'a> {
    placeholders: Vec<&'a str>,
    rest: Rest,
}

#[derive(Debug, PartialEq, Eq)]
enum Rest {
    Empty,
    Number,
    Boolean,
    Words,
}

fn form(text: &str) -> Form<'_> {
    let placeholders =
        text.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(name, _)| name);
    let rest = match text {
        "" => Rest::Empty,
        "true" | "false" => Rest::Boolean,
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => Rest::Number,
        _ => Rest::Words,
    };
    Form { placeholders: placeholders.collect(), rest }
}

/// A value in one line.
fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Sequence(values) => {
            format!("[{}]", values.iter().map(word).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(members) => {
            let member =
                |(name, value): (&Value, &Value)| format!("{}: {}", word(name), word(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        Value::Tagged(tagged) => word(&tagged.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "
rule: a/b
exchanges:
  s/x:
    request: {as: root, call: sts.GetCallerIdentity}
    answer:
      status: 400
      headers: {content-type: text/xml, date: <date>}
      body:
        root: ErrorResponse
        namespace: https://sts.amazonaws.com/doc/2011-06-15/
        content: {Error: {Code: Throttling, Message: too fast, Count: '1'}, RequestId: <request-id uuid>}
";

    /// Checks what comes of replacing a part of the example.
    #[track_caller]
    fn check(old: &str, new: &str, expected: &[(DifferenceClass, &str)]) {
        assert!(A.contains(old), "nothing to replace");
        let found = compare_snapshots(A, &A.replace(old, new)).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|each| (each.class, each.path.strip_prefix("s/x ").unwrap()))
            .collect();
        assert_eq!(found, expected);
    }

    use DifferenceClass::{Contract, Shape, Text};

    #[test]
    fn the_same_snapshot_does_not_differ() {
        assert_eq!(compare_snapshots(A, A).unwrap(), []);
    }

    #[test]
    fn statuses_codes_members_and_requests_are_contract() {
        check("status: 400", "status: 403", &[(Contract, "answer.status")]);
        check("Throttling", "Throttled", &[(Contract, "answer.body.Error.Code")]);
        check(", Count: '1'", "", &[(Contract, "answer.body.Error.Count")]);
        check("Count: '1'", "Count: {a: b}", &[(Contract, "answer.body.Error.Count")]);
        check("as: root", "as: user", &[(Contract, "request.as")]);
        check("root: ErrorResponse", "root: Error", &[(Contract, "answer.body.root")]);
    }

    #[test]
    fn types_placeholders_and_headers_are_shape() {
        check("Count: '1'", "Count: one", &[(Shape, "answer.body.Error.Count")]);
        check("<request-id uuid>", "<request-id hex>", &[(Shape, "answer.body.RequestId")]);
        check("<request-id uuid>", "none", &[(Shape, "answer.body.RequestId")]);
        check(", date: <date>", "", &[(Shape, "answer.headers.date")]);
        check(
            "        namespace: https://sts.amazonaws.com/doc/2011-06-15/\n",
            "",
            &[(Shape, "answer.body.namespace")],
        );
    }

    #[test]
    fn words_of_one_shape_are_text() {
        check("too fast", "slow down", &[(Text, "answer.body.Error.Message")]);
        check("Count: '1'", "Count: '22'", &[(Text, "answer.body.Error.Count")]);
    }

    #[test]
    fn a_step_that_was_not_sent_or_not_answered_differs_in_contract() {
        let not_sent = "rule: a/b\nexchanges:\n  s/x:\n    not_sent: no root\n";
        let found = compare_snapshots(A, not_sent).unwrap();
        assert!(found.iter().all(|each| each.class != Text));
        assert_eq!(found.first().map(|each| each.path.as_str()), Some("s/x not sent"));
        let found = compare_snapshots(A, "rule: a/b\nexchanges: {}\n").unwrap();
        assert!(found.iter().any(|each| each.path == "s/x answer.status" && each.b == "absent"));
    }

    #[test]
    fn a_file_that_is_no_snapshot_is_an_error() {
        assert!(compare_snapshots(A, "[]").is_err());
        assert!(compare_snapshots("a: [", A).is_err());
    }
}
