//! Cases that are drawn from a model, as if somebody had written them.

use super::Reader;
use crate::diagnostic::{Code, Span};
use crate::generate::{Draw, Drawn, draw};
use crate::keys::{GENERATE, GENERATED_EXPECT, GENERATED_MAX};
use crate::yaml::{Entry, Node, NodeKind, Scalar};

/// The cases of a `generate:`, drawn with `seed` or else with what the file says.
pub(super) fn generated_cases(
    reader: &mut Reader<'_>,
    node: &Node,
    seed: Option<u64>,
) -> Vec<Node> {
    cases(reader, node, seed).unwrap_or_default()
}

fn cases(reader: &mut Reader<'_>, node: &Node, seed: Option<u64>) -> Option<Vec<Node>> {
    let fields = reader.fields(node, &GENERATE)?;
    let origin = fields.get("from").and_then(|node| reader.word(node, Code::UnknownWord));
    let count = fields.get("count").and_then(|node| reader.integer(node, 2..=GENERATED_MAX));
    let own_seed = fields.get("seed").and_then(|node| reader.integer(node, 0..=i64::MAX));
    let expect = reader.fields(fields.get("expect")?, &GENERATED_EXPECT)?;
    let (valid, invalid) = (expect.get("valid")?, expect.get("invalid")?);
    let seed = seed.or(u64::try_from(own_seed?).ok())?;
    let count = usize::try_from(count?).ok()?;
    let width = count.to_string().len().max(2);
    let draws = draw(origin?, seed, count).into_iter().zip(1..);
    let cases = draws.map(|(draw, number)| {
        let id = text(&format!("generated-{number:0width$}"), fields.span);
        let expect = if draw.valid { valid } else { invalid };
        let entries =
            vec![entry("id", id), value_entry(draw, fields.span), entry("expect", expect.clone())];
        map(entries, fields.span)
    });
    Some(cases.collect())
}

/// What was drawn: text for `${case.text}`, or the tags themselves.
fn value_entry(draw: Draw, span: Span) -> Entry {
    match draw.drawn {
        Drawn::Text(value) => entry("text", text(&value, span)),
        Drawn::Tags(tags) => {
            let tags = tags.iter().map(|(key, value)| {
                map(vec![entry("Key", text(key, span)), entry("Value", text(value, span))], span)
            });
            let list = Node { span, kind: NodeKind::List(tags.collect()) };
            entry("params", map(vec![entry("Tags", list)], span))
        }
    }
}

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.to_owned(), key_span: value.span, value }
}

fn map(entries: Vec<Entry>, span: Span) -> Node {
    Node { span, kind: NodeKind::Map(entries) }
}

fn text(text: &str, span: Span) -> Node {
    Node { span, kind: NodeKind::Scalar(Scalar { text: text.to_owned(), plain: false }) }
}
