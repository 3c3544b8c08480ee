//! How much of an answer is read.

/// Longest body that is parsed, in bytes.
///
/// Source: ours. The longest answer that a scenario asks for is a `ListObjectsV2` page of 1,000 keys
/// of 1,024 bytes (S3 API Reference), about 1.5 MB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Deepest nesting that is followed, in levels.
///
/// Source: ours. The deepest answer of STS, IAM and S3 has seven levels.
pub const DEPTH_MAX: usize = 32;

/// Most elements that are kept.
///
/// Source: ours. A full `ListObjectsV2` page has about 10,000.
pub const NODES_MAX: usize = 50_000;
