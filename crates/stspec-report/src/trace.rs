//! Every exchange of a run as it went over the wire, without its secrets: one JSON object a line.

use serde::Serialize;
use stspec_verdict::{Redactor, TracedAnswer, TracedExchange};

/// The name and version of the format of a line.
pub const TRACE_SCHEMA: &str = "stspec/trace/v1";

/// How much of a body is written, in bytes.
///
/// Source: ours; no answer that a rule expects comes near, and a target that answers with a flood does
/// not fill the disk.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Renders exchanges in the order in which they were sent.
#[must_use]
pub fn trace(run: &str, exchanges: &[TracedExchange], secrets: &Redactor) -> String {
    let mut lines = String::new();
    for exchange in exchanges {
        lines += &written(&line(run, exchange, secrets));
        lines.push('\n');
    }
    lines
}

fn written(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("a line holds text and whole numbers only")
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    run: &'a str,
    about: String,
    at_us: u64,
    duration_us: u64,
    request: Request<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

#[derive(Serialize)]
struct Request<'a> {
    method: &'a str,
    url: String,
    headers: Vec<(String, String)>,
    body: Body,
}

#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

/// A body as text; bytes that are not UTF-8 are replaced.
#[derive(Serialize)]
struct Body {
    text: String,
    /// How long the whole body is.
    bytes: usize,
    /// Whether the text is only its beginning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

fn line<'a>(run: &'a str, exchange: &'a TracedExchange, secrets: &Redactor) -> Line<'a> {
    let text = |text: &str| secrets.redact(text).into_owned();
    let pairs = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| (text(name), text(value))).collect()
    };
    let answer = |answer: &TracedAnswer| Answer {
        status: answer.status,
        headers: pairs(&answer.headers),
        body: body(&answer.body, secrets),
    };
    Line {
        schema: TRACE_SCHEMA,
        run,
        about: text(&exchange.about),
        at_us: exchange.at_us,
        duration_us: exchange.duration_us,
        request: Request {
            method: &exchange.method,
            url: text(&exchange.url),
            headers: pairs(&exchange.headers),
            body: body(&exchange.body, secrets),
        },
        answer: exchange.answer.as_ref().ok().map(answer),
        missing: exchange.answer.as_ref().err().map(|reason| text(reason)),
    }
}

fn body(bytes: &[u8], secrets: &Redactor) -> Body {
    // Redacted before it is cut, because no scan recognises half a secret.
    let mut text = secrets.redact(&String::from_utf8_lossy(bytes)).into_owned();
    let end = text.floor_char_boundary(BODY_BYTES_MAX);
    let cut = end < text.len();
    text.truncate(end);
    Body { text, bytes: bytes.len(), cut }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SECRET: &str = "stspec/secret/of/this/test/000000000000001";

    fn traced(body: &[u8], answer: Result<TracedAnswer, String>) -> Value {
        let mut secrets = Redactor::default();
        secrets.register(SECRET);
        let exchange = TracedExchange {
            about: "a/rule/scenario/step".into(),
            at_us: 1,
            duration_us: 2,
            method: "POST".into(),
            url: format!("http://127.0.0.1/?k={}", SECRET.replace('/', "%2F")),
            headers: vec![("authorization".into(), format!("x, Signature={SECRET}"))],
            body: body.to_vec(),
            answer,
        };
        let text = trace("r2n", &[exchange], &secrets);
        assert_eq!((text.lines().count(), secrets.scan(&text)), (1, 0), "{text}");
        serde_json::from_str(&text).expect("a line of JSON")
    }

    fn answered(body: &[u8]) -> TracedAnswer {
        let headers = vec![("x-secret".into(), SECRET.into())];
        TracedAnswer { status: 403, headers, body: body.to_vec() }
    }

    #[test]
    fn a_line_tells_request_and_answer_without_secrets() {
        let line = traced(format!("Key={SECRET}&x=1").as_bytes(), Ok(answered(SECRET.as_bytes())));
        assert_eq!(line["schema"], TRACE_SCHEMA);
        assert_eq!(line["run"], "r2n");
        assert_eq!(line["about"], "a/rule/scenario/step");
        assert_eq!(line["request"]["url"], "http://127.0.0.1/?k=<redacted>");
        assert_eq!(line["request"]["headers"][0][1], "x, Signature=<redacted>");
        assert_eq!(line["request"]["body"]["text"], "Key=<redacted>&x=1");
        assert_eq!(line["answer"]["status"], 403);
        assert_eq!(line["answer"]["headers"][0][1], "<redacted>");
        assert_eq!(line["answer"]["body"]["text"], "<redacted>");
        assert!(line.get("missing").is_none());
    }

    #[test]
    fn a_missing_answer_says_why() {
        let line = traced(b"", Err(format!("reset while {SECRET}")));
        assert_eq!(line["missing"], "reset while <redacted>");
        assert!(line.get("answer").is_none());
    }

    #[test]
    fn a_flood_is_cut_and_a_secret_at_the_edge_goes_whole() {
        let at_edge = format!("{}{SECRET}", "é".repeat(BODY_BYTES_MAX / 2 - 4));
        let line = traced(&[0xff, b'a'], Ok(answered(at_edge.as_bytes())));
        let body = &line["answer"]["body"];
        assert_eq!((body["cut"].as_bool(), body["bytes"].as_u64()), (Some(true), Some(65_570)));
        let text = body["text"].as_str().expect("text");
        assert!(text.len() <= BODY_BYTES_MAX && !text.contains("stspec"), "{}", text.len());
        assert_eq!(line["request"]["body"]["text"], "\u{fffd}a");
        assert!(line["request"]["body"].get("cut").is_none());
    }
}
