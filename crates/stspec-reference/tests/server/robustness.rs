//! Clients that don't play by the rules cost nobody else anything.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use stspec_reference::{Config, Limits};

use crate::client::{Reply, Server, read_reply};

fn impatient() -> Server {
    Server::started(Config { limits: impatient_limits(), ..Config::default() })
}

fn impatient_limits() -> Limits {
    Limits {
        header_read_timeout: Duration::from_millis(200),
        body_read_timeout: Duration::from_millis(200),
        answer_write_timeout: Duration::from_millis(200),
        stop_timeout: Duration::from_millis(500),
        ..Limits::default()
    }
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

/// A server with so many places, and otherwise the patience of [`impatient`].
fn crowded(connections_max: usize) -> Server {
    let limits = Limits { connections_max, ..impatient_limits() };
    Server::started(Config { limits, ..Config::default() })
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.host()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Asks something harmless on a connection that stays open.
fn ask(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 4096];
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").is_ok()
        && stream.read(&mut answer).is_ok()
        && answer.starts_with(b"HTTP/1.1 302")
}

#[test]
fn a_new_connection_takes_the_place_of_the_longest_idle_one() {
    let server = crowded(2);
    let (mut first, mut second) = (connect(&server), connect(&server));
    assert!(ask(&mut first) && ask(&mut second) && ask(&mut first));
    let mut third = connect(&server);
    assert!(ask(&mut third));
    assert!(!ask(&mut second));
    assert!(ask(&mut first));
}

#[test]
fn a_connection_with_a_request_in_hand_keeps_its_place() {
    let server = crowded(1);
    let mut occupant = connect(&server);
    occupant.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let mut waiting = connect(&server);
    waiting.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut occupant).status, 408);
    assert_eq!(read_reply(&mut waiting).status, 302);
}

/// Connections that this process may hold open, from the soft limit on its descriptors.
fn connections_allowed() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)).unwrap_or("1024");
    soft.parse().unwrap_or(usize::MAX)
}

#[test]
fn ten_thousand_idle_connections_stop_nobody() {
    // Both ends of a connection are in this process, and other tests run beside this one.
    const PLACES: usize = 128;
    const SPARE: usize = 512;
    let count = connections_allowed().saturating_sub(PLACES + SPARE).min(10_000);
    let server = crowded(PLACES);
    let idle: Vec<TcpStream> = (0..count).map(|_| connect(&server)).collect();
    assert!(idle.len() > PLACES, "only {} descriptors for this test", idle.len());
    check_alive(&server);
    drop(idle);
    check_alive(&server);
}

#[test]
fn heads_that_never_end_hold_no_place() {
    let server = crowded(4);
    let slow: Vec<TcpStream> = (0..16)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(b"GET / HTTP/1.1\r\nhost: ").unwrap();
            stream
        })
        .collect();
    check_alive(&server);
    drop(slow);
}

#[test]
fn a_client_that_never_reads_its_answers_is_let_go() {
    // More than the socket buffers of both ends hold.
    const ANSWERS: usize = 32;
    let server = impatient();
    let root = server.root();
    assert_eq!(server.s3(&root, "PUT", "/deaf", "").status, 200);
    assert_eq!(server.s3(&root, "PUT", "/deaf/big", &"x".repeat(1024 * 1024)).status, 200);
    let get = server.signed(&server.s3_call("GET", "/deaf/big", ""), Some(&root));
    let mut deaf = connect(&server);
    deaf.write_all(&get.repeat(ANSWERS)).unwrap();
    deaf.read_exact(&mut [0; 12]).unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let mut taken = Vec::new();
    let _ = deaf.read_to_end(&mut taken);
    assert!(taken.len() < ANSWERS * 1024 * 1024, "{} bytes were delivered", taken.len());
    check_alive(&server);
}

#[test]
fn a_client_that_stops_sending_still_gets_its_answer() {
    // That the client is done may arrive before its body was handed on, or after; each must do.
    const TRIES: usize = 20;
    let server = impatient();
    let body = "x".repeat(1024 * 1024);
    let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    for request in ["GET / HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), head + &body] {
        for _ in 0..TRIES {
            let mut stream = connect(&server);
            stream.write_all(request.as_bytes()).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            assert_eq!(read_reply(&mut stream).status, 302);
        }
    }
    check_alive(&server);
}

#[test]
fn requests_in_one_piece_are_answered_one_by_one() {
    let server = impatient();
    let mut stream = connect(&server);
    let mut piece = "GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(99);
    piece.push_str("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(piece.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 302").count(), 100);
}

/// Sends a head and then 100 MB, whatever the server says meanwhile.
fn send_100_mb(server: &Server, head: &str, piece: &[u8]) -> Reply {
    let mut stream = connect(server);
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..100 * 1024 * 1024 / piece.len() {
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    read_reply(&mut stream)
}

#[test]
fn who_sends_100_mb_learns_that_it_was_too_much() {
    let server = impatient();
    let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n";
    assert_eq!(send_100_mb(&server, head, &vec![b'x'; 65_536]).status, 413);
    let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(65_536));
    assert_eq!(send_100_mb(&server, head, chunk.as_bytes()).status, 413);
    check_alive(&server);
}

#[test]
fn a_body_that_was_refused_is_taken_until_the_client_has_sent_it() {
    // More than the socket buffers of both ends hold; closed at once, the connection is reset.
    const SENT_BYTES: usize = 12 * 1024 * 1024;
    let server = impatient();
    let mut stream = connect(&server);
    let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {SENT_BYTES}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..SENT_BYTES / 8192 {
        stream.write_all(&[b'x'; 8192]).expect("the server takes it");
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the connection ends in order");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    check_alive(&server);
}

#[test]
fn malformed_chunks_are_a_bad_request() {
    let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    for chunks in ["zz\r\n\r\n", "5\r\nabcdefgh\r\n", "ffffffffffffffffff\r\n", "-1\r\n\r\n"] {
        check(format!("{head}{chunks}").as_bytes(), 400);
    }
}

#[test]
fn queries_of_any_size_and_shape_get_answers() {
    let server = impatient();
    let ask = |query: &str| {
        let line = format!("GET /?{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        server.send_raw(line.as_bytes()).status
    };
    for unit in ["&", "=", "%", "%ff&", "a=b&", "Action=", "X-Amz-Algorithm=", "+"] {
        let status = ask(&unit.repeat(60_000 / unit.len()));
        assert!((200..500).contains(&status), "{unit}: {status}");
    }
    assert!(matches!(ask(&"a".repeat(200_000)), 414 | 431));
    check_alive(&server);
}

#[test]
fn signed_nonsense_is_refused_and_never_our_fault() {
    let server = impatient();
    let root = server.root();
    let mut call = server.query("GetFederationToken", &[("Name", "x")], "2011-06-15");
    call.body.extend_from_slice(b"&Policy=%7b%ff\xff\xfe&Tags.member.1.Key=\xc3\x28");
    assert_eq!(server.send(&call, Some(&root)).status, 400);
    let deep = "[".repeat(2000);
    assert_eq!(
        server.mint(&root, &[("Policy", &deep)]).refusal(),
        (400, "MalformedPolicyDocument")
    );
    for xml in ["<", "<a", "<a><b></a>", "<!DOCTYPE x [<!ENTITY y \"z\">]><x>&y;</x>", "&#x0;"] {
        assert_eq!(
            server.s3(&root, "PUT", "/nonsense", xml).refusal(),
            (400, "MalformedXML"),
            "{xml}"
        );
    }
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
