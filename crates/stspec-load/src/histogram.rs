//! Latencies as counts in buckets, precise to less than one percent however long they get.

use std::collections::BTreeMap;

/// How many bits of a latency are kept after its first; a bucket is 1/128 of its values wide.
const PRECISION_BITS: u32 = 7;

/// Latencies in microseconds, counted in buckets.
///
/// Which bucket a latency falls into depends on the latency alone, so two histograms are merged by
/// adding their counts and nothing is lost.
// INVARIANT: the keys of `buckets` are results of `bucket_top_us`, their counts are at least 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Counts by the longest latency that falls into the bucket.
    buckets: BTreeMap<u64, u64>,
    max_us: u64,
}

impl Histogram {
    /// Counts a latency.
    pub fn record(&mut self, latency_us: u64) {
        *self.buckets.entry(bucket_top_us(latency_us)).or_default() += 1;
        self.max_us = self.max_us.max(latency_us);
    }

    /// Counts what another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        for (top_us, count) in &other.buckets {
            *self.buckets.entry(*top_us).or_default() += count;
        }
        self.max_us = self.max_us.max(other.max_us);
    }

    /// Returns how many latencies were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// Returns the longest latency to the microsecond, or nothing if none was counted.
    #[must_use]
    pub fn max_us(&self) -> Option<u64> {
        (!self.buckets.is_empty()).then_some(self.max_us)
    }

    /// Returns the shortest latency that `percent` of all don't exceed, rounded up to its bucket by less
    /// than one percent; nothing if none was counted.
    ///
    /// # Panics
    ///
    /// If `percent` is not between 1 and 100.
    #[must_use]
    pub fn percentile_us(&self, percent: u8) -> Option<u64> {
        assert!((1..=100).contains(&percent), "a percentile is between 1 and 100");
        let rank = (self.count() * u64::from(percent)).div_ceil(100);
        let mut seen = 0;
        for (top_us, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return Some(self.max_us.min(*top_us));
            }
        }
        None
    }
}

/// The longest latency in the bucket of this one: the bits after the precise ones are set.
fn bucket_top_us(latency_us: u64) -> u64 {
    let significant_bits = u64::BITS - latency_us.leading_zeros();
    let coarse_bits = significant_bits.saturating_sub(PRECISION_BITS + 1);
    latency_us | ((1 << coarse_bits) - 1)
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
    fn check(latencies_us: impl IntoIterator<Item = u64>, percent: u8, expected: u64) {
        assert_eq!(histogram(latencies_us).percentile_us(percent), Some(expected));
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        check(1..=100, 50, 50);
        check(1..=100, 90, 90);
        check(1..=100, 99, 99);
        check(1..=100, 100, 100);
        check([7], 1, 7);
        check([1, 2, 3], 50, 2);
        check([1, 2, 3, 200], 75, 3);
        check([1, 2, 3, 200], 76, 200);
    }

    #[test]
    fn the_order_of_latencies_does_not_matter() {
        check([200, 3, 1, 2], 75, 3);
    }

    #[test]
    fn a_percentile_never_exceeds_the_longest_latency() {
        check([1_000_001], 50, 1_000_001);
        check([1_000_001], 100, 1_000_001);
    }

    #[test]
    fn a_bucket_is_wide_by_less_than_one_percent() {
        for shift in 0..u64::BITS {
            for latency_us in [1_u64 << shift, (1 << shift) | (1 << shift >> 1), u64::MAX >> shift]
            {
                let top_us = bucket_top_us(latency_us);
                assert!(top_us >= latency_us, "{latency_us}");
                assert!(top_us - latency_us <= latency_us / 128, "{latency_us}: {top_us}");
                assert_eq!(bucket_top_us(top_us), top_us, "{latency_us}");
            }
        }
    }

    #[test]
    fn short_latencies_are_exact() {
        for latency_us in 0..256 {
            assert_eq!(bucket_top_us(latency_us), latency_us);
        }
        assert_eq!(bucket_top_us(256), 257);
    }

    #[test]
    fn merging_is_the_same_as_counting_together() {
        let mut merged = histogram([1, 300, 70_000]);
        merged.merge(&histogram([301, 5]));
        assert_eq!(merged, histogram([1, 5, 300, 301, 70_000]));
        assert_eq!(merged.count(), 5);
    }

    #[test]
    fn nothing_counted_has_no_percentile() {
        assert_eq!(histogram([]).percentile_us(50), None);
        assert_eq!(histogram([]).max_us(), None);
        assert_eq!(histogram([0]).max_us(), Some(0));
    }
}
