//! Reads what of a JSON report the matrix shows.

use std::collections::BTreeSet;

use serde::Deserialize;
use stspec_scenario::{Level, Name, RuleId, Word as _};
use stspec_verdict::Verdict;

use crate::{ReportError, SCHEMA};

/// What a report says of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetReport {
    /// The target's name.
    pub target: Name,
    /// Where its STS was.
    pub endpoint: String,
    /// How its run ended.
    pub exit_code: u8,
    /// The rules that were run, each once, with their levels and verdicts.
    pub rules: Vec<(RuleId, Level, Verdict)>,
}

/// Reads a report of the schema `stspec/report/v1`. Numbers are not taken from its summary but counted.
pub fn read_report(text: &str) -> Result<TargetReport, ReportError> {
    let marked: Marked = serde_json::from_str(text)
        .map_err(|error| no_report(format!("it is not JSON: {error}")))?;
    match marked.schema.as_ref().and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => return Err(no_report(format!("its schema is `{other}`"))),
        None => return Err(no_report("it names no schema".to_owned())),
    }
    let report: Report =
        serde_json::from_str(text).map_err(|error| no_report(error.to_string()))?;
    let target = Name::parse(&report.target.name)
        .map_err(|error| no_report(format!("its target has no name: {error}")))?;
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for entry in report.rules {
        let (rule, level, verdict) = entry.typed()?;
        if !seen.insert(rule.clone()) {
            return Err(no_report(format!("it has the rule `{rule}` twice")));
        }
        rules.push((rule, level, verdict));
    }
    let Report { exit_code, target: Target { endpoint, .. }, .. } = report;
    Ok(TargetReport { target, endpoint, exit_code, rules })
}

fn no_report(reason: String) -> ReportError {
    ReportError::NoReport { reason }
}

/// Only the mark that tells what it is.
#[derive(Deserialize)]
struct Marked {
    schema: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Report {
    target: Target,
    exit_code: u8,
    rules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    endpoint: String,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    level: String,
    verdict: String,
}

impl Entry {
    fn typed(&self) -> Result<(RuleId, Level, Verdict), ReportError> {
        let rule = RuleId::parse(&self.id)
            .map_err(|error| no_report(format!("`{}` is not a rule id: {error}", self.id)))?;
        let level = Level::from_word(&self.level)
            .ok_or_else(|| no_report(format!("`{}` is not a level", self.level)))?;
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == self.verdict);
        let verdict =
            verdict.ok_or_else(|| no_report(format!("`{}` is not a verdict", self.verdict)))?;
        Ok((rule, level, verdict))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"schema": "stspec/report/v1", "target": {"name": "some", "endpoint": "http://e"},
        "exit_code": 1, "summary": {}, "rules": [{"id": "a/b", "level": "must", "evidence": "documented",
        "verdict": "deviation"}], "checks": []}"#;

    #[track_caller]
    fn check_refused(from: &str, to: &str, words: &str) {
        assert!(REPORT.contains(from));
        let refused = read_report(&REPORT.replacen(from, to, 1)).expect_err("no report");
        assert!(refused.to_string().contains(words), "{refused}");
    }

    #[test]
    fn what_a_report_says_of_its_target_is_read() {
        let report = read_report(REPORT).expect("a report");
        assert_eq!((report.target.as_str(), report.exit_code), ("some", 1));
        let rule = RuleId::parse("a/b").expect("a rule id");
        assert_eq!(report.rules, [(rule, Level::Must, Verdict::Deviation)]);
    }

    #[test]
    fn text_that_is_not_a_report_is_refused_with_a_reason() {
        check_refused("{\"schema\"", "\"schema\"", "it is not JSON");
        check_refused("stspec/report/v1", "stspec/report/v2", "its schema is `stspec/report/v2`");
        check_refused("\"schema\"", "\"schemata\"", "it names no schema");
        check_refused("\"exit_code\": 1, ", "", "exit_code");
        check_refused("some", "So me", "its target has no name");
        check_refused("deviation", "splendid", "`splendid` is not a verdict");
        check_refused("must", "may", "`may` is not a level");
        check_refused("a/b", "../b", "`../b` is not a rule id");
        let entry = r#"{"id": "a/b", "level": "must", "verdict": "pass"}, "#;
        check_refused("[{", &format!("[{entry}{{"), "the rule `a/b` twice");
    }
}
