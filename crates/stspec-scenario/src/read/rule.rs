//! A file below `scenarios/rules`.

use std::collections::BTreeSet;

use super::scenario::read_scenario;
use super::scope::Accounts;
use super::step::RuleFacts;
use super::{Fields, Reader, nearest_or_all};
use crate::diagnostic::{Code, Span};
use crate::keys::{Keys, MANUALS, RULE, SOURCE_MANUAL, SOURCE_MODEL, SOURCE_OBSERVED, SOURCE_PAGE};
use crate::library::ReadContext;
use crate::model::{Capability, Evidence, Level, Rule, Scenario, Source};
use crate::name::RuleId;
use crate::yaml::{Node, NodeKind};

/// A rule; `path` is what its id has to be.
pub(crate) fn read_rule(
    reader: &mut Reader<'_>,
    node: &Node,
    path: &str,
    accounts: &Accounts,
    known: &ReadContext,
) -> Option<Rule> {
    let fields = reader.fields(node, &RULE)?;
    let id = read_id(reader, &fields, path);
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let background = fields.get("note").and_then(|node| reader.prose(node));
    let level = fields.get("level").and_then(|node| reader.word(node, Code::UnknownWord));
    let evidence = fields.get("evidence").and_then(|node| reader.word(node, Code::UnknownWord));
    let sources = fields.get("sources").map(|node| read_sources(reader, node, "a rule"));
    let (since, until) = read_dates(reader, &fields);
    let requires = fields.get("requires").map(|node| read_capabilities(reader, node));
    let requires = requires.unwrap_or_default();
    let faults = read_faults(reader, &fields, &known.faults);
    check_must(reader, &fields, level, evidence);
    let enforcement = requires.contains(&Capability::IamEnforcement);
    let facts = RuleFacts { level, enforcement, seed: known.seed };
    let scenarios = read_scenarios(reader, &fields, facts, accounts);
    Some(Rule {
        id: id?,
        says: says?,
        note: background,
        level: level?,
        evidence: evidence?,
        sources: sources?,
        since,
        until,
        requires,
        faults,
        scenarios,
    })
}

/// A list of capabilities, as `requires:` says.
pub(super) fn read_capabilities(reader: &mut Reader<'_>, node: &Node) -> Vec<Capability> {
    let items = reader.list(node).unwrap_or_default();
    let capabilities = items.iter().filter_map(|item| reader.word(item, Code::UnknownCapability));
    capabilities.collect()
}

fn read_id(reader: &mut Reader<'_>, fields: &Fields<'_>, path: &str) -> Option<RuleId> {
    let node = fields.get("rule")?;
    let text = reader.text(node)?;
    if text != path {
        let message = format!("the rule `{text}` stands in the file of `{path}`");
        let help = format!("move the file to `rules/{text}.yaml`, or write `rule: {path}`");
        reader.report(Code::MisplacedFile, node.span, message, Some(help));
    }
    RuleId::parse(text)
        .map_err(|error| reader.report(Code::BadName, node.span, error.to_string(), None))
        .ok()
}

/// The sources of `what`, a thing with its article.
pub(super) fn read_sources(reader: &mut Reader<'_>, node: &Node, what: &str) -> Vec<Source> {
    let Some(items) = reader.list(node) else { return Vec::new() };
    if items.is_empty() {
        let help = Some("name the page: `{page: API_GetFederationToken, part: Name}`".to_owned());
        reader.report(Code::NoSource, node.span, format!("{what} needs a source"), help);
    }
    items.iter().filter_map(|item| read_source(reader, item)).collect()
}

