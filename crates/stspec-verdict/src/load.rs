//! What a target did under load, and whether that is within a profile's limits.

mod histogram;
mod quick;
mod record;
mod threshold;

pub use histogram::Histogram;
pub use quick::{Issued, QuickJudge, Quickly};
pub use record::{
    CallLoad, CpuShare, CredentialsSeen, EXAMPLES_MAX, Ending, GeneratorRecord, Level, LoadCounts,
    LoadRecord, Machine, Offered, Second, TimedCounts,
};
pub use threshold::{Held, check_thresholds};
