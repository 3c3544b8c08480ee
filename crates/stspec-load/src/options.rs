//! How a load is made, and how its progress is reported.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use stspec_measure::{Caps, LoadRecord, Second, Share};

use crate::engine::EngineView;

/// Receives the progress of a run.
pub type Watcher = Arc<dyn Fn(&Progress) + Send + Sync>;

/// How a run is made.
#[derive(Clone, Default)]
pub struct LoadOptions {
    /// The command-line arguments that select the same target again.
    pub arguments: String,
    /// The version of stspec.
    pub version: String,
    /// What the load engine shows by itself.
    pub view: EngineView,
    /// What the run may not exceed.
    pub caps: Caps,
    /// Called once a second with the progress.
    pub progress: Option<Watcher>,
    /// Which part of the load this process makes; the whole by default.
    pub share: Share,
    /// When the first iteration starts, so that several processes start together; `None` starts at once.
    pub start_at: Option<Timestamp>,
}

/// How far a run is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Since the first user was started.
    pub elapsed: Duration,
    /// How long the run takes, if its shape says.
    pub planned: Option<Duration>,
    /// The rate that a search tries now.
    pub level: Option<u32>,
    /// The last complete second.
    pub last_second: Second,
    /// What was recorded so far, without its seconds; of a search, only the rate that it tries now.
    pub record: LoadRecord,
}
