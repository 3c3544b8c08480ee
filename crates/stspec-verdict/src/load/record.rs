//! What is kept of a run of a load profile: counts, latencies, and a few examples of what was wrong.

use std::fmt;

use jiff::Timestamp;
use stspec_scenario::{Knee, LoadShape, Measure, Name, Threshold, Transport};

use crate::load::{Caps, Held, Histogram, Series, Share, check_thresholds, crowding, saturation};
use crate::{Resources, TargetRecord, Verdict};

/// How many examples of each kind are kept of a call.
///
/// Source: ours; the tenth wrong answer of a kind tells no more than the third.
pub const EXAMPLES_MAX: usize = 3;

/// The share of turns from which on it counts that they waited for a connection, in percent.
///
/// Source: ours; from there on that wait is in the 99th percentile.
pub const CROWDED_PERCENT_MIN: u64 = 1;

/// What came of one run of a profile against one target.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadRecord {
    /// The run's id, which is part of every name that it created.
    pub run: String,
    /// The profile.
    pub profile: Name,
    /// What was loaded.
    pub target: TargetRecord,
    /// Which part of the load this generator made, if several made it together.
    pub share: Option<Share>,
    /// When the first turn was to start.
    pub started: Timestamp,
    /// The shape of the load.
    pub shape: LoadShape,
    /// How requests travelled.
    pub transport: Transport,
    /// What everything drawn was drawn with.
    pub seed: u64,
    /// How many turns were to be taken, if the profile says.
    pub requests_planned: Option<u32>,
    /// What it was not to exceed, whatever the profile asks for.
    pub caps: Caps,
    /// How the run ended.
    pub ending: Ending,
    /// From the beginning to the end of what counts, in microseconds: after the warm-up, to the last answer.
    pub duration_us: u64,
    /// How long the warm-up took before that, in microseconds.
    pub warm_up_us: u64,
    /// What came of each call, in the order of the profile: those of the preparation first.
    pub calls: Vec<CallLoad>,
    /// What happened after the warm-up, second by second, or in longer parts where it took long.
    pub series: Series,
    /// What an open shape wanted to start; nothing for a closed one.
    pub offered: Option<Offered>,
    /// The credentials that were handed out.
    pub credentials: CredentialsSeen,
    /// How the generator itself fared.
    pub generator: GeneratorRecord,
    /// The limits that the run is measured by.
    pub thresholds: Vec<Threshold>,
    /// The rates of a search in the order in which they were tried; empty for other shapes.
    pub levels: Vec<Level>,
    /// What was made on the target and removed again.
    pub resources: Resources,
    /// The shards that this record was merged from, in the order in which they were given; empty for a record
    /// of one generator.
    pub shards: Vec<Shard>,
}

/// A generator whose record became a part of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The id of its run.
    pub run: String,
    /// How it fared.
    pub generator: GeneratorRecord,
    /// Why it, not the target, may have been the limit, if so.
    pub saturation: Option<String>,
}

/// How an attack came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All that the profile asks for was done.
    Complete,
    /// Somebody asked for it.
    Interrupted,
    /// It had taken as many turns as [`Caps::total`] allows, and there were more to take.
    Capped,
    /// The longest time that an attack may take had passed.
    OutOfTime,
}

/// What came of one call of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallLoad {
    /// What the profile calls it.
    pub id: String,
    /// The operation, such as `sts.GetFederationToken`.
    pub call: String,
    /// Who signed the requests.
    pub principal: String,
    /// What each answer had to be like, in one line.
    pub expected: String,
    /// Whether it prepares users, so that its requests count for nothing but errors and wrong answers.
    pub prepares: bool,
    /// What came of the requests that count.
    pub counted: LoadCounts,
    /// What came of the requests of the warm-up and of preparing.
    pub uncounted: LoadCounts,
    /// How long the answers that count took, to the end of the body; requests without one are not in it.
    pub latency: Histogram,
    /// Why there was no answer, for the first few errors.
    pub error_examples: Vec<String>,
    /// What was wrong, for the first few wrong answers, without secrets.
    pub wrong_examples: Vec<String>,
}

/// Requests and what came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadCounts {
    /// How many requests were sent.
    pub requests: u64,
    /// How many of them got no answer.
    pub errors: u64,
    /// How many of them got an answer that is not as expected.
    pub wrong: u64,
}

/// One second of a run, or a part of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Second {
    /// What came of the requests that were done in it.
    pub counts: LoadCounts,
    /// Turns that were dropped in it.
    pub dropped: u64,
    /// How long the answers in it took.
    pub latency: Histogram,
}

