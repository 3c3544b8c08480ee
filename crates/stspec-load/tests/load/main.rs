//! Profiles run against a small server that answers rightly, wrongly or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do: by panicking"
)]

mod server;
mod world;

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

use stspec_load::{Caps, LoadError, LoadOptions, LoadRun};
use stspec_runner::Clock;

use tokio_util::sync::CancellationToken;

use server::{Seen, Server};
use world::{MIX, connect, library, next_second};

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
