//! The one place where the harness asks what time it is.

use std::time::SystemTime;

use jiff::Timestamp;

/// Tells the time; passed to whatever signs or names by time, so that a test can choose it.
#[derive(Debug, Clone, Copy)]
pub struct Clock(fn() -> SystemTime);

impl Clock {
    /// The computer's clock.
    #[must_use]
    pub const fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that everything else is handed"
        )]
        fn now() -> SystemTime {
            SystemTime::now()
        }
        Self(now)
    }

    /// A clock that this function reads.
    #[must_use]
    pub const fn reading(now: fn() -> SystemTime) -> Self {
        Self(now)
    }

    /// The time as signers take it.
    pub(crate) fn system_time(self) -> SystemTime {
        (self.0)()
    }

    /// The time for records and reports; the epoch for a clock set before it can count.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::try_from(self.system_time()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
