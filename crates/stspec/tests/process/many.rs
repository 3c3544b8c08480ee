//! A load that several processes make together: what they count is what came by.

#[path = "../../../../xtask/src/locust/counter.rs"]
mod counter;

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use stspec_measure::{Ending, LoadRecord, merge};
use stspec_report::load::read;
use stspec_verdict::Verdict;

use crate::client::{Served, check, ended, run};
use counter::{Counter, Counts};

/// A server, a way to it that counts, and who may administer it.
struct Target {
    served: Served,
    counter: Counter,
    folder: tempfile::TempDir,
}

impl Target {
    fn start() -> Self {
        let served = Served::start(&[]);
        let counter = Counter::start(served.endpoint(), served.root().access_key_id());
        let counter = counter.expect("it listens");
        Self { served, counter, folder: tempfile::tempdir().expect("a folder") }
    }

    /// A load of this target.
    fn load(&self, args: &[&str]) -> Command {
        let mut load = self.served.client(&["load", "--endpoint", self.counter.endpoint()]);
        load.args(args).env("STSPEC_STATE_DIR", self.folder.path().join("ledger"));
        load.stdout(Stdio::piped()).stderr(Stdio::piped());
        load
    }

    fn report(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("shard-{number}.json"))
    }

    /// Plays shards of a profile at the same time, each in a process.
    fn shards(&self, profile: &str, of: usize) -> Vec<LoadRecord> {
        // On a busy machine processes take seconds until they made their account.
        let start_at = now() + SignedDuration::from_secs(12);
        let start = |number: usize| {
            let report = format!("json={}", self.report(number).display());
            let (shard, start_at) = (format!("{number}/{of}"), start_at.to_string());
            let args = [profile, "--shard", &shard, "--start-at", &start_at, "--report", &report];
            self.load(&args).spawn().expect("stspec starts")
        };
        let processes: Vec<Child> = (0..of).map(start).collect();
        for process in processes {
            let output = process.wait_with_output().expect("it ends");
            check(&output, 0, &["waits until"]);
        }
        (0..of).map(|number| record(&self.report(number))).collect()
    }
}

fn now() -> Timestamp {
    Timestamp::try_from(crate::client::now()).expect("a time of today")
}

fn record(path: &Path) -> LoadRecord {
    read(&std::fs::read_to_string(path).expect("a report")).expect("a report of a load")
}

fn requests(record: &LoadRecord, ids: &[&str]) -> u64 {
    let calls = record.calls.iter().filter(|call| ids.contains(&call.id.as_str()));
    calls.map(|call| call.counted.requests).sum()
}

#[test]
fn shards_together_send_what_the_profile_says_and_what_came_by() {
    let target = Target::start();
    let records = target.shards("smoke", 3);
    let parts: Vec<u64> = records.iter().map(|record| record.totals().counts.requests).collect();
    assert_eq!(parts, [134, 133, 133]);
    let shares: Vec<String> =
        records.iter().filter_map(|record| record.share).map(|share| share.to_string()).collect();
    assert_eq!(shares, ["0/3", "1/3", "2/3"]);
    let merged = merge(&records).expect("shards of one load");
    let expected = Counts::from([
        ("GetFederationToken".to_owned(), requests(&merged, &["mint", "mint-scoped", "too-short"])),
        // One more for each shard, which makes sure that the key of its user is known.
        ("GetCallerIdentity".to_owned(), requests(&merged, &["identity"]) + 3),
    ]);
    assert_eq!(target.counter.counts(), expected);
    assert_eq!((merged.totals().counts.requests, merged.verdict()), (400, Verdict::Pass));
    let early = records.iter().map(|record| record.started).min().expect("three");
    let late = records.iter().map(|record| record.started).max().expect("three");
    // Generous, as machines are shared: without the common start, seconds would lie between them.
    assert!(late.duration_since(early) < SignedDuration::from_secs(1), "{early} {late}");
    let partial = merge(&records[..2]).expect("two of three");
    assert_eq!((partial.ending, partial.verdict()), (Ending::Interrupted, Verdict::Inconclusive));
}

