//! What AWS documents of `GetFederationToken`, as values.

use crate::sts::session::duration::DurationRule;

/// The rules of the operation.
#[derive(Default)]
pub(crate) struct Rules {
    /// How long a session may last.
    pub(crate) duration: DurationRule,
}
