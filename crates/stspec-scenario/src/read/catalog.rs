//! The file `scenarios/catalog.yaml`.

use std::collections::BTreeSet;

use super::rule::read_sources;
use super::{Reader, nearest_or_all};
use crate::catalog::{Catalog, Fact, FactStatus, Topic};
use crate::diagnostic::Code;
use crate::keys::{CATALOG, FACT, TOPIC};
use crate::name::{Name, RuleId};
use crate::nearest::closest_paths;
use crate::operation::STS_OPERATIONS;
use crate::yaml::{Entry, Node};

/// A catalogue; `rules` are the ids of all rule files, whether or not those have faults.
pub(crate) fn read_catalog(
    reader: &mut Reader<'_>,
    node: &Node,
    rules: &BTreeSet<&str>,
) -> Option<Catalog> {
    let fields = reader.fields(node, &CATALOG)?;
    let operation = fields.get("catalog").and_then(|node| read_operation(reader, node));
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let items = fields.get("topics").and_then(|node| reader.list(node)).unwrap_or_default();
    let mut ids = BTreeSet::new();
    let topics = items.iter().filter_map(|item| read_topic(reader, item, rules, &mut ids));
    let topics = topics.collect();
    Some(Catalog { operation: operation?, says: says?, topics })
}

fn read_operation(reader: &mut Reader<'_>, node: &Node) -> Option<&'static str> {
    let text = reader.text(node)?;
    let operation = STS_OPERATIONS.into_iter().find(|operation| *operation == text);
    if operation.is_none() {
        let message = format!("`sts` has no operation `{text}`");
        let help = nearest_or_all(text, &STS_OPERATIONS);
        reader.report(Code::UnknownOperation, node.span, message, help);
    }
    operation
}

fn read_topic(
    reader: &mut Reader<'_>,
    node: &Node,
    rules: &BTreeSet<&str>,
    ids: &mut BTreeSet<Name>,
) -> Option<Topic> {
    let fields = reader.fields(node, &TOPIC)?;
    let title = fields.get("topic").and_then(|node| reader.prose(node));
    let items = fields.get("facts").and_then(|node| reader.list(node)).unwrap_or_default();
    let facts = items.iter().filter_map(|item| read_fact(reader, item, rules, ids));
    let facts = facts.collect();
    Some(Topic { title: title?, facts })
}

fn read_fact(
    reader: &mut Reader<'_>,
    node: &Node,
    rules: &BTreeSet<&str>,
    ids: &mut BTreeSet<Name>,
) -> Option<Fact> {
    let fields = reader.fields(node, &FACT)?;
    let id = fields.get("id").and_then(|node| reader.name(node));
    if let (Some(id), Some(node)) = (&id, fields.get("id"))
        && !ids.insert(id.clone())
    {
        let message = format!("the id `{id}` is taken in this catalogue");
        reader.report(Code::DuplicateId, node.span, message, None);
    }
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let evidence = fields.get("evidence").and_then(|node| reader.word(node, Code::UnknownWord));
    let sources = fields.get("sources").map(|node| read_sources(reader, node, "a fact"));
    let status = match (fields.entry("rules"), fields.entry("excluded")) {
        (Some(entry), None) => read_rules(reader, entry, rules).map(FactStatus::Checked),
        (None, Some(entry)) => reader.prose(&entry.value).map(FactStatus::Excluded),
        (checked, _) => {
            let span = checked.map_or(fields.span, |entry| entry.key_span);
            let message = "a fact has either `rules` or `excluded`";
            let help = "name the rules that check it, or say why none can".to_owned();
            reader.report(Code::RulesOrExclusion, span, message, Some(help));
            None
        }
    };
    Some(Fact { id: id?, says: says?, evidence: evidence?, sources: sources?, status: status? })
}

fn read_rules(
    reader: &mut Reader<'_>,
    entry: &Entry,
    known: &BTreeSet<&str>,
) -> Option<Vec<RuleId>> {
    let items = reader.list(&entry.value)?;
    if items.is_empty() {
        let help = Some("name one, or say in `excluded:` why none can check it".to_owned());
        reader.report(Code::RulesOrExclusion, entry.key_span, "no rule stands here", help);
    }
    let mut rules = Vec::new();
    for item in items {
        let Some(rule) = read_rule_id(reader, item, known) else { continue };
        if rules.contains(&rule) {
            let message = format!("the rule `{rule}` is named here before");
            reader.report(Code::DuplicateId, item.span, message, None);
        }
        rules.push(rule);
    }
    Some(rules)
}

fn read_rule_id(reader: &mut Reader<'_>, node: &Node, known: &BTreeSet<&str>) -> Option<RuleId> {
    let text = reader.text(node)?;
    if !known.contains(text) {
        let nearest = closest_paths(text, known.iter().copied()).into_iter().next();
        let help = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
        let message = format!("there is no rule `{text}`");
        reader.report(Code::UnknownRule, node.span, message, help);
    }
    RuleId::parse(text)
        .map_err(|error| reader.report(Code::BadName, node.span, error.to_string(), None))
        .ok()
}
