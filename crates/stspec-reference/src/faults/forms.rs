//! Mistakes in reading forms, paths and content types.

use percent_encoding::percent_decode_str;

use super::entry::entries;
use crate::parts::routing::{FORM, is_form};
use crate::wire::request::Params;

entries! {
    "action-must-come-first",
        "An action that is not the first parameter isn't seen.",
        |parts| parts.routing.action = |params| {
            let first = params.iter().next().map(|(name, _)| name);
            params.get("Action").filter(|_| first == Some("Action"))
        };
    "empty-action-redirected",
        "An empty action is answered as if there was none.",
        |parts| parts.routing.action = |params| {
            params.get("Action").filter(|action| !action.is_empty())
        };
    "paths-all-alike",
        "STS is called at every path.",
        |parts| parts.routing.path = |call| {
            let for_s3 = call.scope_service() == Some("s3");
            let unsigned = matches!(call.presented, Ok(None));
            if for_s3 || unsigned { &call.request.path } else { "/" }
        };

    "body-read-without-content-type",
        "A body without a content type is read as a form.",
        |parts| parts.routing.is_form = |content_type| is_form(content_type.or(Some(FORM)));
    "content-type-plain-refused",
        "A form whose label names no charset isn't read.",
        |parts| parts.routing.is_form = |content_type| {
            is_form(content_type.filter(|content_type| content_type.contains(';')))
        };

    "form-empty-pairs-refused",
        "A form with nothing between two ampersands isn't read.",
        |parts| parts.routing.params = |form| {
            if has_empty_pair(form) { Params::default() } else { Params::parse_bytes(form) }
        };
    "form-escapes-decoded-twice",
        "Escapes in parameters are decoded twice.",
        |parts| parts.routing.params = |form| {
            let params = Params::parse_bytes(form);
            let pairs = params.iter().map(|(name, value)| (name.to_owned(), decoded(value)));
            pairs.collect::<Vec<_>>().into()
        };
    "form-lower-case-escapes-kept",
        "Escapes whose digits are lower-case letters aren't decoded.",
        |parts| parts.routing.params = |form| {
            Params::parse(&without_lower_case_escapes(&String::from_utf8_lossy(form)))
        };
    "form-plus-kept",
        "A plus sign in a form stays a plus sign.",
        |parts| parts.routing.params = |form| {
            Params::parse(&String::from_utf8_lossy(form).replace('+', "%2B"))
        };
    "last-parameter-counts",
        "Where a parameter comes twice, the last one counts.",
        |parts| parts.routing.params = |form| {
            let params = Params::parse_bytes(form);
            let owned = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let mut pairs: Vec<_> = owned.collect();
            pairs.reverse();
            pairs.into()
        };
}

/// Escapes the percent sign of every escape with a lower-case digit, so that it stays.
fn without_lower_case_escapes(form: &str) -> String {
    let mut parts = form.split('%');
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |text, part| {
        let has_lower_case = part.chars().take(2).any(|digit| matches!(digit, 'a'..='f'));
        format!("{text}%{}{part}", if has_lower_case { "25" } else { "" })
    })
}

fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

fn has_empty_pair(form: &[u8]) -> bool {
    !form.is_empty() && form.split(|byte| *byte == b'&').any(<[u8]>::is_empty)
}
