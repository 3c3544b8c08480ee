//! Reads what a request claims about its signature, from the header or from the query string.

use std::borrow::Cow;

use http::HeaderName;
use http::header::{AUTHORIZATION, DATE};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::{ALGORITHM, Form, MalformedSignature, Presented, Refusal, Scope, date, parts};
use crate::wire::request::Request;

/// Longest time for which a presigned request may hold, in seconds: seven days.
///
/// Source: S3 API Reference, "Authenticating Requests: Using Query Parameters", `X-Amz-Expires`.
pub(crate) const EXPIRES_SECONDS_MAX: i64 = 604_800;

/// Shortest time for which a presigned request may hold, in seconds.
///
/// Source: the same page.
pub(crate) const EXPIRES_SECONDS_MIN: i64 = 1;

// Names that are read once: each request asks for them.
static AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Reads the claims of a signed request; `None` where it is not signed at all.
pub(crate) fn read(request: &Request) -> Result<Option<Presented>, Refusal> {
    let parameters = Parameters::of(&request.query)?;
    let mut headers = request.headers.get_all(AUTHORIZATION).iter();
    let presented = match (headers.next(), parameters.is_signed()) {
        (None, false) => return Ok(None),
        (Some(_), true) => return Err(Refusal::Malformed(MalformedSignature::TwoMechanisms)),
        (None, true) => read_query(request, &parameters),
        (Some(value), false) => {
            if headers.next().is_some() {
                return Err(Refusal::Malformed(MalformedSignature::Repeated("Authorization")));
            }
            let value =
                value.to_str().map_err(|_| Refusal::Malformed(MalformedSignature::NotText))?;
            read_header(request, &parameters, value)
        }
    };
    presented.map(Some).map_err(Refusal::Malformed)
}

fn read_header(
    request: &Request,
    parameters: &Parameters,
    authorization: &str,
) -> Result<Presented, MalformedSignature> {
    let (algorithm, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let [mut credential, mut signed_headers, mut signature] = [None; 3];
    for part in parts(rest, b',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            let header = authorization.to_owned();
            return Err(MalformedSignature::NotKeyValue { part: part.to_owned(), header });
        };
        let (slot, name) = match name {
            "Credential" => (&mut credential, "Credential"),
            "SignedHeaders" => (&mut signed_headers, "SignedHeaders"),
            "Signature" => (&mut signature, "Signature"),
            _ => continue,
        };
        if slot.replace(value).is_some() {
            return Err(MalformedSignature::Repeated(name));
        }
    }
    let (Some(credential), Some(signed_headers), Some(signature)) =
        (credential, signed_headers, signature)
    else {
        let named = [
            ("Credential", credential),
            ("Signature", signature),
            ("SignedHeaders", signed_headers),
        ];
        let missing = named.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name);
        let algorithm = algorithm.to_owned();
        return Err(MalformedSignature::MissingParts { parts: missing.collect(), algorithm });
    };
    check_algorithm(algorithm)?;
    let (access_key_id, scope) = parse_credential(credential)?;
    Ok(Presented {
        access_key_id,
        session_token: session_token(request, parameters),
        scope,
        signed_at: header_date(request)?,
        form: Form::Header,
        signed_headers: parse_signed_headers(signed_headers)?,
        signature: signature.to_owned(),
        content_sha256: request.header(&CONTENT_SHA256).map(str::to_owned),
    })
}

fn read_query(request: &Request, parameters: &Parameters) -> Result<Presented, MalformedSignature> {
    let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date)) = (
        parameters.algorithm.as_deref(),
        parameters.credential.as_deref(),
        parameters.signature.as_deref(),
        parameters.signed_headers.as_deref(),
        parameters.date.as_deref(),
    ) else {
        return Err(MalformedSignature::MissingQuery(parameters.missing()));
    };
    check_algorithm(algorithm)?;
    let (access_key_id, scope) = parse_credential(credential)?;
    let expires_seconds = parameters.expires.as_deref().map(parse_expires).transpose()?;
    let header = request.header(&CONTENT_SHA256).map(str::to_owned);
    let in_query = || parameters.content_sha256.as_deref().map(str::to_owned);
    Ok(Presented {
        access_key_id,
        session_token: session_token(request, parameters),
        scope,
        signed_at: parse_date(date)?,
        form: Form::Query { expires_seconds },
        signed_headers: parse_signed_headers(signed_headers)?,
        signature: signature.to_owned(),
        content_sha256: header.or_else(in_query),
    })
}

fn check_algorithm(algorithm: &str) -> Result<(), MalformedSignature> {
    if algorithm == ALGORITHM {
        Ok(())
    } else {
        Err(MalformedSignature::Algorithm(algorithm.to_owned()))
    }
}

