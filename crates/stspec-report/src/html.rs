//! The report for a browser: one page that asks the network for nothing.

use std::fmt::{Display, Write as _};

use stspec_scenario::Level;
use stspec_verdict::{CheckRecord, RuleRecord, RunRecord, Verdict, exit_code, summarise};

use crate::difference::{Mark, lines};
use crate::markup::escape;
use crate::redaction;
use crate::terminal::{snapshots_line, tally};
use crate::text::{counted, line, long_line};
use crate::words::{deviations, repeat, rule_file, sent, source_words, took};

/// How the page looks, light or dark as the reader's system is.
pub(crate) const STYLE: &str = include_str!("html/style.css");

/// Shows the buttons that filter by verdict, and does what they say; without it the page shows all.
const SCRIPT: &str = include_str!("html/filter.js");

/// What a browser may do with the page: nothing but show it.
pub(crate) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// Renders a page with every check, those of rules that are not right unfolded.
#[must_use]
pub fn html(record: &RunRecord) -> String {
    let record = redaction::clean(record);
    let title = shown(&format!("stspec on {}", record.target.name));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    page.push_str(&heading(&record));
    page.push_str(&table(&record));
    page.push_str(&baseline(&record));
    page.push_str(&filter(&record.checks));
    for family in record.rules.chunk_by(|a, b| a.id.segments().next() == b.id.segments().next()) {
        let name = family.first().and_then(|rule| rule.id.segments().next()).unwrap_or_default();
        // Writing to a string never fails.
        let _ = writeln!(page, "<h2>{}</h2>", shown(name));
        page.extend(family.iter().map(|each| rule(each, &record)));
    }
    page.push_str(&snapshots(&record));
    let _ = write!(page, "<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    page
}

/// A value in one line, escaped.
fn shown(value: &str) -> String {
    escape(&long_line(value))
}

fn heading(record: &RunRecord) -> String {
    let exit = exit_code(record);
    let revision = record.revision.map(|date| format!("API of {date} · ")).unwrap_or_default();
    let resources = record.resources;
    let left = if resources.leaked > 0 {
        format!(" · {} left behind", resources.leaked)
    } else {
        String::new()
    };
    format!(
        "<p>run {} · {} · <code>{}</code> · {revision}{}, {} in {}{left}</p>\n\
         <p><strong class=\"{}\">exit {}: {}</strong></p>\n",
        shown(&record.run),
        record.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
        shown(&record.target.endpoint),
        counted(record.rules.len(), "rule", "rules"),
        counted(record.checks.len(), "check", "checks"),
        took(record.duration_us),
        if exit.code() == 0 { "pass" } else { "fail" },
        exit.code(),
        exit.words(),
    )
}

/// The numbers of each level.
fn table(record: &RunRecord) -> String {
    let summary = summarise(&record.rules);
    let rows = [Level::Must, Level::Should, Level::Observe]
        .into_iter()
        .filter(|level| summary.of(*level).total() > 0)
        .map(|level| {
            let counts = summary.of(level);
            let tally = tally(level, counts);
            format!(
                "<tr><th scope=\"row\">{level}</th><td>{}</td><td>{tally}</td></tr>\n",
                counts.total()
            )
        });
    let head = "<tr><th scope=\"col\">level</th><th scope=\"col\">rules</th><th scope=\"col\">passed and others</th></tr>";
    format!(
        "<table>\n<thead>{head}</thead>\n<tbody>\n{}</tbody>\n</table>\n",
        rows.collect::<String>()
    )
}

fn baseline(record: &RunRecord) -> String {
    let Some(baseline) = &record.baseline else { return String::new() };
    let mut findings = String::new();
    for finding in &baseline.findings {
        let (check, says) = (shown(&finding.check), shown(&finding.says));
        let kind = finding.kind.word();
        // Writing to a string never fails.
        let _ = writeln!(findings, "<li><strong>{kind}</strong> <code>{check}</code>: {says}</li>");
    }
    let list = if findings.is_empty() { findings } else { format!("<ul>\n{findings}</ul>\n") };
    let file = shown(&baseline.file);
    format!("<p>baseline <code>{file}</code>: {} as recorded</p>\n{list}", baseline.unchanged)
}

/// Buttons with the number of checks of each verdict; hidden until the script can serve them.
fn filter(checks: &[CheckRecord]) -> String {
    let button = |value: &str, label: &dyn Display, count: usize, pressed: bool| {
        format!(
            "<button type=\"button\" value=\"{value}\" aria-pressed=\"{pressed}\">{label} {count}</button>\n"
        )
    };
    let mut bar = button("", &"all checks", checks.len(), true);
    for verdict in Verdict::ALL.into_iter().rev() {
        let count = checks.iter().filter(|check| check.verdict == verdict).count();
        if count > 0 {
            bar.push_str(&button(verdict.word(), &verdict, count, false));
        }
    }
    format!("<nav id=\"filter\" aria-label=\"checks by verdict\" hidden>\n{bar}</nav>\n")
}

fn rule(rule: &RuleRecord, record: &RunRecord) -> String {
    let folded = matches!(
        rule.verdict,
        Verdict::Pass | Verdict::Observed | Verdict::Unsupported | Verdict::Deviation
    );
    let open = if folded { "" } else { " open" };
    let id = shown(rule.id.as_str());
    let mut facts: Vec<(&str, String)> =
        rule.sources.iter().map(|source| ("written", source_words(source))).collect();
    facts.push(("file", rule_file(&rule.id)));
    facts.push(("repeat", repeat(&rule.id, record)));
    let checks = record.checks.iter().filter(|check| check.rule == rule.id);
    format!(
        "<details class=\"rule\" id=\"{id}\"{open}>\n<summary>{} <code>{id}</code> <small>{}, {}</small>\
         </summary>\n<div class=\"body\">\n<p>{}</p>\n{}{}</div>\n</details>\n",
        verdict(rule.verdict),
        rule.level,
        rule.evidence,
        shown(&rule.says),
        listed(&facts),
        checks.map(check).collect::<String>(),
    )
}

fn verdict(verdict: Verdict) -> String {
    format!("<span class=\"verdict {verdict}\">{verdict}</span>")
}

/// A check: what was sent, expected and observed, and why it came to its verdict.
fn check(check: &CheckRecord) -> String {
    let mut facts: Vec<(&str, String)> = Vec::new();
    facts.extend(sent(check).map(|sent| ("sent", sent)));
    if !check.expected.is_empty() {
        facts.push(("expected", check.expected.clone()));
    }
    facts.push(("observed", check.observed.clone()));
    let wrong = deviations(check)
        .map(|each| format!("{}: {}, expected {}", each.path, each.observed, each.expected));
    facts.extend(wrong.map(|wrong| ("wrong", wrong)));
    facts.extend(check.reason.clone().map(|reason| ("because", reason)));
    format!(
        "<section class=\"check\" data-verdict=\"{}\">\n<h3>{} <code>{}</code> <small>{}{}</small></h3>\n\
         {}</section>\n",
        check.verdict,
        verdict(check.verdict),
        shown(check.id.within_rule()),
        check.role,
        if check.exchange.is_some() {
            format!(", {}", took(check.duration_us))
        } else {
            String::new()
        },
        listed(&facts),
    )
}

/// Labels with their values.
fn listed(facts: &[(&str, String)]) -> String {
    let mut list = String::from("<dl>\n");
    for (label, value) in facts {
        // Writing to a string never fails.
        let _ = writeln!(list, "<dt>{label}</dt><dd>{}</dd>", shown(value));
    }
    list + "</dl>\n"
}

/// The rules that look otherwise than they did, line by line.
fn snapshots(record: &RunRecord) -> String {
    let Some(seen) = &record.snapshots else { return String::new() };
    let said = escape(&snapshots_line(seen, &record.target.arguments));
    let mut text = format!("<h2>snapshots</h2>\n<p>{said}</p>\n");
    for change in &seen.changed {
        let _ =
            writeln!(text, "<h3><code>{}</code></h3>\n<pre>", escape(&line(change.rule.as_str())));
        for (mark, line) in lines(change) {
            let line = escape(&line);
            let _ = match mark {
                Mark::Before => writeln!(text, "<del>{line}</del>"),
                Mark::Now => writeln!(text, "<ins>{line}</ins>"),
                Mark::Kept | Mark::Skipped => writeln!(text, "{line}"),
            };
        }
        text.push_str("</pre>\n");
    }
    text
}
