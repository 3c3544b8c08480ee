//! Runs against targets as unsteady as AWS, and against targets that have not what their files declare.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::client::{Served, check, ended, text};
use crate::emulator::emulator;
use crate::folders::{put, scenarios, shipped};

/// Rules that see changes of IAM while they are played, one with a generated table, and one whose
/// clock is moved.
const RULES: [&str; 8] = [
    "get-federation-token/permissions/live-policy-added",
    "get-federation-token/permissions/live-boundary-set",
    "get-federation-token/permissions/no-session-policy",
    "get-federation-token/caller/permission-is-live",
    "get-federation-token/authentication/inactive-key",
    "get-federation-token/authentication/wrong-secret",
    "get-federation-token/life/user-deleted",
    "get-federation-token/duration/minimum",
];

/// What a target file declares; `DECLARED` stands for the capabilities.
const EVERYTHING: &str = "{iam.users: present, iam.policies: present, iam.roles: present, \
                          iam.enforcement: present, sigv4: present, s3: present, root: present}";

/// A folder with the rules and a target of this name and these endpoints.
fn folder(rules: &[&str], endpoints: &str, capabilities: &str) -> tempfile::TempDir {
    let target = format!(
        "target: unsteady\nsays: A server of a test.\nkind: emulator\n{endpoints}\n\
         region: us-east-1\npartition: aws\ncapabilities: {capabilities}\n"
    );
    let rules: Vec<String> = rules.iter().map(|rule| format!("rules/{rule}.yaml")).collect();
    let taken: Vec<&str> = rules.iter().map(String::as_str).chain(["accounts"]).collect();
    scenarios(&taken, &[("targets/unsteady.yaml", &target)])
}

/// Runs stspec as the root user in a folder.
fn ask(served: &Served, args: &[&str], folder: &Path) -> Output {
    let mut command = served.client(args);
    ended(command.env("STSPEC_STATE_DIR", folder.join("state")).current_dir(folder))
}

/// The URL of an IAM that can't make anything and has nothing.
fn refusing() -> String {
    emulator(|action| {
        if action.starts_with("Create") {
            return ("501 Not Implemented", "");
        }
        let body = "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>";
        ("404 Not Found", body)
    })
}

fn everywhere(url: &str) -> String {
    format!("endpoint: {url}")
}

/// The verdict of each check in a JSON report.
fn verdicts(report: &Path) -> BTreeMap<String, String> {
    let report: Value = serde_json::from_slice(&fs::read(report).expect("a report")).expect("JSON");
    let checks = report.get("checks").and_then(Value::as_array).expect("checks");
    checks
        .iter()
        .map(|check| {
            let word =
                |name: &str| check.get(name).and_then(Value::as_str).expect("a word").to_owned();
            (word("id"), word("verdict"))
        })
        .collect()
}

#[test]
fn in_any_order_and_however_slowly_changes_take_effect_the_verdicts_are_the_same() {
    let served = Served::start(&["--propagation-delay", "1s", "--throttle", "25/s"]);
    let folder = folder(&RULES, &everywhere(served.endpoint()), EVERYTHING);
    let snapshots = shipped("snapshots/reference");
    let kept = folder.path().join("snapshots");
    for rule in RULES {
        let name = format!("{rule}.snap");
        put(
            &kept.join("unsteady").join(&name),
            &fs::read_to_string(snapshots.join(&name)).expect("a shipped snapshot"),
        );
    }
    let mut seen = Vec::new();
    for seed in ["1", "2"] {
        let (report, kept) = (folder.path().join("report.json"), kept.display().to_string());
        let output = ask(
            &served,
            &[
                "run",
                "--target=unsteady",
                &format!("--scenarios={}", folder.path().display()),
                &format!("--shuffle={seed}"),
                &format!("--report=json={}", report.display()),
                &format!("--snapshots={kept}"),
                "--snapshots-must-match",
            ],
            folder.path(),
        );
        let words = [
            format!("--shuffle={seed}"),
            "the target recognised a new access key after 1.".to_owned(),
            "answers were throttling".to_owned(),
            "8 as before".to_owned(),
        ];
        check(&output, 0, &words.each_ref().map(String::as_str));
        let verdicts = verdicts(&report);
        assert!(verdicts.values().all(|verdict| verdict == "pass"), "{verdicts:?}");
        seen.push(verdicts);
    }
    assert_eq!(seen.first(), seen.last());
}

#[test]
fn a_settling_time_that_somebody_gives_is_not_measured() {
    let served = Served::start(&["--propagation-delay", "1s"]);
    let folder = folder(&[RULES[7]], &everywhere(served.endpoint()), EVERYTHING);
    let scenarios = format!("--scenarios={}", folder.path().display());
    let run = ["run", "--target=unsteady", &scenarios, "--baseline=none"];
    let output = ask(&served, &[&run[..], &["--settle=2s"]].concat(), folder.path());
    check(&output, 0, &["waiting 2.0 s until what was created is in effect"]);
    assert!(!text(&output).contains("recognised a new access key"), "{}", text(&output));
    // Nothing is waited for, so that the key that was just made is unknown.
    let output = ask(&served, &[&run[..], &["--settle=0s"]].concat(), folder.path());
    check(&output, 1, &["`iam.users` is declared and does not work", "InvalidClientTokenId"]);
}

