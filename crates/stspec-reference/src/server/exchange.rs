//! One request in, one answer out: between hyper's types and ours.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, DATE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;

use crate::model::clock::http_date;
use crate::wire::answer::{Answer, Delivery};
use crate::wire::request::Request;

use super::Connection;
use super::body::{AnswerBody, HungUp};
use super::start::Server;

/// Largest body that is read.
///
/// Ours: it holds the largest object that the S3 side keeps, in chunks with signatures. AWS takes
/// query requests of about ten million bytes (`docs/evidence/get-federation-token.md`,
/// WIRE-LIMITS).
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How long a request that is never answered keeps its connection: longer than clients wait.
const SILENCE: Duration = Duration::from_mins(2);

/// Reads the body, answers the request, and writes the answer.
pub(super) async fn exchange(
    connection: &Connection,
    request: http::Request<Incoming>,
) -> Result<Response<AnswerBody>, HungUp> {
    let Connection { server, peer, activity, stopped } = connection;
    let _guard = activity.guard();
    let answer = match read(server, request).await {
        Ok(request) => server.answer(&request, *peer),
        Err(refusal) => {
            activity.refuse_body();
            refusal
        }
    };
    match answer.delivery {
        Delivery::Whole | Delivery::Truncated => Ok(response(answer, server.state.clock.now())),
        Delivery::Never => {
            let mut stopped = stopped.clone();
            // Either way there is nobody left to answer.
            let _ = tokio::time::timeout(SILENCE, stopped.changed()).await;
            Err(HungUp)
        }
        Delivery::HungUp => Err(HungUp),
    }
}

async fn read(server: &Server, request: http::Request<Incoming>) -> Result<Request, Answer> {
    let (head, body) = request.into_parts();
    let announced = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse().ok()).is_some_and(too_long) {
        return Err(closing(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let whole = Limited::new(body, BODY_BYTES_MAX).collect();
    let body = match tokio::time::timeout(server.limits.body_read_timeout, whole).await {
        Err(_) => return Err(closing(StatusCode::REQUEST_TIMEOUT)),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(closing(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Ok(Err(_)) => return Err(closing(StatusCode::BAD_REQUEST)),
        Ok(Ok(body)) => body.to_bytes(),
    };
    Ok(Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    })
}

fn too_long(length: u64) -> bool {
    usize::try_from(length).map_or(true, |length| length > BODY_BYTES_MAX)
}

/// An answer after which the connection is of no use, because part of a body is still under way.
fn closing(status: StatusCode) -> Answer {
    Answer::empty(status.as_u16()).header("connection", "close")
}

fn response(answer: Answer, now: Timestamp) -> Response<AnswerBody> {
    let mut headers = HeaderMap::with_capacity(answer.headers.len() + 1);
    for (name, value) in answer.headers {
        let name = match name {
            Cow::Borrowed(name) => Ok(HeaderName::from_static(name)),
            Cow::Owned(name) => HeaderName::try_from(name),
        };
        // What HTTP can't carry is left out rather than answered with a broken head.
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    if let Ok(date) = HeaderValue::try_from(http_date(now)) {
        headers.insert(DATE, date);
    }
    let mut response = Response::new(match answer.delivery {
        Delivery::Truncated => AnswerBody::truncated(&answer.body),
        _ => AnswerBody::whole(answer.body),
    });
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}
