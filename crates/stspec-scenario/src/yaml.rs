//! YAML as a tree in which every node knows its place; the only file that knows `marked-yaml`.

mod scalar;

use marked_yaml::{LoadError, LoaderOptions};

pub(crate) use self::scalar::{Scalar, ScalarKind};
use crate::diagnostic::{Code, Span};

/// Longest file that is read, in bytes.
///
/// Source: ours; the longest rule so far has 4 KiB.
pub(crate) const FILE_BYTES_MAX: usize = 256 * 1024;

/// How many duplicate keys of one file are reported before the reader gives up.
///
/// Source: ours; each costs one more parse.
const DUPLICATES_MAX: u32 = 64;

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
pub(crate) struct YamlFault {
    pub(crate) code: Code,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Reads a text; duplicate keys are reported, and the first of each is kept.
pub(crate) fn parse(text: &str) -> (Option<Node>, Vec<YamlFault>) {
    let mut faults = Vec::new();
    if text.len() > FILE_BYTES_MAX {
        let message = format!("{} bytes are more than the {FILE_BYTES_MAX} of a file", text.len());
        faults.push(syntax(Span { offset: 0, length: 0 }, message));
        return (None, faults);
    }
    if let Some(span) = second_document(text) {
        faults.push(syntax(span, "a file holds one document only".to_owned()));
        return (None, faults);
    }
    let offsets = CharOffsets::new(text);
    let mut working: Vec<char> = text.chars().collect();
    for number in 0..=DUPLICATES_MAX {
        let options = LoaderOptions::default().error_on_duplicate_keys(true).prevent_coercion(true);
        let candidate: String = working.iter().collect();
        match marked_yaml::parse_yaml_with_options(0, &candidate, options) {
            Ok(node) => return (Some(convert(&node, text, &offsets)), faults),
            Err(LoadError::DuplicateKey(keys)) => {
                let at = keys.key.span().start().copied();
                let first = keys.prev_key.span().start().map_or(1, marked_yaml::Marker::line);
                let index = at.map_or(0, |marker| marker.character());
                faults.push(YamlFault {
                    code: Code::DuplicateKey,
                    span: scalar::span(text, offsets.byte(index), keys.key.as_str()),
                    message: format!("the key `{}` stands here again", keys.key.as_str()),
                    help: Some(format!("the first is on line {first}; merge the two")),
                });
                if !mask_key(&mut working, index, number) {
                    return (None, faults);
                }
            }
            Err(error) => {
                faults.push(load_fault(&error, text, &offsets));
                return (None, faults);
            }
        }
    }
    (None, faults)
}

/// Where the characters of a text start, in bytes.
struct CharOffsets {
    offsets: Vec<usize>,
    end: usize,
}

impl CharOffsets {
    fn new(text: &str) -> Self {
        Self { offsets: text.char_indices().map(|(offset, _)| offset).collect(), end: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.end)
    }
}

/// Characters of the private use area stand for the first character of a duplicate key.
const MASK_FIRST: u32 = 0xE000;

/// Makes a duplicate key unique without moving anything, so that reading can go on behind it.
fn mask_key(working: &mut [char], index: usize, number: u32) -> bool {
    let quoted = matches!(working.get(index), Some('"' | '\''));
    let target = working.get_mut(index + usize::from(quoted));
    match (target, char::from_u32(MASK_FIRST + number)) {
        (Some(target), Some(mask)) if !matches!(*target, '"' | '\'') => {
            *target = mask;
            true
        }
        _ => false,
    }
}

fn is_masked(key: &str) -> bool {
    let masks = MASK_FIRST..=MASK_FIRST + DUPLICATES_MAX;
    key.chars().next().is_some_and(|first| masks.contains(&u32::from(first)))
}

fn convert(node: &marked_yaml::Node, text: &str, offsets: &CharOffsets) -> Node {
    let start = node.span().start().map_or(0, |marker| offsets.byte(marker.character()));
    match node {
        marked_yaml::Node::Scalar(scalar) => Node {
            span: scalar::span(text, start, scalar.as_str()),
            kind: NodeKind::Scalar(Scalar {
                text: scalar.as_str().to_owned(),
                plain: scalar.may_coerce(),
            }),
        },
        marked_yaml::Node::Sequence(items) => Node {
            span: Span { offset: start, length: first_char_length(text, start) },
            kind: NodeKind::List(items.iter().map(|item| convert(item, text, offsets)).collect()),
        },
        marked_yaml::Node::Mapping(entries) => {
            let entries = entries.iter().filter(|(key, _)| !is_masked(key.as_str()));
            let entries: Vec<Entry> = entries
                .map(|(key, value)| {
                    let start =
                        key.span().start().map_or(0, |marker| offsets.byte(marker.character()));
                    Entry {
                        key: key.as_str().to_owned(),
                        key_span: scalar::span(text, start, key.as_str()),
                        value: convert(value, text, offsets),
                    }
                })
                .collect();
            // Without braces, marked-yaml has the mapping start at its first colon.
            let braced = text.get(start..).is_some_and(|rest| rest.starts_with('{'));
            let first_key = entries.first().map(|entry| entry.key_span);
            let brace = Span { offset: start, length: first_char_length(text, start) };
            let span = if braced { brace } else { first_key.unwrap_or(brace) };
            Node { span, kind: NodeKind::Map(entries) }
        }
    }
}

fn first_char_length(text: &str, start: usize) -> usize {
    text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

fn load_fault(error: &LoadError, text: &str, offsets: &CharOffsets) -> YamlFault {
    let (marker, message) = match error {
        LoadError::TopLevelMustBeMapping(at) | LoadError::TopLevelMustBeSequence(at) => {
            (at, "the top of the file must be a mapping".to_owned())
        }
        LoadError::UnexpectedAnchor(at) => (at, "anchors are not part of the language".to_owned()),
        LoadError::MappingKeyMustBeScalar(at) => (at, "a key must be text".to_owned()),
        LoadError::UnexpectedTag(at) => (at, "tags are not part of the language".to_owned()),
        LoadError::ScanError(at, error) => (at, format!("not YAML: {}", error.info())),
        LoadError::DuplicateKey(keys) => {
            let message = format!("the key `{}` stands here again", keys.key.as_str());
            return syntax(Span { offset: 0, length: 0 }, message);
        }
    };
    // The scanner may point behind the last character.
    let offset = offsets.byte(marker.character());
    syntax(Span { offset, length: first_char_length(text, offset) }, message)
}

fn syntax(span: Span, message: String) -> YamlFault {
    YamlFault { code: Code::Syntax, span, message, help: None }
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
