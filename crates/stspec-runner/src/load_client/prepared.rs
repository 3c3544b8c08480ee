//! A request with all that stays the same, to which each sending adds time and signature.

use std::str::FromStr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use stspec_scenario::Service;

use super::connection::Endpoint;
use super::signer::{SignedTime, Signing, hexadecimal};
use crate::credentials::Secret;
use crate::wire::transport::WireRequest;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// A request that is the same each time but for its time, its signature and its session token.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The number of the endpoint that it goes to.
    pub(crate) endpoint: usize,
    service: Service,
    method: Method,
    /// Path and query, as they are sent.
    target: Uri,
    host: HeaderValue,
    content_type: Option<HeaderValue>,
    body: Bytes,
    body_hash: [u8; 64],
    /// Method, path and query as signatures spell them, up to the headers.
    canonical_head: String,
}

impl Prepared {
    /// Takes a request apart; its endpoint is added to `endpoints` unless it is among them.
    ///
    /// Fails, in words, on a request that is not of the plain shape.
    pub(crate) fn new(request: WireRequest, endpoints: &mut Vec<Endpoint>) -> Result<Self, String> {
        let url = Uri::from_str(&request.url).map_err(|error| error.to_string())?;
        let (Some(scheme), Some(authority)) = (url.scheme(), url.authority()) else {
            return Err(format!("`{}` is no http or https URL", request.url));
        };
        let base = Uri::builder()
            .scheme(scheme.clone())
            .authority(authority.clone())
            .path_and_query("/")
            .build()
            .map_err(|error| error.to_string())?;
        let known = endpoints.iter().position(|endpoint| endpoint.base == base);
        let endpoint = if let Some(known) = known {
            known
        } else {
            endpoints.push(Endpoint::new(base)?);
            endpoints.len() - 1
        };
        let mut content_type = None;
        for (name, value) in &request.headers {
            if name != CONTENT_TYPE.as_str() {
                return Err(format!(
                    "the header `{name}` is not among those that are signed quickly"
                ));
            }
            content_type = Some(header(value)?);
        }
        let query = canonical_query(url.query().unwrap_or_default());
        let canonical_head =
            format!("{}\n{}\n{query}\n", request.method, canonical_path(&url, request.service)?);
        Ok(Self {
            endpoint,
            service: request.service,
            target: Uri::from_str(url.path_and_query().map_or("/", |target| target.as_str()))
                .map_err(|error| error.to_string())?,
            host: header(host_of(scheme.as_str(), authority))?,
            content_type,
            body_hash: hexadecimal(&Sha256::digest(&request.body)),
            method: request.method,
            body: request.body,
            canonical_head,
        })
    }

    /// The request of this moment, signed unless nobody signs it.
    pub(crate) fn request(
        &self,
        signing: Option<&mut Signing>,
        region: &str,
        time: SignedTime,
    ) -> Result<Request<Full<Bytes>>, String> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        let headers = request.headers_mut();
        headers.reserve(6);
        headers.insert(HOST, self.host.clone());
        if let Some(content_type) = &self.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        let Some(signing) = signing else { return Ok(request) };
        let hash = std::str::from_utf8(&self.body_hash).unwrap_or_default();
        let token = signing.credentials.session_token.as_ref().map(Secret::expose);
        let is_s3 = self.service == Service::S3;
        let mut canonical = Vec::with_capacity(512 + token.map_or(0, str::len));
        let mut signed = String::with_capacity(80);
        canonical.extend_from_slice(self.canonical_head.as_bytes());
        let content_type = self.content_type.as_ref().map(HeaderValue::as_bytes);
        let fields: [(&str, Option<&[u8]>); 5] = [
            ("content-type", content_type),
            ("host", Some(self.host.as_bytes())),
            ("x-amz-content-sha256", is_s3.then_some(hash.as_bytes())),
            ("x-amz-date", Some(time.as_str().as_bytes())),
            ("x-amz-security-token", token.map(str::as_bytes)),
        ];
        for (name, value) in fields {
            let Some(value) = value else { continue };
            for part in [name.as_bytes(), b":", value, b"\n"] {
                canonical.extend_from_slice(part);
            }
            if !signed.is_empty() {
                signed.push(';');
            }
            signed.push_str(name);
        }
        for part in [b"\n", signed.as_bytes(), b"\n", hash.as_bytes()] {
            canonical.extend_from_slice(part);
        }
        headers.insert(DATE, header(time.as_str())?);
        if is_s3 {
            headers.insert(CONTENT_HASH, header(hash)?);
        }
        if let Some(token) = token {
            headers.insert(TOKEN, sensitive(token)?);
        }
        let authorization = signing.authorization(&canonical, &signed, self.service, region, time);
        headers.insert(AUTHORIZATION, sensitive(&authorization)?);
        Ok(request)
    }
}

fn header(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}

fn sensitive(text: &str) -> Result<HeaderValue, String> {
    let mut value = header(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The `Host` header: without the port that goes without saying.
fn host_of<'a>(scheme: &str, authority: &'a http::uri::Authority) -> &'a str {
    match (scheme, authority.port_u16()) {
        ("http", Some(80)) | ("https", Some(443)) => authority.host(),
        _ => authority.as_str(),
    }
}

