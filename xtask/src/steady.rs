//! `cargo xtask steady`: shuffled runs against a reference that throttles and is slow to apply changes, as AWS is.
//! All runs must give the same verdicts and snapshots.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::Value;

use crate::build::{root, stspec, target_folder};
use crate::clients::server::Server;
use crate::error::Problem;
use crate::files::{copy, used};
use crate::terminal::{complain, say};
use crate::watch::failed;

/// Number of runs by default.
///
/// Source: issue 5.
const RUNS: u32 = 20;

/// Arguments of the server. At this rate every run is throttled hundreds of times and ends within a minute.
const UNSTEADY: [&str; 4] = ["--propagation-delay", "3s", "--throttle", "100/s"];

/// A region in which the server's STS is switched off.
const DISABLED_REGION: &str = "eu-west-3";

/// The result of one run.
struct RunResult {
    /// Each check with its verdict.
    verdicts: Vec<(String, String)>,
    throttled: u64,
    waited_ms: u64,
}

/// Runs all rules again and again, and succeeds if all runs pass and are alike.
///
/// Each run must match the snapshots of the embedded reference.
pub(crate) fn command(mut args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    let runs = runs(&mut args)?;
    let program = stspec()?;
    let folder = target_folder()?.join("steady");
    let mut serve = Command::new(&program);
    serve.args(["serve", "--clock-control", "--disable-region", DISABLED_REGION]).args(UNSTEADY);
    let server = Server::start(&mut serve)?;
    prepare(&folder, &server.endpoint)?;
    let mut first: Option<RunResult> = None;
    let mut alike = true;
    for run in 1..=runs {
        let (result, code) = run_once(&program, &folder, &server, run)?;
        let same = first.as_ref().is_none_or(|first| first.verdicts == result.verdicts);
        say(&format!(
            "run {run}: exit {code}, {} checks{}, {} throttled, {} s waited",
            result.verdicts.len(),
            if same { "" } else { " with OTHER VERDICTS" },
            result.throttled,
            result.waited_ms / 1000
        ));
        alike &= same && code == 0;
        first.get_or_insert(result);
    }
    if !alike {
        complain(&format!("see the reports and logs in `{}`", folder.display()));
    }
    Ok(ExitCode::from(u8::from(!alike)))
}

fn runs(args: &mut impl Iterator<Item = String>) -> Result<u32, Problem> {
    let usage = || Problem::Usage("usage: cargo xtask steady [--runs NUMBER]".to_owned());
    match (args.next().as_deref(), args.next(), args.next()) {
        (None, ..) => Ok(RUNS),
        (Some("--runs"), Some(number), None) => {
            number.parse().ok().filter(|runs| *runs > 0).ok_or_else(usage)
        }
        _ => Err(usage()),
    }
}

/// Writes scenarios with the server as a target, and the snapshots that it must match, into a folder.
fn prepare(folder: &Path, endpoint: &str) -> Result<(), Problem> {
    if folder.exists() {
        used(folder, fs::remove_dir_all(folder))?;
    }
    let scenarios = folder.join("scenarios");
    copy(&root().join("scenarios"), &scenarios)?;
    copy(&root().join("snapshots/reference"), &folder.join("snapshots/steady"))?;
    let renamed = |file: &Path| -> Result<String, Problem> {
        let text = used(file, fs::read_to_string(file))?;
        Ok(text.replace("target: reference\n", "target: steady\n"))
    };
    let baseline = folder.join("snapshots/steady/baseline.yaml");
    used(&baseline, fs::write(&baseline, renamed(&baseline)?))?;
    let described = renamed(&scenarios.join("targets/reference.yaml"))?
        .replace("kind: embedded\n", &format!("kind: emulator\nendpoint: {endpoint}\n"));
    let target = scenarios.join("targets/steady.yaml");
    used(&target, fs::write(&target, described))
}

/// One run, and its exit code.
fn run_once(
    program: &Path,
    folder: &Path,
    server: &Server,
    run: u32,
) -> Result<(RunResult, i32), Problem> {
    let file = |kind: &str| folder.join(format!("run-{run}.{kind}"));
    let open = |path: PathBuf| used(&path, fs::File::create(&path));
    let mut command = Command::new(program);
    command
        .args(["run", "--target", "steady", "--jobs", "8", "--snapshots-must-match"])
        .arg(format!("--shuffle={run}"))
        .arg("--scenarios")
        .arg(folder.join("scenarios"))
        .arg("--snapshots")
        .arg(folder.join("snapshots"))
        .arg(format!("--report=json={}", file("json").display()))
        .env("STSPEC_STATE_DIR", folder.join("state"))
        .env("AWS_ACCESS_KEY_ID", &server.root_access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &server.root_secret_access_key)
        .env_remove("AWS_SESSION_TOKEN")
        .stdin(Stdio::null())
        .stdout(open(file("out"))?)
        .stderr(open(file("err"))?);
    let status = command.status();
    let status =
        status.map_err(|error| failed(&command, format!("could not be started: {error}")))?;
    let report = used(&file("json"), fs::read_to_string(file("json")))?;
    let result = read_report(&report).ok_or_else(|| failed(&command, "wrote no report"))?;
    Ok((result, status.code().unwrap_or(-1)))
}

/// Reads a JSON report.
fn read_report(report: &str) -> Option<RunResult> {
    let report: Value = serde_json::from_str(report).ok()?;
    let checks = report.get("checks")?.as_array()?.iter();
    let verdict = |check: &Value| {
        let word = |name: &str| Some(check.get(name)?.as_str()?.to_owned());
        Some((word("id")?, word("verdict")?))
    };
    let count = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    Some(RunResult {
        verdicts: checks.map(verdict).collect::<Option<_>>()?,
        throttled: count("/throttled/answers"),
        waited_ms: count("/throttled/waited_ms"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_and_throttling_are_read_from_a_report() {
        let report = r#"{"checks": [{"id": "a/b", "verdict": "pass"}],
            "throttled": {"answers": 3, "waited_ms": 1500}}"#;
        let found = read_report(report).unwrap();
        assert_eq!(found.verdicts, [("a/b".to_owned(), "pass".to_owned())]);
        assert_eq!((found.throttled, found.waited_ms), (3, 1500));
        assert!(
            read_report(r#"{"checks": [{"id": "a/b"}]}"#).is_none() && read_report("").is_none()
        );
    }

    #[test]
    fn the_number_of_runs_can_be_chosen() {
        let runs = |args: &[&str]| runs(&mut args.iter().map(|arg| (*arg).to_owned())).ok();
        assert_eq!(runs(&[]), Some(RUNS));
        assert_eq!(runs(&["--runs", "3"]), Some(3));
        assert_eq!(runs(&["--runs"]), None);
        assert_eq!(runs(&["--runs", "three"]), None);
        assert_eq!(runs(&["3"]), None);
    }
}
