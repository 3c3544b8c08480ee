//! The directory as all connections share it: what is in effect, and what IAM shows.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::directory::Directory;
use super::propagation::Propagation;

/// The users, policies and roles behind a lock.
pub(crate) struct SharedDirectory {
    directory: RwLock<Directory>,
    /// What is in effect of the directory; `None` if changes are in effect at once.
    propagation: Option<Propagation>,
}

impl SharedDirectory {
    /// A directory whose changes take this long to be in effect.
    pub(crate) fn new(directory: Directory, propagation_delay: Duration) -> Self {
        let propagation = (!propagation_delay.is_zero())
            .then(|| Propagation::new(propagation_delay, directory.clone()));
        Self { directory: RwLock::new(directory), propagation }
    }

    /// The users and policies that are in effect.
    pub(crate) fn in_effect(&self) -> RwLockReadGuard<'_, Directory> {
        if let Some(propagation) = &self.propagation {
            return propagation.in_effect(Instant::now());
        }
        // A panic elsewhere leaves no half-made change behind that would matter more than service.
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The users and policies as IAM's own answers show them, for one change.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a change take effect, at once or after the delay.
    pub(crate) fn changed(&self, directory: &Directory) {
        if let Some(propagation) = &self.propagation {
            propagation.changed(Instant::now(), directory);
        }
    }
}
