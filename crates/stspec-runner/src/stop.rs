//! A wish to end the run, heeded between two requests and never in the middle of one.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody asked the run to end.
///
/// A request that was dropped on its way could still make something on the target after cleaning
/// up had looked for it, so every request that was started is waited for; each has a deadline.
#[derive(Debug, Default)]
pub(crate) struct Stop(AtomicBool);

impl Stop {
    /// Asks the run to end.
    pub(crate) fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
