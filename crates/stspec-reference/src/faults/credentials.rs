//! Mistakes about the credentials of a new session.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;

use super::edit::{edit_text, find, group};
use super::entry::entries;
use crate::model::caller::{SessionKind, SessionParameters};
use crate::model::entropy::{KeyKind, new_access_key_id};
use crate::parts::Parts;
use crate::sts::members::Value;
use crate::sts::session::mint::{AccessKey, NewSession, temporary_key};

/// What precedes every session token under a mistake.
pub(super) const TOKEN_MARK: &str = "token:";

/// Most sessions that a mistake remembers.
const REMEMBERED_MAX: usize = 10_000;

/// How much of a `Name` tells sessions apart under a mistake.
const NAME_CHARS_COMPARED: usize = 16;

entries! {
    "access-key-akia",
        "Minted access key ids start with AKIA, as if they were long-term.",
        |parts| parts.sts.mint.keys = |entropy| {
            let id = new_access_key_id(KeyKind::LongTerm, entropy);
            AccessKey { id, ..temporary_key(entropy) }
        };
    "expiration-epoch",
        "Expiration is printed as seconds since 1970.",
        |parts| edit_expiration(parts, |expiration| {
            if let Value::Time(time) = expiration {
                *expiration = Value::Number(time.as_second());
            }
        });
    "expiration-too-late",
        "Expiration is printed one hour later than the session really ends.",
        |parts| edit_expiration(parts, |expiration| {
            if let Value::Time(time) = expiration {
                *time = time.saturating_add(SignedDuration::from_hours(1)).unwrap_or(*time);
            }
        });
    "secret-short",
        "Minted secret access keys have 20 characters instead of 40.",
        |parts| parts.sts.mint.keys = |entropy| {
            let mut key = temporary_key(entropy);
            key.secret.truncate(20);
            key
        };
    "session-token-empty",
        "The answer's SessionToken is empty.",
        |parts| edit_token(parts, |_| String::new());
    "sessions-mixed-up",
        "Of an issuer's sessions whose Names begin with the same 16 characters, all get the first's policy.",
        |parts| {
            let first = Mutex::new(HashMap::new());
            let edit = move |new: &mut NewSession| mix_up(new, &first);
            parts.sts.mint.edits.push(Box::new(move |_, new| edit(new)));
        };
    "static-credentials",
        "Every session gets the same access key id and secret.",
        |parts| parts.sts.mint.keys = |_| AccessKey {
            id: "ASIASTSPECSTATICKEYS".to_owned(),
            secret: "stspec/static/secret/of/every/session/01".to_owned(),
        };
}

/// Puts the mark before every session token.
pub(super) fn mark_tokens(parts: &mut Parts) {
    edit_token(parts, |token| format!("{TOKEN_MARK}{token}"));
}

fn edit_token(parts: &mut Parts, edit: fn(&str) -> String) {
    parts.sts.answers.edit_members(move |_, members| {
        edit_text(members, "Credentials", "SessionToken", edit);
    });
}

fn edit_expiration(parts: &mut Parts, edit: fn(&mut Value)) {
    parts.sts.answers.edit_members(move |_, members| {
        let expiration =
            group(members, "Credentials").and_then(|members| find(members, "Expiration"));
        if let Some(expiration) = expiration {
            edit(&mut expiration.value);
        }
    });
}

/// Gives a session the parameters of the first whose owner is the same and whose name begins alike.
fn mix_up(new: &mut NewSession, first: &Mutex<HashMap<String, SessionParameters>>) {
    let SessionKind::Federated { name, terms } = &mut new.kind else { return };
    let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
    if first.len() >= REMEMBERED_MAX || name.chars().count() <= NAME_CHARS_COMPARED {
        return;
    }
    let beginning: String = name.chars().take(NAME_CHARS_COMPARED).collect();
    let key = format!("{:?} {beginning}", new.issuer);
    *terms = first.entry(key).or_insert_with(|| terms.clone()).clone();
}
