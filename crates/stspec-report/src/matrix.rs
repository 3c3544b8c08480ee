//! Which rules notice which faults of the reference: the proof that a green run means something.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use stspec_scenario::RuleId;
use stspec_verdict::Verdict;

use crate::text::counted;

/// The result of one rule under one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// The fault, or the null server.
    pub fault: String,
    /// The rule.
    pub rule: RuleId,
    /// What the fault must make of the rule.
    pub demand: Demand,
    /// Its verdict.
    pub verdict: Verdict,
}

/// What a fault must make of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// It names the fault, so it must fail.
    Fail,
    /// It is a must and the target a null server, so it must do anything but pass.
    NoPass,
    /// It has nothing to do with the fault, so it must not fail.
    NoFail,
}

/// What a row of the matrix says about rule and fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The rule notices the fault, as it must.
    Caught,
    /// The rule should notice the fault and does not.
    Missed,
    /// The rule fails under a fault that it does not name.
    Unrelated,
    /// The fault breaks the company of a rule that does not list it, which is not a failure.
    Spoilt,
}

/// Returns the finding of a row; `None` if rule and fault are unrelated.
#[must_use]
pub fn finding(demand: Demand, verdict: Verdict) -> Option<Finding> {
    match (demand, verdict) {
        (Demand::Fail, Verdict::Fail) => Some(Finding::Caught),
        (Demand::Fail, _) | (Demand::NoPass, Verdict::Pass) => Some(Finding::Missed),
        (Demand::NoPass, _) => Some(Finding::Caught),
        (
            Demand::NoFail,
            Verdict::Fail
            | Verdict::Flaky
            | Verdict::Error
            | Verdict::Deviation
            | Verdict::Changed
            | Verdict::Fixed,
        ) => Some(Finding::Unrelated),
        (Demand::NoFail, Verdict::Inconclusive) => Some(Finding::Spoilt),
        (Demand::NoFail, Verdict::Pass | Verdict::Observed | Verdict::Unsupported) => None,
    }
}

/// Renders the matrix: one line for each rule that a fault touches, by fault and rule, then the null
/// servers with the musts that saw through them, then the faults that no rule notices, then the numbers.
///
/// A null server concerns every must, so only those that it deceives have lines of their own. The rest
/// of the matrix is sparse, so a table of its own shape would be mostly blank, and one line for each pair
/// shows a change as one line of a diff.
#[must_use]
pub fn fault_matrix(rows: &[MatrixRow]) -> String {
    let mut lines: Vec<(&str, &RuleId, Verdict, Finding)> = rows
        .iter()
        .filter_map(|row| {
            let finding = finding(row.demand, row.verdict)?;
            Some((row.fault.as_str(), &row.rule, row.verdict, finding))
        })
        .collect();
    lines.sort();
    let findings: Vec<Finding> = lines.iter().map(|line| line.3).collect();
    let seen_through = seen_through(rows);
    lines.retain(|line| !(seen_through.contains_key(line.0) && line.3 == Finding::Caught));
    let width = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default();
    let fault_width = width(&mut lines.iter().map(|line| line.0.len()));
    let rule_width = width(&mut lines.iter().map(|line| line.1.as_str().len()));
    let mut text = String::new();
    for (fault, rule, verdict, finding) in &lines {
        let (rule, word) = (rule.as_str(), finding.word());
        // Writing to a string never fails.
        let _ = writeln!(text, "{word:<9}  {fault:<fault_width$}  {rule:<rule_width$}  {verdict}");
    }
    for (fault, musts) in &seen_through {
        let musts = counted(*musts, "must", "musts");
        let _ = writeln!(text, "caught     {fault:<fault_width$}  {musts}, none passes");
    }
    let unnoticed = unnoticed(rows);
    for fault in &unnoticed {
        let _ = writeln!(text, "unnoticed  {fault}");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text + &totals(rows, &findings, unnoticed.len())
}

/// Returns how many musts each null server was tried on, where it deceives none of them.
fn seen_through(rows: &[MatrixRow]) -> BTreeMap<&str, usize> {
    let mut tried: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.demand == Demand::NoPass) {
        let (count, deceives) = tried.entry(&row.fault).or_default();
        *count += 1;
        *deceives |= row.verdict == Verdict::Pass;
    }
    tried
        .into_iter()
        .filter(|(_, (_, deceives))| !deceives)
        .map(|(fault, (count, _))| (fault, count))
        .collect()
}

