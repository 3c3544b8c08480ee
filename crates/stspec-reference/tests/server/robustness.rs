//! Clients that don't play by the rules cost nobody else anything.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use stspec_reference::{Config, Limits};

use crate::client::{Server, read_reply};

fn impatient() -> Server {
    let limits = Limits {
        header_read_timeout: Duration::from_millis(200),
        body_read_timeout: Duration::from_millis(200),
        stop_timeout: Duration::from_millis(500),
        ..Limits::default()
    };
    Server::started(Config { limits, ..Config::default() })
}

/// Whatever happened before, the next honest request is answered.
#[track_caller]
fn check_alive(server: &Server) {
    assert_eq!(server.sts(&server.root(), "GetCallerIdentity", &[]).status, 200);
}

#[track_caller]
fn check(bytes: &[u8], status: u16) {
    let server = impatient();
    assert_eq!(server.send_raw(bytes).status, status);
    check_alive(&server);
}

#[test]
fn garbage_is_a_bad_request() {
    check(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400);
    check(b"GET / HTTP/9.9\r\n\r\n", 400);
    check(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400);
}

#[test]
fn a_huge_head_is_refused() {
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "x".repeat(200_000));
    check(head.as_bytes(), 431);
    let many = "x-many: 1\r\n".repeat(200);
    check(format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes(), 431);
}

#[test]
fn a_huge_body_is_refused_before_it_is_read() {
    check(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\nx", 413);
    check(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2097153\r\n\r\nx", 413);
}

#[test]
fn a_huge_body_in_chunks_is_refused_while_it_is_read() {
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536));
    let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    check(format!("{head}{}0\r\n\r\n", chunk.repeat(33)).as_bytes(), 413);
}

#[test]
fn a_body_that_never_comes_times_out() {
    check(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc", 408);
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    let server = impatient();
    let reply = server.send_raw(b"GET / HTTP/1.1\r\nhost: x\r\n");
    assert!(matches!(reply.status, 0 | 408), "{}", reply.status);
    check_alive(&server);
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = Server::honest();
    let mut stream = TcpStream::connect(server.host()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let both = read_reply(&mut stream);
    assert_eq!(both.status, 302);
    assert!(both.body.starts_with("HTTP/1.1 302"), "{}", both.body);
}

#[test]
fn connections_beyond_the_bound_wait_for_a_free_place() {
    let limits = Limits { connections_max: 1, ..Limits::default() };
    let server = Server::started(Config { limits, ..Config::default() });
    let occupant = TcpStream::connect(server.host()).unwrap();
    // Accepted before the next one, because the backlog is a queue.
    let mut waiting = TcpStream::connect(server.host()).unwrap();
    waiting.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    waiting.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut waiting).status, 0);
    drop(occupant);
    waiting.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(read_reply(&mut waiting).status, 302);
}

#[test]
fn odd_targets_and_methods_get_answers() {
    let server = impatient();
    for line in [
        "OPTIONS * HTTP/1.1",
        "BREW /pot HTTP/1.1",
        "GET http://x/%ff%00?%zz HTTP/1.1",
        "GET // HTTP/1.1",
    ] {
        let reply =
            server.send_raw(format!("{line}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes());
        assert!((200..500).contains(&reply.status), "{line}: {}", reply.status);
    }
    check_alive(&server);
}

#[test]
fn a_server_that_was_stopped_answers_nobody() {
    let server = impatient();
    let host = server.host();
    let idle = TcpStream::connect(&host).unwrap();
    check_alive(&server);
    server.stop();
    assert!(TcpStream::connect(&host).is_err());
    drop(idle);
}
