//! Whether a report uses colour, and which.

use anstyle::{AnsiColor, Style as Ansi};
use stspec_verdict::Verdict;

/// Whether a report uses colour; the letters are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without colour.
    Plain,
    /// With ANSI escape sequences.
    Colour,
}

impl Style {
    /// Writes a verdict, padded to a width.
    pub(super) fn verdict(self, verdict: Verdict, width: usize) -> String {
        let word = format!("{verdict:<width$}");
        match self {
            Self::Plain => word,
            Self::Colour => {
                let colour = ansi(verdict);
                format!("{colour}{word}{colour:#}")
            }
        }
    }
}

fn ansi(verdict: Verdict) -> Ansi {
    match verdict {
        Verdict::Pass => AnsiColor::Green.on_default(),
        Verdict::Fail | Verdict::Changed | Verdict::Error => AnsiColor::Red.on_default().bold(),
        Verdict::Flaky | Verdict::Inconclusive | Verdict::Fixed => AnsiColor::Yellow.on_default(),
        Verdict::Observed => AnsiColor::Cyan.on_default(),
        Verdict::Unsupported | Verdict::Deviation => Ansi::new().dimmed(),
    }
}
