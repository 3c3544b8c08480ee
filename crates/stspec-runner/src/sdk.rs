//! Sends a call through `aws-sdk-sts`, which proves that a real SDK can read the answer.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::config::{BehaviorVersion, Region};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use stspec_scenario::{Call, Service};
use stspec_verdict::{Observation, Observed};
use tokio::time::Instant;

use crate::connection::Signer;
use crate::pacer::Turn;
use crate::transport::{RawAnswer, Transport, WireRequest, chain};

/// Where the SDK sends to, and what carries it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) region: &'a str,
    pub(crate) transport: &'a Transport,
    /// The check that it is sent for; nothing under load, where no request is kept.
    pub(crate) about: Option<&'a str>,
}

/// Sends through the SDK with its default settings, apart from retries, which are off, and from its
/// HTTP client: requests go the way of all others, past proxies, with a deadline and a body limit.
///
/// The observation is the raw answer behind the SDK's; an answer that the SDK cannot read is none.
/// Fails, in words, on a call or a parameter that is not made ready here for the SDK.
pub(crate) async fn send(
    call: Call,
    pairs: &[(String, String)],
    signer: Signer<'_>,
    destination: Destination<'_>,
) -> Result<Observed, String> {
    let turn = destination.transport.turn().await;
    let started = Instant::now();
    let answer = exchange(call, pairs, signer, (turn, destination)).await?;
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(match answer {
        Ok((status, headers, body)) => {
            Observed::Answer(Observation::new(status, headers, &body, duration_us))
        }
        Err(reason) => Observed::NoAnswer(reason),
    })
}

/// As [`send`], with the raw answer, or why there is none.
pub(crate) async fn exchange(
    call: Call,
    pairs: &[(String, String)],
    signer: Signer<'_>,
    (turn, destination): (Turn, Destination<'_>),
) -> Result<Result<RawAnswer, String>, String> {
    let transport = destination.transport.clone();
    let about = destination.about.map(str::to_owned);
    let turn = Arc::new(Mutex::new(Some(turn)));
    let wire = Wire { transport, about, turn, seen: Arc::default() };
    let client = client(signer, destination, wire.clone());
    let read = match (call.service, call.operation) {
        (Service::Sts, "GetFederationToken") => get_federation_token(&client, pairs).await?,
        (Service::Sts, "GetCallerIdentity") => readable(client.get_caller_identity().send().await),
        (Service::Sts, "GetSessionToken") => {
            let seconds = duration_seconds(pairs)?;
            readable(client.get_session_token().set_duration_seconds(seconds).send().await)
        }
        _ => return Err(format!("`client: sdk` cannot send {call}")),
    };
    Ok(match (wire.take(), read) {
        (Some(Ok(answer)), Ok(())) => Ok(answer),
        (Some(Err(reason)), _) | (_, Err(reason)) => Err(reason),
        (None, Ok(())) => Err("the SDK answered without a response".to_owned()),
    })
}

async fn get_federation_token(
    client: &aws_sdk_sts::Client,
    pairs: &[(String, String)],
) -> Result<Result<(), String>, String> {
    let mut request = client.get_federation_token().set_duration_seconds(duration_seconds(pairs)?);
    for (name, value) in pairs {
        request = match name.as_str() {
            "Name" => request.name(value),
            "Policy" => request.policy(value),
            "DurationSeconds" => request,
            other => return Err(format!("`client: sdk` cannot send the parameter `{other}`")),
        };
    }
    Ok(readable(request.send().await))
}

fn duration_seconds(pairs: &[(String, String)]) -> Result<Option<i32>, String> {
    let Some((_, text)) = pairs.iter().find(|(name, _)| name == "DurationSeconds") else {
        return Ok(None);
    };
    let seconds =
        text.parse().map_err(|_| format!("the SDK takes no DurationSeconds of `{text}`"))?;
    Ok(Some(seconds))
}

/// Whether the SDK understood the answer: a success with its values, or an error with its code.
fn readable<T, E>(outcome: Result<T, SdkError<E>>) -> Result<(), String>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match outcome {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(error)) if error.err().code().is_some() => Ok(()),
        Err(error) => Err(format!("the SDK could not read the answer: {}", chain(&error))),
    }
}

fn client(signer: Signer<'_>, destination: Destination<'_>, wire: Wire) -> aws_sdk_sts::Client {
    let credentials = aws_credential_types::Credentials::new(
        &signer.credentials.access_key_id,
        signer.credentials.secret_access_key.expose(),
        signer.token.map(str::to_owned),
        None,
        "stspec",
    );
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(destination.region.to_owned()))
        .endpoint_url(destination.endpoint)
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(wire.clone())))
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

/// The SDK's way to the network: our own, which keeps what came back.
#[derive(Debug, Clone)]
struct Wire {
    transport: Transport,
    about: Option<String>,
    /// The leave to send; the SDK signs after it was given, as signatures age.
    turn: Arc<Mutex<Option<Turn>>>,
    seen: Arc<Mutex<Option<Result<RawAnswer, String>>>>,
}

impl Wire {
    fn take(&self) -> Option<Result<RawAnswer, String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn carry(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let failed = |reason: String| ConnectorError::other(reason.into(), None);
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner).take();
        let answer = match (wire_request(&request), turn) {
            (Ok(request), Some(turn)) => match self.about.clone() {
                Some(about) => {
                    self.transport.exchange(turn, &WireRequest { about, ..request }).await
                }
                None => self.transport.carry(turn, &request).await,
            },
            (Ok(_), None) => Err("the SDK wants to send a call twice".to_owned()),
            (Err(reason), _) => Err(reason),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer.clone());
        let (status, headers, body) = answer.map_err(failed)?;
        let status = StatusCode::try_from(status).map_err(|error| failed(error.to_string()))?;
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in headers {
            let appended = response.headers_mut().try_append(name, value);
            appended.map_err(|error| failed(error.to_string()))?;
        }
        Ok(response)
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().carry(request))
    }
}

fn wire_request(request: &HttpRequest) -> Result<WireRequest, String> {
    let method = request.method().parse().map_err(|_| "the SDK's method is none".to_owned())?;
    let headers = request.headers().iter();
    let body = request.body().bytes().ok_or("the SDK's body is a stream")?;
    Ok(WireRequest {
        about: String::new(),
        service: Service::Sts,
        method,
        url: request.uri().to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: bytes::Bytes::copy_from_slice(body),
    })
}
