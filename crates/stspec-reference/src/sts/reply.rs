//! How STS puts results and errors on the wire, as XML or as JSON.

use http::header::ACCEPT;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::error::{NAMESPACE, StsError};
use super::operation::Operation;
use crate::faults::Fault;
use crate::model::clock::iso_8601;
use crate::sts::StsCall;
use crate::wire::answer::Answer;
use crate::wire::xml;

/// Content type of XML answers, without a charset.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-CT.
const CONTENT_TYPE: &str = "text/xml";

/// The content type that asks for JSON.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-JSON.
const JSON: &str = "application/json";

/// The id of every request under `request-id-static`.
const STATIC_REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// A named part of a result.
pub(crate) type Field = (&'static str, Value);

/// A part of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A point in time: ISO 8601 in XML, seconds since 1970 in JSON.
    Time(Timestamp),
    /// Parts of its own.
    Group(Vec<Field>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The answer with this result.
pub(crate) fn success(call: &StsCall<'_>, operation: Operation, result: &[Field]) -> Answer {
    if wants_json(call) {
        let mut response = Map::new();
        response.insert(operation.result_element().to_owned(), json_of(result));
        if let Some(id) = printed_request_id(call) {
            response.insert("ResponseMetadata".to_owned(), json!({ "RequestId": id }));
        }
        return written(
            call,
            200,
            JSON,
            json!({ operation.response_element(): response }).to_string(),
        );
    }
    let mut document = new_document(call);
    open_root(call, &mut document, operation.response_element(), NAMESPACE);
    document.open(operation.result_element());
    write_fields(&mut document, result, call.state.faults.has(Fault::ExpirationEpoch));
    document.close(operation.result_element());
    match printed_request_id(call) {
        Some(id) if call.state.faults.has(Fault::RequestIdOutsideMetadata) => {
            document.leaf("RequestId", id);
        }
        Some(id) => {
            document.open("ResponseMetadata").leaf("RequestId", id).close("ResponseMetadata");
        }
        None => {}
    }
    document.close(operation.response_element());
    written(call, 200, CONTENT_TYPE, document.finish())
}

/// The answer to a refused request.
pub(crate) fn failure(call: &StsCall<'_>, error: &StsError) -> Answer {
    let receiver = error.status >= 500 || call.state.faults.has(Fault::ErrorTypeReceiver);
    let blamed = if receiver { "Receiver" } else { "Sender" };
    let reworded =
        call.state.faults.has(Fault::MessagesReworded).then(|| "Request refused".to_owned());
    let message = reworded.as_ref().or(error.message.as_ref());
    if wants_json(call) {
        let mut document = json!({ "Error": { "Code": error.code, "Type": blamed } });
        if let (Some(message), Some(inner)) = (message, document.pointer_mut("/Error"))
            && let Some(inner) = inner.as_object_mut()
        {
            inner.insert("Message".to_owned(), json!(message));
        }
        if let (Some(id), Some(outer)) = (printed_request_id(call), document.as_object_mut()) {
            outer.insert("RequestId".to_owned(), json!(id));
        }
        return written(call, error.status, JSON, document.to_string());
    }
    let bare = call.state.faults.has(Fault::ErrorEnvelopeMissing);
    let mut document = new_document(call);
    if bare {
        open_root(call, &mut document, "Error", error.namespace);
    } else {
        open_root(call, &mut document, "ErrorResponse", error.namespace);
        document.open("Error");
    }
    document.leaf("Type", blamed).leaf("Code", error.code).leaf_if("Message", message);
    for (name, text) in error.shown.iter().filter(|_| !bare) {
        document.leaf(name, text);
    }
    if bare {
        document.leaf_if("RequestId", printed_request_id(call)).close("Error");
    } else {
        document.close("Error").leaf_if("RequestId", printed_request_id(call));
        document.close("ErrorResponse");
    }
    let body = document.finish();
    let unescaped = call.state.faults.has(Fault::XmlUnescaped);
    let body = if unescaped { xml::unescape(&body) } else { body };
    written(call, error.status, CONTENT_TYPE, body)
}

fn new_document(call: &StsCall<'_>) -> xml::Writer {
    let declared = call.state.faults.has(Fault::XmlDeclaration);
    if declared { xml::Writer::with_declaration() } else { xml::Writer::new() }
}

/// Adds what every answer of STS carries in its head.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-REQID and RSP-EXTREQID.
pub(crate) fn with_ids(call: &StsCall<'_>, answer: Answer) -> Answer {
    let ids = &call.state.ids;
    let faults = &call.state.faults;
    let id = match () {
        () if faults.has(Fault::RequestIdHeaderDiffers) => ids.request_id(),
        () if faults.has(Fault::RequestIdStatic) => STATIC_REQUEST_ID.to_owned(),
        () => call.call.request_id.clone(),
    };
    let answer = answer.header("x-amzn-requestid", id);
    if faults.has(Fault::ExtendedRequestIdMissing) {
        return answer;
    }
    let extended = ids.extended_request_id(&call.state.region, call.call.now);
    answer.header("x-amz-sts-extended-request-id", extended)
}

fn written(call: &StsCall<'_>, status: u16, content_type: &str, mut body: String) -> Answer {
    if call.state.faults.has(Fault::AnswerWithoutLineFeed) {
        body.truncate(body.trim_end().len());
    }
    let mislabelled = call.state.faults.has(Fault::ContentTypeJson);
    let content_type = if mislabelled { JSON } else { content_type };
    with_ids(call, Answer::with_body(status, content_type, body))
}

fn wants_json(call: &StsCall<'_>) -> bool {
    let asked = call.request.header(ACCEPT).is_some_and(|accept| accept.trim() == JSON);
    asked && !call.state.faults.has(Fault::JsonIgnored)
}

fn printed_request_id<'a>(call: &'a StsCall<'_>) -> Option<&'a str> {
    let faults = &call.state.faults;
    match () {
        () if faults.has(Fault::RequestIdMissing) => None,
        () if faults.has(Fault::RequestIdStatic) => Some(STATIC_REQUEST_ID),
        () => Some(call.call.request_id.as_str()),
    }
}

fn open_root(call: &StsCall<'_>, document: &mut xml::Writer, name: &'static str, namespace: &str) {
    if call.state.faults.has(Fault::NamespaceMissing) {
        document.open(name);
    } else {
        document.open_in(name, namespace);
    }
}

fn write_fields(document: &mut xml::Writer, fields: &[Field], epoch: bool) {
    for (name, value) in fields {
        match value {
            Value::Text(text) => document.leaf(name, text),
            Value::Number(number) => document.leaf(name, number.to_string()),
            Value::Time(time) if epoch => document.leaf(name, time.as_second().to_string()),
            Value::Time(time) => document.leaf(name, iso_8601(*time)),
            Value::Group(fields) => {
                document.open(name);
                write_fields(document, fields, epoch);
                document.close(name)
            }
        };
    }
}

fn json_of(fields: &[Field]) -> Json {
    let pairs = fields.iter().map(|(name, value)| {
        let value = match value {
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
            Value::Time(time) => json!(time.as_second()),
            Value::Group(fields) => json_of(fields),
        };
        ((*name).to_owned(), value)
    });
    Json::Object(pairs.collect())
}
