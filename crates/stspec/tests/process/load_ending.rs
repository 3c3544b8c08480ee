//! How loads end: with a comparison, with what a person asked for wrongly, and on Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::client::{Served, check, ended, run};
use crate::folders::scenarios;

/// A load of a server, with its ledgers in a folder.
fn load(served: &Served, state: &Path, args: &[&str]) -> Command {
    let mut load = served.client(&["load"]);
    load.args(args).env("STSPEC_STATE_DIR", state);
    load
}

/// A port that was free a moment ago.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port().to_string()
}

#[test]
fn two_targets_are_loaded_in_turns_and_compared() {
    let (served, folder) = (Served::start(&[]), tempfile::tempdir().expect("a folder"));
    let (file, port) = (folder.path().join("comparison.json"), free_port());
    let report = format!("json={}", file.display());
    let on = ["--endpoint", served.endpoint(), "--against", served.endpoint(), "--rounds", "2"];
    let also = ["--prometheus", &port, "--report", &report];
    let args = [&["smoke"], &on[..], &also[..]].concat();
    let output = ended(&mut load(&served, folder.path(), &args));
    // What a shared machine makes of it is another matter.
    let code = output.status.code().expect("a code");
    assert!([0, 5, 8].contains(&code), "{code}");
    check(&output, code, &["round 1 on", "round 2 on", "95 % interval", "verdict: "]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("metrics for Prometheus at").count(), 1, "{said}");
    assert_eq!(said.matches("round ").count(), 4, "{said}");
    let text = fs::read_to_string(&file).expect("a comparison");
    assert!(text.contains("\"schema\": \"stspec/load-comparison/v1\""), "{text}");
}

#[test]
fn a_comparison_of_loads_that_were_cut_does_not_pass() {
    let (served, folder) = (Served::start(&[]), tempfile::tempdir().expect("a folder"));
    let on = ["--endpoint", served.endpoint(), "--against", served.endpoint()];
    let args = [&["smoke"], &on[..], &["--rounds", "3", "--max-requests", "600"]].concat();
    let output = ended(&mut load(&served, folder.path(), &args));
    // What a shared machine makes of it is another matter.
    let code = output.status.code().expect("a code");
    assert!([5, 8].contains(&code), "{code}");
    check(&output, code, &["round 3 on", "inconclusive", "capped"]);
}

/// Reads what a process says until this was said so often, then lets it end.
fn interrupted_after(process: &mut Child, words: &str, times: usize) -> String {
    let mut stderr = BufReader::new(process.stderr.take().expect("stderr"));
    let mut said = String::new();
    while said.matches(words).count() < times {
        assert!(stderr.read_line(&mut said).expect("text") > 0, "it ended: {said}");
    }
    let sent = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
    assert!(sent.expect("kill starts").success());
    stderr.read_to_string(&mut said).expect("text");
    said
}

#[test]
fn a_comparison_that_is_interrupted_compares_the_rounds_that_were_complete() {
    let (served, folder) = (Served::start(&[]), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("comparison.json");
    let report = format!("json={}", file.display());
    let on = ["--endpoint", served.endpoint(), "--against", served.endpoint()];
    let args = [&["smoke"], &on[..], &["--rounds", "100", "--report", &report]].concat();
    let before = served.inventory();
    let mut process = load(&served, folder.path(), &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("stspec starts");
    // Three of two hundred.
    let said = interrupted_after(&mut process, "answers/s", 3);
    let output = process.wait_with_output().expect("it ends");
    check(&output, 130, &["95 % interval", "verdict: "]);
    assert!(said.contains("ended early, with ") && !said.contains("with 0 complete"), "{said}");
    let text = fs::read_to_string(&file).expect("a comparison");
    assert!(text.contains("\"schema\": \"stspec/load-comparison/v1\""), "{text}");
    assert_eq!(served.inventory(), before);
}

#[test]
fn a_comparison_whose_second_target_is_not_there_says_so() {
    let (served, folder) = (Served::start(&[]), tempfile::tempdir().expect("a folder"));
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let args = ["smoke", "--endpoint", served.endpoint(), "--against", &nobody];
    check(&ended(&mut load(&served, folder.path(), &args)), 4, &["round 1 on"]);
}

#[test]
fn a_port_that_is_taken_is_refused_before_anything_is_made() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let words = format!("port {port} can't be listened on for ");
    let output = run(&["load", "smoke", "--dashboard", &port]);
    check(&output, 2, &[&words, "goose's dashboard", "choose another one"]);
    check(&run(&["load", "smoke", "--prometheus", &port]), 2, &[&words, "Prometheus"]);
    let output = run(&["load", "smoke", "--goose-report", "/nowhere/goose.html"]);
    check(&output, 2, &["`/nowhere/goose.html` can't be written"]);
}

/// A profile that signs as somebody whom the target does not have.
const AS_ROOT: &str = "\
profile: as-root
says: Asks who root is.
account: federator
shape: {users: [{to: 1}]}
requests: 1
calls:
  - {id: identity, call: sts.GetCallerIdentity, as: root, expect: {status: 200}}
";

#[test]
fn a_profile_that_signs_as_nobody_is_a_faulty_file_and_no_bug_of_ours() {
    let (served, folder) = (Served::start(&[]), tempfile::tempdir().expect("a folder"));
    let files = scenarios(&["accounts", "targets"], &[("profiles/as-root.yaml", AS_ROOT)]);
    let scenarios = files.path().to_str().expect("a path in UTF-8");
    let args = ["as-root", "--endpoint", served.endpoint(), "--scenarios", scenarios];
    let statement = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let all = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
    let user = ("UserName", "administrator");
    served.iam("CreateUser", &[user]);
    served.iam("PutUserPolicy", &[user, ("PolicyName", "all"), ("PolicyDocument", &all)]);
    let key = served.iam("CreateAccessKey", &[user]);
    let mut load = load(&served, folder.path(), &args);
    load.env("AWS_ACCESS_KEY_ID", key.text("AccessKeyId"));
    load.env("AWS_SECRET_ACCESS_KEY", key.text("SecretAccessKey"));
    let before = served.inventory();
    let output = ended(&mut load);
    check(&output, 3, &["as `root` could not be made ready: its credentials are not at hand"]);
    assert_eq!(served.inventory(), before);
}

#[test]
fn a_plan_is_refused_as_the_load_would_be() {
    let words = "asks for 200 turns a second, and 10 are allowed here";
    check(&run(&["load", "soak", "--max-rate", "10", "--plan"]), 2, &[words]);
    check(&run(&["load", "soak", "--plan"]), 0, &["200 turns/s, open loop"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_can_not_be_written_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let report = format!("json={}", file.display());
    check(
        &run(&["load", "smoke", "--report", "html=/dev/full", "--report", &report]),
        2,
        &["verdict: pass", "`/dev/full` can't be written"],
    );
    let file = file.to_str().expect("a path in UTF-8");
    let merge = ["load", "merge", file, "--out", "/dev/full"];
    check(&run(&merge), 2, &["`/dev/full` can't be written"]);
}
