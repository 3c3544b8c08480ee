//! One request on its way: built, signed, sent within its limits, and read to the last byte.

pub(crate) mod circuit_breaker;
pub(crate) mod encode;
pub(crate) mod rate_limit;
pub(crate) mod request;
pub(crate) mod sdk;
pub(crate) mod secrets;
pub(crate) mod sign;
pub(crate) mod trace;
pub(crate) mod transport;

pub use self::rate_limit::{RateLimiter, SendPermit};

use stspec_verdict::Observation;

/// The text at a path of an observation; `None` if the path leads nowhere or to no text.
pub(crate) fn text_at(observation: &Observation, path: &str) -> Option<String> {
    let path = stspec_scenario::Path::parse(path).ok()?;
    observation.find(&path).and_then(|found| found.text().map(str::to_owned))
}
