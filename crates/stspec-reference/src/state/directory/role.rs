//! IAM roles with their trust and inline policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use stspec_iam::{Policy, PolicyKind};

use super::{Directory, DirectoryError, Ids, Tags, counted_chars, parse_policy};

/// Most roles in an account.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const ROLES_MAX: usize = 1000;

/// Most characters in all inline policies of one role together, white space not counted.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const ROLE_INLINE_CHARS_MAX: usize = 10_240;

/// Most characters in a trust policy, white space not counted.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const TRUST_CHARS_MAX: usize = 2048;

/// An IAM role.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    /// The name, as created.
    pub(crate) name: String,
    /// `AROA…`, never used again.
    pub(crate) id: String,
    /// The path, such as `/` or `/team/`.
    pub(crate) path: String,
    /// The ARN, with the path in it.
    pub(crate) arn: String,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// What its creator said about it.
    pub(crate) description: Option<String>,
    /// Longest session that may be asked for, in seconds.
    pub(crate) session_seconds_max: u32,
    /// Its tags.
    pub(crate) tags: Tags,
    /// Who may assume it.
    pub(crate) trust: Arc<Policy>,
    /// Inline policies by name.
    pub(crate) inline_policies: BTreeMap<String, Arc<Policy>>,
    /// ARN of the managed policy that bounds its permissions.
    pub(crate) boundary_arn: Option<String>,
}

/// What a new role is created from.
#[derive(Debug, Clone)]
pub(crate) struct NewRole {
    /// Its name.
    pub(crate) name: String,
    /// Its path.
    pub(crate) path: String,
    /// What is said about it.
    pub(crate) description: Option<String>,
    /// Longest session that may be asked for, in seconds.
    pub(crate) session_seconds_max: u32,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
    /// Who may assume it, as a policy document.
    pub(crate) trust: String,
    /// ARN of a managed policy that bounds its permissions.
    pub(crate) boundary_arn: Option<String>,
}

impl Role {
    /// The policies in force, each with its name as a label.
    pub(crate) fn policies(&self) -> impl Iterator<Item = (&str, &Arc<Policy>)> {
        self.inline_policies.iter().map(|(name, policy)| (name.as_str(), policy))
    }
}

impl Directory {
    /// The role with this ARN, path included.
    pub(crate) fn role_with_arn(&self, arn: &str) -> Option<&Role> {
        let (_, name) = arn.rsplit_once('/')?;
        self.role(name).filter(|role| role.arn == arn)
    }

    /// The policy that bounds a role's permissions, labelled with its ARN.
    pub(crate) fn boundary_of_role<'a>(
        &'a self,
        role: &'a Role,
    ) -> Option<(&'a str, &'a Arc<Policy>)> {
        self.labelled(role.boundary_arn.as_deref()?)
    }

    /// The role with this name.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name)
    }

    /// All roles, sorted by name.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The role with this name, or IAM's refusal.
    pub(crate) fn existing_role(&self, name: &str) -> Result<&Role, DirectoryError> {
        self.roles.get(name).ok_or_else(|| DirectoryError::unknown("role", name))
    }

    /// Creates a role.
    pub(crate) fn create_role(
        &mut self,
        new: NewRole,
        ids: &mut dyn Ids,
        now: Timestamp,
    ) -> Result<&Role, DirectoryError> {
        let name = new.name;
        if self.roles.keys().any(|taken| taken.eq_ignore_ascii_case(&name)) {
            let message = format!("Role with name {name} already exists.");
            return Err(DirectoryError::EntityAlreadyExists(message));
        }
        if self.roles.len() >= ROLES_MAX {
            return Err(DirectoryError::quota("RolesPerAccount", ROLES_MAX));
        }
        if let Some(arn) = &new.boundary_arn {
            self.attachable_policy(arn)?;
        }
        let role = Role {
            id: ids.role_id(),
            arn: self.context().iam_arn(&format!("role{}{name}", new.path)),
            path: new.path,
            created_at: now,
            description: new.description,
            session_seconds_max: new.session_seconds_max,
            tags: Tags::new(new.tags)?,
            trust: parse_trust(&new.trust)?,
            inline_policies: BTreeMap::new(),
            boundary_arn: new.boundary_arn,
            name: name.clone(),
        };
        Ok(self.roles.entry(name).or_insert(role))
    }

    /// Deletes a role that has no inline policies.
    pub(crate) fn delete_role(&mut self, name: &str) -> Result<(), DirectoryError> {
        if !self.existing_role(name)?.inline_policies.is_empty() {
            return Err(DirectoryError::in_use("delete policies"));
        }
        self.roles.remove(name);
        Ok(())
    }

    /// Replaces who may assume a role.
    pub(crate) fn update_trust(&mut self, name: &str, text: &str) -> Result<(), DirectoryError> {
        self.existing_role_mut(name)?.trust = parse_trust(text)?;
        Ok(())
    }

    /// Embeds a policy in a role, replacing one of the same name.
    pub(crate) fn put_role_policy(
        &mut self,
        role_name: &str,
        policy_name: &str,
        document: &str,
    ) -> Result<(), DirectoryError> {
        let role = self.existing_role_mut(role_name)?;
        let policy = parse_policy(document, PolicyKind::Identity)?;
        let others = role.inline_policies.iter().filter(|(name, _)| *name != policy_name);
        let other_chars: usize = others.map(|(_, policy)| counted_chars(policy.text())).sum();
        if other_chars + counted_chars(document) > ROLE_INLINE_CHARS_MAX {
            return Err(DirectoryError::LimitExceeded(format!(
                "Maximum policy size of {ROLE_INLINE_CHARS_MAX} bytes exceeded for role {role_name}"
            )));
        }
        role.inline_policies.insert(policy_name.to_owned(), policy);
        Ok(())
    }

    /// A role's inline policy.
    pub(crate) fn role_policy(
        &self,
        role_name: &str,
        policy_name: &str,
    ) -> Result<&Arc<Policy>, DirectoryError> {
        let policy = self.existing_role(role_name)?.inline_policies.get(policy_name);
        policy.ok_or_else(|| DirectoryError::unknown("role policy", policy_name))
    }

    /// Removes an inline policy from a role.
    pub(crate) fn delete_role_policy(
        &mut self,
        role_name: &str,
        policy_name: &str,
    ) -> Result<(), DirectoryError> {
        let removed = self.existing_role_mut(role_name)?.inline_policies.remove(policy_name);
        removed.map(drop).ok_or_else(|| DirectoryError::unknown("role policy", policy_name))
    }

    fn existing_role_mut(&mut self, name: &str) -> Result<&mut Role, DirectoryError> {
        self.roles.get_mut(name).ok_or_else(|| DirectoryError::unknown("role", name))
    }
}

fn parse_trust(text: &str) -> Result<Arc<Policy>, DirectoryError> {
    if counted_chars(text) > TRUST_CHARS_MAX {
        return Err(DirectoryError::quota("ACLSizePerRole", TRUST_CHARS_MAX));
    }
    parse_policy(text, PolicyKind::Trust)
}
