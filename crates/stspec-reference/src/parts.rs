//! What a server is put together from: the rules of each service, as values.
//!
//! [`Parts::aws`] builds what AWS documents. The server is composed once, before its first request;
//! whoever composes it may edit its parts, and nothing changes afterwards.

use crate::authz::Access;
use crate::sts;

/// The parts of a server.
#[derive(Default)]
pub(crate) struct Parts {
    /// Who calls, and what they may do.
    pub(crate) access: Access,
    /// STS.
    pub(crate) sts: sts::Rules,
}

impl Parts {
    /// A server that does as AWS documents.
    pub(crate) fn aws() -> Self {
        Self::default()
    }
}
