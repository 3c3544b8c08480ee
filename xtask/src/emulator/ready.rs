//! Whether something answers at a URL: the least of HTTP, as this is all that is asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Longest that one question may take, for connecting and for each read.
const ASK_LIMIT: Duration = Duration::from_secs(2);

/// Bytes of an answer that hold its status: `HTTP/1.1 200`.
const STATUS_BYTES: usize = 12;

/// Whether something listens where a URL points.
pub(super) fn is_taken(url: &str) -> bool {
    connect(url).is_some()
}

/// Whether a URL is answered with anything but a server's error.
pub(super) fn answers(url: &str) -> bool {
    status(url).is_some_and(|status| (200..500).contains(&status))
}

fn status(url: &str) -> Option<u16> {
    let (host, path) = parts(url)?;
    let mut stream = connect(url)?;
    stream.set_read_timeout(Some(ASK_LIMIT)).ok()?;
    stream.set_write_timeout(Some(ASK_LIMIT)).ok()?;
    let question = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).ok()?;
    let mut head = [0; STATUS_BYTES];
    stream.read_exact(&mut head).ok()?;
    let head = std::str::from_utf8(&head).ok()?;
    head.strip_prefix("HTTP/1.")?.get(2..)?.parse().ok()
}

fn connect(url: &str) -> Option<TcpStream> {
    let (host, _) = parts(url)?;
    let addresses: Vec<SocketAddr> = host.to_socket_addrs().ok()?.collect();
    addresses.iter().find_map(|address| TcpStream::connect_timeout(address, ASK_LIMIT).ok())
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
            let (mut stream, _) = listener.accept().expect("a question");
            let mut question = [0; 12];
            stream.read_exact(&mut question).expect("its first bytes");
            stream.write_all(answer.as_bytes()).expect("it is read");
            question
        });
        assert_eq!(answers(&url), is_ready, "{answer}");
        assert_eq!(&server.join().expect("it answered"), b"GET /health ");
    }

    #[test]
    fn an_answer_counts_unless_it_is_a_servers_error() {
        check("HTTP/1.1 200 OK\r\n\r\n", true);
        check("HTTP/1.0 404 Not Found\r\n\r\n", true);
        check("HTTP/1.1 503 Service Unavailable\r\n\r\n", false);
        check("SSH-2.0-OpenSSH", false);
        check("", false);
    }

    #[test]
    fn where_nobody_listens_nothing_is_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        assert!(is_taken(&url));
        drop(listener);
        assert!(!is_taken(&url));
        assert!(!answers(&url));
    }
}
