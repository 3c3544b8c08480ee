//! What came of comparing what a run saw with what was seen before.

use stspec_scenario::RuleId;

/// A run beside the snapshots of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRecord {
    /// The folder of the target's snapshots.
    pub folder: String,
    /// Whether a difference ends the run with 1; without, it is shown and nothing else.
    pub must_match: bool,
    /// How many rules look as they did.
    pub same: u64,
    /// The rules that look otherwise, in the order of their ids.
    pub changed: Vec<SnapshotChange>,
    /// The rules of the run that the folder has no snapshot of, in the order of their ids.
    pub missing: Vec<RuleId>,
}

/// A rule that looks otherwise than it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotChange {
    /// Which rule.
    pub rule: RuleId,
    /// What the file has.
    pub before: String,
    /// What the run saw.
    pub now: String,
}

impl SnapshotRecord {
    /// Whether every rule of the run has a snapshot and looks like it.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty()
    }
}
