//! Changes of IAM that take effect later than they are made: off unless asked for.
//!
//! AWS calls IAM eventually consistent: what was changed shows in IAM's own answers before every
//! service acts by it (IAM User Guide, "Troubleshoot IAM", "Changes that I make are not always
//! immediately visible"; `docs/evidence/get-federation-token.md`, AUTH-EVENTUAL). Here the delay is
//! a fixed one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::state::directory::Directory;

/// How many copies of the account are on their way at most.
///
/// Changes that follow each other faster than the delay divided by this travel together, so that a
/// busy client can't fill the memory; the first of them arrives so much late.
const UNDER_WAY_MAX: u32 = 64;

/// The account as authentication and authorisation see it, and the changes that are on their way there.
#[derive(Debug)]
pub(crate) struct Propagation {
    delay: Duration,
    in_effect: RwLock<Directory>,
    under_way: Mutex<VecDeque<Parcel>>,
}

/// The account after one or more changes.
#[derive(Debug)]
struct Parcel {
    /// When the first of them was made.
    opened: Instant,
    /// When they take effect.
    due: Instant,
    directory: Directory,
}

impl Propagation {
    /// What an account begins with is in effect at once.
    pub(crate) fn new(delay: Duration, directory: Directory) -> Self {
        Self { delay, in_effect: RwLock::new(directory), under_way: Mutex::default() }
    }

    /// The account as it was before the delay.
    ///
    /// One request looks once: a second look could wait for whoever waits for the first.
    pub(crate) fn in_effect(&self, now: Instant) -> RwLockReadGuard<'_, Directory> {
        self.deliver(now);
        self.in_effect.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a changed account on its way.
    pub(crate) fn changed(&self, now: Instant, directory: &Directory) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let (due, directory) = (now + self.delay, directory.clone());
        let open_for = self.delay / UNDER_WAY_MAX;
        match under_way.back_mut().filter(|last| now < last.opened + open_for) {
            Some(last) => (last.due, last.directory) = (due, directory),
            None => under_way.push_back(Parcel { opened: now, due, directory }),
        }
    }

    /// Lets what is due take effect.
    fn deliver(&self, now: Instant) {
        // Held until the end: a newer account is not to be replaced by an older one.
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let mut arrived = None;
        while under_way.front().is_some_and(|parcel| parcel.due <= now) {
            arrived = under_way.pop_front();
        }
        if let Some(parcel) = arrived {
            *self.in_effect.write().unwrap_or_else(PoisonError::into_inner) = parcel.directory;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::caller::UserName;
    use crate::state::directory::NewUser;
    use crate::state::directory::test_support::{CountingIds, directory as empty, now as at_first};

    const DELAY: Duration = Duration::from_secs(3);

    /// How many users are in effect so long after the start.
    fn users(propagation: &Propagation, at: Instant) -> usize {
        propagation.in_effect(at).users().count()
    }

    fn with_users(number: usize) -> Directory {
        let (mut directory, mut ids) = (empty(), CountingIds::default());
        for serial in 0..number {
            let new = NewUser {
                name: UserName(format!("user-{serial}")),
                path: "/".to_owned(),
                tags: Vec::new(),
                boundary_arn: None,
            };
            directory.create_user(new, &mut ids, at_first()).unwrap();
        }
        directory
    }

    #[test]
    fn a_change_takes_effect_after_the_delay_and_not_before() {
        let (start, propagation) = (Instant::now(), Propagation::new(DELAY, empty()));
        propagation.changed(start, &with_users(1));
        assert_eq!(users(&propagation, start + DELAY - Duration::from_millis(1)), 0);
        assert_eq!(users(&propagation, start + DELAY), 1);
    }

    #[test]
    fn each_change_waits_for_itself() {
        let (start, propagation) = (Instant::now(), Propagation::new(DELAY, empty()));
        let later = start + Duration::from_secs(1);
        propagation.changed(start, &with_users(1));
        propagation.changed(later, &with_users(2));
        assert_eq!(users(&propagation, start + DELAY), 1);
        assert_eq!(users(&propagation, later + DELAY), 2);
    }

    #[test]
    fn however_many_changes_are_made_few_copies_are_under_way() {
        let (start, propagation) = (Instant::now(), Propagation::new(DELAY, empty()));
        let one = with_users(1);
        let mut now = start;
        while now < start + DELAY {
            propagation.changed(now, &one);
            now += Duration::from_millis(1);
        }
        let under_way = propagation.under_way.lock().unwrap().len();
        assert!(under_way <= usize::try_from(UNDER_WAY_MAX).unwrap(), "{under_way}");
        assert_eq!(users(&propagation, start + DELAY + DELAY / UNDER_WAY_MAX), 1);
    }
}
