//! What the benches share: a query request, signed by AWS's own signer.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The content type of query requests.
const FORM: &str = "application/x-www-form-urlencoded";

/// A session policy that allows less than its issuer's policies.
pub const SESSION_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]}"#;

/// Who signs, and for which host and service.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// Host and port.
    pub host: &'a str,
    /// `sts` or `iam`.
    pub service: &'a str,
    /// The access key id.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret_access_key: &'a str,
}

/// The `GetFederationToken` that every bench repeats.
#[must_use]
pub fn get_federation_token() -> String {
    form(&[
        ("Action", "GetFederationToken"),
        ("Version", "2011-06-15"),
        ("Name", "speed"),
        ("DurationSeconds", "3600"),
        ("Policy", SESSION_POLICY),
    ])
}

/// The body of a query request.
#[must_use]
pub fn form(params: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> =
        params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// The headers of a POST with this body, `host` first, signed at this time.
///
/// # Panics
///
/// If the signer refuses the request.
#[must_use]
pub fn signed_headers(signer: &Signer<'_>, body: &str, at: SystemTime) -> Vec<(String, String)> {
    let id = Credentials::new(signer.access_key_id, signer.secret_access_key, None, None, "bench");
    let identity = id.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name(signer.service)
        .time(at)
        .settings(SigningSettings::default())
        .build()
        .expect("every parameter is there")
        .into();
    let own = [("host", signer.host), ("content-type", FORM)];
    let url = format!("http://{}/", signer.host);
    let request =
        SignableRequest::new("POST", url, own.into_iter(), SignableBody::Bytes(body.as_bytes()))
            .expect("the request is well-formed");
    let (instructions, _) = sign(request, &params).expect("the signer signs").into_parts();
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    own.into_iter().map(owned).chain(instructions.headers().map(owned)).collect()
}
