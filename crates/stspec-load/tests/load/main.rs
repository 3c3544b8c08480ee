//! Profiles run against a small server that answers rightly, wrongly or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do: by panicking"
)]

mod server;

mod carriers;
mod counting;
mod ending;
mod limits;
mod open;
mod preparing;
mod sharing;
mod silence;
mod staying;

use std::future::{Future, pending};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use stspec_load::{Caps, LoadError, LoadOptions, LoadRun};
use stspec_runner::{Administrator, Clock, ConnectOptions, Credentials};
use stspec_scenario::{Endpoints, Library, ReadContext};

use tokio_util::sync::CancellationToken;

use server::{Seen, Server};

const ACCOUNT: &str = r#"
account: minter
says: A user that may mint sessions.
users:
  minter:
    policies:
      mint: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sts:*", Resource: "*"}]}
"#;

const TARGET: &str = r#"
target: here
says: The server of this test.
kind: emulator
endpoints: {sts: "http://127.0.0.1:9", iam: "http://127.0.0.1:9"}
region: us-east-1
partition: aws
capabilities: {iam.users: present}
"#;

/// 200 requests by 4 users: three mints for each `GetCallerIdentity`.
const MIX: &str = r#"
profile: mix
says: Minting, and asking who one is.
account: minter
shape: {users: [{to: 4}]}
requests: 200
calls:
  - id: mint
    call: sts.GetFederationToken
    as: minter
    weight: 3
    params: {Name: "load-${run.id}", DurationSeconds: "900"}
    expect: {status: 200, result.Credentials.Expiration: {expires_in: 900s}}
  - {id: identity, call: sts.GetCallerIdentity, as: minter, expect: {status: 200, result.Account: "${target.account}"}}
"#;

/// The library of these tests with one profile in it.
#[track_caller]
fn library(profile: &str) -> Library {
    let stem = profile.split_whitespace().nth(1).unwrap();
    let files = [
        ("accounts/minter.yaml".to_owned(), ACCOUNT.to_owned()),
        ("targets/here.yaml".to_owned(), TARGET.to_owned()),
        (format!("profiles/{stem}.yaml"), profile.to_owned()),
    ];
    let (library, diagnostics) = Library::load(files, &ReadContext::default());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library
}

/// Runs a profile against a server until its end.
async fn run(profile: &str, server: Server) -> (Result<LoadRun, LoadError>, Seen) {
    run_until(profile, server, |_| pending()).await
}

/// Runs a profile against a server; `stop` is handed what the server did so far.
async fn run_until<S: Future<Output = ()>>(
    profile: &str,
    server: Server,
    stop: impl FnOnce(server::Sight) -> S,
) -> (Result<LoadRun, LoadError>, Seen) {
    run_within(profile, server, Within::default(), stop).await
}

/// What a run of these tests may not exceed.
#[derive(Default)]
struct Within {
    caps: Caps,
    /// What the target's file says.
    requests_per_second: Option<u32>,
}

/// Runs a profile within limits against a server; `stop` is handed what the server did so far.
async fn run_within<S: Future<Output = ()>>(
    profile: &str,
    server: Server,
    within: Within,
    stop: impl FnOnce(server::Sight) -> S,
) -> (Result<LoadRun, LoadError>, Seen) {
    let library = library(profile);
    let started = server.start().await;
    let mut connect = connect(&library, &started.url);
    connect.target.limits.requests_per_second = within.requests_per_second;
    let profile = &library.profiles()[0];
    let stop = stop(started.sight.clone());
    let options = LoadOptions { caps: within.caps, ..LoadOptions::default() };
    let clock = Clock::reading(next_second);
    let cancel = CancellationToken::new();
    let stopping = async {
        stop.await;
        cancel.cancel();
        pending::<()>().await;
    };
    let run = tokio::select! {
        biased;
        () = stopping => unreachable!("it is pending"),
        run = stspec_load::run(&library, profile, connect, clock, &options, cancel.clone()) => run,
    };
    (run, started.sight.seen())
}

/// The way to a server of these tests.
fn connect(library: &Library, url: &str) -> ConnectOptions {
    ConnectOptions {
        target: library.target("here").unwrap().clone(),
        endpoints: Endpoints { sts: url.to_owned(), iam: Some(url.to_owned()), s3: None },
        admin: Administrator::lasting(Credentials::long_term(
            "AKIAADMINADMINADMIN1",
            "admin/secret/admin/secret/admin/secret/1",
        )),
        root: None,
        disabled_sts: None,
        ledgers: None,
    }
}

/// A clock that is a second later each time it is read, so that no two requests are signed alike.
fn next_second() -> SystemTime {
    static SECONDS: AtomicU64 = AtomicU64::new(1_800_000_000);
    SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS.fetch_add(1, Ordering::Relaxed))
}
