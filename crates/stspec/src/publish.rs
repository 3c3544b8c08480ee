//! What leaves a run: the report on stdout, report files and what GitHub Actions reads; nothing of it
//! if a secret is in any.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};

use stspec_report::{
    CleanRecord, Style, annotations, guarded, html, json, junit, markdown, terminal,
};
use stspec_verdict::{ExitCode, Redactor, TracedExchange, exit_code};

use crate::cli::{ReportKind, ReportTo, RunArgs};
use crate::environment::{github_actions, github_step_summary};
use crate::error::Problem;
use crate::output;

/// Where reports go, opened before the run so that a run is not made in vain.
#[derive(Debug)]
pub(crate) struct Outlets {
    reports: Vec<(ReportKind, PathBuf, File)>,
    /// Whether GitHub Actions reads along.
    github: bool,
    /// The summary of the step, where there is one.
    summary: Option<(PathBuf, File)>,
    /// Where the trace goes, if there is to be one.
    trace: Option<(PathBuf, File)>,
}

impl Outlets {
    /// Opens what the command line asks for.
    pub(crate) fn open(args: &RunArgs) -> Result<Self, Problem> {
        let reports = args.report.iter().map(open_report).collect::<Result<Vec<_>, _>>()?;
        let github = args.github || github_actions();
        let summary = github.then(github_step_summary).flatten().map(open_summary).transpose()?;
        let trace = args.trace.as_deref().map(create).transpose()?;
        Ok(Self { reports, github, summary, trace })
    }
}

fn open_report(report: &ReportTo) -> Result<(ReportKind, PathBuf, File), Problem> {
    let (path, file) = create(&report.file)?;
    Ok((report.kind, path, file))
}

fn create(path: &Path) -> Result<(PathBuf, File), Problem> {
    let file = File::create(path).map_err(|error| unwritable(path, &error))?;
    Ok((path.to_owned(), file))
}

fn open_summary(path: PathBuf) -> Result<(PathBuf, File), Problem> {
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.map_err(|error| unwritable(&path, &error))?;
    Ok((path, file))
}

/// A file that was asked for and can't be written.
pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::Usage(format!("`{}` can't be written: {error}", path.display()))
}

/// Prints and writes what came of a run, unless a secret got into it.
pub(crate) fn publish(
    record: &CleanRecord,
    leaks: &[String],
    exchanges: &[TracedExchange],
    outlets: Outlets,
) -> Result<ExitCode, Problem> {
    let Outlets { reports, github, summary, trace } = outlets;
    let mut files = Vec::new();
    for (kind, path, file) in reports {
        files.push((path, file, rendered(kind, record)?));
    }
    if let Some((path, file)) = summary {
        files.push((path, file, markdown(record)));
    }
    if let Some((path, file)) = trace {
        files.push((path, file, stspec_report::trace(&record.run, exchanges, &record.secrets)));
    }
    let leaks: String =
        leaks.iter().flat_map(|leak| ["left on the target: ", leak, "\n"]).collect();
    let shown = terminal(record, Style::Plain);
    let annotated = if github { annotations(record) } else { String::new() };
    let texts = files.iter().map(|(.., text)| text.as_str());
    let clean = is_clean(&record.secrets, texts.chain([shown.as_str(), &leaks, &annotated]));
    output::note(record.secrets.redact(&leaks).trim_end());
    if !clean {
        return Ok(ExitCode::Leaked);
    }
    let shown = terminal(record, output::style());
    output::data(&if github { guarded(&shown, &unguessable()) } else { shown });
    output::data(&annotated);
    Ok(written(files, exit_code(record)))
}

/// Writes reports after what they tell of was done. Where one is lost, a pass is none: whoever waits for it
/// must not take the run for a good one.
pub(crate) fn written(files: Vec<(PathBuf, File, String)>, code: ExitCode) -> ExitCode {
    let mut code = code;
    for (path, mut file, text) in files {
        if let Err(error) = file.write_all(text.as_bytes()) {
            let lost = output::complain(&unwritable(&path, &error));
            if code == ExitCode::Passed {
                code = lost;
            }
        }
    }
    code
}

/// Whether no secret of a run is in any of these texts. If one is, the number of hits is printed, and the
/// run must end with [`ExitCode::Leaked`].
pub(crate) fn is_clean<'a>(secrets: &Redactor, texts: impl IntoIterator<Item = &'a str>) -> bool {
    let hits: usize = texts.into_iter().map(|text| secrets.scan(text)).sum();
    if hits > 0 {
        output::note(&format!("{hits} secrets in the reports, which are therefore withheld"));
    }
    hits == 0
}

fn rendered(kind: ReportKind, record: &CleanRecord) -> Result<String, Problem> {
    match kind {
        ReportKind::Json => serde_json::to_string_pretty(&json(record))
            .map(|text| text + "\n")
            .map_err(|error| Problem::Ours(error.to_string())),
        ReportKind::Junit => Ok(junit(record)),
        ReportKind::Markdown => Ok(markdown(record)),
        ReportKind::Html => Ok(html(record)),
    }
}

/// A word that no target can guess: the standard library seeds its hashers from the system.
fn unguessable() -> String {
    let half = || RandomState::new().hash_one("stspec");
    format!("stspec-{:016x}{:016x}", half(), half())
}
