//! What a person at a terminal gets: words and exit codes.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::client::{Served, check, ended};
use crate::emulator::{emulator, made, short_lived};
use crate::folders::scenarios;

/// stspec with credentials that any emulator might take.
fn command(args: &[&str]) -> Command {
    let mut command = crate::client::stspec(args);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

fn stspec(args: &[&str]) -> Output {
    ended(&mut command(args))
}

/// A folder with the shipped accounts and targets and this one rule.
fn folder_with_rule(id: &str, text: &str) -> tempfile::TempDir {
    scenarios(&["accounts", "targets"], &[(&format!("rules/{id}.yaml"), text)])
}

const THREE_MISTAKES: &str = "\
rule: draft/mistakes
says: Three mistakes.
level: mast
evidence: documented
sources:
  - {page: API_GetFederationToken, part: Name}
faults: [name-optional]
scenarios:
  - name: one
    account: federatr
    table:
      as: federator
      call: sts.GetFederationToken
      parms: {Name: stspec}
      cases:
        - {id: accepted, expect: {status: 200, result.Credentials.AccessKeyId: {present: true}}}
";

#[test]
fn a_run_without_arguments_passes_on_the_reference() {
    let output = stspec(&["run"]);
    check(&output, 0, &["target reference", "must "]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains('\u{1b}'), "colour in a pipe");
}

#[test]
fn proxies_of_the_environment_are_not_asked() {
    let output = command(&["run", "get-federation-token/answer"])
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1")
        .output()
        .expect("stspec starts");
    check(&output, 0, &["get-federation-token/answer/readable-by-the-sdk"]);
}

#[test]
fn an_unreachable_endpoint_is_4_and_one_sentence() {
    let output = stspec(&["run", "--endpoint", "http://127.0.0.1:1"]);
    check(&output, 4, &["no STS answers at `http://127.0.0.1:1`"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}

#[test]
fn refused_credentials_are_4() {
    let served = Served::start(&[]);
    let output = stspec(&["run", "--endpoint", served.endpoint()]);
    check(&output, 4, &["refuses the credentials of `test`", "InvalidClientTokenId"]);
}

#[test]
fn missing_credentials_are_4_with_a_remedy() {
    let output = command(&["run", "--endpoint", "http://127.0.0.1:1"])
        .env_remove("AWS_ACCESS_KEY_ID")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .output()
        .expect("stspec starts");
    check(&output, 4, &["no credentials for the target", "set AWS_ACCESS_KEY_ID"]);
}

#[test]
fn three_mistakes_are_three_diagnostics_and_3() {
    let folder = folder_with_rule("draft/mistakes", THREE_MISTAKES);
    let output = stspec(&["--scenarios", folder.path().to_str().expect("a path"), "run"]);
    check(
        &output,
        3,
        &["`must`", "`federator`", "`params`", "rules/draft/mistakes.yaml:3:8", "3 faults"],
    );
}

#[test]
fn an_unknown_rule_is_2_with_the_nearest() {
    let output = stspec(&["run", "get-federation-token/duration/minimun"]);
    check(&output, 2, &["get-federation-token/duration/minimum"]);
    check(&stspec(&["run", "no-such-rule"]), 2, &["no-such-rule", "get-federation-token/"]);
}

#[test]
fn an_unknown_target_is_2() {
    check(
        &stspec(&["run", "--target", "referense"]),
        2,
        &["there is no target `referense`", "`reference`"],
    );
}

#[test]
fn a_fault_makes_its_rule_fail_with_1_and_nothing_else() {
    let served = Served::start(&["--fault", "duration-minimum-ignored"]);
    let output = ended(&mut served.client(&["run", "--endpoint", served.endpoint()]));
    check(
        &output,
        1,
        &[
            "get-federation-token/duration/minimum/bounds/below",
            "stspec run get-federation-token/duration/minimum --endpoint",
        ],
    );
}

#[test]
fn an_endpoint_without_iam_and_s3_is_unsupported_and_nothing_is_made_on_it() {
    let served = Served::start(&[]);
    let endpoint = format!("sts={}", served.endpoint());
    let output = ended(&mut served.client(&["run", "--endpoint", &endpoint]));
    check(&output, 0, &["the target has no `iam.users`"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("LEFT BEHIND"));
}

/// A rule whose steps make, change and remove what an account consists of.
const UPHEAVAL: &str = r#"rule: upheaval
says: Whatever a scenario does to its own account is cleaned up.
level: observe
evidence: inferred
sources: [{page: API_DeleteUser, part: all}]
scenarios:
  - name: everything at once
    account: federator-with-role
    fresh: true
    steps:
      - {id: more-key, role: control, as: admin, call: iam.CreateAccessKey, params: {UserName: "${federator.name}"}, expect: {status: 200}}
      - {id: make-policy, role: control, as: admin, call: iam.CreatePolicy, params: {PolicyName: "stspec-${run.id}-extra", PolicyDocument: {json: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]}}}, expect: {status: 200}}
      - {id: more-version, role: control, as: admin, call: iam.CreatePolicyVersion, params: {PolicyArn: "${step.make-policy.result.Policy.Arn}", SetAsDefault: "true", PolicyDocument: {json: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "sqs:*", Resource: "*"}]}}}, expect: {status: 200}}
      - {id: attach, role: control, as: admin, call: iam.AttachUserPolicy, params: {UserName: "${federator.name}", PolicyArn: "${step.make-policy.result.Policy.Arn}"}, expect: {status: 200}}
      - {id: bound, role: control, as: admin, call: iam.PutUserPermissionsBoundary, params: {UserName: "${federator.name}", PermissionsBoundary: "${step.make-policy.result.Policy.Arn}"}, expect: {status: 200}}
      - {id: role-policy, role: control, as: admin, call: iam.PutRolePolicy, params: {RoleName: "${worker.name}", PolicyName: more, PolicyDocument: {json: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]}}}, expect: {status: 200}}
      - {id: make-user, role: control, as: admin, call: iam.CreateUser, params: {UserName: "stspec-${run.id}-joe"}, expect: {status: 200}}
      - {id: make-and-lose, role: control, as: admin, call: iam.CreateUser, params: {UserName: "stspec-${run.id}-ann"}, expect: {status: 200}}
      - {id: lose, role: control, as: admin, call: iam.DeleteUser, params: {UserName: "stspec-${run.id}-ann"}, expect: {status: 200}}
      - {id: look, as: federator, call: sts.GetCallerIdentity, expect: {status: 200, result.Arn: "${federator.arn}"}}
