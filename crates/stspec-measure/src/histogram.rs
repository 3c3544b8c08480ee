//! Latencies as counts in buckets, precise to less than one percent however long they get.

/// How many bits of a latency are kept after its first; a bucket is 1/128 of its values wide.
const PRECISION_BITS: u32 = 7;

/// How many values share a number of significant bits, and the width of the exact beginning.
const BUCKETS_PER_OCTAVE: u64 = 1 << PRECISION_BITS;

/// Latencies in microseconds, counted in buckets.
///
/// Which bucket a latency falls into depends on the latency alone, so two histograms are merged by
/// adding their counts and nothing is lost. The numbers of buckets are part of the JSON report:
/// bucket `n` below 256 holds the latency `n`; from there on 128 buckets share each doubling.
// INVARIANT: `counts` neither begins nor ends with a zero; `count` is the sum of `counts`; without any,
// everything is 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The bucket that `counts` begins with; a second of a soak is to be small.
    base: u32,
    counts: Vec<u64>,
    count: u64,
    min_us: u64,
    max_us: u64,
    sum_us: u128,
}

impl Histogram {
    /// Counts a latency.
    pub fn record(&mut self, latency_us: u64) {
        self.add(bucket(latency_us), 1);
        self.min_us = if self.count == 1 { latency_us } else { self.min_us.min(latency_us) };
        self.max_us = self.max_us.max(latency_us);
        self.sum_us += u128::from(latency_us);
    }

    /// Counts what another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let is_first = self.count == 0;
        for (bucket, count) in other.buckets() {
            self.add(bucket, count);
        }
        self.min_us = if is_first { other.min_us } else { self.min_us.min(other.min_us) };
        self.max_us = self.max_us.max(other.max_us);
        self.sum_us += other.sum_us;
    }

    /// Puts a histogram together again from its parts, as a report holds them.
    ///
    /// Nothing if the parts contradict each other: shortest and longest latency have to lie in the
    /// first and the last bucket, and the sum between what the buckets allow.
    #[must_use]
    pub fn from_parts(
        buckets: impl IntoIterator<Item = (u32, u64)>,
        min_us: u64,
        max_us: u64,
        sum_us: u128,
    ) -> Option<Self> {
        let mut histogram = Self::default();
        let (mut sum_min_us, mut sum_max_us) = (0_u128, 0_u128);
        for (bucket, count) in buckets {
            if bucket > bucket_of_max()
                || count == 0
                || histogram.count.checked_add(count).is_none()
            {
                return None;
            }
            histogram.add(bucket, count);
            sum_min_us += u128::from(bottom_us(bucket)) * u128::from(count);
            sum_max_us += u128::from(top_us(bucket)) * u128::from(count);
        }
        let first = histogram.buckets().next().map(|(bucket, _)| bucket);
        let last = histogram.buckets().last().map(|(bucket, _)| bucket);
        let fits = match (first, last) {
            (Some(first), Some(last)) => {
                first == bucket(min_us)
                    && last == bucket(max_us)
                    && (sum_min_us..=sum_max_us).contains(&sum_us)
            }
            _ => min_us == 0 && max_us == 0 && sum_us == 0,
        };
        fits.then_some(Self { min_us, max_us, sum_us, ..histogram })
    }

    /// Returns the buckets that count anything with their counts, in order.
    pub fn buckets(&self) -> impl Iterator<Item = (u32, u64)> {
        (self.base..).zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// Returns the shortest and the longest latency that fall into a bucket, in microseconds; numbers beyond the
    /// last bucket stand for it.
    #[must_use]
    pub fn bucket_bounds_us(bucket: u32) -> (u64, u64) {
        let bucket = bucket.min(bucket_of_max());
        (bottom_us(bucket), top_us(bucket))
    }

    /// Returns how many latencies were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the shortest latency to the microsecond, or nothing if none was counted.
    #[must_use]
    pub fn min_us(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min_us)
    }

    /// Returns the longest latency to the microsecond, or nothing if none was counted.
    #[must_use]
    pub fn max_us(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max_us)
    }

    /// Returns the sum of all latencies, in microseconds.
    #[must_use]
    pub fn sum_us(&self) -> u128 {
        self.sum_us
    }

    /// Returns the mean latency in microseconds, rounded down; nothing if none was counted.
    #[must_use]
    pub fn mean_us(&self) -> Option<u64> {
        let mean = self.sum_us.checked_div(u128::from(self.count))?;
        u64::try_from(mean).ok()
    }

    /// Returns the shortest latency that so many of a thousand don't exceed, rounded up to its bucket by
    /// less than one percent; nothing if none was counted.
    ///
    /// # Panics
    ///
    /// If `permille` is not between 1 and 1000.
    #[must_use]
    pub fn quantile_us(&self, permille: u16) -> Option<u64> {
        assert!((1..=1_000).contains(&permille), "a quantile is between 1 and 1000 of a thousand");
        let rank = (u128::from(self.count) * u128::from(permille)).div_ceil(1_000);
        let mut seen = 0;
        for (bucket, count) in self.buckets() {
            seen += u128::from(count);
            if seen >= rank {
                return Some(self.max_us.min(top_us(bucket)));
            }
        }
        None
    }

    /// Returns how many latencies lie in buckets that end here or before; exactly those that are not longer
    /// where a bucket ends here, as before each power of two.
    #[must_use]
    pub fn count_up_to(&self, latency_us: u64) -> u64 {
        let ends_before = |(bucket, _): &(u32, u64)| top_us(*bucket) <= latency_us;
        self.buckets().take_while(ends_before).map(|(_, count)| count).sum()
    }

    fn add(&mut self, bucket: u32, count: u64) {
        if self.counts.is_empty() {
            self.base = bucket;
        }
        let in_front = self.base.saturating_sub(bucket);
        if in_front > 0 {
            let zeros = std::iter::repeat_n(0, index(in_front));
            self.counts.splice(..0, zeros);
            self.base = bucket;
        }
        let position = index(bucket - self.base);
        if self.counts.len() <= position {
            self.counts.resize(position + 1, 0);
        }
        if let Some(held) = self.counts.get_mut(position) {
            *held += count;
        }
        self.count += count;
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).expect("there are fewer buckets than a process has memory")
}

