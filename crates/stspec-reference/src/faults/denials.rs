//! Mistakes about what somebody who is denied learns.

use super::entry::entries;

entries! {
    "denial-names-issuer",
        "A session that is denied is told its issuer's ARN instead of its own.",
        |parts| parts.access.authorization.denied_arn = |caller, state| caller.issuer().arn(state);
}
