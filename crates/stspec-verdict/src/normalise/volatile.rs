//! Which values change from run to run, recognised by the name of their element or by their form.

use std::sync::LazyLock;

use jiff::Timestamp;
use regex::{Captures, Regex};

use super::form;
use super::values::{self, NamedValue};
use crate::matcher::read_time;

/// What the placeholder of a value depends on besides the value.
pub(super) struct Context<'a> {
    /// The answer's `Date` header.
    pub(super) date: Option<Timestamp>,
    /// The `DurationSeconds` of the request.
    pub(super) duration_seconds: Option<i64>,
    /// Values of the run, longest first.
    pub(super) values: &'a [&'a NamedValue],
}

/// Normalises the value of an element or a header, by its name and by its form.
pub(super) fn value(name: &str, text: &str, context: &Context<'_>) -> String {
    if text.is_empty() {
        return String::new();
    }
    let chars = text.chars().count();
    match name {
        "SecretAccessKey" => format!("<secret {} {chars}>", form::of(text)),
        "SessionToken" => format!("<token {}>", form::of(text)),
        "Expiration" => expiry(text, context),
        "RequestId" | "RequestID" | "x-amzn-requestid" | "x-amz-request-id" => {
            format!("<request-id {}>", form::of(text))
        }
        "HostId" | "x-amz-id-2" => format!("<host-id {}>", form::of(text)),
        "x-amz-sts-extended-request-id" => format!("<extended-request-id {}>", form::of(text)),
        // What S3 prints of a signature that does not match depends on date, host and key.
        "SignatureProvided"
        | "StringToSign"
        | "StringToSignBytes"
        | "CanonicalRequest"
        | "CanonicalRequestBytes" => format!("<{name}>"),
        "AccessKeyId" | "AWSAccessKeyId" => access_key_id(text, chars, context.values),
        _ => self::text(text, context.values),
    }
}

/// Normalises free text: values of the run first, then whatever has a volatile form.
pub(super) fn text(text: &str, values: &[&NamedValue]) -> String {
    let text = values::replace(text, values);
    VOLATILE.replace_all(&text, placeholder).into_owned()
}

/// Values that are volatile wherever they occur.
static VOLATILE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?<date> \b [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2} (?:\.[0-9]+)? Z
               | \b [0-9]{8}T[0-9]{6}Z \b
               | \b (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\ [0-9]{2}\ [A-Z][a-z]{2}\ [0-9]{4}
                 \ [0-9]{2}:[0-9]{2}:[0-9]{2}\ GMT \b )
        | (?<uuid> \b [0-9a-fA-F]{8} (?:-[0-9a-fA-F]{4}){3} -[0-9a-fA-F]{12} \b )
        | (?<akid> \b A[KS]IA [A-Z0-9]{12,} \b )
        | (?<id> \b A(?:IDA|ROA|GPA|NPA|IPA) [A-Z0-9]{12,} \b )
        ",
    )
    .expect("the pattern is written in this file")
});

fn placeholder(captures: &Captures<'_>) -> String {
    let identifier = |group: &str, word: &str| {
        let text = captures.name(group)?.as_str();
        let kind = form::identifier_kind(text).unwrap_or_default();
        Some(format!("<{word} {kind} {}>", text.chars().count()))
    };
    if captures.name("date").is_some() {
        return "<date>".to_owned();
    }
    identifier("akid", "akid")
        .or_else(|| identifier("id", "id"))
        .unwrap_or_else(|| "<uuid>".to_owned())
}

fn access_key_id(text: &str, chars: usize, values: &[&NamedValue]) -> String {
    if let Some(value) = values.iter().find(|each| each.value == text) {
        return value.placeholder.clone();
    }
    match form::identifier_kind(text) {
        Some(kind) => format!("<akid {kind} {chars}>"),
        None => format!("<akid {} {chars}>", form::of(text)),
    }
}

