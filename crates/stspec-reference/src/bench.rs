//! The stages of one `GetFederationToken`, each by itself, for benches and for nobody else.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::SignedDuration;

use crate::auth::identity::Identity;
use crate::authz::Question;
use crate::call::Call;
use crate::model::caller::{
    Caller, Session, SessionKind, SessionOwner, SessionParameters, UserName,
};
use crate::model::entropy::new_secret_access_key;
use crate::model::service::Service;
use crate::server::config::Config;
use crate::server::error::StartError;
use crate::server::start::Server;
use crate::state::directory::NewUser;
use crate::state::ids::EntityIds;
use crate::wire::request::{Params, Request};
use crate::wire::xml;

const USER: &str = "speed";
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["sts:GetFederationToken", "s3:GetObject"], "Resource": "*"}]}"#;
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A server without a socket, with one user that may mint.
pub struct Stages {
    server: Server,
    access_key: (String, String),
}

/// A request for [`Stages`].
pub struct StagedRequest(Request);

impl StagedRequest {
    /// A POST to `/`.
    #[must_use]
    pub fn post(headers: HeaderMap, body: Bytes) -> Self {
        let (path, query) = ("/".to_owned(), String::new());
        Self(Request { method: Method::POST, path, query, headers, body })
    }
}

impl Stages {
    /// Makes the user.
    ///
    /// # Errors
    ///
    /// Where the operating system has no random bytes.
    pub fn new() -> Result<Self, StartError> {
        let server = Server::new(Config::default())?;
        let state = &server.state;
        let access_key = {
            let mut directory = state.directory.write();
            let (name, now) = (UserName(USER.to_owned()), state.clock.now());
            let mut ids = EntityIds(&state.entropy);
            let user = NewUser {
                name: name.clone(),
                path: "/".to_owned(),
                tags: Vec::new(),
                boundary_arn: None,
            };
            directory.create_user(user, &mut ids, now).expect("an empty account takes a user");
            directory.put_user_policy(&name, USER, POLICY).expect("the policy is well-formed");
            let key = directory.create_access_key(&name, &mut ids, now);
            let key = key.expect("a new user takes a key");
            (key.id.clone(), key.secret.clone())
        };
        Ok(Self { server, access_key })
    }

    /// Access key id and secret access key of the user.
    #[must_use]
    pub fn access_key(&self) -> (&str, &str) {
        (&self.access_key.0, &self.access_key.1)
    }

    /// Reads the signature and the parameters; tells how many there are.
    #[must_use]
    pub fn parse(&self, request: &StagedRequest) -> usize {
        let call = Call::new(&self.server.state, &request.0, PEER);
        let params = Params::parse_bytes(&request.0.body);
        params.iter().count() + usize::from(call.presented().is_some())
    }

    /// Looks up the key and verifies the signature; tells whether it holds.
    pub fn verify<'a>(&'a self, request: &'a StagedRequest) -> impl Fn() -> bool + 'a {
        let call = Call::new(&self.server.state, &request.0, PEER);
        move || {
            let directory = self.server.state.directory();
            self.server
                .router
                .parts
                .access
                .authentication
                .authenticate(&call, &directory, Service::Sts)
                .is_ok_and(|caller| caller.is_some())
        }
    }

    /// Decides whether the user may mint.
    pub fn evaluate<'a>(&'a self, request: &'a StagedRequest) -> impl Fn() -> bool + 'a {
        let call = Call::new(&self.server.state, &request.0, PEER);
        move || {
            let directory = self.server.state.directory();
            let caller = Identity::of(Caller::User(UserName(USER.to_owned())), &directory);
            let question = Question {
                caller: caller.as_ref(),
                action: "sts:GetFederationToken",
                resource: "arn:aws:sts::424242424242:federated-user/speed",
                resource_policy: None,
                request_tags: &[],
                service_keys: &[],
            };
            let authorization = &self.server.router.parts.access.authorization;
            authorization
                .decide_with(&authorization.minting, &call, &directory, &question)
                .allowed()
        }
    }

    /// Seals a session with this policy into a token.
    pub fn seal(&self, policy: &str) -> impl Fn() -> String {
        let issued_at = self.server.state.clock.now();
        let session = Session {
            issuer: SessionOwner::User { name: UserName(USER.to_owned()), id: "AIDA".to_owned() },
            kind: SessionKind::Federated {
                name: USER.to_owned(),
                terms: SessionParameters {
                    policy: Some(policy.to_owned()),
                    ..SessionParameters::default()
                },
            },
            secret_access_key: new_secret_access_key(&self.server.state.entropy),
            issued_at,
            expires_at: issued_at + SignedDuration::from_hours(1),
        };
        move || self.server.state.tokens.seal("ASIASTSPECBENCHBENCH", &session, None)
    }

    /// Writes a document of the shape and size of an answer with this token.
    #[must_use]
    pub fn write(token: &str) -> String {
        let mut document = xml::Writer::new();
        document.open_in("GetFederationTokenResponse", "https://sts.amazonaws.com/doc/2011-06-15/");
        document.open("GetFederationTokenResult").open("Credentials");
        document.leaf("AccessKeyId", "ASIASTSPECBENCHBENCH").leaf("SessionToken", token);
        document.leaf("SecretAccessKey", "stspec/bench/secret/stspec/bench/secret1");
        document.leaf("Expiration", "2026-11-21T22:00:00Z").close("Credentials");
        document.open("FederatedUser").leaf("FederatedUserId", "424242424242:speed");
        document.leaf("Arn", "arn:aws:sts::424242424242:federated-user/speed");
        document.close("FederatedUser").leaf("PackedPolicySize", "4");
        document.close("GetFederationTokenResult").close("GetFederationTokenResponse");
        document.finish()
    }

    /// All of it; the status and the length of the answer.
    #[must_use]
    pub fn answer(&self, request: &StagedRequest) -> (u16, usize) {
        let answer = self.server.answer(&request.0, PEER);
        (answer.status, answer.body.len())
    }
}
