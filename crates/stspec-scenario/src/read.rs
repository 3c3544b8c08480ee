//! From a tree of YAML to typed values: the parts that every kind of file shares.
//!
//! A reading function reports what is wrong and goes on, so that one pass finds everything. It
//! returns a value only where there is one; a file with an error is dropped as a whole, so a value
//! that was left out never reaches anybody.

mod account;
mod advance;
mod baseline;
mod catalog;
mod change;
mod controls;
mod expectation;
mod generate;
mod param;
mod profile;
mod rule;
mod scenario;
mod scope;
mod start;
mod step;
mod table;
mod target;
mod wire;

use std::ops::RangeInclusive;

pub(crate) use self::account::read_account;
pub(crate) use self::catalog::read_catalog;
pub(crate) use self::profile::read_profile;
pub(crate) use self::rule::read_rule;
pub(crate) use self::scope::Accounts;
pub(crate) use self::target::read_target;
use crate::diagnostic::{Code, Diagnostic, Severity, Span};
use crate::keys::Keys;
use crate::name::{Name, slug};
use crate::nearest::nearest;
use crate::word::{Word, words};
use crate::yaml::{Entry, Node, NodeKind, ScalarKind, YamlError, parse};

/// One file being read, with what was found wrong in it so far.
pub(crate) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, diagnostics: Vec::new() }
    }

    /// The tree of the file, if it is YAML.
    pub(crate) fn tree(&mut self) -> Option<Node> {
        match parse(self.text) {
            Ok(tree) => Some(tree),
            Err(YamlError { code, span, message, help }) => {
                self.report(code, span, message, help);
                None
            }
        }
    }

    /// What was found, in file order, each once: the cases of a table share their faults.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        diagnostics.dedup();
        diagnostics
    }

    /// How much was found that keeps the file from loading.
    pub(crate) fn error_count(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.severity() == Severity::Error).count()
    }

    pub(crate) fn report(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let (line, column) = position(self.text, span.offset);
        let file = self.file.to_owned();
        let message = message.into();
        self.diagnostics.push(Diagnostic { code, file, line, column, span, message, help });
    }

    /// A mapping with known keys; unknown and missing ones are reported.
    fn fields<'n>(&mut self, node: &'n Node, keys: &'static Keys) -> Option<Fields<'n>> {
        let fields = self.fields_of_part(node, keys)?;
        let misspelt = |key: &str| {
            let unknown = fields.entries.iter().filter(|entry| !keys.knows(&entry.key));
            keys.open.is_none()
                && unknown.into_iter().any(|entry| nearest(&entry.key, keys.names()) == Some(key))
        };
        // A key that was misspelt is reported once, where it stands.
        let wanted = keys.known.iter().filter(|key| key.required && !misspelt(key.name));
        for key in wanted {
            self.require(&fields, key.name, keys.what);
        }
        Some(fields)
    }

    /// As [`Self::fields`], for a mapping that may lack required keys.
    fn fields_of_part<'n>(&mut self, node: &'n Node, keys: &'static Keys) -> Option<Fields<'n>> {
        let entries = self.map(node)?;
        for entry in entries.iter().filter(|entry| keys.open.is_none() && !keys.knows(&entry.key)) {
            let help = match nearest(&entry.key, keys.names()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("its keys are {}", listed(keys.names())),
            };
            let message = format!("{} has no key `{}`", keys.what, entry.key);
            self.report(Code::UnknownKey, entry.key_span, message, Some(help));
        }
        Some(Fields { entries, span: entries.first().map_or(node.span, |entry| entry.key_span) })
    }

    fn require(&mut self, fields: &Fields<'_>, key: &str, what: &str) {
        if fields.get(key).is_none() {
            let message = format!("{what} needs the key `{key}`");
            self.report(Code::MissingKey, fields.span, message, Some(format!("add `{key}:`")));
        }
    }

    fn map<'n>(&mut self, node: &'n Node) -> Option<&'n [Entry]> {
        match &node.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => self.wrong_type(node, "a mapping"),
        }
    }

    fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.kind {
            NodeKind::List(items) => Some(items),
            _ => self.wrong_type(node, "a list"),
        }
    }

    fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let NodeKind::Scalar(scalar) = &node.kind else {
            return self.wrong_type(node, "text");
        };
        match scalar.kind() {
            ScalarKind::Text => Some(&scalar.text),
            kind => {
                let message = match kind {
                    ScalarKind::Null => "text is wanted, and nothing stands here".to_owned(),
                    _ => format!("text is wanted, and `{}` is {}", scalar.text, kind.what()),
                };
                let help = format!("quote it: `\"{}\"`", scalar.text);
                self.report(Code::QuoteIt, node.span, message, Some(help));
                None
            }
        }
    }

    /// Text, or an integer that is taken as text.
    fn text_or_integer<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.kind {
            NodeKind::Scalar(scalar) if matches!(scalar.kind(), ScalarKind::Integer(_)) => {
                Some(&scalar.text)
            }
            _ => self.text(node),
        }
    }

    /// Text in which something stands.
    fn prose(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if text.trim().is_empty() {
            self.report(Code::BadValue, node.span, "this text is empty", None);
            return None;
        }
        Some(text.trim_end().to_owned())
    }

    fn integer(&mut self, node: &Node, range: RangeInclusive<i64>) -> Option<i64> {
        let NodeKind::Scalar(scalar) = &node.kind else {
            return self.wrong_type(node, "a number");
        };
        let ScalarKind::Integer(integer) = scalar.kind() else {
            let help =
                scalar.text.parse::<i64>().is_ok().then(|| "write it without quotes".to_owned());
            let message = format!("a whole number is wanted, and `{}` is none", scalar.text);
            self.report(Code::WrongType, node.span, message, help);
            return None;
        };
        if !range.contains(&integer) {
            let message = format!("`{integer}` is not in {}..={}", range.start(), range.end());
            self.report(Code::BadValue, node.span, message, None);
            return None;
        }
        Some(integer)
    }

    fn word<W: Word>(&mut self, node: &Node, code: Code) -> Option<W> {
        let text = self.text(node)?;
        let word = W::from_word(text);
        if word.is_none() {
            let known = words::<W>();
            let message = format!("`{text}` is no {}", W::WHAT);
            self.report(code, node.span, message, nearest_or_all(text, &known));
        }
        word
    }

    fn name(&mut self, node: &Node) -> Option<Name> {
        let text = self.text(node)?;
        self.name_in(text, node.span)
    }

    fn name_in(&mut self, text: &str, span: Span) -> Option<Name> {
        Name::parse(text)
            .map_err(|error| {
                let kebab = slug(text);
                let help = (!kebab.is_empty() && kebab != text).then(|| format!("write `{kebab}`"));
                self.report(Code::BadName, span, error.to_string(), help);
            })
            .ok()
    }

    /// The name a file says it has, which has to be the one it has.
    fn own_name(&mut self, fields: &Fields<'_>, key: &str, stem: &str) -> Option<Name> {
        let node = fields.get(key)?;
        let name = self.name(node)?;
        if name.as_str() != stem {
            let message = format!("`{name}` stands in a file called `{stem}.yaml`");
            let help = format!("rename the file, or write `{key}: {stem}`");
            self.report(Code::MisplacedFile, node.span, message, Some(help));
        }
        Some(name)
    }

    fn wrong_type<T>(&mut self, node: &Node, wanted: &str) -> Option<T> {
        let found = match &node.kind {
            NodeKind::Scalar(scalar) => scalar.kind().what(),
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        };
        let message = format!("{wanted} is wanted, and this is {found}");
        self.report(Code::WrongType, node.span, message, None);
        None
    }
}

