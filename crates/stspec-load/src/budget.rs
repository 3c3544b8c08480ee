//! How many requests are left to send, and until when.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Longest time after which an attack still starts a request, in seconds.
///
/// Source: ours, so that a target which answers slowly does not hold a run for ever. At the pace of
/// one machine an hour is some 70 million requests.
pub const RUN_SECONDS_MAX: u64 = 3_600;

/// How an attack came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All requests were sent.
    Complete,
    /// Somebody asked for it.
    Interrupted,
    /// [`RUN_SECONDS_MAX`] had passed.
    OutOfTime,
}

/// The requests that an attack may still send; each user takes one before it sends one.
#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: u32,
    /// What ended the attack while requests were left, if anything did.
    cut_short: Option<Ending>,
}

impl Budget {
    pub(crate) fn new(requests: u32, deadline: Instant) -> Self {
        Self { deadline, state: Mutex::new(State { left: requests, cut_short: None }) }
    }

    /// Takes one request out; false if there is none to take.
    pub(crate) fn take(&self) -> bool {
        let mut state = self.state();
        if state.left == 0 || state.cut_short.is_some() {
            return false;
        }
        if Instant::now() >= self.deadline {
            state.cut_short = Some(Ending::OutOfTime);
            return false;
        }
        state.left -= 1;
        true
    }

    /// Gives out nothing from now on.
    pub(crate) fn close(&self) {
        self.state().cut_short.get_or_insert(Ending::Interrupted);
    }

    /// How the attack ended, asked after its end: one that nobody cut short, with requests left, was
    /// ended by the engine.
    pub(crate) fn ending(&self) -> Ending {
        let state = self.state();
        if state.left == 0 {
            return Ending::Complete;
        }
        state.cut_short.unwrap_or(Ending::Interrupted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::OutOfTime => "out of time",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn budget(requests: u32) -> Budget {
        Budget::new(requests, Instant::now() + Duration::from_mins(1))
    }

    #[test]
    fn as_many_requests_are_given_out_as_there_are() {
        let budget = budget(2);
        assert_eq!([budget.take(), budget.take(), budget.take()], [true, true, false]);
        assert_eq!(budget.ending(), Ending::Complete);
    }

    #[test]
    fn a_closed_budget_gives_nothing_out() {
        let budget = budget(2);
        assert!(budget.take());
        budget.close();
        assert!(!budget.take());
        assert_eq!(budget.ending(), Ending::Interrupted);
    }

    #[test]
    fn closing_after_the_last_request_interrupts_nothing() {
        let budget = budget(1);
        assert!(budget.take());
        budget.close();
        assert_eq!(budget.ending(), Ending::Complete);
    }

    #[test]
    fn nothing_is_given_out_from_the_deadline_on() {
        let budget = Budget::new(9, Instant::now());
        assert!(!budget.take());
        budget.close();
        assert_eq!(budget.ending(), Ending::OutOfTime);
    }

    #[test]
    fn an_attack_that_the_engine_ended_was_interrupted() {
        assert_eq!(budget(1).ending(), Ending::Interrupted);
    }
}
