//! The parameters of `GetSessionToken`.

use crate::model::account::Revision;
use crate::model::caller::SessionOwner;
use crate::sts;
use crate::sts::constraint::{Violations, integer};
use crate::sts::error::StsError;
use crate::sts::session::{mfa, size};
use crate::wire::request::Params;

/// A call whose parameters fit their shapes.
#[derive(Debug)]
pub(super) struct Input {
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
        owner: &SessionOwner,
    ) -> Result<Self, StsError> {
        let duration_seconds = integer(params.get("DurationSeconds"))?;
        let token_bytes_min = size::token_bytes_min(params, revision)?;
        let mut violations = Violations::new(&rules.violations);
        let rules = &rules.get_session_token;
        rules.duration.check(duration_seconds, owner, &mut violations);
        mfa::check_shapes(params, &mut violations);
        rules.size.check_token_bytes_min(token_bytes_min, &mut violations);
        violations.into_result()?;
        let token_bytes_min = token_bytes_min.and_then(|size| usize::try_from(size).ok());
        Ok(Self { duration_seconds, token_bytes_min })
    }
}
