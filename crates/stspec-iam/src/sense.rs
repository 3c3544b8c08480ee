//! Whether a list of patterns lists what is covered or what is not.

/// The difference between `Action` and `NotAction`, or `StringEquals` and `StringNotEquals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    Positive,
    Negated,
}

impl Sense {
    /// Whether the element holds when its list did (or did not) match.
    pub(crate) fn holds(self, list_matched: bool) -> bool {
        match self {
            Sense::Positive => list_matched,
            Sense::Negated => !list_matched,
        }
    }
}