/// The entries of a mapping with known keys.
#[derive(Clone, Copy)]
struct Fields<'n> {
    entries: &'n [Entry],
    /// The first key, where something that is missing is reported.
    span: Span,
}

impl<'n> Fields<'n> {
    fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// A length of time such as `250ms`, `10s`, `5m` or `1h`, in milliseconds.
fn parse_milliseconds(text: &str) -> Option<u64> {
    match text.strip_suffix("ms") {
        Some(number) if number.chars().all(|c| c.is_ascii_digit()) => number.parse().ok(),
        Some(_) => None,
        None => u64::try_from(parse_seconds(text)?).ok()?.checked_mul(1_000),
    }
}

/// A length of time such as `900s`, `-16m` or `1h`, in seconds.
fn parse_seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let plain = number.strip_prefix('-').unwrap_or(number);
    if plain.is_empty() || !plain.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(seconds)
}

/// What to write instead of an unknown word: the nearest known one, or one of all.
fn nearest_or_all(text: &str, known: &[&str]) -> Option<String> {
    match nearest(text, known.iter().copied()) {
        Some(nearest) => Some(format!("did you mean `{nearest}`?")),
        None if known.is_empty() => None,
        None => Some(format!("there is {}", listed(known.iter().copied()))),
    }
}

/// Words in a row, as a message lists them.
fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Line and column of a byte, both from 1, the column in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
    (before.matches('\n').count() + 1, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        for (text, seconds) in
            [("900s", Some(900)), ("-16m", Some(-960)), ("1h", Some(3600)), ("0s", Some(0))]
        {
            assert_eq!(parse_seconds(text), seconds, "{text}");
        }
        for text in ["", "s", "-s", "900", "1.5h", "+1h", "900 s", "1d", "9999999999999999h", "1é"]
        {
            assert_eq!(parse_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("a: é: x", 6), (1, 6));
        assert_eq!(position("a\nbc\n", 2), (2, 1));
        assert_eq!(position("a\nbc\n", 5), (3, 1));
    }
}
