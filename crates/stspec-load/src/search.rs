//! The search for the knee: the highest rate that misses no threshold.

use std::time::Duration;

use stspec_measure::{Ending, Level, LoadCounts, check_thresholds, saturation};
use stspec_scenario::{Knee, Stage};

use crate::error::EngineError;
use crate::machine::machine;
use crate::round::{Round, RoundShape};
use crate::session::Session;

/// By how much the rate is raised while no threshold is missed.
///
/// Source: ours; three quarters of the tries lie within a factor of four of the knee.
const FACTOR: u32 = 2;

/// A search, rate by rate, and what came of each.
pub(crate) struct Search {
    pub(crate) levels: Vec<Level>,
    pub(crate) rounds: Vec<Round>,
    pub(crate) ending: Ending,
}

/// Which rate is tried next.
#[derive(Debug, Clone, Copy)]
struct Bracket {
    best: Option<u32>,
    missed: Option<u32>,
    refined: u32,
}

/// Raises the rate until a threshold is missed, then halves what lies between as often as the profile says.
pub(crate) async fn search(session: &Session<'_>, knee: Knee) -> Result<Search, EngineError> {
    let mut bracket = Bracket { best: None, missed: None, refined: 0 };
    let mut search = Search { levels: Vec::new(), rounds: Vec::new(), ending: Ending::Complete };
    while let Some(rate) = bracket.next(knee) {
        if !search.rounds.is_empty() {
            session.rest().await;
        }
        let round = session.round(&shape(session, knee, rate, &stages(knee, rate))).await?;
        let ending = round.ending;
        let level = level(session, rate, &round);
        bracket.note(rate, level.missed.is_empty());
        search.rounds.push(round);
        if session.is_cancelled() || ending != Ending::Complete {
            search.ending = if session.is_cancelled() { Ending::Interrupted } else { ending };
            break;
        }
        search.levels.push(level);
    }
    Ok(search)
}

fn stages(knee: Knee, rate: u32) -> [Stage; 1] {
    [Stage { to: rate, over_ms: 0, hold_ms: knee.hold_ms }]
}

fn shape<'s>(session: &Session<'_>, knee: Knee, rate: u32, stages: &'s [Stage]) -> RoundShape<'s> {
    // A rate that is held for less than the warm-up would count nothing.
    let warm_up_ms = session.profile.warm_up_ms.min(knee.hold_ms / 2);
    let warm_up = Duration::from_millis(warm_up_ms);
    RoundShape { stages, open: Some(knee.open), warm_up, level: Some(rate), commanded: None }
}

fn level(session: &Session<'_>, rate: u32, round: &Round) -> Level {
    let mut uncounted = LoadCounts::default();
    round.calls.iter().for_each(|call| uncounted.add(call.uncounted));
    let thresholds = &session.profile.thresholds;
    let held = check_thresholds(thresholds, &round.observed, uncounted);
    Level {
        rate,
        observed: round.observed.clone(),
        missed: held.into_iter().filter(|held| !held.held).collect(),
        saturation: saturation(&round.observed, round.cpu, machine().cores),
    }
}

impl Bracket {
    /// The next rate, or nothing when the knee is known well enough.
    fn next(&self, knee: Knee) -> Option<u32> {
        match (self.best, self.missed) {
            (None, None) => Some(knee.from),
            (Some(best), None) => {
                let next = best.saturating_mul(FACTOR).min(knee.to);
                (next > best).then_some(next)
            }
            (Some(best), Some(missed)) if self.refined < knee.refine && missed - best > 1 => {
                Some(best + (missed - best) / 2)
            }
            // Below the first rate nothing is asked for.
            _ => None,
        }
    }

    fn note(&mut self, rate: u32, held: bool) {
        self.refined += u32::from(self.missed.is_some());
        if held {
            self.best = Some(rate);
        } else {
            self.missed = Some(rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use stspec_scenario::Open;

    use super::*;

    /// The rates that are tried where the knee is `knee`.
    fn tried(from: u32, to: u32, refine: u32, knee: u32) -> Vec<u32> {
        let open = Open { connections: 1, give_up_ms: 1 };
        let bounds = Knee { from, to, hold_ms: 1, refine, open };
        let mut bracket = Bracket { best: None, missed: None, refined: 0 };
        let mut tried = Vec::new();
        while let Some(rate) = bracket.next(bounds) {
            tried.push(rate);
            bracket.note(rate, rate <= knee);
        }
        tried
    }

    #[test]
    fn the_rate_doubles_until_a_threshold_is_missed_and_then_closes_in() {
        assert_eq!(tried(100, 10_000, 3, 730), [100, 200, 400, 800, 600, 700, 750]);
    }

    #[test]
    fn a_knee_beyond_the_last_rate_is_not_refined() {
        assert_eq!(tried(100, 500, 3, 9_999), [100, 200, 400, 500]);
    }

    #[test]
    fn a_first_rate_that_is_missed_ends_the_search() {
        assert_eq!(tried(100, 500, 3, 50), [100]);
    }

    #[test]
    fn neighbours_are_not_refined() {
        assert_eq!(tried(1, 4, 16, 2), [1, 2, 4, 3]);
    }
}
