//! The clock that clients on the same machine may move, and the server that never answers.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use stspec_reference::{Config, Fault};

use crate::client::{ALLOW_ALL, Server};

#[test]
fn the_clock_moves_and_is_put_back() {
    let server = Server::honest();
    assert_eq!(server.control("GET", "").body, r#"{"offset_seconds":0}"#);
    assert_eq!(server.advance(901).body, r#"{"offset_seconds":901}"#);
    assert_eq!(server.control("GET", "").body, r#"{"offset_seconds":901}"#);
    assert_eq!(server.advance(-60).body, r#"{"offset_seconds":-60}"#);
    assert_eq!(server.advance(0).body, r#"{"offset_seconds":0}"#);
}

#[test]
fn a_session_ends_when_the_clock_says_so() {
    let server = Server::honest();
    let user = server.user("caller", ALLOW_ALL);
    let session = server.mint(&user, &[("DurationSeconds", "900")]).keys();
    server.advance(898);
    assert_eq!(server.sts(&session, "GetCallerIdentity", &[]).status, 200);
    server.advance(901);
    let refused = server.sts(&session, "GetCallerIdentity", &[]);
    assert_eq!(refused.refusal(), (403, "ExpiredToken"));
    let refused = server.s3(&session, "GET", "/bucket/key", "");
    assert_eq!(refused.refusal(), (400, "ExpiredToken"));
    server.advance(0);
    assert_eq!(server.sts(&session, "GetCallerIdentity", &[]).status, 200);
}

#[test]
fn the_clock_takes_a_number_and_nothing_else() {
    let server = Server::honest();
    for body in [
        "",
        "1",
        "{}",
        r#"{"offset_seconds": "1"}"#,
        r#"{"offset_seconds": 1, "more": 2}"#,
        r#"{"offset_seconds": 999999999999}"#,
    ] {
        assert_eq!(server.control("PUT", body).status, 400, "{body}");
    }
    assert_eq!(server.control("POST", "").status, 405);
    assert_eq!(server.control("GET", "").body, r#"{"offset_seconds":0}"#);
}

#[test]
fn there_is_no_clock_unless_somebody_asked_for_it() {
    let server = Server::started(Config::default());
    for method in ["GET", "PUT"] {
        let reply = server.control(method, r#"{"offset_seconds": 901}"#);
        assert!(reply.status >= 400 && !reply.body.contains("offset_seconds"), "{}", reply.body);
    }
}

#[test]
fn a_silent_server_answers_nobody_and_still_stops_at_once() {
    let server = Server::with(Fault::NullSilent);
    let user = server.user("caller", ALLOW_ALL);
    let call = server.query("GetCallerIdentity", &[], "2011-06-15");
    let mut stream = TcpStream::connect(server.host()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    std::io::Write::write_all(&mut stream, &server.signed(&call, Some(&user))).unwrap();
    assert!(stream.read(&mut [0; 1]).is_err(), "nothing comes");
    let root = server.root();
    assert_eq!(server.sts(&root, "GetCallerIdentity", &[]).status, 200);
    #[expect(clippy::disallowed_methods, reason = "the test measures")]
    let started = Instant::now();
    server.stop();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
