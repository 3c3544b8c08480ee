//! Lists of buckets and of objects.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::operation::{KeyEncoding, ListQuery, ListVersion};
use super::{NAMESPACE, S3Context, S3Error, answer_xml, date};
use crate::state::objects::{BucketName, Entry, Listing};
use crate::wire::answer::Answer;
use crate::wire::xml::Writer;

/// What stays as it is in a key under `encoding-type=url`.
const KEPT: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

pub(super) fn buckets(context: &S3Context<'_>) -> Answer {
    let mut xml = Writer::with_declaration();
    xml.open_in("ListAllMyBucketsResult", NAMESPACE)
        .open("Owner")
        .leaf("ID", context.account)
        .close("Owner")
        .open("Buckets");
    for (name, bucket) in context.store.read().buckets() {
        xml.open("Bucket")
            .leaf("Name", name.as_str())
            .leaf("CreationDate", date(bucket.created_at))
            .leaf("BucketRegion", &bucket.region)
            .close("Bucket");
    }
    xml.close("Buckets").close("ListAllMyBucketsResult");
    answer_xml(&mut xml)
}

pub(super) fn objects(
    bucket: &BucketName,
    query: &ListQuery,
    context: &S3Context<'_>,
) -> Result<Answer, S3Error> {
    let store = context.store.read();
    let listing = store.existing_bucket(bucket)?.list(&query.selection);
    let shown = |text| encoded(text, query.encoding);
    let mut xml = Writer::with_declaration();
    xml.open_in("ListBucketResult", NAMESPACE)
        .leaf("Name", bucket.as_str())
        .leaf("Prefix", shown(&query.selection.prefix));
    match query.version {
        ListVersion::One => write_place_one(&mut xml, query, &listing),
        ListVersion::Two => write_place_two(&mut xml, query, &listing),
    }
    xml.leaf("MaxKeys", query.selection.entries_max.to_string());
    if !query.selection.delimiter.is_empty() {
        xml.leaf("Delimiter", shown(&query.selection.delimiter));
    }
    if query.encoding == KeyEncoding::Url {
        xml.leaf("EncodingType", "url");
    }
    xml.leaf("IsTruncated", listing.is_truncated.to_string());
    write_entries(&mut xml, query, &listing);
    xml.close("ListBucketResult");
    Ok(answer_xml(&mut xml))
}

/// Version 1 names the next place only where keys are rolled up; elsewhere it is the last key.
fn write_place_one(xml: &mut Writer, query: &ListQuery, listing: &Listing<'_>) {
    xml.leaf("Marker", encoded(&query.selection.after, query.encoding));
    if !query.selection.delimiter.is_empty() {
        xml.leaf_if("NextMarker", next(listing).map(|key| encoded(key, query.encoding)));
    }
}

fn write_place_two(xml: &mut Writer, query: &ListQuery, listing: &Listing<'_>) {
    let start_after = query.start_after.as_deref();
    xml.leaf_if("StartAfter", start_after.map(|key| encoded(key, query.encoding)))
        .leaf_if("ContinuationToken", query.continuation_token.as_deref())
        .leaf_if("NextContinuationToken", next(listing).map(|key| URL_SAFE_NO_PAD.encode(key)))
        .leaf("KeyCount", listing.entries.len().to_string());
}

fn write_entries(xml: &mut Writer, query: &ListQuery, listing: &Listing<'_>) {
    for entry in &listing.entries {
        if let Entry::Object(key, object) = entry {
            xml.open("Contents")
                .leaf("Key", encoded(key, query.encoding))
                .leaf("LastModified", date(object.modified_at))
                .leaf("ETag", format!("\"{}\"", object.etag))
                .leaf("Size", object.size().to_string())
                .leaf("StorageClass", "STANDARD")
                .close("Contents");
        }
    }
    for entry in &listing.entries {
        if let Entry::CommonPrefix(prefix) = entry {
            xml.open("CommonPrefixes")
                .leaf("Prefix", encoded(prefix, query.encoding))
                .close("CommonPrefixes");
        }
    }
}

/// What the next page comes after, where there is one.
fn next<'a>(listing: &'a Listing<'_>) -> Option<&'a str> {
    listing.entries.last().filter(|_| listing.is_truncated).map(Entry::key)
}

fn encoded(key: &str, encoding: KeyEncoding) -> Cow<'_, str> {
    match encoding {
        KeyEncoding::Plain => Cow::Borrowed(key),
        KeyEncoding::Url => utf8_percent_encode(key, &KEPT).into(),
    }
}
