//! From an HTTP request to a typed S3 call.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Method;
use md5::{Digest as _, Md5};

use super::error::S3Error;
use super::operation::{KeyEncoding, ListQuery, ListVersion, S3Operation};
use super::{body, checksum};
use crate::state::objects::{BucketName, KEY_BYTES_MAX, Selection, Upload};
use crate::wire::request::{Params, Request};

/// Most keys in one answer of a list, and in one `DeleteObjects`.
///
/// Source: S3 API Reference, `ListObjectsV2` `max-keys`, `DeleteObjects`.
const KEYS_MAX: usize = 1000;

/// The media type of an object whose client named none.
///
/// Source: S3 API Reference, `PutObject`, observed in every answer to such an object.
pub(crate) const CONTENT_TYPE_DEFAULT: &str = "binary/octet-stream";

/// What the names of headers with metadata begin with.
const METADATA_PREFIX: &str = "x-amz-meta-";

/// Most bytes in the names and values of an object's metadata together; that the prefix doesn't
/// count is our reading.
///
/// Source: S3 User Guide, "Working with object metadata", "User-defined object metadata".
const METADATA_BYTES_MAX: usize = 2048;

/// Query parameters that ask for what this S3 does not have, in alphabetical order.
const PARAMS_NOT_IMPLEMENTED: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Headers that ask for what this S3 does not have, in alphabetical order.
const HEADERS_NOT_IMPLEMENTED: &[&str] = &[
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "x-amz-copy-source",
    "x-amz-object-lock-mode",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];

/// A call of an S3 operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Call {
    operation: S3Operation,
    is_head: bool,
}

impl S3Call {
    /// The operation with all it was asked with.
    pub(crate) fn operation(&self) -> &S3Operation {
        &self.operation
    }

    /// Whether the answer has no body, not even where it is a refusal.
    pub(crate) fn is_head(&self) -> bool {
        self.is_head
    }
}

/// Reads a call from a request, its decoded body, and what came after the body's last chunk.
pub(crate) fn parse(
    request: &Request,
    body: Bytes,
    trailer: &[(String, String)],
) -> Result<S3Call, S3Error> {
    let (bucket, key) = address(request)?;
    let params = Params::parse(&request.query);
    refuse_not_implemented(request, &params)?;
    check_digest(request, &body)?;
    checksum::check(request, &body, trailer)?;
    let operation = match bucket {
        None if request.method == Method::GET => S3Operation::ListBuckets,
        None => return Err(method_not_allowed(&request.method, "SERVICE")),
        Some(name) => {
            let bucket =
                BucketName::new(&name).ok_or_else(|| S3Error::invalid_bucket_name(&name))?;
            if key.is_empty() {
                on_bucket(request, &params, bucket, &body)?
            } else {
                on_object(request, bucket, key, body)?
            }
        }
    };
    Ok(S3Call { operation, is_head: request.method == Method::HEAD })
}

fn on_bucket(
    request: &Request,
    params: &Params,
    bucket: BucketName,
    body: &Bytes,
) -> Result<S3Operation, S3Error> {
    let has = |name| params.get(name).is_some();
    Ok(match request.method {
        Method::GET if has("location") => S3Operation::GetBucketLocation { bucket },
        Method::GET if has("policy") => S3Operation::GetBucketPolicy { bucket },
        Method::GET => S3Operation::ListObjects { bucket, query: list_query(params)? },
        Method::PUT if has("policy") => {
            let text = String::from_utf8_lossy(body).into_owned();
            S3Operation::PutBucketPolicy { bucket, text }
        }
        Method::PUT => S3Operation::CreateBucket { bucket, region: location_constraint(body)? },
        Method::DELETE if has("policy") => S3Operation::DeleteBucketPolicy { bucket },
        Method::DELETE => S3Operation::DeleteBucket { bucket },
        Method::HEAD => S3Operation::HeadBucket { bucket },
        Method::POST if has("delete") => keys_to_delete(bucket, body)?,
        _ => return Err(method_not_allowed(&request.method, "BUCKET")),
    })
}

