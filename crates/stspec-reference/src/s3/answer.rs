//! S3 requests: authenticated, authorised, done.

use std::sync::Arc;

use stspec_iam::{Decision, Policy};

use super::{Need, Rules, S3Call, S3Context, S3Error, S3Operation};
use crate::auth::Denial;
use crate::auth::identity::Identity;
use crate::authz::{Access, Question};
use crate::call::Call;
use crate::model::service::Service;
use crate::sigv4::{self, ChunkError, Decoded, Presented, Refusal};
use crate::state::directory::Directory;
use crate::state::objects::Bucket;
use crate::wire::answer::Answer;

/// Answers a request, signed or not.
pub(crate) fn answer(call: &Call<'_>, access: &Access, rules: &Rules) -> Answer {
    let is_head = call.request.method == http::Method::HEAD;
    perform(call, access, rules)
        .unwrap_or_else(|error| super::refuse(&error, is_head, &call.request_id))
}

/// The answer to one request too many.
///
/// Source: Amazon S3 API Reference, "Error responses", `SlowDown`.
pub(crate) fn throttled(call: &Call<'_>) -> Answer {
    let is_head = call.request.method == http::Method::HEAD;
    let error = S3Error::new(503, "SlowDown", "Please reduce your request rate.");
    super::refuse(&error, is_head, &call.request_id)
}

fn perform(call: &Call<'_>, access: &Access, rules: &Rules) -> Result<Answer, S3Error> {
    // Held until the end, because some operations ask about further objects as they go. Nobody who
    // holds the lock on the buckets waits for this one.
    let directory = call.state.directory();
    if is_presigned_with_version_2(call) {
        return Err(S3Error::version_2_unsupported());
    }
    let denied = |denial| denied(call, denial);
    let caller =
        access.authentication.authenticate(call, &directory, Service::S3).map_err(denied)?;
    let Decoded { data, trailer } = body(call)?;
    let s3_call = super::parse(call.request, data, &trailer)?;
    let asker = Asker {
        call,
        access,
        rules,
        directory: &directory,
        caller: caller.as_ref(),
        bucket_policy: bucket_policy(call, s3_call.operation())?,
    };
    if let Some(need) = s3_call.operation().need() {
        asker.check_allowed(&need, &s3_call)?;
    }
    let context = S3Context {
        store: &call.state.objects,
        may: &|need| asker.decide(need, &[]).0.allowed(),
        region: call.presented().map_or(&call.state.region, |signed| signed.scope.region()),
        account: call.state.account.as_str(),
        rules,
        now: call.now,
        request_id: &call.request_id,
    };
    Ok(super::execute(&s3_call, &context))
}

/// Whether a request was presigned with version 2 of the signature, as boto3 does by default where
/// the region is one of the oldest, such as us-east-1.
///
/// Taken for unsigned, such a URL would be refused without a hint at the cause.
fn is_presigned_with_version_2(call: &Call<'_>) -> bool {
    call.request.query.split('&').any(|parameter| parameter.starts_with("AWSAccessKeyId="))
}

/// The body without the chunks that AWS's SDKs wrap it in.
fn body(call: &Call<'_>) -> Result<Decoded, S3Error> {
    let body = &call.request.body;
    let is_chunked = call.presented().is_some_and(Presented::body_is_aws_chunked);
    if !is_chunked {
        return Ok(Decoded { data: body.clone(), trailer: Vec::new() });
    }
    let length = decoded_length(call)?;
    let decoded = sigv4::decode_aws_chunked(body).map_err(|_| incomplete_body())?;
    if decoded.data.len() == length {
        return Ok(decoded);
    }
    // Recorded: versitygw#1684.
    let message =
        "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Err(S3Error::new(400, "IncompleteBody", message)
        .with("NumberBytesExpected", length.to_string())
        .with("NumberBytesProvided", decoded.data.len().to_string()))
}

/// Whatever is wrong with chunks but for their signatures.
///
/// Recorded: versitygw#1685.
fn incomplete_body() -> S3Error {
    S3Error::new(400, "IncompleteBody", "The request body terminated unexpectedly")
}

/// How long a body in chunks says it is without them; a plain body may say what it will.
///
/// Recorded: versitygw#1656.
fn decoded_length(call: &Call<'_>) -> Result<usize, S3Error> {
    let announced = call.request.header("x-amz-decoded-content-length");
    announced.and_then(|length| length.parse().ok()).ok_or_else(|| {
        let message = "You must provide the Content-Length HTTP header.";
        S3Error::new(411, "MissingContentLength", message)
    })
}

