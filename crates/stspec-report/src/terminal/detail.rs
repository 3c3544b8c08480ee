//! All that there is to say about a rule that did not simply pass.

use std::fmt::Write as _;

use stspec_scenario::Source;
use stspec_verdict::{CheckRecord, RuleRecord, RunRecord, TargetRecord, Verdict};

use super::Style;
use crate::text::line;

/// Renders one rule: what it says, each check that did not pass, where it is written, how to repeat it.
pub(super) fn detail(rule: &RuleRecord, record: &RunRecord, style: Style) -> String {
    let verdict = style.verdict(rule.verdict, 0);
    let mut text = format!("{verdict} {} ({}, {})\n", rule.id, rule.level, rule.evidence);
    field(&mut text, 2, "says", &line(&rule.says));
    let checks = record.checks.iter().filter(|check| check.rule == rule.id);
    let quiet = |verdict| matches!(verdict, Verdict::Pass | Verdict::Deviation);
    for check in checks.filter(|check| !quiet(check.verdict)) {
        text.push_str(&check_detail(check, style));
    }
    for source in &rule.sources {
        field(&mut text, 2, "written", &line(&source_words(source)));
    }
    field(&mut text, 2, "file", &format!("scenarios/rules/{}.yaml", rule.id));
    let target = target_option(&record.target);
    field(&mut text, 2, "repeat", &format!("stspec run {}{target}", rule.id));
    text
}

fn check_detail(check: &CheckRecord, style: Style) -> String {
    let verdict = style.verdict(check.verdict, 0);
    let mut text = format!("  {verdict} {} ({})\n", check.id, check.role);
    if let Some(sent) = sent(check) {
        field(&mut text, 4, "sent", &sent);
    }
    for deviation in &check.deviations {
        let expected = format!("{} {}", deviation.path, deviation.expected);
        field(&mut text, 4, "expected", &line(&expected));
        field(&mut text, 4, "observed", &line(&deviation.observed));
    }
    if check.exchange.is_some() {
        field(&mut text, 4, "answered", &line(&check.observed));
    }
    if let Some(reason) = &check.reason {
        field(&mut text, 4, "because", &line(reason));
    }
    text
}

/// Writes one labelled line; all values start in the same column.
fn field(text: &mut String, indent: usize, label: &str, value: &str) {
    let width = 14 - indent;
    // Writing to a string never fails.
    let _ = writeln!(text, "{:indent$}{label:<width$}{value}", "");
}

/// The request in one line, such as `sts.GetFederationToken as federator: Name=stspec`.
fn sent(check: &CheckRecord) -> Option<String> {
    let request = &check.exchange.as_ref()?.request;
    let params: Vec<String> =
        request.params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let colon = if params.is_empty() { "" } else { ":" };
    Some(line(&format!("{} as {}{colon}{}", request.call, request.principal, params.concat())))
}

fn source_words(source: &Source) -> String {
    match source {
        Source::Page { page, part } => format!("AWS documentation: {page}, {part}"),
        Source::Model { path, value } => format!("service model: {path} is {value}"),
        Source::Observed { by, when: Some(when) } => format!("observed on AWS: {by}, {when}"),
        Source::Observed { by, when: None } => format!("observed on AWS: {by}"),
        Source::Seed { seed, part } => format!("seed document {seed}: {part}"),
    }
}

/// What names the same target again; the embedded reference needs nothing.
fn target_option(target: &TargetRecord) -> String {
    if target.arguments.is_empty() {
        String::new()
    } else {
        format!(" {}", line(&target.arguments))
    }
}
