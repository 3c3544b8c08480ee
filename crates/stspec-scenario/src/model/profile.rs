//! The typed form of load profiles: which calls, how many users or starts, how long, and what may not happen.

use crate::Name;
use crate::model::{Call, Expectation, Param, Principal};

/// A mix of turns that load users take, and the shape of the load over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name; the file's stem.
    pub name: Name,
    /// What it is for.
    pub says: String,
    /// The account whose principals send the calls.
    pub account: Name,
    /// How the load changes over time.
    pub shape: LoadShape,
    /// How many turns are taken in total, if the shape is to end after so many; at least 1.
    pub requests: Option<u32>,
    /// How long answers don't count for latencies and rates, in milliseconds.
    pub warm_up_ms: u64,
    /// How requests travel.
    pub transport: Transport,
    /// What everything drawn is drawn with.
    pub seed: u64,
    /// What the run is measured by.
    pub thresholds: Vec<Threshold>,
    /// What each user does before its first turn, and again before its sessions expire.
    pub prepare: Vec<LoadCall>,
    /// The turns to choose from; never empty.
    pub iterations: Vec<Iteration>,
}

/// How the load changes over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadShape {
    /// Closed: so many users, each of which sends when it has its last answer.
    Users(Vec<Stage>),
    /// Open: so many turns are started per second, whatever the answers do.
    Rate(Rate),
    /// Open: the rate is raised until a threshold is missed, and what lies between is halved.
    Knee(Knee),
}

/// A part of a shape: from where the last one ended to `to`, and on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Users, or starts per second; at least 1.
    pub to: u32,
    /// How long it takes to get there, in milliseconds.
    pub over_ms: u64,
    /// How long it stays there, in milliseconds.
    pub hold_ms: u64,
}

/// An open shape in stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Starts per second over time; never empty.
    pub stages: Vec<Stage>,
    /// How starts are turned into requests.
    pub open: Open,
}

/// What an open shape needs besides its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// How many users wait for starts, each with a connection; at least 1.
    pub connections: u32,
    /// How late a turn may start before it counts as dropped, in milliseconds; at least 1.
    pub give_up_ms: u64,
}

/// A search for the highest rate that misses no threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knee {
    /// The first rate, in starts per second; at least 1.
    pub from: u32,
    /// The highest rate that is tried; not below `from`.
    pub to: u32,
    /// How long each rate is held, in milliseconds; at least 1.
    pub hold_ms: u64,
    /// How often what lies between the best and the first missed rate is halved.
    pub refine: u32,
    /// How starts are turned into requests.
    pub open: Open,
}

/// How requests travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One hyper connection for each user and endpoint.
    Hyper,
    /// The AWS SDK, which signs, retries nothing and reads the answer itself; STS only.
    AwsSdk,
}

/// Something that a user does at once: one call, or several of which later ones use sessions of earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Iteration {
    /// How often it is chosen in relation to the others; at least 1.
    pub weight: u32,
    /// Its calls in their order; never empty.
    pub calls: Vec<LoadCall>,
}

/// One call of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadCall {
    /// What it is called in reports; unique within the profile.
    pub id: Name,
    /// Which operation.
    pub call: Call,
    /// Who signs the request: root, a user of the account, a session, or nobody.
    pub principal: Principal,
    /// Its parameters in file order.
    pub params: Vec<(String, Param)>,
    /// What each answer must be like; never empty.
    pub expectations: Vec<Expectation>,
    /// What the credentials in its answer are called, for calls of the same user.
    pub session: Option<Name>,
}

/// A limit on one measure of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// What is measured.
    pub measure: Measure,
    /// How much of it is too much, or too little.
    pub limit: Limit,
}

/// What a threshold is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Answers that are not as expected.
    Wrong,
    /// Requests without an answer.
    Errors,
    /// Turns that could not be started in time.
    Dropped,
    /// The latency that half of the answers don't exceed.
    P50,
    /// The latency that 90 % of the answers don't exceed.
    P90,
    /// The latency that 95 % of the answers don't exceed.
    P95,
    /// The latency that 99 % of the answers don't exceed.
    P99,
    /// The latency that 99.9 % of the answers don't exceed.
    P999,
    /// Answers per second.
    Rate,
}

/// Where a threshold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// At most so many.
    Count(u64),
    /// At most so many of a million.
    PerMillion(u32),
    /// At most so many microseconds.
    TimeUs(u64),
    /// At least so many per second.
    AtLeast(u64),
}

impl Profile {
    /// Returns every call of the profile: those of the preparation, then those of the turns.
    pub fn calls(&self) -> impl Iterator<Item = &LoadCall> {
        self.prepare.iter().chain(self.iterations.iter().flat_map(|iteration| &iteration.calls))
    }
}

impl LoadShape {
    /// Returns the most users that there are at the same time.
    #[must_use]
    pub fn users(&self) -> u32 {
        match self {
            Self::Users(stages) => stages.iter().map(|stage| stage.to).max().unwrap_or(1),
            Self::Rate(rate) => rate.open.connections,
            Self::Knee(knee) => knee.open.connections,
        }
    }

    /// Returns the stages of the shape; none for a search.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        match self {
            Self::Users(stages) => stages,
            Self::Rate(rate) => &rate.stages,
            Self::Knee(_) => &[],
        }
    }

    /// Returns how long the stages take in milliseconds; 0 where only a number of requests ends them.
    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        self.stages().iter().map(|stage| stage.over_ms + stage.hold_ms).sum()
    }
}
