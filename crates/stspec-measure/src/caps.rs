//! What a load may not exceed, whatever its profile asks for.

/// What a run may not exceed, whatever its profile asks for; of a load that is shared, all shards together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    /// Most turns per second.
    pub rate: Option<u32>,
    /// Most turns in total.
    pub total: Option<u64>,
}
