//! The parameters of a request.

use super::Reader;
use super::scope::{Scope, read_json, read_template};
use crate::keys::{ALL, CHARS_MAX, JSON, Keys, NUMBERED, NUMBERED_MAX, REPEAT};
use crate::model::Param;
use crate::yaml::{Entry, Node, NodeKind};

/// A parameter for each entry, in file order.
pub(super) fn read_params(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
) -> Vec<(String, Param)> {
    let entries = reader.map(node).unwrap_or_default();
    read_members(reader, entries, scope)
}

fn read_members(reader: &mut Reader<'_>, entries: &[Entry], scope: &Scope) -> Vec<(String, Param)> {
    let members = entries.iter().filter_map(|entry| {
        read_param(reader, &entry.value, scope).map(|param| (entry.key.clone(), param))
    });
    members.collect()
}

fn read_param(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Param> {
    match &node.kind {
        NodeKind::Scalar(_) => read_template(reader, node, scope).map(Param::Text),
        NodeKind::List(items) => Some(Param::List(
            items.iter().filter_map(|item| read_param(reader, item, scope)).collect(),
        )),
        NodeKind::Map(entries) => match form(entries) {
            Some(Form::Json) => read_document(reader, node, scope),
            Some(Form::Repeat) => read_repeat(reader, node, scope),
            Some(Form::All) => read_all(reader, node, scope),
            Some(Form::Numbered) => read_numbered(reader, node, scope),
            None => Some(Param::Struct(read_members(reader, entries, scope))),
        },
    }
}

/// The special forms of a parameter; members of real structures start with a capital letter, apart
/// from `arn`.
enum Form {
    Json,
    Repeat,
    All,
    Numbered,
}

fn form(entries: &[Entry]) -> Option<Form> {
    let has = |keys: &Keys| entries.iter().any(|entry| keys.knows(&entry.key));
    if has(&JSON) {
        Some(Form::Json)
    } else if has(&REPEAT) {
        Some(Form::Repeat)
    } else if has(&ALL) {
        Some(Form::All)
    } else if has(&NUMBERED) {
        Some(Form::Numbered)
    } else {
        None
    }
}

fn read_document(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Param> {
    let fields = reader.fields(node, &JSON)?;
    let pad_to = fields.get("pad_to").and_then(|node| read_chars(reader, node, 1));
    let value = read_json(reader, fields.get("json")?, scope)?;
    Some(Param::Json { value, pad_to })
}

fn read_repeat(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Param> {
    let fields = reader.fields(node, &REPEAT)?;
    let times = fields.get("times").and_then(|node| read_chars(reader, node, 0));
    let text = read_template(reader, fields.get("text")?, scope)?;
    Some(Param::Repeat { text, times: times? })
}

fn read_all(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Param> {
    let fields = reader.fields(node, &ALL)?;
    let items = reader.list(fields.get("all")?)?;
    Some(Param::All(items.iter().filter_map(|item| read_template(reader, item, scope)).collect()))
}

/// A list whose members are all written out here, so that nobody after the reader knows of `${n}`.
fn read_numbered(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Param> {
    let fields = reader.fields(node, &NUMBERED)?;
    let count = reader.integer(fields.get("count")?, 0..=NUMBERED_MAX)?;
    let each = fields.get("each")?;
    let members = (1..=count).filter_map(|number| {
        let mut member = each.clone();
        fill_in(&mut member, &number.to_string());
        read_param(reader, &member, scope)
    });
    Some(Param::List(members.collect()))
}

/// Puts a number in the place of `${n}`; a numbered list inside counts for itself.
fn fill_in(node: &mut Node, number: &str) {
    match &mut node.kind {
        NodeKind::Scalar(scalar) if scalar.text.contains("${n}") => {
            // What was a reference is text, whatever it looks like now.
            scalar.plain = false;
            scalar.text = scalar.text.replace("${n}", number);
        }
        NodeKind::Scalar(_) => {}
        NodeKind::List(items) => items.iter_mut().for_each(|item| fill_in(item, number)),
        NodeKind::Map(entries) if matches!(form(entries), Some(Form::Numbered)) => {}
        NodeKind::Map(entries) => {
            for entry in entries.iter_mut() {
                fill_in(&mut entry.value, number);
            }
        }
    }
}

fn read_chars(reader: &mut Reader<'_>, node: &Node, min: i64) -> Option<usize> {
    reader.integer(node, min..=CHARS_MAX).and_then(|chars| usize::try_from(chars).ok())
}
