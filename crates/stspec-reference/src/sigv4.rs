//! Signature Version 4 as the server sees it: what a request claims, and whether it holds.
//!
//! A program that has one request to ask about calls [`verify`]. The server starts at `read` and then
//! asks one question after the other, because AWS answers in this order: `Presented::check_scope`, its
//! own look-up of the key or session, `Presented::check_time`, `Presented::check_signature`.
//!
//! Source: IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Authenticating
//! Requests (AWS Signature Version 4)".

mod canonical;
mod chunked;
mod date;
mod key;
mod payload;
mod read;
mod refusal;
#[cfg(test)]
mod tests;
mod verify;

use jiff::Timestamp;

use crate::wire::request::Request;

use canonical::QueryToken;
pub(crate) use chunked::{ChunkError, Decoded, decode_aws_chunked};
pub(crate) use key::KeyCache;
use key::SigningKey;
use payload::Payload;
pub(crate) use read::read;
pub(crate) use refusal::{MalformedSignature, Refusal, ScopeMismatch};
pub use verify::{Credentials, Endpoint, NotARequest, SignedRequest, Unverified, verify};

/// How far the clock of a caller of STS may be off, in seconds.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-STALE and AUTH-FUTURE (observed, "15
/// min.").
pub(crate) const SKEW_SECONDS_STS: i64 = 900;

/// How far the clock of a caller of S3 may be off, in seconds.
///
/// Source: S3 API Reference, "Error responses", `RequestTimeTooSkewed`.
pub(crate) const SKEW_SECONDS_S3: i64 = 900;

/// How far the clock of a caller of any other service may be off, in seconds.
///
/// Source: `docs/evidence/iam.md`, SIG-SKEW.
pub(crate) const SKEW_SECONDS_OTHER: i64 = 300;

/// The one algorithm that is verified here.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The last part of every credential scope.
const TERMINATOR: &str = "aws4_request";

/// The service name under which S3 is signed; its canonical request has rules of its own.
const S3: &str = "s3";

/// How far a caller's clock may be off for this service, in seconds.
pub(crate) fn skew_seconds(service: &str) -> i64 {
    match service {
        "sts" => SKEW_SECONDS_STS,
        S3 => SKEW_SECONDS_S3,
        _ => SKEW_SECONDS_OTHER,
    }
}

/// What a signed request claims, parsed and not yet believed.
#[derive(Debug, Clone)]
pub(crate) struct Presented {
    /// The access key id that is said to have signed.
    pub(crate) access_key_id: String,
    /// The session token; a header counts before a query parameter.
    pub(crate) session_token: Option<String>,
    /// Day, region and service that the signing key is said to be for.
    pub(crate) scope: Scope,
    /// When the request was signed, in whole seconds.
    pub(crate) signed_at: Timestamp,
    /// Where the signature stands.
    pub(crate) form: Form,
    /// The names in `SignedHeaders`.
    // INVARIANT: lower case, ascending, none empty, none twice, joined by `;`.
    signed_headers: String,
    /// The signature as sent.
    signature: String,
    /// What `x-amz-content-sha256` says of the body.
    content_sha256: Option<String>,
}

/// Where a signature stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query string: a presigned request.
    Query {
        /// How long it holds from the moment of signing; some signers leave it out.
        expires_seconds: Option<i64>,
    },
}

/// A credential scope as sent: `20261121/us-east-1/sts/aws4_request`.
// INVARIANT: four parts joined by `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope(String);

impl Scope {
    /// The day, `20261121`.
    pub(crate) fn date(&self) -> &str {
        self.part(0)
    }

    /// The region.
    pub(crate) fn region(&self) -> &str {
        self.part(1)
    }

    /// The service.
    pub(crate) fn service(&self) -> &str {
        self.part(2)
    }

    /// The word at the end.
    pub(crate) fn terminator(&self) -> &str {
        self.part(3)
    }

    fn part(&self, index: usize) -> &str {
        parts(&self.0, b'/').nth(index).unwrap_or_default()
    }
}

/// What the endpoint that was asked wants to see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// The service that answers, as it stands in a scope: `sts`, `iam`, `s3`.
    pub(crate) service: &'a str,
    /// The region of the endpoint.
    pub(crate) region: Region<'a>,
    /// The server's time.
    pub(crate) now: Timestamp,
    /// How far the caller's clock may be off; see [`skew_seconds`].
    pub(crate) skew_seconds: i64,
}

/// Which regions a scope may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Region<'a> {
    /// Whatever it says is taken.
    Any,
    /// Only this one.
    Exactly(&'a str),
}

impl Presented {
    /// Holds the credential scope against the endpoint; every fault of it is reported at once.
    pub(crate) fn check_scope(&self, expected: &Expected) -> Result<(), Refusal> {
        let mut mismatches = Vec::new();
        if let Region::Exactly(region) = expected.region
            && self.scope.region() != region
        {
            let presented = self.scope.region().to_owned();
            mismatches.push(ScopeMismatch::Region { presented, expected: region.to_owned() });
        }
        if self.scope.service() != expected.service {
            let presented = self.scope.service().to_owned();
            mismatches
                .push(ScopeMismatch::Service { presented, expected: expected.service.to_owned() });
        }
        if self.scope.terminator() != TERMINATOR {
            mismatches
                .push(ScopeMismatch::Terminator { presented: self.scope.terminator().to_owned() });
        }
        if self.scope.date() != date::day(self.signed_at) {
            let presented = self.scope.date().to_owned();
            mismatches.push(ScopeMismatch::Date { presented, signed_at: self.signed_at });
        }
        if mismatches.is_empty() { Ok(()) } else { Err(Refusal::Scope(mismatches)) }
    }

