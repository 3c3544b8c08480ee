//! Caps and limits: they hold, nobody waits for them in vain, and what they cut is not called complete.

use std::future::pending;
use std::time::Duration;

use stspec_load::{Caps, LoadRun};
use stspec_measure::Ending;
use stspec_verdict::Verdict;
use tokio::time::{Instant, timeout};

use crate::server::{Seen, Server, Sight};
use crate::{MIX, Within, run_within};

/// Much longer than what is tested takes, and much shorter than what it would take if it were wrong.
const SOON: Duration = Duration::from_secs(50);

fn shaped(shape: &str) -> String {
    MIX.replace("{users: [{to: 4}]}\nrequests: 200", shape)
}

fn at_most(rate: Option<u32>, total: Option<u64>) -> Within {
    Within { caps: Caps { rate, total }, requests_per_second: None }
}

async fn run(profile: &str, within: Within) -> (LoadRun, Seen) {
    let running = run_within(profile, Server::default(), within, |_| pending());
    let (run, seen) = timeout(SOON, running).await.expect("nobody waits in vain");
    (run.unwrap(), seen)
}

/// How many requests of a load were seen. The first two that ask who one is are none.
fn sent(seen: &Seen) -> u64 {
    seen.mints() + seen.count("GetCallerIdentity").saturating_sub(2)
}

