//! Decisions told to whoever wants to know why.

use std::sync::{Arc, Mutex};

use stspec_reference::{Config, Explain};

use crate::client::{Keys, Server};

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    {"Sid": "Hide", "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::*/hidden"}]}"#;

/// A server whose explanations are kept, and a user.
struct Stage {
    server: Server,
    user: Keys,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    fn new() -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let explain = Explain::to(move |line| kept.lock().unwrap().push(line.to_owned()));
        let server = Server::started(Config { explain: Some(explain), ..Config::default() });
        assert_eq!(server.s3(&server.root(), "PUT", "/stage", "").status, 200);
        let user = server.user("reader", POLICY);
        Self { server, user, lines }
    }

    /// The lines since the last look, without the request's id, and with `ACCOUNT` in place of it.
    fn told(&self) -> Vec<String> {
        let account = self.server.reference.account().as_str();
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        let anonymous = |line: String| line[37..].replace(account, "ACCOUNT");
        lines.into_iter().map(anonymous).collect()
    }
}

#[test]
fn a_line_names_the_decision_and_its_statements() {
    let stage = Stage::new();
    stage.told();
    stage.server.mint(&stage.user, &[]);
    assert_eq!(
        stage.told(),
        ["allowed arn:aws:iam::ACCOUNT:user/reader sts:GetFederationToken on \
          arn:aws:sts::ACCOUNT:federated-user/stspec: Allow by Statement[0] of identity policy \
          `inline`"]
    );
    stage.server.s3(&stage.user, "GET", "/stage/hidden", "");
    assert_eq!(
        stage.told(),
        [
            "denied arn:aws:iam::ACCOUNT:user/reader s3:GetObject on arn:aws:s3:::stage/hidden with an \
          explicit deny in an identity-based policy: Allow by Statement[1] `Read` of identity \
          policy `inline`, Deny by Statement[2] `Hide` of identity policy `inline`"
        ]
    );
    stage.server.s3(&stage.user, "DELETE", "/stage/other", "");
    assert_eq!(
        stage.told(),
        ["denied arn:aws:iam::ACCOUNT:user/reader s3:DeleteObject on arn:aws:s3:::stage/other \
          because no identity-based policy allows the s3:DeleteObject action: no statement matched"]
    );
}

#[test]
fn what_needs_no_permission_is_not_told() {
    let stage = Stage::new();
    stage.told();
    stage.server.sts(&stage.user, "GetCallerIdentity", &[]);
    assert!(stage.told().is_empty());
}

#[test]
fn a_client_cannot_begin_a_line() {
    let stage = Stage::new();
    stage.told();
    stage.server.s3(&stage.user, "DELETE", "/stage/a%0Ab", "");
    let told = stage.told();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("stage/a\\u{a}b"), "{told:?}");
}

#[test]
fn no_secret_is_told() {
    let stage = Stage::new();
    let session = stage.server.mint(&stage.user, &[("Policy", POLICY)]).keys();
    stage.server.s3(&session, "GET", "/stage/probe", "");
    let told = stage.told().join("\n");
    let secrets = [&stage.user.secret, &session.secret, session.token.as_ref().unwrap()];
    assert!(told.contains("session policy `inline session policy`"), "{told}");
    assert!(secrets.iter().all(|secret| !told.contains(secret.as_str())), "{told}");
}
