//! The commanded model: how many users are active is set from outside, by a Locust master.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Notify;

use crate::budget::Budget;

/// The users that are on duty by command: those whose number is below how many are wanted now.
#[derive(Debug, Default)]
pub struct CommandedUsers {
    target: AtomicU32,
    /// The most that were ever wanted.
    peak: AtomicU32,
    /// How many are in the midst of a turn.
    busy: AtomicU32,
    changed: Notify,
}

/// Counts a user as busy for as long as it lives.
#[derive(Debug)]
pub(crate) struct IterationGuard<'c>(&'c CommandedUsers);

impl CommandedUsers {
    /// From now on so many are wanted; who is in the midst of a turn finishes it.
    pub fn set_target(&self, users: u32) {
        self.peak.fetch_max(users, Ordering::SeqCst);
        self.target.store(users, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// The most that were ever wanted.
    pub fn peak(&self) -> u32 {
        self.peak.load(Ordering::SeqCst)
    }

    /// Whether some user is in the midst of a turn.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    /// Waits until a user has to run; `None` if no work is left.
    pub(crate) async fn started(&self, user: usize, budget: &Budget) -> Option<IterationGuard<'_>> {
        loop {
            let changed = self.changed.notified();
            // The guard comes before the check: a master that finds no user busy after its command can
            // rely on that.
            let busy = IterationGuard::new(self);
            if budget.is_over() {
                return None;
            }
            if self.is_active(user) {
                return Some(busy);
            }
            drop(busy);
            tokio::select! {
                () = changed => {}
                () = budget.over() => {}
            }
        }
    }

    /// Waits until a user is not wanted any more.
    pub(crate) async fn dismissed(&self, user: usize) {
        loop {
            let changed = self.changed.notified();
            if !self.is_active(user) {
                return;
            }
            changed.await;
        }
    }

    fn is_active(&self, user: usize) -> bool {
        let number = u32::try_from(user).unwrap_or(u32::MAX);
        number < self.target.load(Ordering::SeqCst)
    }
}

impl<'c> IterationGuard<'c> {
    fn new(users: &'c CommandedUsers) -> Self {
        users.busy.fetch_add(1, Ordering::SeqCst);
        Self(users)
    }
}

impl Drop for IterationGuard<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    fn endless() -> Budget {
        let end = crate::budget::End::Late(Instant::now() + Duration::from_mins(10));
        Budget::new(
            crate::budget::IterationLimit::new(None, None),
            stspec_runner::RateLimiter::with_interval(None),
            end,
        )
    }

    #[tokio::test]
    async fn users_are_called_by_their_number_and_are_busy_until_they_are_done() {
        let (users, budget) = (CommandedUsers::default(), endless());
        users.set_target(2);
        let busy = users.started(1, &budget).await.expect("it is wanted");
        assert!(users.is_busy());
        drop(busy);
        assert!(!users.is_busy());
        let uncalled = users.started(2, &budget);
        let waited = tokio::time::timeout(Duration::from_millis(20), uncalled).await;
        assert!(waited.is_err(), "it is not wanted");
        assert!(!users.is_busy());
    }

    #[tokio::test]
    async fn a_command_reaches_those_who_wait() {
        let (users, budget) = (CommandedUsers::default(), endless());
        let waiting = async { users.started(4, &budget).await.is_some() };
        let commanding = async {
            tokio::task::yield_now().await;
            users.set_target(5);
            users.set_target(3);
        };
        let later = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            users.set_target(9);
        };
        let ((), (), called) = futures::join!(commanding, later, waiting);
        assert!(called);
        assert_eq!(users.peak(), 9);
    }

    #[tokio::test]
    async fn who_waits_learns_that_all_is_over() {
        let (users, budget) = (CommandedUsers::default(), endless());
        let closing = async {
            tokio::task::yield_now().await;
            budget.close();
        };
        let ((), called) = futures::join!(closing, users.started(0, &budget));
        assert!(called.is_none());
    }

    #[tokio::test]
    async fn who_is_dismissed_learns_it() {
        let users = CommandedUsers::default();
        users.set_target(3);
        let dismissing = async {
            tokio::task::yield_now().await;
            users.set_target(2);
        };
        let waiting = async { futures::join!(users.dismissed(2), dismissing) };
        let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
        waited.expect("it is woken");
        let other = tokio::time::timeout(Duration::from_millis(20), users.dismissed(1)).await;
        assert!(other.is_err(), "it is still wanted");
    }

    #[tokio::test]
    async fn a_waiting_user_ends_when_the_budget_is_spent() {
        let (users, budget) = (CommandedUsers::default(), Budget::spent());
        let refused = async {
            tokio::task::yield_now().await;
            budget.take()
        };
        let waiting = async { futures::join!(users.started(0, &budget), refused) };
        let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
        let (by_command, taken) = waited.expect("it is woken");
        assert!(by_command.is_none() && !taken);
    }
}