fn parse_credential(credential: &str) -> Result<(String, Scope), MalformedSignature> {
    match credential.split_once('/') {
        Some((id, scope)) if !id.is_empty() && parts(scope, b'/').count() == 4 => {
            Ok((id.to_owned(), Scope(scope.to_owned())))
        }
        _ => Err(MalformedSignature::Credential(credential.to_owned())),
    }
}

/// Signers sort the names; a list in another order has no canonical request.
fn parse_signed_headers(names: &str) -> Result<String, MalformedSignature> {
    let is_name = |name: &str| !name.is_empty() && !name.bytes().any(|b| b.is_ascii_uppercase());
    let ascending = parts(names, b';').is_sorted_by(|before, after| before < after);
    if ascending && parts(names, b';').all(is_name) {
        Ok(names.to_owned())
    } else {
        Err(MalformedSignature::SignedHeaders(names.to_owned()))
    }
}

fn parse_expires(text: &str) -> Result<i64, MalformedSignature> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|seconds| {
            is_number && (EXPIRES_SECONDS_MIN..=EXPIRES_SECONDS_MAX).contains(seconds)
        })
        .ok_or_else(|| MalformedSignature::Expires(text.to_owned()))
}

fn parse_date(text: &str) -> Result<Timestamp, MalformedSignature> {
    date::parse_basic(text).ok_or_else(|| MalformedSignature::Date(text.to_owned()))
}

/// The time of signing: `X-Amz-Date`, and `Date` only where that is absent.
fn header_date(request: &Request) -> Result<Timestamp, MalformedSignature> {
    let is_absent = |name: &HeaderName| !request.headers.contains_key(name);
    match (request.header(&AMZ_DATE), request.header(DATE)) {
        (Some(text), _) => parse_date(text),
        (None, Some(text)) if is_absent(&AMZ_DATE) => {
            date::parse_date_header(text).ok_or_else(|| MalformedSignature::Date(text.to_owned()))
        }
        (None, None) if is_absent(&AMZ_DATE) && is_absent(&DATE) => Err(MalformedSignature::NoDate),
        _ => Err(MalformedSignature::NotText),
    }
}

/// Source: `docs/evidence/get-federation-token.md`, AUTH-TOKEN-PLACE; `docs/evidence/sessions.md`,
/// S3-SESSION-07 (the header counts first).
fn session_token(request: &Request, parameters: &Parameters) -> Option<String> {
    let header = request.header(&SECURITY_TOKEN).map(str::to_owned);
    header.or_else(|| parameters.token.as_deref().map(str::to_owned))
}

/// The parameters of a presigned request, decoded.
#[derive(Default)]
struct Parameters<'a> {
    algorithm: Option<Cow<'a, str>>,
    credential: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    expires: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    token: Option<Cow<'a, str>>,
    content_sha256: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    /// Picks them from a query string; none may come twice.
    fn of(query: &'a str) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (slot, name) = match &*decode(name) {
                "X-Amz-Algorithm" => (&mut parameters.algorithm, "X-Amz-Algorithm"),
                "X-Amz-Credential" => (&mut parameters.credential, "X-Amz-Credential"),
                "X-Amz-Date" => (&mut parameters.date, "X-Amz-Date"),
                "X-Amz-Expires" => (&mut parameters.expires, "X-Amz-Expires"),
                "X-Amz-SignedHeaders" => (&mut parameters.signed_headers, "X-Amz-SignedHeaders"),
                "X-Amz-Signature" => (&mut parameters.signature, "X-Amz-Signature"),
                "X-Amz-Security-Token" => (&mut parameters.token, "X-Amz-Security-Token"),
                "X-Amz-Content-Sha256" => (&mut parameters.content_sha256, "X-Amz-Content-Sha256"),
                _ => continue,
            };
            if slot.replace(decode(value)).is_some() {
                return Err(Refusal::Malformed(MalformedSignature::Repeated(name)));
            }
        }
        Ok(parameters)
    }

    /// Whether somebody meant this request to be presigned.
    fn is_signed(&self) -> bool {
        self.algorithm.is_some() || self.credential.is_some() || self.signature.is_some()
    }

    /// The names of what a presigned request can't do without and this one does.
    fn missing(&self) -> Vec<&'static str> {
        let needed = [
            ("X-Amz-Algorithm", &self.algorithm),
            ("X-Amz-Credential", &self.credential),
            ("X-Amz-Signature", &self.signature),
            ("X-Amz-SignedHeaders", &self.signed_headers),
            ("X-Amz-Date", &self.date),
        ];
        needed.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect()
    }
}

/// Decodes a name or value of the query string; `+` is a blank, as in the canonical request.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let blanks = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&blanks).decode_utf8_lossy().into_owned())
}
