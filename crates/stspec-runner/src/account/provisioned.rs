//! An account as it exists on a target.

use std::collections::BTreeMap;

use stspec_scenario::{Capability, Member, Name, Placeholder, TargetFact};
use tokio::time::Instant;

use crate::credentials::Credentials;
use crate::target::connection::Connection;

/// The path below which all policies, users and roles of ours stand, so that they can be told from
/// others.
pub(crate) const PATH: &str = "/stspec/";

/// An account as it stands on the target.
#[derive(Debug, Default)]
pub(crate) struct Provisioned {
    pub(crate) policies: BTreeMap<Name, Named>,
    pub(crate) users: BTreeMap<Name, ProvisionedUser>,
    pub(crate) roles: BTreeMap<Name, Named>,
    /// Names on the target by the names that templates use.
    pub(crate) buckets: BTreeMap<Name, String>,
    /// When the last of it was made; nothing where there is nothing.
    pub(crate) changed: Option<Instant>,
}

/// What IAM calls something on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) arn: String,
}

/// An IAM user on the target.
#[derive(Debug)]
pub(crate) struct ProvisionedUser {
    pub(crate) named: Named,
    pub(crate) credentials: Credentials,
}

/// Why an account does not stand on the target, and which capability is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotProvisioned {
    pub(crate) reason: String,
    pub(crate) capability: Capability,
    /// Whether the target said that it can't, or made something else than was asked for.
    pub(crate) refused: bool,
}

/// Who uses an account, which shows in the names on the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// Every scenario that names it, and a load profile.
    Shared,
    /// The scenario with this number in the run, alone.
    Exclusive(usize),
}

/// What kept a part of an account from being made.
pub(crate) enum Obstacle {
    /// The target says that it can't do that.
    Refused(String),
    /// Anything else: permissions, a limit, silence, an interruption, a mistake in the account.
    Other(String),
}

impl From<String> for Obstacle {
    fn from(reason: String) -> Self {
        Self::Other(reason)
    }
}

impl Provisioned {
    /// What a reference to a thing of this account stands for.
    pub(crate) fn look_up(
        &self,
        reference: &Placeholder,
        connection: &Connection,
    ) -> Option<String> {
        match reference {
            Placeholder::Resource { name, member } => self.thing(name, *member, connection),
            Placeholder::Target(TargetFact::Account) => Some(connection.account.clone()),
            Placeholder::Target(TargetFact::Partition) => Some(connection.target.partition.clone()),
            Placeholder::Target(TargetFact::Region) => Some(connection.target.region.clone()),
            Placeholder::Target(TargetFact::DisabledRegion) => {
                connection.target.disabled_region.clone()
            }
            Placeholder::RunId
            | Placeholder::Step { .. }
            | Placeholder::SessionAccessKeyId(_)
            | Placeholder::Replica(_) => None,
        }
    }

    fn thing(&self, name: &Name, member: Member, connection: &Connection) -> Option<String> {
        if let Some(bucket) = self.buckets.get(name) {
            return match member {
                Member::Itself | Member::Name => Some(bucket.clone()),
                Member::Arn => Some(format!("arn:{}:s3:::{bucket}", connection.target.partition)),
                Member::AccessKeyId => None,
            };
        }
        match member {
            Member::Itself => None,
            Member::Name => self.named(name).map(|named| named.name.clone()),
            Member::Arn => self.named(name).map(|named| named.arn.clone()),
            Member::AccessKeyId => {
                self.users.get(name).map(|user| user.credentials.access_key_id.clone())
            }
        }
    }

    /// The policy, user or role of this name.
    fn named(&self, name: &Name) -> Option<&Named> {
        let user = || self.users.get(name).map(|user| &user.named);
        self.policies.get(name).or_else(user).or_else(|| self.roles.get(name))
    }

    /// Every policy, user and role.
    pub(crate) fn all_named(&self) -> impl Iterator<Item = (&Name, &Named)> {
        let users = self.users.iter().map(|(name, user)| (name, &user.named));
        self.policies.iter().chain(users).chain(&self.roles)
    }
}
