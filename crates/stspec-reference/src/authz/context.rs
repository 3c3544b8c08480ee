//! The context keys of one request.

use stspec_iam::{Context, Principal};

use super::{Question, distort};
use crate::auth::identity::{Entity, Identity};
use crate::call::Call;
use crate::faults::Fault;
use crate::model::clock::iso_8601;
use crate::state::directory::Tags;

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
    insert_own_tags(context, call, caller);
    let Some(session) = caller.session() else {
        if call.state.faults.has(Fault::TokenIssueTimeForUsers) {
            context.insert("aws:TokenIssueTime", iso_8601(call.now));
        }
        return;
    };
    context.insert("aws:TokenIssueTime", iso_8601(session.issued_at));
    // Later than the user's or the role's own, so that the session tag wins.
    for (key, value) in session.kind.terms().into_iter().flat_map(|terms| &terms.tags) {
        if let Some(value) = distort::session_tag(call.state, value) {
            context.insert(&format!("aws:PrincipalTag/{key}"), value);
        }
    }
    if call.state.faults.has(Fault::IssuerTagWins) {
        insert_own_tags(context, call, caller);
    }
    distort::session_keys(call.state, caller, context);
}

/// The tags of the caller itself, or of who issued its session.
fn insert_own_tags(context: &mut Context, call: &Call<'_>, caller: &Identity<'_>) {
    let ignored = call.state.faults.has(Fault::IssuerTagsIgnoredForSessions);
    let tags = match caller.entity() {
        Entity::User(_) if ignored && caller.federated_name().is_some() => None,
        Entity::Root => None,
        Entity::User(user) => Some(&user.tags),
        Entity::Role(role) => Some(&role.tags),
    };
    for (key, value) in tags.into_iter().flat_map(Tags::iter) {
        context.insert(&format!("aws:PrincipalTag/{key}"), value);
    }
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
