//! How a run is cancelled, in two steps.

use tokio_util::sync::CancellationToken;

/// The tokens that cancel a run; clones share them.
///
/// A request that was dropped on its way could still create something on the target after cleaning up had looked
/// for it. So a run checks its token between two requests and waits for every request that it has started; each of
/// them has a deadline.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    /// Ends the work: no further request starts, and the run cleans up.
    pub work: CancellationToken,
    /// Ends cleaning up, too: the rest is left to a sweep.
    pub clean_up: CancellationToken,
}
