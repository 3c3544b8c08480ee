//! How a run is made, and how its requests are sent.

use std::time::Duration;

use jiff::civil::Date;

use crate::clock::Clock;
use crate::event::Events;

/// How long one request may take, from connecting to the last byte, unless its options say otherwise.
///
/// Source: ours; a signed request is answered within milliseconds, by AWS within a second.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(10);

/// How a run is made.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// What names the target on the command line again, for the report's hint on how to repeat a check.
    pub arguments: String,
    /// How many scenarios are played at once; at least 1.
    pub jobs: usize,
    /// The API revision that the rules were selected for.
    pub revision: Option<Date>,
    /// What time it is.
    pub clock: Clock,
    /// How long one request may take; [`DEADLINE_DEFAULT`](crate::DEADLINE_DEFAULT) for most targets.
    pub deadline: Duration,
    /// Whether time may pass for real.
    pub pace: Pace,
    /// What the record is for.
    pub purpose: Purpose,
    /// The seed of the order in which scenarios are played; the rules' own order without.
    pub shuffle: Option<u64>,
    /// Whether every exchange is kept.
    pub traced: bool,
    /// Where events of the run go.
    pub events: Events,
}

/// What the record of a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody reads it: exchanges are kept, and the target is left as it was found.
    Report,
    /// Only its verdicts count, and the target is thrown away: exchanges are not kept, and nothing is
    /// removed.
    Verdicts,
}

/// Whether a run waits where a rule needs time to pass and the target's clock can't be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It doesn't: such scenarios are `unsupported`.
    Quick,
    /// It does, at least for the 15 minutes of the shortest session.
    Slow,
}

/// How requests are made.
#[derive(Debug, Clone)]
pub(crate) struct RequestOptions {
    pub(crate) clock: Clock,
    /// How long one request may take.
    pub(crate) deadline: Duration,
    /// Whether every exchange is kept.
    pub(crate) traced: bool,
    /// Where events go.
    pub(crate) events: Events,
}

impl RequestOptions {
    /// The default deadline, no trace, no events.
    pub(crate) fn quiet(clock: Clock) -> Self {
        Self { clock, deadline: DEADLINE_DEFAULT, traced: false, events: Events::ignored() }
    }
}
