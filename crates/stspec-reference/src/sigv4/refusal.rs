//! Why a signature is refused, with the code and text that STS answers.
//!
//! Source of the texts: `docs/evidence/get-federation-token.md`, where a row is named; the others
//! are inferred from what AWS services are known to answer, and no rule expects them to the letter.

use jiff::{SignedDuration, Timestamp};

use super::read::{EXPIRES_SECONDS_MAX, EXPIRES_SECONDS_MIN};
use super::{ChunkError, date};

/// Why a request is not taken for its signer's. `Display` is the message of STS.
///
/// S3 words most of these differently; what it prints is in the fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The claims can't be read.
    #[error("{0}")]
    Malformed(MalformedSignature),
    /// The credential scope is not for this endpoint; at least one fault, in the order of AWS.
    ///
    /// Source: AUTH-SCOPE-REGION, AUTH-SCOPE-SERVICE (observed; each sentence ends in a blank).
    #[error("{}", .0.iter().map(ToString::to_string).collect::<String>())]
    Scope(Vec<ScopeMismatch>),
    /// Signed too long ago. Source: AUTH-STALE.
    #[error(
        "Signature expired: {} is now earlier than {} ({} - {} min.)",
        date::basic(*.signed_at),
        date::basic(shifted(*.now, -*.skew_seconds)),
        date::basic(*.now),
        .skew_seconds / 60
    )]
    Stale {
        /// When it was signed.
        signed_at: Timestamp,
        /// The server's time.
        now: Timestamp,
        /// How old it might have been.
        skew_seconds: i64,
    },
    /// Signed in the future. Source: AUTH-FUTURE.
    #[error(
        "Signature not yet current: {} is still later than {} ({} + {} min.)",
        date::basic(*.signed_at),
        date::basic(shifted(*.now, *.skew_seconds)),
        date::basic(*.now),
        .skew_seconds / 60
    )]
    Future {
        /// When it was signed.
        signed_at: Timestamp,
        /// The server's time.
        now: Timestamp,
        /// How far ahead it might have been.
        skew_seconds: i64,
    },
    /// A presigned request after the time that it gave itself.
    #[error(
        "Signature expired: {} is now earlier than {}",
        date::basic(shifted(*.signed_at, *.expires_seconds)),
        date::basic(*.now)
    )]
    PresignedExpired {
        /// When it was signed.
        signed_at: Timestamp,
        /// For how long it held.
        expires_seconds: i64,
        /// The server's time.
        now: Timestamp,
    },
    /// A header that every signature has to cover is not covered.
    #[error("{}", unsigned_header(.0))]
    UnsignedHeader(String),
    /// Another key, or something was changed after signing. Source: AUTH-BADSECRET.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    Mismatch {
        /// What the signature should have covered. S3 prints it, STS does not.
        canonical_request: String,
        /// What should have been signed. S3 prints it, STS does not.
        string_to_sign: String,
    },
    /// The signature holds, but the body is not the one whose hash was signed; S3 only.
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    PayloadHash {
        /// The hash that was signed.
        claimed: String,
        /// The hash of the body that arrived.
        computed: String,
    },
    /// The signature holds, but a chunk of the body does not; S3 only.
    #[error("{0}")]
    Chunks(ChunkError),
}

impl Refusal {
    /// The error code of STS.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "IncompleteSignature",
            _ => "SignatureDoesNotMatch",
        }
    }

    /// The status of STS.
    ///
    /// Source: AUTH-MALFORMED (400, documented), otherwise 403 as in AUTH-BADKEY.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            _ => 403,
        }
    }

    /// The message of STS.
    pub(crate) fn message(&self) -> String {
        self.to_string()
    }
}

