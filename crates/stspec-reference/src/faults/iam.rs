//! Mistakes about how IAM refuses sessions.

use super::entry::entries;
use crate::iam::{IamError, forbidden};
use crate::model::caller::{Session, SessionKind};

entries! {
    "iam-access-denied-code",
        "IAM refuses sessions with AccessDenied instead of InvalidClientTokenId.",
        |parts| parts.iam.session_refused = |session| {
            refused_with(session, "AccessDenied", "Cannot call IAM with session credentials")
        };
    "iam-by-policy",
        "Federated sessions may call IAM where policies allow it.",
        |parts| parts.iam.session_refused = |session| match session.kind {
            SessionKind::Federated { .. } | SessionKind::AssumedRole { .. } => None,
            SessionKind::SessionToken => Some(forbidden(
                "InvalidClientTokenId",
                "The security token included in the request is invalid",
            )),
        };
    "iam-message-with-period",
        "IAM ends its refusal of sessions with a full stop.",
        |parts| parts.iam.session_refused = |session| {
            let message = "The security token included in the request is invalid.";
            refused_with(session, "InvalidClientTokenId", message)
        };
}

fn refused_with(session: &Session, code: &'static str, message: &str) -> Option<IamError> {
    match session.kind {
        SessionKind::AssumedRole { .. } => None,
        SessionKind::Federated { .. } | SessionKind::SessionToken => Some(forbidden(code, message)),
    }
}
