//! Operations on buckets.

use super::{NAMESPACE, S3Context, S3Error, answer_xml};
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
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    let region = constraint.unwrap_or(context.region).to_owned();
    let mut store = context.store.write();
    match store.create_bucket(bucket, region, context.now) {
        Err(StoreError::BucketAlreadyOwnedByYou(_))
            if context.region == FIRST_REGION && lies_in_first_region(&store, bucket) => {}
        outcome => outcome?,
    }
    Ok(Answer::empty(200).header("location", format!("/{bucket}")))
}

pub(super) fn head(bucket: &BucketName, context: &S3Context<'_>) -> Result<Answer, S3Error> {
    let region = context.store.read().existing_bucket(bucket)?.region.clone();
    Ok(Answer::empty(200).header("x-amz-bucket-region", region))
}

pub(super) fn delete(bucket: &BucketName, context: &S3Context<'_>) -> Result<Answer, S3Error> {
    context.store.write().delete_bucket(bucket)?;
    Ok(Answer::empty(204))
}

pub(super) fn location(bucket: &BucketName, context: &S3Context<'_>) -> Result<Answer, S3Error> {
    let store = context.store.read();
    let region = store.existing_bucket(bucket)?.region.as_str();
    let mut xml = Writer::with_declaration();
    xml.leaf_in("LocationConstraint", NAMESPACE, if region == FIRST_REGION { "" } else { region });
    Ok(answer_xml(&mut xml))
}

pub(super) fn get_policy(bucket: &BucketName, context: &S3Context<'_>) -> Result<Answer, S3Error> {
    let store = context.store.read();
    let policy = store.existing_bucket(bucket)?.policy();
    let policy = policy.ok_or_else(|| S3Error::no_such_bucket_policy(bucket))?;
    Ok(Answer::with_body(200, "application/json", policy.text().to_owned()))
}

pub(super) fn put_policy(
    bucket: &BucketName,
    text: &str,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    context.store.write().put_policy(bucket, &(context.rules.stored_policy)(text))?;
    Ok(Answer::empty(204))
}

pub(super) fn delete_policy(
    bucket: &BucketName,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    if context.rules.deletes_policies {
        context.store.write().delete_policy(bucket)?;
    }
    Ok(Answer::empty(204))
}

fn lies_in_first_region(store: &ObjectStore, bucket: &BucketName) -> bool {
    store.bucket(bucket).is_some_and(|bucket| bucket.region == FIRST_REGION)
}
