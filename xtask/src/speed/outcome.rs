//! What a measurement came to, beside what it has to reach.

use std::process::ExitCode;

use crate::terminal::say;

/// The outcome of one measurement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is as good as its bar.
    Met(String),
    /// It is not.
    Missed(String),
    /// A tool is not installed.
    NotMeasured(String),
}

impl Outcome {
    pub(super) fn new(is_met: bool, text: String) -> Self {
        if is_met { Self::Met(text) } else { Self::Missed(text) }
    }
}

/// Prints each outcome; fails if a bar was missed.
pub(super) fn report(outcomes: &[Outcome]) -> ExitCode {
    for outcome in outcomes {
        say(&match outcome {
            Outcome::Met(text) => format!("met: {text}"),
            Outcome::Missed(text) => format!("MISSED: {text}"),
            Outcome::NotMeasured(text) => format!("not measured: {text}"),
        });
    }
    let is_missed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Missed(_)));
    if is_missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missed_bar_fails_and_a_missing_tool_does_not() {
        let code = |outcomes: &[Outcome]| format!("{:?}", report(outcomes));
        let good = format!("{:?}", ExitCode::SUCCESS);
        let text = || "it".to_owned();
        assert_eq!(code(&[Outcome::Met(text()), Outcome::NotMeasured(text())]), good);
        assert_ne!(code(&[Outcome::Met(text()), Outcome::Missed(text())]), good);
    }
}
