//! Deliberate mistakes in signing and oddities on the wire.

use super::scope::{Scope, check_session, read_literal, read_template};
use super::{Fields, Reader, nearest_or_all, parse_seconds};
use crate::diagnostic::Code;
use crate::keys::{EXPIRES_SECONDS_MAX, SEND, SIGN};
use crate::model::{SignatureLocation, SigningOptions, Token, WireOptions};
use crate::yaml::{Node, NodeKind};

/// `sign:`, which is `none` or a mapping.
pub(super) fn read_sign(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> SigningOptions {
    if let NodeKind::Scalar(_) = &node.kind {
        let unsigned = read_constant(reader, node, "none");
        return SigningOptions { unsigned, ..SigningOptions::default() };
    }
    let Some(fields) = reader.fields(node, &SIGN) else { return SigningOptions::default() };
    let constant = |reader: &mut Reader<'_>, key: &str, word: &str| {
        fields.get(key).is_some_and(|node| read_constant(reader, node, word))
    };
    let location = fields.get("place").and_then(|node| reader.word(node, Code::UnknownWord));
    let location = location.unwrap_or_default();
    SigningOptions {
        unsigned: false,
        wrong_secret: constant(reader, "secret", "wrong"),
        unknown_access_key: constant(reader, "access_key", "unknown"),
        date_offset_seconds: fields.get("date").map_or(0, |node| read_offset(reader, node)),
        region: fields.get("region").and_then(|node| read_template(reader, node, scope)),
        service: literal(reader, &fields, "service"),
        token: fields.get("token").map_or(Token::Own, |node| read_token(reader, node, scope)),
        tampered_body: constant(reader, "body", "tampered"),
        unsigned_payload: constant(reader, "payload", "unsigned"),
        tampered_header: constant(reader, "header", "tampered"),
        tampered_query: constant(reader, "query", "tampered"),
        location,
        expires_seconds: fields.get("expires").and_then(|node| read_expiry(reader, node, location)),
    }
}

/// How long a signature in the query string is good for; one in a header has no such end.
fn read_expiry(reader: &mut Reader<'_>, node: &Node, location: SignatureLocation) -> Option<u32> {
    let text = reader.text(node)?;
    let seconds = parse_seconds(text).filter(|seconds| (1..=EXPIRES_SECONDS_MAX).contains(seconds));
    if seconds.is_none() {
        let message = format!("`{text}` is no length of time up to seven days");
        let help = "write seconds, minutes or hours: `60s`".to_owned();
        reader.report(Code::BadValue, node.span, message, Some(help));
    }
    if location != SignatureLocation::Query {
        let help = Some("add `place: query`".to_owned());
        let message = "only a signature in the query string expires by itself";
        reader.report(Code::BadValue, node.span, message, help);
    }
    u32::try_from(seconds?).ok()
}

/// `send:`.
pub(super) fn read_send(reader: &mut Reader<'_>, node: &Node) -> WireOptions {
    let Some(fields) = reader.fields(node, &SEND) else { return WireOptions::default() };
    let headers = fields.get("headers").and_then(|node| reader.map(node)).unwrap_or_default();
    WireOptions {
        method: fields.get("method").and_then(|node| read_method(reader, node)),
        path: fields.get("path").and_then(|node| read_path(reader, node)),
        body: literal(reader, &fields, "body"),
        content_type: text_or_none(reader, &fields, "content_type"),
        action: text_or_none(reader, &fields, "action"),
        version: text_or_none(reader, &fields, "version"),
        headers: headers
            .iter()
            .filter_map(|entry| {
                read_literal(reader, &entry.value).map(|text| (entry.key.clone(), text))
            })
            .collect(),
    }
}

/// A key that can say one thing only.
fn read_constant(reader: &mut Reader<'_>, node: &Node, word: &str) -> bool {
    let Some(text) = reader.text(node) else { return false };
    if text != word {
        let message = format!("`{text}` is not what can stand here");
        reader.report(Code::UnknownWord, node.span, message, Some(format!("write `{word}`")));
    }
    text == word
}

/// Farthest that a signature's date is moved, in seconds.
///
/// Source: ours; ten years are beyond every clock skew and within every calendar.
const OFFSET_SECONDS_MAX: i64 = 10 * 366 * 24 * 60 * 60;

fn read_offset(reader: &mut Reader<'_>, node: &Node) -> i64 {
    let Some(text) = reader.text(node) else { return 0 };
    let seconds = parse_seconds(text).filter(|seconds| seconds.abs() <= OFFSET_SECONDS_MAX);
    seconds.unwrap_or_else(|| {
        let message = format!("`{text}` is no length of time up to ten years");
        let help = "write seconds, minutes or hours: `-16m`".to_owned();
        reader.report(Code::BadValue, node.span, message, Some(help));
        0
    })
}

fn read_token(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Token {
    let Some(text) = reader.text(node) else { return Token::Own };
    let foreign = match text {
        "none" => return Token::Dropped,
        "garbage" => return Token::Garbage,
        _ => text.strip_prefix("session."),
    };
    let Some(session) = foreign else {
        let message = format!("`{text}` is no token");
        let known = ["none", "garbage", "session.NAME"];
        reader.report(Code::UnknownWord, node.span, message, nearest_or_all(text, &known));
        return Token::Own;
    };
    let name = reader.name_in(session, node.span);
    let name = name.and_then(|name| check_session(reader, name, node.span, scope));
    name.map_or(Token::Own, Token::Foreign)
}

fn read_method(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = read_literal(reader, node)?;
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_uppercase()) {
        let message = format!("`{text}` is no HTTP method in capital letters");
        reader.report(Code::BadValue, node.span, message, None);
        return None;
    }
    Some(text)
}

fn read_path(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = read_literal(reader, node)?;
    if !text.starts_with('/') {
        let help = Some(format!("write `/{text}`"));
        reader.report(Code::BadValue, node.span, "a path starts with `/`", help);
        return None;
    }
    Some(text)
}

fn literal(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<String> {
    fields.get(key).and_then(|node| read_literal(reader, node))
}

/// `none` sends nothing at all; other text is sent.
#[expect(clippy::option_option, reason = "the shape of the field in `WireOptions`")]
fn text_or_none(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<Option<String>> {
    let text = literal(reader, fields, key)?;
    Some((text != "none").then_some(text))
}
