//! Servers that answer without looking, to show which rules would not notice.

use bytes::Bytes;

use super::entry::entries;
use crate::authz::Access;
use crate::call::Call;
use crate::parts::Parts;
use crate::sts::error::StsError;
use crate::sts::{Rules, StsRequest, get_caller_identity, operation, reply, served};
use crate::wire::answer::{Answer, Delivery};

/// Length of an answer of random bytes, in words of eight.
const NOISE_WORDS: usize = 32;

entries! {
    "null-access-denied",
        "Every STS request but root's GetCallerIdentity is answered with AccessDenied.",
        |parts| answer_all(parts, |call, rules| {
            reply::failure(call, rules, &StsError::access_denied("Access denied"))
        });
    "null-closing",
        "The connection is closed on every STS request but root's GetCallerIdentity.",
        |parts| answer_all(parts, |_, _| Answer::empty(200).delivered(Delivery::HungUp));
    "null-echo",
        "Every STS request but root's GetCallerIdentity is answered with its own body.",
        |parts| answer_all(parts, |call, _| with_body(call, call.request.body.clone()));
    "null-garbage",
        "Every STS request but root's GetCallerIdentity is answered with random bytes.",
        |parts| answer_all(parts, |call, _| with_body(call, call.state.ids.noise(NOISE_WORDS)));
    "null-identity",
        "GetCallerIdentity shows everybody as root, and all else in STS succeeds with no body.",
        |parts| parts.sts.requests.stub = Some(Box::new(|call, _, rules, request| {
            Some(if is_identity(request) {
                roots_identity(call, rules)
            } else {
                with_body(call, Bytes::new())
            })
        }));
    "null-internal-error",
        "Every STS request but root's GetCallerIdentity is answered with status 500.",
        |parts| answer_all(parts, |call, rules| {
            let error = StsError::new(500, "InternalFailure", "Internal failure");
            reply::failure(call, rules, &error)
        });
    "null-silent",
        "Every STS request but root's GetCallerIdentity is never answered.",
        |parts| answer_all(parts, |_, _| Answer::empty(200).delivered(Delivery::Never));
    "null-success",
        "Every STS request but root's GetCallerIdentity is answered with an empty success.",
        |parts| answer_all(parts, |call, _| with_body(call, "<Ok/>\n"));
    "null-truncated",
        "Every STS answer but that to root's GetCallerIdentity breaks off in the middle.",
        |parts| parts.sts.requests.stub = Some(Box::new(|call, access, rules, request| {
            (!is_roots_identity(call, request))
                .then(|| served(call, access, rules, request).delivered(Delivery::Truncated))
        }));
    "null-validation-error",
        "Every STS request but root's GetCallerIdentity is answered with ValidationError.",
        |parts| answer_all(parts, |call, rules| {
            reply::failure(call, rules, &StsError::validation("1 validation error detected"))
        });
}

/// Gives one answer to everything but root's `GetCallerIdentity`.
///
/// Without that exception a run would end before it checks anything. Root is recognised by its
/// access key id alone, because a null server checks nothing.
fn answer_all(parts: &mut Parts, answer: fn(&Call<'_>, &Rules) -> Answer) {
    parts.sts.requests.stub = Some(Box::new(move |call, _: &Access, rules, request| {
        (!is_roots_identity(call, request)).then(|| answer(call, rules))
    }));
}

fn is_identity(request: &StsRequest) -> bool {
    matches!(request, StsRequest::Call(params) if params.get("Action") == Some("GetCallerIdentity"))
}

fn is_roots_identity(call: &Call<'_>, request: &StsRequest) -> bool {
    let root = &call.state.root.access_key_id;
    is_identity(request)
        && call.presented().is_some_and(|presented| presented.access_key_id == *root)
}

fn roots_identity(call: &Call<'_>, rules: &Rules) -> Answer {
    let members = get_caller_identity::root(call.state);
    match operation::find("GetCallerIdentity") {
        Some(operation) => reply::success(call, rules, operation, &members),
        None => with_body(call, Bytes::new()),
    }
}

fn with_body(call: &Call<'_>, body: impl Into<Bytes>) -> Answer {
    reply::with_ids(call, Answer::with_body(200, "text/xml", body))
}
