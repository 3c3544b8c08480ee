//! What a target did under load, measured: latencies, counts, series, and whether they are within a profile's limits.
//!
//! Everything here is pure: no socket, no clock, no file. A generator fills a [`Histogram`] and a [`Series`]; a
//! [`LoadRecord`] holds what a report needs; [`merge()`] adds the records of several generators, and [`compare()`]
//! compares the records of two targets.
//!
//! Start at [`LoadRecord`].

mod call;
mod caps;
mod compare;
mod counts;
#[cfg(test)]
mod examples;
mod generator;
mod histogram;
mod merge;
mod record;
mod saturation;
mod series;
mod share;
mod threshold;

pub use call::{CallLoad, EXAMPLES_MAX};
pub use caps::Caps;
pub use compare::{
    CallChange, Change, Compared, Comparison, Metric, NotComparable, TOLERANCE_PER_MILLION, compare,
};
pub use counts::{CROWDED_PERCENT_MIN, LoadCounts, Offered, Second, TimedCounts};
pub use generator::{CpuShare, GeneratorRecord, Machine};
pub use histogram::Histogram;
pub use merge::{MergeError, SHARDS_MAX, merge};
pub use record::{CredentialsSeen, Ending, Level, LoadRecord, Shard};
pub use saturation::{
    GENERATOR_CPU_PERCENT_MAX, LAG_OF_MEDIAN_DIVISOR, LAG_P99_US_MAX, MACHINE_CPU_PERCENT_MAX,
    MEASURED_GENERATOR, MEASURED_MACHINE, crowding, saturation,
};
pub use series::{PARTS_MAX, Series};
pub use share::{BadShare, SHARES_MAX, Share};
pub use threshold::{Held, check_thresholds};
