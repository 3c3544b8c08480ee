//! What a client reports, compared with the checks that it has to make.

/// The checks of the scene, in its order; each client makes all of them.
const CHECKS: &str = include_str!("../../clients/checks.txt");

/// The closing line of all reports, in the form that test runners end with. A check that did not run and a client
/// that did not come to its end count as failed.
pub(super) fn count(reports: &[Report]) -> String {
    let passed: usize = reports.iter().map(|report| report.passed.len()).sum();
    let failed: usize = reports.iter().map(Report::failures).sum();
    format!("{passed} passed, {failed} failed")
}

/// One line of a report.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The check of this name passed.
    Pass(String),
    /// The check failed, and why.
    Fail(String, String),
    /// The check did not run.
    NotRun(String),
    /// Anything else that the client printed, such as a second report of the same check.
    Noise(String),
}

/// The checks that a client reported so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    passed: Vec<String>,
    failed: Vec<String>,
    has_ended: bool,
}

impl Report {
    /// Nothing reported yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Takes a line that a client printed: `pass⇥CHECK` or `fail⇥CHECK⇥WHY`.
    pub(super) fn take(&mut self, line: &str) -> Line {
        let line = line.trim_end();
        let mut words = line.splitn(3, '\t');
        let (verdict, check, why) = (words.next(), words.next(), words.next());
        let Some(check) = check.filter(|check| self.missing().any(|missing| missing == *check))
        else {
            return Line::Noise(line.to_owned());
        };
        match (verdict, why) {
            (Some("pass"), None) => {
                self.passed.push(check.to_owned());
                Line::Pass(check.to_owned())
            }
            (Some("fail"), Some(why)) => {
                self.failed.push(check.to_owned());
                Line::Fail(check.to_owned(), why.to_owned())
            }
            _ => Line::Noise(line.to_owned()),
        }
    }

    /// The checks that were not reported.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'static str> {
        CHECKS
            .lines()
            .filter(|check| !self.passed.iter().chain(&self.failed).any(|one| one == check))
    }

    /// Notes that the client came to its end.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
    }

    /// Whether every check ran and passed, and the client came to its end.
    pub(super) fn is_green(&self) -> bool {
        self.failures() == 0
    }

    fn failures(&self) -> usize {
        self.failed.len() + self.missing().count() + usize::from(!self.has_ended)
    }
}

impl Line {
    /// The line as a person reads it.
    pub(super) fn to_string(&self, client: &str) -> String {
        match self {
            Self::Pass(check) => format!("pass  {client:<8}  {check}"),
            Self::Fail(check, why) => format!("fail  {client:<8}  {check}: {why}"),
            Self::NotRun(check) => format!("miss  {client:<8}  {check}: it did not run"),
            Self::Noise(text) => format!("      {client:<8}  {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "mint a session that ends soon";

    #[test]
    fn a_check_passes_or_fails_once() {
        let mut report = Report::new();
        assert_eq!(report.take(&format!("pass\t{FIRST}")), Line::Pass(FIRST.to_owned()));
        assert!(matches!(report.take(&format!("pass\t{FIRST}")), Line::Noise(_)));
        assert!(matches!(report.take("fail\tmint with tags\tit was refused"), Line::Fail(_, _)));
        assert_eq!(report.passed.len(), 1);
        assert_eq!(report.missing().count(), CHECKS.lines().count() - 2);
    }

    #[test]
    fn only_checks_of_the_scene_count() {
        let mut report = Report::new();
        for line in ["pass\tsomething else", "pass", "", "Warning: pass", &format!("fail\t{FIRST}")]
        {
            assert_eq!(report.take(line), Line::Noise(line.to_owned()));
        }
        assert!(report.passed.is_empty());
    }

    #[test]
    fn a_report_is_green_when_every_check_passed_and_the_client_ended() {
        let mut report = Report::new();
        report.end();
        for check in CHECKS.lines() {
            assert!(!report.is_green());
            report.take(&format!("pass\t{check}"));
        }
        assert!(report.is_green());
        let checks = CHECKS.lines().count();
        assert_eq!(count(&[report]), format!("{checks} passed, 0 failed"));
    }

    #[test]
    fn a_report_is_not_green_after_a_failure_or_without_an_end() {
        let mut report = Report::new();
        for check in CHECKS.lines() {
            report.take(&format!("pass\t{check}"));
        }
        assert!(!report.is_green(), "the client was killed");
        let checks = CHECKS.lines().count();
        assert_eq!(count(&[report]), format!("{checks} passed, 1 failed"));
        let mut report = Report::new();
        report.end();
        for check in CHECKS.lines() {
            report.take(&format!("fail\t{check}\twhy"));
        }
        assert!(!report.is_green(), "every check failed");
        assert_eq!(count(&[report, Report::new()]), format!("0 passed, {} failed", 2 * checks + 1));
    }
}
