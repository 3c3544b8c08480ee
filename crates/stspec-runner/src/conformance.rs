//! The scenarios of rules: set up, run step by step, judged.

pub(crate) mod context;
pub(crate) mod play;
mod replicas;
mod scenario_run;
mod set_up;
mod step;

pub use self::scenario_run::credentials_in;
