//! `stspec list`: one line for each rule, check, target, profile or fault.

use std::fmt::Write;
use std::path::Path;

use stspec_reference::Fault;
use stspec_scenario::{Library, Step, Word};
use stspec_verdict::{CheckId, ExitCode};

use crate::cli::ListKind;
use crate::error::Problem;
use crate::output;
use crate::scenarios::library;

/// Prints the list.
pub(crate) fn command(scenarios: Option<&Path>, kind: ListKind) -> Result<ExitCode, Problem> {
    let text = match kind {
        ListKind::Rules => rules(&library(scenarios)?),
        ListKind::Checks => listed_checks(&library(scenarios)?),
        ListKind::Targets => targets(&library(scenarios)?),
        ListKind::Profiles => profiles(&library(scenarios)?),
        ListKind::Faults => faults(),
    };
    output::data(&text);
    Ok(ExitCode::Passed)
}

fn rules(library: &Library) -> String {
    let rows = library
        .rules()
        .iter()
        .map(|rule| (rule.id.to_string(), format!("{:<7}  {}", rule.level.word(), rule.says)));
    columns(rows.collect())
}

fn listed_checks(library: &Library) -> String {
    let row = |(id, step): (CheckId, &Step)| {
        (id.to_string(), format!("{:<8}  {}", step.role.word(), step.call))
    };
    columns(checks(library).map(row).collect())
}

/// Every check of a library, in the order of its rules.
pub(crate) fn checks(library: &Library) -> impl Iterator<Item = (CheckId, &Step)> {
    library.rules().iter().flat_map(|rule| {
        rule.scenarios.iter().flat_map(move |scenario| {
            let id = |step: &Step| CheckId::new(&rule.id, &scenario.name, &step.id);
            scenario.steps.iter().map(move |step| (id(step), step))
        })
    })
}

fn targets(library: &Library) -> String {
    columns(
        library
            .targets()
            .iter()
            .map(|target| (target.name.to_string(), target.says.clone()))
            .collect(),
    )
}

fn profiles(library: &Library) -> String {
    columns(
        library
            .profiles()
            .iter()
            .map(|profile| (profile.name.to_string(), profile.says.clone()))
            .collect(),
    )
}

fn faults() -> String {
    grouped(Fault::ALL.iter().map(|fault| (fault.name(), fault.says())))
}

/// Rows under a heading for each group, in order of appearance: the group of `sts/unsigned` is `sts`. Names
/// without a `/` come first and have no heading.
fn grouped<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut ungrouped = Vec::new();
    let mut groups: Vec<(&str, Vec<(String, String)>)> = Vec::new();
    for (name, says) in rows {
        let row = (name.to_owned(), says.to_owned());
        let Some((group, _)) = name.rsplit_once('/') else {
            ungrouped.push(row);
            continue;
        };
        match groups.iter_mut().find(|(other, _)| *other == group) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((group, vec![row])),
        }
    }
    let headed = groups.into_iter().map(|(group, rows)| format!("{group}\n{}", columns(rows)));
    let blocks = (!ungrouped.is_empty()).then(|| columns(ungrouped)).into_iter().chain(headed);
    blocks.collect::<Vec<_>>().join("\n")
}

/// Two columns, the first as wide as its longest entry.
fn columns(rows: Vec<(String, String)>) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, says) in rows {
        let _infallible = writeln!(text, "{name:<width$}  {says}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_listed_below_the_heading_of_their_prefix() {
        let rows = [
            ("sts/unsigned", "Unsigned requests are accepted."),
            ("null-silent", "Nothing is answered."),
            ("session/tags/lost", "Tags get lost."),
            ("sts/late", "Answers are late."),
        ];
        let expected = "\
null-silent  Nothing is answered.

sts
sts/unsigned  Unsigned requests are accepted.
sts/late      Answers are late.

session/tags
session/tags/lost  Tags get lost.
";
        assert_eq!(grouped(rows.into_iter()), expected);
    }

    #[test]
    fn names_without_a_prefix_have_no_heading() {
        assert_eq!(grouped([("a", "A."), ("bc", "B.")].into_iter()), "a   A.\nbc  B.\n");
    }
}
