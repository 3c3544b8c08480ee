//! Long-term access keys of users.

use jiff::Timestamp;

use super::{Directory, DirectoryError, Ids};
use crate::model::caller::UserName;

/// Most access keys that one user holds, active or not.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const ACCESS_KEYS_PER_USER_MAX: usize = 2;

/// A long-term access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// `AKIA…`.
    pub(crate) id: String,
    /// What signatures are made with; 40 characters.
    pub(crate) secret: String,
    /// The user whose key it is.
    pub(crate) owner: UserName,
    /// Whether it signs requests.
    pub(crate) status: AccessKeyStatus,
    /// When it was created.
    pub(crate) created_at: Timestamp,
}

/// Whether an access key signs requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessKeyStatus {
    /// It does.
    Active,
    /// It does not, until it is activated again.
    Inactive,
}

impl AccessKeyStatus {
    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

impl Directory {
    /// The key with this id, whatever its status.
    pub(crate) fn access_key(&self, id: &str) -> Option<&AccessKey> {
        self.access_keys.get(id)
    }

    /// The keys of a user, sorted by id.
    pub(crate) fn access_keys_of<'a>(
        &'a self,
        owner: &'a UserName,
    ) -> impl Iterator<Item = &'a AccessKey> {
        self.access_keys.values().filter(move |key| key.owner == *owner)
    }

    /// Gives a user a new key.
    pub(crate) fn create_access_key(
        &mut self,
        owner: &UserName,
        ids: &mut dyn Ids,
        now: Timestamp,
    ) -> Result<&AccessKey, DirectoryError> {
        self.existing_user(owner)?;
        if self.access_keys_of(owner).count() >= ACCESS_KEYS_PER_USER_MAX {
            return Err(DirectoryError::quota("AccessKeysPerUser", ACCESS_KEYS_PER_USER_MAX));
        }
        let key = AccessKey {
            id: ids.access_key_id(),
            secret: ids.secret_access_key(),
            owner: owner.clone(),
            status: AccessKeyStatus::Active,
            created_at: now,
        };
        assert!(!self.access_keys.contains_key(&key.id), "access key ids never repeat");
        Ok(self.access_keys.entry(key.id.clone()).or_insert(key))
    }

    /// Switches a user's key on or off.
    pub(crate) fn set_access_key_status(
        &mut self,
        owner: &UserName,
        id: &str,
        status: AccessKeyStatus,
    ) -> Result<(), DirectoryError> {
        self.existing_user(owner)?;
        let key = self.access_keys.get_mut(id).filter(|key| key.owner == *owner);
        key.ok_or_else(|| unknown_key(id))?.status = status;
        Ok(())
    }

    /// Deletes a user's key.
    pub(crate) fn delete_access_key(
        &mut self,
        owner: &UserName,
        id: &str,
    ) -> Result<(), DirectoryError> {
        self.existing_user(owner)?;
        self.access_key(id).filter(|key| key.owner == *owner).ok_or_else(|| unknown_key(id))?;
        self.access_keys.remove(id);
        Ok(())
    }
}

fn unknown_key(id: &str) -> DirectoryError {
    DirectoryError::NoSuchEntity(format!("The Access Key with id {id} cannot be found."))
}
