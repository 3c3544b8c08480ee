//! Counts what came of requests while they come, for many users at the same time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stspec_measure::{CallLoad, EXAMPLES_MAX, Histogram, LoadCounts, Offered, Second, Series};
use tokio::time::Instant;

use crate::schedule::open::{Offer, Start};

/// How many parts the counts are kept in, so that users seldom wait for each other.
const PARTS: usize = 16;

/// How many of the last seconds are kept by themselves, to be told.
///
/// Source: ours; the one that is over, the one that is not, and some for users who come late.
const RECENT: usize = 4;

/// What came of one request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// An answer as expected.
    Right,
    /// An answer that is not as expected, with words if it may become an example.
    Wrong(Option<String>),
    /// No answer, with the reason.
    Error(String),
}

/// One request with its times.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The number of the call in the profile.
    pub(crate) call: usize,
    /// When it was to be sent, in an open shape; otherwise when it was.
    pub(crate) intended: Instant,
    pub(crate) done: Instant,
    pub(crate) outcome: Outcome,
}

/// The counts of an attack.
pub(crate) struct Recorder {
    /// From when on requests count.
    counts_from: Instant,
    parts: Vec<Mutex<Part>>,
    timeline: Mutex<Timeline>,
}

/// What happened over time.
#[derive(Default)]
struct Timeline {
    series: Series,
    /// The last seconds with their numbers, each in the place of its number's remainder.
    recent: [(u64, Second); RECENT],
}

/// The counts of some users.
#[derive(Default)]
struct Part {
    calls: Vec<Tally>,
    second: u64,
    current: Second,
    last_done: Option<Instant>,
    offered: Offered,
}

/// The counts of one call.
#[derive(Default, Clone)]
struct Tally {
    prepares: bool,
    counted: LoadCounts,
    uncounted: LoadCounts,
    latency: Histogram,
    error_examples: Vec<String>,
    wrong_examples: Vec<String>,
}

/// All that was counted so far, without what happened when.
#[derive(Debug, Clone, Default)]
pub(crate) struct SoFar {
    /// By the number of the call; its names are left empty.
    pub(crate) calls: Vec<CallLoad>,
    pub(crate) offered: Offered,
    /// From the first moment that counts to the last answer that does.
    pub(crate) duration_us: u64,
    /// The last second that is over.
    pub(crate) last_second: Second,
}

impl Recorder {
    /// Counts for as many calls, of which the first `preparing` prepare users.
    pub(crate) fn new(calls: usize, preparing: usize, counts_from: Instant) -> Self {
        let tally = |call| Tally { prepares: call < preparing, ..Tally::default() };
        let calls: Vec<Tally> = (0..calls).map(tally).collect();
        let part = || Mutex::new(Part { calls: calls.clone(), ..Part::default() });
        let parts = std::iter::repeat_with(part).take(PARTS).collect();
        Self { counts_from, parts, timeline: Mutex::default() }
    }

    /// Counts a request of a user.
    pub(crate) fn record(&self, user: usize, sample: &Sample) {
        let counts = sample.intended >= self.counts_from;
        let mut part = self.part(user);
        let Some(tally) = part.calls.get_mut(sample.call) else { return };
        let counts = counts && !tally.prepares;
        let latency = sample.done.saturating_duration_since(sample.intended);
        let latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        tally.record(latency_us, counts, &sample.outcome);
        if !counts {
            return;
        }
        part.last_done = part.last_done.max(Some(sample.done));
        self.turn_to(&mut part, sample.done);
        part.current.counts.add(sample.outcome.counts());
        if !matches!(sample.outcome, Outcome::Error(_)) {
            part.current.latency.record(latency_us);
        }
    }

