//! Users that need sessions before their first turn, and a target that does not hand them out at once.

use std::time::Duration;

use stspec_measure::{Ending, LoadCounts, LoadRecord};
use stspec_verdict::Verdict;

use crate::run;
use crate::server::{Seen, Server};

/// Asking who one is with a session that each user mints before.
fn profile(shape: &str) -> String {
    format!(
        "
profile: prepared
says: Asking who one is with a session.
account: minter
shape: {shape}
prepare:
  - {{id: mint, call: sts.GetFederationToken, as: minter, params: {{Name: load}}, expect: {{status: 200}}, session: s}}
calls:
  - {{id: identity, call: sts.GetCallerIdentity, as: session.s, expect: {{status: 200}}}}
"
    )
}

async fn check(shape: &str, server: Server) -> (LoadRecord, Seen) {
    let (run, seen) = run(&profile(shape), server).await;
    let record = run.unwrap().record;
    let [mint, identity] = record.calls.as_slice() else { panic!("two calls") };
    assert_eq!((mint.counted.requests, mint.uncounted.requests), (0, seen.mints()));
    // The first two are no load: the administrator connects, and its new user is known.
    let LoadCounts { requests, errors, wrong } = identity.counted;
    assert_eq!((requests, errors, wrong), (seen.count("GetCallerIdentity") - 2, 0, 0));
    (record, seen)
}

#[tokio::test]
async fn a_preparation_that_failed_is_tried_again() {
    let server = Server { refuses_mints: Some((1, 2)), ..Server::default() };
    let (record, seen) = check("{users: [{to: 1}]}\nrequests: 20", server).await;
    assert_eq!((seen.mints(), record.uncounted().wrong), (3, 2));
    // A preparation that failed was a turn that came to nothing.
    assert_eq!((record.totals().counts.requests, record.ending), (18, Ending::Complete));
}

#[tokio::test]
async fn without_a_session_no_turn_is_taken_and_the_turns_run_out_all_the_same() {
    let server = Server { refuses_mints: Some((1, u64::MAX)), ..Server::default() };
    let (record, seen) = check("{users: [{to: 4}]}\nrequests: 4", server).await;
    // Each user may try once more before it learns that the turns have run out.
    assert!((4..=8).contains(&seen.mints()), "{}", seen.mints());
    assert_eq!(record.uncounted().wrong, seen.mints());
    assert_eq!((record.totals().counts.requests, record.verdict()), (0, Verdict::Fail));
}

#[tokio::test]
async fn a_session_that_could_not_be_renewed_is_not_used_on() {
    let expiration = Some("2026-11-21T20:00:01Z");
    let server = Server { refuses_mints: Some((2, u64::MAX)), expiration, ..Server::default() };
    let (_, seen) = check("{users: [{to: 1, hold: 3s}]}", server).await;
    assert!(seen.mints() >= 2, "it was renewed after half a second");
    assert_eq!(seen.identified_before_refusal, Some(seen.count("GetCallerIdentity")));
}

#[tokio::test]
async fn an_open_load_of_users_that_cannot_prepare_ends_with_its_starts() {
    let server = Server { refuses_mints: Some((1, u64::MAX)), ..Server::default() };
    let shape = "{rate: [{to: 20, hold: 1s}], connections: 2, give_up: 100ms}";
    let ended = tokio::time::timeout(Duration::from_mins(1), check(shape, server)).await;
    let (record, seen) = ended.expect("it ends by itself");
    let offered = record.offered.as_ref().map(|offered| (offered.turns, offered.dropped));
    assert_eq!((offered, record.ending), (Some((20, 20)), Ending::Complete));
    assert_eq!((record.uncounted().wrong, record.verdict()), (seen.mints(), Verdict::Fail));
}
