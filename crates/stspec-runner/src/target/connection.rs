//! A target that is being talked to: its endpoints, who administers it, and how one call is sent.

use std::path::PathBuf;
use std::time::SystemTime;

use stspec_scenario::{
    Call, Capability, Endpoints, Presence, Service, SigningOptions, Target, WireOptions,
};
use stspec_verdict::{Observation, Observed};

use crate::RunError;
use crate::clock::Clock;
use crate::credentials::{Credentials, Secret};
use crate::event::{Events, RunEvent};
use crate::options::RequestOptions;
use crate::target::admin_credentials::{Admin, Administrator};
use crate::target::clock_control::ClockControl;
use crate::target::throttling::{ThrottledOut, Throttling};
use crate::wire::rate_limit::RateLimiter;
use crate::wire::request::{Unsigned, build};
use crate::wire::secrets::Secrets;
use crate::wire::sign::Signer;
use crate::wire::sign::{SigningScope, shifted, sign_request};
use crate::wire::text_at;
use crate::wire::trace::Trace;
use crate::wire::transport::{Transport, WireRequest};

/// Which target, and with whose credentials.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// What the target file says.
    pub target: Target,
    /// Where the target is; the file's endpoints, or those of the server that was just started.
    pub endpoints: Endpoints,
    /// Who may make users and buckets.
    pub admin: Administrator,
    /// Credentials of the root user, where they are at hand and are not the administrator's.
    pub root: Option<Credentials>,
    /// The STS of the target's disabled region, where each region has one of its own.
    pub disabled_sts: Option<String>,
    /// The folder for the ledger of what is made there; without one it is kept in memory only, which
    /// is enough for a target that ends with the process.
    pub ledgers: Option<PathBuf>,
}

impl ConnectOptions {
    /// Registers the secrets of all credentials that the target is reached with.
    pub(crate) fn register_secrets(&self, secrets: &Secrets) {
        secrets.register(&self.admin.provided.credentials);
        self.root.iter().for_each(|root| secrets.register(root));
    }
}

/// A target that has answered GetCallerIdentity.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) target: Target,
    pub(crate) endpoints: Endpoints,
    pub(crate) admin: Admin,
    /// The root user's credentials: the ones given, or the administrator's if it is the root user.
    pub(crate) root: Option<Credentials>,
    /// Whether the administrator is the root user.
    pub(crate) admin_is_root: bool,
    /// The account that the administrator belongs to.
    pub(crate) account: String,
    disabled_sts: Option<String>,
    clock: Clock,
    events: Events,
    /// What moves the target's clock, where it lets itself be moved.
    pub(crate) clock_control: Option<ClockControl>,
    pub(crate) transport: Transport,
    pub(crate) throttling: Throttling,
}

/// Why there is no observation of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// It could not even be made, in words.
    Unmakable(String),
    /// The target throttled it until nobody waited any longer.
    ThrottledOut(ThrottledOut),
}

impl From<Unsent> for Observed {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Unmakable(reason) | Unsent::ThrottledOut(ThrottledOut { reason }) => {
                Self::NoAnswer(reason)
            }
        }
    }
}

impl From<ThrottledOut> for Unsent {
    fn from(throttled_out: ThrottledOut) -> Self {
        Self::ThrottledOut(throttled_out)
    }
}

impl Connection {
    /// Asks the target who the administrator is.
    pub(crate) async fn open(
        connect: ConnectOptions,
        options: RequestOptions,
        secrets: &Secrets,
    ) -> Result<Self, RunError> {
        let ConnectOptions { target, endpoints, admin, root, disabled_sts, ledgers: _ } = connect;
        let rate_limiter = RateLimiter::new(target.requests_per_second());
        let tracing = options.traced.then(Trace::begin);
        let transport = Transport::new(options.deadline, rate_limiter, secrets.clone(), tracing)?;
        // First of all, as it tells by which time to sign.
        let clock_control = ClockControl::find(&target, &endpoints, &transport).await;
        let account = String::new();
        let RequestOptions { clock, events, .. } = options;
        let throttling = Throttling::new(events.clone());
        let mut connection = Self {
            target,
            endpoints,
            admin: Admin::new(admin),
            admin_is_root: false,
            root,
            account,
            disabled_sts,
            clock,
            events,
            clock_control,
            transport,
            throttling,
        };
        let identity = connection.identify(&connection.admin.credentials()).await?;
        let is_root = |identity: &Observation| {
            text_at(identity, "result.Arn").is_some_and(|arn| arn.ends_with(":root"))
        };
        connection.account =
            text_at(&identity, "result.Account").ok_or_else(|| RunError::NotSts {
                endpoint: connection.endpoints.sts.clone(),
                status: identity.status,
                missing: "an Account",
            })?;
        connection.check_account()?;
        connection.admin_is_root = is_root(&identity);
        if let Some(root) = &connection.root {
            let identity = connection.identify(root).await?;
            let access_key_id = root.access_key_id.clone();
            if !is_root(&identity) {
                return Err(RunError::NotRoot { access_key_id });
            }
            let account = connection.account.clone();
            match text_at(&identity, "result.Account") {
                Some(of_root) if of_root != account => {
                    return Err(RunError::RootElsewhere { access_key_id, of_root, account });
                }
                _ => {}
            }
        } else if connection.admin_is_root {
            connection.root = Some(connection.admin.credentials());
        }
        Ok(connection)
    }

