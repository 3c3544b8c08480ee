//! The control path: how a client on the same machine moves the clock, so that a session ends within
//! milliseconds.
//!
//! `GET /_stspec/clock` says how far it was moved, `PUT` moves it: `{"offset_seconds": 901}` both
//! ways. It is no part of AWS, off unless asked for, and not there for clients from elsewhere.

use std::net::IpAddr;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::model::clock::Clock;
use crate::wire::answer::Answer;
use crate::wire::request::Request;

/// Where the clock is.
const CLOCK: &str = "/_stspec/clock";

/// Farthest that the clock is moved, in seconds, in either direction.
///
/// Source: ours; ten years are far beyond every session and within every calendar.
const OFFSET_SECONDS_MAX: u64 = 10 * 366 * 24 * 60 * 60;

/// What is said and heard about the clock.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    offset_seconds: i64,
}

/// Answers a request to the control path; nothing where there is none for this client.
pub(crate) fn answer(clock: &Clock, request: &Request, peer: IpAddr) -> Option<Answer> {
    if request.path != CLOCK || !peer.to_canonical().is_loopback() {
        return None;
    }
    Some(match request.method {
        Method::GET => shown(clock),
        Method::PUT => set(clock, request),
        _ => Answer::empty(405).header("allow", "GET, PUT"),
    })
}

fn shown(clock: &Clock) -> Answer {
    let moved = Moved { offset_seconds: clock.moved_seconds() };
    match serde_json::to_vec(&moved) {
        Ok(body) => Answer::with_body(200, "application/json", body),
        Err(_) => Answer::empty(500),
    }
}

fn set(clock: &Clock, request: &Request) -> Answer {
    let moved = serde_json::from_slice::<Moved>(&request.body).ok();
    let moved = moved.filter(|moved| moved.offset_seconds.unsigned_abs() <= OFFSET_SECONDS_MAX);
    let Some(Moved { offset_seconds }) = moved else {
        let words = format!("send {{\"offset_seconds\": N}}, at most {OFFSET_SECONDS_MAX}\n");
        return Answer::with_body(400, "text/plain", words);
    };
    clock.move_by_seconds(offset_seconds);
    shown(clock)
}
