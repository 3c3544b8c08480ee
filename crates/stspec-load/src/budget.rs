//! How many turns are left to take, how fast, and until when.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stspec_verdict::load::Ending;
use tokio::time::Instant;

/// Longest time after which an attack still starts a turn, in seconds: two days, as long as a profile can ask
/// for, and some more.
///
/// Source: ours, so that a target which answers slowly does not hold a run for ever.
pub const RUN_SECONDS_MAX: u64 = 49 * 3_600;

/// When an attack gives out no further turn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// As its shape says: it is complete then.
    Planned(Instant),
    /// Because it took too long.
    Late(Instant),
}

/// The turns that an attack may still take; each user asks before it takes one.
#[derive(Debug)]
pub(crate) struct Budget {
    end: End,
    /// The time between two turns, where their rate is capped.
    spacing: Option<Duration>,
    state: Mutex<State>,
}

/// What asking for a turn came to.
enum Reserved {
    Nothing,
    Now,
    Later(Instant),
}

#[derive(Debug)]
struct State {
    left: u64,
    /// When the next turn may be taken, where their rate is capped.
    next: Option<Instant>,
    /// What ended the attack while turns were left, if anything did.
    cut_short: Option<Ending>,
}

impl Budget {
    /// So many turns, any number without; at most so many per second, as fast as users can without.
    pub(crate) fn new(turns: Option<u64>, per_second: Option<u32>, end: End) -> Self {
        let spacing = per_second.map(|rate| Duration::from_secs(1) / rate.max(1));
        let left = turns.unwrap_or(u64::MAX);
        Self { end, spacing, state: Mutex::new(State { left, next: None, cut_short: None }) }
    }

    /// One of so many budgets that share a rate.
    pub(crate) fn sharing(self, budgets: u32) -> Self {
        Self { spacing: self.spacing.map(|spacing| spacing * budgets), ..self }
    }

    /// Takes one turn out, once it may be taken; false if there is none to take.
    pub(crate) async fn take(&self) -> bool {
        match self.reserve() {
            Reserved::Nothing => false,
            Reserved::Now => true,
            Reserved::Later(moment) => {
                tokio::time::sleep_until(moment).await;
                !self.is_closed()
            }
        }
    }

    /// Takes one turn out and says when it may be taken, if not at once.
    fn reserve(&self) -> Reserved {
        let mut state = self.state();
        if state.left == 0 || state.cut_short.is_some() {
            return Reserved::Nothing;
        }
        let now = Instant::now();
        match self.end {
            End::Planned(end) if now >= end => {
                state.cut_short = Some(Ending::Complete);
                return Reserved::Nothing;
            }
            End::Late(end) if now >= end => {
                state.cut_short = Some(Ending::OutOfTime);
                return Reserved::Nothing;
            }
            End::Planned(_) | End::Late(_) => {}
        }
        state.left -= 1;
        let Some(spacing) = self.spacing else { return Reserved::Now };
        let moment = state.next.map_or(now, |next| next.max(now));
        state.next = Some(moment + spacing);
        Reserved::Later(moment)
    }

    /// Gives out nothing from now on.
    pub(crate) fn close(&self) {
        self.state().cut_short.get_or_insert(Ending::Interrupted);
    }

    /// When nothing is given out any more, whatever is left.
    pub(crate) fn end(&self) -> Instant {
        let (End::Planned(end) | End::Late(end)) = self.end;
        end
    }

    /// Whether there is nothing left for any user, for whatever reason but their number.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().cut_short.is_some()
    }

    /// How the attack ended, asked after its end; `is_timed` says that its shape ends it.
    pub(crate) fn ending(&self, is_timed: bool) -> Ending {
        let state = self.state();
        if state.left == 0 {
            return Ending::Complete;
        }
        state.cut_short.unwrap_or(if is_timed { Ending::Complete } else { Ending::Interrupted })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(turns: u64) -> Budget {
        Budget::new(Some(turns), None, End::Late(Instant::now() + Duration::from_mins(1)))
    }

    #[tokio::test]
    async fn as_many_turns_are_given_out_as_there_are() {
        let budget = budget(2);
        assert_eq!(
            [budget.take().await, budget.take().await, budget.take().await],
            [true, true, false]
        );
        assert_eq!(budget.ending(false), Ending::Complete);
    }

    #[tokio::test]
    async fn a_closed_budget_gives_nothing_out() {
        let budget = budget(2);
        assert!(budget.take().await);
        budget.close();
        assert!(!budget.take().await);
        assert_eq!(budget.ending(true), Ending::Interrupted);
    }

    #[tokio::test]
    async fn closing_after_the_last_turn_interrupts_nothing() {
        let budget = budget(1);
        assert!(budget.take().await);
        budget.close();
        assert_eq!(budget.ending(false), Ending::Complete);
    }

    #[tokio::test]
    async fn nothing_is_given_out_from_the_deadline_on() {
        let budget = Budget::new(Some(9), None, End::Late(Instant::now()));
        assert!(!budget.take().await);
        budget.close();
        assert_eq!(budget.ending(true), Ending::OutOfTime);
    }

    #[tokio::test]
    async fn a_planned_end_is_complete() {
        let budget = Budget::new(None, None, End::Planned(Instant::now()));
        assert!(!budget.take().await);
        assert_eq!(budget.ending(true), Ending::Complete);
    }

    #[tokio::test]
    async fn an_attack_that_the_engine_ended_was_complete_if_its_shape_is_timed() {
        assert_eq!(budget(1).ending(false), Ending::Interrupted);
        assert_eq!(budget(1).ending(true), Ending::Complete);
    }

    #[tokio::test]
    async fn budgets_share_a_cap() {
        let end = End::Late(Instant::now() + Duration::from_mins(1));
        let budget = Budget::new(None, Some(300), end).sharing(3);
        let started = Instant::now();
        for _ in 0..6 {
            assert!(budget.take().await);
        }
        assert!(started.elapsed() >= Duration::from_millis(49), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_cap_spaces_turns_evenly() {
        let budget =
            Budget::new(None, Some(100), End::Late(Instant::now() + Duration::from_mins(1)));
        let started = Instant::now();
        for _ in 0..6 {
            assert!(budget.take().await);
        }
        assert!(started.elapsed() >= Duration::from_millis(50), "{:?}", started.elapsed());
    }
}