/// Counts with the time that they took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedCounts {
    /// What came of the requests.
    pub counts: LoadCounts,
    /// How long the answers took.
    pub latency: Histogram,
    /// In how many microseconds.
    pub duration_us: u64,
    /// What was to be started, in an open shape.
    pub offered: Option<Offered>,
}

/// What an open shape wanted to start, and how well the generator kept up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// Turns that were to be started.
    pub turns: u64,
    /// Those of them that could not be started in time and never were.
    pub dropped: u64,
    /// Those that came when every connection was busy, so that they had to wait for one.
    pub crowded: u64,
    /// How late the generator was with starts for which a user was free, in microseconds.
    pub lag: Histogram,
}

/// The credentials that were handed out, and how well they were told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialsSeen {
    /// How many were looked at.
    pub seen: u64,
    /// How many of them had an access key id or a secret access key that another had before; each is a wrong
    /// answer of its call, too.
    pub repeated: u64,
    /// One of so many was remembered, so that memory stays bounded: a pair of equal ones is noticed with a
    /// probability of one to this number. 1 means that each was.
    pub one_of: u64,
}

/// How the generator itself fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeneratorRecord {
    /// The machine.
    pub machine: Machine,
    /// The version of stspec.
    pub version: String,
    /// Processor time, where the system tells.
    pub cpu: Option<CpuShare>,
    /// Most memory that the process held, in bytes, where the system tells.
    pub memory_bytes_max: Option<u64>,
}

/// Processor time of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuShare {
    /// What the generator used, in microseconds over all cores.
    pub generator_us: u64,
    /// What the embedded reference used within the same process, in microseconds.
    pub reference_us: u64,
    /// What all processes of the machine used together, in microseconds, where the system tells.
    pub machine_us: Option<u64>,
    /// In which time, in microseconds.
    pub wall_us: u64,
}

/// What a machine is, as far as its speed depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// The operating system.
    pub os: String,
    /// The architecture.
    pub architecture: String,
    /// The processor's model, where the system tells.
    pub processor: Option<String>,
    /// How many cores the process may use.
    pub cores: u32,
    /// Its memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
}

/// One rate of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The rate, in starts per second.
    pub rate: u32,
    /// What came of it.
    pub observed: TimedCounts,
    /// The thresholds that it missed.
    pub missed: Vec<Held>,
    /// Why the generator, not the target, may have been the limit, if so.
    pub saturation: Option<String>,
}

impl Level {
    /// What the search found of a threshold where it was missed: it knew the errors of the warm-up, too.
    fn missed_or(&self, held: Held) -> Held {
        let same = |missed: &&Held| missed.threshold == held.threshold;
        self.missed.iter().find(same).copied().unwrap_or(held)
    }
}

impl CallLoad {
    /// Adds what came of the same call in another round.
    pub fn add(&mut self, other: Self) {
        self.counted.add(other.counted);
        self.uncounted.add(other.uncounted);
        self.latency.merge(&other.latency);
        let examples = [
            (&mut self.error_examples, other.error_examples),
            (&mut self.wrong_examples, other.wrong_examples),
        ];
        for (kept, further) in examples {
            for example in further {
                if kept.len() < EXAMPLES_MAX && !kept.contains(&example) {
                    kept.push(example);
                }
            }
        }
    }
}

impl Offered {
    /// Tells whether so many turns waited for a connection that it shows in the percentiles.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        let share_min = self.turns.saturating_mul(CROWDED_PERCENT_MIN);
        self.crowded > 0 && self.crowded.saturating_mul(100) >= share_min
    }
}

impl LoadCounts {
    /// Adds other counts to these.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.wrong += other.wrong;
    }

    /// Returns how many requests got an answer.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.requests - self.errors
    }
}

impl TimedCounts {
    /// Returns how many answers came per second, rounded down; 0 if none took any time.
    #[must_use]
    pub fn answers_per_second(&self) -> u64 {
        per_second(self.counts.answers(), self.duration_us)
    }
}

impl LoadRecord {
    /// Returns what came of all requests that count; see [`LoadRecord::sent`] for all that there were.
    #[must_use]
    pub fn totals(&self) -> TimedCounts {
        let mut counts = LoadCounts::default();
        let mut latency = Histogram::default();
        for call in &self.calls {
            counts.add(call.counted);
            latency.merge(&call.latency);
        }
        let offered = self.offered.clone();
        TimedCounts { counts, latency, duration_us: self.duration_us, offered }
    }