/// What is wrong with a credential scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScopeMismatch {
    /// Another region. Source: AUTH-SCOPE-REGION.
    #[error("Credential should be scoped to a valid region. ")]
    Region {
        /// The region in the scope.
        presented: String,
        /// The region of the endpoint.
        expected: String,
    },
    /// Another service. Source: AUTH-SCOPE-SERVICE.
    #[error("Credential should be scoped to correct service: '{expected}'. ")]
    Service {
        /// The service in the scope.
        presented: String,
        /// The service that was asked.
        expected: String,
    },
    /// Not `aws4_request` at the end.
    #[error(
        "Credential should be scoped with a valid terminator: 'aws4_request', not '{presented}'. "
    )]
    Terminator {
        /// The word in its place.
        presented: String,
    },
    /// The scope's day is not the day of signing.
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '{presented}' != '{}', from '{}'. ",
        date::day(*.signed_at),
        date::basic(*.signed_at)
    )]
    Date {
        /// The day in the scope.
        presented: String,
        /// When it was signed.
        signed_at: Timestamp,
    },
}

/// Why the claims of a request can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MalformedSignature {
    /// A piece of the `Authorization` header that is no `key=value`. Source: AUTH-MALFORMED.
    #[error(
        "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
    )]
    NotKeyValue {
        /// The piece.
        part: String,
        /// The whole header.
        header: String,
    },
    /// The `Authorization` header lacks some of its parts.
    #[error("{}Authorization={algorithm}", sentences("Authorization header requires", .parts, " parameter"))]
    MissingParts {
        /// Which.
        parts: Vec<&'static str>,
        /// Its first word.
        algorithm: String,
    },
    /// A presigned request lacks some of its parameters.
    #[error("{}Re-examine the query-string parameters.", sentences("AWS query-string parameters must include", .0, ""))]
    MissingQuery(Vec<&'static str>),
    /// Signed in the header and in the query string.
    #[error("Only one of the Authorization header and the query string may carry a signature.")]
    TwoMechanisms,
    /// Something that may come once came twice.
    #[error("'{0}' must not be given more than once.")]
    Repeated(&'static str),
    /// A header that has to be ASCII text is not.
    #[error("The headers of a signature must be visible ASCII text.")]
    NotText,
    /// An algorithm other than `AWS4-HMAC-SHA256`.
    #[error("Unsupported AWS 'algorithm': '{0}'.")]
    Algorithm(String),
    /// Not an access key id and a scope of four parts.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term, got '{0}'"
    )]
    Credential(String),
    /// Neither `X-Amz-Date` nor `Date`.
    #[error("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")]
    NoDate,
    /// A date in another format.
    #[error("Date must be in ISO-8601 'basic format'. Got '{0}'.")]
    Date(String),
    /// An `X-Amz-Expires` that is no number or out of bounds.
    #[error(
        "X-Amz-Expires must be a number of seconds from {EXPIRES_SECONDS_MIN} to {EXPIRES_SECONDS_MAX}, got '{0}'."
    )]
    Expires(String),
    /// Names of signed headers that are not lower case, sorted and distinct.
    #[error("SignedHeaders must be distinct lower-case names in ascending order, got '{0}'.")]
    SignedHeaders(String),
    /// A signed header that the request does not have.
    #[error(
        "'{0}' is a 'SignedHeader' in the AWS Authorization, but the request has no such header."
    )]
    SignedHeaderAbsent(String),
    /// S3 without `x-amz-content-sha256`.
    #[error("Missing required header for this request: x-amz-content-sha256")]
    ContentSha256Absent,
    /// An `x-amz-content-sha256` that S3 does not know, or not here: signatures with key pairs.
    #[error("'{0}' is not a value of x-amz-content-sha256 that is supported here.")]
    ContentSha256(String),
}

fn unsigned_header(name: &str) -> &'static str {
    match name {
        "host" => "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        _ => "There were headers present in the request which were not signed",
    }
}

fn sentences(start: &str, names: &[&str], end: &str) -> String {
    names.iter().flat_map(|name| [start, " '", *name, "'", end, ". "]).collect()
}

fn shifted(time: Timestamp, seconds: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(time)
}
