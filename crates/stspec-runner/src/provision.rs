//! Makes an account's users, keys, policies, buckets and objects on a target.

use std::collections::BTreeMap;

use stspec_scenario::{
    Account, Bucket, Capability, Member, Name, Presence, Reference, TargetFact, User, resolve_json,
};
use stspec_verdict::{Observation, Observed};

use crate::connection::{Connection, text_at};
use crate::credentials::Credentials;
use crate::ledger::Resource;
use crate::run::Site;

/// The path below which all users of ours stand, so that they can be told from others.
const USER_PATH: &str = "/stspec/";

/// Longest name of a user or bucket, in characters: the shorter of the two limits.
///
/// Source: S3 User Guide, bucket naming rules (63); IAM quotas, user names (64).
const NAME_CHARS_MAX: usize = 63;

/// An account as it stands on the target.
#[derive(Debug, Default)]
pub(crate) struct Provisioned {
    pub(crate) users: BTreeMap<Name, ProvisionedUser>,
    /// Names on the target by the names that templates use.
    pub(crate) buckets: BTreeMap<Name, String>,
}

/// An IAM user on the target.
#[derive(Debug)]
pub(crate) struct ProvisionedUser {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) credentials: Credentials,
}

/// Why an account does not stand on the target, and which capability is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotProvisioned {
    pub(crate) reason: String,
    pub(crate) capability: Capability,
}

/// Makes an account; everything is noted in the site's ledger first.
///
/// Buckets come before users, whose policies name them; bucket policies come last, as they may
/// name the users.
pub(crate) async fn provision(
    account: &Account,
    site: &Site,
) -> Result<Provisioned, NotProvisioned> {
    for capability in capabilities(account) {
        if site.connection.presence(capability) == Presence::Absent {
            let reason = format!("the target has no `{capability}`");
            return Err(NotProvisioned { reason, capability });
        }
    }
    let builder = Builder { account, site };
    let mut provisioned = Provisioned::default();
    for bucket in &account.buckets {
        let name = builder.make_bucket(bucket).await.map_err(blame(Capability::S3))?;
        provisioned.buckets.insert(bucket.name.clone(), name);
    }
    for user in &account.users {
        let made =
            builder.make_user(user, &provisioned).await.map_err(blame(Capability::IamUsers))?;
        provisioned.users.insert(user.name.clone(), made);
    }
    for bucket in &account.buckets {
        builder.put_bucket_policy(bucket, &provisioned).await.map_err(blame(Capability::S3))?;
    }
    Ok(provisioned)
}

/// What a target must have for an account to be made on it.
fn capabilities(account: &Account) -> Vec<Capability> {
    let users = (!account.users.is_empty()).then_some(Capability::IamUsers);
    let buckets = (!account.buckets.is_empty()).then_some(Capability::S3);
    users.into_iter().chain(buckets).collect()
}

fn blame(capability: Capability) -> impl Fn(String) -> NotProvisioned {
    move |reason| NotProvisioned { reason, capability }
}

impl Provisioned {
    /// What a reference to a user or bucket of this account stands for.
    pub(crate) fn look_up(&self, reference: &Reference, connection: &Connection) -> Option<String> {
        match reference {
            Reference::Thing { name, member } => self.thing(name, *member, connection),
            Reference::Target(TargetFact::Account) => Some(connection.account.clone()),
            Reference::Target(TargetFact::Partition) => Some(connection.target.partition.clone()),
            Reference::Target(TargetFact::Region) => Some(connection.target.region.clone()),
            Reference::RunId | Reference::Step { .. } | Reference::SessionAccessKeyId(_) => None,
        }
    }

    fn thing(&self, name: &Name, member: Member, connection: &Connection) -> Option<String> {
        if let Some(user) = self.users.get(name) {
            return match member {
                Member::Name => Some(user.name.clone()),
                Member::Arn => Some(user.arn.clone()),
                Member::AccessKeyId => Some(user.credentials.access_key_id.clone()),
                Member::Itself => None,
            };
        }
        let bucket = self.buckets.get(name)?;
        match member {
            Member::Itself | Member::Name => Some(bucket.clone()),
            Member::Arn => Some(format!("arn:{}:s3:::{bucket}", connection.target.partition)),
            Member::AccessKeyId => None,
        }
    }
}

