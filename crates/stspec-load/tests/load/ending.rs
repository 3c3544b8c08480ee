//! However a run ends, nothing of it stays on the target.

use std::time::Duration;

use stspec_load::LoadError;
use stspec_measure::Ending;
use stspec_runner::ProvisionError;
use stspec_verdict::{Resources, Verdict};

use crate::server::{Server, Sight};
use crate::{MIX, Within, run, run_until, run_within};

const ONE_USER: Resources = Resources { created: 1, removed: 1, leaked: 0 };

async fn until_minted(sight: Sight, mints: u64) {
    while sight.seen().mints() < mints {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_complete_run_cleans_up() {
    let (run, seen) = run(MIX, Server::default()).await;
    let run = run.unwrap();
    assert_eq!((run.record.resources, run.leaks.len()), (ONE_USER, 0));
    assert_eq!((seen.count("CreateUser"), seen.users.len()), (1, 0));
}

#[tokio::test]
async fn an_interrupted_run_waits_for_its_requests_and_cleans_up() {
    let endless = MIX.replace("requests: 200", "requests: 100000000");
    let (run, seen) = run_until(&endless, Server::default(), |sight| until_minted(sight, 20)).await;
    let run = run.unwrap();
    assert_eq!(run.record.ending, Ending::Interrupted);
    assert_eq!(run.record.verdict(), Verdict::Inconclusive);
    assert!((20..100_000).contains(&seen.mints()));
    assert_eq!(run.record.calls[0].counted.requests, seen.mints());
    assert_eq!((run.record.resources, seen.users.len()), (ONE_USER, 0));
}

/// Four hundred users are prepared before the first start, which takes this target a hundred seconds.
#[tokio::test]
async fn an_open_run_that_is_stopped_before_its_first_start_ends_then() {
    let shape = "shape: {rate: [{to: 1, hold: 5s}], connections: 400}\nprepare:\n  - {id: first, \
                 call: sts.GetFederationToken, as: minter, params: {Name: load}, expect: {status: 200}, session: s}";
    let profile = MIX.replace("shape: {users: [{to: 4}]}\nrequests: 200", shape);
    let within = Within { requests_per_second: Some(4), ..Within::default() };
    let run = run_within(&profile, Server::default(), within, |sight| until_minted(sight, 1));
    let ended = tokio::time::timeout(Duration::from_mins(1), run).await;
    let (run, seen) = ended.expect("it does not wait for the first start");
    let run = run.unwrap();
    assert_eq!((run.record.ending, run.record.totals().counts.requests), (Ending::Interrupted, 0));
    assert_eq!((run.record.resources, seen.users.len()), (ONE_USER, 0));
}

#[track_caller]
fn check_interrupted_provisioning(error: &LoadError) {
    let LoadError::Provision(ProvisionError::Interrupted { leaks }) = error else {
        panic!("{error}")
    };
    assert_eq!(leaks.len(), 0, "{leaks:?}");
}

#[tokio::test]
async fn a_run_that_is_stopped_at_once_leaves_nothing() {
    let (run, seen) = run_until(MIX, Server::default(), |_| std::future::ready(())).await;
    check_interrupted_provisioning(&run.unwrap_err());
    assert_eq!((seen.mints(), seen.users.len()), (0, 0));
}

#[tokio::test]
async fn a_run_that_is_stopped_while_its_account_is_made_removes_it() {
    let until_created = |sight: Sight| async move {
        while sight.seen().count("CreateUser") == 0 {
            tokio::task::yield_now().await;
        }
    };
    let (run, seen) = run_until(MIX, Server::default(), until_created).await;
    check_interrupted_provisioning(&run.unwrap_err());
    assert_eq!((seen.mints(), seen.count("DeleteUser"), seen.users.len()), (0, 1, 0));
}

#[tokio::test]
async fn an_account_that_could_not_be_made_is_removed_again() {
    let server = Server { refuses: Some("PutUserPolicy"), ..Server::default() };
    let (run, seen) = run(MIX, server).await;
    let LoadError::Provision(error) = run.unwrap_err() else { panic!("the stand must fail") };
    let ProvisionError::NotProvisioned { reason, leaks, .. } = error else { panic!("{error}") };
    assert_eq!(reason, "iam.PutUserPolicy answered 500 `InternalFailure`, without a message");
    assert_eq!((seen.mints(), seen.users.len(), leaks.len()), (0, 0, 0));
}

#[tokio::test]
async fn what_cannot_be_removed_is_reported() {
    let server = Server { refuses: Some("DeleteUser"), ..Server::default() };
    let (run, seen) = run(MIX, server).await;
    let run = run.unwrap();
    assert_eq!(run.record.resources, Resources { created: 1, removed: 0, leaked: 1 });
    let user = seen.users.first().unwrap();
    assert!(run.leaks[0].starts_with(&format!("user `{user}`")), "{:?}", run.leaks);
}

#[tokio::test]
async fn a_call_without_credentials_is_refused_after_cleaning_up() {
    let as_root = MIX.replace(
        "{id: identity, call: sts.GetCallerIdentity, as: minter",
        "{id: identity, call: sts.GetCallerIdentity, as: root",
    );
    let (run, seen) = run(&as_root, Server::default()).await;
    let error = run.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the load could not be made: identity as `root` could not be made ready: \
         its credentials are not at hand"
    );
    assert_eq!((seen.mints(), seen.count("CreateUser"), seen.users.len()), (0, 1, 0));
}
