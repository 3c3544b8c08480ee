//! The requests that make an account, stage by stage.

use serde_json::Value;
use stspec_scenario::{
    Account, Bucket, IamRole, ManagedPolicy, Name, Placeholder, PolicyName, User, resolve_json,
};
use stspec_verdict::{Observation, Observed};
use tokio::time::Instant;

use crate::account::provisioned::{Named, Obstacle, Ownership, PATH, Provisioned, ProvisionedUser};
use crate::credentials::Credentials;
use crate::ledger::Resource;
use crate::run_context::RunContext;
use crate::target::settling::pauses;
use crate::wire::text_at;

/// Longest name of anything on the target, in characters: the shortest of the limits.
///
/// Source: S3 User Guide, bucket naming rules (63); IAM quotas, names of users and roles (64) and of
/// policies (128).
const NAME_CHARS_MAX: usize = 63;

/// An account while it is being made.
pub(crate) struct Builder<'a> {
    account: &'a Account,
    ownership: Ownership,
    context: &'a RunContext,
    /// What stands already.
    pub(crate) provisioned: Provisioned,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(account: &'a Account, ownership: Ownership, context: &'a RunContext) -> Self {
        Self { account, ownership, context, provisioned: Provisioned::default() }
    }

    pub(crate) async fn make_buckets(&mut self) -> Result<(), Obstacle> {
        for bucket in &self.account.buckets {
            let name = self.make_bucket(bucket).await?;
            self.provisioned.buckets.insert(bucket.name.clone(), name);
        }
        Ok(())
    }

    pub(crate) async fn make_policies(&mut self) -> Result<(), Obstacle> {
        for policy in &self.account.policies {
            let named = self.make_policy(policy).await?;
            self.provisioned.policies.insert(policy.name.clone(), named);
        }
        Ok(())
    }

    /// Makes users without powers, each with an access key.
    pub(crate) async fn make_users(&mut self) -> Result<(), Obstacle> {
        for user in &self.account.users {
            let made = self.make_user(user).await?;
            self.provisioned.users.insert(user.name.clone(), made);
        }
        Ok(())
    }

    /// Makes roles without powers.
    pub(crate) async fn make_roles(&mut self) -> Result<(), Obstacle> {
        for role in &self.account.roles {
            let named = self.make_role(role).await?;
            self.provisioned.roles.insert(role.name.clone(), named);
        }
        Ok(())
    }

    /// Gives users their policies.
    pub(crate) async fn fill_users(&self) -> Result<(), Obstacle> {
        for user in &self.account.users {
            let name = self.name_of(&user.name)?;
            for (policy, document) in &user.policies {
                let to = ("UserName", name.as_str());
                self.put_policy("iam.PutUserPolicy", to, policy, document).await?;
            }
            for policy in &user.attach {
                let arn = self.arn_of(policy)?;
                let pairs = [("UserName", name.as_str()), ("PolicyArn", &arn)];
                self.expect_success("iam.AttachUserPolicy", &pairs).await?;
            }
        }
        Ok(())
    }

    /// Gives roles their policies.
    pub(crate) async fn fill_roles(&self) -> Result<(), Obstacle> {
        for role in &self.account.roles {
            let name = self.name_of(&role.name)?;
            for (policy, document) in &role.policies {
                let to = ("RoleName", name.as_str());
                self.put_policy("iam.PutRolePolicy", to, policy, document).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn put_bucket_policies(&self) -> Result<(), Obstacle> {
        for bucket in &self.account.buckets {
            let Some(policy) = &bucket.policy else { continue };
            let policy = self.resolve(policy)?;
            let name = self.name_of(&bucket.name)?;
            self.expect_success("s3.PutBucketPolicy", &[("Bucket", &name), ("Policy", &policy)])
                .await?;
        }
        Ok(())
    }

    /// `stspec-RUN-ACCOUNT-THING`, or `stspec-RUN-NUMBER-ACCOUNT-THING` for one scenario alone.
    ///
    /// The number has as many digits whichever it is: sizes that a target computes of documents that
    /// hold names are to be the same from run to run.
    fn name_of(&self, thing: &Name) -> Result<String, String> {
        let (run_id, account) = (&self.context.run_id, &self.account.name);
        let name = match self.ownership {
            Ownership::Shared => format!("stspec-{run_id}-{account}-{thing}"),
            Ownership::Exclusive(number) => {
                format!("stspec-{run_id}-{number:03}-{account}-{thing}")
            }
        };
        if name.len() > NAME_CHARS_MAX {
            return Err(format!(
                "`{name}` is longer than {NAME_CHARS_MAX} characters; shorten a name in the account"
            ));
        }
        Ok(name)
    }

    async fn make_bucket(&self, bucket: &Bucket) -> Result<String, Obstacle> {
        let name = self.name_of(&bucket.name)?;
        let resource = Resource::Bucket { name: name.clone() };
        self.make(&resource, "s3.CreateBucket", &[("Bucket", &name)]).await?;
        for (key, text) in &bucket.objects {
            self.expect_success("s3.PutObject", &[("Bucket", &name), ("Key", key), ("Body", text)])
                .await?;
        }
        Ok(name)
    }

    async fn make_policy(&self, policy: &ManagedPolicy) -> Result<Named, Obstacle> {
        let name = self.name_of(&policy.name)?;
        let document = self.resolve(&policy.document)?;
        let expected = Resource::policy(&self.context.connection, PATH, &name);
        let pairs = [("PolicyName", name.as_str()), ("Path", PATH), ("PolicyDocument", &document)];
        let created = self.make(&expected, "iam.CreatePolicy", &pairs).await?;
        let arn = found(&created, "iam.CreatePolicy", "result.Policy.Arn")?;
        self.context.ledger.correct(&expected, &Resource::Policy { arn: arn.clone() })?;
        Ok(Named { name, arn })
    }

    async fn make_user(&self, user: &User) -> Result<ProvisionedUser, Obstacle> {
        let name = self.name_of(&user.name)?;
        let mut pairs =
            vec![("UserName".to_owned(), name.clone()), ("Path".to_owned(), PATH.to_owned())];
        if let Some(boundary) = &user.boundary {
            pairs.push(("PermissionsBoundary".to_owned(), self.arn_of(boundary)?));
        }
        for (index, (key, value)) in user.tags.iter().enumerate() {
            let value = value.resolve(|reference| self.look_up(reference));
            let value = value.map_err(|unresolved| unresolved.to_string())?;
            pairs.push((format!("Tags.member.{}.Key", index + 1), key.clone()));
            pairs.push((format!("Tags.member.{}.Value", index + 1), value));
        }
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let resource = Resource::User { name: name.clone() };
        let created = self.make(&resource, "iam.CreateUser", &pairs).await?;
        let arn = found(&created, "iam.CreateUser", "result.User.Arn")?;
        let credentials = self.make_access_key(&name).await?;
        Ok(ProvisionedUser { named: Named { name, arn }, credentials })
    }

    async fn make_access_key(&self, user: &str) -> Result<Credentials, Obstacle> {
        let created = self.expect_success("iam.CreateAccessKey", &[("UserName", user)]).await?;
        let id = found(&created, "iam.CreateAccessKey", "result.AccessKey.AccessKeyId")?;
        let secret = found(&created, "iam.CreateAccessKey", "result.AccessKey.SecretAccessKey")?;
        let credentials = Credentials::long_term(id, secret);
        let RunContext { connection, settling, cancelled, .. } = self.context;
        settling.measure(&credentials, connection, cancelled).await;
        Ok(credentials)
    }

    async fn make_role(&self, role: &IamRole) -> Result<Named, Obstacle> {
        let name = self.name_of(&role.name)?;
        let trust = self.resolve(&role.trust)?;
        let pairs =
            [("RoleName", name.as_str()), ("Path", PATH), ("AssumeRolePolicyDocument", &trust)];
        let resource = Resource::Role { name: name.clone() };
        let created = self.make(&resource, "iam.CreateRole", &pairs).await?;
        let arn = found(&created, "iam.CreateRole", "result.Role.Arn")?;
        Ok(Named { name, arn })
    }

    async fn put_policy(
        &self,
        call: &str,
        to: (&str, &str),
        policy: &Name,
        document: &Value,
    ) -> Result<(), Obstacle> {
        let document = self.resolve(document)?;
        let pairs = [to, ("PolicyName", policy.as_str()), ("PolicyDocument", &document)];
        self.expect_success(call, &pairs).await.map(|_| ())
    }

    fn arn_of(&self, policy: &PolicyName) -> Result<String, String> {
        match policy {
            PolicyName::Own(name) => {
                let named = self.provisioned.policies.get(name);
                let arn = named.map(|named| named.arn.clone());
                arn.ok_or_else(|| format!("the account has no managed policy `{name}`"))
            }
            PolicyName::Arn(template) => template
                .resolve(|reference| self.look_up(reference))
                .map_err(|unresolved| unresolved.to_string()),
        }
    }

    fn resolve(&self, document: &Value) -> Result<String, String> {
        resolve_json(document, &mut |reference| self.look_up(reference))
            .map(|document| document.to_string())
            .map_err(|unresolved| unresolved.to_string())
    }

    fn look_up(&self, reference: &Placeholder) -> Option<String> {
        match reference {
            Placeholder::RunId => Some(self.context.run_id.clone()),
            other => self.provisioned.look_up(other, &self.context.connection),
        }
    }

    /// Notes a resource, has it made, and notes that it was.
    async fn make(
        &self,
        resource: &Resource,
        call: &str,
        pairs: &[(&str, &str)],
    ) -> Result<Observation, Obstacle> {
        self.context.ledger.intend(resource.clone())?;
        let created = self.expect_success(call, pairs).await?;
        self.context.ledger.made(resource);
        Ok(created)
    }

    async fn expect_success(
        &self,
        call: &str,
        pairs: &[(&str, &str)],
    ) -> Result<Observation, Obstacle> {
        match administer_until_known(self.context, call, pairs).await {
            None => Err("the run was interrupted".to_owned().into()),
            Some(Observed::Answer(answer)) if (200..300).contains(&answer.status) => Ok(answer),
            Some(other) => Err(obstacle(call, &other)),
        }
    }
}

/// A call by the administrator, repeated where the target says that something is not there which was
/// made a moment ago; nothing where the run is to end.
pub(crate) async fn administer_until_known(
    context: &RunContext,
    call: &str,
    pairs: &[(&str, &str)],
) -> Option<Observed> {
    let RunContext { connection, settling, cancelled, .. } = context;
    let end = settling.repeat_until(Instant::now());
    for pause in pauses() {
        if cancelled.is_cancelled() {
            break;
        }
        let observed = connection.administer(call, pairs).await;
        if !end.is_some_and(|end| is_not_yet(&observed) && Instant::now() + pause < end) {
            return Some(observed);
        }
        tokio::time::sleep(pause).await;
    }
    None
}

/// Error codes with which IAM and S3 also answer where something that was made a moment ago is not
/// known everywhere yet: a user, or a principal in a policy.
///
/// Source: IAM User Guide, "Troubleshoot IAM", "Changes that I make are not always immediately
/// visible"; which codes that shows in is our inference.
const NOT_YET: [&str; 3] = ["NoSuchEntity", "MalformedPolicyDocument", "MalformedPolicy"];

fn is_not_yet(observed: &Observed) -> bool {
    let Observed::Answer(answer) = observed else { return false };
    text_at(answer, "error.code").is_some_and(|code| NOT_YET.contains(&code.as_str()))
}

/// Whether a status says nothing about what a target can do: who may, what is there already, how much,
/// and that something went wrong for the moment. 501 says that it can't.
fn is_about_us(status: u16) -> bool {
    matches!(status, 401 | 403 | 409 | 429 | 500 | 502..=599)
}

fn obstacle(call: &str, observed: &Observed) -> Obstacle {
    let reason = format!("{call} answered {}", observed.summary());
    match observed {
        Observed::Answer(answer) if !is_about_us(answer.status) => Obstacle::Refused(reason),
        _ => Obstacle::Other(reason),
    }
}

fn found(answer: &Observation, call: &str, path: &str) -> Result<String, Obstacle> {
    text_at(answer, path).ok_or_else(|| {
        Obstacle::Refused(format!("{call} answered {} without {path}", answer.status))
    })
}
