//! The S3 service: from an HTTP request to a typed call, from the call to an answer.
//!
//! Start at [`S3Operation`], then [`parse`] and [`execute`].

mod answer;
mod body;
mod buckets;
mod call;
mod checksum;
mod error;
mod lists;
mod objects;
mod operation;
mod range;
mod rules;

use jiff::Timestamp;

use crate::state::objects::SharedStore;
use crate::wire::answer::Answer;
use crate::wire::xml::Writer;

pub(crate) use answer::{answer, throttled};
pub(crate) use call::{CONTENT_TYPE_DEFAULT, S3Call, parse};
pub(crate) use error::{S3Error, refuse};
pub(crate) use operation::{Need, S3Operation};
pub(crate) use rules::Rules;

/// The XML namespace of answers; errors have none.
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What an operation needs beside its call.
pub(crate) struct S3Context<'a> {
    /// The buckets.
    pub(crate) store: &'a SharedStore,
    /// Whether the caller may do something more than what the call itself needs.
    ///
    /// It is asked for each key of `DeleteObjects`, and for `s3:ListBucket` where an object is missing.
    pub(crate) may: &'a dyn Fn(&Need) -> bool,
    /// The region that the request was signed for, in which buckets are created.
    pub(crate) region: &'a str,
    /// The id of the account, which owns all buckets.
    pub(crate) account: &'a str,
    /// What the service does.
    pub(crate) rules: &'a Rules,
    /// The time of the request.
    pub(crate) now: Timestamp,
    /// The id of the request.
    pub(crate) request_id: &'a str,
}

/// Does what an authorised call asks for.
pub(crate) fn execute(call: &S3Call, context: &S3Context<'_>) -> Answer {
    match perform(call, context) {
        Ok(answer) => error::identified(answer, context.request_id),
        Err(error) => refuse(&error, call.is_head(), context.request_id),
    }
}

fn perform(call: &S3Call, context: &S3Context<'_>) -> Result<Answer, S3Error> {
    match call.operation() {
        S3Operation::ListBuckets => Ok(lists::buckets(context)),
        S3Operation::CreateBucket { bucket, region } => {
            buckets::create(bucket, region.as_deref(), context)
        }
        S3Operation::HeadBucket { bucket } => buckets::head(bucket, context),
        S3Operation::DeleteBucket { bucket } => buckets::delete(bucket, context),
        S3Operation::GetBucketLocation { bucket } => buckets::location(bucket, context),
        S3Operation::GetBucketPolicy { bucket } => buckets::get_policy(bucket, context),
        S3Operation::PutBucketPolicy { bucket, text } => buckets::put_policy(bucket, text, context),
        S3Operation::DeleteBucketPolicy { bucket } => buckets::delete_policy(bucket, context),
        S3Operation::ListObjects { bucket, query } => lists::objects(bucket, query, context),
        S3Operation::DeleteObjects { bucket, keys, is_quiet } => {
            objects::delete_many(bucket, keys, *is_quiet, context)
        }
        S3Operation::PutObject { bucket, key, upload } => {
            objects::put(bucket, key, upload.clone(), context)
        }
        S3Operation::GetObject { bucket, key, range } => {
            objects::get(bucket, key, range.as_deref(), context)
        }
        S3Operation::HeadObject { bucket, key, range } => {
            objects::head(bucket, key, range.as_deref(), context)
        }
        S3Operation::DeleteObject { bucket, key } => objects::delete(bucket, key, context),
    }
}

/// A successful answer with an XML body.
fn answer_xml(xml: &mut Writer) -> Answer {
    Answer::with_body(200, "application/xml", xml.finish())
}

/// A moment as S3 prints it in XML.
fn date(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests;