    /// Returns what came of all requests that were sent, those of the warm-up and of preparing among them: a wrong
    /// answer is wrong there, too.
    #[must_use]
    pub fn sent(&self) -> LoadCounts {
        let mut counts = self.totals().counts;
        counts.add(self.uncounted());
        counts
    }

    /// Returns what came of the warm-up and of preparing.
    #[must_use]
    pub fn uncounted(&self) -> LoadCounts {
        let mut counts = LoadCounts::default();
        self.calls.iter().for_each(|call| counts.add(call.uncounted));
        counts
    }

    /// Returns how many answers came per second, rounded down; 0 if none took any time.
    #[must_use]
    pub fn answers_per_second(&self) -> u64 {
        self.totals().answers_per_second()
    }

    /// Returns each threshold with what was observed of it.
    ///
    /// A search misses its thresholds by design, at its highest rates, so only its first rate is held
    /// against them, and wrong answers wherever they were. A share of a load is held against
    /// none of those that [`LoadRecord::deferred`] returns.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let Some(first) = self.levels.first() else {
            let mut thresholds = self.thresholds.clone();
            thresholds.retain(|threshold| !self.is_deferred(*threshold));
            return check_thresholds(&thresholds, &self.totals(), self.uncounted());
        };
        let of_first = check_thresholds(&self.thresholds, &first.observed, LoadCounts::default());
        let of_all = check_thresholds(&self.thresholds, &self.totals(), self.uncounted());
        let is_wrong = |held: &Held| held.threshold.measure == Measure::Wrong;
        let of_all = of_all.into_iter().filter(is_wrong);
        let of_first = of_first.into_iter().filter(|held| !is_wrong(held));
        of_first.map(|held| first.missed_or(held)).chain(of_all).collect()
    }

    /// Returns the thresholds that only the whole load can keep, where this is a share of one: no share reaches the
    /// rate of all.
    ///
    /// A limit on a count is held against a share, too: one that passes it alone passes it for all.
    #[must_use]
    pub fn deferred(&self) -> Vec<Threshold> {
        self.thresholds.iter().copied().filter(|threshold| self.is_deferred(*threshold)).collect()
    }

    fn is_deferred(&self, threshold: Threshold) -> bool {
        self.share.is_some() && threshold.measure == Measure::Rate
    }

    /// Returns the verdict on the target: a missed threshold fails it.
    ///
    /// A run that ended early, or that never sent one of its calls, shows too little to pass. What it missed only
    /// because the rest is not there fails nothing: a rate, and a time of answers that never came.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let is_whole = self.ending == Ending::Complete;
        let fails = |held: &Held| {
            let is_shown = held.observed.is_some() && held.threshold.measure != Measure::Rate;
            !held.held && (is_whole || is_shown)
        };
        let held = self.held();
        if held.iter().any(fails) {
            return Verdict::Fail;
        }
        let unsent = |call: &CallLoad| {
            !call.prepares && call.counted.requests + call.uncounted.requests == 0
        };
        if !is_whole || self.calls.iter().any(unsent) {
            return Verdict::Inconclusive;
        }
        Verdict::Pass
    }

    /// Returns the highest rate of a search that missed no threshold, if it is one and one did.
    #[must_use]
    pub fn knee(&self) -> Option<&Level> {
        self.levels.iter().filter(|level| level.missed.is_empty()).max_by_key(|level| level.rate)
    }

    /// Returns why something on this side of the target may have been the limit, if so: the generator, the machine
    /// under it, or the number of connections; of a search at the rate where it first broke, or else at its knee;
    /// of a merged record, each shard that was.
    #[must_use]
    pub fn saturation(&self) -> Option<String> {
        if !self.shards.is_empty() {
            let says = |shard: &Shard| {
                shard.saturation.as_ref().map(|says| format!("shard {}: {says}", shard.run))
            };
            return joined(self.shards.iter().filter_map(says));
        }
        let connections = self.share.unwrap_or_default().part(self.shape.users().into());
        if self.levels.is_empty() {
            let (totals, generator) = (self.totals(), &self.generator);
            let saturation = saturation(&totals, generator.cpu, generator.machine.cores);
            return joined(saturation.into_iter().chain(crowding(&totals, connections)));
        }
        let broken = self.levels.iter().filter(|level| !level.missed.is_empty());
        let broken = broken.min_by_key(|level| level.rate);
        let of = |level: Option<&Level>| {
            let level = level?;
            let crowding = crowding(&level.observed, connections);
            joined(level.saturation.clone().into_iter().chain(crowding))
        };
        of(broken).or_else(|| of(self.knee()))
    }

    /// Returns the bounds of a search, if it is one.
    #[must_use]
    pub fn search(&self) -> Option<Knee> {
        if let LoadShape::Knee(knee) = self.shape { Some(knee) } else { None }
    }
}

