//! Slots for connections: a bounded number, of which the longest idle one is given up for a new one.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// Pause before looking again for an idle connection, where every one has a request in hand.
///
/// Each of them ends within the timeouts of [`crate::Limits`]; the pause only bounds how long one
/// that stays open after its request is overlooked.
const ALL_BUSY_PAUSE: Duration = Duration::from_millis(10);

/// In place of a turn: the connection has a request in hand.
const WORKING: u64 = 0;

/// In place of a turn: an answer is on its way out.
const ANSWERING: u64 = 1;

/// The first turn.
const TURN_FIRST: u64 = 2;

/// What a connection tells of itself: whether it rests, since which turn, and how it will end.
///
/// Turns come from one counter, so that the lowest turn rests longest; no clock is asked.
#[derive(Debug)]
pub(super) struct ConnectionActivity {
    turns: Arc<AtomicU64>,
    resting_since: AtomicU64,
    body_refused: AtomicBool,
}

/// A request in hand, until it is dropped; from then on its answer is on the way out.
pub(super) struct RequestGuard<'a>(&'a ConnectionActivity);

impl ConnectionActivity {
    fn new(turns: &Arc<AtomicU64>) -> Self {
        let activity = Self {
            turns: Arc::clone(turns),
            resting_since: AtomicU64::new(WORKING),
            body_refused: AtomicBool::new(false),
        };
        activity.rest();
        activity
    }

    /// Marks the connection as one that must not be given up.
    pub(super) fn guard(&self) -> RequestGuard<'_> {
        self.resting_since.store(WORKING, Ordering::Relaxed);
        RequestGuard(self)
    }

    /// Notes that everything written so far has left: an answered connection rests.
    pub(super) fn flushed(&self) {
        if self.resting_since.load(Ordering::Relaxed) == ANSWERING {
            self.rest();
        }
    }

    /// Notes that the connection ends with a body that nobody will read.
    pub(super) fn refuse_body(&self) {
        self.body_refused.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending when the connection ends.
    pub(super) fn body_refused(&self) -> bool {
        self.body_refused.load(Ordering::Relaxed)
    }

    fn rest(&self) {
        self.resting_since.store(self.turns.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The turn since which it rests; nothing while it works or answers.
    fn resting_since(&self) -> Option<u64> {
        Some(self.resting_since.load(Ordering::Relaxed)).filter(|turn| *turn >= TURN_FIRST)
    }
}

impl Drop for RequestGuard<'_> {
    fn drop(&mut self) {
        self.0.resting_since.store(ANSWERING, Ordering::Relaxed);
    }
}

/// The open connections, each a task.
///
/// A client that holds connections without asking anything, or that sends a head and never ends
/// it, takes no place from others: it is closed when the place is needed. Only a connection with a
/// whole head in hand keeps its place, and for that the timeouts bound the time.
// INVARIANT: `open` has an entry for every task of `tasks` that was not told to close.
pub(super) struct ConnectionSlots {
    max: usize,
    turns: Arc<AtomicU64>,
    tasks: JoinSet<()>,
    open: HashMap<Id, (AbortHandle, Arc<ConnectionActivity>)>,
}

impl ConnectionSlots {
    /// No connections yet.
    pub(super) fn new(max: usize) -> Self {
        let turns = Arc::new(AtomicU64::new(TURN_FIRST));
        Self { max, turns, tasks: JoinSet::new(), open: HashMap::new() }
    }

    /// Gives a place to a connection, which waits only where all others have a request in hand.
    pub(super) async fn take<F>(&mut self, serve: impl FnOnce(Arc<ConnectionActivity>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.forget_closed();
        while self.open.len() >= self.max && !self.close_longest_resting() {
            // Passes early where a connection ends in the meantime.
            let _ = tokio::time::timeout(ALL_BUSY_PAUSE, self.closed()).await;
        }
        let activity = Arc::new(ConnectionActivity::new(&self.turns));
        let task = self.tasks.spawn(serve(Arc::clone(&activity)));
        self.open.insert(task.id(), (task, activity));
    }

    /// Closes the connection that has rested longest, and tells whether there was one.
    ///
    /// A request that arrives on it at this very moment is lost with it, as everywhere that idle
    /// connections are closed; clients send such a request again.
    pub(super) fn close_longest_resting(&mut self) -> bool {
        let resting = self
            .open
            .values()
            .filter_map(|(task, activity)| activity.resting_since().map(|turn| (turn, task)));
        let Some((_, longest)) = resting.min_by_key(|(turn, _)| *turn) else { return false };
        let id = longest.id();
        longest.abort();
        self.open.remove(&id);
        true
    }

    /// Waits until every connection has been closed.
    pub(super) async fn all_closed(&mut self) {
        while !self.tasks.is_empty() {
            self.closed().await;
        }
    }

    fn forget_closed(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.forget(&ended);
        }
    }

    /// Waits until some connection has been closed.
    pub(super) async fn closed(&mut self) {
        if let Some(ended) = self.tasks.join_next_with_id().await {
            self.forget(&ended);
        }
    }

    fn forget(&mut self, ended: &Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.open.remove(&id);
    }
}
