//! Sends a call through `aws-sdk-sts`, which proves that a real SDK can read the answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::config::{BehaviorVersion, Region};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_federation_token::builders::GetFederationTokenInputBuilder;
use aws_sdk_sts::operation::get_session_token::builders::GetSessionTokenInputBuilder;
use aws_sdk_sts::types::PolicyDescriptorType;
use aws_sdk_sts::types::builders::TagBuilder;
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

use crate::wire::rate_limit::SendPermit;
use crate::wire::sign::Signer;
use crate::wire::transport::{RawAnswer, Transport, WireRequest, chain};

/// Where the SDK sends to, and what carries it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) region: &'a str,
    pub(crate) transport: &'a Transport,
    /// The check that it is sent for; nothing under load, where no request is kept.
    pub(crate) about: Option<&'a str>,
}

/// The SDK's client of one principal, with its default settings, apart from retries, which are off, and from its
/// HTTP client: requests go the way of all others, past proxies, with a deadline and a body limit.
#[derive(Debug)]
pub(crate) struct SdkClient {
    client: aws_sdk_sts::Client,
    wire: Wire,
}

impl SdkClient {
    pub(crate) fn new(signer: Signer<'_>, destination: Destination<'_>) -> Self {
        let transport = destination.transport.clone();
        let about = destination.about.map(str::to_owned);
        let wire = Wire { transport, about, permit: Arc::default(), seen: Arc::default() };
        let client = client(signer, destination, wire.clone());
        Self { client, wire }
    }

    /// Sends one call, and answers with the raw answer behind the SDK's, or why there is none; an answer that the
    /// SDK cannot read is none.
    pub(crate) async fn exchange(
        &mut self,
        call: SdkCall,
        permit: SendPermit,
    ) -> Result<RawAnswer, String> {
        self.wire.admit(permit);
        let read = call.send(&self.client).await;
        match (self.wire.take(), read) {
            (Some(Ok(answer)), Ok(())) => Ok(answer),
            (Some(Err(reason)), _) | (_, Err(reason)) => Err(reason),
            (None, Ok(())) => Err("the SDK answered without a response".to_owned()),
        }
    }
}

/// A call as the SDK takes it.
#[derive(Debug, Clone)]
pub(crate) enum SdkCall {
    CallerIdentity,
    FederationToken(GetFederationTokenInputBuilder),
    SessionToken(GetSessionTokenInputBuilder),
}

impl SdkCall {
    /// Fails, in words, on a call or a parameter that is not made ready here for the SDK.
    pub(crate) fn new(call: Call, pairs: &[(String, String)]) -> Result<Self, String> {
        let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some([twice, _]) = names.array_windows().find(|[name, next]| name == next) {
            return Err(format!("the SDK sends the parameter `{twice}` once only"));
        }
        match (call.service, call.operation) {
            (Service::Sts, "GetCallerIdentity") => match names.first() {
                Some(name) => Err(cannot_send(name)),
                None => Ok(Self::CallerIdentity),
            },
            (Service::Sts, "GetFederationToken") => {
                federation_token(pairs).map(Self::FederationToken)
            }
            (Service::Sts, "GetSessionToken") => session_token(pairs).map(Self::SessionToken),
            _ => Err(format!("the SDK is not made ready here for `{call}`")),
        }
    }

    async fn send(self, client: &aws_sdk_sts::Client) -> Result<(), String> {
        match self {
            Self::CallerIdentity => readable(client.get_caller_identity().send().await),
            Self::FederationToken(input) => readable(input.send_with(client).await),
            Self::SessionToken(input) => readable(input.send_with(client).await),
        }
    }
}

fn federation_token(pairs: &[(String, String)]) -> Result<GetFederationTokenInputBuilder, String> {
    let mut input = GetFederationTokenInputBuilder::default();
    let mut tags: BTreeMap<u32, TagBuilder> = BTreeMap::new();
    for (name, value) in pairs {
        let parts: Vec<&str> = name.split('.').collect();
        input = match parts.as_slice() {
            ["Name"] => input.name(value),
            ["Policy"] => input.policy(value),
            ["DurationSeconds"] => input.duration_seconds(seconds(value)?),
            ["PolicyArns", "member", _, "arn"] => {
                input.policy_arns(PolicyDescriptorType::builder().arn(value).build())
            }
            ["Tags", "member", number, part @ ("Key" | "Value")] => {
                let number = number.parse().map_err(|_| cannot_send(name))?;
                let tag = tags.remove(&number).unwrap_or_default();
                let tag = if *part == "Key" { tag.key(value) } else { tag.value(value) };
                tags.insert(number, tag);
                input
            }
            _ => return Err(cannot_send(name)),
        };
    }
    for (number, tag) in tags {
        let tag = tag.build().map_err(|error| format!("`Tags.member.{number}`: {error}"))?;
        input = input.tags(tag);
    }
    Ok(input)
}

