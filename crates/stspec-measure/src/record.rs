//! What is kept of a run of a load profile: counts, latencies, and a few examples of what was wrong.

use std::fmt;

use jiff::Timestamp;
use stspec_scenario::{Knee, LoadShape, Measure, Name, Threshold, Transport};
use stspec_verdict::{Resources, TargetRecord, Verdict};

use crate::call::CallLoad;
use crate::caps::Caps;
use crate::counts::{LoadCounts, Offered, TimedCounts};
use crate::generator::GeneratorRecord;
use crate::histogram::Histogram;
use crate::saturation::{crowding, saturation};
use crate::series::Series;
use crate::share::Share;
use crate::threshold::{Held, check_thresholds};

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
    use crate::examples::shard;

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
