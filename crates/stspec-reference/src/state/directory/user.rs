//! IAM users with their policies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use stspec_iam::{Policy, PolicyKind};

use super::{Directory, DirectoryError, Ids, Tags, counted_chars, parse_policy};
use crate::model::caller::UserName;

/// Most users in an account.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const USERS_MAX: usize = 5000;

/// Most characters in all inline policies of one user together, white space not counted.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const USER_INLINE_CHARS_MAX: usize = 2048;

/// Most managed policies attached to one user; AWS's default, which it raises to 20 on request.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const ATTACHED_PER_USER_MAX: usize = 10;

/// An IAM user.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// The name, as created.
    pub(crate) name: UserName,
    /// `AIDA…`, never used again, even for another user of this name.
    pub(crate) id: String,
    /// The path, such as `/` or `/team/`.
    pub(crate) path: String,
    /// The ARN, with the path in it.
    pub(crate) arn: String,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// Its tags.
    pub(crate) tags: Tags,
    /// Inline policies by name.
    pub(crate) inline_policies: BTreeMap<String, Arc<Policy>>,
    /// ARNs of the managed policies attached to it.
    pub(crate) attached_arns: BTreeSet<String>,
    /// ARN of the managed policy that bounds its permissions.
    pub(crate) boundary_arn: Option<String>,
}

/// What a new user is created from.
#[derive(Debug, Clone)]
pub(crate) struct NewUser {
    /// Its name.
    pub(crate) name: UserName,
    /// Its path.
    pub(crate) path: String,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
    /// ARN of a managed policy that bounds its permissions.
    pub(crate) boundary_arn: Option<String>,
}

/// Reading.
impl Directory {
    /// The user with this name.
    pub(crate) fn user(&self, name: &UserName) -> Option<&User> {
        self.users.get(name)
    }

    /// All users, sorted by name.
    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// A user's policies in force, inline ones first, each with a label: its name or its ARN.
    pub(crate) fn policies_of<'a>(
        &'a self,
        user: &'a User,
    ) -> impl Iterator<Item = (&'a str, &'a Arc<Policy>)> {
        let inline = user.inline_policies.iter().map(|(name, policy)| (name.as_str(), policy));
        inline.chain(user.attached_arns.iter().filter_map(|arn| self.labelled(arn)))
    }

    /// The policy that bounds a user's permissions, labelled with its ARN.
    pub(crate) fn boundary_of<'a>(&'a self, user: &'a User) -> Option<(&'a str, &'a Arc<Policy>)> {
        self.labelled(user.boundary_arn.as_deref()?)
    }

    /// The user with this name, or IAM's refusal.
    pub(crate) fn existing_user(&self, name: &UserName) -> Result<&User, DirectoryError> {
        self.users.get(name).ok_or_else(|| DirectoryError::unknown("user", &name.0))
    }

    pub(super) fn labelled<'a>(&'a self, arn: &'a str) -> Option<(&'a str, &'a Arc<Policy>)> {
        self.managed_policy(arn).map(|policy| (arn, policy.in_force()))
    }

    fn existing_user_mut(&mut self, name: &UserName) -> Result<&mut User, DirectoryError> {
        self.users.get_mut(name).ok_or_else(|| DirectoryError::unknown("user", &name.0))
    }
}

/// Creating and deleting.
impl Directory {
    /// Creates a user.
    pub(crate) fn create_user(
        &mut self,
        new: NewUser,
        ids: &mut dyn Ids,
        now: Timestamp,
    ) -> Result<&User, DirectoryError> {
        let name = new.name;
        if self.users.keys().any(|taken| taken.0.eq_ignore_ascii_case(&name.0)) {
            let message = format!("User with name {} already exists.", name.0);
            return Err(DirectoryError::EntityAlreadyExists(message));
        }
        if self.users.len() >= USERS_MAX {
            return Err(DirectoryError::quota("UsersPerAccount", USERS_MAX));
        }
        if let Some(arn) = &new.boundary_arn {
            self.attachable_policy(arn)?;
        }
        let user = User {
            id: ids.user_id(),
            arn: self.context().iam_arn(&format!("user{}{}", new.path, name.0)),
            path: new.path,
            created_at: now,
            tags: Tags::new(new.tags)?,
            inline_policies: BTreeMap::new(),
            attached_arns: BTreeSet::new(),
            boundary_arn: new.boundary_arn,
            name: name.clone(),
        };
        Ok(self.users.entry(name).or_insert(user))
    }