fn read_source(reader: &mut Reader<'_>, node: &Node) -> Option<Source> {
    let entries = reader.map(node)?;
    let forms: [(&str, &'static Keys); 4] = [
        ("page", &SOURCE_PAGE),
        ("model", &SOURCE_MODEL),
        ("observed", &SOURCE_OBSERVED),
        ("manual", &SOURCE_MANUAL),
    ];
    let form = forms.into_iter().find(|(key, _)| entries.iter().any(|entry| entry.key == *key));
    let Some((form, keys)) = form else {
        let span = entries.first().map_or(node.span, |entry| entry.key_span);
        let text = entries.first().map_or("", |entry| entry.key.as_str());
        let message =
            "a source has one of the keys `page`, `model`, `observed`, `manual`".to_owned();
        let known = forms.map(|(key, _)| key);
        reader.report(Code::MissingKey, span, message, nearest_or_all(text, &known));
        return None;
    };
    let fields = reader.fields(node, keys)?;
    let mut prose = |key| fields.get(key).and_then(|node| reader.prose(node));
    match form {
        "page" => {
            let (page, part) = (prose("page"), prose("part"));
            Some(Source::Page { page: page?, part: part? })
        }
        "model" => {
            let path = prose("model");
            let value = fields.get("value").and_then(|node| reader.text_or_integer(node));
            Some(Source::Model { path: path?, value: value?.to_owned() })
        }
        "observed" => {
            let by = prose("observed");
            let when = fields.get("when").and_then(|node| reader.text_or_integer(node));
            Some(Source::Observed { by: by?, when: when.map(str::to_owned) })
        }
        _ => {
            let (manual, part) = (prose("manual"), prose("part"));
            let (manual, part) = (manual?, part?);
            if !MANUALS.contains(&manual.as_str()) {
                let message = format!("no manual of `{manual}` is in the evidence");
                let span = fields.get("manual").map_or(node.span, |node| node.span);
                reader.report(Code::UnknownWord, span, message, nearest_or_all(&manual, &MANUALS));
            }
            Some(Source::Manual { manual, part })
        }
    }
}

type Dates = (Option<jiff::civil::Date>, Option<jiff::civil::Date>);

fn read_dates(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Dates {
    let mut date = |key| {
        let node = fields.get(key)?;
        let text = reader.text(node)?;
        text.parse::<jiff::civil::Date>()
            .map_err(|_| {
                let message = format!("`{text}` is no date");
                let help = Some("write year, month and day: `2011-06-15`".to_owned());
                reader.report(Code::BadValue, node.span, message, help);
            })
            .ok()
    };
    let (since, until) = (date("since"), date("until"));
    if let (Some(start), Some(end), Some(node)) = (since, until, fields.get("until"))
        && end <= start
    {
        reader.report(Code::BadValue, node.span, "`until` is not after `since`", None);
    }
    (since, until)
}

fn read_faults(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    known: &BTreeSet<String>,
) -> Vec<String> {
    let items = fields.get("faults").and_then(|node| reader.list(node)).unwrap_or_default();
    let mut faults = Vec::new();
    for item in items {
        let Some(fault) = reader.text(item) else { continue };
        if !known.contains(fault) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("the reference has no fault `{fault}`");
            let help = match crate::nearest::nearest(fault, known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`stspec list faults` shows those there are".to_owned(),
            };
            reader.report(Code::UnknownFault, item.span, message, Some(help));
        }
        faults.push(fault.to_owned());
    }
    faults
}

fn check_must(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    level: Option<Level>,
    evidence: Option<Evidence>,
) {
    if level != Some(Level::Must) {
        return;
    }
    let span = |key: &str| fields.get(key).map_or(fields.span, |node| node.span);
    if evidence == Some(Evidence::Inferred) {
        let help = Some("write `level: should`, or find evidence".to_owned());
        let message = "what we only concluded is never a must";
        reader.report(Code::InferredMust, span("evidence"), message, help);
    }
    let has_fault = fields
        .get("faults")
        .is_some_and(|node| !matches!(&node.kind, NodeKind::List(items) if items.is_empty()));
    if !has_fault {
        let help = Some("name one in `faults:`; `stspec list faults` shows those there are");
        let message = "no fault shows that this must can fail";
        reader.report(Code::MustWithoutFault, span("level"), message, help.map(str::to_owned));
    }
}

fn read_scenarios(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    facts: RuleFacts,
    accounts: &Accounts,
) -> Vec<Scenario> {
    let Some(node) = fields.get("scenarios") else { return Vec::new() };
    let Some(items) = reader.list(node) else { return Vec::new() };
    if items.is_empty() {
        reader.report(Code::NoProbe, node.span, "a rule needs a scenario", None);
    }
    let mut read: Vec<(Scenario, Span)> = Vec::new();
    for item in items {
        let Some((scenario, span)) = read_scenario(reader, item, facts, accounts) else { continue };
        if read.iter().any(|(other, _)| other.name.slug() == scenario.name.slug()) {
            let message = format!("the name `{}` is taken in this rule", scenario.name);
            let help = Some(format!("check ids carry it as `{}`", scenario.name.slug()));
            reader.report(Code::DuplicateId, span, message, help);
        }
        read.push((scenario, span));
    }
    read.into_iter().map(|(scenario, _)| scenario).collect()
}
