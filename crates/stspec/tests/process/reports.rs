//! Report files, snapshots of targets and what GitHub Actions reads, from the command line.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::client::{Served, check, ended, stspec, text};
use crate::emulator::{emulator, made, short_lived};
use crate::folders::scenarios;

const RULE: &str = "get-federation-token/duration/minimum";
const OTHER: &str = "get-federation-token/duration/default";
const KINDS: [&str; 4] = ["json", "junit", "markdown", "html"];

/// Two of the shipped rules, which are read faster than all of them.
struct Two(tempfile::TempDir);

impl Two {
    fn new() -> Self {
        let [rule, other] = [RULE, OTHER].map(|rule| format!("rules/{rule}.yaml"));
        Self(scenarios(&["accounts", "targets", &rule, &other], &[]))
    }

    fn among<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        let folder = self.0.path().to_str().expect("UTF-8");
        [args, &["--scenarios", folder]].concat()
    }

    fn stspec(&self, args: &[&str]) -> Output {
        crate::client::run(&self.among(args))
    }

    /// stspec as the root user of a server.
    fn on(&self, served: &Served, args: &[&str]) -> Command {
        served.client(&self.among(&[args, &["--endpoint", served.endpoint()]].concat()))
    }
}

/// `--report KIND=FOLDER/KIND` for every kind.
fn reports(folder: &Path) -> Vec<String> {
    let report = |kind: &str| format!("--report={kind}={}", folder.join(kind).display());
    KINDS.map(report).to_vec()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn every_kind_of_report_is_written() {
    let two = Two::new();
    let folder = folder();
    let reports = reports(folder.path());
    let mut args = vec!["run", RULE, "--snapshots", "/nowhere"];
    args.extend(reports.iter().map(String::as_str));
    check(&two.stspec(&args), 0, &["exit 0"]);
    for (kind, start) in KINDS.into_iter().zip(["{", "<?xml", "## stspec: passed", "<!doctype"]) {
        let text = fs::read_to_string(folder.path().join(kind)).expect("a report");
        assert!(text.starts_with(start) && (kind == "markdown" || text.contains(RULE)), "{text}");
    }
    let unknown = two.stspec(&["run", RULE, "--report", "pdf=x"]);
    check(&unknown, 2, &["there are json, junit, markdown and html"]);
}

#[test]
fn a_secret_that_cannot_be_taken_out_withholds_every_kind_of_report_with_6() {
    let two = Two::new();
    // The secret is a part of the rule's id, which no redaction may change; so the scan has the last word.
    let secret = "get-federation-token/duration";
    let root = ["--root-access-key-id", "AKIAROOTOFCANARYTEST", "--root-secret-access-key", secret];
    let served = Served::start(&root);
    for kind in KINDS {
        let folder = folder();
        let file = folder.path().join(kind);
        let report = format!("--report={kind}={}", file.display());
        let summary = folder.path().join("summary");
        let output = two
            .on(&served, &["run", RULE, "--github", &report])
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .expect("stspec starts");
        check(&output, 6, &["secrets in the reports, which are therefore withheld"]);
        assert!(!text(&output).contains(secret));
        for file in [file, summary] {
            assert_eq!(fs::read_to_string(file).expect("it was opened"), "", "{kind}");
        }
    }
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    let output = two.on(&served, &["snapshot", "accept", RULE, "--snapshots", &snapshots]).output();
    check(&output.expect("stspec starts"), 6, &["withheld", "no snapshots written"]);
    assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none());
}

#[test]
fn github_reads_annotations_and_a_summary_and_no_commands_of_others() {
    let two = Two::new();
    let served = Served::start(&["--fault", "duration-minimum-ignored"]);
    let folder = folder();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "of an earlier command\n").expect("a file");
    let output = two
        .on(&served, &["run", RULE])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .expect("stspec starts");
    let annotation = format!("::error file=scenarios/rules/{RULE}.yaml,title=fail {RULE}::");
    check(&output, 1, &["exit 1: a rule failed\n::stspec-", &annotation]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let word = stdout.lines().next().and_then(|line| line.strip_prefix("::stop-commands::"));
    let guard = format!("\n::{}::\n", word.expect("a guard"));
    let (report, commands) = stdout.split_once(&guard).expect("its end");
    assert!(!report.contains("\n::") && commands.starts_with("::error "), "{stdout}");
    let summary = fs::read_to_string(summary).expect("the summary");
    assert!(summary.starts_with("of an earlier command\n## stspec: not passed"), "{summary}");
    let plain = two.on(&served, &["run", RULE]).output().expect("stspec starts");
    assert!(!text(&plain).contains("::"), "{}", text(&plain));
}

