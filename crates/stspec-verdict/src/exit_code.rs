//! The exit code of a run.

use stspec_scenario::Level;

use crate::{BaselineKind, End, RunRecord, Verdict};

/// The exit code of a command, as the table in `docs/design.md`, section 5, lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Every selected rule passed.
    Passed,
    /// A rule failed.
    Failed,
    /// Nothing failed, but the snapshots must match and do not.
    Differs,
    /// The command was used wrongly, or nothing was selected.
    Usage,
    /// A file of the user is not valid.
    FaultyFile,
    /// The target could not be reached, or refused its credentials.
    Unreachable,
    /// Nothing failed, but a must could not be exercised.
    NotShown,
    /// A resource or a secret leaked.
    Leaked,
    /// The baseline lists entries that no longer apply.
    Stale,
    /// A load profile had errors or wrong answers.
    LoadMissed,
    /// A bug in stspec.
    Bug,
    /// Interrupted, after cleaning up.
    Interrupted,
}

impl ExitCode {
    /// Returns the number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed | Self::Differs => 1,
            Self::Usage => 2,
            Self::FaultyFile => 3,
            Self::Unreachable => 4,
            Self::NotShown => 5,
            Self::Leaked => 6,
            Self::Stale => 7,
            Self::LoadMissed => 8,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }

    /// Returns the meaning of the code for a run.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "nothing failed",
            Self::Failed => "a rule failed",
            Self::Differs => "nothing failed, but the snapshots do not match",
            Self::Usage => "nothing was selected",
            Self::FaultyFile => "a file has faults",
            Self::Unreachable => "the target could not be reached, or refused its credentials",
            Self::NotShown => "nothing failed, but not every must was shown",
            Self::Leaked => "a resource or a secret leaked",
            Self::Stale => "the baseline is stale",
            Self::LoadMissed => "the load had errors or wrong answers",
            Self::Bug => "a fault in stspec",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Returns the exit code of a run.
///
/// If several apply, the most urgent one wins: a leak, because it must be cleaned up; then anything that
/// kept the run from completing (interrupted, unreachable, a bug in stspec, nothing selected); then
/// failures; then what was not shown. `fail` and `flaky` count for must and
/// should rules alike, `inconclusive` for must rules. Unsupported rules alone don't spoil a run, but a
/// run in which nothing at all passed or was observed has shown nothing.
///
/// With a baseline, listed deviations don't count; a changed or lost check counts as a failure, and an
/// entry that no longer applies makes the file stale. A check that shows nothing is either listed or lost,
/// so `inconclusive` has no effect of its own.
///
/// A difference from the target's snapshots is shown and has no effect unless they must match: the text of
/// a message may change with any release, and the rule judges what it requires.
#[must_use]
pub fn exit_code(record: &RunRecord) -> ExitCode {
    if record.resources.leaked > 0 || record.redaction.hits > 0 {
        return ExitCode::Leaked;
    }
    match record.end {
        End::Interrupted => return ExitCode::Interrupted,
        End::Unreachable { .. } => return ExitCode::Unreachable,
        End::Complete => {}
    }
    let any = |wanted: &dyn Fn(Level, Verdict) -> bool| {
        record.rules.iter().any(|rule| wanted(rule.level, rule.verdict))
    };
    let found = |wanted: &dyn Fn(BaselineKind) -> bool| {
        let findings = record.baseline.iter().flat_map(|baseline| &baseline.findings);
        findings.map(|finding| finding.kind).any(wanted)
    };
    if any(&|_, verdict| verdict == Verdict::Error) {
        ExitCode::Bug
    } else if record.rules.is_empty() {
        ExitCode::Usage
    } else if any(&|level, verdict| {
        level != Level::Observe
            && matches!(verdict, Verdict::Fail | Verdict::Flaky | Verdict::Changed)
    }) || found(&|kind| kind.is_news())
    {
        ExitCode::Failed
    } else if record.snapshots.as_ref().is_some_and(|seen| seen.must_match && !seen.matches()) {
        ExitCode::Differs
    } else if found(&|kind| !kind.is_news()) {
        ExitCode::Stale
    } else if record.baseline.is_none()
        && any(&|level, verdict| level == Level::Must && verdict == Verdict::Inconclusive)
        || !any(&|_, verdict| {
            matches!(verdict, Verdict::Pass | Verdict::Observed | Verdict::Deviation)
        })
    {
        ExitCode::NotShown
    } else {
        ExitCode::Passed
    }
}

/// Records for tests of this crate.
#[cfg(test)]
pub(crate) mod examples {
    use jiff::Timestamp;
    use stspec_scenario::{Evidence, Level, RuleId};

    use crate::{
        End, Redaction, Redactor, Resources, RuleRecord, RunRecord, TargetRecord, Throttled,
        Verdict,
    };

    pub(crate) fn rule(id: &str, level: Level, verdict: Verdict) -> RuleRecord {
        RuleRecord {
            id: RuleId::parse(id).expect("a rule id"),
            says: "It does.".into(),
            level,
            evidence: Evidence::Documented,
            sources: Vec::new(),
            verdict,
        }
    }

