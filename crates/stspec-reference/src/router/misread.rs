//! Faults in reading forms. An honest server passes through here untouched.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::faults::{Fault, Faults};
use crate::wire::request::Params;

/// The parameters of a form or a query string.
pub(super) fn form(form: &[u8], faults: &Faults) -> Params {
    let params = Params::parse_bytes(&respelt(form, faults));
    let mut pairs: Vec<(String, String)> = match () {
        () if faults.has(Fault::FormEmptyPairsRefused) && has_empty_pair(form) => Vec::new(),
        () if faults.has(Fault::FormEscapesDecodedTwice) => {
            params.iter().map(|(name, value)| (name.to_owned(), decoded(value))).collect()
        }
        () if faults.has(Fault::LastParameterCounts) => {
            params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }
        () => return params,
    };
    if faults.has(Fault::LastParameterCounts) {
        pairs.reverse();
    }
    pairs.into()
}

/// The action; nothing where there is none, or where a fault doesn't see it.
pub(super) fn action<'p>(params: &'p Params, faults: &Faults) -> Option<&'p str> {
    let first = params.iter().next().map(|(name, _)| name);
    let unseen = faults.has(Fault::ActionMustComeFirst) && first != Some("Action");
    let action = params.get("Action").filter(|_| !unseen)?;
    (!action.is_empty() || !faults.has(Fault::EmptyActionRedirected)).then_some(action)
}

fn respelt<'f>(form: &'f [u8], faults: &Faults) -> Cow<'f, [u8]> {
    if faults.has(Fault::FormPlusKept) {
        return String::from_utf8_lossy(form).replace('+', "%2B").into_bytes().into();
    }
    if faults.has(Fault::FormLowerCaseEscapesKept) {
        return without_lower_case_escapes(&String::from_utf8_lossy(form)).into_bytes().into();
    }
    form.into()
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
