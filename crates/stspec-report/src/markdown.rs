//! The report for a page that shows Markdown, such as the summary of a build.

use std::fmt::Write as _;

use stspec_scenario::Level;
use stspec_verdict::{CheckRecord, RuleRecord, RunRecord, Verdict, exit_code, summarise};

use crate::labels::{facts, repeat, source_label, took};
use crate::markdown_text::{code, code_block, prose};
use crate::terminal::snapshots_line;
use crate::text::{counted, line};
use crate::{CleanRecord, difference};

/// Most bytes of a whole report.
///
/// Source: GitHub's documentation of workflow commands, "Step isolation and limits": a step's summary is
/// at most 1 MiB, and one that is longer is not shown at all. What is kept free is for what other
/// commands of the same step add.
pub const MARKDOWN_BYTES_MAX: usize = 1_000_000;

/// What the last lines may take of that.
const CLOSING_BYTES: usize = 200;

/// Renders a table of verdicts, then what is not right with its reproducer, the worst first. Where there
/// is more than a page takes, the rest is counted.
#[must_use]
pub fn markdown(record: &CleanRecord) -> String {
    let mut text = heading(record);
    let mut sections: Vec<String> = vec![baseline(record)];
    let mut wrong: Vec<&RuleRecord> = record.rules.iter().filter(|rule| is_wrong(rule)).collect();
    wrong.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.id.cmp(&b.id)));
    sections.extend(wrong.iter().map(|rule| section(rule, record)));
    sections.extend(snapshots(record));
    sections.retain(|section| !section.is_empty());
    let mut left_out = 0;
    for section in sections {
        if left_out == 0 && text.len() + section.len() + CLOSING_BYTES <= MARKDOWN_BYTES_MAX {
            text.push_str(&section);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let sections = counted(left_out, "section", "sections");
        // Writing to a string never fails.
        let _ =
            writeln!(text, "\n{sections} more would not fit; the JSON and HTML reports have all.");
    }
    text
}

fn heading(record: &RunRecord) -> String {
    let exit = exit_code(record);
    let rules = counted(record.rules.len(), "rule", "rules");
    let checks = counted(record.checks.len(), "check", "checks");
    let of = record.revision.map(|date| format!("API of {date} · ")).unwrap_or_default();
    format!(
        "## stspec: {} on {}\n\n{} · {of}{rules}, {checks} in {} · exit {}: {}\n\n{}",
        if exit.code() == 0 { "passed" } else { "not passed" },
        prose(&line(&record.target.name)),
        code(&line(&record.target.endpoint)),
        took(record.duration_us),
        exit.code(),
        exit.words(),
        table(record),
    )
}

/// Levels by verdicts; a column that is empty is left out.
fn table(record: &RunRecord) -> String {
    let summary = summarise(&record.rules);
    let levels = [Level::Must, Level::Should, Level::Observe];
    let seen: Vec<Verdict> = Verdict::ALL
        .into_iter()
        .filter(|verdict| levels.iter().any(|level| summary.of(*level).of(*verdict) > 0))
        .collect();
    if seen.is_empty() {
        return String::new();
    }
    let names: Vec<String> = seen.iter().map(|verdict| format!(" {verdict} |")).collect();
    let mut text =
        format!("| level |{} rules |\n|:--|{}--:|\n", names.concat(), "--:|".repeat(seen.len()));
    for level in levels {
        let counts = summary.of(level);
        let cells: Vec<String> =
            seen.iter().map(|verdict| format!(" {} |", counts.of(*verdict))).collect();
        let _ = writeln!(text, "| {level} |{} {} |", cells.concat(), counts.total());
    }
    text
}

fn baseline(record: &RunRecord) -> String {
    let Some(baseline) = &record.baseline else { return String::new() };
    let mut text = format!(
        "\nBaseline {}: {} as recorded.\n",
        code(&line(&baseline.file)),
        baseline.unchanged
    );
    if !baseline.findings.is_empty() {
        text.push('\n');
    }
    for finding in &baseline.findings {
        let (check, says) = (code(&line(&finding.check)), prose(&line(&finding.says)));
        let _ = writeln!(text, "- **{}** {check}: {says}", finding.kind.word());
    }
    text
}

fn is_wrong(rule: &RuleRecord) -> bool {
    !matches!(
        rule.verdict,
        Verdict::Pass | Verdict::Observed | Verdict::Unsupported | Verdict::Deviation
    )
}

/// A rule that is not right: what it says, each check that is not right, and how to repeat it.
fn section(rule: &RuleRecord, record: &RunRecord) -> String {
    let mut text = format!(
        "\n### {} {}\n\n{}\n\n",
        rule.verdict,
        code(rule.id.as_str()),
        prose(&line(&rule.says))
    );
    let quiet = |check: &&CheckRecord| {
        check.rule == rule.id && !matches!(check.verdict, Verdict::Pass | Verdict::Deviation)
    };
    for check in record.checks.iter().filter(quiet) {
        let within = code(check.id.within_rule());
        let _ =
            writeln!(text, "- **{}** {within} ({}, {})", check.verdict, check.level, check.role);
        for (label, value) in facts(check) {
            let _ = writeln!(text, "  - {label} {}", code(&line(&value)));
        }
    }
    for source in &rule.sources {
        let _ = writeln!(text, "- written in {}", prose(&line(&source_label(source))));
    }
    let _ = write!(
        text,
        "\n{}",
        code_block("console", &format!("$ {}", line(&repeat(&rule.id, record))))
    );
    text
}

fn snapshots(record: &RunRecord) -> Vec<String> {
    let Some(seen) = &record.snapshots else { return Vec::new() };
    let mut sections =
        vec![format!("\n{}\n", prose(&snapshots_line(seen, &record.target.arguments)))];
    sections.extend(seen.changed.iter().map(|change| {
        let rule = code(change.rule.as_str());
        format!(
            "\n### seen otherwise: {rule}\n\n{}",
            code_block("diff", &difference::plain(change))
        )
    }));
    sections
}
