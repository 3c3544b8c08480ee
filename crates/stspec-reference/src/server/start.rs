//! The composition root: from a configuration to a server that answers.

use std::net::IpAddr;

use tokio::time::Instant;

use super::config::{Config, Limits};
use super::error::StartError;
use super::seed::{self, SeedTarget};
use crate::faults;
use crate::model::entropy::Entropy;
use crate::parts::Parts;
use crate::router::Router;
use crate::session_token::KeyRing;
use crate::sigv4::KeyCache;
use crate::state::directory::{AccountContext, Directory};
use crate::state::ids::{EntityIds, Ids};
use crate::state::objects::ObjectStore;
use crate::state::{SessionPolicies, SharedDirectory, State};
use crate::throttle::Buckets;
use crate::wire::answer::Answer;
use crate::wire::request::Request;

/// The region in which STS can't be switched off.
///
/// Source: `docs/evidence/get-federation-token.md`, REG-USEAST1.
const REGION_ALWAYS_ACTIVE: &str = "us-east-1";

/// A server without its socket.
pub(crate) struct Server {
    /// The account and what it holds.
    pub(crate) state: State,
    /// What answers a request.
    pub(crate) router: Router,
    /// Bounds on clients.
    pub(crate) limits: Limits,
}

impl Server {
    /// Puts a server together.
    pub(crate) fn new(config: Config) -> Result<Self, StartError> {
        if config.disabled_regions.contains(REGION_ALWAYS_ACTIVE) {
            return Err(StartError::RegionAlwaysActive { region: REGION_ALWAYS_ACTIVE });
        }
        let mut parts = Parts::aws();
        parts.access.authorization.explain.clone_from(&config.explain);
        faults::install(&config.faults, &mut parts);
        let throttle = config.throttle.map(|throttle| Buckets::new(throttle, Instant::now()));
        let router = Router { parts, throttle, clock_control: config.clock_control };
        let limits = config.limits.clone();
        Ok(Self { state: state(config)?, router, limits })
    }

    /// Answers a request, whatever it is.
    pub(crate) fn answer(&self, request: &Request, peer: IpAddr) -> Answer {
        self.router.answer(&self.state, request, peer)
    }
}

/// A fresh account with what the seed puts into it.
fn state(config: Config) -> Result<State, StartError> {
    let context = AccountContext {
        partition: config.partition.as_str().to_owned(),
        account: config.account.to_string(),
    };
    let entropy = Entropy::new();
    let mut directory = Directory::new(context, &mut EntityIds(&entropy), config.clock.now());
    let mut objects = ObjectStore::default();
    if let Some(seed) = &config.seed {
        let target = SeedTarget {
            directory: &mut directory,
            objects: &mut objects,
            root_access_key_id: &config.root.access_key_id,
            region: &config.region,
            now: config.clock.now(),
        };
        seed::apply(seed, target)?;
    }
    let tokens = match &config.session_keys {
        Some(keys) => KeyRing::from_json(&keys.0)?,
        None => KeyRing::generate(),
    };
    Ok(State {
        account: config.account,
        region: config.region,
        partition: config.partition,
        root: config.root,
        disabled_regions: config.disabled_regions,
        revision: config.revision,
        clock: config.clock,
        ids: Ids::new().map_err(|error| StartError::Random(error.to_string()))?,
        entropy,
        tokens,
        signing_keys: KeyCache::new(),
        session_policies: SessionPolicies::default(),
        directory: SharedDirectory::new(directory, config.propagation_delay),
        objects: objects.into(),
    })
}
