//! What the measures have to reach, and whether they do.
//!
//! Source of the bars: issue 3, Speed. They hold for a machine of two cores that does nothing else.

use std::process::ExitCode;

use crate::terminal::say;

/// Fewest requests per second: twice those of the fastest emulator that was measured.
const PER_SECOND_MIN: f64 = 28_000.0;

/// Least share of what the bare server answers.
const RATIO_MIN: f64 = 0.7;

/// Most memory after all sessions, in bytes.
const RESIDENT_BYTES_MAX: u64 = 30_000_000;

/// Most that a request may cost after all sessions, as a multiple of what it costs a fresh server;
/// the tenth above 1 is the noise of such rounds; a cost that grows by session lies far beyond.
const GROWTH_MAX: f64 = 1.1;

/// A measure beside its bar.
pub(super) struct Bar {
    met: bool,
    text: String,
}

impl Bar {
    pub(super) fn per_second(measured: f64) -> Self {
        Self {
            met: measured >= PER_SECOND_MIN,
            text: format!("{measured:.0} requests/s; at least {PER_SECOND_MIN:.0}"),
        }
    }

    pub(super) fn ratio(measured: f64) -> Self {
        Self {
            met: measured >= RATIO_MIN,
            text: format!("{measured:.2} of the bare server's requests/s; at least {RATIO_MIN}"),
        }
    }

    pub(super) fn resident(measured: u64) -> Self {
        Self {
            met: measured < RESIDENT_BYTES_MAX,
            text: format!("{measured} bytes after all sessions; below {RESIDENT_BYTES_MAX}"),
        }
    }

    pub(super) fn growth(measured: f64) -> Self {
        Self {
            met: measured <= GROWTH_MAX,
            text: format!(
                "{measured:.2} times a fresh server's cost after all sessions; at most {GROWTH_MAX}"
            ),
        }
    }
}

/// Prints each verdict; fails where a bar was missed.
pub(super) fn judge(bars: &[Bar]) -> ExitCode {
    for Bar { met, text } in bars {
        let verdict = if *met { "met" } else { "MISSED" };
        say(&format!("{verdict}: {text}"));
    }
    if bars.iter().all(|bar| bar.met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_met_at_the_bound_and_missed_beyond_it() {
        assert!(Bar::per_second(28_000.0).met && !Bar::per_second(27_999.0).met);
        assert!(Bar::ratio(0.7).met && !Bar::ratio(0.69).met);
        assert!(Bar::resident(29_999_999).met && !Bar::resident(30_000_000).met);
        assert!(Bar::growth(1.1).met && !Bar::growth(1.11).met);
    }

    #[test]
    fn one_missed_bar_fails() {
        let code = |bars: &[Bar]| format!("{:?}", judge(bars));
        let good = format!("{:?}", ExitCode::SUCCESS);
        assert_eq!(code(&[Bar::ratio(0.8)]), good);
        assert_ne!(code(&[Bar::ratio(0.8), Bar::growth(2.0)]), good);
    }
}
