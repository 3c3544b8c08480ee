//! Requests and what came of them: in total, per second, and of the starts of an open shape.

use crate::histogram::Histogram;

/// The share of turns from which on it counts that they waited for a connection, in percent.
///
/// Source: ours; from there on that wait is in the 99th percentile.
pub const CROWDED_PERCENT_MIN: u64 = 1;

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

/// So many in so many microseconds, per second, rounded down.
fn per_second(count: u64, duration_us: u64) -> u64 {
    let per_second = (u128::from(count) * 1_000_000).checked_div(u128::from(duration_us));
    u64::try_from(per_second.unwrap_or(0)).unwrap_or(u64::MAX)
}
