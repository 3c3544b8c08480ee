//! What all users of an attack share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use stspec_runner::{ProvisionedTarget, ReadyCalls};
use stspec_verdict::Issued;

use crate::budget::Budget;
use crate::distinct::Distinct;
use crate::duty::{Crowd, Duty};
use crate::pacer::Starts;
use crate::recorder::Recorder;
use crate::user::JudgedCall;

/// What all users of an attack share.
pub(crate) struct Field {
    pub(crate) stand: Arc<ProvisionedTarget>,
    pub(crate) calls: Arc<ReadyCalls>,
    pub(crate) judged: Arc<Vec<JudgedCall>>,
    /// The numbers of the calls that prepare a user.
    pub(crate) preparing: Vec<usize>,
    pub(crate) mix: Mix,
    pub(crate) budget: Budget,
    pub(crate) recorder: Recorder,
    /// The credentials of the whole run, of which this attack may be a part.
    pub(crate) distinct: Arc<Mutex<Distinct>>,
    /// Who sends when, in a closed shape.
    pub(crate) duty: Duty,
    /// Who of them is wanted at all, where a master commands.
    pub(crate) crowd: Option<Arc<Crowd>>,
    /// Where turns start from, in an open shape.
    pub(crate) starts: Option<Arc<Starts>>,
    pub(crate) engine_wants_reports: bool,
    pub(crate) users: AtomicUsize,
}

/// Which turn is next, whoever takes it.
///
/// In each round every turn comes as often as its weight says, in an order that was drawn with the profile's
/// seed; so the shares are exact however few turns each user takes.
#[derive(Debug)]
pub(crate) struct Mix {
    /// The numbers of the calls of each turn.
    turns: Vec<Arc<[usize]>>,
    /// One round of turns.
    order: Vec<usize>,
    next: AtomicUsize,
}

impl Mix {
    /// Turns with their weights.
    pub(crate) fn new(turns: Vec<(u32, Vec<usize>)>, seed: u64) -> Self {
        let common = turns.iter().fold(0, |common, (weight, _)| divisor(common, *weight)).max(1);
        let mut order = Vec::new();
        for (number, (weight, _)) in turns.iter().enumerate() {
            let times = usize::try_from(weight / common).unwrap_or(usize::MAX);
            order.extend(std::iter::repeat_n(number, times));
        }
        fastrand::Rng::with_seed(seed).shuffle(&mut order);
        let turns = turns.into_iter().map(|(_, calls)| calls.into()).collect();
        Self { turns, order, next: AtomicUsize::new(0) }
    }

    /// The numbers of the calls of the next turn.
    pub(crate) fn next(&self) -> Arc<[usize]> {
        let position = self.next.fetch_add(1, Ordering::Relaxed) % self.order.len().max(1);
        let turn = self.order.get(position).and_then(|turn| self.turns.get(*turn));
        turn.cloned().unwrap_or_default()
    }
}

/// The greatest common divisor.
fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

impl Field {
    /// The number of a new user.
    pub(crate) fn next_user(&self) -> usize {
        self.users.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes credentials, and tells which part of them was handed out before, if any.
    pub(crate) fn note(&self, issued: &Issued<'_>) -> Option<&'static str> {
        self.distinct.lock().unwrap_or_else(PoisonError::into_inner).note(issued)
    }

    /// Waits until no further turn may begin.
    #[cfg_attr(not(feature = "locust"), expect(dead_code, reason = "a master is told"))]
    pub(crate) async fn until_closed(&self) {
        self.budget.over().await;
    }

    /// Lets no further turn begin.
    pub(crate) fn close(&self) {
        self.budget.close();
    }

    /// Waits until the last start was given out, or no further turn may begin; then nobody waits for starts.
    pub(crate) async fn given_out(&self) {
        let Some(starts) = &self.starts else { return self.budget.over().await };
        tokio::select! {
            () = self.budget.over() => starts.close(),
            () = starts.closed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(weights: &[u32], seed: u64, count: usize) -> Vec<usize> {
        let turns = weights.iter().enumerate().map(|(number, weight)| (*weight, vec![number]));
        let mix = Mix::new(turns.collect(), seed);
        (0..count).filter_map(|_| mix.next().first().copied()).collect()
    }

    #[test]
    fn every_round_has_each_turn_as_often_as_it_weighs() {
        let drawn = drawn(&[6, 3, 1], 7, 1_000);
        let count = |turn| drawn.iter().filter(|drawn| **drawn == turn).count();
        assert_eq!([count(0), count(1), count(2)], [600, 300, 100]);
    }

    #[test]
    fn weights_with_a_common_divisor_make_short_rounds() {
        assert_eq!(drawn(&[500, 500], 7, 2).iter().sum::<usize>(), 1);
    }

    #[test]
    fn the_order_depends_on_the_seed_alone() {
        assert_eq!(drawn(&[5, 5], 1, 50), drawn(&[5, 5], 1, 50));
        assert_ne!(drawn(&[5, 5], 1, 50), drawn(&[5, 5], 2, 50));
    }
}
