//! The matrix for machines, `stspec/matrix/v1`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use stspec_scenario::{Level, Word as _};
use stspec_verdict::{Counts, Verdict};

use super::{Column, Row, VerdictMatrix};

/// The name and version of the matrix's format.
pub const MATRIX_SCHEMA: &str = "stspec/matrix/v1";

/// Renders the matrix as JSON. A target on which a rule was not run is missing from its verdicts.
#[must_use]
pub fn matrix_json(matrix: &VerdictMatrix) -> Value {
    let names: Vec<&str> = matrix.targets().iter().map(|column| column.target.as_str()).collect();
    let json = Json {
        schema: MATRIX_SCHEMA,
        targets: matrix.targets().iter().map(Target::from).collect(),
        rules: matrix.rows().iter().map(|row| Rule::of(row, &names)).collect(),
    };
    to_value(&json)
}

fn to_value(json: &Json<'_>) -> Value {
    serde_json::to_value(json).expect("a matrix holds text and whole numbers only")
}

#[derive(Serialize)]
struct Json<'a> {
    schema: &'static str,
    targets: Vec<Target<'a>>,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    name: &'a str,
    endpoint: &'a str,
    exit_code: u8,
    /// Numbers of rules by level and verdict; no number mixes two verdicts.
    summary: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
}

impl<'a> From<&'a Column> for Target<'a> {
    fn from(column: &'a Column) -> Self {
        let levels = [Level::Must, Level::Should, Level::Observe];
        let summary = levels.map(|level| (level.word(), numbers(column.summary.of(level))));
        Self {
            name: column.target.as_str(),
            endpoint: &column.endpoint,
            exit_code: column.exit_code,
            summary: summary.into(),
        }
    }
}

fn numbers(counts: Counts) -> BTreeMap<&'static str, u64> {
    Verdict::ALL.map(|verdict| (verdict.word(), counts.of(verdict))).into()
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    level: &'static str,
    differs: bool,
    verdicts: BTreeMap<&'a str, &'static str>,
}

impl<'a> Rule<'a> {
    fn of(row: &'a Row, names: &[&'a str]) -> Self {
        let verdicts = names.iter().zip(&row.verdicts);
        let verdicts = verdicts.filter_map(|(name, verdict)| Some((*name, (*verdict)?.word())));
        Self {
            id: row.rule.as_str(),
            level: row.level.word(),
            differs: row.differs(),
            verdicts: verdicts.collect(),
        }
    }
}
