//! The load report for a browser: one page that loads nothing and runs no script.

mod plots;

use maud::{Markup, html as markup};
use stspec_measure::{CallLoad, Histogram, Level, LoadCounts, LoadRecord};
use stspec_scenario::Word as _;
use stspec_verdict::Verdict;

use super::quantity::{grouped, limit_words, observed_words, shape_words, time_or_dash};
use super::terminal::{
    DEFERRED, LEVEL_COLUMNS, NOT_SATURATED, by_rate, credentials_words, generators, held_verdict,
    held_word, knee_words, level_cells, limited_words, machine_words, missed_words, offered_words,
    quantiles, rate_words, uncounted_words,
};
use crate::page::{self, Page, Shown, columns};

/// The style that plots have beside that of all pages.
const STYLE: &str = include_str!("html/plots.css");

/// Renders a page with the verdict, the figures and the plots of a load.
#[must_use]
pub fn html(record: &LoadRecord) -> String {
    let body = markup! {
        (heading(record))
        (thresholds(record))
        (rates(record))
        (calls(record))
        (plots::plots(record))
        (examples(&record.calls))
        (facts(record))
    };
    let title = format!("stspec load {} on {}", record.profile, record.target.name);
    Page { title: &title, style: STYLE, script: None, body }.into_string()
}

fn heading(record: &LoadRecord) -> Markup {
    let verdict = record.verdict();
    let sent = record.sent();
    let left = record.resources.leaked;
    markup! {
        p {
            "run " (Shown(&record.run)) " · " (record.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
            " · " code { (Shown(&record.target.endpoint)) }
        }
        "\n"
        p {
            strong class=(verdict.word()) { (verdict.word()) }
            " · " (found_words(record)) " · " (grouped(sent.requests)) " requests, "
            (grouped(sent.errors)) " errors, " (grouped(sent.wrong)) " wrong"
        }
        "\n"
        @if let Some(saturation) = record.saturation() {
            p.inconclusive { (Shown(&saturation)) } "\n"
        }
        @if left > 0 { p.fail { "left behind on the target: " (left) } "\n" }
    }
}

fn thresholds(record: &LoadRecord) -> Markup {
    markup! {
        h2 { "thresholds" } "\n"
        table {
            (columns(&["threshold", "limit", "observed", ""]))
            tbody {
                @for held in record.held() {
                    tr {
                        th scope="row" { (held.threshold.measure.to_string()) }
                        td { (limit_words(held.threshold.limit)) }
                        td { (observed_words(&held)) }
                        td class=(held_verdict(held.held).word()) { (held_word(held.held)) }
                    }
                    "\n"
                }
                @for threshold in record.deferred() {
                    tr {
                        th scope="row" { (threshold.measure.to_string()) }
                        td { (limit_words(threshold.limit)) }
                        td { (Shown(DEFERRED)) }
                        td { "later" }
                    }
                    "\n"
                }
            }
        }
        "\n"
        @if let Some(first) = record.levels.first() {
            p { "held against the first rate, " (first.rate) "/s" } "\n"
        }
    }
}

/// What the run was for: the knee of a search, and otherwise how fast the target answered.
fn found_words(record: &LoadRecord) -> String {
    if record.levels.is_empty() {
        return rate_words(record);
    }
    format!("knee: {}", knee_words(record))
}

/// The rates of a search with the thresholds that they missed.
fn rates(record: &LoadRecord) -> Markup {
    if record.levels.is_empty() {
        return Markup::default();
    }
    markup! {
        h2 { "rates" } "\n"
        table.rates {
            (columns(&[LEVEL_COLUMNS.as_slice(), &["missed"]].concat()))
            tbody { @for level in by_rate(record) { (rate(level)) } }
        }
        "\n"
    }
}

fn rate(level: &Level) -> Markup {
    let (verdict, words) = if level.missed.is_empty() {
        (Verdict::Pass, "pass".to_owned())
    } else {
        (Verdict::Fail, missed_words(level))
    };
    let [rate, cells @ ..] = level_cells(level);
    markup! {
        tr {
            th scope="row" { (rate) }
            @for cell in cells { td { (cell) } }
            td class=(verdict.word()) { (Shown(&format!("{words}{}", limited_words(level)))) }
        }
        "\n"
    }
}

fn calls(record: &LoadRecord) -> Markup {
    let totals = record.totals();
    markup! {
        h2 { "calls" } "\n"
        table.numbers {
            (columns(&[
                "call", "requests", "errors", "wrong", "p50", "p90", "p95", "p99", "p99.9", "max",
            ]))
            tbody {
                @for call in record.calls.iter().filter(|call| !call.prepares) {
                    (numbers(&call.id, call.counted, &call.latency))
                }
                (numbers("all", totals.counts, &totals.latency))
            }
        }
        "\n"
    }
}

fn numbers(name: &str, counts: LoadCounts, latency: &Histogram) -> Markup {
    markup! {
        tr {
            th scope="row" { (Shown(name)) }
            td { (grouped(counts.requests)) }
            @for bad in [counts.errors, counts.wrong] {
                td class=[(bad > 0).then_some("fail")] { (grouped(bad)) }
            }
            @for time in quantiles(latency) { td { (time_or_dash(time)) } }
        }
        "\n"
    }
}

/// What was wrong, call by call.
fn examples(calls: &[CallLoad]) -> Markup {
    let is_bad =
        |call: &&CallLoad| !call.error_examples.is_empty() || !call.wrong_examples.is_empty();
    let bad: Vec<&CallLoad> = calls.iter().filter(is_bad).collect();
    markup! {
        @if !bad.is_empty() { h2 { "what was wrong" } "\n" }
        @for call in bad { (examples_of(call)) }
    }
}

fn examples_of(call: &CallLoad) -> Markup {
    markup! {
        section.check {
            h3 {
                code { (Shown(&call.id)) } " "
                small { (Shown(&call.call)) " as " (Shown(&call.principal)) }
            }
            "\n"
            dl {
                dt { "expected" } dd { (Shown(&call.expected)) } "\n"
                @for example in &call.error_examples { dt { "error" } dd { (Shown(example)) } "\n" }
                @for example in &call.wrong_examples { dt { "wrong" } dd { (Shown(example)) } "\n" }
            }
        }
        "\n"
    }
}

/// How the load was made.
fn facts(record: &LoadRecord) -> Markup {
    let mut facts = vec![
        ("shape", shape_words(&record.shape)),
        ("transport", record.transport.word().to_owned()),
        ("seed", record.seed.to_string()),
        ("stspec", record.generator.version.clone()),
    ];
    facts.extend(generators(record).iter().map(|(name, held)| (*name, machine_words(held))));
    facts.push(("generator", record.saturation().unwrap_or_else(|| NOT_SATURATED.to_owned())));
    facts.extend(record.offered.as_ref().map(|offered| ("offered", offered_words(offered))));
    if record.credentials.seen > 0 {
        facts.push(("credentials", credentials_words(record)));
    }
    facts.extend(uncounted_words(record).map(|words| ("apart", words)));
    if !record.levels.is_empty() {
        facts.push(("knee", knee_words(record)));
    }
    markup! {
        h2 { "how it was measured" } "\n"
        (page::facts(&facts))
    }
}