/// Returns the faults under which no rule does what it must.
fn unnoticed(rows: &[MatrixRow]) -> BTreeSet<&str> {
    let mut caught: BTreeMap<&str, bool> = BTreeMap::new();
    for row in rows {
        let row_caught = finding(row.demand, row.verdict) == Some(Finding::Caught);
        *caught.entry(&row.fault).or_default() |= row_caught;
    }
    caught.into_iter().filter(|(_, caught)| !caught).map(|(fault, _)| fault).collect()
}

fn totals(rows: &[MatrixRow], findings: &[Finding], unnoticed: usize) -> String {
    let faults: BTreeSet<&str> = rows.iter().map(|row| row.fault.as_str()).collect();
    let rules: BTreeSet<&RuleId> = rows.iter().map(|row| &row.rule).collect();
    let faults = counted(faults.len(), "fault", "faults");
    let rules = counted(rules.len(), "rule", "rules");
    let of = |wanted: Finding| findings.iter().filter(|finding| **finding == wanted).count();
    format!(
        "{faults} · {rules} · {} caught · {} missed · {} unrelated · {} spoilt · {unnoticed} unnoticed\n",
        of(Finding::Caught),
        of(Finding::Missed),
        of(Finding::Unrelated),
        of(Finding::Spoilt),
    )
}

impl Finding {
    /// Returns the finding as the matrix spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Missed => "missed",
            Self::Unrelated => "unrelated",
            Self::Spoilt => "spoilt",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fault: &str, rule: &str, demand: Demand, verdict: Verdict) -> MatrixRow {
        let rule = RuleId::parse(rule).expect("a rule id");
        MatrixRow { fault: fault.into(), rule, demand, verdict }
    }

    #[track_caller]
    fn check(demand: Demand, verdict: Verdict, expected: Option<Finding>) {
        assert_eq!(finding(demand, verdict), expected, "{demand:?} {verdict}");
    }

    #[test]
    fn a_rule_that_names_the_fault_must_fail_and_nothing_less() {
        for verdict in Verdict::ALL {
            let caught = verdict == Verdict::Fail;
            let expected = if caught { Finding::Caught } else { Finding::Missed };
            check(Demand::Fail, verdict, Some(expected));
        }
    }

    #[test]
    fn under_a_null_server_only_a_pass_is_wrong() {
        for verdict in Verdict::ALL {
            let missed = verdict == Verdict::Pass;
            let expected = if missed { Finding::Missed } else { Finding::Caught };
            check(Demand::NoPass, verdict, Some(expected));
        }
    }

    #[test]
    fn a_rule_without_a_stake_must_not_fail() {
        check(Demand::NoFail, Verdict::Pass, None);
        check(Demand::NoFail, Verdict::Unsupported, None);
        check(Demand::NoFail, Verdict::Inconclusive, Some(Finding::Spoilt));
        check(Demand::NoFail, Verdict::Fail, Some(Finding::Unrelated));
        check(Demand::NoFail, Verdict::Flaky, Some(Finding::Unrelated));
    }

    #[test]
    fn the_matrix_is_sorted_and_lists_what_a_fault_touches() {
        let rows = [
            row("name-unchecked", "get-federation-token/name", Demand::Fail, Verdict::Pass),
            row("minimum-ignored", "get-federation-token/duration", Demand::NoFail, Verdict::Fail),
            row("minimum-ignored", "get-federation-token/arn", Demand::NoFail, Verdict::Pass),
            row("minimum-ignored", "get-federation-token/bounds", Demand::Fail, Verdict::Fail),
            row("null-empty", "get-federation-token/arn", Demand::NoPass, Verdict::Inconclusive),
            row("null-echo", "get-federation-token/arn", Demand::NoPass, Verdict::Pass),
        ];
        let expected = "\
caught     minimum-ignored  get-federation-token/bounds    fail
unrelated  minimum-ignored  get-federation-token/duration  fail
missed     name-unchecked   get-federation-token/name      pass
missed     null-echo        get-federation-token/arn       pass
caught     null-empty       1 must, none passes
unnoticed  name-unchecked
unnoticed  null-echo

4 faults · 4 rules · 2 caught · 2 missed · 1 unrelated · 0 spoilt · 2 unnoticed
";
        assert_eq!(fault_matrix(&rows), expected);
    }

    #[test]
    fn no_rows_are_no_lines() {
        let expected =
            "0 faults · 0 rules · 0 caught · 0 missed · 0 unrelated · 0 spoilt · 0 unnoticed\n";
        assert_eq!(fault_matrix(&[]), expected);
    }
}
