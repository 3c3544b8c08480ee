//! The verdict of each rule on each of several targets, from their JSON reports.

mod json;
mod markdown;
mod page;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use stspec_scenario::{Level, Name, RuleId};
use stspec_verdict::{Summary, Verdict};

use crate::ReportError;

pub use json::{MATRIX_SCHEMA, matrix_json};
pub use markdown::matrix_markdown;
pub use page::matrix_html;
pub use read::{TargetReport, read_report};

/// Rules by targets.
// INVARIANT: there is a target, no two have one name, and each row has as many verdicts as there are
// targets, in their order; rows are sorted by rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictMatrix {
    targets: Vec<Column>,
    rows: Vec<Row>,
}

/// A target of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub target: Name,
    /// Where its STS was.
    pub endpoint: String,
    /// How its run ended.
    pub exit_code: u8,
    /// Its rules by level and verdict.
    pub summary: Summary,
}

/// A rule of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which rule.
    pub rule: RuleId,
    /// How binding it is, as the first report that has it says.
    pub level: Level,
    /// Its verdict on each target; `None` if it was not run.
    pub verdicts: Vec<Option<Verdict>>,
}

impl Row {
    /// Whether the verdicts of the targets differ.
    #[must_use]
    pub fn differs(&self) -> bool {
        let distinct: BTreeSet<Verdict> = self.verdicts.iter().copied().flatten().collect();
        distinct.len() > 1
    }
}

impl VerdictMatrix {
    /// Puts reports side by side, in their order. Two with the same target name are an error, because
    /// their columns could not be told apart.
    pub fn new(reports: Vec<TargetReport>) -> Result<Self, ReportError> {
        let mut rules: BTreeMap<RuleId, (Level, Vec<Option<Verdict>>)> = BTreeMap::new();
        let mut targets: Vec<Column> = Vec::new();
        let count = reports.len();
        for (at, report) in reports.into_iter().enumerate() {
            let TargetReport { target, endpoint, exit_code, rules: own } = report;
            if targets.iter().any(|column| column.target == target) {
                return Err(ReportError::SameTarget { target });
            }
            let mut summary = Summary::default();
            for (rule, level, verdict) in own {
                summary.add(level, verdict);
                let (_, verdicts) = rules.entry(rule).or_insert_with(|| (level, vec![None; count]));
                if let Some(cell) = verdicts.get_mut(at) {
                    *cell = Some(verdict);
                }
            }
            targets.push(Column { target, endpoint, exit_code, summary });
        }
        let row = |(rule, (level, verdicts))| Row { rule, level, verdicts };
        Ok(Self { targets, rows: rules.into_iter().map(row).collect() })
    }

    /// The targets, in the order of their reports.
    #[must_use]
    pub fn targets(&self) -> &[Column] {
        &self.targets
    }

    /// The rules, sorted.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// The label of a rule that was not run on a target.
const NOT_RUN: &str = "not run";

fn label(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or(NOT_RUN, Verdict::word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(target: &str, rules: &[(&str, Level, Verdict)]) -> TargetReport {
        let rule = |(id, level, verdict): &(&str, Level, Verdict)| {
            (RuleId::parse(id).expect("a rule id"), *level, *verdict)
        };
        TargetReport {
            target: Name::parse(target).expect("a name"),
            endpoint: format!("http://{target}"),
            exit_code: 0,
            rules: rules.iter().map(rule).collect(),
        }
    }

    #[test]
    fn each_rule_has_a_verdict_or_none_for_each_target() {
        let must = Level::Must;
        let one = report("one", &[("b/b", must, Verdict::Pass), ("a/a", must, Verdict::Fail)]);
        let two = report("two", &[("b/b", must, Verdict::Fail), ("c/c", must, Verdict::Pass)]);
        let matrix = VerdictMatrix::new(vec![one, two]).expect("two targets");
        let rows: Vec<_> = matrix
            .rows()
            .iter()
            .map(|row| (row.rule.as_str(), row.verdicts.clone(), row.differs()))
            .collect();
        let (pass, fail) = (Some(Verdict::Pass), Some(Verdict::Fail));
        assert_eq!(
            rows,
            [
                ("a/a", vec![fail, None], false),
                ("b/b", vec![pass, fail], true),
                ("c/c", vec![None, pass], false),
            ]
        );
        let summaries: Vec<_> =
            matrix.targets().iter().map(|column| column.summary.must.total()).collect();
        assert_eq!(summaries, [2, 2]);
    }

    #[test]
    fn two_reports_of_one_target_are_refused() {
        let refused = VerdictMatrix::new(vec![report("one", &[]), report("one", &[])]);
        let words = refused.expect_err("two of one name").to_string();
        assert!(words.contains("`one`"), "{words}");
    }
}
