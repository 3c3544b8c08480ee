//! What all connections share.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use stspec_iam::{MalformedPolicy, Policy, PolicyKind};
use tokio::time::Instant;

use crate::model::account::{AccountId, Partition, Revision, RootCredentials};
use crate::model::clock::Clock;
use crate::model::entropy::Entropy;
use crate::model::recent::Recent;
use crate::session_token::KeyRing;
use crate::sigv4::KeyCache;

pub(crate) mod directory;
pub(crate) mod ids;
pub(crate) mod objects;
mod propagation;

use directory::Directory;
use ids::Ids;
use objects::{ObjectStore, SharedStore};
use propagation::Propagation;

/// Most inline session policies that are kept parsed, in either of two generations.
///
/// Source: ours. A load run mints with a handful; at about 20 KiB for one of the longest that
/// `GetFederationToken` takes, they stay below 3 MiB.
const SESSION_POLICIES_MAX: usize = 64;

/// Longest session policy that is kept parsed, in bytes.
///
/// Source: STS API Reference, `GetFederationToken`, `Policy`. `AssumeRole` takes longer ones, which
/// are parsed at each use.
const SESSION_POLICY_BYTES_MAX: usize = 2048;

/// The server's state: read often, written seldom, and never by minting.
pub(crate) struct State {
    /// The one account.
    pub(crate) account: AccountId,
    /// The region that STS answers for.
    pub(crate) region: String,
    /// The partition in every ARN.
    pub(crate) partition: Partition,
    /// The root user's credentials.
    pub(crate) root: RootCredentials,
    /// The regions in which STS doesn't mint.
    pub(crate) disabled_regions: BTreeSet<String>,
    /// The revision of the API.
    pub(crate) revision: Revision,
    /// The time.
    pub(crate) clock: Clock,
    /// Ids for requests.
    pub(crate) ids: Ids,
    /// Randomness for credentials.
    pub(crate) entropy: Entropy,
    /// The keys that seal session tokens.
    pub(crate) tokens: KeyRing,
    /// Signing keys of long-term credentials, derived already.
    pub(crate) signing_keys: KeyCache,
    /// Session policies, parsed already.
    session_policies: Recent<Arc<Policy>>,
    /// The buckets.
    pub(crate) objects: SharedStore,
    directory: RwLock<Directory>,
    /// What is in effect of the directory, where that takes time.
    propagation: Option<Propagation>,
}

/// What a server's state begins with.
pub(crate) struct NewState {
    /// The one account.
    pub(crate) account: AccountId,
    /// The region that STS answers for.
    pub(crate) region: String,
    /// The partition in every ARN.
    pub(crate) partition: Partition,
    /// The root user's credentials.
    pub(crate) root: RootCredentials,
    /// The regions in which STS doesn't mint.
    pub(crate) disabled_regions: BTreeSet<String>,
    /// The revision of the API.
    pub(crate) revision: Revision,
    /// The time.
    pub(crate) clock: Clock,
    /// Ids for requests.
    pub(crate) ids: Ids,
    /// Randomness for credentials.
    pub(crate) entropy: Entropy,
    /// The keys that seal session tokens.
    pub(crate) tokens: KeyRing,
    /// The users, policies and roles.
    pub(crate) directory: Directory,
    /// The buckets.
    pub(crate) objects: ObjectStore,
    /// How long changes of IAM take to be in effect.
    pub(crate) propagation_delay: Duration,
}

impl State {
    /// A server's state before its first request.
    pub(crate) fn new(new: NewState) -> Self {
        let delay = new.propagation_delay;
        let propagation =
            (!delay.is_zero()).then(|| Propagation::new(delay, new.directory.clone()));
        Self {
            account: new.account,
            region: new.region,
            partition: new.partition,
            root: new.root,
            disabled_regions: new.disabled_regions,
            revision: new.revision,
            clock: new.clock,
            ids: new.ids,
            entropy: new.entropy,
            tokens: new.tokens,
            signing_keys: KeyCache::new(),
            session_policies: Recent::new(SESSION_POLICIES_MAX),
            directory: RwLock::new(new.directory),
            propagation,
            objects: new.objects.into(),
        }
    }

    /// The users and policies that are in effect: by what requests are authenticated and authorised.
    pub(crate) fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        if let Some(propagation) = &self.propagation {
            return propagation.in_effect(Instant::now());
        }
        // A panic elsewhere leaves no half-made change behind that would matter more than service.
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The users and policies as IAM's own answers show them, for one change.
    pub(crate) fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a change of the users and policies take effect, where that does not go without saying.
    pub(crate) fn changed(&self, directory: &Directory) {
        if let Some(propagation) = &self.propagation {
            propagation.changed(Instant::now(), directory);
        }
    }

    /// An inline session policy, parsed: minting checks it, and each request of its session needs it.
    pub(crate) fn session_policy(&self, text: &str) -> Result<Arc<Policy>, MalformedPolicy> {
        let parse = |text: &str| Policy::parse(text, PolicyKind::Session).map(Arc::new);
        if text.len() > SESSION_POLICY_BYTES_MAX {
            return parse(text);
        }
        self.session_policies.get_or_make(text, parse)
    }

    /// How many signing keys are kept.
    #[cfg(test)]
    pub(crate) fn stored(&self) -> usize {
        self.signing_keys.len()
    }
}
