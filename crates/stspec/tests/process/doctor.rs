//! What `stspec doctor` finds out about servers that differ, and what it proposes.

use std::path::{Path, PathBuf};
use std::process::Output;

use crate::client::{Served, check, ended, run, stspec, text};
use crate::folders::scenarios;

/// A scenarios folder with the shipped rules and accounts, and with a target of this name and text.
fn folder_with_target(name: &str, text: &str) -> tempfile::TempDir {
    let taken = ["accounts", "rules", "profiles"];
    scenarios(&taken, &[(&format!("targets/{name}.yaml"), text)])
}

/// Whether a proposal loads as the file of this target.
#[track_caller]
fn lints(name: &str, proposal: &Output) {
    let folder = folder_with_target(name, &String::from_utf8_lossy(&proposal.stdout));
    let scenarios = folder.path().to_str().expect("UTF-8");
    check(&run(&["--scenarios", scenarios, "lint"]), 0, &["no faults"]);
}

fn ledgers(state: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(state).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn the_reference_is_as_its_file_says_in_every_respect() {
    let output = run(&["doctor"]);
    check(&output, 0, &["nothing contradicts the target file", "kind: embedded"]);
    let found = String::from_utf8_lossy(&output.stdout).matches(": present\n").count();
    assert_eq!(found, 9, "{}", text(&output));
    lints("reference", &output);
}

#[test]
fn a_server_that_nobody_described_gets_a_file_that_loads() {
    let served = Served::start(&[]);
    let before = served.inventory();
    let state = tempfile::tempdir().expect("a folder");
    let output = served.ask(&["doctor", "--endpoint", served.endpoint()], state.path());
    let endpoint = format!("endpoint: \"{}\"", served.endpoint());
    let found = [
        &endpoint,
        "iam.enforcement: present",
        "clock.set: absent",
        "region.disabled: unknown",
        "SignatureDoesNotMatch",
        "allows the iam:ListUsers action",
    ];
    check(&output, 0, &found);
    lints("endpoint", &output);
    assert_eq!((served.inventory(), ledgers(state.path())), (before, Vec::new()));
}

#[test]
fn a_file_that_says_otherwise_is_contradicted_line_by_line() {
    let served = Served::start(&[]);
    let target = format!(
        "target: mine\nsays: Mine.\nkind: emulator\nendpoint: {}\nregion: us-east-1\npartition: aws\n\
         capabilities: {{s3: absent, sigv4: absent, clock.set: present, region.disabled: absent}}\n",
        served.endpoint()
    );
    let folder = folder_with_target("mine", &target);
    let scenarios = folder.path().to_str().expect("UTF-8");
    let args = ["--scenarios", scenarios, "doctor", "--target", "mine"];
    let output = served.ask(&args, &folder.path().join("state"));
    let contradicted = [
        "s3               present  <- the target file says absent",
        "sigv4            present  <- the target file says absent",
        "clock.set        absent   <- the target file says present",
        "iam.users        present\n",
        // What could not be found out stays as it was declared.
        "region.disabled  unknown\n",
        "  region.disabled: absent\n",
        "the target is not as its file says",
        "  s3: present\n",
    ];
    check(&output, 1, &contradicted);
    lints("mine", &output);
}

#[test]
fn where_only_sts_is_there_the_rest_is_absent_or_unknown() {
    let served = Served::start(&[]);
    let state = tempfile::tempdir().expect("a folder");
    let endpoint = format!("sts={}", served.endpoint());
    let output = served.ask(&["doctor", "--endpoint", &endpoint], state.path());
    let found = [
        "iam.users: absent",
        "iam.policies: absent",
        "iam.roles: absent",
        "iam.enforcement: unknown",
        "sigv4: present",
        "s3: absent",
        "the administrator's key and a wrong secret",
    ];
    check(&output, 0, &found);
    lints("endpoint", &output);
}

#[test]
fn what_does_not_answer_is_4_and_proposes_nothing() {
    let mut command = stspec(&["doctor", "--endpoint", "http://127.0.0.1:1"]);
    let output = ended(command.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b"));
    check(&output, 4, &["no STS answers"]);
    assert!(output.stdout.is_empty());
}
