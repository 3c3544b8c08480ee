//! Operations on buckets.

use super::{NAMESPACE, S3Error, Turn, answer_xml, misread};
use crate::faults::Fault;
use crate::state::objects::{BucketName, ObjectStore, StoreError};
use crate::wire::answer::Answer;
use crate::wire::xml::Writer;

/// The region in which a bucket may be created again by its owner, and whose name
/// `GetBucketLocation` leaves out.
///
/// Source: S3 API Reference, `CreateBucket` (`BucketAlreadyOwnedByYou`), `GetBucketLocation`.
const FIRST_REGION: &str = "us-east-1";

pub(super) fn create(
    bucket: &BucketName,
    constraint: Option<&str>,
    turn: &Turn<'_>,
) -> Result<Answer, S3Error> {
    let region = constraint.unwrap_or(turn.region).to_owned();
    let mut store = turn.store.write();
    match store.create_bucket(bucket, region, turn.now) {
        Err(StoreError::BucketAlreadyOwnedByYou(_))
            if turn.region == FIRST_REGION && lies_in_first_region(&store, bucket) => {}
        outcome => outcome?,
    }
    Ok(Answer::empty(200).header("location", format!("/{bucket}")))
}

pub(super) fn head(bucket: &BucketName, turn: &Turn<'_>) -> Result<Answer, S3Error> {
    let region = turn.store.read().existing_bucket(bucket)?.region.clone();
    Ok(Answer::empty(200).header("x-amz-bucket-region", region))
}

pub(super) fn delete(bucket: &BucketName, turn: &Turn<'_>) -> Result<Answer, S3Error> {
    turn.store.write().delete_bucket(bucket)?;
    Ok(Answer::empty(204))
}

pub(super) fn location(bucket: &BucketName, turn: &Turn<'_>) -> Result<Answer, S3Error> {
    let store = turn.store.read();
    let region = store.existing_bucket(bucket)?.region.as_str();
    let mut xml = Writer::with_declaration();
    xml.leaf_in("LocationConstraint", NAMESPACE, if region == FIRST_REGION { "" } else { region });
    Ok(answer_xml(&mut xml))
}

pub(super) fn get_policy(bucket: &BucketName, turn: &Turn<'_>) -> Result<Answer, S3Error> {
    let store = turn.store.read();
    let policy = store.existing_bucket(bucket)?.policy();
    let policy = policy.ok_or_else(|| S3Error::no_such_bucket_policy(bucket))?;
    Ok(Answer::with_body(200, "application/json", policy.text().to_owned()))
}

pub(super) fn put_policy(
    bucket: &BucketName,
    text: &str,
    turn: &Turn<'_>,
) -> Result<Answer, S3Error> {
    let widened = turn.faults.has(Fault::ResourcePolicyPrincipalWildcards);
    let widened = widened.then(|| misread::with_wildcard_principals(text)).flatten();
    turn.store.write().put_policy(bucket, widened.as_deref().unwrap_or(text))?;
    Ok(Answer::empty(204))
}

pub(super) fn delete_policy(bucket: &BucketName, turn: &Turn<'_>) -> Result<Answer, S3Error> {
    if !turn.faults.has(Fault::BucketPolicyOutlivesDeletion) {
        turn.store.write().delete_policy(bucket)?;
    }
    Ok(Answer::empty(204))
}

fn lies_in_first_region(store: &ObjectStore, bucket: &BucketName) -> bool {
    store.bucket(bucket).is_some_and(|bucket| bucket.region == FIRST_REGION)
}
