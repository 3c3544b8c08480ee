//! Managed policies with their versions, the customer's and AWS's.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use stspec_iam::{Policy, PolicyKind};

use super::{Directory, DirectoryError, Ids, Tags, counted_chars, parse_policy};

/// Most managed policies that the customer keeps in an account.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const CUSTOMER_POLICIES_MAX: usize = 1500;

/// Most characters in a managed policy, white space not counted.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MANAGED_CHARS_MAX: usize = 6144;

/// Most versions of a managed policy kept at a time.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const VERSIONS_MAX: usize = 5;

/// A managed policy.
// INVARIANT: `default` is a key of `versions`; `last` is at least the highest key.
#[derive(Debug, Clone)]
pub(crate) struct ManagedPolicy {
    /// The name.
    pub(crate) name: String,
    /// `ANPA…`, never used again.
    pub(crate) id: String,
    /// The path, such as `/` or `/service-role/`.
    pub(crate) path: String,
    /// The ARN, with the path in it.
    pub(crate) arn: String,
    /// Whose it is.
    pub(crate) owner: PolicyOwner,
    /// What its creator said about it.
    pub(crate) description: Option<String>,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When its default version last changed.
    pub(crate) updated_at: Timestamp,
    /// Its tags.
    pub(crate) tags: Tags,
    versions: BTreeMap<u32, PolicyVersion>,
    default: u32,
    last: u32,
}

/// Who owns a managed policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyOwner {
    /// AWS: the same in every account, not to be changed.
    Aws,
    /// The account.
    Customer,
}

/// One version of a managed policy.
#[derive(Debug, Clone)]
pub(crate) struct PolicyVersion {
    /// `v1`, `v2`, …
    pub(crate) id: String,
    /// The document.
    pub(crate) policy: Arc<Policy>,
    /// When it was created.
    pub(crate) created_at: Timestamp,
}

/// What a new customer-managed policy is created from.
#[derive(Debug, Clone)]
pub(crate) struct NewPolicy {
    /// Its name.
    pub(crate) name: String,
    /// Its path.
    pub(crate) path: String,
    /// What is said about it.
    pub(crate) description: Option<String>,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
    /// The document of its first version.
    pub(crate) document: String,
}

impl ManagedPolicy {
    /// The document of the default version.
    pub(crate) fn in_force(&self) -> &Arc<Policy> {
        &self.default_version().policy
    }

    /// The default version.
    pub(crate) fn default_version(&self) -> &PolicyVersion {
        self.versions.get(&self.default).expect("the default version is one of the versions")
    }

    /// What lists are sorted by: the name, and of two policies with one name the customer's first.
    pub(crate) fn sort_key(&self) -> String {
        match self.owner {
            PolicyOwner::Customer => self.name.clone(),
            PolicyOwner::Aws => format!("{}/aws", self.name),
        }
    }

    /// The versions, newest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &PolicyVersion> {
        self.versions.values().rev()
    }

    /// The version with this id, or IAM's refusal.
    pub(crate) fn version(&self, id: &str) -> Result<&PolicyVersion, DirectoryError> {
        version_number(id)
            .and_then(|number| self.versions.get(&number))
            .ok_or_else(|| self.unknown_version(id))
    }

    fn add_version(&mut self, policy: Arc<Policy>, now: Timestamp) -> u32 {
        self.last += 1;
        let version = PolicyVersion { id: format!("v{}", self.last), policy, created_at: now };
        self.versions.insert(self.last, version);
        self.last
    }

    fn make_default(&mut self, number: u32, now: Timestamp) {
        self.default = number;
        self.updated_at = now;
    }

    fn unknown_version(&self, id: &str) -> DirectoryError {
        DirectoryError::NoSuchEntity(format!(
            "Policy {} version {id} does not exist or is not attachable.",
            self.arn
        ))
    }
}