    pub(crate) fn run(rules: Vec<RuleRecord>) -> RunRecord {
        RunRecord {
            run: "7k2f".into(),
            target: TargetRecord {
                name: "reference".into(),
                endpoint: "http://127.0.0.1:1".into(),
                arguments: String::new(),
            },
            started: Timestamp::UNIX_EPOCH,
            duration_us: 0,
            revision: None,
            rules,
            checks: Vec::new(),
            resources: Resources::default(),
            throttled: Throttled::default(),
            redaction: Redaction::default(),
            secrets: Redactor::default(),
            end: End::Complete,
            baseline: None,
            snapshots: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::examples::{rule, run};
    use super::*;
    use crate::{SnapshotChange, SnapshotRecord};

    fn record(rules: &[(Level, Verdict)]) -> RunRecord {
        run(rules.iter().map(|(level, verdict)| rule("a/b", *level, *verdict)).collect())
    }

    #[track_caller]
    fn check(rules: &[(Level, Verdict)], expected: u8) {
        assert_eq!(exit_code(&record(rules)).code(), expected);
    }

    const PASS: (Level, Verdict) = (Level::Must, Verdict::Pass);

    #[test]
    fn passes_are_0_and_unsupported_rules_do_not_spoil_them() {
        check(&[PASS], 0);
        check(&[PASS, (Level::Must, Verdict::Unsupported)], 0);
        check(&[(Level::Observe, Verdict::Observed)], 0);
    }

    #[test]
    fn a_failed_must_or_should_is_1() {
        check(&[PASS, (Level::Must, Verdict::Fail)], 1);
        check(&[PASS, (Level::Should, Verdict::Fail)], 1);
        check(&[PASS, (Level::Must, Verdict::Flaky)], 1);
        check(&[PASS, (Level::Observe, Verdict::Fail)], 0);
    }

    #[test]
    fn nothing_selected_is_2() {
        check(&[], 2);
    }

    #[test]
    fn an_inconclusive_must_is_5_and_an_inconclusive_should_is_not() {
        check(&[PASS, (Level::Must, Verdict::Inconclusive)], 5);
        check(&[PASS, (Level::Should, Verdict::Inconclusive)], 0);
    }

    #[test]
    fn a_run_that_showed_nothing_is_5() {
        check(&[(Level::Must, Verdict::Unsupported)], 5);
        check(&[(Level::Should, Verdict::Inconclusive)], 5);
    }

    #[test]
    fn a_failure_outweighs_what_was_not_shown() {
        check(&[(Level::Must, Verdict::Inconclusive), (Level::Must, Verdict::Fail)], 1);
    }

    #[test]
    fn a_bug_of_ours_is_70_even_beside_failures() {
        check(&[(Level::Must, Verdict::Fail), (Level::Observe, Verdict::Error)], 70);
    }

    #[test]
    fn a_target_out_of_reach_is_4_whatever_was_selected() {
        let reason = "connection refused".to_owned();
        let mut record = record(&[(Level::Must, Verdict::Inconclusive)]);
        record.end = End::Unreachable { reason };
        assert_eq!(exit_code(&record).code(), 4);
        record.rules.clear();
        assert_eq!(exit_code(&record).code(), 4);
    }

    #[test]
    fn an_interrupted_run_is_130() {
        let mut record = record(&[PASS, (Level::Must, Verdict::Fail)]);
        record.end = End::Interrupted;
        assert_eq!(exit_code(&record).code(), 130);
    }

    #[test]
    fn a_difference_from_the_snapshots_is_1_only_where_they_must_match() {
        let mut record = record(&[PASS]);
        let seen = |must_match, changed: bool, missing: bool| SnapshotRecord {
            folder: "snapshots/moto".into(),
            must_match,
            same: 1,
            changed: changed
                .then(|| SnapshotChange {
                    rule: record.rules[0].id.clone(),
                    before: "a".into(),
                    now: "b".into(),
                })
                .into_iter()
                .collect(),
            missing: missing.then(|| record.rules[0].id.clone()).into_iter().collect(),
        };
        let cases = [
            (seen(false, true, true), 0),
            (seen(true, false, false), 0),
            (seen(true, true, false), 1),
            (seen(true, false, true), 1),
        ];
        for (snapshots, code) in cases {
            record.snapshots = Some(snapshots);
            assert_eq!(exit_code(&record).code(), code, "{:?}", record.snapshots);
        }
        assert_eq!(exit_code(&record), ExitCode::Differs);
    }

    #[test]
    fn a_leak_is_6_before_anything_else() {
        let mut record = record(&[(Level::Must, Verdict::Fail)]);
        record.end = End::Interrupted;
        record.resources.leaked = 1;
        assert_eq!(exit_code(&record).code(), 6);
        record.resources.leaked = 0;
        record.redaction.hits = 1;
        assert_eq!(exit_code(&record).code(), 6);
    }
}
