//! Sends a call through `aws-sdk-sts`, which proves that a real SDK can read the answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sts::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_sts::config::{BehaviorVersion, ConfigBag, Intercept, Region, RuntimeComponents};
use aws_sdk_sts::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use stspec_scenario::{Call, Service};
use stspec_verdict::{Observation, Observed};
use tokio::time::Instant;

use crate::connection::Signer;
use crate::transport::{REQUEST_SECONDS_MAX, chain};

/// Where the SDK sends to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) region: &'a str,
}

/// Sends through the SDK with its default settings, apart from retries, which are off.
///
/// The observation is the raw answer behind the SDK's; an answer that the SDK cannot read is none.
pub(crate) async fn send(
    call: Call,
    pairs: &[(String, String)],
    signer: Signer<'_>,
    destination: Destination<'_>,
) -> Observed {
    let raw = RawAnswer::default();
    let client = client(signer, destination, raw.clone());
    let started = Instant::now();
    let outcome = match (call.service, call.operation) {
        (Service::Sts, "GetFederationToken") => get_federation_token(&client, pairs).await,
        (Service::Sts, "GetCallerIdentity") => readable(client.get_caller_identity().send().await),
        (Service::Sts, "GetSessionToken") => {
            let duration_seconds = duration_seconds(pairs);
            match duration_seconds {
                Ok(seconds) => {
                    readable(client.get_session_token().set_duration_seconds(seconds).send().await)
                }
                Err(reason) => Err(reason),
            }
        }
        _ => Err(format!("`client: sdk` cannot send {call}")),
    };
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    match (outcome, raw.take()) {
        (Ok(()), Some((status, headers, body))) => {
            Observed::Answer(Observation::new(status, headers, &body, duration_us))
        }
        (Ok(()), None) => Observed::NoAnswer("the SDK answered without a response".to_owned()),
        (Err(reason), _) => Observed::NoAnswer(reason),
    }
}

async fn get_federation_token(
    client: &aws_sdk_sts::Client,
    pairs: &[(String, String)],
) -> Result<(), String> {
    let mut request = client.get_federation_token().set_duration_seconds(duration_seconds(pairs)?);
    for (name, value) in pairs {
        request = match name.as_str() {
            "Name" => request.name(value),
            "Policy" => request.policy(value),
            "DurationSeconds" => request,
            other => return Err(format!("`client: sdk` cannot send the parameter `{other}`")),
        };
    }
    readable(request.send().await)
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

fn client(signer: Signer<'_>, destination: Destination<'_>, raw: RawAnswer) -> aws_sdk_sts::Client {
    let credentials = aws_credential_types::Credentials::new(
        &signer.credentials.access_key_id,
        signer.credentials.secret_access_key.expose(),
        signer.token.map(str::to_owned),
        None,
        "stspec",
    );
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(Duration::from_secs(REQUEST_SECONDS_MAX))
        .build();
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(destination.region.to_owned()))
        .endpoint_url(destination.endpoint)
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .interceptor(raw)
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

type RawParts = (u16, Vec<(String, String)>, Vec<u8>);

/// Keeps the answer as it came over the wire, while the SDK makes its own of it.
#[derive(Debug, Clone, Default)]
struct RawAnswer(Arc<Mutex<Option<RawParts>>>);

impl RawAnswer {
    fn take(&self) -> Option<RawParts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Intercept for RawAnswer {
    fn name(&self) -> &'static str {
        "stspec: keep the raw answer"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(response) = context.response() {
            let headers = response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let body = response.body().bytes().map(<[u8]>::to_vec).unwrap_or_default();
            let parts = (response.status().as_u16(), headers, body);
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(parts);
        }
        Ok(())
    }
}
