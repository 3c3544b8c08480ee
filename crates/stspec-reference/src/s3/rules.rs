//! What AWS documents of S3, as values.

use std::borrow::Cow;

/// The rules of the service.
pub(crate) struct Rules {
    /// What is kept of the text of a bucket policy.
    pub(crate) stored_policy: for<'a> fn(&'a str) -> Cow<'a, str>,
    /// Whether a bucket policy is gone once it is deleted.
    pub(crate) deletes_policies: bool,
    /// The message to a caller who is denied, from the denial and its reason.
    pub(crate) denial_message: fn(&str, &str) -> String,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            stored_policy: |text| text.into(),
            deletes_policies: true,
            denial_message: |denial, reason| format!("{denial} {reason}"),
        }
    }
}
