//! `stspec list`: one line for each thing there is.

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
    columns(
        Fault::ALL.iter().map(|fault| (fault.name().to_owned(), fault.says().to_owned())).collect(),
    )
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
