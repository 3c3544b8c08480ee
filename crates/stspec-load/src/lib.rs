//! Load profiles: turns taken by many users at once, and every answer judged.
//!
//! A target under load does not only get slow, it may get *wrong*: so a request that got no answer (an
//! error) and one whose answer is not as the profile expects (a wrong answer) are counted apart, and
//! each has its threshold.
//!
//! A shape of `users` is a closed loop: a user sends its next request when the last one was answered, so a
//! target that stalls is asked less often meanwhile, and the percentiles show the stall as few long answers.
//! A shape of `rate` is open: starts come from a clock, whatever the target does, and a latency
//! begins when the turn was to start, so it holds what a caller at that rate would have waited.
//!
//! Start at [`run()`](run).

mod attack;
mod budget;
mod distinct;
mod duty;
mod engine;
mod error;
mod field;
#[cfg(feature = "locust")]
pub mod locust;
mod machine;
mod pacer;
mod recorder;
mod run;
mod search;
mod share;
#[cfg(feature = "bench-stages")]
pub mod stages;
mod user;

pub use budget::RUN_SECONDS_MAX;
pub use engine::EngineView;
pub use error::{AttackError, LoadError};
pub use machine::REFERENCE_THREAD;
pub use run::{LoadOptions, LoadRun, Progress, Watcher, run};
pub use share::START_WAIT_MAX;
pub use stspec_measure::Caps;
