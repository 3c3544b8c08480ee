//! What AWS documents of `GetCallerIdentity`, as values.

use crate::sts::StsCall;
use crate::sts::callers::CallerRule;
use crate::sts::error::StsError;

/// The rules of the operation.
pub(crate) struct Rules {
    /// Who may call it.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, FED-STS-GCI.
    pub(crate) callers: CallerRule,
    /// The permission that a call needs: none.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, FED-STS-GCI-NOPERM.
    pub(crate) check_permission: fn(&StsCall<'_>) -> Result<(), StsError>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { callers: CallerRule::EVERYBODY, check_permission: |_| Ok(()) }
    }
}
