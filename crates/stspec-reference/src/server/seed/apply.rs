//! From the entries of a seed to an account that holds them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;

use super::Seed;
use super::file::{
    BucketEntry, Document, KeyEntry, ObjectEntry, PolicyEntry, RoleEntry, UserEntry,
};
use crate::iam::{self, IamContext, IamError};
use crate::s3::CONTENT_TYPE_DEFAULT;
use crate::server::error::SeedError;
use crate::state::directory::Directory;
use crate::state::ids::NamedIds;
use crate::state::objects::{BucketName, KEY_BYTES_MAX, Object, ObjectStore, StoreError, Upload};
use crate::wire::request::Params;

/// Where the entries of a seed go.
pub(crate) struct SeedTarget<'a> {
    /// The account's users, policies and roles.
    pub(crate) directory: &'a mut Directory,
    /// The account's buckets.
    pub(crate) objects: &'a mut ObjectStore,
    /// The root user's access key id, which no user may have.
    pub(crate) root_access_key_id: &'a str,
    /// Where buckets lie that name no region.
    pub(crate) region: &'a str,
    /// When everything is created.
    pub(crate) now: Timestamp,
}

/// Creates what a seed holds: policies first, because users and roles name them.
pub(crate) fn apply(seed: &Seed, mut target: SeedTarget<'_>) -> Result<(), SeedError> {
    let (file, target) = (&seed.file, &mut target);
    let server = &target.directory.context().account;
    if let Some(account) = seed.account().filter(|account| account.as_str() != server) {
        return Err(SeedError::OtherAccount { seed: account.to_string(), server: server.clone() });
    }
    for (index, policy) in file.policies.iter().enumerate() {
        apply_policy(policy, &format!("policies[{index}]"), target)?;
    }
    for (index, user) in file.users.iter().enumerate() {
        apply_user(user, &format!("users[{index}]"), target)?;
    }
    for (index, role) in file.roles.iter().enumerate() {
        apply_role(role, &format!("roles[{index}]"), target)?;
    }
    for (index, bucket) in file.buckets.iter().enumerate() {
        apply_bucket(bucket, &format!("buckets[{index}]"), target)?;
    }
    Ok(())
}

fn apply_policy(
    policy: &PolicyEntry,
    place: &str,
    target: &mut SeedTarget<'_>,
) -> Result<(), SeedError> {
    Ask::new("CreatePolicy")
        .with("PolicyName", &policy.name)
        .with_if("Path", policy.path.as_deref())
        .with_if("Description", policy.description.as_deref())
        .with("PolicyDocument", policy.document.text())
        .with_tags(&policy.tags)
        .send(&format!("policy/{}", policy.name), place, target)
}

fn apply_user(user: &UserEntry, place: &str, target: &mut SeedTarget<'_>) -> Result<(), SeedError> {
    let entity = format!("user/{}", user.name);
    Ask::new("CreateUser")
        .with("UserName", &user.name)
        .with_if("Path", user.path.as_deref())
        .with_if("PermissionsBoundary", user.boundary.as_deref())
        .with_tags(&user.tags)
        .send(&entity, place, target)?;
    let ask = |action| Ask::new(action).with("UserName", &user.name);
    put_inline_policies(&user.inline_policies, place, target, || ask("PutUserPolicy"))?;
    for (index, arn) in user.attached.iter().enumerate() {
        let place = format!("{place}.attached[{index}]");
        ask("AttachUserPolicy").with("PolicyArn", arn).send(&entity, &place, target)?;
    }
    for (index, key) in user.access_keys.iter().enumerate() {
        apply_key(&user.name, key, &format!("{place}.access_keys[{index}]"), target)?;
    }
    Ok(())
}

fn apply_key(
    owner: &str,
    key: &KeyEntry,
    place: &str,
    target: &mut SeedTarget<'_>,
) -> Result<(), SeedError> {
    check_key(key, place, target)?;
    let mut ids = NamedIds::of_key(&key.id, &key.secret);
    let create = Ask::new("CreateAccessKey").with("UserName", owner);
    create.send_with(&mut ids, place, target)?;
    if let Some(status) = &key.status {
        Ask::new("UpdateAccessKey")
            .with("UserName", owner)
            .with("AccessKeyId", &key.id)
            .with("Status", status)
            .send(owner, &format!("{place}.status"), target)?;
    }
    Ok(())
}

/// Source of the form: botocore's service model of IAM, `accessKeyIdType`. What begins with `ASIA`
/// is taken for a session's.
fn check_key(key: &KeyEntry, place: &str, target: &SeedTarget<'_>) -> Result<(), SeedError> {
    let KeyEntry { id, secret, .. } = key;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fault = |part: &str, fact: String, remedy| {
        Err(SeedError::Entry { place: format!("{place}.{part}"), fact, remedy })
    };
    if !(16..=128).contains(&id.len()) || !id.bytes().all(is_word) || id.starts_with("ASIA") {
        let remedy = "write `AKIA` and 16 upper-case letters or digits";
        return fault("id", format!("`{id}` is no id of a long-term access key"), remedy);
    }
    if target.directory.access_key(id).is_some() || id == target.root_access_key_id {
        let remedy = "give each access key an id of its own";
        return fault("id", format!("`{id}` is another access key's"), remedy);
    }
    if secret.is_empty() {
        return fault(
            "secret",
            "the secret is empty".to_owned(),
            "write one, of 40 characters as AWS does",
        );
    }
    Ok(())
}

