//! A table of calls that differ in little: each case is laid over what they share.

use std::collections::BTreeSet;

use super::generate::generated_cases;
use super::scope::Scope;
use super::step::{RuleFacts, StepRead, read_case};
use super::{Fields, Reader};
use crate::diagnostic::Code;
use crate::keys::{CASE, TABLE};
use crate::nearest::nearest;
use crate::template::substitute_case;
use crate::yaml::{Entry, Node, NodeKind, ScalarKind};

/// The cases as steps.
pub(super) fn read_table(
    reader: &mut Reader<'_>,
    node: &Node,
    facts: RuleFacts,
    scope: &mut Scope,
) -> Vec<StepRead> {
    let Some(table) = reader.fields(node, &TABLE) else { return Vec::new() };
    let Some(cases_node) = table.get("cases") else { return Vec::new() };
    let cases = reader.list(cases_node).unwrap_or_default();
    let mut steps = Vec::new();
    let generated = table.get("generate").map(|node| generated_cases(reader, node, facts.seed));
    for case in cases.iter().chain(generated.iter().flatten()) {
        let Some(step) = lay_over(reader, &table, case) else { continue };
        steps.extend(read_case(reader, &step, facts, scope));
    }
    steps
}

/// A step out of what the cases share and what one case has of its own.
fn lay_over(reader: &mut Reader<'_>, table: &Fields<'_>, case_node: &Node) -> Option<Node> {
    let case = reader.fields_of_part(case_node, &CASE)?;
    let mut entries = Vec::new();
    for key in CASE.names().filter(|key| *key != "params") {
        entries.extend(case.entry(key).or_else(|| table.entry(key)).cloned());
    }
    entries.extend(table.entry("call").cloned());
    entries.extend(lay_params_over(reader, table, &case));
    let mut step = Node { span: case_node.span, kind: NodeKind::Map(entries) };
    substitute(reader, &mut step, &case);
    Some(step)
}

/// The table's parameters with the case's instead or behind them, without those the case nulls.
fn lay_params_over(
    reader: &mut Reader<'_>,
    table: &Fields<'_>,
    case: &Fields<'_>,
) -> Option<Entry> {
    let shared = table.entry("params");
    let Some(own) = case.entry("params") else { return shared.cloned() };
    let mut params = match shared.map(|entry| &entry.value.kind) {
        Some(NodeKind::Map(params)) => params.clone(),
        _ => Vec::new(),
    };
    for entry in reader.map(&own.value)? {
        let place = params.iter().position(|param| param.key == entry.key);
        match (place.and_then(|place| params.get_mut(place)), is_null(&entry.value)) {
            (Some(param), false) => *param = entry.clone(),
            (Some(_), true) => params.retain(|param| param.key != entry.key),
            (None, false) => params.push(entry.clone()),
            (None, true) => {
                let message = format!("the table has no parameter `{}` to take away", entry.key);
                reader.report(Code::BadValue, entry.key_span, message, None);
            }
        }
    }
    Some(Entry {
        key: own.key.clone(),
        key_span: own.key_span,
        value: Node { span: own.value.span, kind: NodeKind::Map(params) },
    })
}

fn is_null(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar(scalar) if scalar.kind() == ScalarKind::Null)
}

/// Fills in `${case.KEY}` everywhere; keys that nothing uses are reported.
fn substitute(reader: &mut Reader<'_>, step: &mut Node, case: &Fields<'_>) {
    let free: Vec<&Entry> = case.entries.iter().filter(|entry| !CASE.knows(&entry.key)).collect();
    let mut values: Vec<(&str, String)> = Vec::new();
    for entry in &free {
        let value = if matches!(entry.value.kind, NodeKind::Scalar(_)) {
            reader.text(&entry.value).map(str::to_owned)
        } else {
            let message = format!("a case has no key `{}` that could hold this", entry.key);
            let help = nearest(&entry.key, CASE.names())
                .map(|nearest| format!("did you mean `{nearest}`?"));
            reader.report(Code::UnknownKey, entry.key_span, message, help);
            None
        };
        values.push((&entry.key, value.unwrap_or_default()));
    }
    let mut used = BTreeSet::new();
    substitute_node(reader, step, &values, &mut used);
    for entry in free {
        let holds_text = matches!(entry.value.kind, NodeKind::Scalar(_));
        if holds_text && !used.contains(entry.key.as_str()) {
            let message = format!("nothing uses `${{case.{}}}`", entry.key);
            let help = nearest(&entry.key, CASE.names())
                .map(|nearest| format!("did you mean `{nearest}`?"))
                .or_else(|| Some("use it in the table or in this case, or remove it".to_owned()));
            reader.report(Code::UnusedKey, entry.key_span, message, help);
        }
    }
}

fn substitute_node<'v>(
    reader: &mut Reader<'_>,
    node: &mut Node,
    values: &'v [(&str, String)],
    used: &mut BTreeSet<&'v str>,
) {
    match &mut node.kind {
        NodeKind::Scalar(scalar) => {
            let mut unknown = Vec::new();
            let text = substitute_case(&scalar.text, |key| {
                if let Some((name, value)) = values.iter().find(|(name, _)| *name == key) {
                    used.insert(name);
                    return Some(value.clone());
                }
                unknown.push(key.to_owned());
                None
            });
            if text != scalar.text {
                // What was a reference is text, whatever it looks like now.
                scalar.plain = false;
                scalar.text = text;
            }
            for key in unknown {
                let message = format!("this case has no key `{key}`");
                let help = nearest(&key, values.iter().map(|(name, _)| *name))
                    .map(|nearest| format!("did you mean `${{case.{nearest}}}`?"))
                    .or_else(|| Some(format!("give every case a `{key}:`")));
                reader.report(Code::BadReference, node.span, message, help);
            }
        }
        NodeKind::List(items) => {
            for item in items {
                substitute_node(reader, item, values, used);
            }
        }
        NodeKind::Map(entries) => {
            for entry in entries {
                substitute_node(reader, &mut entry.value, values, used);
            }
        }
    }
}
