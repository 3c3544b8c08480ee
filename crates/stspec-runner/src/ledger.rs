//! What a run makes on a target: noted before it is made, removed in reverse order.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use stspec_verdict::{Observed, Resources};

use crate::connection::{Connection, text_at};

/// Most pages of a bucket's listing that are emptied; a page holds up to 1,000 keys.
///
/// Source: S3 API Reference, ListObjectsV2, `MaxKeys`.
const LISTINGS_MAX: usize = 10;

/// Most members that are read of one listing.
const MEMBERS_MAX: usize = 1_000;

/// Something on a target that would outlive the run, with everything inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    /// An IAM user with its access keys and inline policies.
    User { name: String },
    /// A bucket with its objects and its policy.
    Bucket { name: String },
}

/// The resources of a run, in the order in which they were about to be made.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Vec<Resource>>);

impl Ledger {
    /// Notes a resource; called before the request that makes it.
    pub(crate) fn intend(&self, resource: Resource) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(resource);
    }

    /// Removes everything in reverse order; what was never made counts for nothing.
    pub(crate) async fn clean_up(&self, connection: &Connection) -> CleanUp {
        let resources = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut clean_up = CleanUp::default();
        let count = &mut clean_up.count;
        for resource in resources.iter().rev() {
            match remove(resource, connection).await {
                Removal::Removed => {
                    count.created += 1;
                    count.removed += 1;
                }
                Removal::NotThere => {}
                Removal::Failed(reason) => {
                    count.created += 1;
                    count.leaked += 1;
                    clean_up.leaks.push(format!("{resource}: {reason}"));
                }
            }
        }
        clean_up
    }
}

/// What cleaning up came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CleanUp {
    /// How much was made, removed and left.
    pub count: Resources,
    /// What is still there, each with the reason.
    pub leaks: Vec<String>,
}

enum Removal {
    Removed,
    NotThere,
    Failed(String),
}

async fn remove(resource: &Resource, connection: &Connection) -> Removal {
    let observed = match resource {
        Resource::User { name } => {
            strip_user(name, connection).await;
            connection.administer("iam.DeleteUser", &[("UserName", name)]).await
        }
        Resource::Bucket { name } => {
            empty_bucket(name, connection).await;
            connection.administer("s3.DeleteBucket", &[("Bucket", name)]).await
        }
    };
    match observed {
        Observed::Answer(answer) if (200..300).contains(&answer.status) => Removal::Removed,
        Observed::Answer(answer) if answer.status == 404 => Removal::NotThere,
        other => Removal::Failed(format!("its removal answered {}", other.summary())),
    }
}

/// Removes a user's keys and policies; whatever stays makes the user's own removal fail.
async fn strip_user(name: &str, connection: &Connection) {
    let keys = connection.administer("iam.ListAccessKeys", &[("UserName", name)]).await;
    for id in
        members(&keys, |position| format!("result.AccessKeyMetadata.member.{position}.AccessKeyId"))
    {
        connection
            .administer("iam.DeleteAccessKey", &[("UserName", name), ("AccessKeyId", &id)])
            .await;
    }
    let policies = connection.administer("iam.ListUserPolicies", &[("UserName", name)]).await;
    for policy in members(&policies, |position| format!("result.PolicyNames.member.{position}")) {
        connection
            .administer("iam.DeleteUserPolicy", &[("UserName", name), ("PolicyName", &policy)])
            .await;
    }
}

/// Removes a bucket's policy and objects; whatever stays makes the bucket's own removal fail.
async fn empty_bucket(name: &str, connection: &Connection) {
    connection.administer("s3.DeleteBucketPolicy", &[("Bucket", name)]).await;
    for _ in 0..LISTINGS_MAX {
        let listing = connection.administer("s3.ListObjectsV2", &[("Bucket", name)]).await;
        let keys = members(&listing, |position| format!("result.Contents.{position}.Key"));
        if keys.is_empty() {
            return;
        }
        for key in keys {
            connection.administer("s3.DeleteObject", &[("Bucket", name), ("Key", &key)]).await;
        }
    }
}

/// The texts at numbered paths of a listing, up to the first that is not there.
fn members(listing: &Observed, path: impl Fn(usize) -> String) -> Vec<String> {
    let Observed::Answer(listing) = listing else { return Vec::new() };
    (1..=MEMBERS_MAX).map_while(|position| text_at(listing, &path(position))).collect()
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { name } => write!(formatter, "user `{name}`"),
            Self::Bucket { name } => write!(formatter, "bucket `{name}`"),
        }
    }
}
