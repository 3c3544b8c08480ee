//! What the target did, before judging: status, headers, body and how long it took.

mod body;
mod find;
mod json;
mod limits;
mod malformed;
mod node;
mod xml;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use stspec_scenario::Path;

pub use body::{Body, Content};
pub use find::Found;
pub(crate) use find::error_member;
pub use limits::{BODY_BYTES_MAX, DEPTH_MAX, NODES_MAX};
pub use malformed::MalformedBody;
pub use node::Node;

/// What came back for one request, if anything.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The target answered.
    Answer(Observation),
    /// It did not answer, or a client could not read the answer: connection refused, deadline passed, body
    /// limit exceeded, SDK could not parse it. Holds the reason.
    NoAnswer(String),
}

/// One answer of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The HTTP status.
    pub status: u16,
    /// Headers in the order of arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, parsed as far as it can be.
    pub body: Body,
    /// From the first byte sent to the last received, in microseconds.
    pub duration_us: u64,
}

impl Observation {
    /// Reads an answer; a body that cannot be parsed is kept as text with the reason.
    #[must_use]
    pub fn new(
        status: u16,
        headers: impl IntoIterator<Item = (String, String)>,
        body: &[u8],
        duration_us: u64,
    ) -> Self {
        let headers =
            headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        Self { status, headers, body: body::read(body), duration_us }
    }

    /// Returns the value at a path; `None` if there is none.
    ///
    /// - `status`
    /// - `headers.NAME`: several headers of one name are joined by a comma and a blank
    /// - `error`, `error.code`, `error.message`, `error.type`, `error.request_id`, and any other
    ///   member of the error by its own name: in the envelope of the query protocol, of S3 and in JSON
    /// - `result.A.B`: below `<Op>Result` in `<Op>Response`, or below the root of an S3 answer.
    ///   A number picks one of several elements of a name, counted from 1: `Users.member.2.UserName`;
    ///   without one it is the first. An error has no result.
    /// - `body.text`, `body.root`, `body.namespace`, `body.request_id`
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<Found<'_>> {
        find::find(self, path)
    }

    /// Returns the value of a header, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(each, _)| each.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the time of the `Date` header, if there is one that can be read.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        DateTimeParser::new().parse_timestamp(self.header("date")?).ok()
    }

    /// Describes in one line what the target answered, such as ``400 `ValidationError`: …``.
    #[must_use]
    pub fn summary(&self) -> String {
        let error = |member: &str| find::error_member(self, member);
        match (error("code"), error("message")) {
            (Some(code), Some(message)) => format!("{} `{code}`: {message}", self.status),
            (Some(code), None) => format!("{} `{code}`, without a message", self.status),
            (None, _) => format!("{} with {}", self.status, self.body.words()),
        }
    }
}

impl Observed {
    /// Describes in one line what came back.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Answer(observation) => observation.summary(),
            Self::NoAnswer(reason) => format!("no answer: {reason}"),
        }
    }

    /// Returns how long the answer took in microseconds; 0 if there was none.
    #[must_use]
    pub fn duration_us(&self) -> u64 {
        match self {
            Self::Answer(observation) => observation.duration_us,
            Self::NoAnswer(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], body: &str) -> Observation {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Observation::new(403, headers, body.as_bytes(), 7)
    }

    #[track_caller]
    fn check_date(value: &str, expected: Option<&str>) {
        let date = answer(&[("Date", value)], "").date().map(|date| date.to_string());
        assert_eq!(date.as_deref(), expected);
    }

    #[test]
    fn the_date_of_an_http_header_is_read() {
        check_date("Sat, 21 Nov 2026 20:51:07 GMT", Some("2026-11-21T20:51:07Z"));
    }

    #[test]
    fn a_date_with_another_format_is_no_date() {
        check_date("2026-11-21T20:51:07Z", None);
        check_date("", None);
        check_date("yesterday", None);
    }

    #[test]
    fn an_answer_without_a_date_has_none() {
        assert_eq!(answer(&[], "").date(), None);
    }

    #[test]
    fn header_names_are_kept_in_lower_case() {
        let observation = answer(&[("X-Amzn-RequestId", "7")], "");
        assert_eq!(observation.headers, [("x-amzn-requestid".to_owned(), "7".to_owned())]);
        assert_eq!(observation.header("X-AMZN-REQUESTID"), Some("7"));
    }

    #[test]
    fn summary_names_code_and_message_of_an_error() {
        let body = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
        assert_eq!(answer(&[], body).summary(), "403 `AccessDenied`: No.");
    }

    #[test]
    fn summary_says_what_the_body_is_when_there_is_no_error_in_it() {
        assert_eq!(answer(&[], "").summary(), "403 with an empty body");
        assert_eq!(answer(&[], "<A><B/></A>").summary(), "403 with XML `A`");
        assert_eq!(answer(&[], "hello").summary(), "403 with 5 characters of text");
    }
}
