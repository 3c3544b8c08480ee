//! The open model: what is offered does not depend on what the target does.

use std::time::Duration;

use stspec_measure::{Histogram, LoadRecord};
use stspec_verdict::Verdict;
use tokio::time::Instant;

use crate::run;
use crate::server::{Freeze, Server};

/// GetCallerIdentity at a shape's pace.
fn profile(shape: &str) -> String {
    format!(
        "
profile: open
says: Asking who one is at a rate.
account: minter
shape: {shape}
thresholds: {{dropped: 0}}
calls:
  - {{id: identity, call: sts.GetCallerIdentity, as: minter, expect: {{status: 200}}}}
"
    )
}

async fn record(shape: &str, server: Server) -> LoadRecord {
    run(&profile(shape), server).await.0.unwrap().record
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_turns_are_started_as_the_shape_says() {
    let shape = "{rate: [{to: 500, over: 400ms, hold: 600ms}], connections: 16}";
    let record = record(shape, Server::default()).await;
    let offered = record.offered.clone().unwrap();
    assert_eq!((offered.turns, offered.dropped), (400, 0));
    assert_eq!((record.totals().counts.requests, record.verdict()), (400, Verdict::Pass));
    assert_eq!(offered.lag.count(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_that_could_not_be_started_in_time_are_dropped_and_fail() {
    // The account is made in the last tenth of a second of a period; then nothing is answered for two.
    let frozen = Freeze { every: Duration::from_secs(2), length: Duration::from_millis(1_900) };
    let server = Server { freezes: Some(frozen), ..Server::default() };
    let shape = "{rate: [{to: 100, hold: 1s}], connections: 2, give_up: 50ms}";
    let record = record(shape, server).await;
    let offered = record.offered.clone().unwrap();
    assert_eq!(offered.turns, 100);
    assert!(offered.dropped >= 80, "{}", offered.dropped);
    assert_eq!(offered.turns - offered.dropped, record.totals().counts.requests);
    assert!(offered.crowded >= offered.dropped, "{offered:?}");
    let says = record.saturation().unwrap();
    assert!(says.contains("all 2 connections were busy when"), "{says}");
    let dropped: u64 = record.series.parts.iter().map(|second| second.dropped).sum();
    assert_eq!((dropped, record.verdict()), (offered.dropped, Verdict::Fail));
}

/// A server that stands still for 200 ms of every 2 s: 10 of 100 callers at a steady rate wait for up to
/// 200 ms, so the truth is a p95 of 100 ms and a p99 of 180 ms.
fn stalling() -> Server {
    let freeze = Freeze { every: Duration::from_secs(2), length: Duration::from_millis(200) };
    Server { freezes: Some(freeze), ..Server::default() }
}

/// How far two times are apart, in percent of the first.
fn apart_percent(truth_us: u64, observed_us: Option<u64>) -> u64 {
    observed_us.map_or(u64::MAX, |observed_us| observed_us.abs_diff(truth_us) * 100 / truth_us)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_is_in_the_latencies_of_all_who_would_have_waited() {
    let shape = "{rate: [{to: 500, hold: 4s}], connections: 32}";
    let latency = record(shape, stalling()).await.totals().latency;
    let (p95, p99) = (latency.quantile_us(950), latency.quantile_us(990));
    // Wide, as this runs beside other tests; `a_stall_is_measured_right_at_every_rate` is strict.
    assert!(apart_percent(100_000, p95) <= 40, "{p95:?}");
    assert!(apart_percent(180_000, p99) <= 40, "{p99:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_loop_hides_a_stall_from_its_percentiles() {
    let closed = profile("{users: [{to: 2, hold: 4s}]}").replace("dropped: 0", "");
    let latency = run(&closed, stalling()).await.0.unwrap().record.totals().latency;
    assert!(latency.quantile_us(950) < Some(50_000), "{:?}", latency.quantile_us(950));
    assert!(latency.max_us() > Some(100_000), "it is there all the same");
}

/// The latencies that callers at a steady rate had, as the server saw it: its answers in order against the times
/// of the starts, of which the first is set by the fastest answer. So it holds what a real server takes to
/// work off what piled up.
fn truth(rate: u64, answered: &[Instant]) -> Histogram {
    let late = |(number, answered): (u32, &Instant)| {
        let start = Duration::from_secs(1) / u32::try_from(rate).unwrap() * number;
        *answered - start
    };
    let meant: Vec<Instant> = (0..).zip(answered).map(late).collect();
    let first = *meant.iter().min().unwrap();
    let mut truth = Histogram::default();
    for each in meant {
        truth.record(u64::try_from((each - first).as_micros()).unwrap());
    }
    truth
}

/// The bar of the open model; wants a quiet machine:
/// `cargo test --release -p stspec-load --test load -- --ignored --nocapture stall`.
#[ignore = "measures time, so it wants a machine of its own"]
#[tokio::test(flavor = "multi_thread")]
async fn a_stall_is_measured_right_at_every_rate() {
    for (rate, seconds) in [(10, 60), (100, 20), (1_000, 20), (5_000, 10), (10_000, 10)] {
        let shape = format!("{{rate: [{{to: {rate}, hold: {seconds}s}}], connections: 64}}");
        let (run, seen) = run(&profile(&shape), stalling()).await;
        let record = run.unwrap().record;
        let (totals, offered) = (record.totals(), record.offered.clone().unwrap());
        let delivered = totals.counts.requests;
        let before = seen.identified.len() - usize::try_from(delivered).unwrap();
        let truth = truth(rate, &seen.identified[before..]);
        let lag = offered.lag.quantile_us(990).unwrap();
        println!("{rate}/s for {seconds} s: {delivered} delivered, lag p99 {lag} us");
        assert_eq!((offered.turns, offered.dropped), (rate * seconds, 0));
        assert_eq!(delivered, rate * seconds);
        for permille in [950, 990] {
            let (true_us, observed_us) =
                (truth.quantile_us(permille).unwrap(), totals.latency.quantile_us(permille));
            println!("  p{permille}: {observed_us:?} us measured, {true_us} us by the server");
            assert!(apart_percent(true_us, observed_us) <= 10, "at {rate}/s");
        }
        assert!(rate != 1_000 || lag < 1_000, "{lag}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn processor_time_is_held_against_the_time_in_which_turns_were_started() {
    let takes = Duration::from_secs(6);
    let server = Server { mint_takes: Some(takes), ..Server::default() };
    let shape = "{rate: [{to: 10, hold: 1s}], connections: 16}";
    let mint = "sts.GetFederationToken, as: minter, params: {Name: load}";
    let profile = profile(shape).replace("sts.GetCallerIdentity, as: minter", mint);
    let (run, _) = run(&profile, server).await;
    let record = run.unwrap().record;
    assert!(record.totals().latency.min_us() >= Some(6_000_000));
    let wall_us = record.generator.cpu.unwrap().wall_us;
    assert!((900_000..5_000_000).contains(&wall_us), "{wall_us}");
}
