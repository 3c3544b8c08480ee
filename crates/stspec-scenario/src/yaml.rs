//! YAML as a tree in which every node knows its place; the only file that knows `marked-yaml`.

mod scalar;

use marked_yaml::{LoadError, LoaderOptions, Marker};

pub(crate) use self::scalar::{Scalar, ScalarKind};
use crate::diagnostic::{Code, Span};

/// Longest file that is read, in bytes.
///
/// Source: ours; the longest rule so far has 4 KiB.
pub(crate) const FILE_BYTES_MAX: usize = 256 * 1024;

/// A value in a file.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it stands; of a list or mapping only the start.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: NodeKind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    /// Text, a number, a boolean or null.
    Scalar(Scalar),
    /// `[…]` or lines with `-`.
    List(Vec<Node>),
    /// `{…}` or lines with `key:`.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node,
}

/// What keeps a text from being read, before its meaning is looked at.
#[derive(Debug)]
pub(crate) struct YamlError {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Reads a text up to the first mistake in its YAML, of which a duplicate key is one.
pub(crate) fn parse(text: &str) -> Result<Node, YamlError> {
    if text.len() > FILE_BYTES_MAX {
        let message = format!("{} bytes are more than the {FILE_BYTES_MAX} of a file", text.len());
        return Err(syntax(Span { offset: 0, length: 0 }, message));
    }
    if let Some(span) = second_document(text) {
        return Err(syntax(span, "a file holds one document only".to_owned()));
    }
    let lines = Lines::new(text);
    let options = LoaderOptions::default().error_on_duplicate_keys(true).prevent_coercion(true);
    match marked_yaml::parse_yaml_with_options(0, text, options) {
        Ok(node) => Ok(convert(&node, &lines)),
        Err(error) => Err(load_error(&error, &lines)),
    }
}

/// A text with the start of each of its lines, in bytes.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        // A carriage return ends a line unless a line feed follows.
        let ends = |offset: &usize| match bytes.get(*offset) {
            Some(b'\n') => true,
            Some(b'\r') => bytes.get(offset + 1) != Some(&b'\n'),
            _ => false,
        };
        let after = (0..bytes.len()).filter(ends).map(|offset| offset + 1);
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// The byte at a marker, from its line and column.
    ///
    /// The marker's own index drifts: the scanner adds the bytes of a block scalar to it, not the characters.
    fn offset(&self, marker: Option<&Marker>) -> usize {
        let Some(marker) = marker else { return 0 };
        let start = self.starts.get(marker.line().saturating_sub(1)).copied();
        let start = start.unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let mut chars = rest.char_indices().map(|(offset, _)| start + offset);
        chars.nth(marker.column().saturating_sub(1)).unwrap_or(self.text.len())
    }
}

fn convert(node: &marked_yaml::Node, lines: &Lines<'_>) -> Node {
    let start = lines.offset(node.span().start());
    let first_char = Span { offset: start, length: first_char_length(lines.text, start) };
    match node {
        marked_yaml::Node::Scalar(scalar) => Node {
            span: scalar::span(lines.text, start, scalar.as_str()),
            kind: NodeKind::Scalar(Scalar {
                text: scalar.as_str().to_owned(),
                plain: scalar.may_coerce(),
            }),
        },
        marked_yaml::Node::Sequence(items) => Node {
            span: first_char,
            kind: NodeKind::List(items.iter().map(|item| convert(item, lines)).collect()),
        },
        marked_yaml::Node::Mapping(entries) => {
            let entries: Vec<Entry> =
                entries.iter().map(|(key, value)| entry(key, value, lines)).collect();
            // Without braces, marked-yaml has the mapping start at its first colon.
            let braced = lines.text.get(start..).is_some_and(|rest| rest.starts_with('{'));
            let first_key = entries.first().map(|entry| entry.key_span);
            let span = if braced { first_char } else { first_key.unwrap_or(first_char) };
            Node { span, kind: NodeKind::Map(entries) }
        }
    }
}

fn entry(
    key: &marked_yaml::types::MarkedScalarNode,
    value: &marked_yaml::Node,
    lines: &Lines<'_>,
) -> Entry {
    let start = lines.offset(key.span().start());
    Entry {
        key: key.as_str().to_owned(),
        key_span: scalar::span(lines.text, start, key.as_str()),
        value: convert(value, lines),
    }
}

fn first_char_length(text: &str, start: usize) -> usize {
    text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

fn load_error(error: &LoadError, lines: &Lines<'_>) -> YamlError {
    let (marker, message) = match error {
        LoadError::TopLevelMustBeMapping(at) | LoadError::TopLevelMustBeSequence(at) => {
            (at, "the top of the file must be a mapping".to_owned())
        }
        LoadError::UnexpectedAnchor(at) => (at, "anchors are not part of the language".to_owned()),
        LoadError::MappingKeyMustBeScalar(at) => (at, "a key must be text".to_owned()),
        LoadError::UnexpectedTag(at) => (at, "tags are not part of the language".to_owned()),
        LoadError::ScanError(at, error) => (at, format!("not YAML: {}", error.info())),
        LoadError::DuplicateKey(keys) => {
            let first = keys.prev_key.span().start().map_or(1, Marker::line);
            let offset = lines.offset(keys.key.span().start());
            return YamlError {
                code: Code::DuplicateKey,
                span: scalar::span(lines.text, offset, keys.key.as_str()),
                message: format!("the key `{}` is repeated", keys.key.as_str()),
                help: Some(format!("the first is on line {first}; merge the two")),
            };
        }
    };
    // The scanner may point behind the last character.
    let offset = lines.offset(Some(marker));
    syntax(Span { offset, length: first_char_length(lines.text, offset) }, message)
}

fn syntax(span: Span, message: String) -> YamlError {
    YamlError { code: Code::Syntax, span, message, help: None }
}

/// The marker that starts a second document; `marked-yaml` would skip all that follows it.
fn second_document(text: &str) -> Option<Span> {
    let mut offset = 0;
    let mut content = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let marker = ["---", "..."].iter().any(|marker| {
            bare.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if marker && content {
            return Some(Span { offset, length: 3 });
        }
        content |= !bare.is_empty() && !bare.starts_with('#');
        offset += line.len();
    }
    None
}
