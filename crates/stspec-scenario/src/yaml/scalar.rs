//! What a scalar is, and how far it reaches in its file.

use crate::diagnostic::Span;

/// A scalar as it stands in a file.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    /// Its text, without quotes.
    pub(crate) text: String,
    /// Whether it stands there without quotes, so that YAML may read it as something else.
    pub(crate) plain: bool,
}

/// What YAML readers make of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScalarKind {
    /// Text, for every reader.
    Text,
    /// A decimal integer that fits 64 bits, in its usual form.
    Integer(i64),
    /// Any other number.
    Number,
    /// `true` or `false`.
    Bool(bool),
    /// `yes`, `no`, `on`, `off` and capitalised variants: a boolean for some readers.
    Ambiguous,
    /// Nothing, `null` or `~`.
    Null,
}

impl Scalar {
    /// What YAML readers make of it.
    pub(crate) fn kind(&self) -> ScalarKind {
        if !self.plain {
            return ScalarKind::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
            "true" => ScalarKind::Bool(true),
            "false" => ScalarKind::Bool(false),
            text if is_ambiguous(text) => ScalarKind::Ambiguous,
            text => number(text).unwrap_or(ScalarKind::Text),
        }
    }
}

impl ScalarKind {
    /// What to call it in a message.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer(_) | Self::Number => "a number",
            Self::Bool(_) => "a boolean",
            Self::Ambiguous => "a boolean for some YAML readers",
            Self::Null => "nothing",
        }
    }
}

fn is_ambiguous(text: &str) -> bool {
    ["yes", "no", "on", "off", "true", "false"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn number(text: &str) -> Option<ScalarKind> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        // `007` and `+7` are integers, too, but would not come out as they went in.
        let kind = if integer.to_string() == text {
            ScalarKind::Integer(integer)
        } else {
            ScalarKind::Number
        };
        return Some(kind);
    }
    let radix = digits.starts_with("0x") || digits.starts_with("0o");
    let rest = digits.get(2..).unwrap_or_default();
    let based = radix && !rest.is_empty() && rest.chars().all(|c| c.is_ascii_hexdigit());
    let special = matches!(digits.to_ascii_lowercase().as_str(), ".inf" | ".nan");
    (based || special || text.parse::<f64>().is_ok()).then_some(ScalarKind::Number)
}

/// How far a scalar reaches that starts at a byte: to its closing quote, or as far as its text.
pub(crate) fn span(source: &str, start: usize, text: &str) -> Span {
    let rest = source.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let length = match rest.chars().next() {
        Some('"') => quoted_length(rest, '"', '\\').unwrap_or(line.len()),
        Some('\'') => quoted_length(rest, '\'', '\'').unwrap_or(line.len()),
        Some('|' | '>') => line.len(),
        _ if !text.is_empty() && rest.starts_with(text) => text.len(),
        _ if text.is_empty() => 0,
        _ => line.trim_end().len(),
    };
    Span { offset: start, length }
}

/// The length up to the closing quote; `escape` keeps the character after it from closing.
fn quoted_length(rest: &str, quote: char, escape: char) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((offset, c)) = chars.next() {
        let escapes =
            c == escape && (escape != quote || chars.peek().is_some_and(|n| n.1 == quote));
        if escapes {
            chars.next();
        } else if c == quote {
            return Some(offset + c.len_utf8());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_kind(text: &str, expected: ScalarKind) {
        assert_eq!(Scalar { text: text.to_owned(), plain: true }.kind(), expected, "{text:?}");
        let quoted = Scalar { text: text.to_owned(), plain: false };
        assert_eq!(quoted.kind(), ScalarKind::Text);
    }

    #[test]
    fn plain_scalars_are_what_yaml_says() {
        check_kind("stspec", ScalarKind::Text);
        check_kind("2011-06-15", ScalarKind::Text);
        check_kind("-16m", ScalarKind::Text);
        check_kind("900s", ScalarKind::Text);
        check_kind("900", ScalarKind::Integer(900));
        check_kind("-1", ScalarKind::Integer(-1));
        check_kind("0900", ScalarKind::Number);
        check_kind("+9", ScalarKind::Number);
        check_kind("9.5", ScalarKind::Number);
        check_kind("1e3", ScalarKind::Number);
        check_kind("0x1F", ScalarKind::Number);
        check_kind("99999999999999999999", ScalarKind::Number);
        check_kind(".inf", ScalarKind::Number);
        check_kind("nan", ScalarKind::Text);
        check_kind("no", ScalarKind::Ambiguous);
        check_kind("On", ScalarKind::Ambiguous);
        check_kind("True", ScalarKind::Ambiguous);
        check_kind("true", ScalarKind::Bool(true));
        check_kind("~", ScalarKind::Null);
        check_kind("", ScalarKind::Null);
    }

    #[track_caller]
    fn check_span(source: &str, text: &str, length: usize) {
        assert_eq!(span(source, 0, text).length, length, "{source}");
    }

    #[test]
    fn spans_reach_to_the_closing_quote() {
        check_span("plain, next", "plain", 5);
        check_span("\"a\\\"b\": 1", "a\"b", 6);
        check_span("'it''s' # comment", "it's", 7);
        check_span("|\n  text\n", "text\n", 1);
        check_span("two\n  lines", "two lines", 3);
        check_span("\"é\" x", "é", 4);
    }
}
