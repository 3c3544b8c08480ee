//! The verdict on a check or a rule, and which of several is the worst.

use std::fmt;

/// The verdict on a check or a rule.
///
/// The order is that of severity, mildest first, so that `max` is the worst:
///
/// - `Error` beats all: after an error of stspec no other verdict of the rule can be trusted.
/// - `Fail` beats `Flaky`: an answer that is always wrong is a firmer finding than one that changes.
/// - `Flaky` beats `Inconclusive`: at least one answer was seen to be wrong.
/// - `Inconclusive` beats `Unsupported`: what should have been shown and was not is worse than what
///   the target never claimed.
/// - `Unsupported` beats `Observed` and `Pass`: a rule that ran in part has not been shown.
/// - `Observed` beats `Pass`: the controls of an `observe` rule pass, the rule itself never does.
///
/// With a baseline, `Changed` ranks beside `Fail`, because it is new; `Deviation` beats `Pass` and
/// `Unsupported`, because something is wrong, even if accepted; `Fixed` beats `Pass`, because the file is
/// stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The answer was as expected, in good company.
    Pass,
    /// It passes, and the baseline lists it as failing.
    Fixed,
    /// Recorded, never scored: the rule's level is `observe`.
    Observed,
    /// The target lacks a capability or a principal that the check needs.
    Unsupported,
    /// It fails as the baseline lists it.
    Deviation,
    /// The check shows nothing, because it could not be sent or its company did not hold.
    Inconclusive,
    /// The same request was answered rightly and wrongly.
    Flaky,
    /// It fails in another way than the baseline lists.
    Changed,
    /// The answer contradicts the rule.
    Fail,
    /// The harness itself went wrong.
    Error,
}

impl Verdict {
    /// All verdicts, mildest first.
    pub const ALL: [Self; 10] = [
        Self::Pass,
        Self::Fixed,
        Self::Observed,
        Self::Unsupported,
        Self::Deviation,
        Self::Inconclusive,
        Self::Flaky,
        Self::Changed,
        Self::Fail,
        Self::Error,
    ];

    /// Returns the worst of several verdicts; `None` if there are none.
    pub fn worst(verdicts: impl IntoIterator<Item = Self>) -> Option<Self> {
        verdicts.into_iter().max()
    }

    /// Returns the verdict as reports spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fixed => "fixed",
            Self::Observed => "observed",
            Self::Unsupported => "unsupported",
            Self::Deviation => "deviation",
            Self::Inconclusive => "inconclusive",
            Self::Flaky => "flaky",
            Self::Changed => "changed",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(verdicts: &[Verdict], worst: Option<Verdict>) {
        assert_eq!(Verdict::worst(verdicts.iter().copied()), worst);
    }

    #[test]
    fn each_verdict_is_worse_than_all_before_it() {
        for (position, verdict) in Verdict::ALL.iter().enumerate() {
            check(&Verdict::ALL[..=position], Some(*verdict));
        }
    }

    #[test]
    fn one_failure_outweighs_many_passes() {
        check(&[Verdict::Pass, Verdict::Fail, Verdict::Pass], Some(Verdict::Fail));
    }

    #[test]
    fn a_failure_is_not_hidden_by_what_could_not_be_shown() {
        check(&[Verdict::Inconclusive, Verdict::Fail, Verdict::Unsupported], Some(Verdict::Fail));
    }

    #[test]
    fn no_verdicts_have_no_worst() {
        check(&[], None);
    }

    #[test]
    fn display_pads_to_the_width_that_a_table_asks_for() {
        assert_eq!(format!("{:<6}|", Verdict::Pass), "pass  |");
    }
}
