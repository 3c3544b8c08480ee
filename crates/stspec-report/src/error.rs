//! Why a rendering could not be made.

use stspec_scenario::RuleId;

/// Why a snapshot could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run did not include the rule.
    #[error("the run has no rule `{rule}`, so there is no snapshot of it")]
    UnknownRule {
        /// The rule that was asked for.
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
    /// YAML could not be written.
    #[error("the baseline could not be written as YAML")]
    Baseline {
        /// What the writer said.
        source: serde_yaml::Error,
    },
}
