//! What an answer must be like: paths, matchers and graded alternatives.

use regex::Regex;

use super::scope::{Scope, read_literal, read_template, read_value};
use super::{Fields, Reader, listed, nearest_or_all, parse_seconds};
use crate::diagnostic::Code;
use crate::keys::{ALTERNATIVE, CHARS_MAX, LEN, MATCHER};
use crate::model::{Bounds, Expectation, Grade, Matcher, Outcome, Path, Root};
use crate::nearest::nearest;
use crate::template::Template;
use crate::word::words;
use crate::yaml::{Entry, Node, NodeKind, ScalarKind};

/// `expect:` and `accept:` of a step, the former first.
pub(super) fn read_outcomes(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    scope: &Scope,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    if let Some(node) = fields.get("expect") {
        let expectations = read_expectations(reader, node, scope);
        outcomes.push(Outcome { grade: Grade::Ok, expectations });
    }
    let alternatives = fields.get("accept").and_then(|node| {
        let items = reader.list(node)?;
        if items.is_empty() {
            reader.report(Code::NoExpectation, node.span, "`accept` lists nothing", None);
        }
        Some(items)
    });
    for node in alternatives.unwrap_or_default() {
        let Some(fields) = reader.fields(node, &ALTERNATIVE) else { continue };
        let grade = fields.get("grade").and_then(|node| reader.word(node, Code::UnknownWord));
        let expectations = fields.get("expect").map(|node| read_expectations(reader, node, scope));
        if let (Some(grade), Some(expectations)) = (grade, expectations) {
            outcomes.push(Outcome { grade, expectations });
        }
    }
    outcomes
}

/// A mapping of paths to what is expected there.
pub(super) fn read_expectations(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
) -> Vec<Expectation> {
    let Some(entries) = reader.map(node) else { return Vec::new() };
    if entries.is_empty() {
        let help = Some("expect a `status` at least".to_owned());
        reader.report(Code::NoExpectation, node.span, "nothing is expected here", help);
    }
    let expectations = entries.iter().filter_map(|entry| read_expectation(reader, entry, scope));
    expectations.collect()
}

fn read_expectation(reader: &mut Reader<'_>, entry: &Entry, scope: &Scope) -> Option<Expectation> {
    let path = read_path(reader, entry);
    let is_status = path.as_ref().is_some_and(|path| path.root() == Root::Status);
    let matcher = match &entry.value.kind {
        NodeKind::Map(_) => read_matcher(reader, &entry.value, scope),
        _ if is_status => {
            let status = reader.integer(&entry.value, STATUS_MIN..=STATUS_MAX)?;
            Some(Matcher::Eq(Template::literal(&status.to_string())))
        }
        _ => read_value(reader, &entry.value, scope).map(Matcher::Eq),
    };
    Some(Expectation { path: path?, matcher: matcher? })
}

/// Bounds of an HTTP status.
///
/// Source: RFC 9110, section 15.
const STATUS_MIN: i64 = 100;
const STATUS_MAX: i64 = 599;

fn read_path(reader: &mut Reader<'_>, entry: &Entry) -> Option<Path> {
    Path::parse(&entry.key)
        .map_err(|error| {
            let head = entry.key.split('.').next().unwrap_or_default();
            let roots = words::<Root>();
            let help = match nearest(head, roots.iter().copied()) {
                Some(root) if root != head => Some(format!("did you mean `{root}`?")),
                Some(_) => None,
                None => Some(format!("paths start with {}", listed(roots.iter().copied()))),
            };
            reader.report(Code::BadPath, entry.key_span, error.to_string(), help);
        })
        .ok()
}

