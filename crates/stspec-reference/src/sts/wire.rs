//! What STS answers to requests that aren't calls.

use super::reply;
use crate::answer::Answer;
use crate::call::Call;
use crate::fault::Fault;

/// Where a request without an action is sent.
///
/// Source: `facts/sts.md`, WIRE-NOACTION.
const REDIRECT: &str = "https://aws.amazon.com/iam";

/// The answer to a request without an action; a GET keeps its query string.
pub(super) fn no_action(call: &Call<'_>) -> Answer {
    let query = &call.request.query;
    let lost = call.state.faults.has(Fault::RedirectWithoutQuery);
    let location = match (call.request.method.as_str(), query.as_str()) {
        ("GET", query) if !query.is_empty() && !lost => format!("{REDIRECT}?{query}"),
        _ => REDIRECT.to_owned(),
    };
    reply::with_ids(call, Answer::empty(302).header("location", location))
}

/// The answer to a path or method that leads to no operation.
///
/// Source: `facts/sts.md`, WIRE-PATH and WIRE-METHODS.
pub(super) fn unknown_operation(call: &Call<'_>) -> Answer {
    let usual = matches!(call.request.method.as_str(), "GET" | "POST");
    if !usual && call.state.faults.has(Fault::OtherMethodsNotAllowed) {
        return reply::with_ids(call, Answer::empty(405).header("allow", "GET, POST"));
    }
    let body = "<UnknownOperationException/>\n";
    reply::with_ids(call, Answer::with_body(404, "text/xml", body))
}

/// The answer to a browser that asks whether it may call.
///
/// Source: `facts/sts.md`, WIRE-METHODS.
pub(super) fn preflight(call: &Call<'_>) -> Answer {
    let answer = Answer::empty(200)
        .header("access-control-allow-origin", "*")
        .header("access-control-allow-methods", "POST");
    reply::with_ids(call, answer)
}
