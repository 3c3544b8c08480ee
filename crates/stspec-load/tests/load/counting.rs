//! What the server did and what the record says are the same.

use stspec_measure::{Ending, LoadCounts, LoadRecord};
use stspec_verdict::Verdict;

use crate::server::{Seen, Server};
use crate::{MIX, run};

/// Runs [`MIX`] and checks that the totals are what the server counted.
async fn check(server: Server, verdict: Verdict) -> (LoadRecord, Seen) {
    let (run, seen) = run(MIX, server).await;
    let record = run.unwrap().record;
    let LoadCounts { requests, errors, wrong } = record.totals().counts;
    assert_eq!(requests, 200);
    assert_eq!(record.calls[0].counted.requests, seen.mints());
    // The first two are no load: the administrator connects, and its new user is known.
    assert_eq!(record.calls[1].counted.requests, seen.count("GetCallerIdentity") - 2);
    assert_eq!((wrong, errors), (seen.wrong, seen.hung_up));
    assert_eq!(record.totals().latency.count(), 200 - seen.hung_up);
    assert_eq!((record.ending, record.verdict()), (Ending::Complete, verdict));
    (record, seen)
}

#[tokio::test]
async fn right_answers_pass() {
    let (record, _) = check(Server::default(), Verdict::Pass).await;
    assert!(record.duration_us > 0);
    assert!(record.totals().latency.max_us() > Some(0));
    assert!(record.calls.iter().all(|call| call.wrong_examples.is_empty()));
}

#[tokio::test]
async fn an_answer_that_is_wrong_now_and_then_is_counted_each_time() {
    let server = Server { wrong_each: Some(7), ..Server::default() };
    let (record, seen) = check(server, Verdict::Fail).await;
    assert_eq!(seen.wrong, seen.mints() / 7);
    let [mint, identity] = record.calls.as_slice() else { panic!("two calls") };
    assert_eq!((mint.counted.wrong, identity.counted.wrong), (seen.wrong, 0));
    let example = "result.Credentials.Expiration: expected 900s after Date, ±1s, \
                   observed `2026-11-21T21:00:00Z`, 3600s after Date";
    assert_eq!(mint.wrong_examples, [example]);
}

#[tokio::test]
async fn a_session_without_a_token_is_wrong() {
    let server = Server { tokenless_each: Some(50), ..Server::default() };
    let (record, seen) = check(server, Verdict::Fail).await;
    assert_eq!(seen.wrong, 3);
    let example = "result.Credentials: expected credentials, observed an answer without";
    assert_eq!(record.calls[0].wrong_examples, [example]);
}

#[tokio::test]
async fn one_wrong_answer_in_ten_thousand_fails_the_run_and_is_named() {
    let profile = MIX.replace("requests: 200", "requests: 12000");
    let (run, seen) = run(&profile, Server { wrong_each: Some(8_000), ..Server::default() }).await;
    let record = run.unwrap().record;
    assert_eq!((seen.wrong, record.totals().counts.wrong), (1, 1));
    assert_eq!((record.verdict(), record.calls[0].wrong_examples.len()), (Verdict::Fail, 1));
}

#[tokio::test]
async fn credentials_that_are_handed_out_twice_fail_the_run_and_are_named() {
    let (run, seen) = run(MIX, Server { repeats_each: Some(100), ..Server::default() }).await;
    let record = run.unwrap().record;
    assert_eq!(seen.mints(), 150);
    assert_eq!((record.credentials.seen, record.credentials.repeated), (150, 1));
    assert_eq!((record.totals().counts.wrong, record.verdict()), (1, Verdict::Fail));
    let [example] = record.calls[0].wrong_examples.as_slice() else { panic!("one example") };
    assert!(example.contains("observed the access key id of an earlier answer, `ASIAMINTED"));
}

#[tokio::test]
async fn requests_without_an_answer_are_errors_and_not_wrong() {
    let server = Server { hang_up_each: Some(10), ..Server::default() };
    let (record, seen) = check(server, Verdict::Fail).await;
    assert_eq!(seen.hung_up, seen.mints() / 10);
    assert_eq!(record.calls[0].error_examples.len(), 1, "equal reasons are shown once");
}

#[tokio::test]
async fn errors_and_wrong_answers_may_come_together() {
    let server = Server { wrong_each: Some(7), hang_up_each: Some(10), ..Server::default() };
    check(server, Verdict::Fail).await;
}

#[tokio::test]
async fn calls_are_mixed_by_weight() {
    let (record, _) = check(Server::default(), Verdict::Pass).await;
    let mints = record.calls[0].counted.requests;
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
shape: {users: [{to: 2}]}
requests: 20
calls:
  - id: mint
    call: sts.GetFederationToken
    as: minter
    params: {Name: load}
    expect: {result.Credentials.SecretAccessKey: none, result.Credentials.SessionToken: {len: 1}}
";
    let (run, seen) = run(profile, Server::default()).await;
    let run = run.unwrap();
    let rendered = format!("{:?}", run.record);
    assert_eq!(run.record.totals().counts.wrong, 20);
    assert!(rendered.contains("SecretAccessKey: expected equal to `none`, observed `<redacted>`"));
    for secret in &seen.secrets {
        assert!(!rendered.contains(secret), "{secret}");
    }
    assert_eq!(run.secrets.scan(&rendered), 0);
}
