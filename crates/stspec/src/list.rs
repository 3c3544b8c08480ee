//! `stspec list`: one line for each thing there is.

use std::fmt::Write;
use std::path::Path;

use stspec_reference::Fault;
use stspec_scenario::{Library, Word};
use stspec_verdict::{CheckId, ExitCode};

use crate::cli::ListKind;
use crate::error::Problem;
use crate::output;
use crate::scenarios::library;

/// Prints the list.
pub(crate) fn command(scenarios: Option<&Path>, kind: ListKind) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    output::data(&match kind {
        ListKind::Rules => rules(&library),
        ListKind::Checks => checks(&library),
        ListKind::Targets => targets(&library),
        ListKind::Profiles => profiles(&library),
        ListKind::Faults => faults(),
    });
    Ok(ExitCode::Passed)
}

fn rules(library: &Library) -> String {
    let rows = library
        .rules()
        .iter()
        .map(|rule| (rule.id.to_string(), format!("{:<7}  {}", rule.level.word(), rule.says)));
    columns(rows.collect())
}

fn checks(library: &Library) -> String {
    let mut rows = Vec::new();
    for rule in library.rules() {
        for scenario in &rule.scenarios {
            for step in &scenario.steps {
                let id = CheckId::new(&rule.id, &scenario.name, &step.id);
                rows.push((id.to_string(), format!("{:<8}  {}", step.role.word(), step.call)));
            }
        }
    }
    columns(rows)
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
