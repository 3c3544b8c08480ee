//! Mistakes about the context keys of a request.

use stspec_iam::Context;

use super::entry::entries;
use crate::auth::identity::Identity;
use crate::authz::context::{
    insert_own_tags, insert_session_tags, own_tags, principal_tag, session_tags,
};
use crate::call::Call;
use crate::model::clock::iso_8601;
use crate::parts::Parts;
use crate::state::State;

entries! {
    "federated-provider-present",
        "Requests of federated sessions carry aws:FederatedProvider.",
        |parts| set(parts, "aws:FederatedProvider", |state, caller| Some(caller.issuer().arn(state)));
    "mfa-age-present",
        "Requests of federated sessions carry aws:MultiFactorAuthAge.",
        |parts| set(parts, "aws:MultiFactorAuthAge", |_, _| Some("0".to_owned()));
    "mfa-key-missing",
        "Requests of federated sessions carry no aws:MultiFactorAuthPresent.",
        |parts| set(parts, "aws:MultiFactorAuthPresent", |_, _| None);
    "mfa-key-true",
        "Requests of federated sessions carry aws:MultiFactorAuthPresent as true.",
        |parts| set(parts, "aws:MultiFactorAuthPresent", |_, _| Some("true".to_owned()));
    "principal-account-missing",
        "Requests of federated sessions carry no aws:PrincipalAccount.",
        |parts| set(parts, "aws:PrincipalAccount", |_, _| None);
    "principal-arn-of-issuer",
        "In requests of federated sessions aws:PrincipalArn is the issuer's ARN.",
        |parts| set(parts, "aws:PrincipalArn", |state, caller| Some(caller.issuer().arn(state)));
    "principal-type-user",
        "In requests of federated sessions aws:PrincipalType is User.",
        |parts| set(parts, "aws:PrincipalType", |_, _| Some("User".to_owned()));
    "source-identity-present",
        "Requests of federated sessions carry aws:SourceIdentity.",
        |parts| set(parts, "aws:SourceIdentity",
            |_, caller| caller.federated_name().map(str::to_owned));
    "token-issue-time-missing",
        "Requests of federated sessions carry no aws:TokenIssueTime.",
        |parts| set(parts, "aws:TokenIssueTime", |_, _| None);
    "userid-of-issuer",
        "In requests of federated sessions aws:userid is the issuer's unique id.",
        |parts| set(parts, "aws:userid", |state, caller| Some(caller.issuer().user_id(state)));
    "username-of-issuer",
        "Requests of federated sessions carry the issuer's aws:username.",
        |parts| set(parts, "aws:username",
            |_, caller| caller.user().map(|user| user.name.0.clone()));

    "issuer-tag-wins",
        "A session tag gives way to its issuer's tag of the same key.",
        |parts| edit_sessions(parts, |_, caller, context| insert_own_tags(context, caller));
    "issuer-tags-ignored-for-sessions",
        "Requests of federated sessions carry none of their issuer's tags.",
        |parts| edit_federated(parts, |_, caller, context| {
            for (key, _) in own_tags(caller) {
                remove(context, &principal_tag(key));
            }
            insert_session_tags(context, caller);
        });
    "session-tag-values-lowercased",
        "The values of session tags are changed to lower case.",
        |parts| edit_sessions(parts, |_, caller, context| {
            for (key, value) in session_tags(caller) {
                context.insert(&principal_tag(key), value.to_lowercase());
            }
        });
    "session-tags-ignored",
        "Session tags are accepted and then forgotten.",
        |parts| edit_sessions(parts, |_, caller, context| {
            for (key, _) in session_tags(caller) {
                remove(context, &principal_tag(key));
            }
            insert_own_tags(context, caller);
        });
    "token-issue-time-for-users",
        "Requests that are signed with long-term keys carry aws:TokenIssueTime, too.",
        |parts| parts.access.authorization.context.push(Box::new(|call, caller, context| {
            if caller.session().is_none() {
                context.insert("aws:TokenIssueTime", iso_8601(call.now));
            }
        }));
}

/// Changes the keys of one caller.
type Edit = fn(&Call<'_>, &Identity<'_>, &mut Context);

/// Changes the keys of every session.
fn edit_sessions(parts: &mut Parts, edit: Edit) {
    parts.access.authorization.context.push(Box::new(move |call, caller, context| {
        if caller.session().is_some() {
            edit(call, caller, context);
        }
    }));
}

/// Changes the keys of federated sessions.
fn edit_federated(parts: &mut Parts, edit: Edit) {
    parts.access.authorization.context.push(Box::new(move |call, caller, context| {
        if caller.federated_name().is_some() {
            edit(call, caller, context);
        }
    }));
}

/// Sets a key of federated sessions, or removes it if there is no value.
fn set(parts: &mut Parts, key: &'static str, value: fn(&State, &Identity<'_>) -> Option<String>) {
    parts.access.authorization.context.push(Box::new(move |call, caller, context| {
        if caller.federated_name().is_some() {
            context.insert_many(key, value(call.state, caller));
        }
    }));
}

fn remove(context: &mut Context, key: &str) {
    context.insert_many(key, None::<String>);
}
