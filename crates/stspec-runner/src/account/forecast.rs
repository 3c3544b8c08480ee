//! Which requests making an account and removing it takes, known before anything is sent.

use std::collections::BTreeMap;

use stspec_scenario::Account;

/// How often each operation is sent, such as `iam.CreateUser`, in order of name.
pub type RequestCounts = BTreeMap<&'static str, u32>;

/// The requests that make an account and remove it again, if the target answers as it should.
///
/// It tells what `provision/builder.rs` and `ledger/removal.rs` do, and a test holds them together.
#[must_use]
pub fn forecast_requests(account: &Account) -> RequestCounts {
    let mut requests = RequestCounts::new();
    let mut add = |call, count: usize| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count > 0 {
            *requests.entry(call).or_default() += count;
        }
    };
    for bucket in &account.buckets {
        let objects = bucket.objects.len();
        add("s3.CreateBucket", 1);
        add("s3.PutObject", objects);
        add("s3.PutBucketPolicy", bucket.policy.iter().count());
        add("s3.DeleteBucketPolicy", 1);
        // The last listing is the one that finds nothing more.
        add("s3.ListObjectsV2", 1 + objects.min(1));
        add("s3.DeleteObject", objects);
        add("s3.DeleteBucket", 1);
    }
    for _ in &account.policies {
        add("iam.CreatePolicy", 1);
        add("iam.ListPolicyVersions", 1);
        add("iam.DeletePolicyVersion", 1);
        add("iam.DeletePolicy", 1);
    }
    for user in &account.users {
        for call in ["iam.CreateUser", "iam.CreateAccessKey", "iam.DeleteAccessKey"] {
            add(call, 1);
        }
        add("iam.PutUserPolicy", user.policies.len());
        add("iam.DeleteUserPolicy", user.policies.len());
        add("iam.AttachUserPolicy", user.attach.len());
        add("iam.DetachUserPolicy", user.attach.len());
        for call in [
            "iam.ListAccessKeys",
            "iam.ListUserPolicies",
            "iam.ListAttachedUserPolicies",
            "iam.DeleteUserPermissionsBoundary",
            "iam.DeleteUser",
        ] {
            add(call, 1);
        }
    }
    for role in &account.roles {
        add("iam.CreateRole", 1);
        add("iam.PutRolePolicy", role.policies.len());
        add("iam.ListRolePolicies", 1);
        add("iam.DeleteRolePolicy", role.policies.len());
        add("iam.DeleteRole", 1);
    }
    requests
}
