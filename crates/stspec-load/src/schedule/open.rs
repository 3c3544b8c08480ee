//! The open model: a thread on the clock hands out the times at which turns are to start.
//!
//! The times depend on the schedule alone. A user that takes one late starts late, and what it measures
//! begins at the time that was meant; one that nobody takes in time is dropped and counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use stspec_scenario::Stage;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// Longest sleep of the pacer, so that it notices its end.
const NAP_MAX: Duration = Duration::from_millis(20);

/// Most starts that wait at the same time, whatever the rate and the patience.
///
/// Source: ours; 16 MiB.
const WAITING_MAX: usize = 1 << 20;

/// The times at which turns are to start, as offsets from the beginning.
#[derive(Debug, Clone)]
pub(crate) struct OpenSchedule {
    pieces: Vec<Piece>,
    /// Seconds before the current piece.
    before: f64,
    /// Starts of the current piece that were given out, with the part of one that was carried into it.
    given: f64,
    piece: usize,
}

/// A straight part of the shape: the rate goes from one value to another, in starts per second.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: f64,
    to: f64,
    seconds: f64,
}

/// Starts that wait for users, and what became of those that nobody took.
#[derive(Debug)]
pub(crate) struct Starts {
    waiting: Mutex<VecDeque<Offer>>,
    /// One permit for each start that waits.
    permits: Semaphore,
    give_up: Duration,
    /// How many users wait for a start.
    free: AtomicUsize,
    is_over: AtomicBool,
    /// Wakes those who wait for the end.
    over: Notify,
}

/// Counts a user as free for as long as it lives.
struct Free<'s>(&'s AtomicUsize);

/// A start that nobody took yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Offer {
    /// When it was meant to be.
    pub(crate) intended: Instant,
    /// Whether it came when no user was free, so that it has to wait for one.
    pub(crate) is_crowded: bool,
}

/// A start that a user took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    pub(crate) offer: Offer,
    /// How late it is, as far as the user was free: the generator's own delay.
    pub(crate) lag: Duration,
}

impl OpenSchedule {
    /// The schedule of an open shape's stages: the first begins at its own rate unless it takes time to get
    /// there, and then from nothing.
    pub(crate) fn new(stages: &[Stage]) -> Self {
        let mut pieces = Vec::new();
        let mut rate = 0.0;
        for stage in stages {
            let to = f64::from(stage.to);
            if stage.over_ms > 0 {
                pieces.push(Piece { from: rate, to, seconds: seconds(stage.over_ms) });
            }
            if stage.hold_ms > 0 {
                pieces.push(Piece { from: to, to, seconds: seconds(stage.hold_ms) });
            }
            rate = to;
        }
        Self { pieces, before: 0.0, given: 0.0, piece: 0 }
    }
}

impl Iterator for OpenSchedule {
    type Item = Duration;

    /// The next start: where the area below the rate reaches the next whole number.
    fn next(&mut self) -> Option<Duration> {
        loop {
            let piece = *self.pieces.get(self.piece)?;
            let area = f64::midpoint(piece.from, piece.to) * piece.seconds;
            if self.given < area - 1e-9 {
                let at = piece.moment(self.given);
                self.given += 1.0;
                return Some(Duration::from_secs_f64(self.before + at));
            }
            self.given -= area;
            self.before += piece.seconds;
            self.piece += 1;
        }
    }
}

impl Piece {
    /// When the area below the rate reaches `area`, in seconds from the beginning of the piece.
    fn moment(self, area: f64) -> f64 {
        if area <= 0.0 {
            return 0.0;
        }
        let slope = (self.to - self.from) / self.seconds;
        if slope.abs() < 1e-9 {
            return area / self.from;
        }
        let root = (self.from * self.from + 2.0 * slope * area).max(0.0).sqrt();
        // The form that stays exact where the slope is small.
        (2.0 * area / (self.from + root)).clamp(0.0, self.seconds)
    }
}

fn seconds(ms: u64) -> f64 {
    Duration::from_millis(ms).as_secs_f64()
}

impl Starts {
    pub(crate) fn new(give_up: Duration) -> Self {
        Self {
            waiting: Mutex::default(),
            permits: Semaphore::new(0),
            give_up,
            free: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            over: Notify::new(),
        }
    }

