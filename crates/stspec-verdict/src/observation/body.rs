//! The body of an answer: XML, JSON, other text, or something that cannot be read.

use super::limits::BODY_BYTES_MAX;
use super::malformed::MalformedBody;
use super::node::Node;
use super::{json, xml};

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// All of it as text; bytes that are not UTF-8 are replaced by U+FFFD.
    pub text: String,
    /// Its content.
    pub content: Content,
}

/// The content of a body, determined by its first character, not by its content type, which may be wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// XML; this is the root element.
    Xml(Node),
    /// A JSON object; if it has one member that is an object, then this is that member.
    Json(Node),
    /// Neither.
    Text,
    /// Something that starts like XML or JSON and is not, or goes beyond a limit.
    Malformed(MalformedBody),
}

impl Body {
    /// Returns the root element, if the body has a tree.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        match &self.content {
            Content::Xml(root) | Content::Json(root) => Some(root),
            Content::Empty | Content::Text | Content::Malformed(_) => None,
        }
    }

    /// Describes the body, such as ``XML `ErrorResponse` ``.
    pub(crate) fn words(&self) -> String {
        match &self.content {
            Content::Empty => "an empty body".to_owned(),
            Content::Xml(root) => format!("XML `{}`", root.name),
            Content::Json(root) if root.name.is_empty() => "a JSON object".to_owned(),
            Content::Json(root) => format!("JSON `{}`", root.name),
            Content::Text => format!("{} characters of text", self.text.chars().count()),
            Content::Malformed(malformed) => format!("an unreadable body: {malformed}"),
        }
    }
}

/// Reads a body; never fails, because a body that cannot be read is a finding.
pub(super) fn read(bytes: &[u8]) -> Body {
    Body { text: String::from_utf8_lossy(bytes).into_owned(), content: content(bytes) }
}

fn content(bytes: &[u8]) -> Content {
    if bytes.is_empty() {
        return Content::Empty;
    }
    if bytes.len() > BODY_BYTES_MAX {
        return Content::Malformed(MalformedBody::TooLong { bytes: bytes.len() });
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            return Content::Malformed(MalformedBody::Encoding { at: error.valid_up_to() });
        }
    };
    match text.trim_start().chars().next() {
        Some('<') => xml::parse(text).map_or_else(Content::Malformed, Content::Xml),
        Some('{') => json::parse(text).map_or_else(Content::Malformed, Content::Json),
        _ => Content::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], words: &str) {
        assert_eq!(read(bytes).words(), words);
    }

    #[test]
    fn content_is_determined_by_how_it_starts() {
        check(b"", "an empty body");
        check(b"\n <A/>", "XML `A`");
        check(br#"{"A": {"B": "1"}}"#, "JSON `A`");
        check(br#"{"A": "1", "B": "2"}"#, "a JSON object");
        check(b"Hello", "5 characters of text");
        check(b"  ", "2 characters of text");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept_as_text_with_the_reason() {
        let body = read(b"<A>\xff</A>");
        assert_eq!(body.content, Content::Malformed(MalformedBody::Encoding { at: 3 }));
        assert_eq!(body.text, "<A>\u{fffd}</A>");
    }

    #[test]
    fn a_body_that_is_cut_or_damaged_anywhere_is_still_an_observation() {
        let xml =
            "<?xml version=\"1.0\"?><a:A xmlns:a=\"é\"><!--x--><B>&amp;<![CDATA[]]></B></a:A>";
        let json = r#"{"A": {"B": [1, null, "\u00e9"], "C": {}}}"#;
        for whole in [xml, json] {
            for end in 0..whole.len() {
                let cut = read(&whole.as_bytes()[..end]);
                assert_eq!(cut.root(), None, "{}", cut.text);
                for byte in [0, b'<', b'&', b'"', 0xff] {
                    let mut damaged = whole.as_bytes().to_vec();
                    damaged[end] = byte;
                    let body = read(&damaged);
                    assert_eq!(body.text, String::from_utf8_lossy(&damaged));
                }
            }
        }
    }

    #[test]
    fn a_body_at_the_length_limit_is_read_and_one_byte_more_is_not() {
        let filler = " ".repeat(BODY_BYTES_MAX - 4);
        check(format!("{filler}<A/>").as_bytes(), "XML `A`");
        let content = read(format!("{filler} <A/>").as_bytes()).content;
        let expected = MalformedBody::TooLong { bytes: BODY_BYTES_MAX + 1 };
        assert_eq!(content, Content::Malformed(expected));
    }
}
