//! The report for machines, `stspec/report/v1`.

use serde::Serialize;
use serde_json::Value;
use stspec_scenario::{RuleId, Word as _};
use stspec_verdict::{
    BaselineFinding, BaselineRecord, CheckRecord, Counts, RuleRecord, SnapshotChange,
    SnapshotRecord, Summary, exit_code, summarise,
};

use crate::labels::deviations;
use crate::{CleanRecord, difference};

/// The name and version of the report's format.
pub const SCHEMA: &str = "stspec/report/v1";

/// Renders a record as JSON: rules sorted by id, checks in the order of their rules.
#[must_use]
pub fn json(record: &CleanRecord) -> Value {
    to_value(&Report {
        schema: SCHEMA,
        target: Target { name: &record.target.name, endpoint: &record.target.endpoint },
        exit_code: exit_code(record).code(),
        summary: Levels::from(summarise(&record.rules)),
        rules: record.rules.iter().map(Rule::from).collect(),
        checks: record.checks.iter().map(Check::from).collect(),
        resources: Resources {
            created: record.resources.created,
            removed: record.resources.removed,
            leaked: record.resources.leaked,
        },
        throttled: (record.throttled.answers > 0).then_some(Throttled {
            answers: record.throttled.answers,
            waited_ms: record.throttled.waited_ms,
        }),
        redaction: Redaction {
            registered: record.redaction.registered,
            hits: record.redaction.hits,
        },
        baseline: record.baseline.as_ref().map(Compared::from),
        snapshots: record.snapshots.as_ref().map(Seen::from),
    })
}

fn to_value(report: &Report<'_>) -> Value {
    serde_json::to_value(report).expect("a report holds text and whole numbers only")
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    target: Target<'a>,
    exit_code: u8,
    summary: Levels,
    rules: Vec<Rule<'a>>,
    checks: Vec<Check<'a>>,
    resources: Resources,
    /// Left out where nothing was throttled.
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled: Option<Throttled>,
    redaction: Redaction,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Compared<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots: Option<Seen<'a>>,
}

/// The comparison with the target's snapshots.
#[derive(Serialize)]
struct Seen<'a> {
    folder: &'a str,
    must_match: bool,
    same: u64,
    changed: Vec<SeenOtherwise<'a>>,
    missing: Vec<&'a str>,
}

#[derive(Serialize)]
struct SeenOtherwise<'a> {
    rule: &'a str,
    diff: String,
}

impl<'a> From<&'a SnapshotRecord> for Seen<'a> {
    fn from(seen: &'a SnapshotRecord) -> Self {
        let otherwise = |change: &'a SnapshotChange| SeenOtherwise {
            rule: change.rule.as_str(),
            diff: difference::plain(change),
        };
        Self {
            folder: &seen.folder,
            must_match: seen.must_match,
            same: seen.same,
            changed: seen.changed.iter().map(otherwise).collect(),
            missing: seen.missing.iter().map(RuleId::as_str).collect(),
        }
    }
}

/// The comparison with a baseline.
#[derive(Serialize)]
struct Compared<'a> {
    file: &'a str,
    unchanged: u64,
    findings: Vec<Difference<'a>>,
}

#[derive(Serialize)]
struct Difference<'a> {
    kind: &'static str,
    check: &'a str,
    says: &'a str,
}

impl<'a> From<&'a BaselineRecord> for Compared<'a> {
    fn from(baseline: &'a BaselineRecord) -> Self {
        let difference = |finding: &'a BaselineFinding| Difference {
            kind: finding.kind.word(),
            check: &finding.check,
            says: &finding.says,
        };
        Self {
            file: &baseline.file,
            unchanged: baseline.unchanged,
            findings: baseline.findings.iter().map(difference).collect(),
        }
    }
}

#[derive(Serialize)]
struct Target<'a> {
    name: &'a str,
    endpoint: &'a str,
}

/// Numbers of rules, level by level; no number mixes two verdicts.
#[derive(Serialize)]
struct Levels {
    must: Verdicts,
    should: Verdicts,
    observe: Verdicts,
}

#[derive(Serialize)]
struct Verdicts {
    pass: u64,
    fail: u64,
    inconclusive: u64,
    unsupported: u64,
    flaky: u64,
    error: u64,
    observed: u64,
    deviation: u64,
    changed: u64,
    fixed: u64,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    level: &'static str,
    evidence: &'static str,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Check<'a> {
    id: String,
    rule: &'a str,
    level: &'static str,
    role: &'static str,
    verdict: &'static str,
    expected: &'a str,
    observed: &'a str,
    /// Why the verdict is not a plain pass or fail; left out where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// How the answer is wrong, as baselines keep it; left out where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    duration_us: u64,
}

#[derive(Serialize)]
struct Resources {
    created: u64,
    removed: u64,
    leaked: u64,
}

/// Answers that throttled.
#[derive(Serialize)]
struct Throttled {
    answers: u64,
    waited_ms: u64,
}

#[derive(Serialize)]
struct Redaction {
    registered: u64,
    hits: u64,
}

impl From<Summary> for Levels {
    fn from(summary: Summary) -> Self {
        let [must, should, observe] =
            [summary.must, summary.should, summary.observe].map(Verdicts::from);
        Self { must, should, observe }
    }
}

impl From<Counts> for Verdicts {
    fn from(counts: Counts) -> Self {
        Self {
            pass: counts.pass,
            fail: counts.fail,
            inconclusive: counts.inconclusive,
            unsupported: counts.unsupported,
            flaky: counts.flaky,
            error: counts.error,
            observed: counts.observed,
            deviation: counts.deviation,
            changed: counts.changed,
            fixed: counts.fixed,
        }
    }
}

impl<'a> From<&'a RuleRecord> for Rule<'a> {
    fn from(rule: &'a RuleRecord) -> Self {
        Self {
            id: rule.id.as_str(),
            level: rule.level.word(),
            evidence: rule.evidence.word(),
            verdict: rule.verdict.word(),
        }
    }
}

impl<'a> From<&'a CheckRecord> for Check<'a> {
    fn from(check: &'a CheckRecord) -> Self {
        Self {
            id: check.id.to_string(),
            rule: check.rule.as_str(),
            level: check.level.word(),
            role: check.role.word(),
            verdict: check.verdict.word(),
            expected: &check.expected,
            observed: &check.observed,
            reason: check.reason.as_deref(),
            fingerprint: deviations(check).next().is_some().then_some(check.fingerprint.as_str()),
            duration_us: check.duration_us,
        }
    }
}
