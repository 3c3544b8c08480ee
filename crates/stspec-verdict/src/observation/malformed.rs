//! Why a body could not be read.

use super::limits::{BODY_BYTES_MAX, DEPTH_MAX, NODES_MAX};

/// Why a body has no tree. A finding about the target, kept in the observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedBody {
    /// Longer than the harness reads.
    #[error("the body has {bytes} bytes, and no more than {BODY_BYTES_MAX} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Nested deeper than the harness follows.
    #[error("the body nests deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// More elements than the harness keeps.
    #[error("the body has more than {NODES_MAX} elements")]
    TooMany,
    /// Not UTF-8.
    #[error("the body is not UTF-8 from byte {at} on")]
    Encoding {
        /// First byte that is not UTF-8.
        at: usize,
    },
    /// Starts like XML and is not.
    #[error("the body is not well-formed XML at byte {at}: {detail}")]
    Xml {
        /// Where the reader gave up.
        at: u64,
        /// What it found.
        detail: String,
    },
    /// Starts like JSON and is not.
    #[error("the body is not well-formed JSON: {detail}")]
    Json {
        /// What the reader found, with line and column.
        detail: String,
    },
}
