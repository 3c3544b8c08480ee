//! Sends one HTTP request and reads the whole answer, within a deadline and a size.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use stspec_scenario::Service;
use stspec_verdict::{Observation, Observed, TracedExchange};
use tokio::time::Instant;

use crate::RunError;
use crate::wire::circuit_breaker::CircuitBreaker;
use crate::wire::rate_limit::{RateLimiter, SendPermit};
use crate::wire::secrets::Secrets;
use crate::wire::trace::Trace;

/// How much of an answer's body is read, in bytes; no answer that a rule expects comes near.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// A request with everything that goes on the wire.
#[derive(Debug, Clone)]
pub(crate) struct WireRequest {
    /// The check that it is sent for, or another word for what it is about; only traces tell it.
    pub(crate) about: String,
    /// The service that it is for.
    pub(crate) service: Service,
    pub(crate) method: http::Method,
    /// The whole URL, percent-encoded.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Status, headers and body as they came over the wire.
pub(crate) type RawAnswer = (u16, Vec<(String, String)>, Vec<u8>);

/// An HTTP client that never follows, retries or decodes: what the target says is what is judged.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    client: reqwest::Client,
    breaker: Arc<CircuitBreaker>,
    rate_limiter: Arc<RateLimiter>,
    pub(crate) secrets: Secrets,
    tracing: Option<Trace>,
}

impl Transport {
    /// A client with a deadline for each request and a pace for all; what it sends is kept for a trace
    /// where there is to be one.
    pub(crate) fn new(
        deadline: Duration,
        rate_limiter: RateLimiter,
        secrets: Secrets,
        tracing: Option<Trace>,
    ) -> Result<Self, RunError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .timeout(deadline)
            .build()
            .map_err(|error| RunError::Client { reason: chain(&error) })?;
        Ok(Self {
            client,
            breaker: Arc::default(),
            rate_limiter: Arc::new(rate_limiter),
            secrets,
            tracing,
        })
    }

    /// Waits for the leave to send one request; best asked for before signing, as signatures age.
    pub(crate) async fn permit(&self) -> SendPermit {
        self.rate_limiter.acquire().await
    }

    /// What was kept for a trace, if there is to be one.
    pub(crate) fn traced(&self) -> Vec<TracedExchange> {
        self.tracing.as_ref().map(Trace::take).unwrap_or_default()
    }

    /// Whether a service left so many requests unanswered that no further one is worth its deadline.
    pub(crate) fn has_given_up(&self, service: Service) -> bool {
        self.breaker.is_open(service)
    }

    /// Asks services again that left requests unanswered a while ago.
    pub(crate) fn reset(&self) {
        self.breaker.reset();
    }

    /// Sends and observes; a missing answer is an observation, too.
    pub(crate) async fn send(&self, permit: SendPermit, request: &WireRequest) -> Observed {
        let started = Instant::now();
        match self.exchange(permit, request).await {
            Ok((status, headers, body)) => {
                let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                Observed::Answer(Observation::new(status, headers, &body, duration_us))
            }
            Err(reason) => Observed::NoAnswer(reason),
        }
    }

    /// As [`Self::exchange`], and forgets the request at once, as under load there are too many to remember.
    pub(crate) async fn carry(
        &self,
        _turn: SendPermit,
        request: &WireRequest,
    ) -> Result<RawAnswer, String> {
        self.attempt(request).await.map_err(|missed| missed.reason)
    }

    /// Sends and reads to the end; fails in words where no whole answer came.
    ///
    /// Whatever becomes of the answer, the secrets in it are known from here on.
    pub(crate) async fn exchange(
        &self,
        _turn: SendPermit,
        request: &WireRequest,
    ) -> Result<RawAnswer, String> {
        if let Some(signature) = signature_in(request) {
            // A target may repeat it in its answer.
            self.secrets.register_text(signature);
        }
        let sent = Instant::now();
        let answer = match self.attempt(request).await {
            Ok((status, headers, body)) => {
                self.breaker.answered(request.service);
                let seen = Observation::new(status, headers.clone(), &body, 0);
                self.secrets.register_answer(&seen);
                Ok((status, headers, body))
            }
            Err(Missed { reason, in_time }) => {
                if !in_time {
                    self.breaker.missed(request.service);
                }
                Err(reason)
            }
        };
        if let Some(tracing) = &self.tracing {
            tracing.keep(request, sent, &answer);
        }
        answer
    }

    async fn attempt(&self, request: &WireRequest) -> Result<RawAnswer, Missed> {
        let mut builder = self.client.request(request.method.clone(), &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let mut response = builder.body(request.body.clone()).send().await.map_err(Missed::of)?;
        let status = response.status().as_u16();
        let headers = observed_headers(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Missed::of)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                let reason = format!("the answer's body is larger than {BODY_BYTES_MAX} bytes");
                return Err(Missed { reason, in_time: true });
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, body))
    }
}

/// Why there was no whole answer.
struct Missed {
    reason: String,
    /// Whether that was clear before the deadline.
    in_time: bool,
}

impl Missed {
    #[expect(clippy::needless_pass_by_value, reason = "it maps errors, which come by value")]
    fn of(error: reqwest::Error) -> Self {
        Self { reason: chain(&error), in_time: !error.is_timeout() }
    }
}

/// The signature in a request, where there is one: in the header, or in the query string.
fn signature_in(request: &WireRequest) -> Option<&str> {
    let header = |name: &str| {
        let mut headers = request.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    let in_header = || header("authorization")?.split_once("Signature=").map(|(_, rest)| rest);
    let in_query = || request.url.split_once("X-Amz-Signature=").map(|(_, rest)| rest);
    let rest = in_header().or_else(in_query)?;
    rest.split([',', '&', ' ']).next()
}

/// Header names in lower case with their values as text.
pub(crate) fn observed_headers(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// An error with its causes, which hold the part that helps: "connection refused".
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], url: &str, signature: Option<&str>) {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let request = WireRequest {
            about: String::new(),
            service: Service::Sts,
            method: http::Method::POST,
            url: url.to_owned(),
            headers: headers.collect(),
            body: Bytes::new(),
        };
        assert_eq!(signature_in(&request), signature);
    }

    #[test]
    fn a_signature_is_found_wherever_it_stands() {
        let signed = "AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=0a1b2c";
        check(&[("Authorization", signed)], "http://a/", Some("0a1b2c"));
        check(&[], "http://a/?X-Amz-Signature=0a1b2c&X-Amz-Date=1", Some("0a1b2c"));
        check(&[("authorization", "Bearer x")], "http://a/?x=y", None);
    }
}
