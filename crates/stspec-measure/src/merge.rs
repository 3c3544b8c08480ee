//! One record out of those of several generators that made one load together.

use jiff::{SignedDuration, Timestamp};
use stspec_scenario::Name;

use crate::call::{CallLoad, EXAMPLES_MAX};
use crate::counts::Offered;
use crate::generator::GeneratorRecord;
use crate::record::{CredentialsSeen, Ending, LoadRecord, Shard};
use crate::series::Series;
use crate::share::Share;

/// Most records that are merged into one.
///
/// Source: ours; with it no sum of counts below 2⁵³ passes what 64 bits hold.
pub const SHARDS_MAX: usize = 1_000;

/// Why records are not shards of one run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are none, or too many.
    #[error("{count} records can't be merged; give between one and {SHARDS_MAX}")]
    Count {
        /// How many there are.
        count: usize,
    },
    /// They are of different loads.
    #[error(
        "run `{run}` has another {what} than run `{first}`; shards of one run are made with the same profile, options and target"
    )]
    Differs {
        /// What differs.
        what: &'static str,
        /// The first run.
        first: String,
        /// The run that differs from it.
        run: String,
    },
    /// They were not made at the same time.
    #[error(
        "runs `{first}` and `{run}` did not overlap, so their rates don't add up; start the shards together with `--start-at`"
    )]
    Apart {
        /// The first run.
        first: String,
        /// The run that was before or after it.
        run: String,
    },
    /// One of them is twice among them.
    #[error("run `{run}` is among the records twice; give each shard once")]
    Twice {
        /// The run.
        run: String,
    },
    /// Two of them made the same part of the load.
    #[error("runs `{first}` and `{run}` are both shard {share}; give each shard once")]
    SameShare {
        /// The first run.
        first: String,
        /// The run that made the same part.
        run: String,
        /// The part.
        share: Share,
    },
    /// Each searched for a knee of its own.
    #[error(
        "`{profile}` searches for a knee, and each shard found its own; load at a rate with every shard instead"
    )]
    Search {
        /// The profile.
        profile: Name,
    },
}

/// Merges the records of shards that made one load together: counts and latencies are added, seconds by when
/// they were.
///
/// Where some shards of those that the load was divided into are not among them, what is there is merged,
/// and the merged run counts as interrupted.
///
/// Nothing tells whether two shards were handed the same credentials, so only repetitions within each
/// shard are in the sum.
pub fn merge(records: &[LoadRecord]) -> Result<LoadRecord, MergeError> {
    let count = records.len();
    let first =
        records.first().filter(|_| count <= SHARDS_MAX).ok_or(MergeError::Count { count })?;
    for (position, record) in records.iter().enumerate() {
        check_same(first, record)?;
        if records.iter().take(position).any(|other| other.run == record.run) {
            return Err(MergeError::Twice { run: record.run.clone() });
        }
        let same = |other: &&LoadRecord| other.share == record.share;
        let earlier = records.iter().take(position).find(same);
        if let (Some(share), Some(earlier)) = (record.share, earlier) {
            let (first, run) = (earlier.run.clone(), record.run.clone());
            return Err(MergeError::SameShare { first, run, share });
        }
    }
    if count == 1 && !is_partial(records) {
        return Ok(first.clone());
    }
    if first.search().is_some() {
        return Err(MergeError::Search { profile: first.profile.clone() });
    }
    let window = union(records)?;
    let mut merged = LoadRecord {
        started: window.started,
        warm_up_us: microseconds(window.counted_from.duration_since(window.started)),
        duration_us: microseconds(window.end.duration_since(window.counted_from)),
        ending: records
            .iter()
            .map(|record| record.ending)
            .chain(is_partial(records).then_some(Ending::Interrupted))
            .max_by_key(|ending| gravity(*ending))
            .unwrap_or(first.ending),
        series: series(records, window.counted_from),
        shards: records.iter().flat_map(shards).collect(),
        generator: GeneratorRecord { cpu: None, memory_bytes_max: None, ..first.generator.clone() },
        share: None,
        ..first.clone()
    };
    for record in records.iter().skip(1) {
        merged.calls.iter_mut().zip(&record.calls).for_each(|(call, other)| add_call(call, other));
        add_offered(&mut merged.offered, record.offered.as_ref());
        add_credentials(&mut merged.credentials, &record.credentials);
        merged.resources.created += record.resources.created;
        merged.resources.removed += record.resources.removed;
        merged.resources.leaked += record.resources.leaked;
    }
    let runs: Vec<&str> = merged.shards.iter().map(|shard| shard.run.as_str()).collect();
    merged.run = runs.join("+");
    Ok(merged)
}

