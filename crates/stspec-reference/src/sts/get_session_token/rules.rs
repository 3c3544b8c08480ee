//! What AWS documents of `GetSessionToken`, as values.

use crate::sts::StsCall;
use crate::sts::callers::CallerRule;
use crate::sts::error::StsError;
use crate::sts::session::duration::DurationRule;
use crate::sts::session::size::SizeRules;

/// The rules of the operation.
pub(crate) struct Rules {
    /// Who may call it: a session can't prolong itself this way.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, FED-STS-GST and CALL-SESSION-SIB.
    pub(crate) callers: CallerRule,
    /// How long a session may last.
    pub(crate) duration: DurationRule,
    /// How large a session may be.
    pub(crate) size: SizeRules,
    /// The permission that a call needs: none.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, CALL-GST-FREE.
    pub(crate) check_permission: fn(&StsCall<'_>) -> Result<(), StsError>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            callers: CallerRule::LONG_TERM,
            duration: DurationRule::default(),
            size: SizeRules::default(),
            check_permission: |_| Ok(()),
        }
    }
}
