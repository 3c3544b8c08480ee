//! Sends one HTTP request and reads the whole answer, within a deadline and a size.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use stspec_scenario::Service;
use stspec_verdict::{Observation, Observed};
use tokio::time::Instant;

use crate::RunError;
use crate::pacer::{Pacer, Turn};
use crate::patience::Patience;

/// How long one request may take, from connecting to the last byte, unless somebody says otherwise.
///
/// Source: ours; a signed request is answered within milliseconds, by AWS within a second.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(10);

/// How much of an answer's body is read, in bytes; no answer that a rule expects comes near.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// A request with everything that goes on the wire.
#[derive(Debug, Clone)]
pub(crate) struct WireRequest {
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
    patience: Arc<Patience>,
    pacer: Arc<Pacer>,
}

impl Transport {
    pub(crate) fn new(deadline: Duration, pacer: Pacer) -> Result<Self, RunError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .timeout(deadline)
            .build()
            .map_err(|error| RunError::Client { reason: chain(&error) })?;
        Ok(Self { client, patience: Arc::default(), pacer: Arc::new(pacer) })
    }

    /// Waits for the leave to send one request; best asked for before signing, as signatures age.
    pub(crate) async fn turn(&self) -> Turn {
        self.pacer.turn().await
    }

    /// Whether a service left so many requests unanswered that no further one is worth its deadline.
    pub(crate) fn has_given_up(&self, service: Service) -> bool {
        self.patience.is_over(service)
    }

    /// Sends and observes; a missing answer is an observation, too.
    pub(crate) async fn send(&self, turn: Turn, request: &WireRequest) -> Observed {
        let started = Instant::now();
        match self.exchange(turn, request).await {
            Ok((status, headers, body)) => {
                let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                Observed::Answer(Observation::new(status, headers, &body, duration_us))
            }
            Err(reason) => Observed::NoAnswer(reason),
        }
    }

    /// Sends and reads to the end; fails in words where no whole answer came.
    pub(crate) async fn exchange(
        &self,
        _turn: Turn,
        request: &WireRequest,
    ) -> Result<RawAnswer, String> {
        match self.attempt(request).await {
            Ok(answer) => {
                self.patience.answered(request.service);
                Ok(answer)
            }
            Err(Missed { reason, in_time }) => {
                if !in_time {
                    self.patience.missed(request.service);
                }
                Err(reason)
            }
        }
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