#[test]
fn what_a_target_answers_is_accepted_compared_and_must_match_where_asked() {
    let two = Two::new();
    let (honest, faulty) =
        (Served::start(&[]), Served::start(&["--fault", "duration-minimum-ignored"]));
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    let on = |served: &Served, args: &[&str]| {
        let args = [args, &["--snapshots", &snapshots]].concat();
        ended(&mut two.on(served, &args))
    };
    let must = "--snapshots-must-match";
    check(&on(&honest, &["run", RULE, must]), 2, &["there are no snapshots in"]);
    check(&on(&honest, &["snapshot", "accept", RULE]), 0, &["new     ", "1 written, 0 as before"]);
    check(&on(&honest, &["snapshot", "accept", RULE]), 0, &["0 written, 1 as before"]);
    check(&on(&honest, &["run", RULE, must]), 0, &["/endpoint · 1 as before\nexit 0"]);

    let not_taken = "1 as before · 1 not taken yet";
    check(&on(&honest, &["run", RULE, OTHER]), 0, &[not_taken]);
    let differs = "exit 1: nothing failed, but the snapshots do not match";
    check(&on(&honest, &["run", RULE, OTHER, must]), 1, &[not_taken, differs]);

    let output = on(&faulty, &["run", RULE]);
    check(
        &output,
        1,
        &["seen otherwise than", "-       status: 400", "+       status: 200", "1 changed"],
    );
    let file = folder.path().join("endpoint").join(format!("{RULE}.snap"));
    let kept = fs::read_to_string(&file).expect("a snapshot");
    fs::write(&file, kept.replace("stspec snapshot accept", "by hand")).expect("a snapshot");
    check(&on(&faulty, &["snapshot", "accept", RULE]), 0, &["changed ", "1 written"]);
    let heading = "---\nsource: by hand\n---\nrule: ";
    assert!(fs::read_to_string(&file).expect("a snapshot").starts_with(heading));
}

#[test]
fn a_difference_alone_does_not_fail_a_run() {
    let two = Two::new();
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    check(&two.stspec(&["snapshot", "accept", RULE, "--snapshots", &snapshots]), 0, &["1 written"]);
    let file = folder.path().join("reference").join(format!("{RULE}.snap"));
    let kept = fs::read_to_string(&file).expect("a snapshot");
    fs::write(&file, kept.replace("akid ASIA", "akid AKIA")).expect("a snapshot");
    let run =
        |more: &[&str]| two.stspec(&[&["run", RULE, "--snapshots", &snapshots], more].concat());
    check(&run(&[]), 0, &["-               AccessKeyId: <akid AKIA 20>", "1 changed", "exit 0"]);
    check(&run(&["--snapshots-must-match"]), 1, &["1 changed", "exit 1"]);
    assert!(!text(&run(&["--seed", "7"])).contains("snapshots "));
}

#[test]
fn two_targets_are_compared_in_three_classes() {
    let two = Two::new();
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    check(&two.stspec(&["snapshot", "accept", RULE, "--snapshots", &snapshots]), 0, &[]);
    let place = |target: &str| folder.path().join(target).join(format!("{RULE}.snap"));
    let text = fs::read_to_string(place("reference")).expect("a snapshot");
    let write = |text: &str| {
        fs::create_dir_all(place("other").parent().expect("a folder")).expect("folders");
        fs::write(place("other"), text).expect("a snapshot");
    };
    let diff = |more: &[&str]| {
        let args = ["snapshot", "diff", "reference", "other", "--snapshots", &snapshots];
        two.stspec(&[&args, more].concat())
    };
    check(&diff(&[]), 2, &["there are no snapshots in"]);
    write(&text);
    check(&diff(&[]), 0, &["1 alike · 0 differ"]);
    write(&text.replace("status: 400", "status: 403").replace("akid ASIA 20", "akid ASIA 24"));
    let both = "1 differ · contract 1 · shape 1 · text 0";
    check(
        &diff(&[]),
        1,
        &[RULE, "  contract  bounds/below answer.status", "    - 400\n    + 403", both],
    );
    check(&diff(&["--class", "contract"]), 1, &["contract 1 · shape 0 · text 0"]);
    write(&text.replace("akid ASIA 20", "akid ASIA 24"));
    check(&diff(&["--class", "contract"]), 0, &["1 alike"]);
    write("no snapshot");
    check(&diff(&[]), 3, &["not a snapshot"]);
}

/// A command with credentials that a target of a test takes, and snapshots in a folder.
fn anybody(two: &Two, args: &[&str], endpoint: &str, snapshots: &str) -> Output {
    let args = [args, &["--endpoint", endpoint, "--snapshots", snapshots]].concat();
    let mut command = stspec(&two.among(&args));
    ended(command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test"))
}

#[test]
fn a_baseline_is_not_written_by_a_run_whose_target_went_away() {
    let two = Two::new();
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    let update = ["baseline", "update", "--allow-new", "--reason", "none"];
    let output = anybody(&two, &update, &short_lived(2), &snapshots);
    // It may have made a user before it went.
    check(&output, 6, &["the baseline stays as it was", "if it was made at all"]);
    assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none());
}

#[test]
fn whatever_runs_the_rules_tells_what_it_left_behind_and_how_to_remove_it() {
    let two = Two::new();
    let endpoint = emulator(|action| match action {
        "DeleteUser" => ("404 Not Found", made(action).1),
        _ => made(action),
    });
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    let remedy = format!("`stspec sweep --endpoint {endpoint} --scenarios ");
    let words = ["left on the target: user `stspec-", &remedy];
    let accept = ["snapshot", "accept", RULE];
    check(&anybody(&two, &accept, &endpoint, &snapshots), 6, &words);
    let update = ["baseline", "update", "--allow-new", "--reason", "none"];
    check(&anybody(&two, &update, &endpoint, &snapshots), 6, &words);
}

#[test]
fn a_report_that_is_lost_on_its_way_is_no_pass() {
    let two = Two::new();
    check(&two.stspec(&["run", RULE, "--report", "json=/dev/full"]), 2, &["`/dev/full` can't be"]);
}
