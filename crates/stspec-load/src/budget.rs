//! How many turns are left to take, how fast, and until when: all that ends an attack, in one place to wait at.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use stspec_measure::{Ending, Share};
use stspec_runner::RateLimiter;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

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

/// A number of turns, and what it means that they are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IterationLimit {
    count: u64,
    /// How an attack has ended that wants a turn and finds none left.
    spent: Ending,
}

/// The turns that an attack may still take; each user asks before it takes one.
#[derive(Debug)]
pub(crate) struct Budget {
    turns: IterationLimit,
    left: AtomicU64,
    /// Somebody wanted a turn when none was left.
    is_spent: AtomicBool,
    end: End,
    /// What ended the attack whatever was left, once something did.
    ended: OnceLock<Ending>,
    /// A turn that was begun was not finished, because the attack had ended.
    is_broken_off: AtomicBool,
    rate_limiter: RateLimiter,
    /// Wakes those who wait when the attack is over.
    changed: Notify,
}

impl IterationLimit {
    /// As many as a profile asks for or a cap allows, whichever are fewer; any number without.
    pub(crate) fn new(planned: Option<u64>, cap: Option<u64>) -> Self {
        match cap {
            Some(count) if planned.is_none_or(|planned| count < planned) => {
                Self { count, spent: Ending::Capped }
            }
            _ => Self { count: planned.unwrap_or(u64::MAX), spent: Ending::Complete },
        }
    }

    /// A share of them.
    pub(crate) fn part(self, share: Share) -> Self {
        if self.count == u64::MAX { self } else { Self { count: share.part(self.count), ..self } }
    }

    /// Those that are left after so many.
    pub(crate) fn after(self, taken: u64) -> Self {
        if self.count == u64::MAX {
            self
        } else {
            Self { count: self.count.saturating_sub(taken), ..self }
        }
    }
}

impl Budget {
    /// So many turns at a pace, until an end.
    pub(crate) fn new(turns: IterationLimit, rate_limiter: RateLimiter, end: End) -> Self {
        Self {
            turns,
            left: AtomicU64::new(turns.count),
            is_spent: AtomicBool::new(false),
            end,
            ended: OnceLock::new(),
            is_broken_off: AtomicBool::new(false),
            rate_limiter,
            changed: Notify::new(),
        }
    }

    /// A budget with nothing left that no one has asked yet.
    #[cfg(test)]
    pub(crate) fn spent() -> Self {
        let end = End::Late(Instant::now() + std::time::Duration::from_mins(10));
        Self::new(IterationLimit::new(Some(0), None), RateLimiter::with_interval(None), end)
    }

    /// Waits until a turn may be taken, where their rate is capped. Who stops waiting has taken nothing.
    pub(crate) async fn pace(&self) {
        let _permit = self.rate_limiter.acquire().await;
    }

    /// Takes one turn out, to be begun at once; false if there is none to take.
    pub(crate) fn take(&self) -> bool {
        if self.is_over() {
            return false;
        }
        let taken =
            self.left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if taken.is_err() {
            self.is_spent.store(true, Ordering::SeqCst);
            self.changed.notify_waiters();
        }
        taken.is_ok()
    }

    /// How many turns were taken out.
    pub(crate) fn taken(&self) -> u64 {
        self.turns.count - self.left.load(Ordering::Relaxed)
    }

    /// Gives out nothing from now on.
    pub(crate) fn close(&self) {
        self.end_with(Ending::Interrupted);
    }

    /// Notes that a turn which was begun is not finished.
    pub(crate) fn break_off(&self) {
        self.is_broken_off.store(true, Ordering::Relaxed);
    }

    /// Whether there is no further turn for any user.
    pub(crate) fn is_over(&self) -> bool {
        self.is_spent.load(Ordering::SeqCst) || self.has_ended()
    }

    /// Waits until there is no further turn for any user.
    pub(crate) async fn over(&self) {
        self.until(Self::is_over).await;
    }

    /// Waits until not even turns that were begun go on, but for requests that are on their way.
    pub(crate) async fn ended(&self) {
        self.until(Self::has_ended).await;
    }

    /// How the attack ended, asked after its end; `is_timed` says that its shape ends it.
    pub(crate) fn ending(&self, is_timed: bool) -> Ending {
        let is_spent = self.is_spent.load(Ordering::SeqCst)
            || self.turns.spent == Ending::Complete && self.left.load(Ordering::Relaxed) == 0;
        // Nothing was left to be ended then, unless it was in the midst of a turn.
        if is_spent && !self.is_broken_off.load(Ordering::Relaxed) {
            return self.turns.spent;
        }
        let by_itself = if is_timed { Ending::Complete } else { Ending::Interrupted };
        self.ended.get().copied().unwrap_or(by_itself)
    }

    fn has_ended(&self) -> bool {
        if self.ended.get().is_some() {
            return true;
        }
        let (moment, ending) = match self.end {
            End::Planned(moment) => (moment, Ending::Complete),
            End::Late(moment) => (moment, Ending::OutOfTime),
        };
        let is_past = Instant::now() >= moment;
        if is_past {
            self.end_with(ending);
        }
        is_past
    }

    /// The first ending counts.
    fn end_with(&self, ending: Ending) {
        if self.ended.set(ending).is_ok() {
            self.changed.notify_waiters();
        }
    }