    /// The next start, when there is one; nothing once all were given out.
    ///
    /// Starts that are too late to be taken are handed to `dropped`.
    pub(crate) async fn next(&self, mut dropped: impl FnMut(Offer, Instant)) -> Option<Start> {
        let free_since = Instant::now();
        let _free = Free::new(&self.free);
        loop {
            let permit = self.permits.acquire().await.ok()?;
            permit.forget();
            let now = Instant::now();
            let Some(offer) = self.waiting().pop_front() else { continue };
            if now.saturating_duration_since(offer.intended) > self.give_up {
                dropped(offer, now);
                continue;
            }
            let lag = now.saturating_duration_since(offer.intended.max(free_since));
            return Some(Start { offer, lag });
        }
    }

    /// Gives out nothing from now on; what waits is dropped without being counted.
    pub(crate) fn close(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.permits.close();
        self.over.notify_waiters();
    }

    /// Waits until nothing is given out any more.
    pub(crate) async fn closed(&self) {
        let over = self.over.notified();
        if !self.is_over.load(Ordering::Relaxed) {
            over.await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Offer>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a start wait for a user; gives it back if too many wait.
    fn offer(&self, intended: Instant) -> Result<(), Offer> {
        let mut waiting = self.waiting();
        // Who is woken for a start that waits is still counted as free.
        let is_crowded = waiting.len() >= self.free.load(Ordering::Relaxed);
        let offer = Offer { intended, is_crowded };
        if waiting.len() >= WAITING_MAX {
            return Err(offer);
        }
        waiting.push_back(offer);
        drop(waiting);
        self.permits.add_permits(1);
        Ok(())
    }

    /// Takes out what waited too long.
    fn expired(&self, now: Instant) -> Vec<Offer> {
        let mut waiting = self.waiting();
        let mut expired = Vec::new();
        let is_late = |offer: &Offer| now.saturating_duration_since(offer.intended) > self.give_up;
        while waiting.front().is_some_and(is_late) {
            expired.extend(waiting.pop_front());
        }
        expired
    }
}

impl<'s> Free<'s> {
    fn new(free: &'s AtomicUsize) -> Self {
        free.fetch_add(1, Ordering::Relaxed);
        Self(free)
    }
}

impl Drop for Free<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Hands out the starts of a schedule from `origin` on, on a thread of its own; `dropped` is told of those
/// that nobody took in time. When all were given out and taken, or dropped, the starts are closed.
pub(crate) fn hand_out(
    schedule: impl Iterator<Item = Duration> + Send + 'static,
    origin: Instant,
    starts: Arc<Starts>,
    dropped: impl Fn(Offer, Instant) + Send + 'static,
) -> std::io::Result<thread::JoinHandle<()>> {
    let clock = move || {
        for offset in schedule {
            let intended = origin + offset;
            if !sleep_until(intended, &starts, &dropped) {
                return;
            }
            if let Err(offer) = starts.offer(intended) {
                dropped(offer, Instant::now());
            }
        }
        let last = Instant::now() + starts.give_up + NAP_MAX;
        while !starts.waiting().is_empty() && Instant::now() < last {
            if !sleep_until(Instant::now() + NAP_MAX, &starts, &dropped) {
                return;
            }
        }
        starts.close();
    };
    thread::Builder::new().name("open-schedule".to_owned()).spawn(clock)
}

/// Sleeps, and drops what waited too long meanwhile; false if the starts were closed.
fn sleep_until(
    moment: Instant,
    starts: &Starts,
    dropped: &(impl Fn(Offer, Instant) + Send),
) -> bool {
    loop {
        if starts.is_over.load(Ordering::Relaxed) {
            return false;
        }
        let now = Instant::now();
        let left = moment.saturating_duration_since(now);
        if left.is_zero() {
            return true;
        }
        // Between two starts that are close to each other there is no time to look.
        if left > Duration::from_millis(1) {
            starts.expired(now).into_iter().for_each(|offer| dropped(offer, now));
        }
        thread::sleep(left.min(NAP_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(to: u32, over_ms: u64, hold_ms: u64) -> Stage {
        Stage { to, over_ms, hold_ms }
    }

    fn offsets_ms(stages: &[Stage]) -> Vec<u128> {
        OpenSchedule::new(stages).map(|offset| offset.as_millis()).collect()
    }

    fn starts(give_up: Duration) -> Arc<Starts> {
        Arc::new(Starts::new(give_up))
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced() {
        let expected: Vec<u128> = (0..30).map(|number| number * 100).collect();
        assert_eq!(offsets_ms(&[stage(10, 0, 3_000)]), expected);
    }

    #[test]
    fn as_many_turns_start_as_the_area_below_the_rate() {
        assert_eq!(offsets_ms(&[stage(1_000, 2_000, 0)]).len(), 1_000);
        assert_eq!(offsets_ms(&[stage(1_000, 2_000, 1_000)]).len(), 2_000);
        assert_eq!(offsets_ms(&[stage(10_000, 0, 60_000)]).len(), 600_000);
        assert_eq!(offsets_ms(&[stage(100, 0, 1_000), stage(300, 0, 1_000)]).len(), 400);
        assert_eq!(offsets_ms(&[stage(400, 0, 1_000), stage(200, 1_000, 1_000)]).len(), 900);
    }

    #[test]
    fn starts_never_go_back_in_time() {
        let stages = [stage(50, 900, 333), stage(500, 700, 0), stage(3, 400, 1_234)];
        let offsets: Vec<Duration> = OpenSchedule::new(&stages).collect();
        assert!(offsets.is_sorted());
        assert!(offsets.last().unwrap() <= &Duration::from_millis(900 + 333 + 700 + 400 + 1_234));
    }

    #[test]
    fn a_ramp_starts_half_of_its_turns_in_the_last_part() {
        let offsets = offsets_ms(&[stage(1_000, 10_000, 0)]);
        let half = offsets.iter().filter(|offset| **offset < 7_071).count();
        assert!(half.abs_diff(2_500) <= 1, "{half} of {}", offsets.len());
    }

    #[tokio::test]
    async fn every_start_is_given_out_once() {
        let starts = starts(Duration::from_secs(5));
        let schedule = OpenSchedule::new(&[stage(5_000, 0, 100)]);
        let pacer =
            hand_out(schedule, Instant::now(), Arc::clone(&starts), |_, _| panic!()).unwrap();
        let taken = futures::future::join_all((0..8).map(|_| async {
            let mut taken = Vec::new();
            while let Some(start) = starts.next(|_, _| panic!("nothing is late")).await {
                taken.push(start.offer.intended);
            }
            taken
        }));
        let mut taken: Vec<Instant> = taken.await.into_iter().flatten().collect();
        pacer.join().unwrap();
        taken.sort();
        taken.dedup();
        assert_eq!(taken.len(), 500);
    }

    #[tokio::test]
    async fn starts_that_nobody_takes_are_dropped() {
        let starts = starts(Duration::from_millis(30));
        let schedule = OpenSchedule::new(&[stage(1_000, 0, 100)]);
        let dropped = Arc::new(Mutex::new(0));
        let count = Arc::clone(&dropped);
        let note = move |offer: Offer, _: Instant| {
            assert!(offer.is_crowded, "nobody is there");
            *count.lock().unwrap() += 1;
        };
        let pacer = hand_out(schedule, Instant::now(), Arc::clone(&starts), note).unwrap();
        tokio::task::spawn_blocking(|| pacer.join().unwrap()).await.unwrap();
        assert_eq!(*dropped.lock().unwrap(), 100);
        assert!(starts.next(|_, _| {}).await.is_none());
    }

    #[tokio::test]
    async fn starts_that_find_somebody_free_are_not_crowded() {
        let starts = starts(Duration::from_secs(5));
        let _free: Vec<_> = (0..2).map(|_| Free::new(&starts.free)).collect();
        (0..4).for_each(|_| starts.offer(Instant::now()).unwrap());
        let crowded: Vec<bool> = starts.waiting().iter().map(|offer| offer.is_crowded).collect();
        assert_eq!(crowded, [false, false, true, true], "two are free");
        assert!(starts.next(|_, _| panic!("nothing is late")).await.is_some());
        assert_eq!(starts.free.load(Ordering::Relaxed), 2, "who took one is not free");
    }

    #[tokio::test]
    async fn closed_starts_end_the_pacer() {
        let starts = starts(Duration::from_secs(1));
        let schedule = OpenSchedule::new(&[stage(1, 0, 3_600_000)]);
        let pacer = hand_out(schedule, Instant::now(), Arc::clone(&starts), |_, _| {}).unwrap();
        starts.close();
        tokio::task::spawn_blocking(|| pacer.join().unwrap()).await.unwrap();
    }
}