fn on_object(
    request: &Request,
    bucket: BucketName,
    key: String,
    body: Bytes,
) -> Result<S3Operation, S3Error> {
    let range = || request.header("range").map(str::to_owned);
    Ok(match request.method {
        Method::GET => S3Operation::GetObject { bucket, key, range: range() },
        Method::HEAD => S3Operation::HeadObject { bucket, key, range: range() },
        Method::DELETE => S3Operation::DeleteObject { bucket, key },
        Method::PUT => {
            let content_type = request.header("content-type").unwrap_or(CONTENT_TYPE_DEFAULT);
            let content_type = content_type.to_owned();
            let upload = Upload { body, content_type, metadata: metadata(request)? };
            S3Operation::PutObject { bucket, key, upload }
        }
        _ => return Err(method_not_allowed(&request.method, "OBJECT")),
    })
}

/// The bucket and the key that a request is addressed to; the key is empty where there is none.
fn address(request: &Request) -> Result<(Option<String>, String), S3Error> {
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    let (bucket, key) = if let Some(bucket) = bucket_of_host(request) {
        (bucket.to_owned(), path)
    } else {
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        (decode(bucket)?, key)
    };
    let key = decode(key)?;
    if key.len() > KEY_BYTES_MAX {
        return Err(S3Error::new(400, "KeyTooLongError", "Your key is too long")
            .with("Size", key.len().to_string())
            .with("MaxSizeAllowed", KEY_BYTES_MAX.to_string()));
    }
    Ok(((!bucket.is_empty()).then_some(bucket), key))
}

/// The bucket in a host name such as `bucket.localhost` or `bucket.s3.localhost`.
fn bucket_of_host(request: &Request) -> Option<&str> {
    let host = request.header("host")?;
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let prefix = name.strip_suffix(".localhost")?;
    let bucket = prefix.strip_suffix(".s3").unwrap_or(prefix);
    BucketName::new(bucket).map(|_| bucket)
}

fn decode(text: &str) -> Result<String, S3Error> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| {
        S3Error::new(400, "InvalidURI", "Couldn't parse the specified URI.").with("URI", text)
    })
}

fn refuse_not_implemented(request: &Request, params: &Params) -> Result<(), S3Error> {
    let param = params
        .iter()
        .map(|(name, _)| name)
        .find(|name| PARAMS_NOT_IMPLEMENTED.contains(name) || name.starts_with("response-"));
    let mut headers = request.headers.keys().map(http::HeaderName::as_str);
    let header = headers
        .find(|name| HEADERS_NOT_IMPLEMENTED.contains(name) || name.starts_with("x-amz-grant-"));
    match (param, header) {
        (None, None) => Ok(()),
        (Some(param), _) => Err(not_implemented("Parameter", param)),
        (None, Some(header)) => Err(not_implemented("Header", header)),
    }
}

/// What the client says about an object; values under one name are joined by commas.
fn metadata(request: &Request) -> Result<Vec<(String, String)>, S3Error> {
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let metadata: Vec<(String, String)> = names
        .filter(|name| name.starts_with(METADATA_PREFIX))
        .map(|name| {
            let values = request.headers.get_all(name).iter();
            let values: Vec<_> =
                values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            (name.to_owned(), values.join(","))
        })
        .collect();
    let bytes: usize =
        metadata.iter().map(|(name, value)| name.len() - METADATA_PREFIX.len() + value.len()).sum();
    if bytes <= METADATA_BYTES_MAX {
        return Ok(metadata);
    }
    let message = "Your metadata headers exceed the maximum allowed metadata size";
    Err(S3Error::new(400, "MetadataTooLarge", message)
        .with("Size", bytes.to_string())
        .with("MaxSizeAllowed", METADATA_BYTES_MAX.to_string()))
}

fn not_implemented(kind: &'static str, name: &str) -> S3Error {
    let message = format!(
        "A {} you provided implies functionality that is not implemented",
        kind.to_lowercase()
    );
    S3Error::new(501, "NotImplemented", message).with(kind, name)
}

fn method_not_allowed(method: &Method, resource_type: &str) -> S3Error {
    let message = "The specified method is not allowed against this resource.";
    S3Error::new(405, "MethodNotAllowed", message)
        .with("Method", method.as_str())
        .with("ResourceType", resource_type)
}

