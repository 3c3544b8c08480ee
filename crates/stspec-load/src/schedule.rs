//! When users start iterations: by a closed model, an open one, or by command.

pub(crate) mod closed;
pub(crate) mod commanded;
pub(crate) mod open;
