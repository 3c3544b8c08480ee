//! A scenario played in many copies at once, and what they come to together.

use stspec_verdict::{CheckRecord, Verdict};

/// One of several copies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replica {
    /// From 1.
    pub(crate) number: u32,
    /// How many there are.
    pub(crate) of: u32,
}

impl Replica {
    /// All copies of a scenario, in order.
    pub(crate) fn all(of: u32) -> impl Iterator<Item = Self> {
        (1..=of.max(1)).map(move |number| Self { number, of })
    }

    /// The number of the next copy; the first comes after the last.
    pub(crate) fn next(self) -> u32 {
        if self.number >= self.of { 1 } else { self.number + 1 }
    }
}

/// Of each check the worst that came of it in any copy, and of equals the first.
///
/// `copies` holds the checks of each copy, in the same order.
pub(crate) fn worst_of(copies: Vec<Vec<CheckRecord>>) -> Vec<CheckRecord> {
    let mut worst: Vec<(u32, u32, CheckRecord)> = Vec::new();
    let count = copies.len();
    for (number, checks) in (1..).zip(copies) {
        if worst.is_empty() {
            worst = checks.into_iter().map(|check| (number, 1, check)).collect();
            continue;
        }
        for (kept, check) in worst.iter_mut().zip(checks) {
            if check.verdict > kept.2.verdict {
                *kept = (number, 1, check);
            } else if check.verdict == kept.2.verdict {
                kept.1 += 1;
            }
        }
    }
    worst.into_iter().map(|(number, alike, check)| described(number, alike, count, check)).collect()
}

/// The check, saying which copy it is, unless all is well.
fn described(number: u32, alike: u32, count: usize, mut check: CheckRecord) -> CheckRecord {
    if count > 1 && !matches!(check.verdict, Verdict::Pass | Verdict::Observed) {
        let why = check.reason.map_or_else(String::new, |reason| format!("; {reason}"));
        check.reason =
            Some(format!("copy {number} of {count}, {alike} of which came to this{why}"));
    }
    check
}

#[cfg(test)]
mod tests {
    use stspec_scenario::{Level, Name, Role, RuleId, ScenarioName};
    use stspec_verdict::CheckId;

    use super::*;

    fn check(verdict: Verdict, observed: &str) -> CheckRecord {
        let rule = RuleId::parse("a/rule").unwrap();
        let scenario = ScenarioName::parse("scenario").unwrap();
        CheckRecord {
            id: CheckId::new(&rule, &scenario, &Name::parse("step").unwrap()),
            rule,
            level: Level::Must,
            role: Role::Probe,
            verdict,
            expected: String::new(),
            observed: observed.to_owned(),
            reason: None,
            grade: None,
            deviations: Vec::new(),
            fingerprint: String::new(),
            duration_us: 0,
            exchange: None,
        }
    }

    #[test]
    fn the_worst_copy_is_shown_and_named() {
        use Verdict::{Fail, Inconclusive, Pass};
        let copies = [(Pass, "a"), (Fail, "b"), (Inconclusive, "c"), (Fail, "d")];
        let worst =
            worst_of(copies.iter().map(|(verdict, text)| vec![check(*verdict, text)]).collect());
        let [worst] = worst.as_slice() else { panic!("one check") };
        assert_eq!((worst.verdict, worst.observed.as_str()), (Fail, "b"));
        assert_eq!(worst.reason.as_deref(), Some("copy 2 of 4, 2 of which came to this"));
    }

    #[test]
    fn where_all_is_well_the_first_copy_is_shown() {
        let copies = vec![vec![check(Verdict::Pass, "a")], vec![check(Verdict::Pass, "b")]];
        let worst = worst_of(copies);
        let [worst] = worst.as_slice() else { panic!("one check") };
        assert_eq!((worst.observed.as_str(), &worst.reason), ("a", &None));
    }

    #[test]
    fn the_next_of_the_last_is_the_first() {
        let next: Vec<u32> = Replica::all(3).map(Replica::next).collect();
        assert_eq!(next, [2, 3, 1]);
        assert_eq!(Replica::all(1).map(Replica::next).collect::<Vec<_>>(), [1]);
    }
}
