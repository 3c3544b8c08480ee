//! Requests signed with the `aws-sigv4` crate, and the server's questions asked of them in order.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::sigv4::{Expected, Refusal, Region, read, skew_seconds};
use crate::wire::request::Request;

pub(super) const ACCESS_KEY_ID: &str = "ASIA2REFERENCE234567";
pub(super) const SECRET: &str = "not/AWS+example/secret/of/forty/letters0";
pub(super) const REGION: &str = "eu-central-1";
pub(super) const NOW_SECONDS: u32 = 1_795_219_200;

/// How a request is signed.
#[derive(Debug, Clone)]
pub(super) struct How {
    pub(super) service: &'static str,
    pub(super) location: SignatureLocation,
    pub(super) token: Option<String>,
    pub(super) token_mode: SessionTokenMode,
    pub(super) body: Body,
}

/// What the signer is told of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Hashed,
    Unsigned,
    UnsignedChunks,
}

impl How {
    pub(super) fn header(service: &'static str) -> Self {
        Self {
            service,
            location: SignatureLocation::Headers,
            token: None,
            token_mode: SessionTokenMode::Include,
            body: Body::Hashed,
        }
    }

    /// S3 is presigned without a hash, as its SDKs do; the others with one.
    pub(super) fn query(service: &'static str) -> Self {
        let body = if service == "s3" { Body::Unsigned } else { Body::Hashed };
        Self { location: SignatureLocation::QueryParams, body, ..Self::header(service) }
    }

    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        settings.signature_location = self.location;
        settings.session_token_mode = self.token_mode;
        if self.location == SignatureLocation::QueryParams {
            settings.expires_in = Some(Duration::from_mins(1));
        }
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            if self.location == SignatureLocation::Headers {
                settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            }
        }
        settings
    }
}

/// An unsigned request with a `Host` and these headers more.
pub(super) fn request(
    method: &str,
    path: &str,
    query: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Request {
    let mut map = HeaderMap::new();
    map.insert("host", HeaderValue::from_static("127.0.0.1:4566"));
    for (name, value) in headers {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    Request {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body: Bytes::copy_from_slice(body),
    }
}

/// The usual request to STS.
pub(super) fn caller_identity() -> Request {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    request("POST", "/", "", &headers, b"Action=GetCallerIdentity&Version=2011-06-15")
}

/// Signs a request at [`NOW_SECONDS`].
pub(super) fn signed(request: &Request, how: &How) -> Request {
    let credentials =
        Credentials::new(ACCESS_KEY_ID, SECRET, how.token.clone(), None, "stspec tests").into();
    let params = aws_sigv4::sign::v4::SigningParams::builder()
        .identity(&credentials)
        .region(REGION)
        .name(how.service)
        .time(UNIX_EPOCH + Duration::from_secs(NOW_SECONDS.into()))
        .settings(how.settings())
        .build()
        .unwrap()
        .into();
    let question = if request.query.is_empty() { "" } else { "?" };
    let uri = format!("http://127.0.0.1:4566{}{question}{}", request.path, request.query);
    let body = match how.body {
        Body::Hashed => SignableBody::Bytes(&request.body),
        Body::Unsigned => SignableBody::UnsignedPayload,
        Body::UnsignedChunks => SignableBody::StreamingUnsignedPayloadTrailer,
    };
    let headers =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let signable = SignableRequest::new(request.method.as_str(), uri, headers, body).unwrap();
    let (headers, parameters) = sign(signable, &params).unwrap().into_parts().0.into_parts();

    let mut signed = request.clone();
    for header in headers {
        signed.headers.insert(header.name(), HeaderValue::from_str(header.value()).unwrap());
    }
    for (name, value) in parameters {
        let ampersand = if signed.query.is_empty() { "" } else { "&" };
        let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
        write!(signed.query, "{ampersand}{name}={value}").unwrap();
    }
    signed
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW_SECONDS.into()).unwrap()
}

pub(super) fn expected(service: &str) -> Expected<'_> {
    Expected {
        service,
        region: Region::Exactly(REGION),
        now: now(),
        skew_seconds: skew_seconds(service),
    }
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NotSigned,
    UnknownKey,
    Signature(Refusal),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Signature(refusal)
    }
}

/// Asks what the server asks, in its order, with one key on file.
pub(super) fn verify(request: &Request, service: &str) -> Result<(), Refused> {
    verify_at(request, &expected(service))
}

pub(super) fn verify_at(request: &Request, expected: &Expected) -> Result<(), Refused> {
    let presented = read(request)?.ok_or(Refused::NotSigned)?;
    presented.check_scope(expected)?;
    if presented.access_key_id != ACCESS_KEY_ID {
        return Err(Refused::UnknownKey);
    }
    presented.check_time(expected)?;
    Ok(presented.check_signature(request, SECRET, expected)?)
}
