//! What all connections share.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLockReadGuard};

use stspec_iam::{MalformedPolicy, Policy};

use crate::model::account::{AccountId, Partition, Revision, RootCredentials};
use crate::model::clock::Clock;
use crate::model::entropy::Entropy;
use crate::session_token::KeyRing;
use crate::sigv4::KeyCache;

pub(crate) mod directory;
pub(crate) mod ids;
pub(crate) mod objects;
mod propagation;
mod session_policies;
mod shared_directory;

use directory::Directory;
use ids::Ids;
use objects::SharedStore;

pub(crate) use session_policies::SessionPolicies;
pub(crate) use shared_directory::SharedDirectory;

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
    pub(crate) session_policies: SessionPolicies,
    /// The buckets.
    pub(crate) objects: SharedStore,
    /// The users, policies and roles.
    pub(crate) directory: SharedDirectory,
}

impl State {
    /// The users and policies that are in effect: by what requests are authenticated and authorised.
    pub(crate) fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.in_effect()
    }

    /// An inline session policy, parsed.
    pub(crate) fn session_policy(&self, text: &str) -> Result<Arc<Policy>, MalformedPolicy> {
        self.session_policies.parsed(text)
    }

    /// How many signing keys are kept.
    #[cfg(test)]
    pub(crate) fn stored(&self) -> usize {
        self.signing_keys.len()
    }
}
