//! Report files, snapshots of targets and what GitHub Actions reads, from the command line.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

const RULE: &str = "get-federation-token/duration/minimum";
const OTHER: &str = "get-federation-token/duration/default";
const KINDS: [&str; 4] = ["json", "junit", "markdown", "html"];

/// A folder with two of the shipped rules, which is read faster than all of them.
fn scenarios() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
        let file = |name: &str| (shipped.join(name), folder.join(name));
        let mut files =
            vec![file(&format!("rules/{RULE}.yaml")), file(&format!("rules/{OTHER}.yaml"))];
        for kind in ["accounts", "targets"] {
            for entry in fs::read_dir(shipped.join(kind)).expect("shipped files") {
                let name = entry.expect("an entry").file_name();
                files.push(file(&format!("{kind}/{}", name.to_string_lossy())));
            }
        }
        for (from, to) in files {
            fs::create_dir_all(to.parent().expect("a folder")).expect("folders");
            fs::copy(from, to).expect("a copy");
        }
        folder
    })
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stspec"));
    command.args(args).env("NO_COLOR", "1").arg("--scenarios").arg(scenarios());
    for variable in [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "STSPEC_ROOT_ACCESS_KEY_ID",
        "STSPEC_ROOT_SECRET_ACCESS_KEY",
    ] {
        command.env_remove(variable);
    }
    command
}

fn stspec(args: &[&str]) -> Output {
    command(args).output().expect("stspec starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[track_caller]
fn check(output: &Output, code: i32, words: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in words {
        assert!(said.contains(words), "`{words}` is missing from:\n{said}");
    }
}

/// `stspec serve` on a free port, ended when dropped.
struct Served {
    process: Child,
    line: Value,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        let mut process = command(&[&["serve"], args].concat())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        Self { process, line: serde_json::from_str(&line).expect("one JSON line") }
    }

    fn text(&self, place: &str) -> &str {
        self.line.pointer(place).and_then(Value::as_str).expect("a text")
    }

    /// Runs a rule against it, as its root user.
    fn run(&self, args: &[&str]) -> Command {
        let mut command = command(&[args, &["--endpoint", self.text("/endpoint")]].concat());
        command.env("AWS_ACCESS_KEY_ID", self.text("/root/access_key_id"));
        command.env("AWS_SECRET_ACCESS_KEY", self.text("/root/secret_access_key"));
        command
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
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
    let folder = folder();
    let reports = reports(folder.path());
    let mut args = vec!["run", RULE, "--snapshots", "/nowhere"];
    args.extend(reports.iter().map(String::as_str));
    check(&stspec(&args), 0, &["exit 0"]);
    for (kind, start) in KINDS.into_iter().zip(["{", "<?xml", "## stspec: passed", "<!doctype"]) {
        let text = fs::read_to_string(folder.path().join(kind)).expect("a report");
        assert!(text.starts_with(start) && (kind == "markdown" || text.contains(RULE)), "{text}");
    }
    let unknown = stspec(&["run", RULE, "--report", "pdf=x"]);
    check(&unknown, 2, &["there are json, junit, markdown and html"]);
}

#[test]
fn a_secret_that_cannot_be_taken_out_withholds_every_kind_of_report_with_6() {
    // The secret is a part of the rule's id, which no redaction may change; so the scan has the last word.
    let secret = "get-federation-token/duration";
    let root = ["--root-access-key-id", "AKIAROOTOFCANARYTEST", "--root-secret-access-key", secret];
    let served = Served::start(&root);
    for kind in KINDS {
        let folder = folder();
        let file = folder.path().join(kind);
        let report = format!("--report={kind}={}", file.display());
        let summary = folder.path().join("summary");
        let output = served
            .run(&["run", RULE, "--github", &report])
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .expect("stspec starts");
        check(&output, 6, &["secrets in the reports, which are therefore withheld"]);
        assert!(!said(&output).contains(secret));
        for file in [file, summary] {
            assert_eq!(fs::read_to_string(file).expect("it was opened"), "", "{kind}");
        }
    }
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    let output = served.run(&["snapshot", "accept", RULE, "--snapshots", &snapshots]).output();
    check(&output.expect("stspec starts"), 6, &["withheld", "nothing is kept"]);
    assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none());
}

#[test]
fn github_reads_annotations_and_a_summary_and_no_commands_of_others() {
    let served = Served::start(&["--fault", "duration-minimum-ignored"]);
    let folder = folder();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "of an earlier command\n").expect("a file");
    let output = served
        .run(&["run", RULE])
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
    let plain = served.run(&["run", RULE]).output().expect("stspec starts");
    assert!(!said(&plain).contains("::"), "{}", said(&plain));
}

#[test]
fn what_a_target_answers_is_accepted_compared_and_must_match_where_asked() {
    let (honest, faulty) =
        (Served::start(&[]), Served::start(&["--fault", "duration-minimum-ignored"]));
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    let on = |served: &Served, args: &[&str]| {
        let args = [args, &["--snapshots", &snapshots]].concat();
        served.run(&args).output().expect("stspec starts")
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
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    check(&stspec(&["snapshot", "accept", RULE, "--snapshots", &snapshots]), 0, &["1 written"]);
    let file = folder.path().join("reference").join(format!("{RULE}.snap"));
    let kept = fs::read_to_string(&file).expect("a snapshot");
    fs::write(&file, kept.replace("akid ASIA", "akid AKIA")).expect("a snapshot");
    let run = |more: &[&str]| stspec(&[&["run", RULE, "--snapshots", &snapshots], more].concat());
    check(&run(&[]), 0, &["-               AccessKeyId: <akid AKIA 20>", "1 changed", "exit 0"]);
    check(&run(&["--snapshots-must-match"]), 1, &["1 changed", "exit 1"]);
    assert!(!said(&run(&["--seed", "7"])).contains("snapshots "));
}

#[test]
fn two_targets_are_compared_in_three_classes() {
    let folder = folder();
    let snapshots = folder.path().to_string_lossy().into_owned();
    check(&stspec(&["snapshot", "accept", RULE, "--snapshots", &snapshots]), 0, &[]);
    let place = |target: &str| folder.path().join(target).join(format!("{RULE}.snap"));
    let text = fs::read_to_string(place("reference")).expect("a snapshot");
    let write = |text: &str| {
        fs::create_dir_all(place("other").parent().expect("a folder")).expect("folders");
        fs::write(place("other"), text).expect("a snapshot");
    };
    let diff = |more: &[&str]| {
        let args = ["snapshot", "diff", "reference", "other", "--snapshots", &snapshots];
        stspec(&[&args, more].concat())
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