    async fn until(&self, reached: impl Fn(&Self) -> bool) {
        let (End::Planned(end) | End::Late(end)) = self.end;
        loop {
            // Before looking, so that no change is missed.
            let changed = self.changed.notified();
            if reached(self) {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = sleep_until(end) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn far() -> End {
        End::Late(Instant::now() + Duration::from_mins(10))
    }

    fn budget(turns: u64) -> Budget {
        Budget::new(IterationLimit::new(Some(turns), None), RateLimiter::with_interval(None), far())
    }

    fn capped(turns: u64) -> Budget {
        Budget::new(IterationLimit::new(None, Some(turns)), RateLimiter::with_interval(None), far())
    }

    /// Waits for what must come, without holding up the tests if it doesn't.
    async fn comes(waiting: impl Future<Output = ()>) {
        timeout(Duration::from_mins(1), waiting).await.expect("somebody wakes it");
    }

    #[test]
    fn as_many_turns_are_given_out_as_there_are() {
        let budget = budget(2);
        assert_eq!([budget.take(), budget.take(), budget.take()], [true, true, false]);
        assert_eq!((budget.ending(false), budget.taken()), (Ending::Complete, 2));
    }

    #[test]
    fn a_closed_budget_gives_nothing_out() {
        let budget = budget(2);
        assert!(budget.take());
        budget.close();
        assert!(!budget.take());
        assert_eq!((budget.ending(true), budget.taken()), (Ending::Interrupted, 1));
    }

    #[test]
    fn closing_after_the_last_turn_interrupts_nothing_unless_it_was_broken_off() {
        let budget = budget(1);
        assert!(budget.take());
        budget.close();
        assert_eq!(budget.ending(false), Ending::Complete);
        budget.break_off();
        assert_eq!(budget.ending(false), Ending::Interrupted);
    }

    #[test]
    fn nothing_is_given_out_from_the_deadline_on() {
        let turns = IterationLimit::new(Some(9), None);
        let budget =
            Budget::new(turns, RateLimiter::with_interval(None), End::Late(Instant::now()));
        assert!(!budget.take());
        budget.close();
        assert_eq!(budget.ending(true), Ending::OutOfTime);
    }

    #[test]
    fn a_planned_end_is_complete() {
        let turns = IterationLimit::new(None, None);
        let budget =
            Budget::new(turns, RateLimiter::with_interval(None), End::Planned(Instant::now()));
        assert!(!budget.take());
        assert_eq!(budget.ending(true), Ending::Complete);
    }

    #[test]
    fn an_attack_that_the_engine_ended_was_complete_if_its_shape_is_timed() {
        assert_eq!(budget(1).ending(false), Ending::Interrupted);
        assert_eq!(budget(1).ending(true), Ending::Complete);
    }

    #[test]
    fn a_cap_ends_an_attack_that_wants_more_and_no_other() {
        let budget = capped(1);
        assert!(budget.take());
        assert_eq!(budget.ending(true), Ending::Complete, "nobody wanted more");
        assert!(!budget.take());
        budget.close();
        assert_eq!(budget.ending(true), Ending::Capped, "there was nothing to interrupt");
        let stopped = capped(1);
        assert!(stopped.take());
        stopped.close();
        assert_eq!(stopped.ending(true), Ending::Interrupted);
    }

    #[test]
    fn the_fewer_turns_count_of_those_planned_and_those_allowed() {
        let turns = |planned, cap| IterationLimit::new(planned, cap);
        assert_eq!(turns(Some(5), Some(5)), IterationLimit { count: 5, spent: Ending::Complete });
        assert_eq!(turns(Some(5), Some(4)), IterationLimit { count: 4, spent: Ending::Capped });
        assert_eq!(turns(Some(5), Some(6)), turns(Some(5), None));
        assert_eq!(turns(None, None).after(7), turns(None, None));
        let part = turns(None, Some(10)).part("1/3".parse().expect("a share"));
        assert_eq!((part.count, part.after(1).count, part.after(9).count), (3, 2, 0));
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_each_end() {
        let spent = budget(0);
        let ((), taken) = futures::join!(comes(spent.over()), async { spent.take() });
        assert!(!taken);
        let closed = budget(9);
        let closing = async { closed.close() };
        futures::join!(comes(closed.over()), comes(closed.ended()), closing);
        let soon = End::Planned(Instant::now() + Duration::from_millis(20));
        let passes =
            Budget::new(IterationLimit::new(None, None), RateLimiter::with_interval(None), soon);
        futures::join!(comes(passes.over()), comes(passes.ended()));
        assert!(!passes.take());
    }

    #[tokio::test]
    async fn turns_that_were_begun_go_on_when_the_budget_is_spent() {
        let spent = budget(0);
        assert!(!spent.take());
        let waited = timeout(Duration::from_millis(20), spent.ended()).await;
        assert!(waited.is_err(), "nothing ended it");
    }

    #[tokio::test]
    async fn a_pace_spaces_turns_evenly() {
        let interval = Some(Duration::from_millis(10));
        let budget = Budget::new(
            IterationLimit::new(None, None),
            RateLimiter::with_interval(interval),
            far(),
        );
        let started = Instant::now();
        for _ in 0..6 {
            budget.pace().await;
            assert!(budget.take());
        }
        assert!(started.elapsed() >= Duration::from_millis(50), "{:?}", started.elapsed());
    }
}
