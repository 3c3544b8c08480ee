//! The way of one load user to a target: its connections, its sessions and its signing keys.

mod connection;
mod prepared;
mod provisioned_target;
mod signer;

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use stspec_scenario::{Call, LoadCall, Name, Transport as Carrier};
use stspec_verdict::{Observation, ResolvedOutcome};
use tokio::time::Instant;

use self::connection::Connections;
pub(crate) use self::connection::Endpoint;
pub(crate) use self::prepared::Prepared;
pub use self::provisioned_target::ProvisionedTarget;
pub(crate) use self::signer::SignedTime;
pub(crate) use self::signer::Signing;
use crate::credentials::{Credentials, Secret};
use crate::target::connection::Message;
use crate::wire::rate_limit::SendPermit;
use crate::wire::sdk::{Destination, SdkCall, SdkClient};
use crate::wire::sign::Signer;
use crate::wire::transport::RawAnswer;

/// The calls of a profile with their templates filled in, ready to be sent as often as wanted.
#[derive(Debug)]
pub struct ReadyCalls {
    pub(crate) calls: Vec<ReadyCall>,
    /// Who may sign: fixed principals with their credentials, sessions without.
    pub(crate) signers: Vec<Option<Credentials>>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) carrier: Carrier,
}

/// One of them.
#[derive(Debug)]
pub struct ReadyCall {
    /// What its answers are judged against.
    pub outcomes: Vec<ResolvedOutcome>,
    /// Which signer the credentials in its answer are for.
    pub(crate) captures: Option<usize>,
    pub(crate) call: Call,
    /// The call as the SDK takes it, where that carries the calls.
    pub(crate) sdk: Option<SdkCall>,
    pub(crate) pairs: Vec<(String, String)>,
    /// Which signer signs it; nothing for an anonymous call.
    pub(crate) signer: Option<usize>,
    pub(crate) prepared: Prepared,
}

/// One user's way to a target.
pub struct LoadClient {
    target: Arc<ProvisionedTarget>,
    calls: Arc<ReadyCalls>,
    signers: Vec<Option<Signing>>,
    /// What the SDK keeps for each of the signers, where it carries the calls.
    sdk_clients: Vec<Option<SdkClient>>,
    connections: Connections,
    time: SignedTime,
}

/// What came back for one request, and when.
#[derive(Debug)]
pub struct Delivery {
    /// When it was signed and on its way to the connection.
    pub sent: Instant,
    /// When the last byte of the answer had been read, or when it was clear that none would come.
    pub done: Instant,
    /// The answer, or why there is none.
    pub answer: Result<RawReply, String>,
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct RawReply {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Bytes,
    headers: Headers,
}

#[derive(Debug)]
enum Headers {
    Map(http::HeaderMap),
    Pairs(Vec<(String, String)>),
}

impl ReadyCalls {
    /// The calls in the order of the profile: those of the preparation first.
    #[must_use]
    pub fn calls(&self) -> &[ReadyCall] {
        &self.calls
    }
}

impl ReadyCall {
    /// Whether its operation answers with credentials, where it succeeds.
    #[must_use]
    pub fn issues_session(&self) -> bool {
        self.call.issues_session()
    }

    /// Whether the credentials in its answers are for later calls of the same user.
    #[must_use]
    pub fn captures(&self) -> bool {
        self.captures.is_some()
    }
}

impl LoadClient {
    pub(crate) fn new(target: Arc<ProvisionedTarget>, calls: Arc<ReadyCalls>) -> Self {
        let signing = |credentials: &Option<Credentials>| credentials.clone().map(Signing::new);
        let signers = calls.signers.iter().map(signing).collect();
        let sdk_clients = calls.signers.iter().map(|_| None).collect();
        let connections = Connections::new(calls.endpoints.len());
        let time = SignedTime::of(target.now());
        Self { target, calls, signers, sdk_clients, connections, time }
    }

