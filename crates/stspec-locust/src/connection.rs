//! The connection to a master: a DEALER socket. The only file that names zeromq.

use std::time::Duration;

use stspec_runner::Clock;
use tokio::time::{Instant, sleep, timeout};
use zeromq::util::PeerIdentity;
use zeromq::{DealerSocket, Socket, SocketOptions, SocketRecv, SocketSend, ZmqMessage};

use crate::error::LocustError;

/// The port on which a Locust master expects its workers.
///
/// Source: Locust 2.47, `--master-bind-port`.
pub(crate) const MASTER_PORT: u16 = 5557;

/// How long a worker waits for its master at the beginning.
///
/// Source: ours; workers and master are often started at the same time.
const MASTER_WAIT_MAX: Duration = Duration::from_mins(1);

/// How long one try to connect may take.
///
/// Source: ours; a port without `ZeroMQ` never answers.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// How long it is until the next try.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// How long a message may wait until the system takes it.
///
/// Source: ours; a master that reads nothing for so long counts as lost.
const SEND_MAX: Duration = Duration::from_secs(5);

/// The connection to a master; it may be lost and reopened.
pub(crate) struct Connection {
    endpoint: String,
    node: String,
    socket: Option<DealerSocket>,
}

impl Connection {
    /// Connects to a master as soon as there is one.
    pub(crate) async fn open(address: &str, clock: Clock) -> Result<Self, LocustError> {
        let mut connection = Self { endpoint: endpoint(address), node: node(clock), socket: None };
        let end = Instant::now() + MASTER_WAIT_MAX;
        loop {
            let Err(reason) = connection.reopen().await else { return Ok(connection) };
            if Instant::now() >= end {
                let seconds = MASTER_WAIT_MAX.as_secs();
                return Err(LocustError::NoMaster { address: address.to_owned(), seconds, reason });
            }
            sleep(RETRY_AFTER).await;
        }
    }

    /// The name of this worker at its master.
    pub(crate) fn node(&self) -> &str {
        &self.node
    }

    /// Whether messages can be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Reconnects.
    pub(crate) async fn reopen(&mut self) -> Result<(), String> {
        // The old one goes first: a master takes no second connection of the same name.
        self.close();
        let mut options = SocketOptions::default();
        let identity: PeerIdentity = self.node.parse().map_err(|error| format!("{error}"))?;
        options.peer_identity(identity).connect_timeout(CONNECT_MAX);
        let mut socket = DealerSocket::with_options(options);
        socket.connect(&self.endpoint).await.map_err(|error| error.to_string())?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Closes the connection.
    pub(crate) fn close(&mut self) {
        self.socket = None;
    }

    /// Sends a message; false if the connection is lost.
    pub(crate) async fn send(&mut self, bytes: Vec<u8>) -> bool {
        let Some(socket) = &mut self.socket else { return false };
        let sent = timeout(SEND_MAX, socket.send(ZmqMessage::from(bytes))).await;
        let is_sent = matches!(sent, Ok(Ok(())));
        if !is_sent {
            self.close();
        }
        is_sent
    }

    /// The next message; pending while the connection is lost.
    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        if let Some(socket) = &mut self.socket
            && let Ok(message) = socket.recv().await
        {
            // One frame is all that a master sends; of others, the first is looked at.
            return message.get(0).map(|frame| frame.to_vec()).unwrap_or_default();
        }
        self.close();
        std::future::pending().await
    }
}

/// `HOST:PORT`, or a host alone.
fn endpoint(address: &str) -> String {
    let has_port = address.rsplit_once(':').is_some_and(|(host, port)| {
        port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']'))
    });
    if has_port { format!("tcp://{address}") } else { format!("tcp://{address}:{MASTER_PORT}") }
}

/// A name that no other worker has.
fn node(clock: Clock) -> String {
    let mut random = fastrand::Rng::new();
    format!("stspec_{}_{:016x}", clock.timestamp().as_microsecond(), random.u64(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_has_a_usual_port() {
        assert_eq!(endpoint("10.0.0.1"), "tcp://10.0.0.1:5557");
        assert_eq!(endpoint("master.local:6000"), "tcp://master.local:6000");
        assert_eq!(endpoint("[::1]:6000"), "tcp://[::1]:6000");
        assert_eq!(endpoint("[::1]"), "tcp://[::1]:5557");
    }

    #[test]
    fn no_two_workers_have_the_same_name() {
        let clock = Clock::reading(|| std::time::SystemTime::UNIX_EPOCH);
        assert_ne!(node(clock), node(clock));
        assert!(node(clock).len() < 256);
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_is_an_error_in_words() {
        let mut connection = Connection {
            endpoint: "tcp://127.0.0.1:9".to_owned(),
            node: "w".to_owned(),
            socket: None,
        };
        let reason = connection.reopen().await.expect_err("nobody is there");
        assert!(reason.contains("timed out"), "{reason}");
        assert!(!connection.is_open());
        assert!(!connection.send(vec![1]).await, "nobody took it");
    }
}
