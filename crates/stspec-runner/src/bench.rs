//! The stages of one request of a load user, each by itself, for benches and for nobody else.

use std::time::SystemTime;

use sha2::{Digest, Sha256};
use stspec_scenario::{Call, SigningOptions, WireOptions};

use crate::credentials::{Credentials, Secret};
use crate::load_client::{Prepared, SignedTime, Signing};
use crate::wire::request::{Unsigned, build};
use crate::wire::sign::{SigningScope, sign_request};
use crate::wire::transport::WireRequest;

/// A `GetFederationToken` that is ready to be sent.
pub struct RequestStages {
    prepared: Prepared,
    signing: Signing,
    credentials: Credentials,
    wire: WireRequest,
    now: SystemTime,
    time: SignedTime,
}

impl RequestStages {
    /// A request with these parameters to this endpoint, sent now.
    ///
    /// Fails, in words, on an endpoint that is no URL.
    pub fn new(
        pairs: &[(String, String)],
        endpoint: &str,
        now: SystemTime,
    ) -> Result<Self, String> {
        let call = Call::parse("sts.GetFederationToken").map_err(|error| error.to_string())?;
        let send = WireOptions::default();
        let wire = build(&Unsigned { call, pairs, send: &send, endpoint, region: "us-east-1" })?;
        let credentials = Credentials {
            session_token: None,
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        };
        let signing = Signing::new(credentials.clone());
        let prepared = Prepared::new(wire.clone(), &mut Vec::new())?;
        Ok(Self { prepared, signing, credentials, wire, now, time: SignedTime::of(now) })
    }

    /// Builds the request without signing it; says how many headers it has.
    #[must_use]
    pub fn build(&self) -> usize {
        let request = self.prepared.request(None, "us-east-1", self.time);
        request.map_or(0, |request| request.headers().len())
    }

    /// Builds the request and signs it with a kept key.
    pub fn sign(&mut self) -> usize {
        let request = self.prepared.request(Some(&mut self.signing), "us-east-1", self.time);
        request.map_or(0, |request| request.headers().len())
    }

    /// Signs the same request with the `aws-sigv4` crate.
    #[must_use]
    pub fn sign_by_aws(&self) -> usize {
        let mut wire = self.wire.clone();
        let scope = SigningScope { service: wire.service, region: "us-east-1", now: self.now };
        let signed =
            sign_request(&mut wire, &self.credentials, None, &SigningOptions::default(), scope);
        signed.map_or(0, |()| wire.headers.len())
    }

    /// What no signer can leave out: two digests of what is signed and one keyed hash.
    #[must_use]
    pub fn hash(canonical: &[u8]) -> u8 {
        let digest = Sha256::digest(canonical);
        let outer = Sha256::digest(digest);
        Sha256::digest(outer).first().copied().unwrap_or(0)
    }
}