    /// Nothing is made, and nobody else is asked for, in an account that may not be touched.
    fn check_account(&self) -> Result<(), RunError> {
        if self.target.allows(&self.account) {
            return Ok(());
        }
        let (endpoint, account) = (self.endpoints.sts.clone(), self.account.clone());
        Err(RunError::AccountNotAllowed { endpoint, account, target: self.target.name.clone() })
    }

    /// Whether STS still answers at all, whatever it says.
    pub(crate) async fn silence(&self) -> Option<String> {
        match self.identity_of(&self.admin().await).await {
            Observed::Answer(_) => None,
            Observed::NoAnswer(reason) => Some(reason),
        }
    }

    /// Puts the target's clock back where this run moved it.
    pub(crate) async fn put_clock_back(&self) -> Result<(), String> {
        match &self.clock_control {
            Some(control) => control.put_back(&self.transport).await,
            None => Ok(()),
        }
    }

    /// What STS says of who somebody is.
    pub(crate) async fn identity_of(&self, credentials: &Credentials) -> Observed {
        self.call_as(credentials, "sts.GetCallerIdentity", &[]).await
    }

    async fn identify(&self, credentials: &Credentials) -> Result<Observation, RunError> {
        let endpoint = self.endpoints.sts.clone();
        let observed = self.identity_of(credentials).await;
        let observation = match observed {
            Observed::Answer(observation) => observation,
            Observed::NoAnswer(reason) => return Err(RunError::Unreachable { endpoint, reason }),
        };
        let status = observation.status;
        match status {
            200 => Ok(observation),
            401 | 403 => Err(RunError::CredentialsRefused {
                endpoint,
                access_key_id: credentials.access_key_id.clone(),
                status,
                code: text_at(&observation, "error.code")
                    .unwrap_or_else(|| "without an error code".to_owned()),
            }),
            _ => Err(RunError::NotSts { endpoint, status, missing: "a success" }),
        }
    }

    /// A call by the administrator, as provisioning and cleaning up make them.
    ///
    /// It is not sent to a service that stopped answering, so that an end is reached in any case.
    pub(crate) async fn administer(&self, call: &str, pairs: &[(&str, &str)]) -> Observed {
        let service = Call::parse(call).map(|call| call.service);
        if let Some(reason) = service.ok().and_then(|service| self.stopped_answering(service)) {
            return Observed::NoAnswer(reason);
        }
        self.call_as(&self.admin().await, call, pairs).await
    }

    /// The administrator's credentials, had anew if they are about to end.
    pub(crate) async fn admin(&self) -> Credentials {
        let same_account = async |new: &Credentials| {
            self.transport.secrets.register(new);
            let identity = self.identify(new).await.map_err(|error| error.to_string())?;
            match text_at(&identity, "result.Account") {
                Some(account) if account == self.account => Ok(()),
                _ => Err(format!("they are not of account {} any more", self.account)),
            }
        };
        // Boxed, as it is hardly ever needed and part of every request's future.
        let renewed = Box::pin(self.admin.renew(self.clock.system_time(), same_account));
        if let Err(reason) = renewed.await {
            self.events.emit(&RunEvent::CredentialsNotRefreshed { reason });
        }
        self.admin.credentials()
    }

    /// Why no further request is sent to a service, if that is so.
    pub(crate) fn stopped_answering(&self, service: Service) -> Option<String> {
        if self.transport.has_given_up(service) {
            return Some(format!("{service} stopped answering"));
        }
        let over = self.throttling.has_given_up(service);
        over.then(|| format!("{service} answers with nothing but throttling"))
    }

    /// A call by anybody, for no check.
    pub(crate) async fn call_as(
        &self,
        credentials: &Credentials,
        call: &str,
        pairs: &[(&str, &str)],
    ) -> Observed {
        let call = match Call::parse(call) {
            Ok(call) => call,
            Err(unknown) => return Observed::NoAnswer(unknown.to_string()),
        };
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let token = credentials.session_token.as_ref().map(Secret::expose);
        let signer = Some(Signer { credentials, token });
        let message = Message { signer, about: "administration", ..Message::plain(call, &pairs) };
        self.send_patiently(&message).await.unwrap_or_else(Observed::from)
    }

