//! The door that every secret of a run passes: whatever comes in here is redacted everywhere.

use std::sync::{Arc, Mutex, PoisonError};

use stspec_verdict::{Observation, Redactor};

use crate::credentials::{Credentials, Secret};
use crate::wire::text_at;

/// Where answers hold secrets.
///
/// Source: botocore 1.44.5, STS `Credentials` and IAM `AccessKey` shapes.
const SECRET_PLACES: [&str; 3] = [
    "result.Credentials.SecretAccessKey",
    "result.Credentials.SessionToken",
    "result.AccessKey.SecretAccessKey",
];

/// What stands before a secret in an answer of any form, as a tag or a key.
const SECRET_NAMES: [&str; 2] = ["SecretAccessKey", "SessionToken"];

/// The secrets that a run has seen so far; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Arc<Mutex<Redactor>>);

impl Secrets {
    /// Takes note of a pair of credentials.
    pub(crate) fn register(&self, credentials: &Credentials) {
        self.register_text(credentials.secret_access_key.expose());
        if let Some(token) = credentials.session_token.as_ref().map(Secret::expose) {
            self.register_text(token);
        }
    }

    /// Takes note of a secret.
    pub(crate) fn register_text(&self, secret: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).register(secret);
    }

    /// Takes note of every secret that an answer hands out, whether or not it is complete, or can be read at all.
    pub(crate) fn register_answer(&self, answer: &Observation) {
        for place in SECRET_PLACES {
            if let Some(secret) = text_at(answer, place) {
                self.register_text(&secret);
            }
        }
        secrets_in(&answer.body.text).for_each(|secret| self.register_text(secret));
    }

    /// Everything that was registered so far.
    pub(crate) fn redactor(&self) -> Redactor {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What stands in a text where a secret is, by the names before it: the text of a tag, or a string of JSON, as far as
/// it goes.
fn secrets_in(text: &str) -> impl Iterator<Item = &str> {
    let after = SECRET_NAMES
        .iter()
        .flat_map(move |name| text.match_indices(name).map(|(at, name)| at + name.len()))
        .filter_map(move |start| text.get(start..));
    after.filter_map(|rest| {
        let (opened, ends) = match rest.strip_prefix('"') {
            Some(rest) => {
                (rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?, '"')
            }
            None => (rest.split_once('>')?.1, '<'),
        };
        Some(opened.split(ends).next().unwrap_or_default().trim()).filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, secrets: &[&str]) {
        assert_eq!(secrets_in(text).collect::<Vec<_>>(), secrets, "{text}");
    }

    #[test]
    fn secrets_are_found_in_answers_that_cannot_be_read() {
        check("<SecretAccessKey>abc/+=</SecretAccessKey><Sess", &["abc/+="]);
        check("<a:SessionToken x='1'>\n  t0k\n</a:SessionToken>", &["t0k"]);
        check("<SecretAccessKey>cut off", &["cut off"]);
        check("{\"SecretAccessKey\" : \"abc\", \"SessionToken\":\"t0", &["abc", "t0"]);
        check("<SecretAccessKey/><b/>", &[]);
        check("no SecretAccessKey at all, nor \"SessionToken\": null", &[]);
    }
}