    /// Holds the time of signing, and the expiry of a presigned request, against the server's time.
    pub(crate) fn check_time(&self, expected: &Expected) -> Result<(), Refusal> {
        let Expected { now, skew_seconds, .. } = *expected;
        let signed_at = self.signed_at;
        let age_seconds = now.as_second().saturating_sub(signed_at.as_second());
        if age_seconds < -skew_seconds {
            return Err(Refusal::Future { signed_at, now, skew_seconds });
        }
        match self.form {
            Form::Query { expires_seconds: Some(expires_seconds) } => {
                if age_seconds > expires_seconds {
                    return Err(Refusal::PresignedExpired { signed_at, expires_seconds, now });
                }
            }
            Form::Query { expires_seconds: None } if expected.service == S3 => {
                return Err(Refusal::Malformed(MalformedSignature::MissingQuery(vec![
                    "X-Amz-Expires",
                ])));
            }
            Form::Header | Form::Query { expires_seconds: None } => {
                if age_seconds > skew_seconds {
                    return Err(Refusal::Stale { signed_at, now, skew_seconds });
                }
            }
        }
        Ok(())
    }

    /// Holds the signature, and then the body, against the secret access key.
    pub(crate) fn check_signature(
        &self,
        request: &Request,
        secret: &str,
        expected: &Expected,
    ) -> Result<(), Refusal> {
        self.check_with_key(request, &SigningKey::derive(secret, &self.scope), expected)
    }

    /// The same as [`Presented::check_signature`], with a derived key that may be at hand already.
    ///
    /// For long-term keys. A session's secret seldom comes twice and would only push others out.
    pub(crate) fn check_signature_cached(
        &self,
        request: &Request,
        secret: &str,
        expected: &Expected,
        keys: &KeyCache,
    ) -> Result<(), Refusal> {
        self.check_with_key(request, &keys.signing_key(secret, &self.scope), expected)
    }

    /// Whether the body is in S3's own chunks, for [`decode_aws_chunked`].
    ///
    /// True only of requests to S3; other services don't know the encoding.
    pub(crate) fn body_is_aws_chunked(&self) -> bool {
        self.scope.service() == S3
            && self.content_sha256.as_deref().is_some_and(payload::is_chunked)
    }

    fn check_with_key(
        &self,
        request: &Request,
        key: &SigningKey,
        expected: &Expected,
    ) -> Result<(), Refusal> {
        self.check_covered(request, expected.service)?;
        let payload = Payload::of(self, request, expected.service)?;
        let mut mismatch = None;
        for path in &canonical::paths(&request.path, expected.service) {
            for &token in self.query_tokens(request, expected.service) {
                let canonical = canonical::request(
                    request,
                    &canonical::Cover {
                        path,
                        token,
                        signed_headers: &self.signed_headers,
                        payload: payload.line(),
                    },
                );
                let string_to_sign = self.string_to_sign(&canonical);
                if key.verifies(string_to_sign.as_bytes(), &self.signature) {
                    return payload.check(self, request, key);
                }
                mismatch.get_or_insert((canonical, string_to_sign));
            }
        }
        let (canonical, string_to_sign) = mismatch.unwrap_or_default();
        let canonical_request = String::from_utf8_lossy(&canonical).into_owned();
        Err(Refusal::Mismatch { canonical_request, string_to_sign })
    }

    /// Refuses a signature that leaves out a header which every signature has to cover.
    ///
    /// Other services than S3 let the token be added after signing, by documentation ("some
    /// services require that you add it at the end"). That is safe here: a session token is sealed
    /// to its access key id and holds the secret, so a changed one opens nothing.
    fn check_covered(&self, request: &Request, service: &str) -> Result<(), Refusal> {
        let signed = |name: &str| parts(&self.signed_headers, b';').any(|signed| signed == name);
        if !signed("host") {
            return Err(Refusal::UnsignedHeader("host".to_owned()));
        }
        let absent =
            parts(&self.signed_headers, b';').find(|name| !request.headers.contains_key(*name));
        if let Some(name) = absent {
            return Err(Refusal::Malformed(MalformedSignature::SignedHeaderAbsent(
                name.to_owned(),
            )));
        }
        let unsigned = request.headers.keys().find(|name| {
            service == S3 && name.as_str().starts_with("x-amz-") && !signed(name.as_str())
        });
        match unsigned {
            Some(name) => Err(Refusal::UnsignedHeader(name.to_string())),
            None => Ok(()),
        }
    }

    /// In which ways the token of a presigned request may have been treated by its signer.
    fn query_tokens(&self, request: &Request, service: &str) -> &'static [QueryToken] {
        let presigned = matches!(self.form, Form::Query { .. });
        if presigned && service != S3 && request.query.contains("X-Amz-Security-Token") {
            &[QueryToken::Signed, QueryToken::AddedLater]
        } else {
            &[QueryToken::Signed]
        }
    }

    fn string_to_sign(&self, canonical: &[u8]) -> String {
        let signed_at = date::basic(self.signed_at);
        [ALGORITHM, &signed_at, &self.scope.0, &key::sha256_hex(canonical)].join("\n")
    }
}

/// The parts of a text between separators of one byte.
///
/// `str::split` starts a search of the memory for each of them, which takes several times longer in
/// texts as short as these.
fn parts(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    assert!(separator.is_ascii(), "a separator is no part of a longer character");
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let Some(end) = whole.bytes().position(|byte| byte == separator) else {
            return rest.take();
        };
        let (part, after) = whole.split_at(end);
        rest = after.get(1..);
        Some(part)
    })
}
