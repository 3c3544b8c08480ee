//! Why the object store refused something, in S3's words.

use thiserror::Error;

use super::{BucketName, OBJECTS_MAX, STORED_BYTES_MAX};

/// A refusal of the object store; the text is the message that S3 answers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum StoreError {
    /// There is no such bucket.
    #[error("The specified bucket does not exist")]
    NoSuchBucket(BucketName),
    /// There is such a bucket already, and it is the caller's.
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou(BucketName),
    /// There are objects in the bucket.
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty(BucketName),
    /// There are as many buckets as there may be.
    #[error("You have attempted to create more buckets than allowed")]
    TooManyBuckets,
    /// The object is too large.
    #[error("Your proposed upload exceeds the maximum allowed size")]
    EntityTooLarge {
        /// How large it is, in bytes.
        size: usize,
    },
    /// There are as many objects or bytes as there may be; S3 itself has no such bound.
    #[error(
        "the reference stores at most {OBJECTS_MAX} objects of {STORED_BYTES_MAX} bytes in all"
    )]
    Full,
    /// The bucket policy is none, or none for this bucket.
    #[error("{0}")]
    MalformedPolicy(String),
}
