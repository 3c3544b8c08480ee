//! Compares a run with the baseline of its target, so that only news counts.

use jiff::civil::Date;
use stspec_scenario::{AcceptedDeviation, AcceptedVerdict, Baseline, Level, Role};

use crate::{
    BaselineFinding, BaselineKind, BaselineRecord, CheckRecord, RunRecord, Verdict, rule_verdict,
};

/// Updates the verdict of each probe by a baseline, and that of each rule by its checks.
///
/// `exists` returns whether there is a check with that id, selected or not; an entry for a check that
/// exists but was not selected has no effect. Rules of level `observe` are not compared.
pub fn apply_baseline(
    record: &mut RunRecord,
    baseline: &Baseline,
    file: &str,
    exists: impl Fn(&str) -> bool,
    today: Date,
) {
    let mut outcome = BaselineRecord {
        file: file.to_owned(),
        of: baseline.of.clone(),
        unchanged: 0,
        findings: Vec::new(),
    };
    let scored =
        |check: &&mut CheckRecord| check.role == Role::Probe && check.level != Level::Observe;
    for check in record.checks.iter_mut().filter(scored) {
        let id = check.id.to_string();
        let listed = baseline.deviation(&id);
        match compare(check, listed) {
            Comparison::News(None) => {}
            Comparison::News(Some((kind, says))) => {
                outcome.findings.push(BaselineFinding { kind, check: id, says });
            }
            Comparison::AsRecorded => {
                outcome.unchanged += 1;
                check.reason = listed.map(|listed| format!("known: {}", listed.reason));
            }
        }
        check.verdict = verdict_with_baseline(check, listed);
    }
    outcome.findings.extend(stale(baseline, exists, today));
    for rule in &mut record.rules {
        let own = record.checks.iter().filter(|check| check.rule == rule.id);
        rule.verdict = rule_verdict(own.map(|check| check.verdict));
    }
    record.baseline = Some(outcome);
}

/// How a probe relates to its entry in the baseline.
enum Comparison {
    AsRecorded,
    /// Something else, and the finding. `None` for a failure that is not listed, which is reported
    /// anyway.
    News(Option<(BaselineKind, String)>),
}

fn compare(check: &CheckRecord, listed: Option<&AcceptedDeviation>) -> Comparison {
    let news = |kind, says: String| Comparison::News(Some((kind, says)));
    let Some(listed) = listed else {
        return match check.verdict {
            Verdict::Inconclusive | Verdict::Unsupported => {
                news(BaselineKind::Lost, format!("not listed, and {}", check.verdict))
            }
            _ => Comparison::News(None),
        };
    };
    let came = |kind| news(kind, format!("recorded as {}, now {}", listed.verdict, check.verdict));
    match (listed.verdict, check.verdict) {
        (AcceptedVerdict::Fail, Verdict::Fail)
            if listed.fingerprint.as_deref() != Some(&check.fingerprint) =>
        {
            let recorded = listed.fingerprint.as_deref().unwrap_or("none");
            let says =
                format!("fails in another way: {recorded} was recorded, now {}", check.fingerprint);
            news(BaselineKind::Changed, says)
        }
        (AcceptedVerdict::Fail, Verdict::Fail)
        | (AcceptedVerdict::Flaky, Verdict::Pass | Verdict::Fail | Verdict::Flaky)
        | (
            AcceptedVerdict::Inconclusive | AcceptedVerdict::Unsupported,
            Verdict::Inconclusive | Verdict::Unsupported,
        ) => Comparison::AsRecorded,
        (_, Verdict::Pass) => came(BaselineKind::Fixed),
        (
            AcceptedVerdict::Fail | AcceptedVerdict::Flaky,
            Verdict::Inconclusive | Verdict::Unsupported,
        ) => came(BaselineKind::Lost),
        _ => came(BaselineKind::Changed),
    }
}