#[test]
fn what_is_declared_and_does_not_work_fails_and_what_nobody_knows_is_inconclusive() {
    let served = Served::start(&[]);
    let refusing = refusing();
    let endpoints = format!("endpoints: {{sts: {0}, iam: {refusing}, s3: {0}}}", served.endpoint());
    let run = |capabilities: &str| {
        let folder = folder(&[RULES[7]], &endpoints, capabilities);
        let scenarios = format!("--scenarios={}", folder.path().display());
        ask(&served, &["run", "--target=unsteady", &scenarios], folder.path())
    };
    let output = run("{iam.users: present}");
    check(&output, 1, &["`iam.users` is declared and does not work: iam.CreateUser answered 501"]);
    let output = run("{iam.users: unknown}");
    check(&output, 5, &["could not be provisioned: iam.CreateUser answered 501"]);
    let output = run("{iam.users: absent}");
    check(&output, 5, &["1 unsupported"]);
}

#[test]
fn signatures_that_are_declared_and_not_looked_at_fail_all_that_needs_them() {
    let served = Served::start(&["--fault", "signature-unchecked"]);
    let rule = "get-federation-token/authentication/wrong-secret";
    let run = |capabilities: &str| {
        let folder = folder(&[rule], &everywhere(served.endpoint()), capabilities);
        let scenarios = format!("--scenarios={}", folder.path().display());
        ask(&served, &["run", "--target=unsteady", &scenarios], folder.path())
    };
    let words = "`sigv4` is declared and does not work: GetCallerIdentity takes a wrong secret";
    check(&run("{iam.users: present, sigv4: present}"), 1, &[words]);
    let unknown = run("{iam.users: present, sigv4: unknown}");
    assert!(!text(&unknown).contains("is declared"), "{}", text(&unknown));
}

#[test]
fn a_seed_gives_one_order_and_another_seed_another() {
    let served = Served::start(&[]);
    let folder = folder(&RULES, &everywhere(served.endpoint()), EVERYTHING);
    let order = |shuffle: &str| -> Vec<String> {
        let trace = folder.path().join("trace.jsonl");
        let output = ask(
            &served,
            &[
                "run",
                "--target=unsteady",
                "--jobs=1",
                "--settle=0s",
                shuffle,
                &format!("--scenarios={}", folder.path().display()),
                &format!("--trace={}", trace.display()),
            ],
            folder.path(),
        );
        check(&output, 0, &[]);
        let lines = fs::read_to_string(trace).expect("a trace");
        let lines = lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        let about = lines.map(|line: Value| line["about"].as_str().expect("a name").to_owned());
        about.filter(|about| about != "administration").collect()
    };
    let (one, two) = (order("--shuffle=1"), order("--shuffle=2"));
    assert_eq!(one, order("--shuffle=1"));
    assert_ne!(one, two);
    let sorted = |mut order: Vec<String>| {
        order.sort();
        order
    };
    assert_eq!(sorted(one), sorted(two));
}

#[test]
fn a_trace_tells_every_exchange_from_the_first_to_the_last() {
    let served = Served::start(&[]);
    let folder = folder(&[RULES[7]], &everywhere(served.endpoint()), EVERYTHING);
    let file = folder.path().join("trace.jsonl");
    let output = ask(
        &served,
        &[
            "run",
            "--target=unsteady",
            &format!("--scenarios={}", folder.path().display()),
            &format!("--trace={}", file.display()),
        ],
        folder.path(),
    );
    check(&output, 0, &[]);
    let trace = fs::read_to_string(&file).expect("a trace");
    let lines: Vec<Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let said = |line: &Value| line["request"]["body"]["text"].as_str().expect("text").to_owned();
    let about = |words: &str| lines.iter().filter(|line| line["about"] == words).count();
    assert_eq!(about("get-federation-token/duration/minimum/bounds/below"), 1, "{trace}");
    for action in ["GetCallerIdentity", "CreateUser", "CreateAccessKey", "DeleteUser"] {
        let action = format!("Action={action}&");
        assert!(lines.iter().any(|line| said(line).starts_with(&action)), "{action}:\n{trace}");
    }
    let times: Vec<u64> = lines.iter().filter_map(|line| line["at_us"].as_u64()).collect();
    assert!(times.is_sorted() && times.len() == lines.len());
    assert!(lines.iter().all(|line| line["schema"] == "stspec/trace/v1"));
    assert!(
        trace.contains("Signature=<redacted>") && trace.contains("<redacted></SecretAccessKey>")
    );
}