fn apply_role(role: &RoleEntry, place: &str, target: &mut SeedTarget<'_>) -> Result<(), SeedError> {
    let seconds = role.max_session_duration.map(|seconds| seconds.to_string());
    Ask::new("CreateRole")
        .with("RoleName", &role.name)
        .with_if("Path", role.path.as_deref())
        .with_if("Description", role.description.as_deref())
        .with_if("PermissionsBoundary", role.boundary.as_deref())
        .with_if("MaxSessionDuration", seconds.as_deref())
        .with("AssumeRolePolicyDocument", role.trust.text())
        .with_tags(&role.tags)
        .send(&format!("role/{}", role.name), place, target)?;
    let put = || Ask::new("PutRolePolicy").with("RoleName", &role.name);
    put_inline_policies(&role.inline_policies, place, target, put)
}

fn put_inline_policies(
    policies: &BTreeMap<String, Document>,
    place: &str,
    target: &mut SeedTarget<'_>,
    put: impl Fn() -> Ask,
) -> Result<(), SeedError> {
    for (name, document) in policies {
        let ask = put().with("PolicyName", name).with("PolicyDocument", document.text());
        ask.send(name, &format!("{place}.inline_policies.{name}"), target)?;
    }
    Ok(())
}

fn apply_bucket(
    bucket: &BucketEntry,
    place: &str,
    target: &mut SeedTarget<'_>,
) -> Result<(), SeedError> {
    let name = BucketName::new(&bucket.name).ok_or_else(|| SeedError::Entry {
        place: format!("{place}.name"),
        fact: format!("`{}` is no name of a bucket", bucket.name),
        remedy: "write 3 to 63 lower-case letters, digits, dots or hyphens",
    })?;
    let region = bucket.region.as_deref().unwrap_or(target.region).to_owned();
    let refused = |error: &StoreError, place: String| SeedError::Entry {
        place,
        fact: error.to_string(),
        remedy: "write what S3 takes",
    };
    target
        .objects
        .create_bucket(&name, region, target.now)
        .map_err(|error| refused(&error, place.to_owned()))?;
    if let Some(policy) = &bucket.policy {
        target
            .objects
            .put_policy(&name, &policy.text())
            .map_err(|error| refused(&error, format!("{place}.policy")))?;
    }
    for (key, entry) in &bucket.objects {
        let place = format!("{place}.objects.{key}");
        let object = object(key, entry, &place, target.now)?;
        target.objects.put_object(&name, key, object).map_err(|error| refused(&error, place))?;
    }
    Ok(())
}

fn object(
    key: &str,
    entry: &ObjectEntry,
    place: &str,
    now: Timestamp,
) -> Result<Object, SeedError> {
    let fault = |fact: &str, remedy| SeedError::Entry {
        place: place.to_owned(),
        fact: fact.into(),
        remedy,
    };
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return Err(fault("the key is empty or too long", "write 1 to 1024 bytes"));
    }
    let body = match (&entry.text, &entry.base64) {
        (Some(text), None) => Bytes::from(text.clone()),
        (None, Some(base64)) => STANDARD
            .decode(base64)
            .map_err(|_| fault("`base64` is none", "write the bytes in base64"))?
            .into(),
        (Some(_), Some(_)) | (None, None) => {
            return Err(fault("the object needs one body", "write either `text` or `base64`"));
        }
    };
    let content_type = entry.content_type.as_deref().unwrap_or(CONTENT_TYPE_DEFAULT);
    Ok(Object::new(Upload::of(body, content_type), now))
}

/// A call of IAM by the root user.
struct Ask(Vec<(String, String)>);

impl Ask {
    fn new(action: &str) -> Self {
        Self(Vec::new()).with("Action", action).with("Version", iam::VERSION)
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    fn with_if(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn with_tags(self, tags: &BTreeMap<String, String>) -> Self {
        (1..).zip(tags).fold(self, |ask, (number, (key, value))| {
            let ask = ask.with(&format!("Tags.member.{number}.Key"), key);
            ask.with(&format!("Tags.member.{number}.Value"), value)
        })
    }

    /// Sends it with unique ids that depend on the name of what it is about.
    fn send(self, entity: &str, place: &str, target: &mut SeedTarget<'_>) -> Result<(), SeedError> {
        let mut ids = NamedIds::of_entity(&target.directory.context().account, entity);
        self.send_with(&mut ids, place, target)
    }

    fn send_with(
        self,
        ids: &mut NamedIds,
        place: &str,
        target: &mut SeedTarget<'_>,
    ) -> Result<(), SeedError> {
        let turn =
            IamContext { directory: target.directory, ids, now: target.now, request_id: "seed" };
        iam::apply(&Params::from(self.0), turn).map_err(|error| SeedError::Entry {
            place: place.to_owned(),
            fact: error.to_string().trim_end_matches('.').to_owned(),
            remedy: remedy(&error),
        })
    }
}

fn remedy(error: &IamError) -> &'static str {
    match error.code() {
        "NoSuchEntity" => "name something that the seed creates, or that AWS has",
        "EntityAlreadyExists" => "give it a name of its own",
        "LimitExceeded" => "leave something out",
        _ => "write what IAM takes",
    }
}
