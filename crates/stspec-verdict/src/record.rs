//! The record of a run, from which reports, snapshots and exit codes are made.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use stspec_scenario::{Evidence, Grade, Level, Name, Role, RuleId, ScenarioName, Source};

use crate::{BaselineRecord, Deviation, Exchange, Redactor, SnapshotRecord, Verdict};

/// One run of rules against one target.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// The run's id, which is part of every name that it created.
    pub run: String,
    /// What was tested.
    pub target: TargetRecord,
    /// When the run started.
    pub started: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The API revision that rules were selected for; `None` for all.
    pub revision: Option<Date>,
    /// The selected rules, with any outcome.
    pub rules: Vec<RuleRecord>,
    /// Their checks, those of one rule in the order of its file.
    pub checks: Vec<CheckRecord>,
    /// What was created on the target and removed again.
    pub resources: Resources,
    /// What throttling cost.
    pub throttled: Throttled,
    /// What a scan of the artefacts found.
    pub redaction: Redaction,
    /// The secrets of the run; every rendering of the record goes through them.
    pub secrets: Redactor,
    /// How the run ended.
    pub end: End,
    /// The result of the comparison with a baseline, if there was one.
    pub baseline: Option<BaselineRecord>,
    /// The result of the comparison with the target's snapshots, if there was one.
    pub snapshots: Option<SnapshotRecord>,
}

/// The target of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRecord {
    /// Its name, such as `reference` or `aws`.
    pub name: String,
    /// Where STS was reached.
    pub endpoint: String,
    /// The arguments that select it on the command line, such as `--endpoint http://127.0.0.1:4566`; empty for
    /// the embedded reference.
    pub arguments: String,
}

/// One rule of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleRecord {
    /// The rule.
    pub id: RuleId,
    /// What it says.
    pub says: String,
    /// How binding it is.
    pub level: Level,
    /// What it rests on.
    pub evidence: Evidence,
    /// Where it is written down.
    pub sources: Vec<Source>,
    /// The worst verdict of its checks; see [`rule_verdict`].
    pub verdict: Verdict,
}

/// One step of a rule, sent or not.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckRecord {
    /// Which check.
    pub id: CheckId,
    /// The rule it belongs to.
    pub rule: RuleId,
    /// The rule's level.
    pub level: Level,
    /// What the step is for.
    pub role: Role,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was expected, in one line; see [`describe`](crate::describe).
    pub expected: String,
    /// What was observed, in one line; see [`Observed::summary`](crate::Observed::summary).
    pub observed: String,
    /// Why the verdict is not a plain pass or fail.
    pub reason: Option<String>,
    /// How good the accepted outcome is, if one was accepted.
    pub grade: Option<Grade>,
    /// What was wrong with the answer.
    pub deviations: Vec<Deviation>,
    /// How the answer is wrong, as a hash that is the same on every run; see
    /// [`fingerprint`](crate::fingerprint).
    pub fingerprint: String,
    /// How long the answer took, in microseconds; 0 if there was none.
    pub duration_us: u64,
    /// The normalised exchange; `None` if the step was not sent.
    pub exchange: Option<Exchange>,
}

/// The name of a check: `<rule>/<scenario>/<step>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId {
    rule: RuleId,
    /// Scenario and step, joined by `/`.
    rest: String,
}

/// What was created on the target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resources {
    /// Users, keys, policies, buckets and objects that were created.
    pub created: u64,
    /// How many of them were removed again.
    pub removed: u64,
    /// How many are still there.
    pub leaked: u64,
}

/// Throttling answers, after which the run waited and tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttled {
    /// How many there were.
    pub answers: u64,
    /// How long requests waited because of them in total, in milliseconds.
    pub waited_ms: u64,
}

/// What a scan of the artefacts for secrets found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redaction {
    /// How many secrets were registered.
    pub registered: u64,
    /// How often one of them was found in an artefact, after redaction.
    pub hits: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All selected rules ran.
    Complete,
    /// It was interrupted and cleaned up.
    Interrupted,
    /// The target could not be reached.
    Unreachable {
        /// What was tried and what went wrong.
        reason: String,
    },
}

/// Returns a rule's verdict: the worst of its checks', and `inconclusive` if it has none.
pub fn rule_verdict(checks: impl IntoIterator<Item = Verdict>) -> Verdict {
    Verdict::worst(checks).unwrap_or(Verdict::Inconclusive)
}

impl CheckId {
    /// Names a check by its rule, its scenario and its step.
    #[must_use]
    pub fn new(rule: &RuleId, scenario: &ScenarioName, step: &Name) -> Self {
        Self { rule: rule.clone(), rest: format!("{}/{step}", scenario.slug()) }
    }

    /// Returns the part of the name that distinguishes the checks of one rule: `<scenario>/<step>`.
    #[must_use]
    pub fn within_rule(&self) -> &str {
        &self.rest
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.rule, self.rest)
    }
}