    /// Notes a turn that a user started, and how late the generator was with it.
    pub(crate) fn started(&self, user: usize, start: Start) {
        let Start { offer, lag } = start;
        if offer.intended >= self.counts_from {
            let mut part = self.part(user);
            part.offered.turns += 1;
            part.offered.crowded += u64::from(offer.is_crowded);
            part.offered.lag.record(u64::try_from(lag.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Notes a turn that was not started in time and never will be.
    pub(crate) fn dropped(&self, offer: Offer, now: Instant) {
        if offer.intended >= self.counts_from {
            let mut part = self.part(0);
            part.offered.turns += 1;
            part.offered.dropped += 1;
            part.offered.crowded += u64::from(offer.is_crowded);
            self.turn_to(&mut part, now);
            part.current.dropped += 1;
        }
    }

    /// All that was counted, and what happened when: that of a long load is large, and is handed over instead of
    /// copied, so this is asked once.
    pub(crate) fn counted(&self) -> (SoFar, Series) {
        let so_far = self.gathered();
        (so_far, std::mem::take(&mut lock(&self.timeline).series))
    }

    /// All that was counted so far, with the last second that is over now.
    pub(crate) fn so_far(&self, now: Instant) -> SoFar {
        let so_far = self.gathered();
        let second = now.saturating_duration_since(self.counts_from).as_secs();
        let last_second = second.checked_sub(1).and_then(|last| lock(&self.timeline).recent(last));
        SoFar { last_second: last_second.unwrap_or_default(), ..so_far }
    }

    fn gathered(&self) -> SoFar {
        let mut so_far = SoFar::default();
        let mut last_done: Option<Instant> = None;
        for part in &self.parts {
            let mut part = lock(part);
            self.flush(&mut part);
            so_far.calls.resize_with(part.calls.len(), CallLoad::default);
            for (call, tally) in so_far.calls.iter_mut().zip(&part.calls) {
                tally.add_to(call);
            }
            so_far.offered.turns += part.offered.turns;
            so_far.offered.dropped += part.offered.dropped;
            so_far.offered.crowded += part.offered.crowded;
            so_far.offered.lag.merge(&part.offered.lag);
            last_done = last_done.max(part.last_done);
        }
        let duration = last_done.map(|done| done.saturating_duration_since(self.counts_from));
        so_far.duration_us =
            duration.map_or(0, |duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
        so_far
    }

    /// What came of each call so far, and the time to the last answer that counts, without the series.
    pub(crate) fn calls(&self) -> (Vec<CallLoad>, Option<Duration>) {
        let mut calls: Vec<CallLoad> = Vec::new();
        let mut last_done: Option<Instant> = None;
        for part in &self.parts {
            let part = lock(part);
            calls.resize_with(part.calls.len(), CallLoad::default);
            for (call, tally) in calls.iter_mut().zip(&part.calls) {
                tally.add_to(call);
            }
            last_done = last_done.max(part.last_done);
        }
        (calls, last_done.map(|done| done.saturating_duration_since(self.counts_from)))
    }

    fn part(&self, user: usize) -> MutexGuard<'_, Part> {
        lock(self.parts.get(user % PARTS).expect("the remainder is the number of a part"))
    }

    /// Begins another second, if `now` is in one.
    fn turn_to(&self, part: &mut Part, now: Instant) {
        let second = now.saturating_duration_since(self.counts_from).as_secs();
        if second != part.second {
            self.flush(part);
            part.second = second;
        }
    }

    /// Adds a part's current second to the series.
    fn flush(&self, part: &mut Part) {
        let current = std::mem::take(&mut part.current);
        if current == Second::default() {
            return;
        }
        lock(&self.timeline).add(part.second, &current);
    }
}

impl Timeline {
    fn add(&mut self, number: u64, second: &Second) {
        self.series.add_second(number, second);
        let Some((held, recent)) = self.place(number) else { return };
        if *held < number {
            (*held, *recent) = (number, Second::default());
        }
        // One that is older than those that are kept is in the series alone.
        if *held == number {
            recent.add(second);
        }
    }

    /// One of the last seconds; nothing if nothing happened in it.
    fn recent(&mut self, number: u64) -> Option<Second> {
        let (held, second) = self.place(number)?;
        (*held == number).then(|| second.clone())
    }

    fn place(&mut self, number: u64) -> Option<&mut (u64, Second)> {
        let place = usize::try_from(number).unwrap_or(0) % RECENT;
        self.recent.get_mut(place)
    }
}

impl Outcome {
    fn counts(&self) -> LoadCounts {
        LoadCounts {
            requests: 1,
            errors: u64::from(matches!(self, Self::Error(_))),
            wrong: u64::from(matches!(self, Self::Wrong(_))),
        }
    }
}

impl Tally {
    fn record(&mut self, latency_us: u64, counts: bool, outcome: &Outcome) {
        let counted = if counts { &mut self.counted } else { &mut self.uncounted };
        counted.add(outcome.counts());
        if counts && !matches!(outcome, Outcome::Error(_)) {
            self.latency.record(latency_us);
        }
        match outcome {
            Outcome::Right | Outcome::Wrong(None) => {}
            Outcome::Wrong(Some(example)) => keep(&mut self.wrong_examples, example),
            Outcome::Error(example) => keep(&mut self.error_examples, example),
        }
    }

    fn add_to(&self, call: &mut CallLoad) {
        call.prepares = self.prepares;
        call.counted.add(self.counted);
        call.uncounted.add(self.uncounted);
        call.latency.merge(&self.latency);
        self.error_examples.iter().for_each(|example| keep(&mut call.error_examples, example));
        self.wrong_examples.iter().for_each(|example| keep(&mut call.wrong_examples, example));
    }
}

/// Keeps an example that is not like those that are kept, while there is room.
fn keep(examples: &mut Vec<String>, example: &str) {
    if examples.len() < EXAMPLES_MAX && !examples.iter().any(|kept| kept == example) {
        examples.push(example.to_owned());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    fn sample(start: Instant, (intended, done): (u64, u64), outcome: Outcome) -> Sample {
        Sample { call: 1, intended: after(start, intended), done: after(start, done), outcome }
    }

    #[test]
    fn answers_count_from_the_end_of_the_warm_up() {
        let start = Instant::now();
        let recorder = Recorder::new(2, 1, after(start, 1_000));
        recorder.record(0, &sample(start, (999, 1_100), Outcome::Right));
        recorder.record(1, &sample(start, (1_000, 1_100), Outcome::Right));
        recorder.record(2, &sample(start, (2_900, 3_100), Outcome::Wrong(Some("w".to_owned()))));
        recorder.record(17, &sample(start, (3_000, 3_500), Outcome::Error("e".to_owned())));
        let (counted, series) = recorder.counted();
        let call = &counted.calls[1];
        assert_eq!(call.uncounted, LoadCounts { requests: 1, errors: 0, wrong: 0 });
        assert_eq!(call.counted, LoadCounts { requests: 3, errors: 1, wrong: 1 });
        assert_eq!((call.latency.count(), call.latency.max_us()), (2, Some(200_000)));
        assert_eq!(counted.duration_us, 2_500_000);
        let requests: Vec<u64> = series.parts.iter().map(|s| s.counts.requests).collect();
        assert_eq!(requests, [1, 0, 2]);
        assert_eq!(
            (&call.error_examples, &call.wrong_examples),
            (&vec!["e".into()], &vec!["w".into()])
        );
    }

    #[test]
    fn preparing_never_counts() {
        let start = Instant::now();
        let recorder = Recorder::new(2, 2, start);
        recorder.record(0, &sample(start, (5, 6), Outcome::Wrong(Some("w".to_owned()))));
        let (counted, series) = recorder.counted();
        assert_eq!(counted.calls[1].counted, LoadCounts::default());
        assert_eq!(counted.calls[1].uncounted.wrong, 1);
        assert!(series.parts.is_empty() && counted.duration_us == 0);
    }

    #[test]
    fn looking_does_not_change_the_counts() {
        let start = Instant::now();
        let recorder = Recorder::new(2, 0, start);
        for ms in 0..50 {
            recorder.record(3, &sample(start, (ms, ms + 100), Outcome::Right));
            let _ = recorder.so_far(start);
        }
        let (counted, series) = recorder.counted();
        assert_eq!(series.parts[0].counts.requests, 50);
        assert_eq!(series.parts[0].latency, counted.calls[1].latency);
    }

    #[test]
    fn dropped_turns_were_offered() {
        let start = Instant::now();
        let recorder = Recorder::new(1, 0, start);
        let offer = |ms, is_crowded| Offer { intended: after(start, ms), is_crowded };
        let lag = Duration::from_micros(70);
        recorder.started(4, Start { offer: offer(10, false), lag });
        recorder.dropped(offer(20, true), after(start, 1_500));
        let (SoFar { offered, .. }, series) = recorder.counted();
        assert_eq!((offered.turns, offered.dropped, offered.lag.count()), (2, 1, 1));
        assert_eq!(offered.crowded, 1);
        assert_eq!(series.parts[1].dropped, 1);
    }

    #[test]
    fn the_second_that_is_told_is_the_last_one_that_is_over() {
        let start = Instant::now();
        let recorder = Recorder::new(2, 0, start);
        let told = |ms| recorder.so_far(after(start, ms)).last_second.counts.requests;
        for (ms, requests) in [(100, 3), (1_100, 5), (2_100, 7)] {
            for user in 0..requests {
                recorder.record(user, &sample(start, (ms, ms + 50), Outcome::Right));
            }
        }
        assert_eq!([500, 1_000, 1_999, 2_000, 3_999].map(told), [0, 3, 3, 5, 7]);
        // In a stall nothing happens, which is to be seen.
        assert_eq!([4_000, 6_000, 7_500].map(told), [0, 0, 0]);
        recorder.record(0, &sample(start, (6_000, 6_900), Outcome::Right));
        assert_eq!([6_950, 7_500].map(told), [0, 1]);
    }

    #[test]
    fn a_soak_of_two_days_takes_no_more_memory_than_one_of_an_hour() {
        let start = Instant::now();
        let recorder = Recorder::new(2, 0, start);
        for second in 0..172_800_u64 {
            let ms = second * 1_000;
            recorder.record(0, &sample(start, (ms, ms + 1), Outcome::Right));
        }
        let (counted, series) = recorder.counted();
        assert!(series.parts.len() <= stspec_measure::PARTS_MAX, "{}", series.parts.len());
        let requests: u64 = series.parts.iter().map(|part| part.counts.requests).sum();
        assert_eq!((requests, counted.calls[1].counted.requests), (172_800, 172_800));
        assert_eq!(series.parts[0].counts.requests, 64);
    }
}
