//! The operations of S3, and what each of them needs to be allowed.

use crate::model::account::Partition;
use crate::state::objects::{BucketName, Selection, Upload};

/// An operation with all it was asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum S3Operation {
    /// `GET /`
    ListBuckets,
    /// `PUT /bucket`, perhaps with a location constraint.
    CreateBucket { bucket: BucketName, region: Option<String> },
    /// `HEAD /bucket`
    HeadBucket { bucket: BucketName },
    /// `DELETE /bucket`
    DeleteBucket { bucket: BucketName },
    /// `GET /bucket?location`
    GetBucketLocation { bucket: BucketName },
    /// `GET /bucket?policy`
    GetBucketPolicy { bucket: BucketName },
    /// `PUT /bucket?policy`
    PutBucketPolicy { bucket: BucketName, text: String },
    /// `DELETE /bucket?policy`
    DeleteBucketPolicy { bucket: BucketName },
    /// `GET /bucket`, in version 1 or 2.
    ListObjects { bucket: BucketName, query: ListQuery },
    /// `POST /bucket?delete`
    DeleteObjects { bucket: BucketName, keys: Vec<String>, is_quiet: bool },
    /// `PUT /bucket/key`
    PutObject { bucket: BucketName, key: String, upload: Upload },
    /// `GET /bucket/key`, perhaps with a `Range` header.
    GetObject { bucket: BucketName, key: String, range: Option<String> },
    /// `HEAD /bucket/key`, perhaps with a `Range` header.
    HeadObject { bucket: BucketName, key: String, range: Option<String> },
    /// `DELETE /bucket/key`
    DeleteObject { bucket: BucketName, key: String },
}

/// The parameters of a list of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    /// Whether it is `list-type=2`.
    pub(crate) version: ListVersion,
    /// What is asked for.
    pub(crate) selection: Selection,
    /// `continuation-token` as sent, to be echoed.
    pub(crate) continuation_token: Option<String>,
    /// `start-after` as sent, to be echoed.
    pub(crate) start_after: Option<String>,
    /// Whether keys are percent-encoded in the answer.
    pub(crate) encoding: KeyEncoding,
}

/// Which of the two list operations is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListVersion {
    /// `ListObjects`
    One,
    /// `ListObjectsV2`
    Two,
}

/// How keys stand in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyEncoding {
    /// As they are.
    Plain,
    /// `encoding-type=url`
    Url,
}

/// An action on a resource that has to be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// The action, such as `s3:GetObject`.
    pub(crate) action: &'static str,
    /// What the ARN says after the service, such as `bucket/key`.
    pub(crate) path: String,
}

impl Need {
    /// An action on a bucket.
    pub(super) fn on_bucket(action: &'static str, bucket: &BucketName) -> Self {
        Self { action, path: bucket.to_string() }
    }

    /// An action on an object.
    pub(super) fn on_object(action: &'static str, bucket: &BucketName, key: &str) -> Self {
        Self { action, path: format!("{bucket}/{key}") }
    }

    /// The ARN, such as `arn:aws:s3:::bucket/key`.
    pub(crate) fn resource(&self, partition: Partition) -> String {
        format!("arn:{}:s3:::{}", partition.as_str(), self.path)
    }
}

impl S3Operation {
    /// The bucket it is about, whose policy applies; `None` for `ListBuckets`.
    pub(crate) fn bucket(&self) -> Option<&BucketName> {
        match self {
            Self::ListBuckets => None,
            Self::CreateBucket { bucket, .. }
            | Self::HeadBucket { bucket }
            | Self::DeleteBucket { bucket }
            | Self::GetBucketLocation { bucket }
            | Self::GetBucketPolicy { bucket }
            | Self::PutBucketPolicy { bucket, .. }
            | Self::DeleteBucketPolicy { bucket }
            | Self::ListObjects { bucket, .. }
            | Self::DeleteObjects { bucket, .. }
            | Self::PutObject { bucket, .. }
            | Self::GetObject { bucket, .. }
            | Self::HeadObject { bucket, .. }
            | Self::DeleteObject { bucket, .. } => Some(bucket),
        }
    }

    /// Whether it is about a bucket that need not be there yet.
    pub(crate) fn creates_bucket(&self) -> bool {
        matches!(self, Self::CreateBucket { .. })
    }

    /// What has to be allowed before it is done; `None` for `DeleteObjects`, which asks for each key.
    ///
    /// Source: Service Authorization Reference, actions of S3.
    pub(crate) fn need(&self) -> Option<Need> {
        Some(match self {
            Self::ListBuckets => Need { action: "s3:ListAllMyBuckets", path: "*".to_owned() },
            Self::CreateBucket { bucket, .. } => Need::on_bucket("s3:CreateBucket", bucket),
            Self::DeleteBucket { bucket } => Need::on_bucket("s3:DeleteBucket", bucket),
            Self::GetBucketLocation { bucket } => Need::on_bucket("s3:GetBucketLocation", bucket),
            Self::GetBucketPolicy { bucket } => Need::on_bucket("s3:GetBucketPolicy", bucket),
            Self::PutBucketPolicy { bucket, .. } => Need::on_bucket("s3:PutBucketPolicy", bucket),
            Self::DeleteBucketPolicy { bucket } => Need::on_bucket("s3:DeleteBucketPolicy", bucket),
            Self::HeadBucket { bucket } | Self::ListObjects { bucket, .. } => {
                Need::on_bucket("s3:ListBucket", bucket)
            }
            Self::PutObject { bucket, key, .. } => Need::on_object("s3:PutObject", bucket, key),
            Self::GetObject { bucket, key, .. } | Self::HeadObject { bucket, key, .. } => {
                Need::on_object("s3:GetObject", bucket, key)
            }
            Self::DeleteObject { bucket, key } => Need::on_object("s3:DeleteObject", bucket, key),
            Self::DeleteObjects { .. } => return None,
        })
    }

    /// S3's own condition keys for the call.
    ///
    /// Source: Service Authorization Reference, condition keys of S3.
    pub(crate) fn context(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ListObjects { query, .. } => vec![
                ("s3:prefix", query.selection.prefix.clone()),
                ("s3:delimiter", query.selection.delimiter.clone()),
                ("s3:max-keys", query.selection.entries_max.to_string()),
            ],
            Self::CreateBucket { region: Some(region), .. } => {
                vec![("s3:LocationConstraint", region.clone())]
            }
            _ => Vec::new(),
        }
    }
}
