//! Whether a target became faster, slower or wrong from one load to the next, or whether that is chance.
//!
//! A difference counts where three things hold together: chance alone hardly brings it about (at 5 % for all
//! metrics that decide, together), it is at least as large as what the reader cares about, and it is larger
//! than what the same target differs from itself by.

mod change;
mod decide;
mod side;
#[cfg(test)]
mod simulation;
mod statistics;

pub use change::{CallChange, Change, Compared, Comparison, Metric, NotComparable};

use crate::record::{Ending, LoadRecord};

/// Smallest change of a time or a rate that matters unless somebody says otherwise, in millionths:
/// 5 %.
///
/// Source: ours. Interleaved runs on the machine of `docs/evidence/load.md` differ by up to that on
/// quiet days.
pub const TOLERANCE_PER_MILLION: u32 = 50_000;

/// Compares the records of one side with those of another.
///
/// With one record a side, chance is judged by putting each run together anew out of blocks of its seconds;
/// with several, also by how much the rounds of a side differ. `tolerance` is in millionths. The same
/// seed gives the same result.
pub fn compare(
    before: &[LoadRecord],
    after: &[LoadRecord],
    tolerance: u32,
    seed: u64,
) -> Result<Comparison, NotComparable> {
    let (first, _) = before.first().zip(after.first()).ok_or(NotComparable::Nothing)?;
    let all: Vec<&LoadRecord> = before.iter().chain(after).collect();
    for (position, record) in all.iter().enumerate() {
        check_same(first, record)?;
        if all.iter().take(position).any(|other| other.run == record.run) {
            return Err(NotComparable::Twice { run: record.run.clone() });
        }
    }
    let overall = decide::overall(before, after, tolerance, seed);
    let ran = |records: &[LoadRecord]| -> Vec<(String, String)> {
        records.iter().map(|record| (record.run.clone(), record.target.name.clone())).collect()
    };
    Ok(Comparison {
        profile: first.profile.to_string(),
        before: ran(before),
        after: ran(after),
        tolerance,
        warnings: warnings(before, after),
        verdict: together(&overall),
        overall,
        calls: decide::calls(before, after),
    })
}

/// What all that decides comes to: the worst that differs, and otherwise nothing only if a time or a rate could
/// be told.
fn together(changes: &[Change]) -> Compared {
    let worst = changes.iter().filter_map(|change| change.verdict).max();
    let told = |change: &Change| {
        !change.metric.is_share() && change.verdict.is_some_and(|verdict| verdict >= Compared::Same)
    };
    match worst {
        Some(Compared::Same) if !changes.iter().any(told) => Compared::TooLittle,
        worst => worst.unwrap_or(Compared::TooLittle),
    }
}

fn check_same(first: &LoadRecord, record: &LoadRecord) -> Result<(), NotComparable> {
    let ids = |record: &LoadRecord| -> Vec<(String, String)> {
        record.calls.iter().map(|call| (call.id.clone(), call.call.clone())).collect()
    };
    let differences = [
        ("profile", first.profile != record.profile),
        ("shape", first.shape != record.shape),
        ("transport", first.transport != record.transport),
        ("cap", first.caps != record.caps),
        ("set of calls", ids(first) != ids(record)),
    ];
    match differences.into_iter().find(|(_, differs)| *differs) {
        Some((what, _)) => {
            Err(NotComparable::Differs { what, first: first.run.clone(), run: record.run.clone() })
        }
        None => Ok(()),
    }
}

fn warnings(before: &[LoadRecord], after: &[LoadRecord]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut all = before.iter().chain(after);
    let Some(first) = all.next() else { return warnings };
    for record in before.iter().chain(after) {
        let run = &record.run;
        if record.generator.machine != first.generator.machine {
            warnings.push(format!("run {run} was made on another machine than run {}", first.run));
        }
        if record.generator.version != first.generator.version {
            let (version, of_first) = (&record.generator.version, &first.generator.version);
            warnings.push(format!(
                "run {run} was made by stspec {version}, run {} by {of_first}",
                first.run
            ));
        }
        if record.shards.len() != first.shards.len() {
            warnings.push(format!("run {run} has another number of shards than run {}", first.run));
        }
        if record.ending != Ending::Complete {
            warnings.push(format!("run {run} ended early: {}", record.ending));
        }
        if let Some(percent) =
            decide::others_percent(record).filter(|_| decide::is_disturbed(record))
        {
            warnings.push(format!(
                "run {run}: other processes used {percent} % of the machine; nothing is decided about times \
                 and rates by one such run a side"
            ));
        }
        warnings.extend(record.saturation().map(|says| format!("run {run}: {says}")));
    }
    if before.len() < 2 || after.len() < 2 {
        warnings.push(
            "a side has one run, so what differs between runs for reasons of the machine can't be told from \
             the target; several interleaved rounds a side can (`--rounds`)"
                .to_owned(),
        );
    }
    warnings
}
