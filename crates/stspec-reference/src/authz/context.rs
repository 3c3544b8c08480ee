//! The context keys of one request.

use stspec_iam::{Context, Principal};

use super::Question;
use crate::auth::identity::{Entity, Identity};
use crate::call::Call;
use crate::model::clock::iso_8601;
use crate::state::directory::Tags;

/// Changes the context keys of a caller.
pub(crate) type ContextEdit = Box<dyn Fn(&Call<'_>, &Identity<'_>, &mut Context) + Send + Sync>;

/// The keys that AWS documents for every request, and the service's own.
///
/// Source: IAM User Guide, "AWS global condition context keys"; for federated sessions
/// `docs/evidence/iam.md`, IAM-CTX-01 to IAM-CTX-09.
pub(super) fn of(call: &Call<'_>, principal: &Principal, question: &Question<'_>) -> Context {
    let mut context = Context::of(principal);
    if let Some(caller) = question.caller {
        insert_caller(&mut context, call, caller);
    }
    context.insert("aws:CurrentTime", iso_8601(call.now));
    context.insert("aws:EpochTime", call.now.as_second().to_string());
    context.insert("aws:SourceIp", call.peer.to_string());
    context.insert("aws:SecureTransport", "false");
    context.insert("aws:ViaAWSService", "false");
    context.insert("aws:PrincipalIsAWSService", "false");
    for (key, header) in [("aws:UserAgent", "user-agent"), ("aws:Referer", "referer")] {
        if let Some(value) = call.request.header(header) {
            context.insert(key, value);
        }
    }
    if let Some(presented) = call.presented() {
        context.insert("aws:RequestedRegion", presented.scope.region());
    }
    for (key, value) in question.request_tags {
        context.insert(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    context.insert_many("aws:TagKeys", question.request_tags.iter().map(|(key, _)| key.as_str()));
    for (key, value) in question.service_keys {
        context.insert(key, value.as_str());
    }
    context
}

fn insert_caller(context: &mut Context, call: &Call<'_>, caller: &Identity<'_>) {
    context.insert("aws:PrincipalArn", principal_arn(call, caller));
    context.insert("aws:userid", caller.user_id(call.state));
    insert_own_tags(context, caller);
    if let Some(session) = caller.session() {
        context.insert("aws:TokenIssueTime", iso_8601(session.issued_at));
        // Later than the user's or the role's own, so that the session tag wins.
        insert_session_tags(context, caller);
    }
}

/// Inserts the tags of the caller itself, or of who issued its session.
pub(crate) fn insert_own_tags(context: &mut Context, caller: &Identity<'_>) {
    for (key, value) in own_tags(caller) {
        context.insert(&principal_tag(key), value);
    }
}

/// Inserts the tags that were passed to the caller's session.
pub(crate) fn insert_session_tags(context: &mut Context, caller: &Identity<'_>) {
    for (key, value) in session_tags(caller) {
        context.insert(&principal_tag(key), value.as_str());
    }
}

/// The tags of the caller itself, or of who issued its session.
pub(crate) fn own_tags<'a>(caller: &Identity<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let tags = match caller.entity() {
        Entity::Root => None,
        Entity::User(user) => Some(&user.tags),
        Entity::Role(role) => Some(&role.tags),
    };
    tags.into_iter().flat_map(Tags::iter)
}

/// The tags that were passed to the caller's session.
pub(crate) fn session_tags<'a>(caller: &'a Identity<'_>) -> &'a [(String, String)] {
    let parameters = caller.session().and_then(|session| session.kind.terms());
    parameters.map_or(&[], |parameters| &parameters.tags)
}

/// The context key of a caller's tag.
pub(crate) fn principal_tag(key: &str) -> String {
    format!("aws:PrincipalTag/{key}")
}

/// The value of `aws:PrincipalArn`: for a role session the role's ARN.
///
/// Source: IAM User Guide, "AWS global condition context keys", `aws:PrincipalArn`.
fn principal_arn(call: &Call<'_>, caller: &Identity<'_>) -> String {
    match caller.entity() {
        Entity::Role(role) => role.arn.clone(),
        Entity::Root | Entity::User(_) => caller.arn(call.state),
    }
}
