//! Reads an XML body into nodes, within limits and without trusting it.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::limits::{DEPTH_MAX, NODES_MAX};
use super::malformed::MalformedBody;
use super::node::Node;

/// Parses a document; anything but exactly one root element is malformed.
///
/// A document type is refused unread, so that no entity is ever expanded.
pub(super) fn parse(text: &str) -> Result<Node, MalformedBody> {
    let mut reader = NsReader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let at = reader.buffer_position();
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|error| MalformedBody::Xml { at, detail: error.to_string() })?;
        if matches!(event, Event::Eof) {
            return tree.finish().map_err(|detail| MalformedBody::Xml { at, detail });
        }
        tree.take(&namespace, &event).map_err(|refusal| match refusal {
            Refusal::Limit(malformed) => malformed,
            Refusal::Detail(detail) => MalformedBody::Xml { at, detail },
        })?;
    }
}

enum Refusal {
    Limit(MalformedBody),
    Detail(String),
}

/// The part of a document that has been read.
#[derive(Default)]
struct Tree {
    open: Vec<Node>,
    root: Option<Node>,
    count: usize,
}

impl Tree {
    fn take(&mut self, namespace: &ResolveResult<'_>, event: &Event<'_>) -> Result<(), Refusal> {
        match event {
            Event::Start(start) => self.start(namespace, start),
            Event::Empty(start) => {
                self.start(namespace, start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml_content(XmlVersion::Explicit1_0)),
            Event::CData(text) => self.text(&text.xml_content(XmlVersion::Explicit1_0)),
            Event::GeneralRef(reference) => self.text(&character(reference)?),
            Event::DocType(_) => Err(Refusal::Detail("a document type is not read".into())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(
        &mut self,
        namespace: &ResolveResult<'_>,
        start: &BytesStart<'_>,
    ) -> Result<(), Refusal> {
        if self.root.is_some() {
            return Err(Refusal::Detail("a second root element".into()));
        }
        if self.open.len() == DEPTH_MAX {
            return Err(Refusal::Limit(MalformedBody::TooDeep));
        }
        self.count += 1;
        if self.count > NODES_MAX {
            return Err(Refusal::Limit(MalformedBody::TooMany));
        }
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
            ResolveResult::Unbound => None,
            ResolveResult::Unknown(prefix) => {
                return Err(Refusal::Detail(format!("the prefix `{prefix}` is not declared")));
            }
        };
        let name = start.local_name().into_inner().to_owned();
        self.open.push(Node { name, namespace, ..Node::default() });
        Ok(())
    }

    fn end(&mut self) {
        let Some(mut node) = self.open.pop() else { return };
        if !node.children.is_empty() {
            node.text.truncate(node.text.trim_end().len());
            node.text.drain(..node.text.len() - node.text.trim_start().len());
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Refusal> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err(Refusal::Detail("text outside of the root element".into())),
        }
        Ok(())
    }

    fn finish(self) -> Result<Node, String> {
        match (self.open.last(), self.root) {
            (Some(node), _) => Err(format!("the document ends inside `{}`", node.name)),
            (None, Some(root)) => Ok(root),
            (None, None) => Err("there is no root element".to_owned()),
        }
    }
}

/// Returns the text of `&…;`: one of XML's five predefined names, or a character by number.
fn character(reference: &BytesRef<'_>) -> Result<String, Refusal> {
    let number = reference.resolve_char_ref().map_err(|e| Refusal::Detail(e.to_string()))?;
    if let Some(character) = number {
        return Ok(character.to_string());
    }
    let name = reference.xml_content(XmlVersion::Explicit1_0);
    let text = match name.as_ref() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(Refusal::Detail(format!("the entity `&{name};` is not declared"))),
    };
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, path: &str, expected: &str) {
        let segments: Vec<String> = path.split('.').map(str::to_owned).collect();
        let root = parse(text).expect("well-formed");
        assert_eq!(root.descend(&segments).map(|node| node.text.as_str()), Some(expected));
    }

    #[track_caller]
    fn check_refused(text: &str, words: &str) {
        let error = parse(text).expect_err("malformed").to_string();
        assert!(error.contains(words), "`{error}` does not contain `{words}`");
    }

    #[test]
    fn leaf_text_is_kept_with_its_blanks() {
        check("<A><B>valid region. </B></A>", "B", "valid region. ");
    }

    #[test]
    fn references_and_cdata_are_decoded() {
        check("<A><B>&lt;a&gt; &amp; &#39;&#x62;&apos;&quot;</B></A>", "B", "<a> & 'b'\"");
        check("<A><B><![CDATA[<b>]]>!</B></A>", "B", "<b>!");
    }

    #[test]
    fn line_ends_are_normalised_as_xml_says() {
        check("<A><B>1\r\n2</B></A>", "B", "1\n2");
    }

    #[test]
    fn a_declaration_comments_and_a_byte_order_mark_are_skipped() {
        check("\u{feff}<?xml version=\"1.0\"?>\n<!-- a --><A><B>1</B></A>\n", "B", "1");
    }

    #[test]
    fn namespaces_are_resolved_by_default_and_by_prefix() {
        let root =
            parse(r#"<A xmlns="urn:a" xmlns:p="urn:p"><p:B/><C/></A>"#).expect("well-formed");
        let namespace = |name: &str| root.child(name).and_then(|node| node.namespace.as_deref());
        assert_eq!(root.namespace.as_deref(), Some("urn:a"));
        assert_eq!(namespace("B"), Some("urn:p"));
        assert_eq!(namespace("C"), Some("urn:a"));
        assert_eq!(parse("<A/>").expect("well-formed").namespace, None);
    }

    #[test]
    fn what_is_not_one_whole_element_is_refused() {
        check_refused("<A><B></A>", "B");
        check_refused("<A><B>", "ends inside `B`");
        check_refused("<A/><B/>", "second root");
        check_refused("<A/>tail", "outside of the root");
        check_refused("<!-- nothing -->", "no root");
        check_refused("<p:A/>", "prefix `p`");
        check_refused("<A", "");
    }

    #[test]
    fn entities_are_never_expanded() {
        check_refused("<!DOCTYPE A [<!ENTITY b \"c\">]><A>&b;</A>", "document type");
        check_refused("<A>&b;</A>", "`&b;`");
        check_refused("<A>&#0;</A>", "");
    }

    #[test]
    fn nesting_is_followed_to_the_limit_and_no_further() {
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(parse(&nested(DEPTH_MAX + 1)), Err(MalformedBody::TooDeep));
    }

    #[test]
    fn elements_are_kept_to_the_limit_and_no_further() {
        let flat = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
        assert!(parse(&flat(NODES_MAX)).is_ok());
        assert_eq!(parse(&flat(NODES_MAX + 1)), Err(MalformedBody::TooMany));
    }
}
