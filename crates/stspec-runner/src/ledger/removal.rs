//! Removes one resource from a target, with everything inside it.

use std::collections::BTreeSet;

use stspec_scenario::Service;
use stspec_verdict::Observed;

use super::Resource;
use crate::target::connection::Connection;
use crate::wire::text_at;

/// Most pages of a bucket's listing that are emptied; a page holds up to 1,000 keys.
///
/// Source: S3 API Reference, ListObjectsV2, `MaxKeys`.
const LISTINGS_MAX: usize = 10;

/// Most members that are read of one listing.
const MEMBERS_MAX: usize = 1_000;

/// What a target answered to a removal.
#[derive(Debug)]
pub(crate) enum Removal {
    Removed,
    /// It knows of no such thing.
    NotThere(String),
    Failed(String),
    NoAnswer(String),
}

impl Removal {
    /// Nobody waited for it.
    pub(super) fn cut_short() -> Self {
        Self::Failed("cleaning up was cut short".to_owned())
    }
}

/// The services that gave no answer while things were being removed.
#[derive(Debug, Default)]
pub(crate) struct Silence(BTreeSet<Service>);

impl Silence {
    /// Removes a resource with everything inside it, unless its service gave no answer before.
    pub(crate) async fn remove(&mut self, resource: &Resource, connection: &Connection) -> Removal {
        if self.0.contains(&resource.service()) {
            return Removal::Failed("its service gives no answers".to_owned());
        }
        match remove(resource, connection).await {
            Removal::NoAnswer(reason) => {
                self.0.insert(resource.service());
                Removal::Failed(reason)
            }
            other => other,
        }
    }
}

async fn remove(resource: &Resource, connection: &Connection) -> Removal {
    let observed = match resource {
        Resource::Policy { arn } => {
            strip_policy(arn, connection).await;
            connection.administer("iam.DeletePolicy", &[("PolicyArn", arn)]).await
        }
        Resource::User { name } => {
            strip_user(name, connection).await;
            connection.administer("iam.DeleteUser", &[("UserName", name)]).await
        }
        Resource::Role { name } => {
            strip_role(name, connection).await;
            connection.administer("iam.DeleteRole", &[("RoleName", name)]).await
        }
        Resource::Bucket { name } => {
            empty_bucket(name, connection).await;
            connection.administer("s3.DeleteBucket", &[("Bucket", name)]).await
        }
    };
    let answered = || format!("its removal answered {}", observed.summary());
    match &observed {
        Observed::Answer(answer) if (200..300).contains(&answer.status) => Removal::Removed,
        Observed::Answer(answer) if answer.status == 404 => Removal::NotThere(answered()),
        Observed::Answer(_) => Removal::Failed(answered()),
        Observed::NoAnswer(reason) => {
            Removal::NoAnswer(format!("its removal had no answer: {reason}"))
        }
    }
}

// Whatever the functions below fail to remove makes the removal of the whole fail, so their
// answers need no look.

/// Removes a policy's versions but the one in force, which goes with the policy.
async fn strip_policy(arn: &str, connection: &Connection) {
    let versions = connection.administer("iam.ListPolicyVersions", &[("PolicyArn", arn)]).await;
    for id in members(&versions, |position| format!("result.Versions.member.{position}.VersionId"))
    {
        // The one in force is refused.
        connection
            .administer("iam.DeletePolicyVersion", &[("PolicyArn", arn), ("VersionId", &id)])
            .await;
    }
}

/// Removes a user's keys, policies, attachments and boundary.
async fn strip_user(name: &str, connection: &Connection) {
    let user = ("UserName", name);
    let keys = connection.administer("iam.ListAccessKeys", &[user]).await;
    for id in
        members(&keys, |position| format!("result.AccessKeyMetadata.member.{position}.AccessKeyId"))
    {
        connection.administer("iam.DeleteAccessKey", &[user, ("AccessKeyId", &id)]).await;
    }
    let policies = connection.administer("iam.ListUserPolicies", &[user]).await;
    for policy in members(&policies, |position| format!("result.PolicyNames.member.{position}")) {
        connection.administer("iam.DeleteUserPolicy", &[user, ("PolicyName", &policy)]).await;
    }
    let attached = connection.administer("iam.ListAttachedUserPolicies", &[user]).await;
    for arn in members(&attached, |position| {
        format!("result.AttachedPolicies.member.{position}.PolicyArn")
    }) {
        connection.administer("iam.DetachUserPolicy", &[user, ("PolicyArn", &arn)]).await;
    }
    connection.administer("iam.DeleteUserPermissionsBoundary", &[user]).await;
}

/// Removes a role's inline policies.
async fn strip_role(name: &str, connection: &Connection) {
    let role = ("RoleName", name);
    let policies = connection.administer("iam.ListRolePolicies", &[role]).await;
    for policy in members(&policies, |position| format!("result.PolicyNames.member.{position}")) {
        connection.administer("iam.DeleteRolePolicy", &[role, ("PolicyName", &policy)]).await;
    }
}

/// Removes a bucket's policy and objects.
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