fn check_same(first: &LoadRecord, record: &LoadRecord) -> Result<(), MergeError> {
    let parts = |record: &LoadRecord| -> Vec<(String, String, bool)> {
        let part = |call: &CallLoad| (call.id.clone(), call.call.clone(), call.prepares);
        record.calls.iter().map(part).collect()
    };
    let of = |record: &LoadRecord| record.share.map(Share::of);
    let differences = [
        ("profile", first.profile != record.profile),
        ("target", first.target.name != record.target.name),
        ("shape", first.shape != record.shape),
        ("transport", first.transport != record.transport),
        ("cap", first.caps != record.caps),
        ("number of requests", first.requests_planned != record.requests_planned),
        ("set of thresholds", first.thresholds != record.thresholds),
        ("number of shards", of(first) != of(record)),
        ("set of calls", parts(first) != parts(record)),
    ];
    match differences.into_iter().find(|(_, differs)| *differs) {
        Some((what, _)) => {
            Err(MergeError::Differs { what, first: first.run.clone(), run: record.run.clone() })
        }
        None => Ok(()),
    }
}

/// Whether some shards are not among the records.
fn is_partial(records: &[LoadRecord]) -> bool {
    let of = records.iter().find_map(|record| record.share).map_or(0, Share::of);
    records.len() < usize::try_from(of).unwrap_or(usize::MAX)
}

/// When a merged load was.
struct Window {
    started: Timestamp,
    counted_from: Timestamp,
    end: Timestamp,
}

/// From the first beginning to the last end; every record has to share some time with the first.
fn union(records: &[LoadRecord]) -> Result<Window, MergeError> {
    let mut windows = records.iter().map(window).zip(records);
    let Some((mut union, first)) = windows.next() else {
        return Err(MergeError::Count { count: 0 });
    };
    let of_first = window(first);
    for (window, record) in windows {
        if window.counted_from >= of_first.end || window.end <= of_first.counted_from {
            return Err(MergeError::Apart { first: first.run.clone(), run: record.run.clone() });
        }
        union.started = union.started.min(window.started);
        union.counted_from = union.counted_from.min(window.counted_from);
        union.end = union.end.max(window.end);
    }
    Ok(union)
}

fn window(record: &LoadRecord) -> Window {
    let counted_from = later(record.started, record.warm_up_us);
    Window { started: record.started, counted_from, end: later(counted_from, record.duration_us) }
}