"#;

#[test]
fn what_steps_make_change_and_remove_is_cleaned_up() {
    let folder = folder_with_rule("upheaval", UPHEAVAL);
    let scenarios = folder.path().display().to_string();
    let output = stspec(&["run", "upheaval", "--scenarios", &scenarios]);
    check(&output, 0, &["observed", "created 5 · removed 5"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("inconclusive"));
}

#[test]
fn the_plan_tells_of_accounts_for_one_scenario_alone() {
    let output = stspec(&["run", "get-federation-token/life/key-deactivated", "--plan"]);
    let own =
        "account federator-with-bucket once more, for get-federation-token/life/key-deactivated/";
    check(&output, 0, &[own]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("user stspec-RUN-"));
}

#[test]
fn the_json_report_has_its_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let output = stspec(&[
        "run",
        "get-federation-token/duration",
        "--report",
        &format!("json={}", file.display()),
    ]);
    check(&output, 0, &[]);
    let report: Value =
        serde_json::from_str(&fs::read_to_string(file).expect("a report")).expect("JSON");
    assert_eq!(report["schema"], "stspec/report/v1");
    assert_eq!(report["exit_code"], 0);
    let rules = report["rules"].as_array().expect("rules");
    let musts = rules.iter().filter(|rule| rule["level"] == "must").count();
    assert_eq!(report["summary"]["must"]["pass"], musts);
    assert!(
        report["checks"][0]["id"]
            .as_str()
            .expect("an id")
            .starts_with("get-federation-token/duration/")
    );
    assert_eq!(report["resources"]["created"], report["resources"]["removed"]);
}

