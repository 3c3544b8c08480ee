//! What all users of an attack share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use stspec_runner::{ReadyCalls, Stand};
use stspec_verdict::load::Issued;
use tokio::sync::Notify;

use crate::budget::Budget;
use crate::distinct::Distinct;
use crate::duty::Duty;
use crate::pacer::Starts;
use crate::recorder::Recorder;
use crate::user::JudgedCall;

/// What all users of an attack share.
pub(crate) struct Field {
    pub(crate) stand: Arc<Stand>,
    pub(crate) calls: Arc<ReadyCalls>,
    pub(crate) judged: Arc<Vec<JudgedCall>>,
    /// The numbers of the calls that prepare a user.
    pub(crate) preparing: Vec<usize>,
    /// The numbers of the calls of each turn.
    pub(crate) turns: Vec<Vec<usize>>,
    pub(crate) budget: Budget,
    pub(crate) recorder: Recorder,
    /// The credentials of the whole run, of which this attack may be a part.
    pub(crate) distinct: Arc<Mutex<Distinct>>,
    /// Who sends when, in a closed shape.
    pub(crate) duty: Duty,
    /// Wakes those who are not on duty when the end has come.
    pub(crate) closed: Notify,
    /// Where turns start from, in an open shape.
    pub(crate) starts: Option<Arc<Starts>>,
    pub(crate) engine_wants_reports: bool,
    pub(crate) users: AtomicUsize,
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

    /// Lets no further turn begin.
    pub(crate) fn close(&self) {
        self.budget.close();
        self.closed.notify_waiters();
        if let Some(starts) = &self.starts {
            starts.close();
        }
    }
}
