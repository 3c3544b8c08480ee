//! The typed form of baseline files: what is known to be wrong with a target, and how.

use jiff::civil::Date;

use crate::Name;

/// The known deviations of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The target; the name of the folder that the file stands in.
    pub target: Name,
    /// What was tested when the file was written, such as `moto 5.2.5`.
    pub of: Option<String>,
    /// The probes that do not pass, by check id, sorted, each once.
    pub deviations: Vec<AcceptedDeviation>,
}

/// One probe that is known not to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedDeviation {
    /// The check's id, `<rule>/<scenario>/<step>`.
    pub check: String,
    /// What it comes to.
    pub verdict: AcceptedVerdict,
    /// *How* it fails; absent where nothing was compared.
    pub fingerprint: Option<String>,
    /// How it fails, in words, for the reader of the file; nothing is compared with it.
    pub how: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The day from which it is no longer accepted.
    pub expires: Date,
}

/// What a probe that is known not to pass comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedVerdict {
    /// The answer contradicts the rule.
    Fail,
    /// Now rightly, now wrongly answered.
    Flaky,
    /// Its company does not hold.
    Inconclusive,
    /// The target lacks what it needs.
    Unsupported,
}

impl Baseline {
    /// What is known of a check.
    #[must_use]
    pub fn deviation(&self, check: &str) -> Option<&AcceptedDeviation> {
        self.deviations.iter().find(|deviation| deviation.check == check)
    }
}
