//! Signs requests with AWS's own signer, making the mistakes that a step asks for.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as SignerCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use stspec_scenario::{self as scenario, Service, SigningOptions, Word};

use crate::credentials::Credentials;
use crate::wire::transport::WireRequest;

/// How long a presigned request is valid unless its step says otherwise, in seconds.
const PRESIGNED_SECONDS: u32 = 300;

/// A secret that nobody has: the form of one, with a value of our own.
pub(crate) const WRONG_SECRET: &str = "stspec/wrong/secret/stspec/wrong/secret+";

/// An access key id that no target hands out.
const UNKNOWN_ACCESS_KEY_ID: &str = "AKIASTSPECUNKNOWNKEY";

/// What tampering appends to a body or a query string after it was signed.
const TAMPERING: &str = "Stspec=tampered";

/// The header that tampering changes; it is sent for nothing else.
const TAMPERED_HEADER: &str = "x-stspec";

/// Where and when a request is signed for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SigningScope<'a> {
    pub(crate) service: Service,
    pub(crate) region: &'a str,
    pub(crate) now: SystemTime,
}

/// Whose credentials sign a request, and which session token travels with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) token: Option<&'a str>,
}

/// Signs `request` in place.
///
/// `token` is the session token that travels, which may differ from the credentials' own.
/// Fails only on a request that cannot be written as HTTP, with the signer's words.
pub(crate) fn sign_request(
    request: &mut WireRequest,
    credentials: &Credentials,
    token: Option<&str>,
    mistakes: &SigningOptions,
    scope: SigningScope<'_>,
) -> Result<(), String> {
    if mistakes.tampered_header {
        request.headers.push((TAMPERED_HEADER.to_owned(), "signed".to_owned()));
    }
    let identity = signer_credentials(credentials, token, mistakes).into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(mistakes.service.as_deref().unwrap_or(scope.service.word()))
        .time(shifted(scope.now, mistakes.date_offset_seconds))
        .settings(settings(scope.service, mistakes))
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(
        request.method.as_str(),
        request.url.as_str(),
        headers,
        if mistakes.unsigned_payload {
            SignableBody::UnsignedPayload
        } else {
            SignableBody::Bytes(&request.body)
        },
    )
    .map_err(|error| error.to_string())?;
    let (instructions, _signature) =
        sign(signable, &params).map_err(|error| error.to_string())?.into_parts();
    let (headers, query) = instructions.into_parts();
    request
        .headers
        .extend(headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned())));
    append_query(&mut request.url, &query);
    tamper(request, mistakes);
    Ok(())
}

/// Changes what was signed.
fn tamper(request: &mut WireRequest, mistakes: &SigningOptions) {
    if mistakes.tampered_body {
        request.body = Bytes::from([&request.body, "&".as_bytes(), TAMPERING.as_bytes()].concat());
    }
    if mistakes.tampered_query {
        request.url.push(if request.url.contains('?') { '&' } else { '?' });
        request.url.push_str(TAMPERING);
    }
    if mistakes.tampered_header {
        let ours = request.headers.iter_mut().filter(|(name, _)| name == TAMPERED_HEADER);
        ours.for_each(|(_, value)| "tampered".clone_into(value));
    }
}

fn signer_credentials(
    credentials: &Credentials,
    token: Option<&str>,
    mistakes: &SigningOptions,
) -> SignerCredentials {
    let id = if mistakes.unknown_access_key {
        UNKNOWN_ACCESS_KEY_ID
    } else {
        &credentials.access_key_id
    };
    let secret =
        if mistakes.wrong_secret { WRONG_SECRET } else { credentials.secret_access_key.expose() };
    SignerCredentials::new(id, secret, token.map(str::to_owned), None, "stspec")
}

/// A moment so many seconds later, or earlier.
pub(crate) fn shifted(now: SystemTime, offset_seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(offset_seconds.unsigned_abs());
    let shifted =
        if offset_seconds < 0 { now.checked_sub(distance) } else { now.checked_add(distance) };
    shifted.unwrap_or(now)
}

/// S3 signs the path as it is sent and names the body's hash in a header; the others do neither.
///
/// Source: IAM User Guide, "Create a signed AWS API request".
fn settings(service: Service, mistakes: &SigningOptions) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == Service::S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if mistakes.unsigned_payload {
        // Without the header nobody could know that the body was left out.
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if mistakes.location == scenario::SignatureLocation::Query {
        let seconds = mistakes.expires_seconds.unwrap_or(PRESIGNED_SECONDS);
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(seconds.into()));
    }
    settings
}

fn append_query(url: &mut String, pairs: &[(&'static str, std::borrow::Cow<'static, str>)]) {
    for (name, value) in pairs {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(name);
        url.push('=');
        url.push_str(&crate::wire::encode::component(value));
    }
}
