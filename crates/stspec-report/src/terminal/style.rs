//! Whether a report uses colour, and which.

use anstyle::{AnsiColor, Style as Ansi};
use stspec_verdict::Verdict;

use crate::difference::Mark;

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
    pub(crate) fn verdict(self, verdict: Verdict, width: usize) -> String {
        self.coloured(verdict, verdict.word(), width)
    }

    /// Writes a word in the colour of a verdict, padded to a width.
    pub(crate) fn coloured(self, verdict: Verdict, word: &str, width: usize) -> String {
        let word = format!("{word:<width$}");
        match self {
            Self::Plain => word,
            Self::Colour => {
                let colour = ansi(verdict);
                format!("{colour}{word}{colour:#}")
            }
        }
    }
}

impl Style {
    /// Writes a line of a difference.
    pub(super) fn difference(self, mark: Mark, text: &str) -> String {
        let colour = match mark {
            Mark::Kept => Ansi::new(),
            Mark::Skipped => Ansi::new().dimmed(),
            Mark::Before => AnsiColor::Red.on_default(),
            Mark::Now => AnsiColor::Green.on_default(),
        };
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("{colour}{text}{colour:#}"),
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
