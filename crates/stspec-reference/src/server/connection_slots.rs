//! Slots for connections: a bounded number, of which the longest idle one is given up for a new one.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// Pause before looking again for an idle connection, if all of them are handling requests.
///
/// Each of them ends within the timeouts of [`crate::Limits`]; the pause only bounds how long one
/// that stays open after its request is overlooked.
const ALL_BUSY_PAUSE: Duration = Duration::from_millis(10);

/// The connection is handling a request.
const WORKING: u64 = 0;

/// The connection is writing an answer.
const ANSWERING: u64 = 1;

/// The first tick at which a connection can be idle.
const TICK_FIRST: u64 = 2;

/// What one connection does: whether it is idle, since which tick, and how it will end.
///
/// Ticks come from one counter, so the lowest tick has been idle longest; no clock is read.
#[derive(Debug)]
pub(super) struct ConnectionActivity {
    ticks: Arc<AtomicU64>,
    idle_since: AtomicU64,
    body_refused: AtomicBool,
}

/// A request that is being handled, until it is dropped; from then on its answer is being written.
pub(super) struct RequestGuard<'a>(&'a ConnectionActivity);

impl ConnectionActivity {
    fn new(ticks: &Arc<AtomicU64>) -> Self {
        let activity = Self {
            ticks: Arc::clone(ticks),
            idle_since: AtomicU64::new(WORKING),
            body_refused: AtomicBool::new(false),
        };
        activity.set_idle();
        activity
    }

    /// Marks the connection as one that must not be given up.
    pub(super) fn guard(&self) -> RequestGuard<'_> {
        self.idle_since.store(WORKING, Ordering::Relaxed);
        RequestGuard(self)
    }

    /// Notes that everything written so far has left: an answered connection is idle.
    pub(super) fn flushed(&self) {
        if self.idle_since.load(Ordering::Relaxed) == ANSWERING {
            self.set_idle();
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

    fn set_idle(&self) {
        self.idle_since.store(self.ticks.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The tick since which it is idle; `None` while it handles a request or writes an answer.
    fn idle_since(&self) -> Option<u64> {
        Some(self.idle_since.load(Ordering::Relaxed)).filter(|tick| *tick >= TICK_FIRST)
    }
}

impl Drop for RequestGuard<'_> {
    fn drop(&mut self) {
        self.0.idle_since.store(ANSWERING, Ordering::Relaxed);
    }
}

/// The open connections, each a task.
///
/// A client that keeps connections without sending anything, or that sends a head and never ends
/// it, takes no slot from others: it is closed when the slot is needed. Only a connection with a
/// complete head keeps its slot, and the timeouts bound that time.
// INVARIANT: `open` has an entry for every task of `tasks` that was not aborted.
pub(super) struct ConnectionSlots {
    max: usize,
    ticks: Arc<AtomicU64>,
    tasks: JoinSet<()>,
    open: HashMap<Id, (AbortHandle, Arc<ConnectionActivity>)>,
}

impl ConnectionSlots {
    /// No connections yet.
    pub(super) fn new(max: usize) -> Self {
        let ticks = Arc::new(AtomicU64::new(TICK_FIRST));
        Self { max, ticks, tasks: JoinSet::new(), open: HashMap::new() }
    }

    /// Gives a slot to a connection; it waits only while all others are handling requests.
    pub(super) async fn take<F>(&mut self, serve: impl FnOnce(Arc<ConnectionActivity>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.forget_closed();
        while self.open.len() >= self.max && !self.close_longest_idle() {
            // Passes early where a connection ends in the meantime.
            let _ = tokio::time::timeout(ALL_BUSY_PAUSE, self.closed()).await;
        }
        let activity = Arc::new(ConnectionActivity::new(&self.ticks));
        let task = self.tasks.spawn(serve(Arc::clone(&activity)));
        self.open.insert(task.id(), (task, activity));
    }

    /// Closes the connection that has been idle longest; `false` if none is idle.
    ///
    /// A request that arrives on it at this very moment is lost with it, as everywhere that idle
    /// connections are closed; clients send such a request again.
    pub(super) fn close_longest_idle(&mut self) -> bool {
        let idle = self
            .open
            .values()
            .filter_map(|(task, activity)| activity.idle_since().map(|tick| (tick, task)));
        let Some((_, longest)) = idle.min_by_key(|(tick, _)| *tick) else { return false };
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
