//! What a server is put together from: the rules of each service, as values.
//!
//! [`Parts::aws`] builds what AWS documents. The server is composed once, before its first request;
//! the composition root may edit its parts, and nothing changes afterwards.

pub(crate) mod routing;

use crate::authz::Access;
use crate::{iam, s3, sts};

use routing::Routing;

/// The parts of a server.
#[derive(Default)]
pub(crate) struct Parts {
    /// How requests are read.
    pub(crate) routing: Routing,
    /// Who calls, and what they may do.
    pub(crate) access: Access,
    /// STS.
    pub(crate) sts: sts::Rules,
    /// IAM.
    pub(crate) iam: iam::Rules,
    /// S3.
    pub(crate) s3: s3::Rules,
}

impl Parts {
    /// A server that does as AWS documents.
    pub(crate) fn aws() -> Self {
        Self::default()
    }
}
