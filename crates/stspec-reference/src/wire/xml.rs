//! A streaming XML writer that escapes whatever it is given.

use std::borrow::Cow;
use std::mem;

/// Bytes reserved for a document, so that one of ordinary size is written without growing.
const DOCUMENT_BYTES_USUAL: usize = 2048;

/// Bytes that are looked at together for markup.
///
/// Source: ours; two registers of the smallest vector unit that a 64-bit processor of Intel has.
const PLAIN_BLOCK_BYTES: usize = 32;

/// Writes elements into a string, indented by two spaces per level.
///
/// Source of the layout: `docs/evidence/get-federation-token.md`, RSP-WS.
// INVARIANT: `open` holds the names of the elements that are not closed yet, outermost first.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// A document without an XML declaration, as query services answer.
    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(DOCUMENT_BYTES_USUAL), open: Vec::new() }
    }

    /// A document that starts with an XML declaration, as S3 answers.
    pub(crate) fn with_declaration() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new() }
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &'static str) -> &mut Self {
        self.tag(&["<", name, ">\n"]);
        self.open.push(name);
        self
    }

    /// Opens an element that declares a default namespace.
    pub(crate) fn open_in(&mut self, name: &'static str, namespace: &str) -> &mut Self {
        self.tag(&["<", name, " xmlns=\"", &escape(namespace), "\">\n"]);
        self.open.push(name);
        self
    }

    /// Writes an element that holds nothing but text.
    pub(crate) fn leaf(&mut self, name: &str, text: impl AsRef<str>) -> &mut Self {
        match text.as_ref() {
            "" => self.tag(&["<", name, "/>\n"]),
            text => self.tag(&["<", name, ">", &escape(text), "</", name, ">\n"]),
        }
        self
    }

    /// Writes an element that declares a default namespace and holds nothing but text.
    pub(crate) fn leaf_in(&mut self, name: &str, namespace: &str, text: &str) -> &mut Self {
        let (namespace, text) = (escape(namespace), escape(text));
        self.tag(&["<", name, " xmlns=\"", &namespace, "\">", &text, "</", name, ">\n"]);
        self
    }

    /// Writes an element that holds nothing but text, where there is one.
    pub(crate) fn leaf_if(&mut self, name: &str, text: Option<impl AsRef<str>>) -> &mut Self {
        if let Some(text) = text {
            self.leaf(name, text);
        }
        self
    }

    /// Closes the innermost open element, which has this name.
    pub(crate) fn close(&mut self, name: &'static str) -> &mut Self {
        let innermost = self.open.pop();
        assert_eq!(innermost, Some(name), "elements close in the reverse order of opening");
        self.tag(&["</", name, ">\n"]);
        self
    }

    /// Takes the finished document out of the writer.
    pub(crate) fn finish(&mut self) -> String {
        assert!(self.open.is_empty(), "every element is closed before the end: {:?}", self.open);
        mem::take(&mut self.text)
    }

    fn tag(&mut self, parts: &[&str]) {
        for _ in &self.open {
            self.text.push_str("  ");
        }
        self.text.extend(parts.iter().copied());
    }
}

/// Text as it stands in an element or a quoted attribute; borrowed where nothing needs escaping.
///
/// A character that XML 1.0 cannot hold becomes U+FFFD.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    // Nearly all text is printable ASCII without markup, which bytes tell faster than characters.
    if all_plain(text.as_bytes()) || text.chars().all(|char| entity(char).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match entity(char) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(char),
        }
    }
    Cow::Owned(escaped)
}

/// A document with its entities undone, which no honest server writes.
pub(crate) fn unescape(document: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(document.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Whether no byte needs an escape. Each block is looked at as a whole, which lets the compiler
/// judge many bytes at once.
fn all_plain(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<PLAIN_BLOCK_BYTES>();
    let block_is_plain = |block: &[u8]| block.iter().fold(true, |all, byte| all & is_plain(*byte));
    blocks.iter().all(|block| block_is_plain(block)) && block_is_plain(rest)
}

/// Whether a byte is a character that needs no escape; without a branch, for the sake of blocks.
#[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a branch for each byte")]
fn is_plain(byte: u8) -> bool {
    let markup = [b'&', b'<', b'>', b'"', b'\''];
    let printable = byte.wrapping_sub(b' ') <= b'~' - b' ';
    markup.iter().fold(printable, |plain, mark| plain & (byte != *mark))
}

fn entity(char: char) -> Option<&'static str> {
    match char {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        // A bare carriage return would reach the reader as a line feed.
        '\r' => Some("&#13;"),
        '\t' | '\n' => None,
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_escape(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test]
    fn markup_and_quotes_are_escaped() {
        check_escape("a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;");
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        check_escape("a\u{0}b\u{1f}c\u{ffff}", "a\u{fffd}b\u{fffd}c\u{fffd}");
        check_escape("a\tb\nc\rd", "a\tb\nc&#13;d");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(escape("arn:aws:iam::1:user/ü"), Cow::Borrowed(_)));
    }

    #[test]
    fn elements_nest_with_two_spaces_and_a_final_newline() {
        let mut xml = Writer::new();
        xml.open_in("A", "urn:x").open("B").leaf("C", "1 < 2").leaf("D", "").close("B").close("A");
        assert_eq!(
            xml.finish(),
            "<A xmlns=\"urn:x\">\n  <B>\n    <C>1 &lt; 2</C>\n    <D/>\n  </B>\n</A>\n"
        );
    }

    #[test]
    #[should_panic(expected = "reverse order")]
    fn crossed_elements_are_our_own_bug() {
        Writer::new().open("A").open("B").close("A");
    }
}
