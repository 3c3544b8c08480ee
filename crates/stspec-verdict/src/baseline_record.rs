//! The result of comparing a run with a baseline.

/// The result of comparing a run with a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineRecord {
    /// The file.
    pub file: String,
    /// The target version that it was recorded from, such as `moto 5.2.5`.
    pub of: Option<String>,
    /// How many probes came out as recorded.
    pub unchanged: u64,
    /// The differences, in the order of checks and then of the file's remaining entries.
    pub findings: Vec<BaselineFinding>,
}

/// One difference between a run and its baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineFinding {
    /// Which kind.
    pub kind: BaselineKind,
    /// The check's id.
    pub check: String,
    /// What was recorded and what happened, in one line.
    pub says: String,
}

/// How a run differs from a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BaselineKind {
    /// A probe fails that is not listed, or it fails in another way than listed.
    Changed,
    /// A probe that used to run did not run.
    Lost,
    /// A listed probe passes.
    Fixed,
    /// A listed check does not exist.
    Unmatched,
    /// A listed deviation has expired.
    Expired,
}

impl BaselineKind {
    /// Returns the kind as reports spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Lost => "lost",
            Self::Fixed => "fixed",
            Self::Unmatched => "unmatched",
            Self::Expired => "expired",
        }
    }

    /// Whether the target is to blame, rather than the file for being stale.
    #[must_use]
    pub fn is_news(self) -> bool {
        matches!(self, Self::Changed | Self::Lost)
    }
}
