//! The parameters of `AssumeRole` and what their shapes allow.

use super::super::constraint::{TextShape, Violations, integer};
use super::super::error::StsError;
use super::Rules;
use crate::faults::Faults;
use crate::model::account::Revision;
use crate::model::caller::Terms;
use crate::sts::session::{mfa, parameters, size};
use crate::wire::request::Params;

/// Source: botocore's service model, `roleSessionNameType`.
const SESSION_NAME: TextShape = TextShape {
    pattern: r"[\w+=,.@-]*",
    allows: |char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char),
    chars_min: 2,
    chars_max: 64,
    length: |text| text.chars().count(),
};

/// Source: botocore's service model, `externalIdType`.
const EXTERNAL_ID: TextShape = TextShape {
    pattern: r"[\w+=,.@:\/-]*",
    allows: |char| char.is_ascii_alphanumeric() || "_+=,.@:/-".contains(char),
    chars_min: 2,
    chars_max: 1224,
    length: |text| text.chars().count(),
};

/// A call whose parameters have the shapes they need.
///
/// `SourceIdentity`, `TransitiveTagKeys` and `ProvidedContexts` are not read, as if they were unknown.
/// The first two change what later sessions of a chain may do, which session tokens would have to
/// carry; the third is an assertion of an identity provider, of which this account has none.
#[derive(Debug)]
pub(crate) struct Input {
    /// Which role.
    pub(crate) role_arn: String,
    /// What the session is called.
    pub(crate) session_name: String,
    /// What the caller was told by the role's owner to say.
    pub(crate) external_id: Option<String>,
    /// What is passed to the session.
    pub(crate) terms: Terms,
    /// How long the session is to last.
    pub(crate) duration_seconds: Option<i32>,
    /// The least size of the session token.
    pub(crate) token_bytes_min: Option<usize>,
}

impl Input {
    /// Reads all parameters and gathers every violation into one error.
    pub(crate) fn read(
        params: &Params,
        rules: &Rules,
        revision: Revision,
        faults: &Faults,
    ) -> Result<Self, StsError> {
        let duration_seconds = integer(params.get("DurationSeconds"))?;
        let token_bytes_min = size::token_bytes_min(params, revision)?;
        let mut violations = Violations::new(faults);
        let role_arn = required(params, ("RoleArn", "roleArn"), &parameters::ARN, &mut violations);
        let name = ("RoleSessionName", "roleSessionName");
        let session_name = required(params, name, &SESSION_NAME, &mut violations);
        let policy = optional(params, ("Policy", "policy"), &parameters::POLICY, &mut violations);
        let policy_arns = parameters::policy_arns(params, &mut violations);
        rules.duration.check(duration_seconds, &mut violations);
        let tags = parameters::tags(params, &mut violations);
        let id = ("ExternalId", "externalId");
        let external_id = optional(params, id, &EXTERNAL_ID, &mut violations);
        mfa::check_shapes(params, &mut violations);
        size::check_token_bytes_min(token_bytes_min, &mut violations);
        violations.into_result()?;
        parameters::check_policy_arns(&policy_arns, faults)?;
        check_arn(&role_arn)?;
        Ok(Self {
            role_arn,
            session_name,
            external_id,
            terms: Terms { policy, policy_arns, tags },
            duration_seconds,
            token_bytes_min: token_bytes_min.and_then(|size| usize::try_from(size).ok()),
        })
    }

    /// The condition keys that trust policies ask about.
    ///
    /// Source: IAM User Guide, "Available keys for AWS STS".
    pub(crate) fn service_keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("sts:RoleSessionName", self.session_name.clone())];
        keys.extend(self.external_id.clone().map(|id| ("sts:ExternalId", id)));
        keys
    }
}

/// Six parts, as every ARN has. Code and text are widely quoted and not in
/// `docs/evidence/get-federation-token.md`.
fn check_arn(arn: &str) -> Result<(), StsError> {
    if arn.starts_with("arn:") && arn.splitn(6, ':').count() == 6 {
        return Ok(());
    }
    Err(StsError::validation(format!("{arn} is invalid")))
}

fn required(
    params: &Params,
    (name, member): (&str, &str),
    shape: &TextShape,
    violations: &mut Violations<'_>,
) -> String {
    if params.get(name).is_none() {
        violations.missing(member);
    }
    optional(params, (name, member), shape, violations).unwrap_or_default()
}

fn optional(
    params: &Params,
    (name, member): (&str, &str),
    shape: &TextShape,
    violations: &mut Violations<'_>,
) -> Option<String> {
    let value = params.get(name)?;
    violations.check_text(value, member, shape);
    Some(value.to_owned())
}
