//! Load profiles: many virtual users iterate at once, and every answer is judged.
//!
//! A target under load does not only get slow, it may get *wrong*: a request without an answer (an error) and one
//! with an unexpected answer (a wrong answer) are counted separately, and each has its threshold.
//!
//! A shape of `users` is a closed model: a user sends its next request when the last one was answered. A target that
//! stalls receives fewer requests meanwhile, and the percentiles show the stall as few long answers. A shape of
//! `rate` is an open model: a clock starts iterations, whatever the target does, and a latency begins at the
//! intended start, so it holds what a caller at that rate would have waited.
//!
//! Start at [`run()`](run).

#[cfg(feature = "bench-stages")]
#[doc(hidden)]
pub mod bench;
mod budget;
mod commanded;
mod engine;
mod error;
mod judged_call;
mod machine;
mod mix;
mod options;
mod recorder;
mod round;
mod run;
mod schedule;
mod search;
mod session;
mod share;
mod uniqueness;
mod user;

pub use budget::RUN_SECONDS_MAX;
pub use commanded::{Commanded, CommandedRound, CommandedSession, FinishedRound, run_commanded};
pub use engine::{EngineView, keep_ctrl_c};
pub use error::{EngineError, LoadError};
pub use machine::{CpuTimes, REFERENCE_THREAD, machine, memory_bytes};
pub use options::{LoadOptions, Progress, Watcher};
pub use run::{LoadRun, run};
pub use schedule::commanded::CommandedUsers;
pub use share::START_WAIT_MAX;
pub use stspec_measure::Caps;
