//! Baseline files as text, and the entries that a run would add to one.

use jiff::civil::Date;
use serde::Serialize;
use stspec_scenario::{AcceptedDeviation, AcceptedVerdict, Baseline, Level, Role, Word as _};
use stspec_verdict::{CheckRecord, Deviation, Verdict};

use crate::text::shorten;
use crate::{CleanRecord, ReportError};

/// The heading of every baseline that stspec writes.
const HEADING: &str = "\
# The probes that are known not to pass on this target, and how each is wrong. `stspec baseline update`
# takes away what is fixed; what is new it adds only with `--allow-new --reason TEXT`.
";

/// Renders a baseline as a file, entries sorted by check.
pub fn baseline_file(baseline: &Baseline) -> Result<String, ReportError> {
    let mut deviations: Vec<Entry<'_>> = baseline.deviations.iter().map(Entry::from).collect();
    deviations.sort_by_key(|entry| entry.check);
    let file = File { target: baseline.target.as_str(), of: baseline.of.as_deref(), deviations };
    let yaml = serde_yaml::to_string(&file).map_err(|source| ReportError::Baseline { source })?;
    Ok(format!("{HEADING}{yaml}"))
}

/// The probes of a run that do not pass, as a baseline lists them.
#[must_use]
pub fn deviations_of(record: &CleanRecord, reason: &str, expires: Date) -> Vec<AcceptedDeviation> {
    let scored = record
        .checks
        .iter()
        .filter(|check| check.role == Role::Probe && check.level != Level::Observe);
    scored.filter_map(|check| accepted(check, reason, expires)).collect()
}

fn accepted(check: &CheckRecord, reason: &str, expires: Date) -> Option<AcceptedDeviation> {
    let verdict = match check.verdict {
        Verdict::Fail | Verdict::Deviation | Verdict::Changed => AcceptedVerdict::Fail,
        Verdict::Flaky => AcceptedVerdict::Flaky,
        Verdict::Inconclusive => AcceptedVerdict::Inconclusive,
        Verdict::Unsupported => AcceptedVerdict::Unsupported,
        Verdict::Pass | Verdict::Fixed | Verdict::Observed | Verdict::Error => return None,
    };
    let failed = verdict == AcceptedVerdict::Fail;
    let how = if failed { how(&check.deviations) } else { check.reason.clone() };
    Some(AcceptedDeviation {
        check: check.id.to_string(),
        verdict,
        fingerprint: failed.then(|| check.fingerprint.clone()),
        how: how.map(|how| shorten(&how)),
        reason: reason.to_owned(),
        expires,
    })
}

/// What is wrong with an answer, in one line.
fn how(deviations: &[Deviation]) -> Option<String> {
    let words: Vec<String> = deviations
        .iter()
        .map(|each| format!("{} is {}, not {}", each.path, each.observed, each.expected))
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

#[derive(Serialize)]
struct File<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
    deviations: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    check: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'a str>,
    reason: &'a str,
    expires: String,
}

impl<'a> From<&'a AcceptedDeviation> for Entry<'a> {
    fn from(accepted: &'a AcceptedDeviation) -> Self {
        Self {
            check: &accepted.check,
            verdict: accepted.verdict.word(),
            fingerprint: accepted.fingerprint.as_deref(),
            how: accepted.how.as_deref(),
            reason: &accepted.reason,
            expires: accepted.expires.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_written_reads_back_as_it_was() {
        let entry = |check: &str, verdict, fingerprint: Option<&str>| AcceptedDeviation {
            check: check.to_owned(),
            verdict,
            fingerprint: fingerprint.map(str::to_owned),
            how: Some("status is `200`, not equal to `400`".to_owned()),
            reason: "it's never: checked".to_owned(),
            expires: "2027-05-01".parse().unwrap(),
        };
        let baseline = Baseline {
            target: stspec_scenario::Name::parse("moto").unwrap(),
            of: Some("moto 5.2.5".to_owned()),
            deviations: vec![
                // Read as a number by many, were it not quoted.
                entry("a/b/c/d", AcceptedVerdict::Fail, Some("0000000000000123")),
                entry("a/b/c/e", AcceptedVerdict::Inconclusive, None),
            ],
        };
        let text = baseline_file(&baseline).unwrap();
        let (read, diagnostics) = Baseline::read("baseline.yaml", &text, "moto");
        assert_eq!(diagnostics, []);
        assert_eq!(read, Some(baseline));
    }
}