/// What the container of `docs/kubernetes-job.yaml` runs, with its reports in this folder.
fn script_of_the_job(reports: &Path) -> String {
    let job = std::fs::read_to_string(crate::folders::shipped("docs/kubernetes-job.yaml"));
    let job = job.expect("the job");
    let (_, script) = job.split_once("          args:\n            - |\n").expect("a script");
    let indent = " ".repeat(14);
    let lines = script.lines().map_while(|line| line.strip_prefix(indent.as_str()));
    let script: String = lines.flat_map(|line| [line, "\n"]).collect();
    let stspec = concat!(env!("CARGO_BIN_EXE_stspec"), " load");
    let reports = reports.to_str().expect("a path in UTF-8");
    script.replace("stspec load", stspec).replace("/reports", reports)
}

/// A shell that runs a script, with all that it starts ended when dropped.
struct Shell(Child);

impl Drop for Shell {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _already_gone =
            Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _already_gone = self.0.wait();
    }
}

#[test]
fn a_pod_that_is_told_to_end_removes_its_account_first() {
    let target = Target::start();
    let folder = target.folder.path();
    let before = target.served.inventory();
    let said = std::fs::File::create(folder.join("said")).expect("a file");
    let start = now() + SignedDuration::from_mins(14);
    let mut shell = Command::new("sh");
    // The environment of a load: credentials of the target, and nothing else of AWS.
    for (name, value) in target.load(&[]).get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .args(["-c", &script_of_the_job(folder)])
        .env("ENDPOINT", target.counter.endpoint())
        .env("JOB_COMPLETION_INDEX", "1")
        .env("START", start.to_string())
        .stdout(said.try_clone().expect("a file"))
        .stderr(said)
        .process_group(0);
    let mut shell = Shell(shell.spawn().expect("a shell"));
    let is_made = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        target.served.inventory().len() > before.len()
    });
    let killed = Command::new("kill").args(["-TERM", &shell.0.id().to_string()]).status();
    assert!(is_made && killed.expect("kill starts").success());
    let code = shell.0.wait().expect("it ends").code();
    let said = std::fs::read_to_string(folder.join("said")).expect("text");
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("interrupted") && said.contains("--- end"), "{said}");
    assert_eq!(target.served.inventory(), before);
}

#[test]
fn a_shard_of_the_embedded_reference_is_refused_with_a_remedy() {
    let output = run(&["load", "smoke", "--shard", "0/2"]);
    check(&output, 2, &["start one that all shards share with `stspec serve`"]);
}

#[test]
fn what_cannot_be_shared_or_started_is_refused_before_anything_is_sent() {
    let target = Target::start();
    let check = |args: &[&str], words: &str| {
        check(&ended(&mut target.load(args)), 2, &[words]);
    };
    check(&["smoke", "--shard", "2/2"], "`2/2` names no shard");
    check(&["smoke", "--shard", "0/9"], "it has 8 users, fewer than 9 shards");
    check(&["knee", "--shard", "0/2"], "a search decides by what one generator saw");
    check(&["smoke", "--start-at", "2020-01-01T00:00:00Z"], "has passed");
    check(&["smoke", "--start-at", "+2h"], "at most 15 minutes ahead");
    check(&["smoke", "--start-at", "soon"], "+10s for ten seconds from now");
    assert_eq!(target.counter.counts(), Counts::new());
}

#[cfg(feature = "locust")]
#[test]
fn a_locustfile_names_the_users_of_its_profile() {
    let target = Target::start();
    let output = ended(&mut target.load(&["mint-and-use", "--emit-locustfile"]));
    check(&output, 0, &["class MintAndUseUser(User):"]);
    let output = ended(&mut target.load(&["ramp", "--locust-master", "x", "--shard", "0/2"]));
    check(&output, 2, &["cannot be used with"]);
}
