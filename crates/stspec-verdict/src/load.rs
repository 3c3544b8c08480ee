//! What a target did under load, and whether that is within a profile's limits.

mod caps;
mod compare;
mod histogram;
mod merge;
mod quick;
mod record;
mod saturation;
mod series;
mod share;
mod threshold;

pub use caps::Caps;
pub use compare::{
    CallChange, Change, Compared, Comparison, Metric, NotComparable, TOLERANCE_PER_MILLION, compare,
};
pub use histogram::Histogram;
pub use merge::{MergeError, SHARDS_MAX, merge};
pub use quick::{Issued, QuickJudge, Quickly};
pub use record::{
    CROWDED_PERCENT_MIN, CallLoad, CpuShare, CredentialsSeen, EXAMPLES_MAX, Ending,
    GeneratorRecord, Level, LoadCounts, LoadRecord, Machine, Offered, Second, Shard, TimedCounts,
};
pub use saturation::{
    GENERATOR_CPU_PERCENT_MAX, LAG_OF_MEDIAN_DIVISOR, LAG_P99_US_MAX, MACHINE_CPU_PERCENT_MAX,
    MEASURED_GENERATOR, MEASURED_MACHINE, crowding, saturation,
};
pub use series::{PARTS_MAX, Series};
pub use share::{BadShare, SHARES_MAX, Share};
pub use threshold::{Held, check_thresholds};
