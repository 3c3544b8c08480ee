//! `stspec catalog`: what the rules cover of what is known, and what AWS has changed since.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use stspec_report::{coverage_matrix, drift_report};
use stspec_scenario::{Catalog, Library, MODEL_BYTES_MAX, ServiceModel, coverage, drift};
use stspec_verdict::ExitCode;

use crate::cli::CatalogCommand;
use crate::error::Problem;
use crate::output;
use crate::scenarios::{CATALOG_FILE, library, library_and_warnings, seen_from_here};

/// Does what the subcommand says.
pub(crate) fn command(
    scenarios: Option<&Path>,
    command: &CatalogCommand,
) -> Result<ExitCode, Problem> {
    match command {
        CatalogCommand::Coverage { strict } => print_coverage(scenarios, *strict),
        CatalogCommand::Drift { model } => print_drift(scenarios, model),
    }
}

fn print_coverage(scenarios: Option<&Path>, strict: bool) -> Result<ExitCode, Problem> {
    let (library, warnings) = library_and_warnings(scenarios)?;
    let coverage = coverage(catalog(scenarios, &library)?, &library);
    output::note(warnings.rendered(scenarios).trim_end());
    output::data(&coverage_matrix(&coverage));
    Ok(if strict && !coverage.is_complete() { ExitCode::Failed } else { ExitCode::Passed })
}

fn print_drift(scenarios: Option<&Path>, path: &Path) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let operation = catalog(scenarios, &library)?.operation;
    let fault = |reason: String| Problem::File { path: path.to_owned(), reason };
    let bytes = read_at_most(path, MODEL_BYTES_MAX).map_err(|error| fault(error.to_string()))?;
    let model = ServiceModel::parse(&bytes, operation).map_err(|error| fault(error.to_string()))?;
    let drift = drift(&library, &model);
    output::data(&drift_report(&drift));
    Ok(if drift.changes.is_empty() { ExitCode::Passed } else { ExitCode::Failed })
}

fn catalog<'a>(scenarios: Option<&Path>, library: &'a Library) -> Result<&'a Catalog, Problem> {
    library.catalog().ok_or_else(|| Problem::File {
        path: seen_from_here(scenarios, CATALOG_FILE).into(),
        reason: "there is no catalogue of facts here".to_owned(),
    })
}

/// Reads a file up to one byte more than the limit, so that a longer one is seen to be longer.
fn read_at_most(path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
