//! What happens while the runner works, as values: whoever shows them to a person finds the words.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use stspec_scenario::{RuleId, Service};
use stspec_verdict::Verdict;

/// Something that happened during a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEvent {
    /// A rule has its verdict.
    RuleFinished {
        /// Which rule.
        rule: RuleId,
        /// What it came to.
        verdict: Verdict,
        /// How many rules have finished, this one included.
        finished: usize,
        /// How many rules the run has.
        of: usize,
    },
    /// The run waits until a change is in effect on the target.
    Waiting {
        /// What was changed.
        change: AwaitedChange,
        /// How long it waits.
        time: Duration,
    },
    /// The target does not recognise a new access key yet; the run measures how long that takes.
    KeyNotRecognised,
    /// The target recognised a new access key, and the run waits this long after each change of IAM.
    SettleTimeMeasured {
        /// How long the key took.
        took: Duration,
        /// How long the run waits from now on.
        time: Duration,
    },
    /// The target did not recognise a new access key in time; the run goes on.
    KeyStillNotRecognised {
        /// Which key.
        access_key_id: String,
        /// How long the run waited for it.
        waited: Duration,
    },
    /// A control does not hold yet and is sent again.
    ControlRepeated {
        /// Which check.
        check: String,
    },
    /// The target asked for slower requests; one is held back.
    Throttled {
        /// Which service asked.
        service: Service,
        /// The error code with which it did.
        code: String,
        /// How long the request is held back.
        wait: Duration,
    },
    /// The credentials are about to expire and could not be refreshed.
    CredentialsNotRefreshed {
        /// Why not.
        reason: String,
    },
    /// The run removes what it created.
    CleaningUp {
        /// How many resources are in its ledger.
        resources: usize,
    },
}

/// A change that a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwaitedChange {
    /// The accounts that scenarios share.
    SharedAccounts,
    /// The user without policies who tries what the target declares.
    UserWithoutPolicies,
    /// The account of one scenario alone.
    AccountOf {
        /// Rule and scenario.
        scenario: String,
    },
    /// What the steps of a scenario changed.
    StepsOf {
        /// Rule and scenario.
        scenario: String,
    },
}

/// Is told what happens, from whichever task it happens in.
pub trait RunObserver: Send + Sync {
    /// Takes note of an event; must not block.
    fn observe(&self, event: &RunEvent);
}

/// The one observer of a run; clones share it.
#[derive(Clone)]
pub struct Events(Arc<dyn RunObserver>);

impl Events {
    /// Passes every event to this observer.
    pub fn to(observer: impl RunObserver + 'static) -> Self {
        Self(Arc::new(observer))
    }

    /// Passes events to nobody.
    #[must_use]
    pub fn ignored() -> Self {
        Self::to(Nobody)
    }

    /// Passes an event on.
    pub(crate) fn emit(&self, event: &RunEvent) {
        self.0.observe(event);
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Events").finish_non_exhaustive()
    }
}

struct Nobody;

impl RunObserver for Nobody {
    fn observe(&self, _event: &RunEvent) {}
}
