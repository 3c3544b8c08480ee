//! Why an expectation could not be prepared.

use stspec_scenario::Unresolved;

/// Why the outcomes of a step could not be prepared for judging.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A template refers to a value that does not exist.
    #[error(transparent)]
    Text(#[from] Unresolved),
    /// A `matches` pattern is not a regular expression.
    #[error("`{pattern}` is not a regular expression: {detail}")]
    Pattern {
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        detail: String,
    },
}
