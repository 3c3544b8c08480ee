//! No file that a run writes holds a secret, in any encoding: every secret is taken down on the wire, and
//! every file searched, by code that shares nothing with the redactor.

#![expect(clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod search;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use search::Search;

use crate::client::{Served, check, ended, stspec};
use crate::emulator::{emulator, made};
use crate::wiretap::Wiretap;

/// How long a run is watched for its ledger, in hundredths of a second.
const LOOKS_MAX: u32 = 3000;

/// One that shows in every answer that mints, and one that shows signatures in refusals.
const FAULTS: [&str; 2] = ["answer-without-federated-user", "signature-comparison-shown"];

/// A server with mistakes that make many rules fail, so that reports show exchanges.
fn faulty() -> Served {
    let faults = FAULTS.map(|fault| ["--fault", fault]).concat();
    Served::start(&[&["--clock-control"], faults.as_slice()].concat())
}

/// Runs stspec as root through the wiretap; what it says goes to files of this name.
fn run(served: &Served, folder: &Path, name: &str, args: &[&str]) -> Child {
    let file =
        |kind: &str| fs::File::create(folder.join(format!("{name}.{kind}"))).expect("a file");
    let mut command: Command = served.client(args);
    command
        .current_dir(folder)
        .env("STSPEC_STATE_DIR", folder.join("state"))
        .env_remove("NO_COLOR")
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .stdout(file("stdout"))
        .stderr(file("stderr"))
        .spawn()
        .expect("stspec starts")
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let paths = entries.map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Ends a run by force once its ledger tells of a user, so that the ledger stays.
fn kill_in_the_middle(mut run: Child, folder: &Path) {
    let is_under_way = || {
        let mut ledgers = files(&folder.join("state")).into_iter();
        ledgers.any(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("-bucket")))
    };
    let looks = (0..LOOKS_MAX).take_while(|_| {
        thread::sleep(Duration::from_millis(10));
        !folder.join("state").exists() || !is_under_way()
    });
    let looked = looks.count();
    run.kill().expect("it still runs");
    run.wait().expect("it ended");
    assert!(looked < usize::try_from(LOOKS_MAX).expect("a number"), "it made nothing");
}

/// Credentials in an answer that is cut off.
const CUT_OFF: &str = "<GetFederationTokenResponse><GetFederationTokenResult><Credentials>\
    <SecretAccessKey>cut/off/secret/cut/off/secret/cut/off/se</SecretAccessKey>\
    <SessionToken>cut/off/token/cut/off/token</Sess";

#[test]
fn a_trace_holds_no_secret_of_an_answer_that_cannot_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let endpoint = emulator(|action| match action {
        "GetFederationToken" => ("200 OK", CUT_OFF),
        _ => made(action),
    });
    let trace = folder.path().join("trace.jsonl");
    let to = format!("--trace={}", trace.display());
    let rule = "get-federation-token/duration/root-default";
    let mut run = stspec(&["run", rule, "--endpoint", &endpoint, &to]);
    run.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test-secret-of-root");
    check(&ended(&mut run), 1, &["not well-formed XML"]);
    let text = fs::read_to_string(trace).expect("a trace");
    assert!(text.contains("GetFederationTokenResult"), "{text}");
    assert!(!text.contains("cut/off"), "{text}");
}

#[test]
fn no_file_of_a_run_holds_a_secret_in_any_encoding() {
    let (served, folder) = (faulty(), tempfile::tempdir().expect("a folder"));
    let folder = folder.path();
    let wiretap = Wiretap::between(served.endpoint());
    let url = wiretap.endpoint();
    let everything = [
        "run",
        "--endpoint",
        &url,
        "--github",
        "--report=json=report.json",
        "--report=junit=report.xml",
        "--report=markdown=report.md",
        "--report=html=report.html",
        "--trace=trace.jsonl",
    ];
    let accept = ["snapshot", "accept", "--endpoint", &url];
    for (name, args) in [("run", &everything[..]), ("accept", &accept[..])] {
        let ended = run(&served, folder, name, args).wait().expect("it ends");
        assert!(matches!(ended.code(), Some(0 | 1)), "{name}: {ended}");
    }
    kill_in_the_middle(run(&served, folder, "killed", &everything[..3]), folder);

    let secrets = wiretap.secrets();
    let search =
        Search::of(secrets.iter().map(String::as_str).chain([served.root().secret_access_key()]));
    let signatures = secrets.iter().filter(|secret| secret.len() == 64).count();
    assert!(wiretap.heard() > 5_000_000, "{} bytes", wiretap.heard());
    assert!(secrets.len() > 2_000 && signatures > 1_000, "{} secrets", secrets.len());

    let files = files(folder);
    for name in
        ["report.json", "report.xml", "report.md", "report.html", "trace.jsonl", "summary.md"]
    {
        let text = fs::read_to_string(folder.join(name)).expect(name);
        assert!(text.len() > 1_000, "{name} has {} bytes", text.len());
    }
    let below =
        |name: &str| files.iter().filter(|file| file.starts_with(folder.join(name))).count();
    assert!(below("snapshots") > 300 && below("state") > 0, "{files:?}");
    for file in files {
        let found = search.finds(&fs::read(&file).expect("a file"));
        let shown: Vec<_> = found.iter().take(5).collect();
        assert!(found.is_empty(), "{} in {}: {shown:#?}", found.len(), file.display());
    }
}
