//! The matrix for a browser: one page that loads nothing.

use maud::{Markup, html};
use stspec_scenario::Level;
use stspec_verdict::Verdict;

use super::{Column, Row, VerdictMatrix, label};
use crate::page::{Page, Shown, columns};
use crate::terminal::tally;
use crate::text::counted;

/// The style that the matrix has beside that of all pages.
const STYLE: &str = include_str!("matrix.css");

/// Sorts by the column whose head is pressed; without it rules are sorted by their ids.
const SCRIPT: &str = include_str!("sort.js");

/// Renders a page with the numbers of each target and a table of rules by targets. Rules on which
/// targets differ are highlighted.
#[must_use]
pub fn matrix_html(matrix: &VerdictMatrix) -> String {
    let differing = matrix.rows().iter().filter(|row| row.differs()).count();
    let body = html! {
        p {
            (counted(matrix.rows().len(), "rule", "rules")) " on "
            (counted(matrix.targets().len(), "target", "targets")) "; targets differ on " (differing)
        }
        "\n"
        (summaries(matrix.targets()))
        input type="checkbox" id="only"; " "
        label for="only" { "only rules on which targets differ" } "\n"
        (rules_by_targets(matrix))
    };
    Page { title: "stspec: rules by targets", style: STYLE, script: Some(SCRIPT), body }
        .into_string()
}

fn summaries(targets: &[Column]) -> Markup {
    let levels = [Level::Must, Level::Should, Level::Observe];
    html! {
        div.wide {
            table {
                (columns(&["target", "endpoint", "exit", "must", "should", "observe"]))
                tbody {
                    @for column in targets {
                        tr {
                            th scope="row" { (Shown(column.target.as_str())) }
                            td { code { (Shown(&column.endpoint)) } }
                            td { (column.exit_code) }
                            @for level in levels { td { (tally(level, column.summary.of(level))) } }
                        }
                        "\n"
                    }
                }
            }
        }
        "\n"
    }
}

fn rules_by_targets(matrix: &VerdictMatrix) -> Markup {
    let targets = matrix.targets().iter().map(|column| column.target.as_str());
    let heads: Vec<&str> = ["rule", "level"].into_iter().chain(targets).collect();
    html! {
        table #rules {
            (columns(&heads))
            tbody { @for each in matrix.rows() { (row(each)) } }
        }
        "\n"
    }
}

fn row(row: &Row) -> Markup {
    html! {
        tr class=(if row.differs() { "differs" } else { "same" }) {
            th scope="row" { code { (Shown(row.rule.as_str())) } }
            td { (row.level.to_string()) }
            @for verdict in &row.verdicts { td { (cell(*verdict)) } }
        }
        "\n"
    }
}

fn cell(verdict: Option<Verdict>) -> Markup {
    let class = verdict.map_or("none", Verdict::word);
    html! { span class=(format_args!("verdict {class}")) { (label(verdict)) } }
}
