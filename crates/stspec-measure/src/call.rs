//! What came of one call of a profile.

use crate::counts::LoadCounts;
use crate::histogram::Histogram;

/// How many examples of each kind are kept of a call.
///
/// Source: ours; the tenth wrong answer of a kind tells no more than the third.
pub const EXAMPLES_MAX: usize = 3;

/// What came of one call of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallLoad {
    /// What the profile calls it.
    pub id: String,
    /// The operation, such as `sts.GetFederationToken`.
    pub call: String,
    /// Who signed the requests.
    pub principal: String,
    /// What each answer had to be like, in one line.
    pub expected: String,
    /// Whether it prepares users, so that its requests count for nothing but errors and wrong answers.
    pub prepares: bool,
    /// What came of the requests that count.
    pub counted: LoadCounts,
    /// What came of the requests of the warm-up and of preparing.
    pub uncounted: LoadCounts,
    /// How long the answers that count took, to the end of the body; requests without one are not in it.
    pub latency: Histogram,
    /// Why there was no answer, for the first few errors.
    pub error_examples: Vec<String>,
    /// What was wrong, for the first few wrong answers, without secrets.
    pub wrong_examples: Vec<String>,
}

impl CallLoad {
    /// Adds what came of the same call in another round.
    pub fn add(&mut self, other: Self) {
        self.counted.add(other.counted);
        self.uncounted.add(other.uncounted);
        self.latency.merge(&other.latency);
        let examples = [
            (&mut self.error_examples, other.error_examples),
            (&mut self.wrong_examples, other.wrong_examples),
        ];
        for (kept, further) in examples {
            for example in further {
                if kept.len() < EXAMPLES_MAX && !kept.contains(&example) {
                    kept.push(example);
                }
            }
        }
    }
}
