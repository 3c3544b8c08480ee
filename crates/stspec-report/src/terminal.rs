//! The report for the person at the terminal: first every rule in one line, then the details of
//! what is wrong, then the numbers.

mod detail;
mod differences;
mod style;

use std::fmt::Write as _;

use stspec_scenario::{Grade, Level};
use stspec_verdict::{
    BaselineFinding, BaselineRecord, CheckRecord, Counts, End, RuleRecord, RunRecord,
    SnapshotRecord, Verdict, exit_code, summarise,
};

use crate::CleanRecord;
use crate::labels::took;
use crate::text::{counted, line};

pub use style::Style;

/// Width of the column of verdicts: that of the longest, `inconclusive`.
const VERDICT_WIDTH: usize = 12;

/// Renders a record as text that reads the same with and without colour.
#[must_use]
pub fn terminal(record: &CleanRecord, style: Style) -> String {
    let mut text = heading(record);
    for family in record.rules.chunk_by(|a, b| family(a) == family(b)) {
        text.push('\n');
        text.push_str(&overview(family, &record.checks, style));
    }
    let mut detailed: Vec<&RuleRecord> =
        record.rules.iter().filter(|rule| needs_detail(rule.verdict)).collect();
    // Mildest first, so that the worst is nearest to the end, where the reader is.
    detailed.sort_by_key(|rule| rule.verdict);
    for rule in detailed {
        text.push('\n');
        text.push_str(&detail::detail(rule, record, style));
    }
    if let Some(seen) = &record.snapshots {
        text.push_str(&differences::differences(seen, style));
    }
    text.push('\n');
    text.push_str(&numbers(record));
    text
}

fn heading(record: &RunRecord) -> String {
    let rules = counted(record.rules.len(), "rule", "rules");
    let checks = counted(record.checks.len(), "check", "checks");
    format!(
        "run {} · target {} at {} · {}{rules}, {checks} in {}\n",
        record.run,
        line(&record.target.name),
        line(&record.target.endpoint),
        record.revision.map(|date| format!("API of {date} · ")).unwrap_or_default(),
        took(record.duration_us),
    )
}

/// The first segment of a rule's id.
fn family(rule: &RuleRecord) -> Option<&str> {
    rule.id.segments().next()
}

/// One line for each rule of a family.
fn overview(rules: &[RuleRecord], checks: &[CheckRecord], style: Style) -> String {
    let mut text = String::new();
    for rule in rules {
        let checks = checks.iter().filter(|check| check.rule == rule.id);
        let verdict = style.verdict(rule.verdict, VERDICT_WIDTH);
        let note = note(rule, checks).map(|note| format!("  ({note})")).unwrap_or_default();
        // Writing to a string never fails.
        let _ = writeln!(text, "{verdict}  {}{note}", rule.id);
    }
    text
}

/// What a rule's line says beside its verdict, where that is all there is to say.
fn note<'a>(
    rule: &RuleRecord,
    mut checks: impl Iterator<Item = &'a CheckRecord>,
) -> Option<String> {
    match rule.verdict {
        Verdict::Pass => {
            let lenient = checks.filter(|check| check.grade == Some(Grade::Lenient)).count();
            (lenient > 0).then(|| format!("{lenient} accepted as lenient"))
        }
        Verdict::Unsupported | Verdict::Deviation => {
            let reason = checks.find(|check| check.verdict == rule.verdict)?.reason.as_deref()?;
            Some(line(reason.strip_prefix("not sent: ").unwrap_or(reason)))
        }
        _ => None,
    }
}

/// Whether a verdict needs more than one line.
fn needs_detail(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Pass | Verdict::Unsupported | Verdict::Deviation)
}

/// The last lines: each level by itself, what was left behind, and what the exit code means.
fn numbers(record: &RunRecord) -> String {
    let summary = summarise(&record.rules);
    let mut text = String::new();
    for level in [Level::Must, Level::Should, Level::Observe] {
        let counts = summary.of(level);
        if counts.total() > 0 {
            let _ = writeln!(text, "{level:<7} {}", tally(level, counts));
        }
    }
    let resources = record.resources;
    if resources.created > 0 || resources.leaked > 0 {
        let (created, removed, leaked) = (resources.created, resources.removed, resources.leaked);
        let leaked = if leaked > 0 { format!(" · {leaked} LEFT BEHIND") } else { String::new() };
        let _ = writeln!(text, "created {created} · removed {removed}{leaked}");
    }
    if record.redaction.hits > 0 {
        let _ = writeln!(text, "secrets in artefacts: {}", record.redaction.hits);
    }
    match &record.end {
        End::Complete => {}
        End::Interrupted => text.push_str("the run was interrupted\n"),
        End::Unreachable { reason } => {
            let _ = writeln!(text, "the run ended early: {}", line(reason));
        }
    }
    text.push_str(&record.baseline.as_ref().map(compared).unwrap_or_default());
    if let Some(seen) = &record.snapshots {
        let _ = writeln!(text, "{}", snapshots_line(seen, &record.target.arguments));
    }
    let exit = exit_code(record);
    let _ = writeln!(text, "exit {}: {}", exit.code(), exit.words());
    text
}

/// The result of the comparison with the baseline.
fn compared(baseline: &BaselineRecord) -> String {
    let of = baseline.of.as_ref().map(|of| format!(", of {}", line(of))).unwrap_or_default();
    let unchanged = baseline.unchanged;
    let mut text = format!("baseline {}{of} · {unchanged} as recorded\n", line(&baseline.file));
    for BaselineFinding { kind, check, says } in &baseline.findings {
        // Writing to a string never fails.
        let _ = writeln!(text, "  {:<9} {}: {}", kind.word(), line(check), line(says));
    }
    text
}

/// The result of the comparison with the target's snapshots.
pub(crate) fn snapshots_line(seen: &SnapshotRecord, arguments: &str) -> String {
    let mut text = format!("snapshots {} · {} as before", line(&seen.folder), seen.same);
    if !seen.changed.is_empty() {
        let _ = write!(text, " · {} changed", seen.changed.len());
    }
    if !seen.missing.is_empty() {
        let _ = write!(text, " · {} not taken yet", seen.missing.len());
    }
    if !seen.matches() {
        let command = format!("stspec snapshot accept {arguments}");
        let _ = write!(text, " · `{}` takes them", line(command.trim_end()));
    }
    text
}

/// The numbers of one level, such as `31/34 · 2 unsupported · 1 inconclusive`: passed of all, and
/// whatever did not pass by what it came to.
pub(crate) fn tally(level: Level, counts: Counts) -> String {
    let mut parts = Vec::new();
    if level != Level::Observe {
        parts.push(format!("{}/{}", counts.pass, counts.total()));
    }
    let order = [
        Verdict::Error,
        Verdict::Fail,
        Verdict::Changed,
        Verdict::Flaky,
        Verdict::Deviation,
        Verdict::Fixed,
        Verdict::Unsupported,
        Verdict::Inconclusive,
        Verdict::Observed,
    ];
    for verdict in order {
        let count = counts.of(verdict);
        if count > 0 {
            parts.push(format!("{count} {verdict}"));
        }
    }
    parts.join(" · ")
}