/// The number of a latency's bucket.
fn bucket(latency_us: u64) -> u32 {
    let significant_bits = u64::BITS - latency_us.leading_zeros();
    let coarse_bits = significant_bits.saturating_sub(PRECISION_BITS + 1);
    let within = u32::try_from(latency_us >> coarse_bits).expect("eight bits fit into 32");
    coarse_bits * (1 << PRECISION_BITS) + within
}

fn bucket_of_max() -> u32 {
    bucket(u64::MAX)
}

/// Returns the shortest and the longest latency in a bucket.
pub(super) fn bounds_us(bucket: u32) -> (u64, u64) {
    (bottom_us(bucket), top_us(bucket))
}

/// The shortest latency in a bucket.
fn bottom_us(bucket: u32) -> u64 {
    let number = u64::from(bucket);
    if number < 2 * BUCKETS_PER_OCTAVE {
        return number;
    }
    let coarse_bits = number / BUCKETS_PER_OCTAVE - 1;
    (number % BUCKETS_PER_OCTAVE + BUCKETS_PER_OCTAVE) << coarse_bits
}

/// The longest latency in a bucket.
fn top_us(bucket: u32) -> u64 {
    if bucket == bucket_of_max() { u64::MAX } else { bottom_us(bucket + 1) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(latencies_us: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        latencies_us.into_iter().for_each(|latency_us| histogram.record(latency_us));
        histogram
    }

    #[track_caller]
    fn check(latencies_us: impl IntoIterator<Item = u64>, permille: u16, expected: u64) {
        assert_eq!(histogram(latencies_us).quantile_us(permille), Some(expected));
    }

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        check(1..=100, 500, 50);
        check(1..=100, 900, 90);
        check(1..=100, 990, 99);
        check(1..=100, 999, 100);
        check(1..=100, 1_000, 100);
        check([7], 1, 7);
        check([1, 2, 3], 500, 2);
        check([1, 2, 3, 200], 750, 3);
        check([1, 2, 3, 200], 751, 200);
    }

    #[test]
    fn the_order_of_latencies_does_not_matter() {
        check([200, 3, 1, 2], 750, 3);
    }

    #[test]
    fn a_quantile_never_exceeds_the_longest_latency() {
        check([1_000_001], 500, 1_000_001);
        check([1_000_001], 1_000, 1_000_001);
    }

    #[test]
    fn a_bucket_holds_its_latencies_and_is_narrow() {
        for shift in 0..u64::BITS {
            for latency_us in
                [1_u64 << shift, (1 << shift) | (1 << shift >> 1), u64::MAX >> shift, 0]
            {
                let bucket = bucket(latency_us);
                let (bottom_us, top_us) = (bottom_us(bucket), top_us(bucket));
                assert!((bottom_us..=top_us).contains(&latency_us), "{latency_us}");
                assert!(top_us - bottom_us <= latency_us / 128, "{latency_us}");
            }
        }
    }

    #[test]
    fn buckets_follow_each_other_without_gap() {
        for number in 0..bucket_of_max() {
            assert_eq!(bucket(top_us(number)), number);
            assert_eq!(bucket(top_us(number) + 1), number + 1);
        }
    }

    #[test]
    fn short_latencies_are_exact() {
        for latency_us in 0..256 {
            let number = bucket(latency_us);
            assert_eq!((u64::from(number), top_us(number)), (latency_us, latency_us));
        }
        assert_eq!((bucket(256), bucket(257), top_us(256)), (256, 256, 257));
    }

    #[test]
    fn what_is_not_longer_is_counted_exactly_where_a_bucket_ends() {
        let histogram = histogram([0, 1_023, 1_024, 1_535, 1_536]);
        let counts = [0, 1_022, 1_023, 1_535, u64::MAX].map(|us| histogram.count_up_to(us));
        assert_eq!(counts, [1, 1, 2, 4, 5]);
    }

    #[test]
    fn merging_is_the_same_as_counting_together() {
        let mut merged = histogram([1, 300, 70_000]);
        merged.merge(&histogram([301, 5]));
        assert_eq!(merged, histogram([1, 5, 300, 301, 70_000]));
        assert_eq!((merged.count(), merged.mean_us()), (5, Some(14_121)));
        let mut empty = Histogram::default();
        empty.merge(&merged);
        assert_eq!(empty, merged);
        merged.merge(&Histogram::default());
        assert_eq!(empty, merged);
    }

    #[test]
    fn nothing_counted_has_no_quantile() {
        let empty = histogram([]);
        assert_eq!((empty.quantile_us(500), empty.min_us(), empty.max_us()), (None, None, None));
        assert_eq!(empty.mean_us(), None);
        assert_eq!(histogram([0]).max_us(), Some(0));
    }

    #[test]
    fn a_histogram_survives_being_taken_apart() {
        for histogram in [histogram([]), histogram([0]), histogram([5, 300, 301, u64::MAX])] {
            let parts: Vec<_> = histogram.buckets().collect();
            let (min_us, max_us) =
                (histogram.min_us().unwrap_or(0), histogram.max_us().unwrap_or(0));
            let again = Histogram::from_parts(parts, min_us, max_us, histogram.sum_us());
            assert_eq!(again, Some(histogram));
        }
    }

    #[test]
    fn parts_that_contradict_each_other_are_no_histogram() {
        assert_eq!(Histogram::from_parts([(5, 1)], 6, 6, 6), None, "another bucket");
        assert_eq!(Histogram::from_parts([(5, 2)], 5, 5, 9), None, "too small a sum");
        assert_eq!(Histogram::from_parts([(5, 0)], 0, 0, 0), None, "a count of nothing");
        assert_eq!(Histogram::from_parts([(u32::MAX, 1)], 0, 0, 0), None, "no such bucket");
        assert_eq!(Histogram::from_parts([], 0, 1, 0), None, "a maximum of nothing");
        let many = [(5, u64::MAX), (6, 1)];
        assert_eq!(Histogram::from_parts(many, 5, 6, u128::from(u64::MAX) * 5 + 6), None);
    }
}