/// The verdict that takes the baseline into account.
fn verdict_with_baseline(check: &CheckRecord, listed: Option<&AcceptedDeviation>) -> Verdict {
    let Some(listed) = listed else { return check.verdict };
    match (compare(check, Some(listed)), check.verdict) {
        (Comparison::AsRecorded, Verdict::Fail | Verdict::Flaky | Verdict::Pass) => {
            Verdict::Deviation
        }
        (Comparison::News(Some((BaselineKind::Changed, _))), Verdict::Fail | Verdict::Flaky) => {
            Verdict::Changed
        }
        (Comparison::News(Some((BaselineKind::Fixed, _))), _) => Verdict::Fixed,
        (_, verdict) => verdict,
    }
}

/// Entries without a check, and expired ones.
fn stale(baseline: &Baseline, exists: impl Fn(&str) -> bool, today: Date) -> Vec<BaselineFinding> {
    let finding = |kind, listed: &AcceptedDeviation, says: String| BaselineFinding {
        kind,
        check: listed.check.clone(),
        says,
    };
    let mut findings = Vec::new();
    for listed in &baseline.deviations {
        if !exists(&listed.check) {
            let says = "there is no such check".to_owned();
            findings.push(finding(BaselineKind::Unmatched, listed, says));
        } else if listed.expires <= today {
            let says = format!("accepted until {}", listed.expires);
            findings.push(finding(BaselineKind::Expired, listed, says));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use stspec_scenario::{Name, RuleId, ScenarioName};

    use super::*;
    use crate::exit_code::examples::{rule, run};
    use crate::{CheckId, exit_code};

    const ID: &str = "a/b/scenario/step";

    fn check_record(verdict: Verdict, level: Level) -> CheckRecord {
        let rule = RuleId::parse("a/b").unwrap();
        let scenario = ScenarioName::parse("scenario").unwrap();
        CheckRecord {
            id: CheckId::new(&rule, &scenario, &Name::parse("step").unwrap()),
            rule,
            level,
            role: Role::Probe,
            verdict,
            expected: String::new(),
            observed: String::new(),
            reason: None,
            grade: None,
            deviations: Vec::new(),
            fingerprint: "00ff".to_owned(),
            duration_us: 0,
            exchange: None,
        }
    }

    fn entry(check: &str, verdict: AcceptedVerdict, fingerprint: &str) -> AcceptedDeviation {
        AcceptedDeviation {
            check: check.to_owned(),
            verdict,
            fingerprint: Some(fingerprint.to_owned()),
            how: None,
            reason: "it never checks".to_owned(),
            expires: "2027-01-01".parse().unwrap(),
        }
    }

    fn compared(came: Verdict, listed: Vec<AcceptedDeviation>, today: &str) -> RunRecord {
        let mut record = run(vec![rule("a/b", Level::Must, came)]);
        record.checks = vec![check_record(came, Level::Must)];
        let target = Name::parse("moto").unwrap();
        let baseline = Baseline { target, of: None, deviations: listed };
        let today = today.parse().unwrap();
        apply_baseline(&mut record, &baseline, "baseline.yaml", |id| id == ID, today);
        record
    }

    #[track_caller]
    fn check(
        came: Verdict,
        listed: Option<(AcceptedVerdict, &str)>,
        expected: Verdict,
        finding: Option<BaselineKind>,
        exit: u8,
    ) {
        let listed = listed.map(|(verdict, print)| entry(ID, verdict, print)).into_iter().collect();
        let record = compared(came, listed, "2026-11-21");
        assert_eq!(record.checks[0].verdict, expected);
        assert_eq!(record.rules[0].verdict, expected, "the rule follows its checks");
        let findings = &record.baseline.as_ref().unwrap().findings;
        assert_eq!(findings.iter().map(|each| each.kind).next(), finding, "{findings:?}");
        assert_eq!(exit_code(&record).code(), exit);
    }

    #[test]
    fn a_failure_as_recorded_is_a_deviation_and_spoils_nothing() {
        check(Verdict::Fail, Some((AcceptedVerdict::Fail, "00ff")), Verdict::Deviation, None, 0);
    }

    #[test]
    fn a_failure_in_another_way_is_changed() {
        let listed = Some((AcceptedVerdict::Fail, "beef"));
        check(Verdict::Fail, listed, Verdict::Changed, Some(BaselineKind::Changed), 1);
        let listed = Some((AcceptedVerdict::Inconclusive, "beef"));
        check(Verdict::Fail, listed, Verdict::Changed, Some(BaselineKind::Changed), 1);
    }

    #[test]
    fn an_unlisted_failure_stays_one() {
        check(Verdict::Fail, None, Verdict::Fail, None, 1);
    }

    #[test]
    fn a_listed_check_that_passes_is_fixed_and_the_file_stale() {
        let fixed = Some(BaselineKind::Fixed);
        check(Verdict::Pass, Some((AcceptedVerdict::Fail, "00ff")), Verdict::Fixed, fixed, 7);
        check(Verdict::Pass, Some((AcceptedVerdict::Unsupported, "")), Verdict::Fixed, fixed, 7);
    }

    #[test]
    fn a_check_that_used_to_run_and_did_not_is_lost() {
        let lost = Some(BaselineKind::Lost);
        check(Verdict::Inconclusive, None, Verdict::Inconclusive, lost, 1);
        check(Verdict::Unsupported, None, Verdict::Unsupported, lost, 1);
        let listed = Some((AcceptedVerdict::Fail, "00ff"));
        check(Verdict::Inconclusive, listed, Verdict::Inconclusive, lost, 1);
    }

    #[test]
    fn a_listed_check_that_shows_nothing_spoils_nothing() {
        let record = {
            let mut record = compared(Verdict::Pass, Vec::new(), "2026-11-21");
            record.rules.push(rule("a/c", Level::Must, Verdict::Inconclusive));
            record
        };
        assert_eq!(exit_code(&record).code(), 0);
        let listed = Some((AcceptedVerdict::Inconclusive, ""));
        check(Verdict::Inconclusive, listed, Verdict::Inconclusive, None, 5);
    }

    #[test]
    fn a_flaky_check_may_come_out_either_way() {
        let listed = Some((AcceptedVerdict::Flaky, "00ff"));
        check(Verdict::Pass, listed, Verdict::Deviation, None, 0);
        check(Verdict::Flaky, listed, Verdict::Deviation, None, 0);
    }

    #[test]
    fn an_entry_for_no_check_and_one_past_its_day_are_stale() {
        let unmatched = vec![entry("a/b/gone/step", AcceptedVerdict::Fail, "00ff")];
        let record = compared(Verdict::Pass, unmatched, "2026-11-21");
        assert_eq!(record.baseline.as_ref().unwrap().findings[0].kind, BaselineKind::Unmatched);
        assert_eq!(exit_code(&record).code(), 7);
        let expired = vec![entry(ID, AcceptedVerdict::Fail, "00ff")];
        let record = compared(Verdict::Fail, expired, "2027-01-01");
        assert_eq!(record.baseline.as_ref().unwrap().findings[0].kind, BaselineKind::Expired);
        assert_eq!(exit_code(&record).code(), 7);
    }

    #[test]
    fn what_is_only_observed_is_not_compared() {
        let mut record = run(vec![rule("a/b", Level::Observe, Verdict::Observed)]);
        record.checks = vec![check_record(Verdict::Observed, Level::Observe)];
        let target = Name::parse("moto").unwrap();
        let deviations = vec![entry(ID, AcceptedVerdict::Fail, "00ff")];
        let baseline = Baseline { target, of: None, deviations };
        let today = "2026-11-21".parse().unwrap();
        apply_baseline(&mut record, &baseline, "baseline.yaml", |_| true, today);
        assert_eq!(record.checks[0].verdict, Verdict::Observed);
    }
}