fn later(timestamp: Timestamp, by_us: u64) -> Timestamp {
    let by = SignedDuration::from_micros(i64::try_from(by_us).unwrap_or(i64::MAX));
    timestamp.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn microseconds(duration: SignedDuration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(0)
}

/// The seconds of all, each at the full second after the beginning that is nearest to its own.
fn series(records: &[LoadRecord], counted_from: Timestamp) -> Series {
    let mut merged = Series::default();
    for record in records {
        let behind = window(record).counted_from.duration_since(counted_from);
        let later_seconds = u64::try_from((behind.as_millis() + 500) / 1_000).unwrap_or(0);
        merged.add_beside(later_seconds, &record.series);
    }
    merged
}

/// A record's own shards if it has some, so that merged records can be merged again.
fn shards(record: &LoadRecord) -> Vec<Shard> {
    if !record.shards.is_empty() {
        return record.shards.clone();
    }
    let (run, generator) = (record.run.clone(), record.generator.clone());
    vec![Shard { run, generator, saturation: record.saturation() }]
}

/// What ended early matters more than what did not.
fn gravity(ending: Ending) -> u8 {
    match ending {
        Ending::Complete => 0,
        Ending::Capped => 1,
        Ending::OutOfTime => 2,
        Ending::Interrupted => 3,
    }
}

fn add_call(call: &mut CallLoad, other: &CallLoad) {
    call.counted.add(other.counted);
    call.uncounted.add(other.uncounted);
    call.latency.merge(&other.latency);
    add_examples(&mut call.error_examples, &other.error_examples);
    add_examples(&mut call.wrong_examples, &other.wrong_examples);
}

fn add_examples(examples: &mut Vec<String>, others: &[String]) {
    for other in others {
        if examples.len() < EXAMPLES_MAX && !examples.contains(other) {
            examples.push(other.clone());
        }
    }
}

fn add_offered(offered: &mut Option<Offered>, other: Option<&Offered>) {
    let Some(other) = other else { return };
    let offered = offered.get_or_insert_default();
    offered.turns += other.turns;
    offered.dropped += other.dropped;
    offered.crowded += other.crowded;
    offered.lag.merge(&other.lag);
}

fn add_credentials(credentials: &mut CredentialsSeen, other: &CredentialsSeen) {
    credentials.seen += other.seen;
    credentials.repeated += other.repeated;
    credentials.one_of = credentials.one_of.max(other.one_of);
}

#[cfg(test)]
mod tests {
    use stspec_scenario::Transport;
    use stspec_verdict::Resources;

    use super::*;
    use crate::caps::Caps;
    use crate::examples::{second, shard};
    use crate::generator::CpuShare;

    #[test]
    fn everything_countable_is_added() {
        let mut shards = [shard("a", 0, &[&[5], &[7, 900]]), shard("b", 0, &[&[5, 6], &[]])];
        shards.iter_mut().flat_map(|shard| &mut shard.offered).for_each(|each| each.crowded = 2);
        let merged = merge(&shards).expect("shards of one run");
        assert_eq!(
            (merged.run.as_str(), merged.duration_us, merged.warm_up_us),
            ("a+b", 2_000_000, 500_000)
        );
        assert_eq!(merged.totals().counts.requests, 5);
        assert_eq!(merged.totals().latency, second(&[5, 5, 6, 7, 900]).latency);
        assert_eq!(merged.series.parts[0].latency, second(&[5, 5, 6]).latency);
        assert_eq!(
            (merged.series.parts[1].counts.requests, merged.series.parts[1].dropped),
            (2, 2)
        );
        let offered = merged.offered.expect("offered");
        assert_eq!((offered.turns, offered.dropped, offered.crowded), (10, 2, 4));
        assert_eq!(offered.lag.count(), 2);
        assert_eq!(merged.credentials, CredentialsSeen { seen: 14, repeated: 2, one_of: 2 });
        assert_eq!(merged.resources, Resources { created: 4, removed: 2, leaked: 2 });
        assert_eq!(merged.calls[0].wrong_examples, ["of a", "of both", "of b"]);
    }

    #[test]
    fn shards_of_a_divided_load_are_all_there_or_the_load_was_interrupted() {
        let part =
            |run, share: &str| LoadRecord { share: share.parse().ok(), ..shard(run, 0, &[&[1]]) };
        let (first, second, third) = (part("a", "0/3"), part("b", "1/3"), part("c", "2/3"));
        let merged = merge(&[first.clone(), third.clone(), second.clone()]).expect("all three");
        assert_eq!((merged.ending, merged.share), (Ending::Complete, None));
        let merged = merge(&[first.clone(), third]).expect("two of three");
        assert_eq!(merged.ending, Ending::Interrupted);
        let merged = merge(std::slice::from_ref(&first)).expect("one of three");
        assert_eq!((merged.ending, merged.run.as_str()), (Ending::Interrupted, "a"));
        check(&[first.clone(), second, part("d", "0/3")], "`a` and `d` are both shard 0/3");
        check(&[first, part("e", "1/2")], "run `e` has another number of shards than run `a`");
    }

    #[test]
    fn seconds_are_added_to_those_that_they_were_at_the_same_time_as() {
        for (after_ms, offset) in [(499, 0), (500, 1), (1_499, 1)] {
            let merged =
                merge(&[shard("a", 0, &[&[1], &[2], &[3]]), shard("b", after_ms, &[&[9], &[9]])]);
            let merged = merged.expect("shards of one run");
            let requests: Vec<u64> =
                merged.series.parts.iter().map(|each| each.counts.requests).collect();
            assert_eq!(requests, if offset == 0 { [2, 2, 1] } else { [1, 2, 2] }, "{after_ms}");
        }
    }

    #[test]
    fn the_time_is_that_from_the_first_beginning_to_the_last_end() {
        let merged = merge(&[shard("a", 700, &[&[1], &[2]]), shard("b", 0, &[&[9], &[9]])]);
        let merged = merged.expect("shards of one run");
        assert_eq!(merged.duration_us, 2_700_000);
        assert_eq!(merged.started, shard("b", 0, &[]).started);
    }

    #[test]
    fn what_ended_early_is_the_end_of_all() {
        let early = LoadRecord { ending: Ending::Interrupted, ..shard("b", 0, &[&[1]]) };
        let merged = merge(&[shard("a", 0, &[&[1]]), early]).expect("shards of one run");
        assert_eq!(merged.ending, Ending::Interrupted);
    }

    #[test]
    fn each_shard_keeps_its_generator_and_what_was_wrong_with_it() {
        let mut busy = shard("b", 0, &[&[1]]);
        busy.generator.machine.cores = 1;
        busy.generator.cpu =
            Some(CpuShare { generator_us: 9, reference_us: 0, machine_us: None, wall_us: 10 });
        let merged = merge(&[shard("a", 0, &[&[1]]), busy]).expect("shards of one run");
        assert!(merged.generator.cpu.is_none());
        let says = merged.saturation().expect("one was busy");
        assert!(says.starts_with("shard b: this run measured the generator"), "{says}");
        let again = merge(&[merged, shard("c", 0, &[&[1]])]).expect("merged again");
        let runs: Vec<&str> = again.shards.iter().map(|shard| shard.run.as_str()).collect();
        assert_eq!(runs, ["a", "b", "c"]);
    }

    #[test]
    fn one_record_stays_as_it_is() {
        let alone = shard("a", 0, &[&[1]]);
        assert_eq!(merge(std::slice::from_ref(&alone)), Ok(alone));
    }

    #[track_caller]
    fn check(records: &[LoadRecord], expected: &str) {
        let error = merge(records).expect_err("no shards of one run");
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        let first = shard("a", 0, &[&[1], &[2]]);
        check(&[], "0 records can't be merged");
        check(&[first.clone(), first.clone()], "run `a` is among the records twice");
        let other = LoadRecord { transport: Transport::AwsSdk, ..shard("b", 0, &[&[1]]) };
        check(&[first.clone(), other], "run `b` has another transport than run `a`");
        let caps = Caps { rate: None, total: Some(9) };
        let other = LoadRecord { caps, ..shard("b", 0, &[&[1]]) };
        check(&[first.clone(), other], "run `b` has another cap than run `a`");
        let mut other = shard("b", 0, &[&[1]]);
        other.calls[0].id = "identity".into();
        check(&[first.clone(), other], "has another set of calls");
        check(&[first.clone(), shard("b", 2_000, &[&[1]])], "`a` and `b` did not overlap");
        check(&[shard("b", 2_000, &[&[1]]), first], "did not overlap");
    }
}