#[test]
fn the_plan_makes_nothing() {
    let output = stspec(&[
        "run",
        "get-federation-token/permissions/intersection",
        "--plan",
        "--endpoint",
        "http://127.0.0.1:1",
    ]);
    check(
        &output,
        0,
        &[
            "user stspec-RUN-federator-with-bucket-federator",
            "bucket stspec-RUN-federator-with-bucket-bucket",
        ],
    );
}

#[test]
fn explain_tells_rules_and_codes() {
    check(
        &stspec(&["explain", "get-federation-token/duration/minimum"]),
        0,
        &["level     must, documented", "API_GetFederationToken"],
    );
    check(&stspec(&["explain", "STS001"]), 0, &["STS001"]);
    check(&stspec(&["explain", "get-federation-token/duration"]), 2, &["is several rules"]);
}

#[test]
fn a_new_rule_loads_as_it_is() {
    let skeleton = stspec(&["new", "get-federation-token/draft"]);
    check(&skeleton, 0, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("draft.yaml");
    fs::write(&file, &skeleton.stdout).expect("a rule");
    check(&stspec(&["lint", file.to_str().expect("a path")]), 0, &["1 file, no faults"]);
}

#[test]
fn lists_have_a_line_for_each() {
    for kind in ["rules", "checks", "targets", "profiles", "faults"] {
        let output = stspec(&["list", kind]);
        check(&output, 0, &[]);
        assert!(!output.stdout.is_empty(), "{kind}");
    }
}

#[test]
fn an_interrupted_run_cleans_up_and_is_130() {
    let slow = SlowTarget::start();
    let run = command(&["run", "--jobs", "1", "--endpoint", &slow.endpoint])
        .stdout(Stdio::piped())
        .spawn();
    let run = run.expect("stspec starts");
    slow.first_user_is_being_made.recv_timeout(DEADLINE).expect("the run makes a user");
    let killed =
        Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill starts");
    assert!(killed.success());
    std::thread::sleep(Duration::from_secs(2));
    slow.go_on.send(()).expect("the target waits");
    let output = run.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let seen = slow.seen.lock().expect("nobody panicked").clone();
    let made = seen.iter().filter(|action| *action == "CreateUser").count();
    let removed = seen.iter().filter(|action| *action == "DeleteUser").count();
    assert!(made > 0 && made <= removed, "{seen:?}");
    assert!(!seen.iter().any(|action| action == "GetFederationToken"), "it went on: {seen:?}");
}

/// A target that says who is asking, and waits with its first `CreateUser` until it is told to go on.
struct SlowTarget {
    endpoint: String,
    first_user_is_being_made: Receiver<()>,
    go_on: Sender<()>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl SlowTarget {
    fn start() -> Self {
        let (told, first_user_is_being_made) = channel();
        let (go_on, wait) = channel::<()>();
        let wait = Mutex::new(Some((told, wait)));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let endpoint = emulator(move |action| {
            log.lock().expect("nobody panicked").push(action.to_owned());
            // The thread that sees the first `CreateUser` takes whom to tell, and what to wait for.
            let first = (action == "CreateUser")
                .then(|| wait.lock().expect("nobody panicked").take())
                .flatten();
            if let Some((told, wait)) = first {
                told.send(()).expect("the test listens");
                wait.recv_timeout(DEADLINE).expect("the test goes on");
            }
            made(action)
        });
        Self { endpoint, first_user_is_being_made, go_on, seen }
    }
}

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(30);

#[test]
fn a_target_that_goes_away_is_4_and_its_silence_is_no_failure() {
    let endpoint = short_lived(2);
    let output = stspec(&["run", "get-federation-token/caller/root", "--endpoint", &endpoint]);
    check(&output, 4, &["inconclusive", "the target was gone"]);
}

#[test]
fn what_a_target_lost_from_sight_is_6() {
    let endpoint = emulator(|action| match action {
        "DeleteUser" => ("404 Not Found", made(action).1),
        _ => made(action),
    });
    let output = stspec(&["run", "get-federation-token/duration/minimum", "--endpoint", &endpoint]);
    check(&output, 6, &["left on the target: user `stspec-", "1 LEFT BEHIND"]);
}

#[test]
fn a_report_that_cannot_be_written_is_2_before_anything_is_made() {
    let output = stspec(&[
        "run",
        "--report",
        "json=/nonexistent/report.json",
        "--endpoint",
        "http://127.0.0.1:1",
    ]);
    check(&output, 2, &["`/nonexistent/report.json` can't be written"]);
}

#[test]
fn a_root_key_that_is_not_roots_is_4() {
    let served = Served::start(&[]);
    let output = served
        .client(&["run", "--endpoint", served.endpoint()])
        .env("STSPEC_ROOT_ACCESS_KEY_ID", "AKIAOFSOMEBODYELSE00")
        .env("STSPEC_ROOT_SECRET_ACCESS_KEY", "secret")
        .output()
        .expect("stspec starts");
    check(&output, 4, &["AKIAOFSOMEBODYELSE00"]);
}

#[test]
fn no_report_shows_a_secret_of_a_broken_answer() {
    let served = Served::start(&["--fault", "session-token-empty"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let report = format!("json={}", file.display());
    let rule = "get-federation-token/answer/distinct-credentials";
    let output = served
        .client(&["run", rule, "--endpoint", served.endpoint(), "--report", &report])
        .output()
        .expect("stspec starts");
    check(&output, 1, &[]);
    let report = fs::read_to_string(file).expect("a report");
    assert!(
        report.contains("SecretAccessKey there and other than each of `<redacted>`"),
        "{report}"
    );
}

#[test]
fn public_root_credentials_stay_on_this_machine() {
    check(&stspec(&["serve", "--listen", "0.0.0.0:0"]), 2, &["open to other machines"]);
}

#[test]
fn a_load_that_is_interrupted_while_its_account_is_made_cleans_up_and_is_130() {
    check_interrupted_load("-INT");
}

#[test]
fn a_load_whose_terminal_is_closed_cleans_up_and_is_130() {
    check_interrupted_load("-HUP");
}

/// Sends a signal twice while the first user is being made.
#[track_caller]
fn check_interrupted_load(signal: &str) {
    let slow = SlowTarget::start();
    let load = command(&["load", "smoke", "--endpoint", &slow.endpoint])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("stspec starts");
    slow.first_user_is_being_made.recv_timeout(DEADLINE).expect("the load makes a user");
    for _ in 0..2 {
        let sent = Command::new("kill").args([signal, &load.id().to_string()]).status();
        assert!(sent.expect("kill starts").success());
        std::thread::sleep(Duration::from_millis(500));
    }
    slow.go_on.send(()).expect("the target waits");
    check(&load.wait_with_output().expect("it ends"), 130, &["interrupted"]);
    let seen = slow.seen.lock().expect("nobody panicked").clone();
    assert!(seen.iter().any(|action| action == "DeleteUser"), "{seen:?}");
    assert!(!seen.iter().any(|action| action == "GetFederationToken"), "it went on: {seen:?}");
}

#[test]
fn a_load_profile_passes_on_the_reference() {
    check(&stspec(&["load", "smoke"]), 0, &["smoke", "400", "wrong"]);
}

#[test]
fn wrong_answers_under_load_are_8() {
    let served = Served::start(&["--fault", "expiration-too-late"]);
    let output = served
        .client(&["load", "smoke", "--endpoint", served.endpoint()])
        .output()
        .expect("stspec starts");
    check(&output, 8, &["result.Credentials.Expiration"]);
}

#[test]
fn an_unknown_profile_is_2() {
    check(&stspec(&["load", "smok"]), 2, &["there is no profile `smok`", "`smoke`"]);
}
