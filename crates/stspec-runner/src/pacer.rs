//! When the next request may be sent, where a target may get so many a second and no more.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The leave to send one request. There is no other way to get one than to wait for it, so that no
/// request of a run, its cleaning up or a sweep goes past the limit.
#[derive(Debug)]
pub(crate) struct Turn(());

/// Gives turns at even distances, whoever asks.
#[derive(Debug)]
pub(crate) struct Pacer {
    /// Nothing where turns are free.
    interval: Option<Duration>,
    /// From when on the next turn may be taken.
    next: Mutex<Option<Instant>>,
}

impl Pacer {
    /// A pacer for at most so many requests a second, or for as many as anybody likes.
    pub(crate) fn new(requests_per_second: Option<u32>) -> Self {
        let interval =
            requests_per_second.and_then(|count| Duration::from_secs(1).checked_div(count));
        Self { interval, next: Mutex::default() }
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) -> Turn {
        if let Some(interval) = self.interval {
            sleep_until(self.take_slot(Instant::now(), interval)).await;
        }
        Turn(())
    }

    /// The moment of the next turn. What was not used up to now is lost: nothing is made up for in a
    /// burst, as no second may see more than its share.
    fn take_slot(&self, now: Instant, interval: Duration) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + interval);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIFTH: Duration = Duration::from_millis(200);

    #[test]
    fn those_who_come_together_are_sent_one_by_one() {
        let (pacer, now) = (Pacer::new(Some(5)), Instant::now());
        assert_eq!(pacer.interval, Some(FIFTH));
        let slots: Vec<Instant> = (0..11).map(|_| pacer.take_slot(now, FIFTH)).collect();
        assert_eq!(slots.first(), Some(&now));
        assert_eq!(slots.last(), Some(&(now + Duration::from_secs(2))));
    }

    #[test]
    fn a_pause_is_not_made_up_for() {
        let (pacer, now) = (Pacer::new(Some(5)), Instant::now());
        let later = now + Duration::from_secs(10);
        pacer.take_slot(now, FIFTH);
        assert_eq!(pacer.take_slot(later, FIFTH), later);
        assert_eq!(pacer.take_slot(later, FIFTH), later + FIFTH);
    }

    #[test]
    fn without_a_limit_turns_are_free() {
        assert_eq!(Pacer::new(None).interval, None);
    }
}