/// An account while it is being made.
struct Builder<'a> {
    account: &'a Account,
    site: &'a Site,
}

impl Builder<'_> {
    /// `stspec-RUN-ACCOUNT-THING`.
    fn name_of(&self, thing: &Name) -> Result<String, String> {
        let name = format!("stspec-{}-{}-{thing}", self.site.run_id, self.account.name);
        if name.len() > NAME_CHARS_MAX {
            return Err(format!(
                "`{name}` is longer than {NAME_CHARS_MAX} characters; shorten a name in the account"
            ));
        }
        Ok(name)
    }

    async fn make_bucket(&self, bucket: &Bucket) -> Result<String, String> {
        let name = self.name_of(&bucket.name)?;
        let resource = Resource::Bucket { name: name.clone() };
        self.site.ledger.intend(resource.clone());
        self.expect_success("s3.CreateBucket", &[("Bucket", &name)]).await?;
        self.site.ledger.made(&resource);
        for (key, text) in &bucket.objects {
            self.expect_success("s3.PutObject", &[("Bucket", &name), ("Key", key), ("Body", text)])
                .await?;
        }
        Ok(name)
    }

    async fn put_bucket_policy(
        &self,
        bucket: &Bucket,
        provisioned: &Provisioned,
    ) -> Result<(), String> {
        let Some(policy) = &bucket.policy else { return Ok(()) };
        let policy = self.resolve(policy, provisioned)?;
        let name = self.name_of(&bucket.name)?;
        self.expect_success("s3.PutBucketPolicy", &[("Bucket", &name), ("Policy", &policy)])
            .await?;
        Ok(())
    }

    async fn make_user(
        &self,
        user: &User,
        provisioned: &Provisioned,
    ) -> Result<ProvisionedUser, String> {
        let name = self.name_of(&user.name)?;
        let resource = Resource::User { name: name.clone() };
        self.site.ledger.intend(resource.clone());
        let created = self
            .expect_success("iam.CreateUser", &[("UserName", &name), ("Path", USER_PATH)])
            .await?;
        self.site.ledger.made(&resource);
        let arn = found(&created, "iam.CreateUser", "result.User.Arn")?;
        for (policy, document) in &user.policies {
            let document = self.resolve(document, provisioned)?;
            let pairs = [
                ("UserName", name.as_str()),
                ("PolicyName", policy.as_str()),
                ("PolicyDocument", &document),
            ];
            self.expect_success("iam.PutUserPolicy", &pairs).await?;
        }
        let credentials = self.make_access_key(&name).await?;
        Ok(ProvisionedUser { name, arn, credentials })
    }

    async fn make_access_key(&self, user: &str) -> Result<Credentials, String> {
        let created = self.expect_success("iam.CreateAccessKey", &[("UserName", user)]).await?;
        let id = found(&created, "iam.CreateAccessKey", "result.AccessKey.AccessKeyId")?;
        let secret = found(&created, "iam.CreateAccessKey", "result.AccessKey.SecretAccessKey")?;
        self.site.secrets.register_text(&secret);
        Ok(Credentials::long_term(id, secret))
    }

    fn resolve(
        &self,
        document: &serde_json::Value,
        provisioned: &Provisioned,
    ) -> Result<String, String> {
        let mut lookup = |reference: &Reference| match reference {
            Reference::RunId => Some(self.site.run_id.clone()),
            other => provisioned.look_up(other, &self.site.connection),
        };
        resolve_json(document, &mut lookup)
            .map(|document| document.to_string())
            .map_err(|unresolved| unresolved.to_string())
    }

    async fn expect_success(
        &self,
        call: &str,
        pairs: &[(&str, &str)],
    ) -> Result<Observation, String> {
        if self.site.stop.is_asked() {
            return Err("the run was interrupted".to_owned());
        }
        match self.site.connection.administer(call, pairs).await {
            Observed::Answer(answer) if (200..300).contains(&answer.status) => Ok(answer),
            other => Err(format!("{call} answered {}", other.summary())),
        }
    }
}

fn found(answer: &Observation, call: &str, path: &str) -> Result<String, String> {
    text_at(answer, path).ok_or_else(|| format!("{call} answered {} without {path}", answer.status))
}