/// Writes an expiry as seconds after `Date`.
///
/// One second more or less is the clock's (`RSP-EXP-VALUE`) and would make the normal form flap, so the
/// requested duration is written if the expiry is that near to it, otherwise a whole minute.
fn expiry(text: &str, context: &Context<'_>) -> String {
    let Some(expiry) = read_time(text) else { return self::text(text, context.values) };
    let Some(date) = context.date else { return "<expires without a date>".to_owned() };
    let observed = expiry.duration_since(date).as_secs();
    let near = |seconds: i64| seconds.checked_sub(observed).is_some_and(|d| (-1..=1).contains(&d));
    let whole_minute = (observed.saturating_add(1)).div_euclid(60).saturating_mul(60);
    let seconds = context
        .duration_seconds
        .filter(|seconds| near(*seconds))
        .or(Some(whole_minute).filter(|seconds| near(*seconds)))
        .unwrap_or(observed);
    format!("<expires {seconds:+}s>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, expected: &str) {
        let ada = NamedValue::new("AKIAIOSFODNN7EXAMPLE", "<ada.access_key_id>");
        let values = [&ada];
        let context = Context { date: None, duration_seconds: None, values: &values };
        assert_eq!(value(name, text, &context), expected);
    }

    #[track_caller]
    fn check_expiry(text: &str, duration_seconds: Option<i64>, expected: &str) {
        let date = "2026-11-21T20:00:00Z".parse().ok();
        let context = Context { date, duration_seconds, values: &[] };
        assert_eq!(value("Expiration", text, &context), expected);
    }

    #[test]
    fn credentials_are_recognised_by_name_and_keep_kind_form_and_length() {
        check("AccessKeyId", "ASIAQWERTYUIOPASDFGH", "<akid ASIA 20>");
        check("AccessKeyId", "shortkey", "<akid base64 8>");
        check("AccessKeyId", "AKIAIOSFODNN7EXAMPLE", "<ada.access_key_id>");
        check("SecretAccessKey", "abc/+", "<secret base64 5>");
        check("SecretAccessKey", "abc?", "<secret text 4>");
        check("SessionToken", "a-b_c", "<token base64url>");
        check("SessionToken", "", "");
    }

    #[test]
    fn ids_and_dates_are_recognised_by_form_within_text() {
        let plain = "Message";
        check(plain, "key ASIAQWERTYUIOPASDFGH.", "key <akid ASIA 20>.");
        check(plain, "AKIAIOSFODNN7EXAMPLE", "<ada.access_key_id>");
        check("UserId", "AIDAQWERTYUIOPASDFGHJ", "<id AIDA 21>");
        check(plain, "id c6104cbe-af31-11e0-8154-cbc7ccf896c7", "id <uuid>");
        check(
            plain,
            "Signature expired: 20261121T200000Z is now earlier than 20261121T201600Z",
            "Signature expired: <date> is now earlier than <date>",
        );
        check("CreateDate", "2026-11-21T20:00:00.123Z", "<date>");
        check("date", "Sat, 21 Nov 2026 20:00:00 GMT", "<date>");
    }

    #[test]
    fn words_that_only_look_like_ids_are_kept() {
        check("Message", "AccessDenied ASIA AKIAshort ASIAN", "AccessDenied ASIA AKIAshort ASIAN");
        check("Version", "2011-06-15", "2011-06-15");
        check("PackedPolicySize", "12", "12");
    }

    #[test]
    fn an_expiry_within_a_second_of_the_request_is_written_as_requested() {
        check_expiry("2026-11-21T20:15:00Z", Some(900), "<expires +900s>");
        check_expiry("2026-11-21T20:14:59Z", Some(900), "<expires +900s>");
        check_expiry("2026-11-21T20:15:01Z", Some(901), "<expires +901s>");
        check_expiry("2026-11-21T20:15:00.359Z", Some(900), "<expires +900s>");
    }

    #[test]
    fn an_expiry_that_was_not_requested_is_written_as_observed() {
        check_expiry("2026-11-22T07:59:59Z", None, "<expires +43200s>");
        check_expiry("2026-11-22T08:00:01Z", None, "<expires +43200s>");
        check_expiry("2026-11-21T21:00:00Z", Some(7200), "<expires +3600s>");
        check_expiry("2026-11-21T20:00:42Z", Some(900), "<expires +42s>");
        check_expiry("2026-11-21T19:00:00Z", Some(900), "<expires -3600s>");
    }

    #[test]
    fn an_expiry_without_a_date_or_without_a_time_says_so() {
        check("Expiration", "2026-11-21T20:15:00Z", "<expires without a date>");
        check_expiry("never", None, "never");
    }
}
