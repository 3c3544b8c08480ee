//! One round of load: a whole shape, or one rate of a search. Here is what its users share, and what it came to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stspec_measure::{CallLoad, CpuShare, Ending, Series, TimedCounts};
use stspec_runner::{ProvisionedTarget, ReadyCalls};
use stspec_scenario::{LoadShape, Open, Profile, Stage};
use stspec_verdict::Issued;

use crate::budget::Budget;
use crate::judged_call::JudgedCall;
use crate::mix::Mix;
use crate::recorder::Recorder;
use crate::schedule::closed::ClosedSchedule;
use crate::schedule::commanded::CommandedUsers;
use crate::schedule::open::Starts;
use crate::uniqueness::SeenCredentials;

/// The shape of one round.
pub(crate) struct RoundShape<'a> {
    pub(crate) stages: &'a [Stage],
    /// Present in an open shape.
    pub(crate) open: Option<Open>,
    pub(crate) warm_up: Duration,
    /// The rate of a search that this round is for.
    pub(crate) level: Option<u32>,
    /// Which users are active, if a master commands them.
    pub(crate) commanded: Option<Arc<CommandedUsers>>,
}

/// What one round came to.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) calls: Vec<CallLoad>,
    pub(crate) series: Series,
    pub(crate) observed: TimedCounts,
    pub(crate) cpu: Option<CpuShare>,
    pub(crate) ending: Ending,
}

/// What all users of a round share.
pub(crate) struct RoundState {
    pub(crate) target: Arc<ProvisionedTarget>,
    pub(crate) calls: Arc<ReadyCalls>,
    pub(crate) judged: Arc<Vec<JudgedCall>>,
    /// How many calls prepare a user; they are the first ones.
    pub(crate) preparing: usize,
    pub(crate) mix: Mix,
    pub(crate) budget: Budget,
    pub(crate) recorder: Recorder,
    /// The credentials of the whole run, of which this round may be a part.
    pub(crate) seen_credentials: Arc<Mutex<SeenCredentials>>,
    /// Which users are active when, in a closed shape.
    pub(crate) closed: ClosedSchedule,
    /// Which users are active at all, if a master commands them.
    pub(crate) commanded: Option<Arc<CommandedUsers>>,
    /// When iterations start, in an open shape.
    pub(crate) starts: Option<Arc<Starts>>,
    pub(crate) engine_wants_reports: bool,
    pub(crate) users: AtomicUsize,
}

impl<'a> RoundShape<'a> {
    /// The only round of a profile that does not search for a knee.
    pub(crate) fn whole(profile: &'a Profile) -> Self {
        let open = match &profile.shape {
            LoadShape::Rate(rate) => Some(rate.open),
            LoadShape::Users(_) | LoadShape::Knee(_) => None,
        };
        let warm_up = Duration::from_millis(profile.warm_up_ms);
        Self { stages: profile.shape.stages(), open, warm_up, level: None, commanded: None }
    }

    /// The largest number of users at the same time.
    pub(crate) fn users(&self) -> u32 {
        match self.open {
            Some(open) => open.connections,
            None => self.stages.iter().map(|stage| stage.to).max().unwrap_or(1),
        }
    }

    /// How long the stages take; zero if only a number of iterations ends them.
    pub(crate) fn duration(&self) -> Duration {
        let ms = self.stages.iter().map(|stage| stage.over_ms + stage.hold_ms).sum();
        Duration::from_millis(ms)
    }
}

impl RoundState {
    /// The number of a new user.
    pub(crate) fn next_user(&self) -> usize {
        self.users.fetch_add(1, Ordering::Relaxed)
    }

    /// Remembers credentials; returns which part of them was issued before, if any.
    pub(crate) fn check_unique(&self, issued: &Issued<'_>) -> Option<&'static str> {
        self.seen_credentials.lock().unwrap_or_else(PoisonError::into_inner).insert(issued)
    }

    /// Stops every further iteration from starting.
    pub(crate) fn close(&self) {
        self.budget.close();
    }

    /// Waits until the last start was handed out, or no further iteration may begin; then nobody waits for starts.
    pub(crate) async fn starts_handed_out(&self) {
        let Some(starts) = &self.starts else { return self.budget.over().await };
        tokio::select! {
            () = self.budget.over() => starts.close(),
            () = starts.closed() => {}
        }
    }
}
