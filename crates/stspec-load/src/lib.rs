//! Load profiles: the calls of a profile sent by many users at once, and every answer judged.
//!
//! A target under load does not only get slow, it may get *wrong*: so a request that got no answer (an
//! error) and one whose answer is not as the profile expects (a wrong answer) are counted apart, and
//! either of them fails the profile.
//!
//! The loop is closed: a user sends its next request when the last one was answered, so a target that
//! stalls is asked less often meanwhile, and the percentiles show the stall as few long answers. They
//! say how long answers took, not how long callers at a fixed rate would have waited.
//!
//! Start at [`run()`](run).

mod attack;
mod budget;
mod engine;
mod run;

mod histogram;
mod observation;
mod render;

mod error;

pub use budget::{Ending, RUN_SECONDS_MAX};
pub use error::{AttackError, LoadError};
pub use histogram::Histogram;
pub use observation::{CallLoad, EXAMPLES_MAX, LoadObservation};
pub use render::render;
pub use run::{LoadRun, run};