/// Compares the body with `Content-MD5`, where the client sent one.
fn check_digest(request: &Request, body: &Bytes) -> Result<(), S3Error> {
    let Some(header) = request.header("content-md5") else { return Ok(()) };
    let digest = STANDARD.decode(header).ok().filter(|digest| digest.len() == 16);
    let digest = digest.ok_or_else(|| {
        S3Error::new(400, "InvalidDigest", "The Upload-MD5 you specified was invalid.")
            .with("Upload-MD5", header)
    })?;
    if digest.as_slice() == &Md5::digest(body)[..] {
        return Ok(());
    }
    let message = "The Upload-MD5 you specified did not match what we received.";
    Err(S3Error::new(400, "BadDigest", message).with("ExpectedDigest", header))
}

fn location_constraint(body: &Bytes) -> Result<Option<String>, S3Error> {
    if body.is_empty() {
        return Ok(None);
    }
    let leaves = leaves(body)?;
    let region = leaves.into_iter().find(|(name, _)| *name == "LocationConstraint");
    Ok(region.map(|(_, region)| region).filter(|region| !region.is_empty()))
}

fn keys_to_delete(bucket: BucketName, body: &Bytes) -> Result<S3Operation, S3Error> {
    let mut keys = Vec::new();
    let mut is_quiet = false;
    for (name, text) in leaves(body)? {
        match name {
            "Key" => keys.push(text),
            "Quiet" => is_quiet = text == "true",
            "VersionId" | "ETag" | "LastModifiedTime" | "Size" => {
                return Err(not_implemented("Element", name));
            }
            _ => return Err(S3Error::malformed_xml()),
        }
    }
    if keys.is_empty() || keys.len() > KEYS_MAX || keys.iter().any(String::is_empty) {
        return Err(S3Error::malformed_xml());
    }
    Ok(S3Operation::DeleteObjects { bucket, keys, is_quiet })
}

fn leaves(body: &Bytes) -> Result<Vec<(&str, String)>, S3Error> {
    let text = std::str::from_utf8(body).map_err(|_| S3Error::malformed_xml())?;
    body::leaves(text).ok_or_else(S3Error::malformed_xml)
}

fn list_query(params: &Params) -> Result<ListQuery, S3Error> {
    let text = |name| params.get(name).unwrap_or_default().to_owned();
    let encoding = match params.get("encoding-type") {
        None | Some("") => KeyEncoding::Plain,
        Some("url") => KeyEncoding::Url,
        Some(other) => {
            let message = "Invalid Encoding Method specified in Request";
            return Err(S3Error::invalid_argument("encoding-type", other, message));
        }
    };
    let version = match params.get("list-type") {
        Some("2") => ListVersion::Two,
        _ => ListVersion::One,
    };
    let continuation_token = params.get("continuation-token").map(str::to_owned);
    let start_after = params.get("start-after").map(str::to_owned);
    let after = match (version, &continuation_token) {
        (ListVersion::One, _) => text("marker"),
        (ListVersion::Two, Some(token)) => key_of(token)?,
        (ListVersion::Two, None) => text("start-after"),
    };
    let selection = Selection {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        after,
        entries_max: max_keys(params)?,
    };
    let is_two = version == ListVersion::Two;
    Ok(ListQuery {
        version,
        selection,
        continuation_token: continuation_token.filter(|_| is_two),
        start_after: start_after.filter(|_| is_two),
        encoding,
    })
}

fn max_keys(params: &Params) -> Result<usize, S3Error> {
    let Some(text) = params.get("max-keys").filter(|text| !text.is_empty()) else {
        return Ok(KEYS_MAX);
    };
    let message = "Provided max-keys not an integer or within integer range";
    let number: i32 =
        text.parse().map_err(|_| S3Error::invalid_argument("max-keys", text, message))?;
    let message = "Argument maxKeys must be an integer between 0 and 2147483647";
    let number =
        usize::try_from(number).map_err(|_| S3Error::invalid_argument("maxKeys", text, message))?;
    Ok(number.min(KEYS_MAX))
}

fn key_of(token: &str) -> Result<String, S3Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        let message = "The continuation token provided is incorrect";
        S3Error::invalid_argument("continuation-token", token, message)
    })
}
