//! Baselines: which file counts for a run, and `stspec baseline update|prune`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::Date;
use stspec_report::{CleanRecord, baseline_file, deviations_of};
use stspec_scenario::{AcceptedDeviation, AcceptedVerdict, Baseline, Library, Name};
use stspec_verdict::{BaselineKind, End, ExitCode, RunRecord, apply_baseline, exit_code};

use crate::cli::{BaselineChoice, BaselineCommand};
use crate::error::Problem;
use crate::list::checks;
use crate::output;
use crate::run::{Scope, check_named, select, tell_leaks};
use crate::scenarios::{Files, faulty, library};
use crate::target::named;

/// How long a new entry is accepted unless `--expires` says otherwise.
///
/// Source: ours; half a year, in which an emulator sees several releases.
const ACCEPTED_MONTHS: i32 = 6;

/// A baseline with the file that it comes from.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) file: PathBuf,
    pub(crate) baseline: Baseline,
}

/// The baseline that a run is compared with: the one that was named, or the target's own where there is
/// one in the folder of snapshots.
pub(crate) fn find(
    choice: Option<&BaselineChoice>,
    snapshots: &Path,
    target: &Name,
) -> Result<Option<Known>, Problem> {
    match choice {
        Some(BaselineChoice::None) => Ok(None),
        Some(BaselineChoice::File(file)) => read(file, target).map(Some),
        None => {
            let file = file_of(snapshots, target);
            if file.exists() { read(&file, target).map(Some) } else { Ok(None) }
        }
    }
}

/// Gives the checks of a record the verdicts that they have in the light of a baseline.
pub(crate) fn compare(record: &mut RunRecord, known: &Known, library: &Library, today: Date) {
    let ids = check_ids(library);
    let exists = |id: &str| ids.contains(id);
    apply_baseline(record, &known.baseline, &known.file.to_string_lossy(), exists, today);
}

/// Runs the rules and writes the target's baseline anew.
pub(crate) async fn command(
    scenarios: Option<&Path>,
    command: BaselineCommand,
) -> Result<ExitCode, Problem> {
    let (args, growth) = match &command {
        BaselineCommand::Prune(args) => (args, None),
        BaselineCommand::Update(update) => {
            (&update.common, update.allow_new.then_some(update.reason.as_deref()).flatten())
        }
    };
    let library = library(scenarios)?;
    let rules = select(&library, &[], args.revision)?;
    let named = named(&library, scenarios, &args.on)?;
    let target = named.name().clone();
    let known = find(args.baseline.as_ref(), &args.snapshots, &target)?;
    let remedy = named.remedy();
    let scope = Scope::quick(args.jobs.into(), args.revision);
    let run = check_named(&library, &rules, named, scope).await?;
    tell_leaks(&run, remedy.as_deref());
    let record = CleanRecord::new(run.record);
    if record.end != End::Complete {
        output::note("the baseline stays as it was, as the run did not end well");
        return Ok(exit_code(&record));
    }
    let today = today();
    let before = known.unwrap_or_else(|| Known {
        file: file_of(&args.snapshots, &target),
        baseline: Baseline { target, of: None, deviations: Vec::new() },
    });
    let expires = match &command {
        BaselineCommand::Update(update) => update.expires,
        BaselineCommand::Prune(_) => None,
    };
    let expires = expires.unwrap_or_else(|| today.saturating_add(ACCEPTED_MONTHS.months()));
    let found = deviations_of(&record, growth.unwrap_or_default(), expires);
    let record = record.amended(|record| compare(record, &before, &library, today));
    let after = Baseline {
        of: args.of.clone().or(before.baseline.of.clone()),
        deviations: tightened(&before.baseline, &record, growth.map(|_| found), today),
        ..before.baseline.clone()
    };
    write(&before, &after)?;
    let code = report(&before, &after, &record);
    Ok(if record.resources.leaked > 0 { ExitCode::Leaked } else { code })
}

