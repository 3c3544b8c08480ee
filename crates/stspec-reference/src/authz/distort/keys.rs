//! Mistakes about the context keys of federated sessions.

use std::borrow::Cow;

use stspec_iam::Context;

use crate::auth::identity::Identity;
use crate::faults::Fault;
use crate::state::State;

/// Rewrites the keys that say who a federated session is.
pub(in crate::authz) fn session_keys(state: &State, caller: &Identity<'_>, context: &mut Context) {
    let Some(name) = caller.federated_name() else { return };
    let (faults, issuer) = (&state.faults, caller.issuer());
    let wrong: [(Fault, &str, Option<String>); 11] = [
        (Fault::PrincipalArnOfIssuer, "aws:PrincipalArn", Some(issuer.arn(state))),
        (Fault::UseridOfIssuer, "aws:userid", Some(issuer.user_id(state))),
        (Fault::UsernameOfIssuer, "aws:username", caller.user().map(|user| user.name.0.clone())),
        (Fault::PrincipalTypeUser, "aws:PrincipalType", Some("User".to_owned())),
        (Fault::PrincipalAccountMissing, "aws:PrincipalAccount", None),
        (Fault::TokenIssueTimeMissing, "aws:TokenIssueTime", None),
        (Fault::MfaKeyMissing, "aws:MultiFactorAuthPresent", None),
        (Fault::MfaKeyTrue, "aws:MultiFactorAuthPresent", Some("true".to_owned())),
        (Fault::MfaAgePresent, "aws:MultiFactorAuthAge", Some("0".to_owned())),
        (Fault::FederatedProviderPresent, "aws:FederatedProvider", Some(issuer.arn(state))),
        (Fault::SourceIdentityPresent, "aws:SourceIdentity", Some(name.to_owned())),
    ];
    for (fault, key, value) in wrong {
        if faults.has(fault) {
            context.insert_many(key, value);
        }
    }
}

/// The value under which a session's tag counts; nothing where it doesn't.
pub(in crate::authz) fn session_tag<'a>(state: &State, value: &'a str) -> Option<Cow<'a, str>> {
    let faults = &state.faults;
    if faults.has(Fault::SessionTagsIgnored) {
        return None;
    }
    let lowercased = faults.has(Fault::SessionTagValuesLowercased);
    Some(if lowercased { value.to_lowercase().into() } else { value.into() })
}
