//! How STS puts results and errors on the wire, as XML or as JSON.

use http::header::ACCEPT;
use serde_json::{Map, Value as Json, json};

use super::Rules;
use super::error::{NAMESPACE, StsError};
use super::members::{Member, Value};
use super::operation::Operation;
use crate::call::Call;
use crate::model::clock::iso_8601;
use crate::wire::answer::Answer;
use crate::wire::request::Request;
use crate::wire::xml;

/// Content type of XML answers, without a charset.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-CT.
const CONTENT_TYPE: &str = "text/xml";

/// The content type that asks for JSON.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-JSON.
const JSON: &str = "application/json";

/// The answer with this result.
pub(crate) fn success(
    call: &Call<'_>,
    rules: &Rules,
    operation: &Operation,
    members: &[Member],
) -> Answer {
    if (rules.requests.wants_json)(call.request) {
        return written(call, 200, JSON, success_json(call, operation, members).to_string());
    }
    let mut document = xml::Writer::new();
    document.open_in(operation.response, NAMESPACE).open(operation.result);
    write_members(&mut document, members);
    document.close(operation.result).open("ResponseMetadata");
    document.leaf("RequestId", &call.request_id).close("ResponseMetadata");
    document.close(operation.response);
    written(call, 200, CONTENT_TYPE, document.finish())
}

fn success_json(call: &Call<'_>, operation: &Operation, members: &[Member]) -> Json {
    let mut response = Map::new();
    response.insert(operation.result.to_owned(), json_of(members));
    response.insert("ResponseMetadata".to_owned(), json!({ "RequestId": call.request_id }));
    json!({ operation.response: response })
}

/// The answer to a refused request.
pub(crate) fn failure(call: &Call<'_>, rules: &Rules, error: &StsError) -> Answer {
    if (rules.requests.wants_json)(call.request) {
        return written(call, error.status, JSON, failure_json(call, error).to_string());
    }
    let mut document = xml::Writer::new();
    document.open_in("ErrorResponse", error.namespace).open("Error");
    document.leaf("Type", error.error_type).leaf("Code", error.code);
    document.leaf_if("Message", error.message.as_ref());
    for (name, text) in &error.details {
        document.leaf(name, text);
    }
    document.close("Error").leaf("RequestId", &call.request_id).close("ErrorResponse");
    written(call, error.status, CONTENT_TYPE, document.finish())
}

fn failure_json(call: &Call<'_>, error: &StsError) -> Json {
    let mut inner = Map::new();
    inner.insert("Code".to_owned(), json!(error.code));
    inner.insert("Type".to_owned(), json!(error.error_type));
    if let Some(message) = &error.message {
        inner.insert("Message".to_owned(), json!(message));
    }
    json!({ "Error": inner, "RequestId": call.request_id })
}

/// Adds the ids that every answer of STS has in its head.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-REQID and RSP-EXTREQID.
pub(crate) fn with_ids(call: &Call<'_>, answer: Answer) -> Answer {
    let extended = call.state.ids.extended_request_id(&call.state.region, call.now);
    answer
        .header("x-amzn-requestid", call.request_id.clone())
        .header("x-amz-sts-extended-request-id", extended)
}

/// Whether a request asks for JSON.
pub(crate) fn accepts_json(request: &Request) -> bool {
    request.header(ACCEPT).is_some_and(|accept| accept.trim() == JSON)
}

fn written(call: &Call<'_>, status: u16, content_type: &str, body: String) -> Answer {
    with_ids(call, Answer::with_body(status, content_type, body))
}

fn write_members(document: &mut xml::Writer, members: &[Member]) {
    for Member { name, value } in members {
        match value {
            Value::Text(text) => document.leaf(name, text),
            Value::Number(number) => document.leaf(name, number.to_string()),
            Value::Time(time) => document.leaf(name, iso_8601(*time)),
            Value::Group(members) => {
                document.open(name);
                write_members(document, members);
                document.close(name)
            }
        };
    }
}

fn json_of(members: &[Member]) -> Json {
    let pairs = members.iter().map(|member| {
        let value = match &member.value {
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
            Value::Time(time) => json!(time.as_second()),
            Value::Group(members) => json_of(members),
        };
        (member.name.to_owned(), value)
    });
    Json::Object(pairs.collect())
}
