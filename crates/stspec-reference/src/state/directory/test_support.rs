//! Ids that count, for tests.

use jiff::Timestamp;

use super::{AccountContext, Directory, Ids};

/// The account that tests use.
pub(crate) const ACCOUNT: &str = "123456789012";

/// Ids that count from one.
#[derive(Debug, Default)]
pub(crate) struct CountingIds(u32);

impl CountingIds {
    fn next(&mut self, prefix: &str) -> String {
        self.0 += 1;
        format!("{prefix}{:016}", self.0)
    }
}

impl Ids for CountingIds {
    fn user_id(&mut self) -> String {
        self.next("AIDA")
    }

    fn access_key_id(&mut self) -> String {
        self.next("AKIA")
    }

    fn secret_access_key(&mut self) -> String {
        format!("{:040}", self.0)
    }

    fn policy_id(&mut self) -> String {
        self.next("ANPA")
    }

    fn role_id(&mut self) -> String {
        self.next("AROA")
    }
}

/// The moment at which tests take place: 2026-11-21T20:00:00Z.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T20:00:00Z".parse().unwrap()
}

/// An account as it begins.
pub(crate) fn directory() -> Directory {
    let context = AccountContext { partition: "aws".to_owned(), account: ACCOUNT.to_owned() };
    Directory::new(context, &mut CountingIds::default(), now())
}
