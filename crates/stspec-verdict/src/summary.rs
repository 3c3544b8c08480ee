//! How many rules of each level have which verdict.

use stspec_scenario::Level;

use crate::{RuleRecord, Verdict};

/// Rules by level and verdict; the levels are never added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// The must rules.
    pub must: Counts,
    /// The should rules.
    pub should: Counts,
    /// The observe rules.
    pub observe: Counts,
}

/// Rules of one level by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many passed.
    pub pass: u64,
    /// How many failed.
    pub fail: u64,
    /// How many showed nothing.
    pub inconclusive: u64,
    /// How many need a capability that the target lacks.
    pub unsupported: u64,
    /// How many were answered both rightly and wrongly.
    pub flaky: u64,
    /// How many met an error of stspec.
    pub error: u64,
    /// How many were recorded without a score.
    pub observed: u64,
    /// How many fail as the baseline lists them.
    pub deviation: u64,
    /// How many fail in another way than the baseline lists.
    pub changed: u64,
    /// How many pass, though the baseline lists them as failing.
    pub fixed: u64,
}

/// Counts the rules of a run.
#[must_use]
pub fn summarise(rules: &[RuleRecord]) -> Summary {
    let mut summary = Summary::default();
    for rule in rules {
        summary.add(rule.level, rule.verdict);
    }
    summary
}

impl Summary {
    /// Counts one more rule.
    pub fn add(&mut self, level: Level, verdict: Verdict) {
        let counts = match level {
            Level::Must => &mut self.must,
            Level::Should => &mut self.should,
            Level::Observe => &mut self.observe,
        };
        *counts.of_mut(verdict) += 1;
    }

    /// Returns the counts of one level.
    #[must_use]
    pub fn of(&self, level: Level) -> Counts {
        match level {
            Level::Must => self.must,
            Level::Should => self.should,
            Level::Observe => self.observe,
        }
    }
}

impl Counts {
    /// Returns how many rules have a verdict.
    #[must_use]
    pub fn of(mut self, verdict: Verdict) -> u64 {
        *self.of_mut(verdict)
    }

    /// Returns how many rules there are.
    #[must_use]
    pub fn total(self) -> u64 {
        Verdict::ALL.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    fn of_mut(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Unsupported => &mut self.unsupported,
            Verdict::Flaky => &mut self.flaky,
            Verdict::Error => &mut self.error,
            Verdict::Observed => &mut self.observed,
            Verdict::Deviation => &mut self.deviation,
            Verdict::Changed => &mut self.changed,
            Verdict::Fixed => &mut self.fixed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit_code::examples::rule;

    #[test]
    fn each_rule_is_counted_once_under_its_level_and_verdict() {
        for level in [Level::Must, Level::Should, Level::Observe] {
            for verdict in Verdict::ALL {
                let summary = summarise(&[rule("a/b", level, verdict)]);
                assert_eq!(summary.of(level).of(verdict), 1);
                let total: u64 = [summary.must, summary.should, summary.observe]
                    .map(Counts::total)
                    .into_iter()
                    .sum();
                assert_eq!(total, 1, "{level:?} {verdict}");
            }
        }
    }

    #[test]
    fn rules_of_one_kind_add_up() {
        let rules = [
            rule("a/b", Level::Must, Verdict::Pass),
            rule("a/c", Level::Must, Verdict::Pass),
            rule("a/d", Level::Must, Verdict::Unsupported),
        ];
        let summary = summarise(&rules);
        assert_eq!(summary.must.pass, 2);
        assert_eq!(summary.must.total(), 3);
        assert_eq!(summary.should.total(), 0);
    }
}
