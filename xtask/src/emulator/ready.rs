//! Whether a server answers at a URL, with just enough of HTTP to find out.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Longest that connecting, and each read, may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of an answer up to its status: `HTTP/1.1 200`.
const STATUS_BYTES: usize = 12;

/// Whether a server listens at a URL.
pub(super) fn is_taken(url: &str) -> bool {
    connect(url).is_some()
}

/// Whether a server answers at a URL, with any status but a server error.
pub(super) fn answers(url: &str) -> bool {
    status(url).is_some_and(|status| (200..500).contains(&status))
}

fn status(url: &str) -> Option<u16> {
    let (host, path) = parts(url)?;
    let mut stream = connect(url)?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut head = [0; STATUS_BYTES];
    stream.read_exact(&mut head).ok()?;
    let head = std::str::from_utf8(&head).ok()?;
    head.strip_prefix("HTTP/1.")?.get(2..)?.parse().ok()
}

fn connect(url: &str) -> Option<TcpStream> {
    let (host, _) = parts(url)?;
    let addresses: Vec<SocketAddr> = host.to_socket_addrs().ok()?.collect();
    addresses.iter().find_map(|address| TcpStream::connect_timeout(address, TIMEOUT).ok())
}

/// Host with port, and the path without its slash.
fn parts(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[track_caller]
    fn check(answer: &'static str, is_ready: bool) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/health", listener.local_addr().expect("its address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut request = [0; 12];
            stream.read_exact(&mut request).expect("its first bytes");
            stream.write_all(answer.as_bytes()).expect("it is read");
            request
        });
        assert_eq!(answers(&url), is_ready, "{answer}");
        assert_eq!(&server.join().expect("it answered"), b"GET /health ");
    }

    #[test]
    fn an_answer_counts_unless_it_is_a_server_error() {
        check("HTTP/1.1 200 OK\r\n\r\n", true);
        check("HTTP/1.0 404 Not Found\r\n\r\n", true);
        check("HTTP/1.1 503 Service Unavailable\r\n\r\n", false);
        check("SSH-2.0-OpenSSH", false);
        check("", false);
    }

    #[test]
    fn a_closed_port_is_free_and_does_not_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        assert!(is_taken(&url));
        drop(listener);
        assert!(!is_taken(&url));
        assert!(!answers(&url));
    }
}
