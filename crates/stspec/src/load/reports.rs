//! `stspec load compare` and `stspec load merge`: what is done with the reports of loads.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use stspec_measure::{LoadRecord, compare, merge};
use stspec_report::Style;
use stspec_report::load::{
    REPORT_BYTES_MAX, comparison_json, comparison_terminal, json, read, terminal,
};
use stspec_verdict::ExitCode;

use super::{create, found};
use crate::cli::{CompareArgs, LoadAction, MergeArgs, ReportKind};
use crate::error::Problem;
use crate::output;
use crate::publish::unwritable;

/// Does what is asked for.
pub(super) fn act(action: LoadAction) -> Result<ExitCode, Problem> {
    match action {
        LoadAction::Compare(args) => compared(&args),
        LoadAction::Merge(args) => merged(&args),
    }
}

fn compared(args: &CompareArgs) -> Result<ExitCode, Problem> {
    if args.report.as_ref().is_some_and(|to| to.kind != ReportKind::Json) {
        let says = "a comparison is written as JSON only: `--report json=FILE`";
        return Err(Problem::Usage(says.to_owned()));
    }
    let (before, after) = (records(&args.before)?, records(&args.after)?);
    let comparison = compare(&before, &after, args.tolerance.0, args.seed)
        .map_err(|error| Problem::Usage(error.to_string()))?;
    if let Some(to) = &args.report {
        write(&to.file, &comparison_json(&comparison))?;
    }
    output::data(&comparison_terminal(&comparison, output::style()));
    Ok(comparison.exit_code())
}

fn merged(args: &MergeArgs) -> Result<ExitCode, Problem> {
    let record =
        merge(&records(&args.shards)?).map_err(|error| Problem::Usage(error.to_string()))?;
    if let Some(file) = &args.out {
        write(file, &json(&record))?;
        output::data(&terminal(&record, output::style()));
    } else {
        output::data(&json(&record));
        output::note(terminal(&record, Style::Plain).trim_end());
    }
    Ok(found(&record))
}

fn records(files: &[PathBuf]) -> Result<Vec<LoadRecord>, Problem> {
    files.iter().map(|file| record(file)).collect()
}

/// Reads a report, of no more bytes than one may have.
fn record(file: &Path) -> Result<LoadRecord, Problem> {
    let bytes_max = u64::try_from(REPORT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    File::open(file)
        .and_then(|open| open.take(bytes_max.saturating_add(1)).read_to_string(&mut text))
        .map_err(|error| fault(file, &error.to_string()))?;
    read(&text).map_err(|error| fault(file, &error.to_string()))
}

fn write(file: &Path, text: &str) -> Result<(), Problem> {
    let write = |mut open: File| open.write_all(text.as_bytes());
    create(file).and_then(|open| write(open).map_err(|error| unwritable(file, &error)))
}

fn fault(file: &Path, reason: &str) -> Problem {
    Problem::File { path: file.to_owned(), reason: reason.to_owned() }
}
