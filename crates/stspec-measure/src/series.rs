//! What happened over time: second by second, or in longer parts where a load took long.

use crate::counts::Second;

/// Most parts that a series grows to; then two neighbours become one, so that every part is twice as long.
///
/// Source: ours. A load of an hour keeps its seconds, one of two days has parts of 64 of them, and none takes more
/// memory than an hour does.
pub const PARTS_MAX: usize = 3_600;

/// What happened over time, from the end of the warm-up on.
// INVARIANT: `seconds_each` is at least 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The parts in order; the last may be shorter.
    pub parts: Vec<Second>,
    seconds_each: u32,
}

impl Series {
    /// A series of parts of so many seconds; nothing if they would take no time.
    #[must_use]
    pub fn new(parts: Vec<Second>, seconds_each: u32) -> Option<Self> {
        (seconds_each > 0).then_some(Self { parts, seconds_each })
    }

    /// A series of seconds.
    #[must_use]
    pub fn of_seconds(parts: Vec<Second>) -> Self {
        Self { parts, seconds_each: 1 }
    }

    /// Returns how many seconds each part holds.
    #[must_use]
    pub fn seconds_each(&self) -> u32 {
        self.seconds_each
    }

    /// Returns how long so many of its parts take, in microseconds.
    #[must_use]
    pub fn parts_us(&self, count: usize) -> u64 {
        let seconds = u64::try_from(count).unwrap_or(u64::MAX);
        seconds.saturating_mul(u64::from(self.seconds_each)).saturating_mul(1_000_000)
    }

    /// Adds what happened in a second, counted from 0.
    pub fn add_second(&mut self, second: u64, other: &Second) {
        while self.part_of(second) >= PARTS_MAX {
            self.halve();
        }
        self.add(self.part_of(second), other);
    }

    /// Adds what happened at the same time elsewhere, where it began so many seconds later.
    pub fn add_beside(&mut self, later_seconds: u64, other: &Self) {
        self.coarsen(other.seconds_each);
        let each = u64::from(other.seconds_each);
        for (number, part) in (0_u64..).zip(&other.parts) {
            // To the part that its middle is in.
            let middle = later_seconds.saturating_add(number * each).saturating_add(each / 2);
            self.add_second(middle, part);
        }
    }

    /// Adds what happened afterwards.
    pub fn append(&mut self, mut after: Self) {
        self.coarsen(after.seconds_each);
        after.coarsen(self.seconds_each);
        self.parts.append(&mut after.parts);
        while self.parts.len() > PARTS_MAX {
            self.halve();
        }
    }

    fn part_of(&self, second: u64) -> usize {
        usize::try_from(second / u64::from(self.seconds_each)).unwrap_or(usize::MAX)
    }

    fn add(&mut self, position: usize, other: &Second) {
        if self.parts.len() <= position {
            self.parts.resize_with(position + 1, Second::default);
        }
        if let Some(part) = self.parts.get_mut(position) {
            part.add(other);
        }
    }

    /// Makes parts longer until they are as long as others.
    fn coarsen(&mut self, seconds_each: u32) {
        while self.seconds_each < seconds_each {
            self.halve();
        }
    }

    /// Puts neighbours together.
    fn halve(&mut self) {
        let mut parts = std::mem::take(&mut self.parts).into_iter();
        while let Some(mut part) = parts.next() {
            parts.next().iter().for_each(|next| part.add(next));
            self.parts.push(part);
        }
        self.seconds_each = self.seconds_each.saturating_mul(2);
    }
}

impl Default for Series {
    fn default() -> Self {
        Self::of_seconds(Vec::new())
    }
}

impl Second {
    /// Adds what happened in another one.
    pub fn add(&mut self, other: &Self) {
        self.counts.add(other.counts);
        self.dropped += other.dropped;
        self.latency.merge(&other.latency);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::LoadCounts;
    use crate::histogram::Histogram;

    fn second(requests: u64) -> Second {
        let mut latency = Histogram::default();
        (0..requests).for_each(|number| latency.record(number * 100));
        let counts = LoadCounts { requests, errors: 0, wrong: requests / 2 };
        Second { counts, dropped: 1, latency }
    }

    fn requests(series: &Series) -> Vec<u64> {
        series.parts.iter().map(|part| part.counts.requests).collect()
    }

    #[test]
    fn an_hour_is_kept_by_the_second_and_two_days_in_parts_without_losing_any() {
        let mut series = Series::default();
        (0..3_600).for_each(|number| series.add_second(number, &second(2)));
        assert_eq!((series.parts.len(), series.seconds_each()), (3_600, 1));
        series.add_second(3_600, &second(2));
        assert_eq!((series.parts.len(), series.seconds_each()), (1_801, 2));
        (3_601..172_800).for_each(|number| series.add_second(number, &second(2)));
        assert_eq!((series.parts.len(), series.seconds_each()), (2_700, 64));
        assert!(series.parts.iter().all(|part| part.counts.requests == 128 && part.dropped == 64));
        assert!(series.parts.iter().all(|part| part.latency.count() == 128));
        assert_eq!(series.parts_us(2_700), 172_800_000_000);
    }

    #[test]
    fn a_second_far_ahead_leaves_those_before_it_in_their_place() {
        let mut series = Series::default();
        series.add_second(3, &second(1));
        series.add_second(4 * 3_600 - 1, &second(5));
        assert_eq!((series.parts.len(), series.seconds_each()), (3_600, 4));
        assert_eq!((requests(&series)[0], requests(&series)[3_599]), (1, 5));
        series.add_second(4, &second(7));
        assert_eq!(requests(&series)[..2], [1, 7]);
    }

    #[test]
    fn what_happened_elsewhere_is_added_where_it_was() {
        let mut series = Series::of_seconds(vec![second(1), second(2), second(3)]);
        series.add_beside(2, &Series::of_seconds(vec![second(10), second(20)]));
        assert_eq!(requests(&series), [1, 2, 13, 20]);
        let coarse = Series::new(vec![second(100), second(200)], 2).expect("some time");
        series.add_beside(2, &coarse);
        assert_eq!((requests(&series), series.seconds_each()), (vec![3, 133, 200], 2));
        // Three seconds later is nearer to the second part than to the first.
        let coarser = Series::new(vec![second(1_000)], 4).expect("some time");
        series.add_beside(3, &coarser);
        assert_eq!((requests(&series), series.seconds_each()), (vec![136, 1_200], 4));
    }

    #[test]
    fn what_happened_afterwards_follows_in_parts_as_long() {
        let mut series = Series::new(vec![second(1), second(2)], 2).expect("some time");
        series.append(Series::of_seconds(vec![second(3), second(4), second(5)]));
        assert_eq!((requests(&series), series.seconds_each()), (vec![1, 2, 7, 5], 2));
    }

    #[test]
    fn parts_take_some_time() {
        assert_eq!(Series::new(Vec::new(), 0), None);
        assert_eq!(Series::default().seconds_each(), 1);
    }
}
