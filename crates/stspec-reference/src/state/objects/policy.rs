//! What makes a document the policy of a bucket.

use std::sync::Arc;

use serde_json::Value;
use stspec_iam::{GrammarError, Policy, PolicyKind};

use super::{BucketName, StoreError};

/// Largest bucket policy, in bytes.
///
/// Source: S3 User Guide, "Bucket policies for Amazon S3", size limit of 20 KB.
const POLICY_BYTES_MAX: usize = 20 * 1024;

/// Reads the policy of a bucket; every resource in it lies in that bucket.
pub(super) fn parse(bucket: &BucketName, text: &str) -> Result<Arc<Policy>, StoreError> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(malformed("Policies must be at most 20480 bytes long"));
    }
    let policy = Policy::parse(text, PolicyKind::Resource)
        .map_err(|error| malformed(message(error.grammar_error())))?;
    let document: Value =
        serde_json::from_str(text).map_err(|_| malformed(message(GrammarError::NotJson)))?;
    let mut statements = one_or_many(document.get("Statement"));
    let all_inside = statements.all(|statement| {
        ["Resource", "NotResource"].into_iter().all(|element| {
            one_or_many(statement.get(element)).all(|resource| is_inside(bucket, resource))
        })
    });
    if all_inside { Ok(Arc::new(policy)) } else { Err(malformed("Policy has invalid resource")) }
}

/// Whether a resource is the bucket or something in it.
fn is_inside(bucket: &BucketName, resource: &Value) -> bool {
    let mut parts = resource.as_str().unwrap_or_default().splitn(6, ':');
    let is_arn = parts.next() == Some("arn") && parts.next().is_some_and(|part| !part.is_empty());
    let names_s3 = parts.next() == Some("s3");
    let is_global = parts.next() == Some("") && parts.next() == Some("");
    let name = parts.next().and_then(|path| path.split('/').next());
    is_arn && names_s3 && is_global && name == Some(bucket.as_str())
}

fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, many) = match value {
        Some(Value::Array(values)) => (None, Some(values)),
        other => (other, None),
    };
    one.into_iter().chain(many.into_iter().flatten())
}

/// S3's text for a fault in the grammar, where it differs from IAM's.
fn message(error: GrammarError) -> &'static str {
    match error {
        GrammarError::NotJson => "Policies must be valid JSON and the first byte must be '{'",
        other => other.message(),
    }
}

fn malformed(message: &str) -> StoreError {
    StoreError::MalformedPolicy(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(resources: &str, is_accepted: bool) {
        let bucket = BucketName::new("bucket").unwrap();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":{resources}}}}}"#
        );
        assert_eq!(parse(&bucket, &text).is_ok(), is_accepted, "{text}");
    }

    #[test]
    fn resources_lie_in_the_bucket() {
        check(r#""arn:aws:s3:::bucket""#, true);
        check(r#"["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]"#, true);
        check(r#""arn:aws:s3:::other/*""#, false);
        check(r#""arn:aws:s3:::bucket2/*""#, false);
        check(r#""arn:aws:s3:eu-west-1:123456789012:bucket""#, false);
        check(r#"["arn:aws:s3:::bucket","arn:aws:s3:::other"]"#, false);
        check(r#""*""#, false);
    }

    #[test]
    fn a_policy_has_twenty_kibibytes_at_most() {
        let inside = r#""arn:aws:s3:::bucket""#;
        check(&format!("[{inside}{}]", " ".repeat(20_000)), true);
        check(&format!("[{inside}{}]", " ".repeat(20_480)), false);
    }
}
