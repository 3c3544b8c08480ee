//! What a comparison comes to: how each metric changed, and whether that matters.

use std::fmt;

use stspec_verdict::{ExitCode, Verdict};

/// What two sides are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Answers per second; kept in thousandths.
    Rate,
    /// The latency that half of the answers don't exceed, in microseconds.
    P50,
    /// The latency that 95 % of the answers don't exceed, in microseconds.
    P95,
    /// The latency that 99 % of the answers don't exceed, in microseconds.
    P99,
    /// The mean latency, in microseconds.
    Mean,
    /// Requests without an answer, in millionths of all.
    Errors,
    /// Wrong answers, in millionths of all requests.
    Wrong,
    /// Turns that were dropped, in millionths of all.
    Dropped,
    /// The highest rate of a search that missed no threshold; kept in thousandths.
    Knee,
}

/// What a comparison of a metric came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compared {
    /// There is too little to tell.
    TooLittle,
    /// Nothing that matters.
    Same,
    /// Faster, more of what is good, less of what is bad.
    Better,
    /// Slower, less of what is good, more of what is bad.
    Worse,
}

/// How one metric changed from one side to the other.
///
/// Changes of times and rates are millionths of what was before; those of shares are differences, in
/// millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The metric.
    pub metric: Metric,
    /// Its value before, in the metric's unit; the geometric mean of several rounds.
    pub before: Option<u64>,
    /// Its value after.
    pub after: Option<u64>,
    /// By how much it changed.
    pub change: Option<i64>,
    /// Where the change is with a confidence of 95 %, if that can be told.
    pub interval: Option<(i64, i64)>,
    /// By how much the same side differs from itself, if that can be told.
    pub noise: Option<i64>,
    /// What it came to; nothing where the metric is only shown and decides nothing.
    pub verdict: Option<Compared>,
}

/// How one call changed; only shown, because seconds are not kept for each call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallChange {
    /// What the profile calls it.
    pub id: String,
    /// Its metrics.
    pub changes: Vec<Change>,
}

/// How a target changed from one side to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The profile.
    pub profile: String,
    /// The runs of the side before, with what they loaded.
    pub before: Vec<(String, String)>,
    /// The runs of the side after.
    pub after: Vec<(String, String)>,
    /// Smallest change of a time or a rate that matters, in millionths.
    pub tolerance: u32,
    /// What makes the comparison worth less.
    pub warnings: Vec<String>,
    /// All calls together.
    pub overall: Vec<Change>,
    /// Each call.
    pub calls: Vec<CallChange>,
    /// What it all came to: the worst of what decides.
    pub verdict: Compared,
}

/// Why records can't be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// A side has no record.
    #[error("there is nothing to compare; give at least one record before and one after")]
    Nothing,
    /// They are of different loads.
    #[error(
        "run `{run}` has another {what} than run `{first}`, so a difference would tell nothing of the target; compare runs of the same profile with the same options"
    )]
    Differs {
        /// What differs.
        what: &'static str,
        /// The first run.
        first: String,
        /// The run that differs from it.
        run: String,
    },
    /// A record stands on both sides, or twice on one.
    #[error("run `{run}` is given twice; a run compared with itself never differs")]
    Twice {
        /// The run.
        run: String,
    },
}

impl Comparison {
    /// Returns the smallest change that would have shown in any time or rate that decides, in millionths, with the
    /// metric; nothing if none could be told.
    #[must_use]
    pub fn sensitivity(&self) -> Option<(Metric, u64)> {
        let visible = |change: &Change| {
            change.verdict.filter(|verdict| *verdict >= Compared::Same)?;
            let (low, high) = change.interval.filter(|_| !change.metric.is_share())?;
            let reach = high.saturating_sub(low).unsigned_abs() / 2;
            let noise = change.noise.unwrap_or(0).unsigned_abs();
            Some((change.metric, reach.max(noise).max(u64::from(self.tolerance))))
        };
        self.overall.iter().filter_map(visible).min_by_key(|(_, smallest)| *smallest)
    }

    /// Returns the exit code: a regression misses what a load is measured by.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self.verdict {
            Compared::TooLittle => ExitCode::NotShown,
            Compared::Same | Compared::Better => ExitCode::Passed,
            Compared::Worse => ExitCode::LoadMissed,
        }
    }
}

impl Metric {
    /// Returns its name in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Mean => "mean",
            Self::Errors => "errors",
            Self::Wrong => "wrong",
            Self::Dropped => "dropped",
            Self::Knee => "knee",
        }
    }

    /// Tells whether it is a share of requests or turns.
    #[must_use]
    pub fn is_share(self) -> bool {
        matches!(self, Self::Errors | Self::Wrong | Self::Dropped)
    }

    /// Tells whether more of it is better.
    #[must_use]
    pub fn rises_for_the_better(self) -> bool {
        matches!(self, Self::Rate | Self::Knee)
    }

    /// Returns what a verdict on it is called.
    #[must_use]
    pub fn says(self, verdict: Compared) -> &'static str {
        match (verdict, self.is_share()) {
            (Compared::TooLittle, _) => "too little data",
            (Compared::Same, _) => "no difference",
            (Compared::Better, false) => "faster",
            (Compared::Worse, false) => "slower",
            (Compared::Better, true) => "fewer",
            (Compared::Worse, true) => "more",
        }
    }
}

impl Compared {
    /// Returns what a whole comparison that came to it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::TooLittle => "too little data to tell",
            Self::Same => "no difference",
            Self::Better => "better",
            Self::Worse => "worse",
        }
    }

    /// Returns the verdict whose colour it is shown in.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::TooLittle => Verdict::Inconclusive,
            Self::Same => Verdict::Observed,
            Self::Better => Verdict::Pass,
            Self::Worse => Verdict::Fail,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}
