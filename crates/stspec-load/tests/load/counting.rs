//! What the server did and what the observation says are the same.

use stspec_load::{EXAMPLES_MAX, Ending, LoadObservation, render};
use stspec_verdict::Verdict;

use crate::server::{Seen, Server};
use crate::{MIX, run};

/// Runs [`MIX`] and checks that the totals are what the server counted.
async fn check(server: Server, verdict: Verdict) -> (LoadObservation, Seen) {
    let (run, seen) = run(MIX, server).await;
    let observation = run.unwrap().observation;
    assert_eq!(observation.requests(), 200);
    assert_eq!(observation.calls[0].requests, seen.mints());
    // The first GetCallerIdentity was the administrator's, on connecting.
    assert_eq!(observation.calls[1].requests, seen.count("GetCallerIdentity") - 1);
    assert_eq!((observation.wrong(), observation.errors()), (seen.wrong, seen.hung_up));
    assert_eq!(observation.latency().count(), 200 - seen.hung_up);
    assert_eq!((observation.ending, observation.verdict()), (Ending::Complete, verdict));
    (observation, seen)
}

#[tokio::test]
async fn right_answers_pass() {
    let (observation, _) = check(Server::default(), Verdict::Pass).await;
    assert!(observation.duration_us > 0);
    assert!(observation.latency().max_us() > Some(0));
    assert!(observation.calls.iter().all(|call| call.wrong_examples.is_empty()));
}

#[tokio::test]
async fn an_answer_that_is_wrong_now_and_then_is_counted_each_time() {
    let server = Server { wrong_each: Some(7), ..Server::default() };
    let (observation, seen) = check(server, Verdict::Fail).await;
    assert_eq!(seen.wrong, seen.mints() / 7);
    let [mint, identity] = observation.calls.as_slice() else { panic!("two calls") };
    assert_eq!((mint.wrong, identity.wrong), (seen.wrong, 0));
    let example = "result.Credentials.Expiration: expected 900s after Date, ±1s, \
                   observed `2026-11-21T21:00:00Z`, 3600s after Date";
    assert_eq!(mint.wrong_examples, [example; EXAMPLES_MAX]);
}

#[tokio::test]
async fn requests_without_an_answer_are_errors_and_not_wrong() {
    let server = Server { hang_up_each: Some(10), ..Server::default() };
    let (observation, seen) = check(server, Verdict::Fail).await;
    assert_eq!(seen.hung_up, seen.mints() / 10);
    assert_eq!(observation.calls[0].error_examples.len(), EXAMPLES_MAX);
}

#[tokio::test]
async fn errors_and_wrong_answers_may_come_together() {
    let server = Server { wrong_each: Some(7), hang_up_each: Some(10), ..Server::default() };
    check(server, Verdict::Fail).await;
}

#[tokio::test]
async fn calls_are_mixed_by_weight() {
    let (observation, _) = check(Server::default(), Verdict::Pass).await;
    let mints = observation.calls[0].requests;
    assert!((145..=155).contains(&mints), "150 are due, {mints} were sent");
}

#[tokio::test]
async fn each_request_is_signed_afresh_and_its_templates_are_filled_in() {
    let (_, seen) = check(Server::default(), Verdict::Pass).await;
    assert_eq!(u64::try_from(seen.signatures.len()).unwrap(), seen.mints());
    let names: Vec<&str> = seen.names.iter().map(String::as_str).collect();
    let [name] = names.as_slice() else { panic!("one name expected: {names:?}") };
    assert!(name.starts_with("load-") && name.len() > "load-".len(), "{name}");
}

#[tokio::test]
async fn secrets_in_wrong_answers_are_not_shown() {
    let profile = r"
profile: curious
says: Expects a secret that nobody has, so that the deviation shows the one there is.
account: minter
users: 2
requests: 20
calls:
  - call: sts.GetFederationToken
    as: minter
    params: {Name: load}
    expect: {result.Credentials.SecretAccessKey: none, result.Credentials.SessionToken: {len: 1}}
";
    let (run, seen) = run(profile, Server::default()).await;
    let run = run.unwrap();
    let rendered = render(&run.observation);
    assert_eq!(run.observation.wrong(), 20);
    assert!(rendered.contains("SecretAccessKey: expected equal to `none`, observed `<redacted>`"));
    for secret in &seen.secrets {
        assert!(!rendered.contains(secret), "{secret}");
    }
    assert_eq!(run.secrets.scan(&rendered), 0);
}
