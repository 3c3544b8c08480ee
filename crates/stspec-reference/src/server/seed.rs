//! A seed: what an account holds when its server starts, as a JSON file.
//!
//! Start at [`Seed::from_json`]; `apply` turns the entries into calls of IAM, so that a seed can hold
//! exactly what a client could create.

mod apply;
mod file;

use std::fmt;

use crate::model::account::AccountId;
use crate::server::error::SeedError;

pub(crate) use apply::{SeedTarget, apply};

/// Users, policies, roles and buckets that an account begins with.
///
/// `{"account": "…", "policies": [], "users": [], "roles": [], "buckets": []}`, where each part may
/// be missing. Unique ids are derived from names, so that servers with one seed agree on them.
///
/// ```
/// let seed = stspec_reference::Seed::from_json(
///     r#"{"account": "123456789012", "users": [{
///         "name": "broker",
///         "access_keys": [{"id": "AKIASTSPECEXAMPLEKEY", "secret": "not/a/secret"}],
///         "inline_policies": {"all": {"Version": "2012-10-17",
///             "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}
///     }]}"#,
/// )?;
/// assert_eq!(seed.account().map(|account| account.as_str()), Some("123456789012"));
/// # Ok::<(), stspec_reference::SeedError>(())
/// ```
#[derive(Clone)]
pub struct Seed {
    account: Option<AccountId>,
    file: file::SeedFile,
}

impl Seed {
    /// Reads the text of a file. Names, documents and quotas are judged when the server starts.
    ///
    /// # Errors
    ///
    /// Where the text is no JSON or has another shape, with line and column and no value quoted,
    /// because it holds secrets.
    pub fn from_json(text: &str) -> Result<Self, SeedError> {
        let file: file::SeedFile = serde_json::from_str(text).map_err(|error| SeedError::Json {
            line: error.line(),
            column: error.column(),
            fact: unquoting(&error),
        })?;
        let account = file.account.as_deref().map(account).transpose()?;
        Ok(Self { account, file })
    }

    /// The account that the seed is for; any account where it names none.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }
}

impl fmt::Debug for Seed {
    /// Shows whose it is, and no secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Seed").field("account", &self.account).finish_non_exhaustive()
    }
}

fn account(text: &str) -> Result<AccountId, SeedError> {
    text.parse().map_err(|_| SeedError::Entry {
        place: "account".to_owned(),
        fact: format!("`{text}` is no account id"),
        remedy: "give twelve digits",
    })
}

/// What is wrong, in the parser's words where they name a key and none where they quote a value.
fn unquoting(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    let quotes_no_value = !error.is_data()
        || words.starts_with("unknown field")
        || words.starts_with("missing field");
    if quotes_no_value { words.to_owned() } else { "a value of another type".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Seed::from_json(text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_fault_of_form_is_reported_with_line_and_column() {
        check(
            "{\n\"usres\": []}",
            "line 2, column 7 of the seed: unknown field `usres`, expected one of `account`, \
             `policies`, `users`, `roles`, `buckets`; correct it there",
        );
        check(
            "{\"users\": [{}]}",
            "line 1, column 13 of the seed: missing field `name`; correct it there",
        );
        check("{", "line 1, column 1 of the seed: EOF while parsing an object; correct it there");
        check(
            "{\"account\": \"12\"}",
            "`account` of the seed: `12` is no account id; give twelve digits",
        );
    }

    #[test]
    fn no_value_is_quoted() {
        let text = r#"{"users": [{"name": "u", "access_keys": "wJalr-secret"}]}"#;
        check(text, "line 1, column 54 of the seed: a value of another type; correct it there");
        let text =
            r#"{"users": [{"name": "u", "access_keys": [{"id": "a", "secret": "s3cret"}]}]}"#;
        let shown = format!("{:?}", Seed::from_json(text).unwrap());
        assert_eq!(shown, "Seed { account: None, .. }");
    }
}
