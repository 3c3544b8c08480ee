//! Which iteration comes next, by the weights of a profile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Draws the next iteration for any user.
///
/// In each cycle every entry comes as often as its weight says, in an order drawn with the profile's seed; so the
/// shares are exact even if each user makes few iterations.
#[derive(Debug)]
pub(crate) struct Mix {
    /// The numbers of the calls of each entry.
    entries: Vec<Arc<[usize]>>,
    /// One cycle of entries.
    order: Vec<usize>,
    next: AtomicUsize,
}

/// Calls that one iteration makes, with how often it comes beside others.
#[derive(Debug)]
pub(crate) struct WeightedCalls {
    pub(crate) weight: u32,
    /// The numbers of the calls.
    pub(crate) calls: Vec<usize>,
}

impl Mix {
    /// A mix of weighted entries.
    pub(crate) fn new(entries: Vec<WeightedCalls>, seed: u64) -> Self {
        let common = entries.iter().fold(0, |common, each| divisor(common, each.weight)).max(1);
        let mut order = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let times = usize::try_from(entry.weight / common).unwrap_or(usize::MAX);
            order.extend(std::iter::repeat_n(number, times));
        }
        fastrand::Rng::with_seed(seed).shuffle(&mut order);
        let entries = entries.into_iter().map(|entry| entry.calls.into()).collect();
        Self { entries, order, next: AtomicUsize::new(0) }
    }

    /// The numbers of the calls of the next iteration.
    pub(crate) fn next(&self) -> Arc<[usize]> {
        let position = self.next.fetch_add(1, Ordering::Relaxed) % self.order.len().max(1);
        let entry = self.order.get(position).and_then(|entry| self.entries.get(*entry));
        entry.cloned().unwrap_or_default()
    }
}

/// The greatest common divisor.
fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(weights: &[u32], seed: u64, count: usize) -> Vec<usize> {
        let entry = |(number, weight): (usize, &u32)| WeightedCalls {
            weight: *weight,
            calls: vec![number],
        };
        let mix = Mix::new(weights.iter().enumerate().map(entry).collect(), seed);
        (0..count).filter_map(|_| mix.next().first().copied()).collect()
    }

    #[test]
    fn every_cycle_has_each_entry_as_often_as_it_weighs() {
        let drawn = drawn(&[6, 3, 1], 7, 1_000);
        let count = |turn| drawn.iter().filter(|drawn| **drawn == turn).count();
        assert_eq!([count(0), count(1), count(2)], [600, 300, 100]);
    }

    #[test]
    fn weights_with_a_common_divisor_make_short_cycles() {
        assert_eq!(drawn(&[500, 500], 7, 2).iter().sum::<usize>(), 1);
    }

    #[test]
    fn the_order_depends_on_the_seed_alone() {
        assert_eq!(drawn(&[5, 5], 1, 50), drawn(&[5, 5], 1, 50));
        assert_ne!(drawn(&[5, 5], 1, 50), drawn(&[5, 5], 2, 50));
    }
}
