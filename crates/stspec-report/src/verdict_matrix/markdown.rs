//! The matrix for a page that shows Markdown.

use std::fmt::Write as _;

use stspec_scenario::Level;

use super::{Row, VerdictMatrix, label};
use crate::markdown_text::{code, prose};
use crate::terminal::tally;
use crate::text::{counted, line};

/// Renders the targets with their numbers, then the rules on which they differ, then all others.
#[must_use]
pub fn matrix_markdown(matrix: &VerdictMatrix) -> String {
    let (differing, agreeing): (Vec<&Row>, Vec<&Row>) =
        matrix.rows().iter().partition(|row| row.differs());
    let mut text = format!("# stspec: rules by targets\n\n{}", summaries(matrix));
    text.push_str(&section("Where targets differ", &differing, matrix));
    text.push_str(&section("Where they agree, or one alone was asked", &agreeing, matrix));
    text
}

fn summaries(matrix: &VerdictMatrix) -> String {
    let mut text = String::from(
        "| target | endpoint | exit | must | should | observe |\n|---|---|---|---|---|---|\n",
    );
    for column in matrix.targets() {
        let levels = [Level::Must, Level::Should, Level::Observe];
        let [must, should, observe] = levels.map(|level| tally(level, column.summary.of(level)));
        let (target, endpoint) = (prose(column.target.as_str()), cell(&column.endpoint));
        // Writing to a string never fails.
        let _ = writeln!(
            text,
            "| {target} | {endpoint} | {} | {must} | {should} | {observe} |",
            column.exit_code
        );
    }
    text
}

fn section(title: &str, rows: &[&Row], matrix: &VerdictMatrix) -> String {
    let count = counted(rows.len(), "rule", "rules");
    let mut text = format!("\n## {title}: {count}\n");
    if rows.is_empty() {
        return text;
    }
    let targets: Vec<String> =
        matrix.targets().iter().map(|column| prose(column.target.as_str())).collect();
    // Writing to a string never fails.
    let _ = writeln!(text, "\n| rule | level | {} |", targets.join(" | "));
    let _ = writeln!(text, "|---|---|{}", "---|".repeat(targets.len()));
    for row in rows {
        let verdicts: Vec<&str> = row.verdicts.iter().map(|verdict| label(*verdict)).collect();
        let (rule, level) = (cell(row.rule.as_str()), row.level);
        let _ = writeln!(text, "| {rule} | {level} | {} |", verdicts.join(" | "));
    }
    text
}

/// A code span in a cell, which a bar would end even inside of it.
fn cell(text: &str) -> String {
    code(&line(text)).replace('|', "\\|")
}