/// Reading.
impl Directory {
    /// The managed policy with this ARN, the customer's or AWS's.
    pub(crate) fn managed_policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.managed_policies.get(arn)
    }

    /// All managed policies, sorted by ARN.
    pub(crate) fn managed_policies(&self) -> impl Iterator<Item = &ManagedPolicy> {
        self.managed_policies.values()
    }

    /// The managed policy with this ARN, or IAM's refusal.
    pub(crate) fn existing_policy(&self, arn: &str) -> Result<&ManagedPolicy, DirectoryError> {
        self.managed_policies.get(arn).ok_or_else(|| unknown_policy(arn))
    }

    /// How many users the policy is attached to.
    pub(crate) fn attachment_count(&self, arn: &str) -> usize {
        self.users().filter(|user| user.attached_arns.contains(arn)).count()
    }

    /// How many users and roles the policy bounds.
    pub(crate) fn boundary_usage_count(&self, arn: &str) -> usize {
        let users = self.users().map(|user| user.boundary_arn.as_deref());
        let roles = self.roles().map(|role| role.boundary_arn.as_deref());
        users.chain(roles).filter(|boundary| *boundary == Some(arn)).count()
    }

    /// The managed policy with this ARN, or the refusal to attach it.
    pub(super) fn attachable_policy(&self, arn: &str) -> Result<&ManagedPolicy, DirectoryError> {
        self.managed_policies.get(arn).ok_or_else(|| {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            DirectoryError::NoSuchEntity(message)
        })
    }

    /// The customer's policy with this ARN, to be changed.
    fn customer_policy(&mut self, arn: &str) -> Result<&mut ManagedPolicy, DirectoryError> {
        let policy = self.managed_policies.get_mut(arn).ok_or_else(|| unknown_policy(arn))?;
        match policy.owner {
            PolicyOwner::Customer => Ok(policy),
            PolicyOwner::Aws => Err(DirectoryError::AccessDenied(format!(
                "Policy {arn} is managed by AWS and cannot be changed."
            ))),
        }
    }
}

/// Changing.
impl Directory {
    /// Creates a customer-managed policy.
    pub(crate) fn create_policy(
        &mut self,
        new: NewPolicy,
        ids: &mut dyn Ids,
        now: Timestamp,
    ) -> Result<&ManagedPolicy, DirectoryError> {
        let customer = || {
            let policies = self.managed_policies.values();
            policies.filter(|policy| policy.owner == PolicyOwner::Customer)
        };
        if customer().any(|policy| policy.name.eq_ignore_ascii_case(&new.name)) {
            return Err(DirectoryError::EntityAlreadyExists(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                new.name
            )));
        }
        if customer().count() >= CUSTOMER_POLICIES_MAX {
            return Err(DirectoryError::quota("PoliciesPerAccount", CUSTOMER_POLICIES_MAX));
        }
        let document = parse_managed(&new.document)?;
        let tags = Tags::new(new.tags)?;
        let arn = self.context().iam_arn(&format!("policy{}{}", new.path, new.name));
        let version = PolicyVersion { id: "v1".to_owned(), policy: document, created_at: now };
        let policy = ManagedPolicy {
            name: new.name,
            id: ids.policy_id(),
            path: new.path,
            arn: arn.clone(),
            owner: PolicyOwner::Customer,
            description: new.description,
            created_at: now,
            updated_at: now,
            tags,
            versions: BTreeMap::from([(1, version)]),
            default: 1,
            last: 1,
        };
        Ok(self.managed_policies.entry(arn).or_insert(policy))
    }

    /// Deletes a customer-managed policy that nobody uses and that has one version.
    pub(crate) fn delete_policy(&mut self, arn: &str) -> Result<(), DirectoryError> {
        if self.customer_policy(arn)?.versions.len() > 1 {
            return Err(DirectoryError::DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must \
                 delete the policy's versions. The default version is deleted with the policy."
                    .to_owned(),
            ));
        }
        if self.attachment_count(arn) + self.boundary_usage_count(arn) > 0 {
            let message = "Cannot delete a policy attached to entities.";
            return Err(DirectoryError::DeleteConflict(message.to_owned()));
        }
        self.managed_policies.remove(arn);
        Ok(())
    }

    /// Adds a version to a customer-managed policy and returns its id.
    pub(crate) fn create_policy_version(
        &mut self,
        arn: &str,
        document: &str,
        now: Timestamp,
    ) -> Result<String, DirectoryError> {
        let policy = self.customer_policy(arn)?;
        if policy.versions.len() >= VERSIONS_MAX {
            return Err(DirectoryError::LimitExceeded(format!(
                "A managed policy can have up to {VERSIONS_MAX} versions. Before you create a new \
                 version, you must delete an existing version."
            )));
        }
        let number = policy.add_version(parse_managed(document)?, now);
        Ok(format!("v{number}"))
    }

    /// Puts another version of a customer-managed policy in force.
    pub(crate) fn set_default_policy_version(
        &mut self,
        arn: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<(), DirectoryError> {
        let policy = self.customer_policy(arn)?;
        match version_number(id).filter(|number| policy.versions.contains_key(number)) {
            Some(number) => policy.make_default(number, now),
            None => return Err(policy.unknown_version(id)),
        }
        Ok(())
    }

    /// Deletes a version of a customer-managed policy that is not in force.
    pub(crate) fn delete_policy_version(
        &mut self,
        arn: &str,
        id: &str,
    ) -> Result<(), DirectoryError> {
        let policy = self.customer_policy(arn)?;
        let number = version_number(id).filter(|number| policy.versions.contains_key(number));
        let number = number.ok_or_else(|| policy.unknown_version(id))?;
        if number == policy.default {
            let message = "Cannot delete the default version of a policy.";
            return Err(DirectoryError::DeleteConflict(message.to_owned()));
        }
        policy.versions.remove(&number);
        Ok(())
    }
}