fn read_matcher(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Matcher> {
    let entries = reader.map(node)?;
    let [entry] = entries else {
        let message = format!("a matcher has exactly one key, and this has {}", entries.len());
        let help = Some(format!("one of {}", listed(MATCHER.names())));
        reader.report(Code::BadMatcher, node.span, message, help);
        return None;
    };
    let value = &entry.value;
    match entry.key.as_str() {
        "eq" => read_value(reader, value, scope).map(Matcher::Eq),
        "ne" => read_value(reader, value, scope).map(Matcher::Ne),
        "in" => read_values(reader, value, scope).map(Matcher::In),
        "distinct" => read_values(reader, value, scope).map(Matcher::Distinct),
        "matches" => read_pattern(reader, value).map(Matcher::Matches),
        "starts_with" => read_template(reader, value, scope).map(Matcher::StartsWith),
        "ends_with" => read_template(reader, value, scope).map(Matcher::EndsWith),
        "absent" => read_true(reader, value).map(|()| Matcher::Absent),
        "present" => read_true(reader, value).map(|()| Matcher::Present),
        "len" => read_length(reader, value).map(Matcher::Len),
        "lt" => read_number(reader, value).map(Matcher::Lt),
        "lte" => read_number(reader, value).map(Matcher::Lte),
        "gt" => read_number(reader, value).map(Matcher::Gt),
        "gte" => read_number(reader, value).map(Matcher::Gte),
        "expires_in" => read_lifetime(reader, value).map(Matcher::ExpiresIn),
        unknown => {
            let known: Vec<&str> = MATCHER.names().collect();
            let message = format!("`{unknown}` is no matcher");
            reader.report(
                Code::BadMatcher,
                entry.key_span,
                message,
                nearest_or_all(unknown, &known),
            );
            None
        }
    }
}

fn read_values(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Vec<Template>> {
    let items = reader.list(node)?;
    if items.is_empty() {
        reader.report(Code::BadValue, node.span, "the list is empty", None);
    }
    Some(items.iter().filter_map(|item| read_value(reader, item, scope)).collect())
}

fn read_pattern(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let pattern = read_literal(reader, node)?;
    if let Err(error) = Regex::new(&format!("^(?:{pattern})$")) {
        let last = error.to_string().lines().last().unwrap_or_default().to_owned();
        let reason = last.trim_start_matches("error: ").to_owned();
        let message = format!("`{pattern}` does not compile");
        reader.report(Code::BadPattern, node.span, message, Some(reason));
        return None;
    }
    Some(pattern)
}

/// A value that can only be `true`.
pub(super) fn read_true(reader: &mut Reader<'_>, node: &Node) -> Option<()> {
    match &node.kind {
        NodeKind::Scalar(scalar) if scalar.kind() == ScalarKind::Bool(true) => Some(()),
        _ => {
            let help = Some("write `true`, or leave the key out".to_owned());
            reader.report(Code::BadValue, node.span, "only `true` makes sense here", help);
            None
        }
    }
}

fn read_number(reader: &mut Reader<'_>, node: &Node) -> Option<i64> {
    reader.integer(node, i64::MIN..=i64::MAX)
}

fn read_length(reader: &mut Reader<'_>, node: &Node) -> Option<Bounds> {
    let chars = |reader: &mut Reader<'_>, node: &Node| {
        reader.integer(node, 0..=CHARS_MAX).and_then(|chars| usize::try_from(chars).ok())
    };
    let NodeKind::Map(_) = &node.kind else {
        let exact = chars(reader, node)?;
        return Some(Bounds { min: exact, max: exact });
    };
    let fields = reader.fields(node, &LEN)?;
    let min = fields.get("min").map_or(Some(0), |node| chars(reader, node));
    let max = fields.get("max").map_or(Some(usize::MAX), |node| chars(reader, node));
    let bounds = Bounds { min: min?, max: max? };
    if bounds.min > bounds.max {
        reader.report(Code::BadValue, node.span, "`min` is greater than `max`", None);
    }
    Some(bounds)
}

fn read_lifetime(reader: &mut Reader<'_>, node: &Node) -> Option<i64> {
    let text = reader.text(node)?;
    let seconds = parse_seconds(text).filter(|seconds| *seconds >= 0);
    if seconds.is_none() {
        let message = format!("`{text}` is no length of time");
        let help = "write seconds, minutes or hours: `900s`".to_owned();
        reader.report(Code::BadValue, node.span, message, Some(help));
    }
    seconds
}