fn session_token(pairs: &[(String, String)]) -> Result<GetSessionTokenInputBuilder, String> {
    let mut input = GetSessionTokenInputBuilder::default();
    for (name, value) in pairs {
        input = match name.as_str() {
            "DurationSeconds" => input.duration_seconds(seconds(value)?),
            "SerialNumber" => input.serial_number(value),
            "TokenCode" => input.token_code(value),
            _ => return Err(cannot_send(name)),
        };
    }
    Ok(input)
}

fn seconds(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| format!("the SDK takes no DurationSeconds of `{text}`"))
}

fn cannot_send(parameter: &str) -> String {
    format!("the SDK can't be made to send the parameter `{parameter}` here")
}

/// Sends one call by a client of its own, and observes the answer.
///
/// Fails as [`SdkCall::new`] does.
pub(crate) async fn send(
    call: Call,
    pairs: &[(String, String)],
    signer: Signer<'_>,
    destination: Destination<'_>,
) -> Result<Observed, String> {
    let call = SdkCall::new(call, pairs)?;
    let permit = destination.transport.permit().await;
    let started = Instant::now();
    let answer = SdkClient::new(signer, destination).exchange(call, permit).await;
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(match answer {
        Ok((status, headers, body)) => {
            Observed::Answer(Observation::new(status, headers, &body, duration_us))
        }
        Err(reason) => Observed::NoAnswer(reason),
    })
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
    permit: Arc<Mutex<Option<SendPermit>>>,
    seen: Arc<Mutex<Option<Result<RawAnswer, String>>>>,
}

impl Wire {
    /// Lets one request pass; what an earlier one left is forgotten.
    fn admit(&self, permit: SendPermit) {
        self.take();
        *self.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
    }

    fn take(&self) -> Option<Result<RawAnswer, String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn carry(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let failed = |reason: String| ConnectorError::other(reason.into(), None);
        let permit = self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        let answer = match (wire_request(&request), permit) {
            (Ok(request), Some(permit)) => match self.about.clone() {
                Some(about) => {
                    self.transport.exchange(permit, &WireRequest { about, ..request }).await
                }
                None => self.transport.carry(permit, &request).await,
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

#[cfg(test)]
mod tests {
    use stspec_scenario::SDK_OPERATIONS;

    use super::*;

    fn call(operation: &'static str) -> Call {
        Call { service: Service::Sts, operation }
    }

    fn made_ready(operation: &'static str, pairs: &[(&str, &str)]) -> Result<SdkCall, String> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        SdkCall::new(call(operation), &pairs)
    }

    #[test]
    fn every_call_that_a_scenario_may_have_the_sdk_send_is_made_ready() {
        for (operation, parameters) in SDK_OPERATIONS {
            made_ready(operation, &[]).unwrap();
            for parameter in parameters {
                let (name, value) = match *parameter {
                    "DurationSeconds" => ("DurationSeconds", "900"),
                    "PolicyArns" => ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/A"),
                    // Its parts need each other.
                    "Tags" => continue,
                    text => (text, "a"),
                };
                made_ready(operation, &[(name, value)]).unwrap();
            }
        }
    }

    #[test]
    fn every_parameter_of_get_federation_token_reaches_the_sdk() {
        let pairs = [
            ("Name", "bob"),
            ("Policy", "{}"),
            ("DurationSeconds", "900"),
            ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/A"),
            ("PolicyArns.member.2.arn", "arn:aws:iam::aws:policy/B"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.1.Key", "a"),
            ("Tags.member.2.Key", "b"),
            ("Tags.member.2.Value", ""),
        ];
        let SdkCall::FederationToken(input) = made_ready("GetFederationToken", &pairs).unwrap()
        else {
            panic!("another operation");
        };
        let input = input.build().unwrap();
        assert_eq!((input.name(), input.policy()), (Some("bob"), Some("{}")));
        assert_eq!(input.duration_seconds(), Some(900));
        let arns: Vec<_> = input.policy_arns().iter().filter_map(|policy| policy.arn()).collect();
        assert_eq!(arns, ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"]);
        let tags: Vec<_> = input.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
        assert_eq!(tags, [("a", "1"), ("b", "")]);
    }

    #[test]
    fn what_the_sdk_cannot_be_made_to_send_is_said() {
        for (operation, pairs, said) in [
            ("GetCallerIdentity", [("Name", "a")].as_slice(), "parameter `Name`"),
            ("GetFederationToken", &[("Nme", "a")], "parameter `Nme`"),
            ("GetFederationToken", &[("DurationSeconds", "900.5")], "DurationSeconds of `900.5`"),
            ("GetFederationToken", &[("Tags.member.1.Value", "a")], "`Tags.member.1`: "),
            ("GetFederationToken", &[("Name", "a"), ("Name", "b")], "`Name` once only"),
            ("GetSessionToken", &[("Name", "a")], "parameter `Name`"),
            ("AssumeRole", &[], "not made ready here for `sts.AssumeRole`"),
        ] {
            let reason = made_ready(operation, pairs).unwrap_err();
            assert!(reason.contains(said), "{reason}");
        }
    }
}
