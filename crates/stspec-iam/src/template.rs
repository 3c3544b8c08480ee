//! Policy text with wildcards and variables such as `${aws:username}`.

use std::borrow::Cow;

use crate::{
    context::{Context, folded},
    pattern::{self, Case, Unit},
};

/// The version of the policy language, which decides whether variables are expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// `2008-10-17`, also if the element is absent: `${…}` is literal text.
    V2008,
    /// `2012-10-17`: `${…}` is expanded.
    V2012,
}

/// Whether `*` and `?` in the policy's own text are wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Live,
    Literal,
}

/// Compiled policy text; without variables it is matched as it is.
#[derive(Debug)]
pub(crate) enum Template {
    Fixed(Vec<Unit>),
    Open(Vec<Piece>),
}

/// A part of a template.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Unit(Unit),
    Variable(Variable),
}

/// A reference to a context key.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    /// As written, with `${` and `}`.
    pub(crate) source: String,
    /// Folded, as [`Context`] keeps its keys.
    key: String,
    default: Option<String>,
}

impl Template {
    pub(crate) fn read(text: &str, version: Version, wildcards: Wildcards) -> Template {
        Template::new(read_pieces(text, version, wildcards))
    }

    pub(crate) fn new(pieces: Vec<Piece>) -> Template {
        let units = pieces.iter().map(|piece| match piece {
            Piece::Unit(unit) => Some(*unit),
            Piece::Variable(_) => None,
        });
        match units.collect() {
            Some(units) => Template::Fixed(units),
            None => Template::Open(pieces),
        }
    }

    /// Whether the text matches; a template with a variable that has no value matches nothing.
    pub(crate) fn matches(&self, text: &str, case: Case, context: &Context) -> bool {
        self.units(context).is_some_and(|units| pattern::matches(&units, text, case))
    }

    /// The pattern with its variables filled in, each character of a value standing for itself.
    fn units(&self, context: &Context) -> Option<Cow<'_, [Unit]>> {
        let pieces = match self {
            Template::Fixed(units) => return Some(Cow::Borrowed(units)),
            Template::Open(pieces) => pieces,
        };
        let mut units = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Unit(unit) => units.push(*unit),
                Piece::Variable(variable) => {
                    let value = variable.value(context)?;
                    units.extend(value.chars().map(Unit::Char));
                }
            }
        }
        Some(Cow::Owned(units))
    }
}

/// Splits policy text into characters, wildcards and variables. An unclosed `${` is literal text.
pub(crate) fn read_pieces(text: &str, version: Version, wildcards: Wildcards) -> Vec<Piece> {
    let unit_of = match wildcards {
        Wildcards::Live => pattern::wildcard_or_char,
        Wildcards::Literal => Unit::Char,
    };
    // No variable starts after the last brace, so each search for an end succeeds.
    let (open, closed) = match (version, text.rfind('}')) {
        (Version::V2012, Some(end)) => text.split_at(end.saturating_add(1)),
        (Version::V2008, _) | (_, None) => ("", text),
    };
    let mut pieces = Vec::with_capacity(text.len());
    let mut rest = open;
    while let Some((before, (inner, after))) =
        rest.split_once("${").and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        pieces.extend(before.chars().map(unit_of).map(Piece::Unit));
        pieces.push(read_variable(inner));
        rest = after;
    }
    pieces.extend(rest.chars().chain(closed.chars()).map(unit_of).map(Piece::Unit));
    pieces
}

/// Reads the text between `${` and `}`.
fn read_variable(inner: &str) -> Piece {
    match inner {
        "*" => return Piece::Unit(Unit::Char('*')),
        "?" => return Piece::Unit(Unit::Char('?')),
        "$" => return Piece::Unit(Unit::Char('$')),
        _ => {}
    }
    let quoted = inner.split_once(',').and_then(|(key, default)| {
        let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        Some((key, default))
    });
    // A default that is not quoted leaves a key with a comma in it, which never has a value.
    let (key, default) = quoted.map_or((inner, None), |(key, default)| (key, Some(default)));
    Piece::Variable(Variable {
        source: format!("${{{inner}}}"),
        key: folded(key.trim()).into_owned(),
        default: default.map(str::to_owned),
    })
}

impl Variable {
    /// The key's one value, or the default. A key with several values counts as having none
    /// (inferred: AWS allows only single-valued keys in variables).
    fn value<'v>(&'v self, context: &'v Context) -> Option<&'v str> {
        match context.values(&self.key) {
            [value] => Some(value),
            _ => self.default.as_deref(),
        }
    }
}
