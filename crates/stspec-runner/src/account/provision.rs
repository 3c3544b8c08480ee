//! Makes an account's buckets, policies, users, roles and keys on a target.

use futures::future::join_all;
use stspec_scenario::{Account, Capability, Presence};
use tokio::time::Instant;

use crate::account::builder::Builder;
use crate::account::provisioned::{NotProvisioned, Obstacle, Ownership, Provisioned};
use crate::run_context::RunContext;

/// Makes an account; everything is noted in the context's ledger first.
///
/// Each thing comes after what its documents may name: buckets, managed policies, bare users with
/// their keys, roles that trust them, the policies inside of users and roles, bucket policies.
pub(crate) async fn provision(
    account: &Account,
    ownership: Ownership,
    context: &RunContext,
) -> Result<Provisioned, NotProvisioned> {
    for capability in capabilities(account) {
        if context.connection.presence(capability) == Presence::Absent {
            let reason = format!("the target has no `{capability}`");
            return Err(NotProvisioned { reason, capability, refused: false });
        }
    }
    let mut builder = Builder::new(account, ownership, context);
    builder.make_buckets().await.map_err(blame(Capability::S3))?;
    builder.make_policies().await.map_err(blame(Capability::IamPolicies))?;
    builder.make_users().await.map_err(blame(Capability::IamUsers))?;
    builder.make_roles().await.map_err(blame(Capability::IamRoles))?;
    builder.fill_users().await.map_err(blame(Capability::IamUsers))?;
    builder.fill_roles().await.map_err(blame(Capability::IamRoles))?;
    builder.put_bucket_policies().await.map_err(blame(Capability::S3))?;
    builder.provisioned.changed = Some(Instant::now());
    Ok(builder.provisioned)
}

/// Waits until an account is in effect: as long as changes take on this target, and then until its keys
/// are known.
pub(crate) async fn settle(account: &Provisioned, context: &RunContext) {
    let RunContext { settling, cancelled, connection, .. } = context;
    let Some(changed) = account.changed else { return };
    settling.wait_for(changed, cancelled).await;
    let recognised = account
        .users
        .values()
        .map(|user| settling.until_recognised(&user.credentials, changed, connection, cancelled));
    join_all(recognised).await;
}

/// What a target must have for an account to be made on it.
pub(crate) fn capabilities(account: &Account) -> Vec<Capability> {
    let names_policies =
        account.users.iter().any(|user| user.boundary.is_some() || !user.attach.is_empty());
    let needs = [
        (!account.users.is_empty(), Capability::IamUsers),
        (!account.policies.is_empty() || names_policies, Capability::IamPolicies),
        (!account.roles.is_empty(), Capability::IamRoles),
        (!account.buckets.is_empty(), Capability::S3),
    ];
    needs.into_iter().filter(|(needed, _)| *needed).map(|(_, capability)| capability).collect()
}

fn blame(capability: Capability) -> impl Fn(Obstacle) -> NotProvisioned {
    move |obstacle| match obstacle {
        Obstacle::Refused(reason) => NotProvisioned { reason, capability, refused: true },
        Obstacle::Other(reason) => NotProvisioned { reason, capability, refused: false },
    }
}