/// The entries that still hold, and the new ones where they are allowed.
///
/// An entry goes when it is fixed or stands for no check. One that is wrong in another way now keeps its
/// place as it was, so that it is seen, unless new entries are allowed; then one past its day is renewed, too.
fn tightened(
    before: &Baseline,
    record: &RunRecord,
    allowed: Option<Vec<AcceptedDeviation>>,
    today: Date,
) -> Vec<AcceptedDeviation> {
    let findings = record.baseline.iter().flat_map(|baseline| &baseline.findings);
    let gone: Vec<&str> = findings
        .filter(|finding| matches!(finding.kind, BaselineKind::Fixed | BaselineKind::Unmatched))
        .map(|finding| finding.check.as_str())
        .collect();
    let stays = |known: &&AcceptedDeviation| !gone.contains(&known.check.as_str());
    let mut kept: Vec<AcceptedDeviation> =
        before.deviations.iter().filter(stays).cloned().collect();
    if let Some(found) = allowed {
        let as_recorded = |known: &AcceptedDeviation, new: &AcceptedDeviation| {
            known.check == new.check
                && today < known.expires
                && known.verdict == new.verdict
                && known.fingerprint == new.fingerprint
        };
        let news = found
            .into_iter()
            .filter(|new| !kept.iter().any(|known| as_recorded(known, new)))
            .collect::<Vec<_>>();
        kept.retain(|known| !news.iter().any(|new| new.check == known.check));
        kept.extend(news);
    }
    kept.sort_by(|a, b| a.check.cmp(&b.check));
    kept
}

fn write(before: &Known, after: &Baseline) -> Result<(), Problem> {
    let path = &before.file;
    let failed = |reason: String| Problem::File { path: path.clone(), reason };
    let text = baseline_file(after).map_err(|error| Problem::Ours(error.to_string()))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    }
    fs::write(path, text).map_err(|error| failed(error.to_string()))
}

/// Says what the file has now, and what it leaves out.
fn report(before: &Known, after: &Baseline, record: &CleanRecord) -> ExitCode {
    let listed = |baseline: &Baseline, known: &AcceptedDeviation| {
        baseline.deviations.iter().any(|each| each == known)
    };
    let gone = before.baseline.deviations.iter().filter(|known| !listed(after, known)).count();
    let new = after.deviations.iter().filter(|known| !listed(&before.baseline, known)).count();
    output::data(&format!(
        "{}: {} known deviations, {new} new, {gone} taken away\n",
        before.file.display(),
        after.deviations.len(),
    ));
    let unlisted: Vec<String> = deviations_of(record, "", Date::default())
        .into_iter()
        .filter(|found| {
            after.deviation(&found.check).is_none_or(|known| {
                known.verdict != AcceptedVerdict::Flaky && known.fingerprint != found.fingerprint
            })
        })
        .map(|found| found.check)
        .collect();
    if unlisted.is_empty() {
        return ExitCode::Passed;
    }
    output::note(&format!(
        "{} probes do not pass and are not listed as they are now; \
         `stspec baseline update --allow-new --reason TEXT` would list them:",
        unlisted.len()
    ));
    for check in unlisted {
        output::note(&format!("  {check}"));
    }
    ExitCode::Failed
}

fn read(file: &Path, target: &Name) -> Result<Known, Problem> {
    let unreadable = |reason: String| Problem::File { path: file.to_owned(), reason };
    let text = fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    let name = file.to_string_lossy().into_owned();
    let (baseline, diagnostics) = Baseline::read(&name, &text, target.as_str());
    match baseline {
        Some(baseline) => Ok(Known { file: file.to_owned(), baseline }),
        None => Err(faulty(diagnostics, Files::from([(name, text)]), str::to_owned)),
    }
}

fn file_of(snapshots: &Path, target: &Name) -> PathBuf {
    snapshots.join(target.as_str()).join("baseline.yaml")
}

fn check_ids(library: &Library) -> BTreeSet<String> {
    checks(library).map(|(id, _)| id.to_string()).collect()
}

/// Today in UTC, so that an entry expires everywhere at once.
pub(crate) fn today() -> Date {
    stspec_runner::Clock::system().timestamp().to_zoned(jiff::tz::TimeZone::UTC).date()
}
