//! The verifier for programs outside of the server: one request, one secret, one answer.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;

use super::{Expected, Refusal, Region, read, skew_seconds};
use crate::wire::request::Request;

/// A signed request as it stands on the wire: nothing of it is decoded, sorted or trimmed.
#[derive(Debug, Clone)]
pub struct SignedRequest(Request);

/// A key and what belongs to it.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The id that the request has to name.
    pub access_key_id: &'a str,
    /// The secret that has to have signed it.
    pub secret_access_key: &'a str,
    /// The session token that has to come with it, signed or not; `None` for a long-term key, which
    /// has none.
    pub session_token: Option<&'a str>,
}

/// Where a request arrives, and when.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint<'a> {
    /// The service, as it stands in a credential scope. Under `s3` the rules of S3 hold: the path is
    /// encoded once and never normalised, and `x-amz-content-sha256` speaks for the body.
    pub service: &'a str,
    /// The region, as it stands in a credential scope.
    pub region: &'a str,
    /// The clock of the endpoint. A signer's clock may be off by 15 minutes for `sts` and `s3`, and
    /// by five for any other service; a presigned request holds for as long as it says.
    pub now: Timestamp,
}

/// Why a request is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// The request carries no signature of version 4.
    #[error("the request is not signed")]
    NotSigned,
    /// It names another key, or another session token or none where there has to be one.
    #[error("the request was signed with other credentials")]
    OtherCredentials,
    /// Scope, time, signature or body are wrong, or can't be read.
    #[error("{code}: {message}")]
    Refused {
        /// The code that STS answers with.
        code: &'static str,
        /// The text beside it.
        message: String,
    },
}

/// Why bytes are no HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} of the request can't be read; write `METHOD TARGET HTTP/1.1`, headers, an empty line and the body"
)]
pub struct NotARequest {
    what: &'static str,
}

/// Whether these credentials signed this request for this endpoint, header or query alike.
///
/// Asks in the order of AWS: scope, key and token, time, signature, body. Nothing is remembered, so
/// a request verifies as often as it is asked about.
///
/// ```
/// use stspec_reference::sigv4::{Credentials, Endpoint, SignedRequest, verify};
///
/// // The example of the AWS General Reference, "Signature Version 4 signing process".
/// let request = SignedRequest::from_http(
///     b"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\n\
///     Host: iam.amazonaws.com\r\n\
///     Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
///     X-Amz-Date: 20150830T123600Z\r\n\
///     Authorization: AWS4-HMAC-SHA256 \
///     Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
///     SignedHeaders=content-type;host;x-amz-date, \
///     Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n\
///     \r\n",
/// )?;
/// let credentials = Credentials {
///     access_key_id: "AKIDEXAMPLE",
///     secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
///     session_token: None,
/// };
/// let now = "2015-08-30T12:36:00Z".parse()?;
/// let endpoint = Endpoint { service: "iam", region: "us-east-1", now };
/// verify(&request, &credentials, &endpoint)?;
///
/// let elsewhere = Endpoint { region: "eu-west-1", ..endpoint };
/// let refusal = verify(&request, &credentials, &elsewhere).unwrap_err();
/// assert!(refusal.to_string().starts_with("SignatureDoesNotMatch: Credential should be scoped"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Where anything about the request says that it was not signed so.
pub fn verify(
    request: &SignedRequest,
    credentials: &Credentials<'_>,
    endpoint: &Endpoint<'_>,
) -> Result<(), Unverified> {
    let Endpoint { service, region, now } = *endpoint;
    let region = Region::Exactly(region);
    let expected = Expected { service, region, now, skew_seconds: skew_seconds(service) };
    let presented = read(&request.0)?.ok_or(Unverified::NotSigned)?;
    presented.check_scope(&expected)?;
    if presented.access_key_id != credentials.access_key_id
        || presented.session_token.as_deref() != credentials.session_token
    {
        return Err(Unverified::OtherCredentials);
    }
    presented.check_time(&expected)?;
    Ok(presented.check_signature(&request.0, credentials.secret_access_key, &expected)?)
}

impl SignedRequest {
    /// A request from its parts: the target is path and query as sent, and a header that comes twice
    /// stands there twice, in order.
    ///
    /// # Errors
    ///
    /// Where the method, a header's name or its value has characters that HTTP doesn't let in.
    pub fn new(
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Self, NotARequest> {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        Self::from_parts(method, target, headers, body)
    }

    /// Reads a request of HTTP/1.1. Lines may end in LF alone, the target may hold any text, and a
    /// header may go on in further lines that begin with a blank, as HTTP once allowed.
    ///
    /// # Errors
    ///
    /// Where the bytes are no such request.
    pub fn from_http(bytes: &[u8]) -> Result<Self, NotARequest> {
        let (head, body) = split_head(bytes);
        let head = str::from_utf8(head).map_err(|_| NotARequest { what: "the head" })?;
        let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let first = lines.next().and_then(|line| {
            line.strip_suffix(" HTTP/1.1").or_else(|| line.strip_suffix(" HTTP/1.0"))
        });
        let (method, target) = first
            .and_then(|line| line.split_once(' '))
            .ok_or(NotARequest { what: "the first line" })?;
        let headers = unfolded(lines)?;
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        Self::from_parts(method, target, headers, body)
    }

    fn from_parts<'a>(
        method: &str,
        target: &str,
        headers: impl Iterator<Item = (&'a str, &'a [u8])>,
        body: &[u8],
    ) -> Result<Self, NotARequest> {
        let unreadable = |what| NotARequest { what };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name =
                HeaderName::try_from(name).map_err(|_| unreadable("the name of a header"))?;
            let value =
                HeaderValue::from_bytes(value).map_err(|_| unreadable("the value of a header"))?;
            map.append(name, value);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self(Request {
            method: Method::try_from(method).map_err(|_| unreadable("the method"))?,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: map,
            body: Bytes::copy_from_slice(body),
        }))
    }
}

impl std::fmt::Debug for Credentials<'_> {
    /// Without the secret and the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = &self.access_key_id;
        formatter.debug_struct("Credentials").field("access_key_id", id).finish_non_exhaustive()
    }
}

impl From<Refusal> for Unverified {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { code: refusal.code(), message: refusal.message() }
    }
}

/// The head without the empty line at its end, and the body.
fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (head, rest) = bytes.split_at(at);
        if matches!(line, b"\n" | b"\r\n") {
            return (head.trim_ascii_end(), rest.split_at(line.len()).1);
        }
        at += line.len();
    }
    (bytes.trim_ascii_end(), b"")
}

/// The headers, each in one piece: a line that begins with a blank goes on with the one before.
///
/// Source: RFC 9112, section 5.2: the line end counts as blanks.
fn unfolded<'a>(
    lines: impl Iterator<Item = &'a str>,
) -> Result<Vec<(&'a str, String)>, NotARequest> {
    let mut headers: Vec<(&str, String)> = Vec::new();
    for line in lines {
        if let Some(folded) = line.strip_prefix([' ', '\t']) {
            let (_, value) = headers.last_mut().ok_or(NotARequest { what: "the first header" })?;
            value.push(' ');
            value.push_str(folded.trim());
        } else {
            let (name, value) = line.split_once(':').ok_or(NotARequest { what: "a header" })?;
            headers.push((name, value.trim().to_owned()));
        }
    }
    Ok(headers)
}