/// What was said, in one line; nothing if nothing was.
fn joined(said: impl Iterator<Item = String>) -> Option<String> {
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// So many in so many microseconds, per second, rounded down.
fn per_second(count: u64, duration_us: u64) -> u64 {
    let per_second = (u128::from(count) * 1_000_000).checked_div(u128::from(duration_us));
    u64::try_from(per_second.unwrap_or(0)).unwrap_or(u64::MAX)
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::Capped => "capped",
            Self::OutOfTime => "out of time",
        })
    }
}

#[cfg(test)]
mod tests {
    use stspec_scenario::{Limit, Open};

    use super::*;
    use crate::load::merge::tests::shard;

    /// A search with one rate, which missed a threshold on errors by those of its warm-up.
    fn search() -> LoadRecord {
        let threshold = Threshold { measure: Measure::Errors, limit: Limit::Count(0) };
        let missed = vec![Held { threshold, observed: Some(2), of: 3, held: false }];
        let record = shard("a", 0, &[&[5]]);
        let open = Open { connections: 1, give_up_ms: 1 };
        let knee = Knee { from: 10, to: 20, hold_ms: 1_000, refine: 0, open };
        let observed = record.totals();
        LoadRecord {
            shape: LoadShape::Knee(knee),
            thresholds: vec![threshold],
            levels: vec![Level { rate: 10, observed, missed, saturation: None }],
            ..record
        }
    }

    #[test]
    fn a_search_whose_first_rate_missed_a_threshold_has_no_knee_and_fails() {
        let record = search();
        let observed: Vec<_> =
            record.held().iter().map(|held| (held.observed, held.held)).collect();
        assert_eq!(observed, [(Some(2), false)]);
        assert_eq!((record.knee(), record.verdict()), (None, Verdict::Fail));
    }

    #[test]
    fn a_share_is_held_against_limits_on_counts_and_not_against_the_rate_of_all() {
        let rate = Threshold { measure: Measure::Rate, limit: Limit::AtLeast(500) };
        let wrong = Threshold { measure: Measure::Wrong, limit: Limit::Count(1) };
        let whole = LoadRecord { thresholds: vec![wrong, rate], ..shard("a", 0, &[&[5]]) };
        assert_eq!((whole.verdict(), whole.deferred().len()), (Verdict::Fail, 0));
        let mut share = LoadRecord { share: "0/2".parse().ok(), ..whole };
        assert_eq!((share.verdict(), share.deferred()), (Verdict::Pass, vec![rate]));
        share.calls.iter_mut().for_each(|call| call.counted.wrong = 2);
        assert_eq!(share.verdict(), Verdict::Fail);
    }

    /// Checks the verdict on a load that missed this, as a whole and where it was cut.
    #[track_caller]
    fn check_cut(threshold: Threshold, change: impl Fn(&mut CallLoad), cut: Verdict) {
        let mut record = LoadRecord { thresholds: vec![threshold], ..shard("a", 0, &[&[5]]) };
        record.calls.iter_mut().for_each(change);
        assert_eq!(record.verdict(), Verdict::Fail, "{threshold:?}");
        record.ending = Ending::Capped;
        assert_eq!(record.verdict(), cut, "{threshold:?}");
    }

    #[test]
    fn a_load_that_was_cut_fails_by_what_it_showed_and_not_by_what_is_not_there() {
        let rate = Threshold { measure: Measure::Rate, limit: Limit::AtLeast(500) };
        check_cut(rate, |_| {}, Verdict::Inconclusive);
        let p99 = Threshold { measure: Measure::P99, limit: Limit::TimeUs(1) };
        check_cut(p99, |_| {}, Verdict::Fail);
        check_cut(p99, |call| call.latency = Histogram::default(), Verdict::Inconclusive);
        let wrong = Threshold { measure: Measure::Wrong, limit: Limit::Count(0) };
        check_cut(wrong, |call| call.counted.wrong = 1, Verdict::Fail);
    }

    #[test]
    fn a_search_whose_first_rate_missed_nothing_passes() {
        let mut record = search();
        record.levels.iter_mut().for_each(|level| level.missed.clear());
        assert_eq!(record.knee().map(|level| level.rate), Some(10));
        assert_eq!(record.verdict(), Verdict::Pass);
    }
}
