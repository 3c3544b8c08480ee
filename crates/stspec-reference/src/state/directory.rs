//! The account's IAM users, access keys, managed policies and roles, in memory.

mod access_key;
mod error;
mod policy;
mod role;
mod tags;
mod user;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use stspec_iam::{GrammarError, Policy, PolicyKind};

use crate::model::caller::UserName;

pub(crate) use access_key::{AccessKey, AccessKeyStatus};
pub(crate) use error::DirectoryError;
pub(crate) use policy::{ManagedPolicy, NewPolicy, PolicyOwner, PolicyVersion};
pub(crate) use role::{NewRole, Role};
pub(crate) use tags::{TAGS_MAX, Tags};
pub(crate) use user::{NewUser, User};

/// Everything IAM knows about one account.
///
/// It takes no locks and reads no clock: whoever shares it decides about both.
// INVARIANT: every key of a map equals the name, id or ARN inside its value; every owner of an access
// key is a user; every attached ARN and every boundary is a managed policy.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    context: AccountContext,
    created_at: Timestamp,
    users: BTreeMap<UserName, User>,
    access_keys: BTreeMap<String, AccessKey>,
    managed_policies: BTreeMap<String, ManagedPolicy>,
    roles: BTreeMap<String, Role>,
}

/// The partition and the account that ARNs carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountContext {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub(crate) partition: String,
    /// The twelve digits of the account.
    pub(crate) account: String,
}

/// Where new ids and secrets come from.
///
/// INVARIANT of every implementation: no two calls return the same text.
pub(crate) trait Ids {
    /// `AIDA` and the rest of a user's unique id.
    fn user_id(&mut self) -> String;
    /// `AKIA` and the rest of an access key id.
    fn access_key_id(&mut self) -> String;
    /// The 40 characters of a secret access key.
    fn secret_access_key(&mut self) -> String;
    /// `ANPA` and the rest of a managed policy's unique id.
    fn policy_id(&mut self) -> String;
    /// `AROA` and the rest of a role's unique id.
    fn role_id(&mut self) -> String;
}

impl AccountContext {
    /// The ARN of something that IAM keeps, such as `user/Bob`.
    pub(crate) fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account)
    }
}

impl Directory {
    /// An account with nothing in it but the AWS-managed policies.
    pub(crate) fn new(context: AccountContext, ids: &mut dyn Ids, now: Timestamp) -> Self {
        let managed_policies = policy::aws_managed(&context.partition, ids);
        Self {
            context,
            created_at: now,
            users: BTreeMap::new(),
            access_keys: BTreeMap::new(),
            managed_policies,
            roles: BTreeMap::new(),
        }
    }

    /// The partition and the account.
    pub(crate) fn context(&self) -> &AccountContext {
        &self.context
    }

    /// When the account began, which is also its root user's creation date.
    pub(crate) fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// Reads a policy document of this kind.
fn parse_policy(text: &str, kind: PolicyKind) -> Result<Arc<Policy>, DirectoryError> {
    Policy::parse(text, kind).map(Arc::new).map_err(|malformed| {
        // IAM, unlike STS, has no message of its own for text that is not JSON.
        let error = match malformed.grammar_error() {
            GrammarError::NotJson => GrammarError::Syntax,
            other => other,
        };
        DirectoryError::MalformedPolicyDocument(error.message().to_owned())
    })
}

/// How many characters of a policy document count towards a quota: all but white space.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas", "IAM doesn't count white space".
fn counted_chars(text: &str) -> usize {
    text.chars().filter(|char| !char.is_whitespace()).count()
}

#[cfg(test)]
pub(crate) mod test_support;
