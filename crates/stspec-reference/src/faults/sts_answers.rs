//! Mistakes about how STS writes its answers.

use bytes::Bytes;
use serde_json::Value as Json;

use super::entry::entries;
use crate::call::Call;
use crate::parts::Parts;
use crate::wire::answer::Answer;
use crate::wire::xml;

/// The id of every request under a mistake.
const STATIC_REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// The answer to a path that leads nowhere, which is not a document.
const UNKNOWN_OPERATION: &str = "<UnknownOperationException/>";

entries! {
    "answer-without-line-feed",
        "STS answers don't end with a line feed.",
        |parts| edit_document(parts, |_, body| body.trim_end().to_owned());
    "content-type-json",
        "STS answers are XML, but labelled application/json.",
        |parts| parts.sts.answers.edit_finished(|_, answer| {
            if document(answer).is_some() {
                edit_header(answer, "content-type", |_| "application/json".to_owned());
            }
        });
    "error-envelope-missing",
        "STS errors stand without their ErrorResponse.",
        |parts| edit_document(parts, |_, body| without_envelope(body));
    "error-type-receiver",
        "STS errors blame the receiver instead of the sender.",
        |parts| parts.sts.answers.edit_errors(|_, error| error.error_type = "Receiver");
    "extended-request-id-missing",
        "STS answers lack the header x-amz-sts-extended-request-id.",
        |parts| parts.sts.answers.edit_finished(|_, answer| {
            remove_header(answer, "x-amz-sts-extended-request-id");
        });
    "json-ignored",
        "STS answers are XML also where JSON was asked for.",
        |parts| parts.sts.requests.wants_json = |_| false;
    "malformed-policy-code-suffixed",
        "A malformed policy is refused with the code MalformedPolicyDocumentException.",
        |parts| parts.sts.answers.edit_errors(|_, error| {
            if error.code == "MalformedPolicyDocument" {
                error.code = "MalformedPolicyDocumentException";
            }
        });
    "messages-reworded",
        "STS errors say that the request was refused, and not what is wrong with it.",
        |parts| parts.sts.answers.edit_errors(|_, error| {
            error.message = Some("Request refused".to_owned());
        });
    "namespace-missing",
        "STS answers declare no XML namespace.",
        |parts| edit_document(parts, |_, body| without_namespace(body));
    "other-methods-not-allowed",
        "Methods other than GET and POST are refused with status 405.",
        |parts| parts.sts.answers.edit_finished(|call, answer| {
            let usual = matches!(call.request.method.as_str(), "GET" | "POST");
            if !usual && answer.body.starts_with(UNKNOWN_OPERATION.as_bytes()) {
                (answer.status, answer.body) = (405, Bytes::new());
                remove_header(answer, "content-type");
                answer.headers.push(("allow".into(), "GET, POST".to_owned()));
            }
        });
    "redirect-without-query",
        "A GET without an action loses its query string where it is redirected.",
        |parts| parts.sts.answers.edit_finished(|_, answer| {
            edit_header(answer, "location", |url| url.split('?').next().unwrap_or(url).to_owned());
        });
    "request-id-header-differs",
        "The header x-amzn-RequestId differs from the RequestId in the body.",
        |parts| parts.sts.answers.edit_finished(|call, answer| {
            let other = call.state.ids.request_id();
            edit_header(answer, "x-amzn-requestid", |_| other.clone());
        });
    "request-id-missing",
        "The body of an STS answer holds no RequestId.",
        |parts| edit_document(parts, |_, body| without_request_id(body));
    "request-id-outside-metadata",
        "RequestId stands beside the result instead of in ResponseMetadata.",
        |parts| edit_document(parts, |_, body| {
            body.replace("  <ResponseMetadata>\n    ", "  ").replace("\n  </ResponseMetadata>", "")
        });
    "request-id-static",
        "Every STS answer has the same RequestId.",
        |parts| {
            edit_document(parts, |call, body| body.replace(&call.request_id, STATIC_REQUEST_ID));
            parts.sts.answers.edit_finished(|_, answer| {
                edit_header(answer, "x-amzn-requestid", |_| STATIC_REQUEST_ID.to_owned());
            });
        };
    "xml-declaration",
        "STS answers start with an XML declaration.",
        |parts| edit_document(parts, |_, body| {
            let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
            if body.starts_with('<') { format!("{declaration}{body}") } else { body.to_owned() }
        });
    "xml-unescaped",
        "STS errors are written without escaping markup.",
        |parts| parts.sts.answers.edit_finished(|_, answer| {
            if let Some(body) = document(answer).filter(|body| body.starts_with("<ErrorResponse")) {
                answer.body = xml::unescape(&body).into();
            }
        });
}

/// Changes the document of results and errors, XML or JSON.
fn edit_document(parts: &mut Parts, edit: fn(&Call<'_>, &str) -> String) {
    parts.sts.answers.edit_finished(move |call, answer| {
        if let Some(body) = document(answer) {
            answer.body = edit(call, &body).into();
        }
    });
}

/// The document of a result or an error; `None` for other answers.
fn document(answer: &Answer) -> Option<String> {
    let body = String::from_utf8(answer.body.to_vec()).ok()?;
    (!body.is_empty() && !body.starts_with(UNKNOWN_OPERATION)).then_some(body)
}

fn edit_header(answer: &mut Answer, name: &str, edit: impl Fn(&str) -> String) {
    for (header, value) in &mut answer.headers {
        if header == name {
            *value = edit(value);
        }
    }
}

fn remove_header(answer: &mut Answer, name: &str) {
    answer.headers.retain(|(header, _)| header != name);
}

/// An error with `Error` as its root.
fn without_envelope(body: &str) -> String {
    let Some((root, rest)) = body.split_once('\n').filter(|(root, _)| is_envelope(root)) else {
        return body.to_owned();
    };
    let root = root.replacen("<ErrorResponse", "<Error", 1);
    let inner = rest.replacen("  <Error>\n", "", 1).replacen("  </Error>\n", "", 1);
    format!("{root}\n{}", inner.replacen("</ErrorResponse>", "</Error>", 1))
}

fn is_envelope(root: &str) -> bool {
    root.starts_with("<ErrorResponse")
}

/// A document whose root declares no namespace.
fn without_namespace(body: &str) -> String {
    match (body.find(" xmlns=\""), body.find('>')) {
        (Some(start), Some(end)) if start < end => {
            let (before, rest) = body.split_at(start);
            let (_, after) = rest.split_at(end - start);
            format!("{before}{after}")
        }
        _ => body.to_owned(),
    }
}

fn without_request_id(body: &str) -> String {
    if let Ok(mut json) = serde_json::from_str::<Json>(body) {
        for member in json.as_object_mut().into_iter().flat_map(|json| json.values_mut()) {
            member.as_object_mut().map(|member| member.remove("ResponseMetadata"));
        }
        json.as_object_mut().map(|json| json.remove("RequestId"));
        return json.to_string();
    }
    let lines = body.lines().filter(|line| {
        let line = line.trim_start();
        !["<RequestId>", "<ResponseMetadata>", "</ResponseMetadata>"]
            .iter()
            .any(|element| line.starts_with(element))
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}
