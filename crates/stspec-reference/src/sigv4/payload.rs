//! What a signature says of the body.
//!
//! Source: S3 API Reference, "Authenticating Requests: Using the Authorization Header", overview of
//! the values of `x-amz-content-sha256`. Other services hash the body and know no other value
//! (`docs/evidence/get-federation-token.md`, AUTH-UNSIGNED-PAYLOAD).

use super::key::{SigningKey, is_signature, sha256_hex};
use super::{Form, MalformedSignature, Presented, Refusal, S3, chunked, date};
use crate::wire::request::Request;

/// The last line of a canonical request, with what is left to check once the signature holds.
#[derive(Debug)]
pub(super) enum Payload {
    /// The hash of the body that arrived: nothing is left to check.
    Arrived(String),
    /// The hash that the signer named; S3 only.
    Claimed(String),
    /// No hash at all; S3 only.
    Unsigned,
    /// Chunks without signatures, with a trailer; S3 only.
    Chunks,
    /// Chunks that carry a chain of signatures; S3 only.
    SignedChunks,
    /// Such chunks with a signed trailer; S3 only.
    SignedChunksAndTrailer,
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const CHUNKS: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const SIGNED_CHUNKS: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_CHUNKS_AND_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

/// Whether a value of `x-amz-content-sha256` announces a body in chunks.
pub(super) fn is_chunked(content_sha256: &str) -> bool {
    matches!(content_sha256, CHUNKS | SIGNED_CHUNKS | SIGNED_CHUNKS_AND_TRAILER)
}

impl Payload {
    /// Which line the signer of this request put last.
    pub(super) fn of(
        presented: &Presented,
        request: &Request,
        service: &str,
    ) -> Result<Self, Refusal> {
        if service != S3 {
            return Ok(Self::Arrived(sha256_hex(&request.body)));
        }
        match (presented.content_sha256.as_deref(), presented.form) {
            (None, Form::Query { .. }) | (Some(UNSIGNED), _) => Ok(Self::Unsigned),
            (None, Form::Header) => {
                Err(Refusal::Malformed(MalformedSignature::ContentSha256Absent))
            }
            (Some(CHUNKS), _) => Ok(Self::Chunks),
            (Some(SIGNED_CHUNKS), _) => Ok(Self::SignedChunks),
            (Some(SIGNED_CHUNKS_AND_TRAILER), _) => Ok(Self::SignedChunksAndTrailer),
            (Some(hash), _) if is_signature(hash) => Ok(Self::Claimed(hash.to_owned())),
            (Some(other), _) => {
                Err(Refusal::Malformed(MalformedSignature::ContentSha256(other.to_owned())))
            }
        }
    }

    /// The line itself.
    pub(super) fn line(&self) -> &str {
        match self {
            Self::Arrived(hash) | Self::Claimed(hash) => hash,
            Self::Unsigned => UNSIGNED,
            Self::Chunks => CHUNKS,
            Self::SignedChunks => SIGNED_CHUNKS,
            Self::SignedChunksAndTrailer => SIGNED_CHUNKS_AND_TRAILER,
        }
    }

    /// Holds the body against what was signed; asked only after the signature was found right.
    pub(super) fn check(
        &self,
        presented: &Presented,
        request: &Request,
        key: &SigningKey,
    ) -> Result<(), Refusal> {
        match self {
            Self::Arrived(_) | Self::Unsigned | Self::Chunks => Ok(()),
            Self::Claimed(claimed) => {
                let computed = sha256_hex(&request.body);
                if computed == *claimed {
                    Ok(())
                } else {
                    Err(Refusal::PayloadHash { claimed: claimed.clone(), computed })
                }
            }
            Self::SignedChunks | Self::SignedChunksAndTrailer => {
                let chain = chunked::Chain {
                    key,
                    signed_at: date::basic(presented.signed_at),
                    scope: &presented.scope.0,
                };
                let trailer = match self {
                    Self::SignedChunksAndTrailer => chunked::Trailer::Signed,
                    _ => chunked::Trailer::None,
                };
                chunked::check_signatures(&request.body, &chain, &presented.signature, trailer)
                    .map_err(Refusal::Chunks)
            }
        }
    }
}
