//! `stspec serve` as processes of their own, asked by AWS's own signer.

use std::path::PathBuf;

use aws_credential_types::Credentials;

use crate::client::{Served, check, long_term, run};

const SEED: &str = r#"{
    "account": "123456789012",
    "users": [{"name": "broker",
        "access_keys": [{"id": "AKIASTSPECSEEDBROKER", "secret": "broker/secret"}],
        "inline_policies": {"all": {"Version": "2012-10-17",
            "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}}}],
    "roles": [{"name": "reader", "trust": {"Statement": [{"Effect": "Allow",
        "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}]}}]
}"#;

const KEY_RING: &str = r#"{"keys": [{"id": 1, "created": "2026-11-21T00:00:00Z",
    "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}"#;

/// Calls that pass through two servers in turn; even, so that each of three steps meets both.
const ROUNDS: usize = 8;

/// Files that servers begin with, removed when dropped.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().expect("a folder"));
        files.write("seed.json", SEED);
        files.write("ring.json", KEY_RING);
        files
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn serve(&self, more: &[&str]) -> Served {
        let (seed, ring) = (self.path("seed.json"), self.path("ring.json"));
        Served::start(&[&["--seed", &seed, "--key-ring", &ring], more].concat())
    }
}

fn broker() -> Credentials {
    long_term("AKIASTSPECSEEDBROKER", "broker/secret")
}

const ROLE: [(&str, &str); 2] =
    [("RoleArn", "arn:aws:iam::123456789012:role/reader"), ("RoleSessionName", "s1")];

#[test]
fn two_processes_with_one_seed_and_one_key_ring_accept_each_others_sessions() {
    let files = Files::new();
    let servers = [files.serve(&[]), files.serve(&[])];
    assert_ne!(servers[0].endpoint(), servers[1].endpoint());
    // A plain round robin: each call goes to the server whose turn it is, and the three calls of a
    // round make an odd number, so that every step meets both servers.
    let mut turn = servers.iter().cycle();
    let mut call = |keys: &Credentials, action: &str, params: &[(&str, &str)]| {
        turn.next().expect("a cycle has no end").sts(keys, action, params)
    };
    for round in 0..ROUNDS {
        let name = format!("round-{round}");
        let federated = call(&broker(), "GetFederationToken", &[("Name", &name)]).credentials();
        let reply = call(&federated, "GetCallerIdentity", &[]);
        let arn = format!("arn:aws:sts::123456789012:federated-user/{name}");
        assert_eq!(reply.text("Arn"), arn);
        let assumed = call(&broker(), "AssumeRole", &ROLE).credentials();
        for _ in 0..2 {
            let reply = call(&assumed, "GetCallerIdentity", &[]);
            assert_eq!(reply.text("Arn"), "arn:aws:sts::123456789012:assumed-role/reader/s1");
        }
    }
    let stranger = Served::start(&["--seed", &files.path("seed.json")]);
    let session = servers[0].sts(&broker(), "GetSessionToken", &[]).credentials();
    assert_eq!(servers[1].sts(&session, "GetCallerIdentity", &[]).status, 200);
    let reply = stranger.sts(&session, "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (403, "InvalidClientTokenId".to_owned()));
}

#[test]
fn a_server_whose_clock_is_ahead_takes_sessions_for_expired() {
    let files = Files::new();
    let (now, later) = (files.serve(&[]), files.serve(&["--clock-offset", "+1h"]));
    let seconds = [("Name", "short"), ("DurationSeconds", "900")];
    let session = now.sts(&broker(), "GetFederationToken", &seconds).credentials();
    assert_eq!(now.sts(&session, "GetCallerIdentity", &[]).status, 200);
    // The signature is an hour old there as well, and expiry is noticed first.
    let reply = later.sts(&session, "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (403, "ExpiredToken".to_owned()));
    let reply = later.sts(&broker(), "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (403, "SignatureDoesNotMatch".to_owned()));
    assert!(reply.text("Message").starts_with("Signature expired"), "{}", reply.body);
}

#[test]
fn the_revision_and_the_regions_are_chosen_by_flags() {
    let files = Files::new();
    let earlier = files.serve(&["--revision", "2026-09-14", "--disable-region", "eu-west-3"]);
    let from = files.serve(&["--revision", "2026-09-15"]);
    let mint = |served: &Served| served.sts(&broker(), "GetFederationToken", &[("Name", "name")]);
    assert!(mint(&earlier).texts("SessionTokenSize").is_empty());
    let reply = mint(&from);
    assert_eq!(reply.text("SessionTokenSize"), reply.text("SessionToken").len().to_string());
    let reply = earlier.sts_in("eu-west-3", &broker(), "GetSessionToken", &[]);
    assert_eq!(reply.refusal(), (403, "RegionDisabledException".to_owned()));
    assert_eq!(earlier.sts_in("eu-west-3", &broker(), "GetCallerIdentity", &[]).status, 200);
}

#[test]
fn explanations_go_to_stderr_and_hold_no_secrets() {
    let files = Files::new();
    let served = files.serve(&["--explain"]);
    let session = served.sts(&broker(), "GetFederationToken", &[("Name", "name")]).credentials();
    let told = served.stop();
    assert!(
        told.contains(
            " allowed arn:aws:iam::123456789012:user/broker sts:GetFederationToken on \
             arn:aws:sts::123456789012:federated-user/name: Allow by Statement[0] `All` of identity \
             policy `all`\n"
        ),
        "{told}"
    );
    let token = session.session_token().expect("a session has a token");
    for secret in ["broker/secret", session.secret_access_key(), token] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_faulty_file_ends_it_with_place_fact_and_remedy() {
    let files = Files::new();
    files.write("shape.json", "{\n  \"usres\": []}");
    files.write("entry.json", &SEED.replace("\"broker\",", "\"broker broker\","));
    files.write("empty.json", r#"{"keys": []}"#);
    let check_ends = |flag: &str, name: &str, words: &[&str]| {
        check(&run(&["serve", flag, &files.path(name)]), 3, words);
    };
    check_ends("--seed", "shape.json", &["line 2, column 9 of the seed", "unknown field `usres`"]);
    check_ends(
        "--seed",
        "entry.json",
        &["`users[0]` of the seed", "userName", "write what IAM takes"],
    );
    check_ends("--seed", "missing.json", &["missing.json"]);
    check_ends("--key-ring", "empty.json", &["`keys` of the key ring is empty; add a key"]);
    check_ends("--key-ring", "missing.json", &["missing.json"]);
    let seed = files.path("seed.json");
    let other = ["serve", "--seed", &seed, "--account", "424242424242"];
    check(&run(&other), 3, &["the seed is for account 123456789012"]);
}

#[test]
fn a_flag_that_asks_for_the_impossible_is_a_matter_of_usage() {
    let check_ends = |flag: &str, value: &str, words: &[&str]| {
        check(&run(&["serve", flag, value]), 2, words);
    };
    check_ends("--disable-region", "us-east-1", &["STS can't be disabled in `us-east-1`"]);
    check_ends("--clock-offset", "soon", &["`soon` is no duration"]);
    check_ends("--revision", "2026-13-01", &["--revision"]);
}