/// The path as signatures spell it: for S3 as it is sent; for the others only paths that are spelt the same
/// once more encoded.
fn canonical_path(url: &Uri, service: Service) -> Result<String, String> {
    let path = url.path();
    let is_plain = path.split('/').all(|segment| {
        !matches!(segment, "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    });
    if service == Service::S3 || (is_plain && !path.contains("//")) {
        return Ok(path.to_owned());
    }
    Err(format!("the path `{path}` is not among those that are signed quickly"))
}

/// Pairs in the order of their names, each with an equals sign; ours are encoded as signatures want them.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
        .collect();
    pairs.sort();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use stspec_scenario::{Call, SigningOptions, WireOptions};

    use super::*;
    use crate::credentials::Credentials;
    use crate::wire::request::{Unsigned, build};
    use crate::wire::sign::{SigningScope, sign_request};

    fn session() -> Credentials {
        let token = "IQoJb3JpZ2lu/+=".repeat(40);
        Credentials {
            session_token: Some(Secret::new(token)),
            ..Credentials::long_term("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY")
        }
    }

    fn wire(call: &str, pairs: &[(&str, &str)], endpoint: &str) -> WireRequest {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let (call, send) = (Call::parse(call).unwrap(), WireOptions::default());
        build(&Unsigned { call, pairs: &pairs, send: &send, endpoint, region: "eu-west-1" })
            .unwrap()
    }

    /// Checks that all headers are those of `aws-sigv4`, byte for byte, at several times.
    #[track_caller]
    fn check(call: &str, pairs: &[(&str, &str)], endpoint: &str) {
        for credentials in [Credentials::long_term("AKIAEXAMPLE", "secret"), session()] {
            let mut signing = Signing::new(credentials.clone());
            let prepared = Prepared::new(wire(call, pairs, endpoint), &mut Vec::new()).unwrap();
            for seconds in [0, 86_399, 1_795_305_600, 1_795_305_601, 1_795_392_000] {
                let now = UNIX_EPOCH + Duration::from_secs(seconds);
                let time = SignedTime::of(now);
                let ours = prepared.request(Some(&mut signing), "eu-west-1", time).unwrap();
                let mut theirs = wire(call, pairs, endpoint);
                let scope = SigningScope { service: theirs.service, region: "eu-west-1", now };
                let token = credentials.session_token.as_ref().map(Secret::expose);
                sign_request(&mut theirs, &credentials, token, &SigningOptions::default(), scope)
                    .unwrap();
                for (name, value) in &theirs.headers {
                    let own = ours.headers().get(name).map(|value| value.to_str().unwrap());
                    assert_eq!(own, Some(value.as_str()), "{name} of {call} at {seconds}");
                }
                assert_eq!(
                    ours.headers().len(),
                    theirs.headers.len() + 1,
                    "{call}: `Host` is added"
                );
            }
        }
    }

    #[test]
    fn signatures_are_those_of_the_aws_signer() {
        let local = "http://127.0.0.1:4566";
        check("sts.GetCallerIdentity", &[], local);
        check("sts.GetCallerIdentity", &[], "https://sts.eu-west-1.amazonaws.com");
        check("sts.GetCallerIdentity", &[], "http://127.0.0.1:80");
        check("sts.GetCallerIdentity", &[], "https://example.com:443");
        check("sts.GetCallerIdentity", &[], "https://example.com:8443/sts");
        check(
            "sts.GetFederationToken",
            &[("Name", "a b&c=é/+"), ("DurationSeconds", "900")],
            local,
        );
        check("sts.GetFederationToken", &[("Policy", &"{\"Statement\": []}".repeat(100))], local);
        check("iam.ListUsers", &[("PathPrefix", "/stspec/")], local);
        check("s3.GetObject", &[("Bucket", "b"), ("Key", "a b/c+é~")], local);
        check("s3.PutObject", &[("Bucket", "b"), ("Key", "k"), ("Body", "text")], local);
        check("s3.ListObjectsV2", &[("Bucket", "b"), ("Prefix", "a/b c"), ("MaxKeys", "3")], local);
        check("s3.GetBucketPolicy", &[("Bucket", "b")], local);
        check("s3.ListBuckets", &[], local);
    }

    #[test]
    fn calls_of_one_server_share_an_endpoint() {
        let mut endpoints = Vec::new();
        for (call, base, number) in [
            ("sts.GetCallerIdentity", "http://127.0.0.1:1", 0),
            ("s3.ListBuckets", "http://127.0.0.1:1", 0),
            ("s3.ListBuckets", "http://127.0.0.1:2", 1),
        ] {
            let prepared = Prepared::new(wire(call, &[], base), &mut endpoints).unwrap();
            assert_eq!(prepared.endpoint, number);
        }
        assert_eq!(endpoints.len(), 2);
    }

    #[test]
    fn a_path_that_signatures_spell_in_another_way_is_refused() {
        let request = wire("sts.GetCallerIdentity", &[], "http://127.0.0.1:1/a%20b");
        assert!(Prepared::new(request, &mut Vec::new()).unwrap_err().contains("/a%20b/"));
    }

    #[test]
    fn nobodys_request_is_not_signed() {
        let request = wire("sts.GetCallerIdentity", &[], "http://127.0.0.1:1");
        let prepared = Prepared::new(request, &mut Vec::new()).unwrap();
        let request = prepared.request(None, "eu-west-1", SignedTime::of(UNIX_EPOCH)).unwrap();
        assert!(!request.headers().contains_key(AUTHORIZATION));
        assert_eq!(request.uri(), "/");
    }
}
