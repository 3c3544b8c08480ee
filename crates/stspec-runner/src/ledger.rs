//! What a run makes on a target: noted before it is made, removed in reverse order.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use stspec_scenario::Service;
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
pub(crate) struct Ledger(Mutex<Vec<Entry>>);

/// A resource, and whether the target said that it made it.
#[derive(Debug, Clone)]
struct Entry {
    resource: Resource,
    made: bool,
}

impl Ledger {
    /// Notes a resource; called before the request that makes it.
    pub(crate) fn intend(&self, resource: Resource) {
        self.entries().push(Entry { resource, made: false });
    }

    /// Notes that the target made a resource; called after its answer.
    pub(crate) fn made(&self, resource: &Resource) {
        for entry in self.entries().iter_mut().filter(|entry| entry.resource == *resource) {
            entry.made = true;
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes everything in reverse order.
    ///
    /// A resource that the target never said it made is looked for all the same, as an answer may
    /// have been lost; where it is not there, it counts for nothing. Once a service gives no answer
    /// at all, it is not asked again, and what it holds counts as leaked.
    pub(crate) async fn clean_up(&self, connection: &Connection) -> CleanUp {
        let entries = std::mem::take(&mut *self.entries());
        let mut clean_up = CleanUp::default();
        let mut silent = BTreeSet::new();
        for Entry { resource, made } in entries.iter().rev() {
            let service = resource.service();
            let removal = if silent.contains(&service) {
                Removal::Failed("its service gives no answers".to_owned())
            } else {
                remove(resource, *made, connection).await
            };
            let removal = match removal {
                Removal::NoAnswer(reason) => {
                    silent.insert(service);
                    Removal::Failed(reason)
                }
                other => other,
            };
            clean_up.count(resource, *made, removal);
        }
        clean_up
    }
}

/// What cleaning up came to.
#[derive(Debug, Default)]
pub struct CleanUp {
    /// How many resources were made, removed and left.
    pub count: Resources,
    /// What is still there, each with the reason.
    pub leaks: Vec<String>,
}

impl CleanUp {
    fn count(&mut self, resource: &Resource, made: bool, removal: Removal) {
        match removal {
            Removal::Removed => {
                self.count.created += 1;
                self.count.removed += 1;
            }
            Removal::NotThere => {}
            Removal::Failed(reason) | Removal::NoAnswer(reason) => {
                self.count.created += 1;
                self.count.leaked += 1;
                let doubt = if made { "" } else { ", if it was made at all" };
                self.leaks.push(format!("{resource}{doubt}: {reason}"));
            }
        }
    }
}

enum Removal {
    Removed,
    NotThere,
    Failed(String),
    NoAnswer(String),
}

/// Removes a resource with everything inside it.
///
/// A target that knows nothing of what it said it made has lost it from sight, not removed it.
async fn remove(resource: &Resource, made: bool, connection: &Connection) -> Removal {
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
        Observed::Answer(answer) if answer.status == 404 && !made => Removal::NotThere,
        Observed::Answer(answer) => {
            Removal::Failed(format!("its removal answered {}", answer.summary()))
        }
        Observed::NoAnswer(reason) => {
            Removal::NoAnswer(format!("its removal had no answer: {reason}"))
        }
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

impl Resource {
    /// Which service holds it.
    fn service(&self) -> Service {
        match self {
            Self::User { .. } => Service::Iam,
            Self::Bucket { .. } => Service::S3,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { name } => write!(formatter, "user `{name}`"),
            Self::Bucket { name } => write!(formatter, "bucket `{name}`"),
        }
    }
}
