//! When the next request may be sent, where a target may get so many a second and no more.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The leave to send one request. There is no other way to get one than to wait for it, so that no
/// request of a run, its cleaning up or a sweep goes past the limit.
#[derive(Debug)]
pub struct SendPermit(());

/// Gives turns at even distances, in the order in which they are asked for.
///
/// Who stops waiting leaves no gap: nothing is set aside for anybody.
#[derive(Debug)]
pub struct RateLimiter {
    /// Nothing where turns are free.
    interval: Option<Duration>,
    /// From when on the next turn may be taken; held by the first of those who wait.
    next: Mutex<Option<Instant>>,
}

impl RateLimiter {
    /// A pacer for at most so many requests a second, or for as many as anybody likes.
    #[must_use]
    pub fn new(requests_per_second: Option<u32>) -> Self {
        Self::with_interval(
            requests_per_second.and_then(|count| Duration::from_secs(1).checked_div(count)),
        )
    }

    /// A pacer for one request in each interval, or for as many as anybody likes.
    #[must_use]
    pub fn with_interval(interval: Option<Duration>) -> Self {
        Self { interval, next: Mutex::default() }
    }

    /// Waits for a turn.
    ///
    /// What was not used up to now is lost: nothing is made up for in a burst, as no second may see more than
    /// its share.
    pub async fn acquire(&self) -> SendPermit {
        if let Some(interval) = self.interval {
            let asked = Instant::now();
            let mut next = self.next.lock().await;
            let slot = next.map_or(asked, |next| next.max(asked));
            if slot > Instant::now() {
                sleep_until(slot).await;
            }
            *next = Some(slot + interval);
        }
        SendPermit(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(10);

    /// How long it takes until so many turns were taken, asked for together.
    async fn taken(pacer: &RateLimiter, turns: usize) -> Duration {
        let started = Instant::now();
        futures::future::join_all((0..turns).map(|_| pacer.acquire())).await;
        started.elapsed()
    }

    #[tokio::test]
    async fn those_who_come_together_are_sent_one_by_one() {
        let pacer = RateLimiter::new(Some(100));
        assert_eq!(pacer.interval, Some(INTERVAL));
        let took = taken(&pacer, 11).await;
        assert!(took >= 10 * INTERVAL, "{took:?}");
    }

    #[tokio::test]
    async fn a_pause_is_not_made_up_for() {
        let pacer = RateLimiter::with_interval(Some(INTERVAL));
        taken(&pacer, 1).await;
        tokio::time::sleep(10 * INTERVAL).await;
        let took = taken(&pacer, 3).await;
        assert!(took >= 2 * INTERVAL, "{took:?}");
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_no_gap() {
        let pacer = RateLimiter::with_interval(Some(Duration::from_mins(1)));
        taken(&pacer, 1).await;
        let first = *pacer.next.lock().await;
        let waiting = tokio::time::timeout(INTERVAL, taken(&pacer, 100)).await;
        assert!(waiting.is_err(), "there is no turn for a minute");
        assert_eq!(*pacer.next.lock().await, first);
    }

    #[tokio::test]
    async fn without_a_limit_turns_are_free() {
        assert_eq!(RateLimiter::new(None).interval, None);
        taken(&RateLimiter::new(None), 3).await;
    }
}
