//! The result of comparing a run with the snapshots of its target.

use stspec_scenario::RuleId;

/// A run compared with the snapshots of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// The folder of the target's snapshots.
    pub folder: String,
    /// Whether a difference ends the run with 1; otherwise it is only shown.
    pub must_match: bool,
    /// How many rules are unchanged.
    pub same: u64,
    /// The rules that changed, in the order of their ids.
    pub changed: Vec<SnapshotChange>,
    /// The rules of the run without a snapshot, in the order of their ids.
    pub missing: Vec<RuleId>,
}

/// A rule whose snapshot differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotChange {
    /// Which rule.
    pub rule: RuleId,
    /// The snapshot in the file.
    pub before: String,
    /// The snapshot of the run.
    pub now: String,
}

impl SnapshotRecord {
    /// Whether every rule of the run has a snapshot and equals it.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty()
    }
}
