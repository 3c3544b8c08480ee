//! What a reference server is started with.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Date;

use crate::clock::Clock;
use crate::error::InvalidConfig;
use crate::explain::Explain;
use crate::fault::Faults;
use crate::seed::Seed;
use crate::throttle::Throttle;

/// How to start a reference server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 asks the operating system for a free one.
    pub listen: SocketAddr,
    /// The one account that the server knows.
    pub account: AccountId,
    /// The region that STS requests must be signed for.
    pub region: String,
    /// The partition in every ARN.
    pub partition: Partition,
    /// The long-term credentials of the account's root user.
    pub root: RootCredentials,
    /// The keys that seal session tokens, for servers that are to know each other's sessions;
    /// without them each server makes a key that ends with it.
    pub session_keys: Option<SessionKeys>,
    /// What the account holds when the server starts; nothing without.
    pub seed: Option<Seed>,
    /// Regions in which the account has switched STS off. The server also stands for the endpoints
    /// there, which refuse to mint.
    pub disabled_regions: BTreeSet<String>,
    /// Who is told each decision of the policies, and why; nobody without.
    pub explain: Option<Explain>,
    /// Which revision of the API to serve.
    pub revision: Revision,
    /// Mistakes to make on purpose.
    pub faults: Faults,
    /// Where the time comes from.
    pub clock: Clock,
    /// Whether clients on the same machine may move the clock, at `/_stspec/clock`.
    pub clock_control: bool,
    /// How long changes of IAM take to be acted by, in real time; at once where it is zero.
    pub propagation_delay: Duration,
    /// How many requests are answered; all of them without.
    pub throttle: Option<Throttle>,
    /// Bounds on what a client may take.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            account: AccountId("424242424242".to_owned()),
            region: "us-east-1".to_owned(),
            partition: Partition::Aws,
            root: RootCredentials::default(),
            session_keys: None,
            seed: None,
            disabled_regions: BTreeSet::new(),
            explain: None,
            revision: Revision::default(),
            faults: Faults::none(),
            clock: Clock::system(),
            clock_control: false,
            propagation_delay: Duration::ZERO,
            throttle: None,
            limits: Limits::default(),
        }
    }
}

/// An account id: twelve decimal digits.
// INVARIANT: exactly `ACCOUNT_DIGITS` ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountId(String);

/// Length of an account id.
///
/// Source: AWS Account Management Reference Guide, "View AWS account identifiers".
const ACCOUNT_DIGITS: usize = 12;

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
/// Source: `facts/sts.md`, PACK-2026 (announced 2026-09-15).
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

/// The keys that seal session tokens, as the text of a JSON file.
///
/// `{"keys": [{"id": 7, "created": "2026-11-21T00:00:00Z", "key": "<32 bytes in base64>"}]}`; the
/// key created last seals, and all of them open. The text is read when the server starts.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKeys(pub String);

impl fmt::Debug for SessionKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SessionKeys").finish_non_exhaustive()
    }
}

/// Bounds on what one client, or all of them together, may take.
///
/// The numbers are ours: AWS documents none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at once. A further one takes the place of the one that has been idle
    /// longest, and waits only where every one has a request in hand.
    pub connections_max: usize,
    /// Longest wait for a complete request head, and for the next request on an idle connection.
    pub header_read_timeout: Duration,
    /// Longest wait for a complete body.
    pub body_read_timeout: Duration,
    /// Longest wait for a client to take its answer, from when the socket's buffer is full.
    pub answer_write_timeout: Duration,
    /// Longest wait for open connections when the server stops.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4096,
            // Longer than the 90 s for which reqwest keeps idle connections, so that the client
            // is the one that closes and never sends into a closing connection.
            header_read_timeout: Duration::from_mins(2),
            body_read_timeout: Duration::from_secs(30),
            answer_write_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(5),
        }
    }
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
        assert!(!format!("{:?}", SessionKeys("key material".to_owned())).contains("material"));
    }
}
