//! Why a report could not be written or read.

use stspec_scenario::{Name, RuleId};

/// Why a report could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run did not include the rule.
    #[error("the run has no rule `{rule}`, so there is no snapshot of it")]
    UnknownRule {
        /// The requested rule.
        rule: RuleId,
    },
    /// YAML could not be written.
    #[error("the snapshot of `{rule}` could not be written as YAML")]
    Yaml {
        /// The rule.
        rule: RuleId,
        /// What the writer said.
        source: serde_yaml::Error,
    },
    /// A file that should hold a snapshot does not.
    #[error("not a snapshot: {reason}")]
    NoSnapshot {
        /// What is wrong with it.
        reason: String,
    },
    /// A file that should hold a JSON report does not.
    #[error(
        "not a report of the schema `{}`, as `stspec run --report json=FILE` writes it: {reason}",
        crate::SCHEMA
    )]
    NoReport {
        /// What is wrong with it.
        reason: String,
    },
    /// Two reports are of one target.
    #[error(
        "two reports are of a target called `{target}`, so their columns could not be told apart; \
         give each server a target file with its own name"
    )]
    SameTarget {
        /// The name.
        target: Name,
    },
    /// YAML could not be written.
    #[error("the baseline could not be written as YAML")]
    Baseline {
        /// What the writer said.
        source: serde_yaml::Error,
    },
    /// A text that should be a load report is not one.
    #[error("not a load report: {reason}; give a file that `stspec load --report json=FILE` wrote")]
    NoLoadReport {
        /// What is wrong with it.
        reason: String,
    },
    /// A report is of another kind or version.
    #[error(
        "the report is a `{schema}`, not a `{expected}`; use the stspec that wrote it, and a report of `stspec load`"
    )]
    UnknownSchema {
        /// The format that it declares.
        schema: String,
        /// The format that can be read.
        expected: &'static str,
    },
    /// A load report contradicts itself.
    #[error(
        "the load report contradicts itself at `{path}`: {fact}; use the report as it was written, or run the load again"
    )]
    Contradiction {
        /// The path of the contradiction, such as `calls[1].latency`.
        path: String,
        /// What is wrong there.
        fact: String,
    },
}
