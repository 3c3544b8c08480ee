//! The account that the server serves: its id, its partition, its root user, its revision of the API.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use thiserror::Error;

/// An account id: twelve decimal digits.
// INVARIANT: exactly `ACCOUNT_DIGITS` ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountId(String);

/// Length of an account id.
///
/// Source: AWS Account Management Reference Guide, "View AWS account identifiers".
const ACCOUNT_DIGITS: usize = 12;

impl Default for AccountId {
    /// A fixed account for development.
    fn default() -> Self {
        Self("424242424242".to_owned())
    }
}

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = InvalidConfig;

    fn from_str(text: &str) -> Result<Self, InvalidConfig> {
        if text.len() == ACCOUNT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidConfig::Account(text.to_owned()))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A group of AWS regions with ARNs of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// The commercial regions: `aws`.
    Aws,
    /// The China regions: `aws-cn`.
    China,
    /// The US government regions: `aws-us-gov`.
    GovCloud,
}

impl Partition {
    /// The partition as it stands in an ARN.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }
}

/// A revision of the API: what changed in September 2026 is how the size of a session is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Revision {
    /// Session policies and tags have a packed size, in percent of an allotment.
    ///
    /// The default, because all that anybody recorded on AWS so far is of this revision.
    #[default]
    BeforeSeptember2026,
    /// The session token has a size, in bytes.
    FromSeptember2026,
}

/// The day on which the size of a session began to be counted in bytes.
///
/// Source: `docs/evidence/get-federation-token.md`, PACK-2026 (announced 2026-09-15).
const SIZE_IN_BYTES_SINCE: Date = jiff::civil::date(2026, 9, 15);

impl Revision {
    /// The revision in force on a day.
    #[must_use]
    pub fn on(day: Date) -> Self {
        if day < SIZE_IN_BYTES_SINCE { Self::BeforeSeptember2026 } else { Self::FromSeptember2026 }
    }
}

/// Long-term credentials of the root user.
#[derive(Clone, PartialEq, Eq)]
pub struct RootCredentials {
    /// The access key id, in the form `AKIA…`.
    pub access_key_id: String,
    /// The secret access key, 40 characters.
    pub secret_access_key: String,
}

impl Default for RootCredentials {
    /// Fixed values for development: public, and worth nothing anywhere else.
    fn default() -> Self {
        Self {
            access_key_id: "AKIASTSPECROOTDEVKEY".to_owned(),
            secret_access_key: "stspec/root/development/secret/key/00001".to_owned(),
        }
    }
}

impl fmt::Debug for RootCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RootCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A value of a server's configuration that has the wrong form.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// An account id in another form.
    #[error("`{0}` is no account id; give twelve digits")]
    Account(String),
    /// A rate in another form.
    #[error("`{0}` is no rate; write how many requests a second, such as 5/s")]
    Throttle(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        for text in ["", "12345678901", "1234567890123", "12345678901a", "１２３４"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_default_root_credentials_have_the_form_of_long_term_keys() {
        let root = RootCredentials::default();
        assert_eq!(root.access_key_id.len(), 20);
        assert!(root.access_key_id.starts_with("AKIA"));
        assert_eq!(root.secret_access_key.len(), 40);
    }

    #[test]
    fn the_revision_changes_on_the_day_of_its_announcement() {
        let on = |text: &str| Revision::on(text.parse().unwrap());
        assert_eq!(on("2011-06-15"), Revision::BeforeSeptember2026);
        assert_eq!(on("2026-09-14"), Revision::BeforeSeptember2026);
        assert_eq!(on("2026-09-15"), Revision::FromSeptember2026);
    }

    #[test]
    fn the_secret_stays_out_of_debug_output() {
        let root = RootCredentials::default();
        assert!(!format!("{root:?}").contains(&root.secret_access_key));
    }
}
