//! Two targets in turns within one session, and how they compare.

use std::path::Path;

use stspec_load::Caps;
use stspec_measure::{Comparison, Ending, LoadRecord, Share, TOLERANCE_PER_MILLION, compare};
use stspec_report::load::{comparison_json, comparison_terminal};
use stspec_scenario::{Library, Profile};
use stspec_verdict::{ExitCode, Redactor, Verdict};

use super::capped::{Capped, each_of};
use super::live::Watching;
use super::{Files, attack, caps, written};
use crate::cli::{LoadArgs, LoadReportKind, TargetArgs};
use crate::error::Problem;
use crate::output;
use crate::target::named;

/// What all rounds have in common.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) library: &'a Library,
    pub(super) profile: &'a Profile,
    pub(super) scenarios: Option<&'a Path>,
    pub(super) args: &'a LoadArgs,
    pub(super) watching: &'a Watching,
}

/// Loads both targets as often as was asked for, the one that begins alternating, and compares them; where
/// that ends early, what was complete until then.
pub(super) async fn rounds(
    setting: Setting<'_>,
    against: &str,
    files: Files,
) -> Result<ExitCode, Problem> {
    let Setting { library, scenarios, args, .. } = setting;
    let sides = [args.on.clone(), other(&args.on, against)];
    let allowed = sides.each_ref().map(|on| caps(&mut named(library, scenarios, on)?, args));
    let [one, other] = allowed;
    let allowed = each_of(args.rounds.saturating_mul(2), [one?, other?])?;
    let mut session = Session::default();
    let mut ended = None;
    for (round, side) in turns(args.rounds) {
        let (Some(on), None) = (sides.get(side), ended) else { break };
        ended = match session.load(setting, (on, allowed), (round, side)).await {
            Ok(ended) => ended,
            Err(problem) if session.complete() == 0 => return Err(problem),
            Err(problem) => Some(output::complain(&problem)),
        };
    }
    session.compared(setting.profile.seed, files, ended)
}

/// The rounds, each with the sides in their order.
fn turns(rounds: u32) -> impl Iterator<Item = (u32, usize)> {
    (1..=rounds).flat_map(|round| {
        let order = if round % 2 == 1 { [0, 1] } else { [1, 0] };
        order.map(|side| (round, side))
    })
}

/// What came of the rounds of both sides so far.
#[derive(Default)]
struct Session {
    records: [Vec<LoadRecord>; 2],
    secrets: Vec<Redactor>,
}

impl Session {
    /// Loads one side once; says with which exit code all ends, if it does.
    async fn load(
        &mut self,
        setting: Setting<'_>,
        (on, allowed): (&TargetArgs, Caps),
        (round, side): (u32, usize),
    ) -> Result<Option<ExitCode>, Problem> {
        let Setting { library, profile, scenarios, args, watching } = setting;
        let mut named = named(library, scenarios, on)?;
        caps(&mut named, args)?;
        let capped = Capped::of(profile, named.target(), allowed, Share::WHOLE)?;
        let remedy = named.remedy().unwrap_or_default();
        let loaded = Box::pin(attack(library, profile, named, (args, capped, watching))).await?;
        told(round, &loaded.record);
        for leak in &loaded.leaks {
            output::note(&loaded.secrets.redact(&format!("left on the target: {leak}")));
        }
        self.secrets.push(loaded.secrets);
        if !loaded.leaks.is_empty() {
            output::note(&remedy);
            return Ok(Some(ExitCode::Leaked));
        }
        if loaded.record.ending == Ending::Interrupted {
            return Ok(Some(ExitCode::Interrupted));
        }
        if let Some(records) = self.records.get_mut(side) {
            records.push(loaded.record);
        }
        // It may have come while this round cleaned up.
        Ok(watching.is_stopped().then_some(ExitCode::Interrupted))
    }

    /// How many rounds both sides have.
    fn complete(&self) -> usize {
        self.records.iter().map(Vec::len).min().unwrap_or(0)
    }

    /// Prints and writes how the sides compare, unless a secret got into it; `ended` says with which exit code all
    /// ended early.
    fn compared(
        mut self,
        seed: u64,
        files: Files,
        ended: Option<ExitCode>,
    ) -> Result<ExitCode, Problem> {
        let complete = self.complete();
        self.records.iter_mut().for_each(|records| records.truncate(complete));
        if let Some(code) = ended {
            output::note(&format!("ended early, with {complete} complete rounds"));
            if complete == 0 {
                return Ok(code);
            }
        }
        let [before, after] = &self.records;
        let comparison = compare(before, after, TOLERANCE_PER_MILLION, seed)
            .map_err(|error| Problem::Usage(error.to_string()))?;
        let shown = comparison_terminal(&comparison, output::style());
        let files: Vec<_> = files
            .into_iter()
            .map(|(_, path, file)| (path, file, comparison_json(&comparison)))
            .collect();
        let texts = || files.iter().map(|(.., text)| text.as_str()).chain([shown.as_str()]);
        if self.secrets.iter().any(|secrets| texts().any(|text| secrets.scan(text) > 0)) {
            output::note("secrets in the comparison, which is therefore withheld");
            return Ok(ExitCode::Leaked);
        }
        output::data(&shown);
        Ok(written(files, ended.unwrap_or_else(|| code(&comparison, &self.records))))
    }
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
    let (totals, sent) = (record.totals(), record.sent());
    output::note(&format!(
        "round {round} on {}: {} answers/s, p50 {} us, p99 {} us, {} errors, {} wrong, {}",
        record.target.name,
        totals.answers_per_second(),
        totals.latency.quantile_us(500).unwrap_or(0),
        totals.latency.quantile_us(990).unwrap_or(0),
        sent.errors,
        sent.wrong,
        record.verdict(),
    ));
}

/// A round that missed a threshold counts, however equal both sides are in it, and so does one that was cut.
fn code(comparison: &Comparison, records: &[Vec<LoadRecord>; 2]) -> ExitCode {
    let verdicts = records.iter().flatten().map(LoadRecord::verdict);
    match Verdict::worst(verdicts) {
        Some(Verdict::Fail) => ExitCode::LoadMissed,
        Some(Verdict::Inconclusive) if comparison.exit_code() == ExitCode::Passed => {
            ExitCode::NotShown
        }
        _ => comparison.exit_code(),
    }
}