async fn until_sent(sight: Sight, requests: u64) {
    while sent(&sight.seen()) < requests {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Stops a run after so many requests; it has to end without the hundreds that were waiting.
async fn check_stopped(profile: &str, within: Within, after: u64) {
    let stopped = run_within(profile, Server::default(), within, |sight| until_sent(sight, after));
    let (run, seen) = timeout(SOON, stopped).await.expect("nobody waits for a turn any more");
    let record = run.unwrap().record;
    assert_eq!((record.ending, record.verdict()), (Ending::Interrupted, Verdict::Inconclusive));
    assert_eq!(record.totals().counts.requests, sent(&seen));
    assert!((after..after + 100).contains(&sent(&seen)), "{}", sent(&seen));
}

#[tokio::test]
async fn who_waits_for_a_capped_rate_stops_at_once() {
    check_stopped(&shaped("{users: [{to: 128}]}\nrequests: 1000"), at_most(Some(1), None), 1).await;
}

#[tokio::test]
async fn a_stop_while_the_last_turns_wait_is_an_interruption() {
    check_stopped(&shaped("{users: [{to: 128}]}\nrequests: 128"), at_most(Some(1), None), 1).await;
}

#[tokio::test]
async fn who_waits_for_a_target_that_is_limited_stops_at_once() {
    let within = Within { requests_per_second: Some(8), caps: Caps::default() };
    check_stopped(&shaped("{users: [{to: 1000}]}\nrequests: 1000"), within, 1).await;
}

#[tokio::test]
async fn a_turn_of_several_calls_that_waits_for_a_limited_target_is_broken_off() {
    let turn = "{users: [{to: 200, hold: 1h}]}";
    let step =
        "      - {id: NAME, call: sts.GetCallerIdentity, as: minter, expect: {status: 200}}\n";
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let steps: String = names.map(|name| step.replace("NAME", name)).concat();
    let profile = format!(
        "profile: steps\nsays: Ten calls a turn.\naccount: minter\nshape: {turn}\ncalls:\n  - steps:\n{steps}"
    );
    let within = Within { requests_per_second: Some(24), caps: Caps::default() };
    // So many users have begun a turn then, and nine more calls each wait.
    check_stopped(&profile, within, 24).await;
}

#[tokio::test]
async fn a_planned_end_ends_those_who_wait_for_a_capped_rate() {
    let (run, _) = run(&shaped("{users: [{to: 128, hold: 1s}]}"), at_most(Some(2), None)).await;
    let requests = run.record.totals().counts.requests;
    assert!(requests <= 2, "{requests} within a second, in which two turns may be taken");
    assert_eq!(run.record.ending, Ending::Complete);
}

#[tokio::test]
async fn a_capped_rate_is_kept() {
    let started = Instant::now();
    let (run, _) = run(&shaped("{users: [{to: 16}]}\nrequests: 20"), at_most(Some(20), None)).await;
    assert_eq!(run.record.totals().counts.requests, 20);
    assert!(started.elapsed() >= Duration::from_millis(950), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_run_that_its_cap_cut_is_not_complete_and_wakes_those_who_come_later() {
    // The second user would come on duty after half an hour.
    let ramp = shaped("{users: [{to: 2, over: 1h}]}");
    let (run, seen) = run(&ramp, at_most(None, Some(9))).await;
    let record = run.record;
    assert_eq!(sent(&seen), 9);
    assert_eq!((record.ending, record.verdict()), (Ending::Capped, Verdict::Inconclusive));
    assert_eq!(record.caps, Caps { rate: None, total: Some(9) });
}

#[tokio::test]
async fn a_cap_that_was_not_needed_cuts_nothing() {
    let (run, _) = run(MIX, at_most(Some(100_000), Some(200))).await;
    assert_eq!((run.record.ending, run.record.verdict()), (Ending::Complete, Verdict::Pass));
    assert_eq!(run.record.totals().counts.requests, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_turns_that_were_sent_or_dropped_were_offered() {
    let rate = shaped("{rate: [{to: 100, hold: 1s}], connections: 8}");
    let (run, _) = run(&rate, at_most(None, Some(30))).await;
    let offered = run.record.offered.clone().unwrap();
    assert_eq!(run.record.totals().counts.requests, 30);
    assert_eq!((offered.turns - offered.dropped, run.record.ending), (30, Ending::Capped));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_shape_with_as_many_starts_as_its_cap_is_complete() {
    let rate = shaped("{rate: [{to: 100, hold: 300ms}], connections: 8}");
    let (run, _) = run(&rate, at_most(None, Some(30))).await;
    assert_eq!((run.record.totals().counts.requests, run.record.ending), (30, Ending::Complete));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_takes_no_more_turns_than_its_cap_at_all_rates_together() {
    let knee = shaped("{knee: {from: 50, to: 800, hold: 1s}, connections: 8}");
    let (run, seen) = run(&knee, at_most(None, Some(60))).await;
    assert_eq!(sent(&seen), 60);
    let rates: Vec<u32> = run.record.levels.iter().map(|level| level.rate).collect();
    assert_eq!((rates.as_slice(), run.record.ending), ([50].as_slice(), Ending::Capped));
    assert_eq!(run.record.verdict(), Verdict::Inconclusive);
}

/// Sixteen users at ten requests a second wait for more than a second before each, and none of it is the target's.
async fn check_untimed_waiting(transport: &str) {
    let profile = shaped(&format!("{{users: [{{to: 16}}]}}\nrequests: 24\ntransport: {transport}"));
    let within = Within { requests_per_second: Some(10), caps: Caps::default() };
    let (run, _) = run(&profile, within).await;
    let latency = run.record.totals().latency;
    assert_eq!((latency.count(), run.record.verdict()), (24, Verdict::Pass));
    assert!(latency.quantile_us(500) < Some(1_000_000), "{:?}", latency.quantile_us(500));
}

#[tokio::test]
async fn waiting_for_a_limited_target_is_not_its_latency_over_hyper() {
    check_untimed_waiting("hyper").await;
}

#[tokio::test]
async fn waiting_for_a_limited_target_is_not_its_latency_over_the_sdk() {
    check_untimed_waiting("aws-sdk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn preparing_users_of_a_limited_target_is_not_its_latency() {
    let prepare = "prepare:\n  - {id: s, call: sts.GetFederationToken, as: minter, params: {Name: load}, \
                   expect: {status: 200}, session: s}\ncalls:";
    let rate = shaped("{rate: [{to: 2, hold: 2s}], connections: 16}").replace("calls:", prepare);
    let within = Within { requests_per_second: Some(5), caps: Caps::default() };
    let (run, _) = run(&rate, within).await;
    let latency = run.record.totals().latency;
    assert_eq!(latency.count(), 4);
    assert!(latency.quantile_us(500) < Some(1_000_000), "{:?}", latency.quantile_us(500));
}
