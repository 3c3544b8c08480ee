//! What a reference server is started with.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::authz::explain::Explain;
use crate::faults::Faults;
use crate::model::account::{AccountId, Partition, Revision, RootCredentials};
use crate::model::clock::Clock;
use crate::server::seed::Seed;
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
            account: AccountId::default(),
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
    fn the_session_keys_stay_out_of_debug_output() {
        assert!(!format!("{:?}", SessionKeys("key material".to_owned())).contains("material"));
    }
}
