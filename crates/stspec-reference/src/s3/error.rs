//! S3's error answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::state::objects::{BucketName, OBJECT_BYTES_MAX, StoreError};
use crate::wire::answer::Answer;
use crate::wire::xml::Writer;

/// Why S3 refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct S3Error {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The `Code`.
    pub(crate) code: &'static str,
    /// The `Message`.
    pub(crate) message: String,
    /// Further elements, such as `Key`.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl S3Error {
    /// A refusal without further elements.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new() }
    }

    /// Adds an element that says what the refusal is about.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// The caller may not do this.
    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// The signature is of version 2, which regions opened since 2014 don't take.
    ///
    /// Source: S3 API Reference, "Authenticating Requests", for the rule; code and text inferred from
    /// what users quote.
    pub(crate) fn version_2_unsupported() -> Self {
        let message = "The authorization mechanism you have provided is not supported. Please use \
                       AWS4-HMAC-SHA256.";
        Self::new(400, "InvalidRequest", message)
    }

    pub(super) fn no_such_key(key: &str) -> Self {
        Self::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
    }

    pub(super) fn invalid_argument(name: &str, value: &str, message: &str) -> Self {
        Self::new(400, "InvalidArgument", message)
            .with("ArgumentName", name)
            .with("ArgumentValue", value)
    }

    pub(super) fn invalid_bucket_name(name: &str) -> Self {
        Self::new(400, "InvalidBucketName", "The specified bucket is not valid.")
            .with("BucketName", name)
    }

    pub(super) fn malformed_xml() -> Self {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Self::new(400, "MalformedXML", message)
    }

    pub(super) fn no_such_bucket_policy(bucket: &BucketName) -> Self {
        Self::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
            .with("BucketName", bucket.as_str())
    }
}

impl From<StoreError> for S3Error {
    fn from(refusal: StoreError) -> Self {
        let message = refusal.to_string();
        match refusal {
            StoreError::NoSuchBucket(bucket) => {
                Self::new(404, "NoSuchBucket", message).with("BucketName", bucket.as_str())
            }
            StoreError::BucketAlreadyOwnedByYou(bucket) => {
                Self::new(409, "BucketAlreadyOwnedByYou", message)
                    .with("BucketName", bucket.as_str())
            }
            StoreError::BucketNotEmpty(bucket) => {
                Self::new(409, "BucketNotEmpty", message).with("BucketName", bucket.as_str())
            }
            StoreError::TooManyBuckets => Self::new(400, "TooManyBuckets", message),
            StoreError::EntityTooLarge { size } => Self::new(400, "EntityTooLarge", message)
                .with("ProposedSize", size.to_string())
                .with("MaxSizeAllowed", OBJECT_BYTES_MAX.to_string()),
            StoreError::Full => Self::new(400, "InvalidRequest", message),
            StoreError::MalformedPolicy(_) => Self::new(400, "MalformedPolicy", message),
        }
    }
}

/// The answer that says why a request is refused; the answer to HEAD says it by its status alone.
pub(crate) fn refuse(error: &S3Error, is_head: bool, request_id: &str) -> Answer {
    if is_head {
        return identified(Answer::empty(error.status), request_id);
    }
    let mut xml = Writer::with_declaration();
    xml.open("Error").leaf("Code", error.code).leaf("Message", &error.message);
    for (name, value) in &error.details {
        xml.leaf(name, value);
    }
    xml.leaf("RequestId", request_id).leaf("HostId", host_id(request_id)).close("Error");
    identified(Answer::with_body(error.status, "application/xml", xml.finish()), request_id)
}

/// Adds the two headers by which S3 identifies an answer.
pub(super) fn identified(answer: Answer, request_id: &str) -> Answer {
    answer.header("x-amz-request-id", request_id).header("x-amz-id-2", host_id(request_id))
}

/// The second id of an answer, which on AWS is opaque text in Base64.
fn host_id(request_id: &str) -> String {
    STANDARD.encode(request_id)
}
