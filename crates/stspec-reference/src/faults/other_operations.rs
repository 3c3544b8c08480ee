//! Mistakes about who may call the operations beside `GetFederationToken`.

use super::entry::entries;
use crate::sts::callers::Admission;

entries! {
    "federated-session-calls-sts",
        "Federated sessions may call GetAccessKeyInfo and its like where policies allow it.",
        |parts| {
            parts.sts.assume_role.callers.federated_session = Admission::Admitted;
            parts.sts.refused.callers.federated_session = Admission::Admitted;
        };
    "federated-session-gets-session-token",
        "Federated sessions may call GetSessionToken.",
        |parts| parts.sts.get_session_token.callers.federated_session = Admission::Admitted;
    "get-session-token-needs-permission",
        "GetSessionToken asks for a permission.",
        |parts| parts.sts.get_session_token.check_permission = |call| call.check(&call.question());
}