    /// Builds, signs and sends a message until the answer is no throttling, and observes it.
    pub(crate) async fn send_patiently(&self, message: &Message<'_>) -> Result<Observed, Unsent> {
        let send = async || {
            let permit = self.transport.permit().await;
            match self.request(message) {
                Ok(request) => Ok(self.transport.send(permit, &request).await),
                Err(reason) => Err(Unsent::Unmakable(unmakable(&reason))),
            }
        };
        self.throttling.outlast(message.call.service, send).await
    }

    pub(crate) fn request(&self, message: &Message<'_>) -> Result<WireRequest, String> {
        let Message { call, pairs, signer, send, sign, region: signed_region, about } = *message;
        let endpoint = self
            .endpoint_of(call.service, signed_region)
            .ok_or_else(|| format!("the target has no endpoint for {call}"))?;
        let region = &self.target.region;
        let mut request = build(&Unsigned { call, pairs, send, endpoint, region })?;
        about.clone_into(&mut request.about);
        if let Some(Signer { credentials, token }) = signer.filter(|_| !sign.unsigned) {
            let region = signed_region.unwrap_or(self.region_of(call.service));
            let scope = SigningScope { service: call.service, region, now: self.now() };
            sign_request(&mut request, credentials, token, sign, scope)?;
        }
        Ok(request)
    }

    /// Where a request goes that is signed for a region: AWS has an STS for each.
    fn endpoint_of(&self, service: Service, signed_region: Option<&str>) -> Option<&str> {
        let is_disabled = signed_region.is_some()
            && signed_region == self.target.disabled_region.as_deref()
            && service == Service::Sts;
        let of_region = self.disabled_sts.as_deref().filter(|_| is_disabled);
        of_region.map(|url| url.trim_end_matches('/')).or_else(|| self.endpoint(service))
    }

    /// Asks services again that stopped answering a while ago.
    pub(crate) fn reset(&self) {
        self.transport.reset();
        self.throttling.reset();
    }

    /// The region that requests to a service are signed for.
    fn region_of(&self, service: Service) -> &str {
        let of_iam = self.target.iam_region.as_ref().filter(|_| service == Service::Iam);
        of_iam.unwrap_or(&self.target.region)
    }

    /// What time it is on the target, as far as its clock was moved.
    pub(crate) fn now(&self) -> SystemTime {
        let moved = self.clock_control.as_ref().map_or(0, ClockControl::moved_seconds);
        shifted(self.clock.system_time(), moved)
    }

    /// The base URL of a service, without a slash at its end.
    pub(crate) fn endpoint(&self, service: Service) -> Option<&str> {
        let url = match service {
            Service::Sts => Some(&self.endpoints.sts),
            Service::Iam => self.endpoints.iam.as_ref(),
            Service::S3 => self.endpoints.s3.as_ref(),
        };
        url.map(|url| url.trim_end_matches('/'))
    }

    /// Whether the target is said, or seen, to have a capability.
    pub(crate) fn presence(&self, capability: Capability) -> Presence {
        if capability == Capability::Root {
            return if self.root.is_some() { Presence::Present } else { Presence::Absent };
        }
        if capability == Capability::RegionDisabled {
            let named = self.target.disabled_region.is_some();
            return if named { Presence::Present } else { Presence::Absent };
        }
        if capability == Capability::ClockSet {
            let declared = self.target.presence(capability) == Presence::Present;
            let there = declared || self.clock_control.is_some();
            return if there { Presence::Present } else { Presence::Absent };
        }
        presence(capability, &self.target, &self.endpoints)
    }
}

/// Whether a target is said to have a capability, and has an endpoint for what belongs to a service.
pub(crate) fn presence(capability: Capability, target: &Target, endpoints: &Endpoints) -> Presence {
    let has_endpoint = match capability {
        Capability::IamUsers | Capability::IamPolicies | Capability::IamRoles => {
            endpoints.iam.is_some()
        }
        Capability::S3 => endpoints.s3.is_some(),
        _ => true,
    };
    if has_endpoint { target.presence(capability) } else { Presence::Absent }
}

/// A call with all that decides how it looks on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) call: Call,
    /// Its parameters, flattened.
    pub(crate) pairs: &'a [(String, String)],
    /// Nothing for a request that is not signed.
    pub(crate) signer: Option<Signer<'a>>,
    pub(crate) send: &'a WireOptions,
    pub(crate) sign: &'a SigningOptions,
    /// The region that it is signed for, unless it is the target's.
    pub(crate) region: Option<&'a str>,
    /// The check that it is sent for, or another word for what it is about; only traces tell it.
    pub(crate) about: &'a str,
}

impl<'a> Message<'a> {
    /// A call as any client would send it, not signed yet.
    pub(crate) fn plain(call: Call, pairs: &'a [(String, String)]) -> Self {
        let (send, sign) = (WireOptions::usual(), SigningOptions::faultless());
        Self { call, pairs, signer: None, send, sign, region: None, about: "" }
    }
}

fn unmakable(reason: &str) -> String {
    format!("the request could not be made: {reason}")
}