    /// Waits for the leave to send one request, as a target's limit holds under load, too.
    ///
    /// It is asked for before a request is signed and timed: how long it takes is not the target's doing. Who
    /// stops waiting has sent nothing.
    pub async fn send_permit(&self) -> SendPermit {
        self.target.context.connection.transport.permit().await
    }

    /// Signs a call for this very moment, sends it to the target and reads the whole answer.
    ///
    /// `number` is that of [`ReadyCalls::calls`]. Nothing is sent, and nothing comes back, where there is no such
    /// call, or the session that signs it was not captured.
    pub async fn send(&mut self, permit: SendPermit, number: usize) -> Option<Delivery> {
        let calls = Arc::clone(&self.calls);
        let ready = calls.calls.get(number)?;
        if ready.signer.is_some_and(|signer| self.signing(signer).is_none()) {
            return None;
        }
        Some(match calls.carrier {
            Carrier::Hyper => self.send_prepared(&calls, ready).await,
            Carrier::AwsSdk => self.send_by_client(ready, permit).await,
        })
    }

    /// Keeps the credentials that a call was answered with, for the calls that they sign.
    pub fn keep_session(&mut self, number: usize, credentials: Credentials) {
        self.replace(number, Some(Signing::new(credentials)));
    }

    /// Forgets what an earlier permit captured by this call.
    pub fn forget_session(&mut self, number: usize) {
        self.replace(number, None);
    }

    fn replace(&mut self, number: usize, signing: Option<Signing>) {
        let captures = self.calls.calls.get(number).and_then(|ready| ready.captures);
        let Some(signer) = captures else { return };
        if let Some(place) = self.signers.get_mut(signer) {
            *place = signing;
        }
        if let Some(place) = self.sdk_clients.get_mut(signer) {
            *place = None;
        }
    }

    /// Takes the secrets of the target, of this lane's sessions, and those that `answer` hands out, from a text
    /// about that answer.
    ///
    /// They are registered for good, so this is for the few answers that are shown.
    #[must_use]
    pub fn redact(&self, answer: &Observation, text: &str) -> String {
        let secrets = &self.target.context.secrets;
        self.signers.iter().flatten().for_each(|signing| secrets.register(&signing.credentials));
        secrets.register_answer(answer);
        secrets.redactor().redact(text).into_owned()
    }

    /// Connects to all endpoints, as far as that works, so that the first requests need not.
    pub async fn connect(&mut self) {
        if self.calls.carrier == Carrier::Hyper {
            let calls = Arc::clone(&self.calls);
            self.connections.open(&calls.endpoints).await;
        }
    }

    fn signing(&self, signer: usize) -> Option<&Signing> {
        self.signers.get(signer)?.as_ref()
    }

    async fn send_prepared(&mut self, calls: &ReadyCalls, ready: &ReadyCall) -> Delivery {
        self.time = self.time.refreshed(self.target.now());
        let Self { target, signers, connections, time, .. } = self;
        let signing = ready.signer.and_then(|signer| signers.get_mut(signer)?.as_mut());
        let request = ready.prepared.request(signing, target.region(), *time);
        let sent = Instant::now();
        let number = ready.prepared.endpoint;
        let answer = match (request, calls.endpoints.get(number)) {
            (Ok(request), Some(endpoint)) => connections.send(number, endpoint, request).await,
            (Err(reason), _) => Err(reason),
            (_, None) => Err("the call has no endpoint".to_owned()),
        };
        let answer = answer.map(|(status, headers, body)| RawReply {
            status,
            body,
            headers: Headers::Map(headers),
        });
        Delivery { sent, done: Instant::now(), answer }
    }

