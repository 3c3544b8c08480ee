//! The shape of a seed's file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The whole file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedFile {
    pub(super) account: Option<String>,
    #[serde(default)]
    pub(super) policies: Vec<PolicyEntry>,
    #[serde(default)]
    pub(super) users: Vec<UserEntry>,
    #[serde(default)]
    pub(super) roles: Vec<RoleEntry>,
    #[serde(default)]
    pub(super) buckets: Vec<BucketEntry>,
}

/// A customer-managed policy.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyEntry {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    pub(super) document: Document,
}

/// A user with all that hangs on it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    pub(super) name: String,
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// ARN of a managed policy.
    pub(super) boundary: Option<String>,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Document>,
    /// ARNs of managed policies.
    #[serde(default)]
    pub(super) attached: Vec<String>,
    #[serde(default)]
    pub(super) access_keys: Vec<KeyEntry>,
}

/// A long-term access key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyEntry {
    pub(super) id: String,
    pub(super) secret: String,
    /// `Active` or `Inactive`.
    pub(super) status: Option<String>,
}

/// A role.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleEntry {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// ARN of a managed policy.
    pub(super) boundary: Option<String>,
    pub(super) max_session_duration: Option<u32>,
    pub(super) trust: Document,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Document>,
}

/// A bucket with its objects by key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BucketEntry {
    pub(super) name: String,
    pub(super) region: Option<String>,
    pub(super) policy: Option<Document>,
    #[serde(default)]
    pub(super) objects: BTreeMap<String, ObjectEntry>,
}

/// An object: text, or bytes in base64.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectEntry {
    pub(super) text: Option<String>,
    pub(super) base64: Option<String>,
    pub(super) content_type: Option<String>,
}

/// A policy document, as JSON or as a text that holds JSON.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Document(Value);

impl Document {
    /// The document as it is sent to IAM.
    pub(super) fn text(&self) -> String {
        match &self.0 {
            Value::String(text) => text.clone(),
            document => document.to_string(),
        }
    }
}