/// The AWS-managed policies of a partition, by ARN.
pub(super) fn aws_managed(partition: &str, ids: &mut dyn Ids) -> BTreeMap<String, ManagedPolicy> {
    let listed: Vec<AwsManaged> = serde_json::from_str(include_str!("aws_managed.json"))
        .expect("aws_managed.json lists policies");
    let entries = listed.into_iter().map(|listed| {
        let policy = listed.into_policy(partition, ids);
        (policy.arn.clone(), policy)
    });
    entries.collect()
}

/// An entry of `aws_managed.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AwsManaged {
    name: String,
    path: String,
    description: String,
    since: String,
    document: serde_json::Value,
}

impl AwsManaged {
    fn into_policy(self, partition: &str, ids: &mut dyn Ids) -> ManagedPolicy {
        let text = self.document.to_string().replace("arn:aws:", &format!("arn:{partition}:"));
        let policy = parse_policy(&text, PolicyKind::Identity)
            .expect("aws_managed.json holds identity policies");
        let since = self.since.parse().expect("aws_managed.json holds RFC 3339 dates");
        let version = PolicyVersion { id: "v1".to_owned(), policy, created_at: since };
        ManagedPolicy {
            id: ids.policy_id(),
            arn: format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name),
            name: self.name,
            path: self.path,
            owner: PolicyOwner::Aws,
            description: Some(self.description),
            created_at: since,
            updated_at: since,
            tags: Tags::default(),
            versions: BTreeMap::from([(1, version)]),
            default: 1,
            last: 1,
        }
    }
}

fn parse_managed(document: &str) -> Result<Arc<Policy>, DirectoryError> {
    if counted_chars(document) > MANAGED_CHARS_MAX {
        return Err(DirectoryError::quota("PolicySize", MANAGED_CHARS_MAX));
    }
    parse_policy(document, PolicyKind::Identity)
}

fn unknown_policy(arn: &str) -> DirectoryError {
    DirectoryError::NoSuchEntity(format!("Policy {arn} was not found."))
}

fn version_number(id: &str) -> Option<u32> {
    id.strip_prefix('v')?.parse().ok()
}
