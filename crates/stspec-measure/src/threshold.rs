//! Whether what was observed is within a profile's limits.

use stspec_scenario::{Limit, Measure, Threshold};

use crate::counts::{LoadCounts, TimedCounts};

/// A threshold with what was observed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The threshold.
    pub threshold: Threshold,
    /// What was observed, in the unit of the limit: a count, microseconds, answers per second. Nothing if
    /// there was nothing to measure, which misses a threshold on time.
    pub observed: Option<u64>,
    /// Of how many, where the limit is a share.
    pub of: u64,
    /// Whether the limit was kept.
    pub held: bool,
}

/// Holds counts and latencies against limits.
///
/// `uncounted` adds its errors and wrong answers.
#[must_use]
pub fn check_thresholds(
    thresholds: &[Threshold],
    observed: &TimedCounts,
    uncounted: LoadCounts,
) -> Vec<Held> {
    let check = |threshold: &Threshold| {
        let (value, of) = measured(threshold.measure, observed, uncounted);
        let held = value.is_some_and(|value| keeps(threshold.limit, value, of));
        Held { threshold: *threshold, observed: value, of, held }
    };
    thresholds.iter().map(check).collect()
}

fn measured(measure: Measure, observed: &TimedCounts, uncounted: LoadCounts) -> (Option<u64>, u64) {
    let requests = observed.counts.requests + uncounted.requests;
    let quantile = |permille| (observed.latency.quantile_us(permille), observed.latency.count());
    match measure {
        Measure::Wrong => (Some(observed.counts.wrong + uncounted.wrong), requests),
        Measure::Errors => (Some(observed.counts.errors + uncounted.errors), requests),
        Measure::Dropped => {
            let offered = observed.offered.as_ref();
            let dropped = offered.map_or(0, |offered| offered.dropped);
            (Some(dropped), offered.map_or(0, |offered| offered.turns))
        }
        Measure::P50 => quantile(500),
        Measure::P90 => quantile(900),
        Measure::P95 => quantile(950),
        Measure::P99 => quantile(990),
        Measure::P999 => quantile(999),
        Measure::Rate => (Some(observed.answers_per_second()), observed.counts.requests),
    }
}

fn keeps(limit: Limit, value: u64, of: u64) -> bool {
    match limit {
        Limit::Count(most) | Limit::TimeUs(most) => value <= most,
        Limit::PerMillion(most) => {
            u128::from(value) * 1_000_000 <= u128::from(of) * u128::from(most)
        }
        Limit::AtLeast(least) => value >= least,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Offered;
    use crate::histogram::Histogram;

    fn observed(requests: u64, errors: u64, wrong: u64) -> TimedCounts {
        let mut latency = Histogram::default();
        (1..=requests - errors).for_each(|latency_us| latency.record(latency_us));
        let counts = LoadCounts { requests, errors, wrong };
        let offered = Some(Offered { turns: 200, dropped: 2, ..Offered::default() });
        TimedCounts { counts, latency, duration_us: 2_000_000, offered }
    }

    #[track_caller]
    fn check(observed: &TimedCounts, measure: Measure, limit: Limit, expected: bool) {
        let threshold = Threshold { measure, limit };
        let held = check_thresholds(&[threshold], observed, LoadCounts::default());
        assert_eq!(held.first().map(|held| held.held), Some(expected), "{held:?}");
    }

    #[test]
    fn counts_may_reach_their_limit_and_not_pass_it() {
        check(&observed(100, 3, 2), Measure::Wrong, Limit::Count(2), true);
        check(&observed(100, 3, 2), Measure::Wrong, Limit::Count(1), false);
        check(&observed(100, 3, 2), Measure::Errors, Limit::Count(3), true);
        check(&observed(100, 3, 2), Measure::Errors, Limit::Count(2), false);
        check(&observed(100, 3, 2), Measure::Dropped, Limit::Count(1), false);
    }

    #[test]
    fn shares_are_taken_of_what_was_tried() {
        check(&observed(100, 0, 2), Measure::Wrong, Limit::PerMillion(20_000), true);
        check(&observed(100, 0, 2), Measure::Wrong, Limit::PerMillion(19_999), false);
        check(&observed(100, 0, 0), Measure::Dropped, Limit::PerMillion(10_000), true);
        check(&observed(100, 0, 0), Measure::Dropped, Limit::PerMillion(9_999), false);
    }

    #[test]
    fn times_and_rates_have_their_own_direction() {
        check(&observed(100, 0, 0), Measure::P50, Limit::TimeUs(50), true);
        check(&observed(100, 0, 0), Measure::P50, Limit::TimeUs(49), false);
        check(&observed(100, 0, 0), Measure::P999, Limit::TimeUs(99), false);
        check(&observed(100, 0, 0), Measure::Rate, Limit::AtLeast(50), true);
        check(&observed(100, 0, 0), Measure::Rate, Limit::AtLeast(51), false);
    }

    #[test]
    fn no_answer_at_all_is_not_a_fast_one() {
        check(&observed(3, 3, 0), Measure::P99, Limit::TimeUs(1), false);
    }

    #[test]
    fn what_does_not_count_may_not_be_wrong_either() {
        let threshold = Threshold { measure: Measure::Wrong, limit: Limit::Count(0) };
        let uncounted = LoadCounts { requests: 1, errors: 0, wrong: 1 };
        let held = check_thresholds(&[threshold], &observed(9, 0, 0), uncounted);
        assert!(held.iter().all(|held| !held.held && held.observed == Some(1)), "{held:?}");
    }
}
