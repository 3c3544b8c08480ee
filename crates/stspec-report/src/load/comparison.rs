//! How two loads compare, for the person at the terminal and for machines.

use std::fmt::Write as _;

use serde::Serialize;
use stspec_measure::{Change, Compared, Comparison, Metric};

use super::quantity::{grouped, percent, time};
use crate::terminal::Style;
use crate::text::line;

/// The name and version of the comparison's format.
pub const COMPARISON_SCHEMA: &str = "stspec/load-comparison/v1";

/// Renders a comparison as text that reads the same with and without colour.
#[must_use]
pub fn comparison_terminal(comparison: &Comparison, style: Style) -> String {
    let mut text = format!("profile {}\n", line(&comparison.profile));
    for (side, runs) in [("before", &comparison.before), ("after", &comparison.after)] {
        let runs: Vec<String> =
            runs.iter().map(|(run, target)| format!("{} on {}", line(run), line(target))).collect();
        // Writing to a string never fails.
        let _ = writeln!(text, "{side:<7} {}", runs.join(", "));
    }
    text += "\n";
    text += &table("all calls", &comparison.overall, style);
    for call in &comparison.calls {
        text += "\n";
        text += &table(&line(&call.id), &call.changes, style);
    }
    text += "\n";
    for warning in &comparison.warnings {
        let _ = writeln!(text, "note: {}", line(warning));
    }
    let tolerance = percent(u64::from(comparison.tolerance));
    let _ = writeln!(
        text,
        "a time or rate differs if chance hardly makes it so, by {tolerance} at least, and by more than a \
         side\ndiffers from itself; the others are shown and decide nothing"
    );
    if let Some((metric, smallest)) = comparison.sensitivity() {
        let _ = writeln!(
            text,
            "the smallest change that would have shown: {} of {metric}",
            tenths(smallest)
        );
    }
    let verdict = comparison.verdict;
    let _ = writeln!(text, "verdict: {}", style.coloured(verdict.verdict(), verdict.words(), 0));
    text
}

fn table(name: &str, changes: &[Change], style: Style) -> String {
    let mut text = format!(
        "{name:<20} {:>11} {:>11} {:>9}  {:<20} {:>8}\n",
        "before", "after", "change", "95 % interval", "itself"
    );
    for change in changes.iter().filter(|change| change.before.is_some() || change.after.is_some())
    {
        let interval = change.interval.map_or_else(String::new, |(low, high)| {
            format!("{} to {}", signed(change.metric, low), signed(change.metric, high))
        });
        let verdict = change.verdict.map_or_else(String::new, |verdict| {
            style.coloured(verdict.verdict(), change.metric.says(verdict), 0)
        });
        let row = format!(
            "  {:<18} {:>11} {:>11} {:>9}  {interval:<20} {:>8}  {verdict}",
            change.metric.word(),
            value(change.metric, change.before),
            value(change.metric, change.after),
            change.change.map_or_else(String::new, |held| signed(change.metric, held)),
            change.noise.map_or_else(String::new, |noise| tenths(noise.unsigned_abs())),
        );
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

fn value(metric: Metric, value: Option<u64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    match metric {
        Metric::Rate | Metric::Knee if value < 100_000 => {
            format!("{}.{} /s", value / 1_000, value % 1_000 / 100)
        }
        Metric::Rate | Metric::Knee => format!("{} /s", grouped(value / 1_000)),
        Metric::P50 | Metric::P95 | Metric::P99 | Metric::Mean => time(value),
        Metric::Errors | Metric::Wrong | Metric::Dropped => percent(value),
    }
}

/// A change with its sign: of times and rates in percent, of shares in points of it.
fn signed(metric: Metric, per_million: i64) -> String {
    let sign = if per_million < 0 { "-" } else { "+" };
    let size = per_million.unsigned_abs();
    if metric.is_share() {
        format!("{sign}{}", percent(size))
    } else {
        format!("{sign}{}", tenths(size))
    }
}

/// Millionths as percent with one digit after the point, rounded to the nearest.
fn tenths(per_million: u64) -> String {
    let tenths = per_million.saturating_add(500) / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Renders a comparison as JSON; changes are in millionths.
///
/// # Panics
///
/// Never: a comparison holds text and whole numbers only.
#[must_use]
pub fn comparison_json(comparison: &Comparison) -> String {
    let side = |runs: &[(String, String)]| -> Vec<Run> {
        runs.iter().map(|(run, target)| Run { run: run.clone(), target: target.clone() }).collect()
    };
    let report = Report {
        schema: COMPARISON_SCHEMA,
        verdict: word(comparison.verdict),
        exit_code: comparison.exit_code().code(),
        profile: &comparison.profile,
        before: side(&comparison.before),
        after: side(&comparison.after),
        tolerance_per_million: comparison.tolerance,
        overall: comparison.overall.iter().map(Row::from).collect(),
        calls: comparison
            .calls
            .iter()
            .map(|call| Call {
                id: &call.id,
                changes: call.changes.iter().map(Row::from).collect(),
            })
            .collect(),
        sensitivity_per_million: comparison.sensitivity().map(|(_, smallest)| smallest),
        warnings: &comparison.warnings,
    };
    serde_json::to_string_pretty(&report).expect("a comparison holds text and whole numbers only")
        + "\n"
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    verdict: &'static str,
    exit_code: u8,
    profile: &'a str,
    before: Vec<Run>,
    after: Vec<Run>,
    tolerance_per_million: u32,
    overall: Vec<Row>,
    calls: Vec<Call<'a>>,
    /// The smallest change that would have shown in any metric that decides.
    sensitivity_per_million: Option<u64>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Run {
    run: String,
    target: String,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    changes: Vec<Row>,
}

/// One metric; `before` and `after` are in its unit, all else in millionths.
#[derive(Serialize)]
struct Row {
    metric: &'static str,
    unit: &'static str,
    before: Option<u64>,
    after: Option<u64>,
    change_per_million: Option<i64>,
    interval_per_million: Option<[i64; 2]>,
    noise_per_million: Option<i64>,
    verdict: Option<&'static str>,
}

impl From<&Change> for Row {
    fn from(change: &Change) -> Self {
        let unit = match change.metric {
            Metric::Rate | Metric::Knee => "thousandths per second",
            Metric::P50 | Metric::P95 | Metric::P99 | Metric::Mean => "microseconds",
            Metric::Errors | Metric::Wrong | Metric::Dropped => "millionths",
        };
        Self {
            metric: change.metric.word(),
            unit,
            before: change.before,
            after: change.after,
            change_per_million: change.change,
            interval_per_million: change.interval.map(|(low, high)| [low, high]),
            noise_per_million: change.noise,
            verdict: change.verdict.map(word),
        }
    }
}

/// How a verdict is spelt for machines.
fn word(verdict: Compared) -> &'static str {
    match verdict {
        Compared::TooLittle => "too-little",
        Compared::Same => "same",
        Compared::Better => "better",
        Compared::Worse => "worse",
    }
}
