//! The request to decide.

use crate::{context::Context, principal::Principal};

/// One request to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who calls.
    pub principal: &'a Principal,
    /// `<service>:<operation>`, such as `s3:GetObject`.
    pub action: &'a str,
    /// The ARN, or `*` for an action without a resource.
    pub resource: &'a str,
    /// The account that owns the resource; `None` means the principal's own.
    pub resource_account: Option<&'a str>,
    /// The context keys.
    pub context: &'a Context,
}
