//! The load report for a browser: one page that asks the network for nothing and runs no script.

mod plots;

use std::fmt::Write as _;

use stspec_measure::{CallLoad, Histogram, LoadCounts, LoadRecord};
use stspec_scenario::Word as _;

use super::quantity::{grouped, limit_words, observed_words, shape_words, time_or_dash};
use super::terminal::{
    DEFERRED, LEVEL_COLUMNS, NOT_SATURATED, by_rate, credentials_words, generators, held_verdict,
    held_word, knee_words, level_cells, limited_words, machine_words, missed_words, offered_words,
    quantiles, rate_words, uncounted_words,
};
use crate::markup::escape;
use crate::text::long_line;

/// How all pages look, light or dark as the reader's system is.
const STYLE: &str = include_str!("../html/style.css");

/// How plots look.
const STYLE_OF_PLOTS: &str = include_str!("html/plots.css");

/// What a browser may do with the page: nothing but show it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Renders a page with the verdict, the figures and the plots of a load.
#[must_use]
pub fn html(record: &LoadRecord) -> String {
    let title = shown(&format!("stspec load {} on {}", record.profile, record.target.name));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{STYLE_OF_PLOTS}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    page.push_str(&heading(record));
    page.push_str(&thresholds(record));
    page.push_str(&rates(record));
    page.push_str(&calls(record));
    page.push_str(&plots::plots(record));
    page.push_str(&examples(&record.calls));
    page.push_str(&facts(record));
    page + "</body>\n</html>\n"
}

/// A value in one line, escaped.
pub(super) fn shown(value: &str) -> String {
    escape(&long_line(value))
}

fn heading(record: &LoadRecord) -> String {
    let verdict = record.verdict();
    let sent = record.sent();
    let mut text = format!(
        "<p>run {} · {} · <code>{}</code></p>\n<p><strong class=\"{verdict}\">{verdict}</strong> · {} · {} \
         requests, {} errors, {} wrong</p>\n",
        shown(&record.run),
        record.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
        shown(&record.target.endpoint),
        found_words(record),
        grouped(sent.requests),
        grouped(sent.errors),
        grouped(sent.wrong),
    );
    // Writing to a string never fails.
    if let Some(saturation) = record.saturation() {
        let _ = writeln!(text, "<p class=\"inconclusive\">{}</p>", shown(&saturation));
    }
    if record.resources.leaked > 0 {
        let left = record.resources.leaked;
        let _ = writeln!(text, "<p class=\"fail\">left behind on the target: {left}</p>");
    }
    text
}

fn thresholds(record: &LoadRecord) -> String {
    let mut rows = String::new();
    for held in record.held() {
        let (verdict, word) = (held_verdict(held.held), held_word(held.held));
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"{verdict}\">{word}</td></tr>",
            held.threshold.measure,
            limit_words(held.threshold.limit),
            observed_words(&held),
        );
    }
    for threshold in record.deferred() {
        let (measure, limit) = (threshold.measure, limit_words(threshold.limit));
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{measure}</th><td>{limit}</td><td>{}</td><td>later</td></tr>",
            shown(DEFERRED),
        );
    }
    let first = record.levels.first();
    let note = first.map(|first| format!("<p>held against the first rate, {}/s</p>\n", first.rate));
    let head = columns(&["threshold", "limit", "observed", ""]);
    format!(
        "<h2>thresholds</h2>\n<table>\n{head}<tbody>\n{rows}</tbody>\n</table>\n{}",
        note.unwrap_or_default()
    )
}

/// What the run was for: the knee of a search, and otherwise how fast the target answered.
fn found_words(record: &LoadRecord) -> String {
    if record.levels.is_empty() {
        return rate_words(record);
    }
    format!("knee: {}", knee_words(record))
}

/// The rates of a search with what they missed.
fn rates(record: &LoadRecord) -> String {
    if record.levels.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for level in by_rate(record) {
        let (verdict, words) = if level.missed.is_empty() {
            ("pass", "pass".to_owned())
        } else {
            ("fail", missed_words(level))
        };
        let [rate, cells @ ..] = level_cells(level);
        let cells = cells.map(|cell| format!("<td>{cell}</td>")).concat();
        let words = shown(&format!("{words}{}", limited_words(level)));
        // Writing to a string never fails.
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{rate}</th>{cells}<td class=\"{verdict}\">{words}</td></tr>"
        );
    }
    let head = columns(&[LEVEL_COLUMNS.as_slice(), &["missed"]].concat());
    format!("<h2>rates</h2>\n<table class=\"rates\">\n{head}<tbody>\n{rows}</tbody>\n</table>\n")
}

fn columns(names: &[&str]) -> String {
    let cells: Vec<String> =
        names.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    format!("<thead><tr>{}</tr></thead>\n", cells.concat())
}

fn calls(record: &LoadRecord) -> String {
    let mut rows = String::new();
    for call in record.calls.iter().filter(|call| !call.prepares) {
        rows += &numbers(&call.id, call.counted, &call.latency);
    }
    let totals = record.totals();
    rows += &numbers("all", totals.counts, &totals.latency);
    let head = columns(&[
        "call", "requests", "errors", "wrong", "p50", "p90", "p95", "p99", "p99.9", "max",
    ]);
    format!("<h2>calls</h2>\n<table class=\"numbers\">\n{head}<tbody>\n{rows}</tbody>\n</table>\n")
}

fn numbers(name: &str, counts: LoadCounts, latency: &Histogram) -> String {
    let bad = |count: u64| {
        let class = if count > 0 { " class=\"fail\"" } else { "" };
        format!("<td{class}>{}</td>", grouped(count))
    };
    let times: String =
        quantiles(latency).map(|time| format!("<td>{}</td>", time_or_dash(time))).concat();
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td>{}{}{times}</tr>\n",
        shown(name),
        grouped(counts.requests),
        bad(counts.errors),
        bad(counts.wrong),
    )
}

/// What was wrong, call by call.
fn examples(calls: &[CallLoad]) -> String {
    let mut text = String::new();
    for call in calls {
        let examples = || call.error_examples.iter().chain(&call.wrong_examples);
        if examples().next().is_none() {
            continue;
        }
        let (id, sent, principal) = (shown(&call.id), shown(&call.call), shown(&call.principal));
        let _ = write!(
            text,
            "<section class=\"check\">\n<h3><code>{id}</code> <small>{sent} as {principal}</small></h3>\n\
             <dl>\n<dt>expected</dt><dd>{}</dd>\n",
            shown(&call.expected)
        );
        let kinds = [("error", &call.error_examples), ("wrong", &call.wrong_examples)];
        for (kind, examples) in kinds {
            for example in examples {
                let _ = writeln!(text, "<dt>{kind}</dt><dd>{}</dd>", shown(example));
            }
        }
        text.push_str("</dl>\n</section>\n");
    }
    if text.is_empty() { text } else { format!("<h2>what was wrong</h2>\n{text}") }
}

/// How the load was made.
fn facts(record: &LoadRecord) -> String {
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
    let mut list = String::from("<h2>how it was measured</h2>\n<dl>\n");
    for (label, value) in facts {
        let _ = writeln!(list, "<dt>{label}</dt><dd>{}</dd>", shown(&value));
    }
    list + "</dl>\n"
}
