//! What the tests of loads share, those of `stspec-locust` too: an account, a target, a profile and the way to a
//! server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use stspec_runner::{Administrator, ConnectOptions, Credentials};
use stspec_scenario::{Endpoints, Library, ReadContext};

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
pub(crate) const MIX: &str = r#"
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
pub(crate) fn library(profile: &str) -> Library {
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

/// The way to a server of these tests.
pub(crate) fn connect(library: &Library, url: &str) -> ConnectOptions {
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
pub(crate) fn next_second() -> SystemTime {
    static SECONDS: AtomicU64 = AtomicU64::new(1_800_000_000);
    SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS.fetch_add(1, Ordering::Relaxed))
}
