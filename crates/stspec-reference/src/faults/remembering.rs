//! Mistakes that keep what a session was minted with.

use super::entry::entries;
use crate::authz;
use crate::parts::Parts;

entries! {
    "issuer-by-name",
        "A session's powers are those of whoever minted last under its Name.",
        remember;
    "issuer-frozen-at-mint",
        "A federated session keeps the policies that its issuer had when it was minted.",
        |parts| parts.sts.mint.observers.push(Box::new(|call, minted| {
            if call.operation.name == "GetFederationToken" {
                authz::freeze(call.call, call.directory, call.caller, &minted.access_key_id);
            }
        }));
    "session-terms-by-name",
        "A session has the policies and tags that its issuer passed last under its Name.",
        remember;
    "session-token-optional",
        "A minted access key works without its session token.",
        remember;
    "session-token-unbound",
        "A minted access key works with another session's token.",
        remember;
}

fn remember(parts: &mut Parts) {
    parts.sts.mint.observers.push(Box::new(|call, minted| {
        call.state.remember(&minted.access_key_id, &minted.session);
    }));
}
