//! All that there is to say about a rule that did not simply pass.

use std::fmt::Write as _;

use stspec_verdict::{CheckRecord, RuleRecord, RunRecord, Verdict};

use super::Style;
use crate::labels::{facts, repeat, rule_file, source_label};
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
        field(&mut text, 2, "written", &line(&source_label(source)));
    }
    field(&mut text, 2, "file", &rule_file(&rule.id));
    field(&mut text, 2, "repeat", &line(&repeat(&rule.id, record)));
    text
}

fn check_detail(check: &CheckRecord, style: Style) -> String {
    let verdict = style.verdict(check.verdict, 0);
    let mut text = format!("  {verdict} {} ({})\n", check.id, check.role);
    for (label, value) in facts(check) {
        field(&mut text, 4, label, &line(&value));
    }
    text
}

/// Writes one labelled line; all values start in the same column.
fn field(text: &mut String, indent: usize, label: &str, value: &str) {
    let width = 14 - indent;
    // Writing to a string never fails.
    let _ = writeln!(text, "{:indent$}{label:<width$}{value}", "");
}
