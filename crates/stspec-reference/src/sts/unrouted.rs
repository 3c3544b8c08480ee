//! What STS answers to requests that call no operation.

use super::reply;
use crate::call::Call;
use crate::wire::answer::Answer;

/// Where a request without an action is sent.
///
/// Source: `docs/evidence/get-federation-token.md`, WIRE-NOACTION.
const REDIRECT: &str = "https://aws.amazon.com/iam";

/// The answer to a request without an action; a GET keeps its query string.
pub(crate) fn no_action(call: &Call<'_>) -> Answer {
    let location = match (call.request.method.as_str(), call.request.query.as_str()) {
        ("GET", query) if !query.is_empty() => format!("{REDIRECT}?{query}"),
        _ => REDIRECT.to_owned(),
    };
    reply::with_ids(call, Answer::empty(302).header("location", location))
}

/// The answer to a path or method that leads to no operation.
///
/// Source: `docs/evidence/get-federation-token.md`, WIRE-PATH and WIRE-METHODS.
pub(crate) fn unknown_operation(call: &Call<'_>) -> Answer {
    let body = "<UnknownOperationException/>\n";
    reply::with_ids(call, Answer::with_body(404, "text/xml", body))
}

/// The answer to a browser that asks whether it may call.
///
/// Source: `docs/evidence/get-federation-token.md`, WIRE-METHODS.
pub(crate) fn preflight(call: &Call<'_>) -> Answer {
    let answer = Answer::empty(200)
        .header("access-control-allow-origin", "*")
        .header("access-control-allow-methods", "POST");
    reply::with_ids(call, answer)
}
