//! The report for a browser: one page that loads nothing.

use maud::{Markup, html as markup};
use stspec_scenario::Level;
use stspec_verdict::{CheckRecord, RuleRecord, RunRecord, Verdict, exit_code, summarise};

use crate::CleanRecord;
use crate::difference::{Mark, lines};
use crate::labels::{deviations, repeat, rule_file, sent, source_label, took};
use crate::page::{Page, Shown, columns, facts};
use crate::terminal::{snapshots_line, tally};
use crate::text::{counted, line};

/// Shows the buttons that filter by verdict and handles them; without it the page shows all checks.
const SCRIPT: &str = include_str!("html/filter.js");

/// Renders a page with every check; rules that did not hold are unfolded.
#[must_use]
pub fn html(record: &CleanRecord) -> String {
    let families = record.rules.chunk_by(|a, b| family(a) == family(b));
    let body = markup! {
        (heading(record))
        (table(record))
        (baseline(record))
        (filter(&record.checks))
        @for rules in families {
            h2 { (Shown(rules.first().map(family).unwrap_or_default())) } "\n"
            @for each in rules { (rule(each, record)) }
        }
        (snapshots(record))
    };
    let title = format!("stspec on {}", record.target.name);
    Page { title: &title, style: "", script: Some(SCRIPT), body }.into_string()
}

/// The first segment of a rule's id.
fn family(rule: &RuleRecord) -> &str {
    rule.id.segments().next().unwrap_or_default()
}

fn heading(record: &RunRecord) -> Markup {
    let exit = exit_code(record);
    let left = record.resources.leaked;
    markup! {
        p {
            "run " (Shown(&record.run)) " · " (record.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
            " · " code { (Shown(&record.target.endpoint)) } " · "
            @if let Some(date) = record.revision { "API of " (date.to_string()) " · " }
            (counted(record.rules.len(), "rule", "rules")) ", "
            (counted(record.checks.len(), "check", "checks")) " in " (took(record.duration_us))
            @if left > 0 { " · " (left) " left behind" }
        }
        "\n"
        p {
            strong class=(if exit.code() == 0 { "pass" } else { "fail" }) {
                "exit " (exit.code()) ": " (exit.words())
            }
        }
        "\n"
    }
}

/// The numbers of each level.
fn table(record: &RunRecord) -> Markup {
    let summary = summarise(&record.rules);
    let levels = [Level::Must, Level::Should, Level::Observe];
    let counts = levels.map(|level| (level, summary.of(level)));
    markup! {
        table {
            (columns(&["level", "rules", "passed and others"]))
            tbody {
                @for (level, counts) in counts.iter().filter(|(_, counts)| counts.total() > 0) {
                    tr {
                        th scope="row" { (level.to_string()) }
                        td { (counts.total()) }
                        td { (tally(*level, *counts)) }
                    }
                    "\n"
                }
            }
        }
        "\n"
    }
}

fn baseline(record: &RunRecord) -> Markup {
    let Some(baseline) = &record.baseline else { return Markup::default() };
    markup! {
        p { "baseline " code { (Shown(&baseline.file)) } ": " (baseline.unchanged) " as recorded" }
        "\n"
        @if !baseline.findings.is_empty() {
            ul {
                @for finding in &baseline.findings {
                    li {
                        strong { (finding.kind.word()) } " " code { (Shown(&finding.check)) } ": "
                        (Shown(&finding.says))
                    }
                    "\n"
                }
            }
            "\n"
        }
    }
}

/// Buttons with the number of checks of each verdict; hidden until the script shows them.
fn filter(checks: &[CheckRecord]) -> Markup {
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let counts = Verdict::ALL.into_iter().rev().map(|verdict| (verdict, count(verdict)));
    markup! {
        nav #filter aria-label="checks by verdict" hidden {
            button type="button" value="" aria-pressed="true" { "all checks " (checks.len()) } "\n"
            @for (verdict, count) in counts.filter(|(_, count)| *count > 0) {
                button type="button" value=(verdict.word()) aria-pressed="false" {
                    (verdict.word()) " " (count)
                }
                "\n"
            }
        }
        "\n"
    }
}

fn rule(rule: &RuleRecord, record: &RunRecord) -> Markup {
    let folded = matches!(
        rule.verdict,
        Verdict::Pass | Verdict::Observed | Verdict::Unsupported | Verdict::Deviation
    );
    let id = rule.id.as_str();
    let mut written: Vec<(&str, String)> =
        rule.sources.iter().map(|source| ("written", source_label(source))).collect();
    written.push(("file", rule_file(&rule.id)));
    written.push(("repeat", repeat(&rule.id, record)));
    markup! {
        details.rule id=(Shown(id)) open[!folded] {
            summary {
                (verdict(rule.verdict)) " " code { (Shown(id)) } " "
                small { (rule.level.to_string()) ", " (rule.evidence.to_string()) }
            }
            "\n"
            div.body {
                p { (Shown(&rule.says)) } "\n"
                (facts(&written))
                @for each in record.checks.iter().filter(|check| check.rule == rule.id) {
                    (check(each))
                }
            }
        }
        "\n"
    }
}

fn verdict(verdict: Verdict) -> Markup {
    markup! { span class=(format_args!("verdict {verdict}")) { (verdict.word()) } }
}

/// A check: what was sent, expected and observed, and why it has its verdict.
fn check(check: &CheckRecord) -> Markup {
    markup! {
        section.check data-verdict=(check.verdict.word()) {
            h3 {
                (verdict(check.verdict)) " " code { (Shown(check.id.within_rule())) } " "
                small {
                    (check.role.to_string())
                    @if check.exchange.is_some() { ", " (took(check.duration_us)) }
                }
            }
            "\n"
            (facts(&details(check)))
        }
        "\n"
    }
}

fn details(check: &CheckRecord) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.extend(sent(check).map(|sent| ("sent", sent)));
    if !check.expected.is_empty() {
        facts.push(("expected", check.expected.clone()));
    }
    facts.push(("observed", check.observed.clone()));
    let wrong = deviations(check)
        .map(|each| format!("{}: {}, expected {}", each.path, each.observed, each.expected));
    facts.extend(wrong.map(|wrong| ("wrong", wrong)));
    facts.extend(check.reason.clone().map(|reason| ("because", reason)));
    facts
}

/// The rules whose snapshots differ, line by line.
fn snapshots(record: &RunRecord) -> Markup {
    let Some(seen) = &record.snapshots else { return Markup::default() };
    markup! {
        h2 { "snapshots" } "\n"
        p { (snapshots_line(seen, &record.target.arguments)) } "\n"
        @for change in &seen.changed {
            h3 { code { (line(change.rule.as_str())) } } "\n"
            pre {
                "\n"
                @for (mark, line) in lines(change) {
                    @match mark {
                        Mark::Before => del { (line) },
                        Mark::Now => ins { (line) },
                        Mark::Kept | Mark::Skipped => (line),
                    }
                    "\n"
                }
            }
            "\n"
        }
    }
}
