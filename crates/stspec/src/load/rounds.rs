//! Two targets in turns within one session, and how they compare.

use std::path::Path;

use stspec_report::load::{comparison_json, comparison_terminal};
use stspec_scenario::{Library, Profile};
use stspec_verdict::load::{Comparison, Ending, LoadRecord, TOLERANCE_PER_MILLION, compare};
use stspec_verdict::{ExitCode, Verdict};

use super::capped::{Capped, each_of};
use super::{Files, attack, caps, write};
use crate::cli::{LoadArgs, LoadReportKind, TargetArgs};
use crate::error::Problem;
use crate::output;
use crate::target::named;

/// Loads both targets as often as was asked for, the one that begins alternating, and compares them.
pub(super) async fn rounds(
    library: &Library,
    profile: &Profile,
    (args, against, scenarios): (&LoadArgs, &str, Option<&Path>),
    files: Files,
) -> Result<ExitCode, Problem> {
    let sides = [args.on.clone(), other(&args.on, against)];
    let allowed = sides.each_ref().map(|on| caps(&mut named(library, scenarios, on)?, args));
    let [one, other] = allowed;
    let allowed = each_of(args.rounds.saturating_mul(2), [one?, other?])?;
    let mut records: [Vec<LoadRecord>; 2] = [Vec::new(), Vec::new()];
    let mut secrets = Vec::new();
    for round in 1..=args.rounds {
        let order = if round % 2 == 1 { [0, 1] } else { [1, 0] };
        for side in order {
            let (Some(on), Some(records)) = (sides.get(side), records.get_mut(side)) else {
                continue;
            };
            let mut named = named(library, scenarios, on)?;
            caps(&mut named, args)?;
            let capped = Capped::of(profile, named.target(), allowed)?;
            let remedy = named.remedy().unwrap_or_default();
            let loaded = Box::pin(attack(library, profile, named, (args, capped))).await?;
            told(round, &loaded.record);
            if !loaded.leaks.is_empty() {
                loaded
                    .leaks
                    .iter()
                    .for_each(|leak| output::note(&format!("left on the target: {leak}")));
                output::note(&remedy);
                return Ok(ExitCode::Leaked);
            }
            if loaded.record.ending == Ending::Interrupted {
                return Ok(ExitCode::Interrupted);
            }
            secrets.push(loaded.secrets);
            records.push(loaded.record);
        }
    }
    let [before, after] = &records;
    let comparison = compare(before, after, TOLERANCE_PER_MILLION, profile.seed)
        .map_err(|error| Problem::Usage(error.to_string()))?;
    let shown = comparison_terminal(&comparison, output::style());
    let files: Vec<_> = files
        .into_iter()
        .map(|(_, path, file)| (path, file, comparison_json(&comparison)))
        .collect();
    let texts = || files.iter().map(|(.., text)| text.as_str()).chain([shown.as_str()]);
    if secrets.iter().any(|secrets| texts().any(|text| secrets.scan(text) > 0)) {
        output::note("secrets in the comparison, which is therefore withheld");
        return Ok(ExitCode::Leaked);
    }
    output::data(&shown);
    write(files);
    Ok(code(&comparison, &records))
}

/// Kinds of reports that a comparison has none of.
pub(super) fn check_reports(args: &LoadArgs) -> Result<(), Problem> {
    let is_json = |kind: LoadReportKind| matches!(kind, LoadReportKind::Json);
    if args.report.iter().all(|report| is_json(report.kind)) {
        return Ok(());
    }
    Err(Problem::Usage(
        "with --against there is a comparison, whose only report is json".to_owned(),
    ))
}

/// The other side: a name, or whatever an endpoint is given as.
fn other(on: &TargetArgs, against: &str) -> TargetArgs {
    let is_endpoint = against.contains("://");
    let (target, endpoint) = if is_endpoint {
        (None, Some(against.to_owned()))
    } else {
        (Some(against.to_owned()), None)
    };
    TargetArgs { target, endpoint, ..on.clone() }
}

fn told(round: u32, record: &LoadRecord) {
    let totals = record.totals();
    output::note(&format!(
        "round {round} on {}: {} answers/s, p50 {} us, p99 {} us, {}",
        record.target.name,
        totals.answers_per_second(),
        totals.latency.quantile_us(500).unwrap_or(0),
        totals.latency.quantile_us(990).unwrap_or(0),
        record.verdict(),
    ));
}

/// A round that missed a threshold counts, however equal both sides are in it.
fn code(comparison: &Comparison, records: &[Vec<LoadRecord>; 2]) -> ExitCode {
    let verdicts = records.iter().flatten().map(LoadRecord::verdict);
    match Verdict::worst(verdicts) {
        Some(Verdict::Fail) => ExitCode::LoadMissed,
        _ => comparison.exit_code(),
    }
}
