//! The matrix for a browser: one page that asks the network for nothing.

use std::fmt::Write as _;

use stspec_scenario::Level;
use stspec_verdict::Verdict;

use super::{Row, VerdictMatrix, word};
use crate::html::{POLICY, STYLE};
use crate::markup::escape;
use crate::terminal::tally;
use crate::text::{counted, line};

/// What the matrix looks like beside what all pages look like.
const MATRIX_STYLE: &str = include_str!("matrix.css");

/// Sorts by the column whose head is pressed; without it rules are sorted by their ids.
const SCRIPT: &str = include_str!("sort.js");

/// The head of a column.
const HEAD: &str = "th scope=\"col\"";

/// Renders a page with the numbers of each target and a table of rules by targets, in which rules on
/// which targets differ stand out.
#[must_use]
pub fn matrix_html(matrix: &VerdictMatrix) -> String {
    let title = "stspec: rules by targets";
    let differing = matrix.rows().iter().filter(|row| row.differs()).count();
    let rules = counted(matrix.rows().len(), "rule", "rules");
    let targets = counted(matrix.targets().len(), "target", "targets");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{MATRIX_STYLE}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n<p>{rules} on {targets}; targets differ on {differing}</p>\n{}\
         <input type=\"checkbox\" id=\"only\"> <label for=\"only\">only rules on which targets differ</label>\n\
         {}<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        summaries(matrix),
        rules_by_targets(matrix),
    )
}

fn summaries(matrix: &VerdictMatrix) -> String {
    let mut rows = String::new();
    for column in matrix.targets() {
        let levels = [Level::Must, Level::Should, Level::Observe];
        let tallies = levels.map(|level| tally(level, column.summary.of(level)));
        let tallies = each_in("td", tallies);
        let (target, endpoint) = (shown(column.target.as_str()), shown(&column.endpoint));
        // Writing to a string never fails.
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{target}</th><td><code>{endpoint}</code></td><td>{}</td>{tallies}</tr>",
            column.exit_code
        );
    }
    let heads = ["target", "endpoint", "exit", "must", "should", "observe"];
    let heads = each_in(HEAD, heads.map(str::to_owned));
    format!(
        "<div class=\"wide\">\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

fn rules_by_targets(matrix: &VerdictMatrix) -> String {
    let heads = ["rule", "level"].map(str::to_owned).into_iter();
    let targets = matrix.targets().iter().map(|column| shown(column.target.as_str()));
    let heads = each_in(HEAD, heads.chain(targets));
    let rows: String = matrix.rows().iter().map(row).collect();
    format!(
        "<table id=\"rules\">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

fn row(row: &Row) -> String {
    let class = if row.differs() { "differs" } else { "same" };
    let (rule, level) = (shown(row.rule.as_str()), row.level);
    let verdicts: String = row.verdicts.iter().map(|verdict| cell(*verdict)).collect();
    format!(
        "<tr class=\"{class}\"><th scope=\"row\"><code>{rule}</code></th><td>{level}</td>{verdicts}</tr>\n"
    )
}

fn cell(verdict: Option<Verdict>) -> String {
    let word = word(verdict);
    let class = verdict.map_or("none", Verdict::word);
    format!("<td><span class=\"verdict {class}\">{word}</span></td>")
}

/// Each text in an element of its own.
fn each_in(element: &str, texts: impl IntoIterator<Item = String>) -> String {
    let name = element.split(' ').next().unwrap_or(element);
    let mut elements = String::new();
    for text in texts {
        // Writing to a string never fails.
        let _ = write!(elements, "<{element}>{text}</{name}>");
    }
    elements
}

/// A value in one line, escaped.
fn shown(value: &str) -> String {
    escape(&line(value))
}
