//! What the operations that mint share: what a call passes to its session, how long the session
//! lasts, how large it is, and its credentials.

pub(crate) mod duration;
pub(crate) mod mfa;
pub(crate) mod mint;
pub(crate) mod packed_size;
pub(crate) mod parameters;
pub(crate) mod policy;
pub(crate) mod size;
