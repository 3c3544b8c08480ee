//! The parameters of `AssumeRole`.

use crate::model::account::Revision;
use crate::model::caller::SessionParameters;
use crate::sts;
use crate::sts::constraint::{TextShape, Violations, integer};
use crate::sts::error::StsError;
use crate::sts::session::{mfa, size};
use crate::wire::request::Params;

/// A call whose parameters fit their shapes.
///
/// `SourceIdentity`, `TransitiveTagKeys` and `ProvidedContexts` are not read, as if they were
/// unknown. The first two change what later sessions of a chain may do, which session tokens would
/// have to carry; the third is an assertion of an identity provider, of which this account has
/// none.
#[derive(Debug)]
pub(super) struct Input {
    /// Which role.
    pub(super) role_arn: String,
    /// The name of the session.
    pub(super) session_name: String,
    /// The secret that the role's owner agreed on with the caller.
    pub(super) external_id: Option<String>,
    /// What is passed to the session.
    pub(super) parameters: SessionParameters,
    /// How long the session is to last.
    pub(super) duration_seconds: Option<i32>,
    /// The least size of the session token.
    pub(super) token_bytes_min: Option<usize>,
}

impl Input {
    /// Reads all parameters and reports every violation in one error.
    pub(super) fn read(
        params: &Params,
        rules: &sts::Rules,
        revision: Revision,
    ) -> Result<Self, StsError> {
        let duration_seconds = integer(params.get("DurationSeconds"))?;
        let token_bytes_min = size::token_bytes_min(params, revision)?;
        let mut violations = Violations::new(&rules.violations);
        let rules = &rules.assume_role;
        let shapes = &rules.session.parameters;
        let role_arn = required(params, &ROLE_ARN, &rules.role_arn, &mut violations);
        let session_name = required(params, &SESSION_NAME, &rules.session_name, &mut violations);
        let policy = shapes.policy.read(params, &mut violations);
        let policy_arns = shapes.policy_arns.read(params, &mut violations);
        rules.duration.check(duration_seconds, &mut violations);
        let tags = shapes.tags.read(params, &mut violations);
        let external_id = optional(params, &EXTERNAL_ID, &rules.external_id, &mut violations);
        mfa::check_shapes(params, &mut violations);
        rules.session.size.check_token_bytes_min(token_bytes_min, &mut violations);
        violations.into_result()?;
        let parameters = SessionParameters { policy, policy_arns, tags };
        shapes.check_counts(&parameters)?;
        check_arn(&role_arn)?;
        let token_bytes_min = token_bytes_min.and_then(|size| usize::try_from(size).ok());
        Ok(Self {
            role_arn,
            session_name,
            external_id,
            parameters,
            duration_seconds,
            token_bytes_min,
        })
    }

    /// The condition keys that trust policies test.
    ///
    /// Source: IAM User Guide, "Available keys for AWS STS".
    pub(super) fn service_keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = vec![("sts:RoleSessionName", self.session_name.clone())];
        keys.extend(self.external_id.clone().map(|id| ("sts:ExternalId", id)));
        keys
    }
}

/// A parameter as requests write it and as messages print it.
struct TextParameter {
    name: &'static str,
    member: &'static str,
}

const ROLE_ARN: TextParameter = TextParameter { name: "RoleArn", member: "roleArn" };
const SESSION_NAME: TextParameter =
    TextParameter { name: "RoleSessionName", member: "roleSessionName" };
const EXTERNAL_ID: TextParameter = TextParameter { name: "ExternalId", member: "externalId" };

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
    parameter: &TextParameter,
    shape: &TextShape,
    violations: &mut Violations<'_>,
) -> String {
    if params.get(parameter.name).is_none() {
        violations.missing(parameter.member);
    }
    optional(params, parameter, shape, violations).unwrap_or_default()
}

fn optional(
    params: &Params,
    parameter: &TextParameter,
    shape: &TextShape,
    violations: &mut Violations<'_>,
) -> Option<String> {
    let value = params.get(parameter.name)?;
    violations.check_text(value, parameter.member, shape);
    Some(value.to_owned())
}