/// The policy of the bucket that an operation is about.
///
/// That there is no such bucket is said before anybody asks who may: there is nothing to be allowed.
fn bucket_policy(
    call: &Call<'_>,
    operation: &S3Operation,
) -> Result<Option<(String, Arc<Policy>)>, S3Error> {
    let objects = call.state.objects.read();
    let bucket = match operation.bucket() {
        None => return Ok(None),
        Some(bucket) if operation.creates_bucket() => objects.bucket(bucket),
        Some(bucket) => Some(objects.existing_bucket(bucket)?),
    };
    let policy = bucket.and_then(Bucket::policy).map(Arc::clone);
    let label = operation.bucket().map(|bucket| format!("policy of {bucket}"));
    Ok(label.zip(policy))
}

/// Somebody with all that decides what it may do in one bucket.
struct Asker<'a> {
    call: &'a Call<'a>,
    access: &'a Access,
    rules: &'a Rules,
    directory: &'a Directory,
    caller: Option<&'a Identity<'a>>,
    bucket_policy: Option<(String, Arc<Policy>)>,
}

impl Asker<'_> {
    fn check_allowed(&self, need: &Need, s3_call: &S3Call) -> Result<(), S3Error> {
        let (decision, denial) = self.decide(need, &s3_call.operation().context());
        match (decision.because(), self.caller) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(S3Error::access_denied("Access Denied")),
            (Some(because), Some(_)) => {
                Err(S3Error::access_denied((self.rules.denial_message)(&denial, &because)))
            }
        }
    }

    /// The decision, and what is said to somebody who is refused.
    fn decide(&self, need: &Need, service_keys: &[(&str, String)]) -> (Decision, String) {
        let policy = self.bucket_policy.as_ref();
        let resource = need.resource(self.call.state.partition);
        let question = Question {
            caller: self.caller,
            action: need.action,
            resource: &resource,
            resource_policy: policy.map(|(label, policy)| (label.as_str(), policy)),
            request_tags: &[],
            service_keys,
        };
        let decision = self.access.authorization.decide(self.call, self.directory, &question);
        (decision, self.access.authorization.denial(self.call.state, &question))
    }
}

/// How S3 words a failed authentication.
///
/// Source: `docs/evidence/sessions.md`, S3-SESSION-01 to S3-SESSION-08; the codes beyond it from
/// the S3 API Reference, "Error responses".
fn denied(call: &Call<'_>, denial: Denial) -> S3Error {
    match denial {
        Denial::Signature(refusal) => refused(refusal),
        Denial::UnknownKey => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            let id = call.presented().map_or("", |presented| &presented.access_key_id);
            S3Error::new(403, "InvalidAccessKeyId", message).with("AWSAccessKeyId", id)
        }
        Denial::UnreadableToken => {
            let message = "The provided token is malformed or otherwise invalid.";
            S3Error::new(400, "InvalidToken", message)
        }
        Denial::Expired => S3Error::new(400, "ExpiredToken", "The provided token has expired."),
    }
}

fn refused(refusal: Refusal) -> S3Error {
    let message = refusal.message();
    match refusal {
        Refusal::Malformed(_) | Refusal::Scope(_) => {
            S3Error::new(400, "AuthorizationHeaderMalformed", message)
        }
        Refusal::Stale { signed_at, now, skew_seconds }
        | Refusal::Future { signed_at, now, skew_seconds } => {
            let message =
                "The difference between the request time and the current time is too large.";
            S3Error::new(403, "RequestTimeTooSkewed", message)
                .with("RequestTime", signed_at.to_string())
                .with("ServerTime", now.to_string())
                .with("MaxAllowedSkewMilliseconds", (skew_seconds * 1000).to_string())
        }
        Refusal::PresignedExpired { expires_seconds, now, .. } => {
            S3Error::access_denied("Request has expired")
                .with("X-Amz-Expires", expires_seconds.to_string())
                .with("ServerTime", now.to_string())
        }
        Refusal::UnsignedHeader(header) => {
            S3Error::access_denied(message).with("HeadersNotSigned", header)
        }
        Refusal::Mismatch { canonical_request, string_to_sign } => {
            S3Error::new(403, "SignatureDoesNotMatch", message)
                .with("StringToSign", string_to_sign)
                .with("CanonicalRequest", canonical_request)
        }
        Refusal::PayloadHash { claimed, computed } => {
            S3Error::new(400, "XAmzContentSHA256Mismatch", message)
                .with("ClientComputedContentSHA256", claimed)
                .with("S3ComputedContentSHA256", computed)
        }
        Refusal::Chunks(ChunkError::Signature { .. }) => {
            S3Error::new(403, "SignatureDoesNotMatch", message)
        }
        Refusal::Chunks(_) => incomplete_body(),
    }
}
