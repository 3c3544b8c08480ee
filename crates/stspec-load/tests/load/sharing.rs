//! Shards of one load: together they send what the profile says, and their records add up.

use jiff::Timestamp;
use stspec_load::{LoadError, LoadOptions, LoadRun};
use stspec_measure::{LoadRecord, merge};
use stspec_runner::Clock;
use stspec_verdict::Verdict;
use tokio_util::sync::CancellationToken;

use crate::server::{Seen, Server};
use crate::{MIX, connect, library, next_second};

/// One shard of a profile against a server that others load, too.
async fn shard(profile: &str, url: &str, share: &str) -> Result<LoadRun, LoadError> {
    let library = library(profile);
    let options = LoadOptions { share: share.parse().unwrap(), ..LoadOptions::default() };
    let clock = Clock::reading(next_second);
    let connect = connect(&library, url);
    let cancel = CancellationToken::new();
    stspec_load::run(&library, &library.profiles()[0], connect, clock, &options, cancel).await
}

/// Three shards of a profile, one after another as one process makes one load at a time, as if at once.
async fn three(profile: &str) -> (Vec<LoadRecord>, Seen) {
    let server = Server { wrong_each: Some(7), ..Server::default() }.start().await;
    let mut records: Vec<LoadRecord> = Vec::new();
    for share in ["0/3", "1/3", "2/3"] {
        records.push(shard(profile, &server.url, share).await.unwrap().record);
    }
    let started: Timestamp = records[0].started;
    for record in &mut records {
        record.started = started;
    }
    (records, server.sight.seen())
}

#[tokio::test]
async fn requests_of_shards_add_up_to_those_of_the_profile() {
    let (records, seen) = three(MIX).await;
    let parts: Vec<u64> = records.iter().map(|record| record.totals().counts.requests).collect();
    assert_eq!(parts, [67, 67, 66]);
    let merged = merge(&records).unwrap();
    assert_eq!(merged.calls[0].counted.requests, seen.mints());
    assert_eq!(merged.calls[1].counted.requests, seen.count("GetCallerIdentity") - 6);
    assert_eq!(merged.totals().counts.wrong, seen.wrong);
    assert_eq!((merged.share, merged.verdict()), (None, Verdict::Fail));
    assert_eq!(records[1].share, "1/3".parse().ok());
}

#[tokio::test]
async fn starts_of_shards_add_up_to_those_of_the_profile() {
    let rate = "{rate: [{to: 101, hold: 1s}], connections: 4}";
    let profile = MIX.replace("{users: [{to: 4}]}\nrequests: 200", rate);
    let (records, seen) = three(&profile).await;
    let offered = |record: &LoadRecord| record.offered.as_ref().unwrap().turns;
    assert_eq!(records.iter().map(offered).collect::<Vec<_>>(), [34, 34, 33]);
    let merged = merge(&records).unwrap();
    let identities = seen.count("GetCallerIdentity") - 6;
    assert_eq!(merged.totals().counts.requests, seen.mints() + identities);
}

#[tokio::test]
async fn a_shard_without_a_user_is_refused() {
    let refused = shard(MIX, "http://127.0.0.1:9", "0/5").await.unwrap_err();
    let words = "profile `mix` can't be shared: it has 4 users, fewer than 5 shards; use fewer";
    assert_eq!(refused.to_string(), words);
}
