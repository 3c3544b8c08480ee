//! `stspec run`: rules against a target.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use stspec_report::{Style, json, terminal};
use stspec_runner::{Clock, DEADLINE_DEFAULT, Options, Pace, Purpose, Run};
use stspec_scenario::{Library, Rule};
use stspec_verdict::{ExitCode, exit_code};

use crate::baseline;
use crate::cli::{ReportKind, ReportTo, RunArgs};
use crate::error::Problem;
use crate::interruption::interruption;
use crate::output;
use crate::plan::plan;
use crate::scenarios::library_drawn_with;
use crate::target::{Chosen, named, reach};

/// Selects, checks, prints and writes.
pub(crate) async fn command(scenarios: Option<&Path>, args: RunArgs) -> Result<ExitCode, Problem> {
    let library = library_drawn_with(scenarios, args.seed)?;
    let rules = select(&library, &args.selectors, args.revision)?;
    let named = named(&library, &args.on)?;
    if args.plan {
        output::data(&plan(&library, &rules));
        return Ok(ExitCode::Passed);
    }
    let known = baseline::find(args.baseline.as_ref(), &args.snapshots, named.name())?;
    let reports = args.report.iter().map(open_report).collect::<Result<Vec<_>, _>>()?;
    let (mut chosen, reference) = reach(named, args.revision).await?;
    if let Some(seed) = args.seed {
        output::note(&format!("generated cases are drawn with --seed {seed}"));
        chosen.arguments = format!("{} --seed {seed}", chosen.arguments).trim_start().to_owned();
    }
    let run = check(&library, &rules, chosen, (&args).into()).await;
    if let Some(reference) = reference {
        reference.stop().await;
    }
    let mut run = run?;
    if let Some(known) = &known {
        baseline::compare(&mut run.record, known, &library, baseline::today());
    }
    publish(run, reports)
}

/// A report's file, opened before the run so that a run is not made in vain.
fn open_report(report: &ReportTo) -> Result<(ReportKind, PathBuf, File), Problem> {
    let unwritable = |error: std::io::Error| {
        Problem::Usage(format!("`{}` can't be written: {error}", report.file.display()))
    };
    Ok((report.kind, report.file.clone(), File::create(&report.file).map_err(unwritable)?))
}

/// Prints and writes what came of a run, unless a secret got into it.
fn publish(mut run: Run, reports: Vec<(ReportKind, PathBuf, File)>) -> Result<ExitCode, Problem> {
    let rendered = |kind: &ReportKind| rendered(*kind, &run);
    let written =
        reports.iter().map(|(kind, ..)| rendered(kind)).collect::<Result<Vec<_>, Problem>>()?;
    let leaks: String =
        run.leaks.iter().flat_map(|leak| ["left on the target: ", leak, "\n"]).collect();
    let shown = terminal(&run.record, Style::Plain);
    let texts = written.iter().chain([&shown, &leaks]);
    let hits: usize = texts.map(|text| run.record.secrets.scan(text)).sum();
    output::note(run.record.secrets.redact(&leaks).trim_end());
    if hits > 0 {
        run.record.redaction.hits = u64::try_from(hits).unwrap_or(u64::MAX);
        output::note(&format!("{hits} secrets in the reports, which are therefore withheld"));
        return Ok(exit_code(&run.record));
    }
    output::data(&terminal(&run.record, output::style()));
    for ((_, path, mut file), text) in reports.into_iter().zip(&written) {
        if let Err(error) = file.write_all(text.as_bytes()) {
            output::note(&format!("`{}` could not be written: {error}", path.display()));
        }
    }
    Ok(exit_code(&run.record))
}

/// How many scenarios run at once, and which revision of the API they hold for.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// At least 1.
    pub jobs: usize,
    /// Rules of other revisions are not selected.
    pub revision: Date,
    /// How long one request may take.
    pub deadline: Duration,
    /// Whether time may pass for real.
    pub pace: Pace,
    /// What the record is for.
    pub purpose: Purpose,
}

impl Scope {
    /// A scope in which nobody waits longer than usual.
    #[must_use]
    pub fn quick(jobs: usize, revision: Date) -> Self {
        Self {
            jobs,
            revision,
            deadline: DEADLINE_DEFAULT,
            pace: Pace::Quick,
            purpose: Purpose::Report,
        }
    }
}

impl From<&RunArgs> for Scope {
    fn from(args: &RunArgs) -> Self {
        let pace = if args.slow { Pace::Slow } else { Pace::Quick };
        Self { pace, ..Self::quick(args.jobs.into(), args.revision) }
    }
}

/// Checks rules against a chosen target until done or interrupted.
pub async fn check(
    library: &Library,
    rules: &[&Rule],
    chosen: Chosen,
    scope: Scope,
) -> Result<Run, Problem> {
    let options = Options {
        arguments: chosen.arguments,
        jobs: scope.jobs,
        revision: Some(scope.revision),
        clock: Clock::system(),
        deadline: scope.deadline,
        pace: scope.pace,
        purpose: scope.purpose,
    };
    Ok(stspec_runner::run(library, rules, chosen.connect, &options, interruption()).await?)
}

/// The revision that targets are held to unless somebody says otherwise.
pub(crate) fn revision_default() -> Result<Date, Problem> {
    crate::REVISION_DEFAULT.parse().map_err(|error| Problem::Ours(format!("{error}")))
}

/// The rules that hold for a revision of the API, of those that the selectors name.
pub fn select<'a>(
    library: &'a Library,
    selectors: &[String],
    revision: Date,
) -> Result<Vec<&'a Rule>, Problem> {
    let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
    let selected =
        library.select(&selectors).map_err(|unknown| Problem::Usage(unknown.to_string()))?;
    let holds = |rule: &&Rule| {
        rule.since.is_none_or(|since| since <= revision)
            && rule.until.is_none_or(|until| revision < until)
    };
    let rules: Vec<&Rule> = selected.into_iter().filter(holds).collect();
    if rules.is_empty() {
        return Err(Problem::Usage(format!(
            "no selected rule holds for the revision of {revision}"
        )));
    }
    Ok(rules)
}

fn rendered(kind: ReportKind, run: &Run) -> Result<String, Problem> {
    match kind {
        ReportKind::Json => serde_json::to_string_pretty(&json(&run.record))
            .map(|text| text + "\n")
            .map_err(|error| Problem::Ours(error.to_string())),
    }
}
