//! Listening, connections, and the bounds on both.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::model::account::{AccountId, RootCredentials};

mod body;
pub(crate) mod config;
mod connection_slots;
pub(crate) mod error;
mod exchange;
#[cfg(test)]
mod fuzz;
pub(crate) mod seed;
mod socket;
pub(crate) mod start;

use config::{Config, Limits};
use connection_slots::{ConnectionActivity, ConnectionSlots};
use error::StartError;
use socket::Socket;
use start::Server;

/// Most headers in one request; hyper answers further ones with 431.
const HEADERS_MAX: usize = 100;

/// Most bytes in a request's head; the largest session token of ours fits several times.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Most connections that wait to be accepted; a client beyond them tries again after a second.
///
/// Source: Linux's own default for the upper bound, `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// Pause after a failed accept, so that a lack of file descriptors does not turn into a busy loop.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// A running reference server; dropping it stops it without waiting.
#[derive(Debug)]
pub struct Reference {
    endpoint: String,
    account: AccountId,
    root: RootCredentials,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Reference {
    /// Listens and serves until it is stopped.
    ///
    /// # Errors
    ///
    /// Where the address can't be listened on, or the operating system has no random bytes.
    #[expect(clippy::unused_async, reason = "it needs a runtime, and being async says so")]
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let listen = config.listen;
        let failed = |source| StartError::Listen { listen, source };
        let listener = listen_on(listen).map_err(failed)?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(failed)?);
        let (account, root) = (config.account.clone(), config.root.clone());
        let server = Arc::new(Server::new(config)?);
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, server, stopped));
        Ok(Self { endpoint, account, root, stop, accepting })
    }

    /// Where it listens, in the form `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The account that it serves.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The root user's credentials.
    #[must_use]
    pub fn root(&self) -> &RootCredentials {
        &self.root
    }

    /// Waits until the server ends by itself, which it does only where its runtime goes down.
    pub async fn until_stopped(&mut self) {
        // A panic in the accept loop also means that it has stopped.
        let _ = (&mut self.accepting).await;
    }

    /// Stops listening, lets requests in flight finish for a while, and closes every connection.
    pub async fn stop(mut self) {
        // The receiver is gone only where the accept loop has ended already.
        let _ = self.stop.send(true);
        self.until_stopped().await;
    }
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that was stopped a moment ago may be started again on its port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: TcpListener, server: Arc<Server>, stopped: watch::Receiver<bool>) {
    let mut slots = ConnectionSlots::new(server.limits.connections_max);
    let mut stop_requested = stopped.clone();
    loop {
        let admit_next = async {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (server, stopped) = (Arc::clone(&server), stopped.clone());
                    slots.take(|activity| serve(stream, server, activity, stopped)).await;
                }
                // Most likely a lack of file descriptors, of which an idle connection holds one.
                Err(_) if slots.close_longest_idle() => slots.closed().await,
                Err(_) => tokio::time::sleep(ACCEPT_RETRY).await,
            }
        };
        tokio::select! {
            biased;
            _ = stop_requested.changed() => break,
            () = admit_next => {}
        }
    }
    drop(listener);
    // Whatever is still open after the wait is aborted with its place.
    let _ = tokio::time::timeout(server.limits.stop_timeout, slots.all_closed()).await;
}

/// What the requests of one connection share.
struct Connection {
    server: Arc<Server>,
    peer: IpAddr,
    activity: Arc<ConnectionActivity>,
    stopped: watch::Receiver<bool>,
}

/// Serves one connection until either side closes it. What goes wrong on it concerns nobody else.
async fn serve(
    stream: TcpStream,
    server: Arc<Server>,
    activity: Arc<ConnectionActivity>,
    mut stopped: watch::Receiver<bool>,
) {
    let Ok(peer) = stream.peer_addr() else { return };
    // Without it, small answers on kept connections wait for the client's delayed ACK.
    let _ = stream.set_nodelay(true);
    let builder = connection_builder(&server.limits);
    let socket = Socket::new(stream, Arc::clone(&activity), server.limits.answer_write_timeout);
    let shared =
        Arc::new(Connection { server, peer: peer.ip(), activity, stopped: stopped.clone() });
    let service = service_fn(move |request| {
        let connection = Arc::clone(&shared);
        async move { exchange::exchange(&connection, request).await }
    });
    let connection = builder.serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

fn connection_builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        // A client that has said all it will say still gets its answer.
        .half_close(true)
        // `Date` comes from the server's own clock.
        .auto_date_header(false);
    builder
}
