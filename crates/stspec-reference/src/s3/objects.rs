//! Operations on objects.

use std::ops::Range;

use super::operation::Need;
use super::range::{self, Requested};
use super::{NAMESPACE, S3Context, S3Error, answer_xml};
use crate::state::objects::{BucketName, Object, ObjectStore, Upload};
use crate::wire::answer::Answer;
use crate::wire::xml::Writer;

pub(super) fn put(
    bucket: &BucketName,
    key: &str,
    upload: Upload,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    let object = Object::new(upload, context.now);
    let etag = format!("\"{}\"", object.etag);
    context.store.write().put_object(bucket, key, object)?;
    Ok(Answer::empty(200).header("etag", etag))
}

pub(super) fn get(
    bucket: &BucketName,
    key: &str,
    range: Option<&str>,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    let store = context.store.read();
    let object = existing(&store, bucket, key, context)?;
    let part = part(object, range)?;
    let mut answer = described(object, part.as_ref());
    answer.body = match part {
        None => object.upload.body.clone(),
        Some(part) => object.upload.body.slice(part),
    };
    Ok(answer)
}

/// As [`get`], with the length of the body in place of the body.
pub(super) fn head(
    bucket: &BucketName,
    key: &str,
    range: Option<&str>,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    let store = context.store.read();
    let object = existing(&store, bucket, key, context)?;
    let part = part(object, range)?;
    let length = part.as_ref().map_or(object.size(), ExactSizeIterator::len);
    Ok(described(object, part.as_ref()).header("content-length", length.to_string()))
}

pub(super) fn delete(
    bucket: &BucketName,
    key: &str,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    context.store.write().delete_object(bucket, key)?;
    Ok(Answer::empty(204))
}

pub(super) fn delete_many(
    bucket: &BucketName,
    keys: &[String],
    is_quiet: bool,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    let mut store = context.store.write();
    store.existing_bucket(bucket)?;
    let mut xml = Writer::with_declaration();
    xml.open_in("DeleteResult", NAMESPACE);
    for key in keys {
        if !(context.may)(&Need::on_object("s3:DeleteObject", bucket, key)) {
            xml.open("Error")
                .leaf("Key", key)
                .leaf("Code", "AccessDenied")
                .leaf("Message", "Access Denied")
                .close("Error");
            continue;
        }
        store.delete_object(bucket, key)?;
        if !is_quiet {
            xml.open("Deleted").leaf("Key", key).close("Deleted");
        }
    }
    xml.close("DeleteResult");
    Ok(answer_xml(&mut xml))
}

/// The object under a key; whoever may not list the bucket does not learn that there is none.
///
/// Source: S3 API Reference, `GetObject`, "Permissions".
fn existing<'a>(
    store: &'a ObjectStore,
    bucket: &BucketName,
    key: &str,
    context: &S3Context<'_>,
) -> Result<&'a Object, S3Error> {
    store.object(bucket, key)?.ok_or_else(|| {
        if (context.may)(&Need::on_bucket("s3:ListBucket", bucket)) {
            S3Error::no_such_key(key)
        } else {
            S3Error::access_denied("Access Denied")
        }
    })
}

/// The bytes that a range asks for; `None` for all of them.
fn part(object: &Object, range: Option<&str>) -> Result<Option<Range<usize>>, S3Error> {
    let Some(header) = range else { return Ok(None) };
    let size = object.size();
    match range::read(header, size) {
        Requested::Whole => Ok(None),
        Requested::Part(part) => Ok(Some(part)),
        Requested::Nothing => {
            let message = "The requested range is not satisfiable";
            Err(S3Error::new(416, "InvalidRange", message)
                .with("RangeRequested", header)
                .with("ActualObjectSize", size.to_string()))
        }
    }
}

/// An answer with everything about an object but its body.
fn described(object: &Object, part: Option<&Range<usize>>) -> Answer {
    let modified_at = object.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut answer = Answer::empty(if part.is_some() { 206 } else { 200 })
        .header("content-type", &object.upload.content_type)
        .header("etag", format!("\"{}\"", object.etag))
        .header("last-modified", modified_at)
        .header("accept-ranges", "bytes");
    for (name, value) in &object.upload.metadata {
        answer = answer.header(name.clone(), value);
    }
    match part {
        None => answer,
        Some(part) => {
            let size = object.size();
            let last = part.end - 1;
            answer.header("content-range", format!("bytes {}-{last}/{size}", part.start))
        }
    }
}
