//! The counting of requests by itself, for benches only.

use std::time::Duration;

use stspec_measure::CredentialsSeen;
use stspec_verdict::Issued;
use tokio::time::Instant;

use crate::recorder::{Outcome, Recorder, Sample};
use crate::uniqueness::SeenCredentials;

/// Counts that nobody looks at.
pub struct Counts {
    recorder: Recorder,
    seen: SeenCredentials,
    start: Instant,
    number: u64,
}

impl Default for Counts {
    fn default() -> Self {
        let start = Instant::now();
        let recorder = Recorder::new(4, 0, start);
        Self { recorder, seen: SeenCredentials::new(), start, number: 0 }
    }
}

impl Counts {
    /// Counts one right answer of another latency each time.
    pub fn record(&mut self) {
        self.number += 1;
        let latency = Duration::from_micros(200 + self.number % 997);
        let done = self.start + latency;
        let sample = Sample { call: 1, intended: self.start, done, outcome: Outcome::Right };
        self.recorder.record(3, &sample);
    }

    /// Notes credentials that were not there before.
    pub fn note(&mut self) -> bool {
        self.number += 1;
        let id = format!("ASIA{:016}", self.number);
        let issued = Issued { access_key_id: &id, secret_access_key: &id, session_token: "" };
        self.seen.insert(&issued).is_some()
    }

    /// How many credentials were noted.
    #[must_use]
    pub fn seen(&self) -> CredentialsSeen {
        self.seen.record()
    }
}
