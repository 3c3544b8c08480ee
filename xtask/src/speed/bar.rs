//! The bars, with their sources. They hold for a machine of two cores that does nothing else.

use super::outcome::Outcome;

/// Most processor time of a mint, as a multiple of the bare server's.
///
/// Source: issue 13, Bars.
const MINT_MAX: f64 = 2.0;

/// What a mint is brought to.
const MINT_AIM: f64 = 1.7;

/// Least that the load generator sends for the processor time of one request of oha.
///
/// Source: issue 13, Bars.
const GENERATOR_MIN: f64 = 1.3;

/// What the load generator is brought to.
const GENERATOR_AIM: f64 = 1.5;

/// What the load generator is brought to beside wrk, which signs and judges nothing, in processor time.
const WRK_AIM: f64 = 2.0;

/// Most memory after all sessions, in bytes.
///
/// Source: issue 3, Speed.
const RESIDENT_BYTES_MAX: u64 = 30_000_000;

/// Most processor time of a request after all sessions, as a multiple of that on a fresh server.
///
/// The tenth above 1 is the noise of such rounds; a cost that grows with each session lies far beyond.
const GROWTH_MAX: f64 = 1.1;

/// A mint, as a multiple of the bare server's processor time.
pub(super) fn mint(ratio: f64) -> Outcome {
    let text = format!(
        "a mint takes {ratio:.2} times the bare server's processor time; at most {MINT_MAX}, aim {MINT_AIM}"
    );
    Outcome::new(ratio <= MINT_MAX, text)
}

/// The load generator in its worst round, as a multiple of oha's requests for the same processor time.
pub(super) fn generator(ratio: f64) -> Outcome {
    let text = format!(
        "the load generator sends {ratio:.2} times oha's requests for the same processor time in its worst \
         round; at least {GENERATOR_MIN}, aim {GENERATOR_AIM}"
    );
    Outcome::new(ratio >= GENERATOR_MIN, text)
}

/// How far the load generator is from wrk; no bar.
pub(super) fn beside_wrk(ratio: f64) -> String {
    format!(
        "a request takes the load generator {ratio:.2} times wrk's processor time; aim {WRK_AIM}"
    )
}

/// Memory after all sessions.
pub(super) fn resident(bytes: u64) -> Outcome {
    let text = format!("{bytes} bytes after all sessions; below {RESIDENT_BYTES_MAX}");
    Outcome::new(bytes < RESIDENT_BYTES_MAX, text)
}

/// Processor time of a request after all sessions, as a multiple of that on a fresh server.
pub(super) fn growth(ratio: f64) -> Outcome {
    let text = format!(
        "after all sessions a mint takes {ratio:.2} times a fresh server's processor time; at most {GROWTH_MAX}"
    );
    Outcome::new(ratio <= GROWTH_MAX, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(met: &Outcome, missed: &Outcome) {
        assert!(matches!(met, Outcome::Met(_)), "{met:?}");
        assert!(matches!(missed, Outcome::Missed(_)), "{missed:?}");
    }

    #[test]
    fn bars_are_met_at_the_bound_and_missed_beyond_it() {
        check(&mint(2.0), &mint(2.01));
        check(&generator(1.3), &generator(1.29));
        check(&resident(29_999_999), &resident(30_000_000));
        check(&growth(1.1), &growth(1.11));
    }

    #[test]
    fn what_was_not_measured_is_missed() {
        assert!(matches!(mint(f64::NAN), Outcome::Missed(_)));
        assert!(matches!(generator(f64::NAN), Outcome::Missed(_)));
    }
}