    async fn send_by_client(&mut self, ready: &ReadyCall, permit: SendPermit) -> Delivery {
        let Self { target, signers, sdk_clients, .. } = self;
        let signing = ready.signer.and_then(|signer| signers.get(signer)?.as_ref());
        let signer = signing.map(|signing| Signer {
            credentials: &signing.credentials,
            token: signing.credentials.session_token.as_ref().map(Secret::expose),
        });
        let kept = ready.signer.and_then(|signer| sdk_clients.get_mut(signer));
        let message = Message { signer, ..Message::plain(ready.call, &ready.pairs) };
        let sent = Instant::now();
        let answer = match (&ready.sdk, signer, kept) {
            (Some(call), Some(signer), Some(kept)) => {
                target.send_by_sdk(call.clone(), (signer, kept), permit).await
            }
            _ => target.send_raw(&message, permit).await,
        };
        let answer = answer.map(|(status, headers, body)| RawReply {
            status,
            body: body.into(),
            headers: Headers::Pairs(headers),
        });
        Delivery { sent, done: Instant::now(), answer }
    }
}

impl RawReply {
    /// The value of the `Date` header, if there is one.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        match &self.headers {
            Headers::Map(map) => map.get(http::header::DATE)?.to_str().ok(),
            Headers::Pairs(pairs) => {
                pairs.iter().find(|(name, _)| name == "date").map(|(_, value)| value.as_str())
            }
        }
    }

    /// The answer as it is judged the long way.
    #[must_use]
    pub fn observation(&self, duration_us: u64) -> Observation {
        let headers = match &self.headers {
            Headers::Map(map) => crate::wire::transport::observed_headers(map),
            Headers::Pairs(pairs) => pairs.clone(),
        };
        Observation::new(self.status, headers, &self.body, duration_us)
    }
}

impl ProvisionedTarget {
    fn now(&self) -> SystemTime {
        self.context.connection.now()
    }

    fn region(&self) -> &str {
        &self.context.connection.target.region
    }

    /// Sends what the SDK does not carry, such as an anonymous call.
    async fn send_raw(
        &self,
        message: &Message<'_>,
        permit: SendPermit,
    ) -> Result<RawAnswer, String> {
        let connection = &self.context.connection;
        let request = connection.request(message)?;
        connection.transport.carry(permit, &request).await
    }

    async fn send_by_sdk(
        &self,
        call: SdkCall,
        (signer, kept): (Signer<'_>, &mut Option<SdkClient>),
        permit: SendPermit,
    ) -> Result<RawAnswer, String> {
        let connection = &self.context.connection;
        let endpoint = connection.endpoints.sts.as_str();
        let region = connection.target.region.as_str();
        let transport = &connection.transport;
        let destination = Destination { endpoint, region, transport, about: None };
        let client = kept.get_or_insert_with(|| SdkClient::new(signer, destination));
        client.exchange(call, permit).await
    }
}

/// The numbers of signers while the calls of a profile are made ready.
#[derive(Debug, Default)]
pub(crate) struct SignerNumbers {
    names: Vec<String>,
    pub(crate) signers: Vec<Option<Credentials>>,
}

impl SignerNumbers {
    /// The number of a signer by its name, new ones with these credentials.
    pub(crate) fn of(&mut self, name: &str, credentials: Option<Credentials>) -> usize {
        if let Some(known) = self.names.iter().position(|known| known == name) {
            return known;
        }
        self.names.push(name.to_owned());
        self.signers.push(credentials);
        self.names.len() - 1
    }

    /// The number of the session that a call captures.
    pub(crate) fn of_session(&mut self, session: &Name) -> usize {
        self.of(&format!("session.{session}"), None)
    }
}

/// What a call of a profile comes to on the wire, apart from its signature.
pub(crate) fn prepared(
    target: &ProvisionedTarget,
    load_call: &LoadCall,
    pairs: &[(String, String)],
    endpoints: &mut Vec<Endpoint>,
) -> Result<Prepared, String> {
    let connection = &target.context.connection;
    let message = Message::plain(load_call.call, pairs);
    let request = connection.request(&message)?;
    Prepared::new(request, endpoints)
}
