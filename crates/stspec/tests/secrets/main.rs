//! No file that a run writes holds a secret, in any encoding: every secret is taken down on the wire, and
//! every file searched, by code that shares nothing with the redactor.

#![expect(clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod search;
mod wiretap;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use search::Search;
use serde_json::Value;
use wiretap::Wiretap;

/// How long a run is watched for its ledger, in hundredths of a second.
const LOOKS_MAX: u32 = 3000;

/// One that shows in every answer that mints, and one that shows signatures in refusals.
const FAULTS: [&str; 2] = ["answer-without-federated-user", "signature-comparison-shown"];

/// `stspec serve` on a free port, ended when dropped.
struct Served {
    process: Child,
    line: Value,
}

impl Served {
    /// With mistakes that make many rules fail, so that reports show exchanges.
    fn start() -> Self {
        let faults = FAULTS.map(|fault| ["--fault", fault]).concat();
        let args = [&["serve", "--clock-control"], faults.as_slice()].concat();
        let mut process =
            stspec(&args, Path::new(".")).stdout(Stdio::piped()).spawn().expect("stspec starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        Self { process, line: serde_json::from_str(&line).expect("one JSON line") }
    }

    fn text(&self, place: &str) -> &str {
        self.line.pointer(place).and_then(Value::as_str).expect("a text")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already; either way it is waited for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// stspec in a folder, without any environment of AWS or of a build server.
fn stspec(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stspec"));
    command.args(args).current_dir(folder).env("STSPEC_STATE_DIR", folder.join("state"));
    for variable in [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
        "STSPEC_ROOT_ACCESS_KEY_ID",
        "STSPEC_ROOT_SECRET_ACCESS_KEY",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs stspec as root through the wiretap; what it says goes to files of this name.
fn run(served: &Served, folder: &Path, name: &str, args: &[&str]) -> Child {
    let file =
        |kind: &str| fs::File::create(folder.join(format!("{name}.{kind}"))).expect("a file");
    stspec(args, folder)
        .env("AWS_ACCESS_KEY_ID", served.text("/root/access_key_id"))
        .env("AWS_SECRET_ACCESS_KEY", served.text("/root/secret_access_key"))
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

#[test]
fn no_file_of_a_run_holds_a_secret_in_any_encoding() {
    let (served, folder) = (Served::start(), tempfile::tempdir().expect("a folder"));
    let folder = folder.path();
    let wiretap = Wiretap::between(served.text("/endpoint").trim_start_matches("http://"));
    let url = wiretap.url();
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
    let search = Search::of(
        secrets.iter().map(String::as_str).chain([served.text("/root/secret_access_key")]),
    );
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
