//! Who may call an operation, whatever policies allow.

use super::error::StsError;
use crate::model::caller::{Caller, SessionKind};

/// What an operation answers to each kind of caller.
pub(crate) struct CallerRule {
    /// The account's root user.
    pub(crate) root: Admission,
    /// An IAM user.
    pub(crate) user: Admission,
    /// A session of `GetFederationToken`.
    pub(crate) federated_session: Admission,
    /// A session of `GetSessionToken`.
    pub(crate) session_token_session: Admission,
    /// A session of `AssumeRole`.
    pub(crate) role_session: Admission,
}

/// What an operation answers to one kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The call goes on.
    Admitted,
    /// It is refused because of its temporary credentials.
    RefusedAsSession,
    /// It is refused in these words.
    Refused(&'static str),
}

impl CallerRule {
    /// Everybody with credentials.
    pub(crate) const EVERYBODY: Self = Self {
        root: Admission::Admitted,
        user: Admission::Admitted,
        federated_session: Admission::Admitted,
        session_token_session: Admission::Admitted,
        role_session: Admission::Admitted,
    };

    /// Everybody with long-term credentials.
    pub(crate) const LONG_TERM: Self = Self {
        federated_session: Admission::RefusedAsSession,
        session_token_session: Admission::RefusedAsSession,
        role_session: Admission::RefusedAsSession,
        ..Self::EVERYBODY
    };

    /// Checks the caller of an operation.
    pub(crate) fn check(&self, caller: &Caller, operation: &str) -> Result<(), StsError> {
        match self.admission(caller) {
            Admission::Admitted => Ok(()),
            Admission::RefusedAsSession => Err(session_refused(operation)),
            Admission::Refused(message) => Err(StsError::access_denied(message)),
        }
    }

    fn admission(&self, caller: &Caller) -> Admission {
        match caller {
            Caller::Root => self.root,
            Caller::User(_) => self.user,
            Caller::Session(session) => match session.kind {
                SessionKind::Federated { .. } => self.federated_session,
                SessionKind::SessionToken => self.session_token_session,
                SessionKind::AssumedRole { .. } => self.role_session,
            },
        }
    }
}

/// The wrong kind of credentials; the message has no final period.
///
/// Source: `docs/evidence/get-federation-token.md`, CALL-ROLE and CALL-SESSION-SIB.
fn session_refused(operation: &str) -> StsError {
    StsError::access_denied(format!("Cannot call {operation} with session credentials"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: &CallerRule, caller: &Caller, expected: Option<&str>) {
        let message = rule.check(caller, "Op").err().and_then(|error| error.message);
        assert_eq!(message.as_deref(), expected);
    }

    #[test]
    fn a_refusal_names_the_operation_or_has_words_of_its_own() {
        let refusing =
            CallerRule { root: Admission::Refused("No roots."), ..CallerRule::LONG_TERM };
        check(&refusing, &Caller::Root, Some("No roots."));
        let refusing = CallerRule { root: Admission::RefusedAsSession, ..CallerRule::LONG_TERM };
        check(&refusing, &Caller::Root, Some("Cannot call Op with session credentials"));
        check(&CallerRule::LONG_TERM, &Caller::Root, None);
    }
}