    /// Deletes a user that nothing hangs on any more.
    pub(crate) fn delete_user(&mut self, name: &UserName) -> Result<(), DirectoryError> {
        let user = self.existing_user(name)?;
        if self.access_keys_of(name).next().is_some() {
            return Err(DirectoryError::in_use("delete access keys"));
        }
        if !user.inline_policies.is_empty() {
            return Err(DirectoryError::in_use("delete policies"));
        }
        if !user.attached_arns.is_empty() {
            return Err(DirectoryError::in_use("detach all policies"));
        }
        self.users.remove(name);
        Ok(())
    }

    /// Adds tags to a user, replacing those with the same key.
    pub(crate) fn tag_user(
        &mut self,
        name: &UserName,
        tags: Vec<(String, String)>,
    ) -> Result<(), DirectoryError> {
        self.existing_user_mut(name)?.tags.put(tags)
    }

    /// Removes tags from a user.
    pub(crate) fn untag_user<'a>(
        &mut self,
        name: &UserName,
        keys: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), DirectoryError> {
        self.existing_user_mut(name)?.tags.remove(keys);
        Ok(())
    }
}

/// Policies of users.
impl Directory {
    /// Embeds a policy in a user, replacing one of the same name.
    pub(crate) fn put_user_policy(
        &mut self,
        user_name: &UserName,
        policy_name: &str,
        document: &str,
    ) -> Result<(), DirectoryError> {
        let user = self.existing_user_mut(user_name)?;
        let policy = parse_policy(document, PolicyKind::Identity)?;
        let others = user.inline_policies.iter().filter(|(name, _)| *name != policy_name);
        let other_chars: usize = others.map(|(_, policy)| counted_chars(policy.text())).sum();
        if other_chars + counted_chars(document) > USER_INLINE_CHARS_MAX {
            return Err(DirectoryError::LimitExceeded(format!(
                "Maximum policy size of {USER_INLINE_CHARS_MAX} bytes exceeded for user {}",
                user_name.0
            )));
        }
        user.inline_policies.insert(policy_name.to_owned(), policy);
        Ok(())
    }

    /// A user's inline policy.
    pub(crate) fn user_policy(
        &self,
        user_name: &UserName,
        policy_name: &str,
    ) -> Result<&Arc<Policy>, DirectoryError> {
        let user = self.existing_user(user_name)?;
        let policy = user.inline_policies.get(policy_name);
        policy.ok_or_else(|| DirectoryError::unknown("user policy", policy_name))
    }

    /// Removes an inline policy from a user.
    pub(crate) fn delete_user_policy(
        &mut self,
        user_name: &UserName,
        policy_name: &str,
    ) -> Result<(), DirectoryError> {
        let removed = self.existing_user_mut(user_name)?.inline_policies.remove(policy_name);
        removed.map(drop).ok_or_else(|| DirectoryError::unknown("user policy", policy_name))
    }

    /// Attaches a managed policy to a user; attaching it twice is attaching it once.
    pub(crate) fn attach_user_policy(
        &mut self,
        name: &UserName,
        arn: &str,
    ) -> Result<(), DirectoryError> {
        self.existing_user(name)?;
        self.attachable_policy(arn)?;
        let user = self.existing_user_mut(name)?;
        if !user.attached_arns.contains(arn) && user.attached_arns.len() >= ATTACHED_PER_USER_MAX {
            return Err(DirectoryError::quota("PoliciesPerUser", ATTACHED_PER_USER_MAX));
        }
        user.attached_arns.insert(arn.to_owned());
        Ok(())
    }

    /// Detaches a managed policy from a user.
    pub(crate) fn detach_user_policy(
        &mut self,
        name: &UserName,
        arn: &str,
    ) -> Result<(), DirectoryError> {
        if self.existing_user_mut(name)?.attached_arns.remove(arn) {
            return Ok(());
        }
        Err(DirectoryError::NoSuchEntity(format!("Policy {arn} was not found.")))
    }

    /// Bounds a user's permissions by a managed policy, instead of any earlier one.
    pub(crate) fn put_user_boundary(
        &mut self,
        name: &UserName,
        arn: &str,
    ) -> Result<(), DirectoryError> {
        self.existing_user(name)?;
        self.attachable_policy(arn)?;
        self.existing_user_mut(name)?.boundary_arn = Some(arn.to_owned());
        Ok(())
    }

    /// Takes a user's boundary away; a user without one stays as it is.
    pub(crate) fn delete_user_boundary(&mut self, name: &UserName) -> Result<(), DirectoryError> {
        self.existing_user_mut(name)?.boundary_arn = None;
        Ok(())
    }
}
