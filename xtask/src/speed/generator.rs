//! The processor time that a request takes a load generator: `stspec load` beside oha, which signs too, and wrk,
//! which does not. All of them call a server that answers the same bytes each time.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::outcome::Outcome;
use super::server::{Sample, Server, run, wrk};
use super::tool::OHA;
use super::{Bench, Build, bar, median, print_round};
use crate::build::root;
use crate::error::Problem;
use crate::files::{copy, used};
use crate::terminal::say;
use crate::watch::failed;

/// Rounds; in each of them every generator runs once.
const ROUNDS: usize = 3;

/// How long a generator runs in one round.
const ROUND_SECONDS: u32 = 8;

/// Users, or connections, that send at the same time.
const CONNECTIONS: u32 = 32;

/// What everybody sends.
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// Credentials that the server never looks at.
const ACCESS_KEY_ID: &str = "AKIAFIXEDFIXEDFIXED1";

const SECRET_ACCESS_KEY: &str = "fixed/secret/fixed/secret/fixed/secret/1";

/// The name of the profile.
const PROFILE: &str = "speed";

/// One user that calls and judges every answer.
fn profile() -> String {
    format!(
        "profile: {PROFILE}
says: Everybody calls GetCallerIdentity as fast as it is answered; every answer is judged.
account: federator
shape: {{users: [{{to: {CONNECTIONS}, hold: {ROUND_SECONDS}s}}]}}
calls:
  - id: identity
    call: sts.GetCallerIdentity
    as: federator
    expect: {{status: 200, result.Arn: \"arn:aws:iam::123456789012:user/fixed\", result.Account: \"123456789012\"}}
"
    )
}

/// What every generator took in one round.
struct Round {
    /// By build, this one first.
    builds: Vec<Sample>,
    oha: Sample,
    wrk: Sample,
}

/// Measures all generators in turns; only this build has a bar.
pub(super) fn measure(bench: &Bench) -> Result<Vec<Outcome>, Problem> {
    let fixed = Server::start(&mut bench.cores.server(bench.examples.join("fixed")))?;
    let scenarios = scenarios(bench)?;
    let script = script(bench)?;
    let mut rounds = Vec::new();
    for number in 1..=ROUNDS {
        let mut builds = Vec::new();
        for build in bench.builds() {
            let sample = stspec(bench, &build, &scenarios, &fixed)?;
            print_round(number, build.label, sample);
            builds.push(sample);
        }
        let oha = oha(bench, &fixed)?;
        print_round(number, OHA.name, oha);
        let wrk = wrk(bench, &script, &fixed.endpoint, ROUND_SECONDS)?;
        print_round(number, "wrk", wrk);
        rounds.push(Round { builds, oha, wrk });
    }
    for (index, build) in bench.builds().iter().enumerate() {
        print_ratios(build.label, index, &rounds);
    }
    Ok(vec![bar::generator(worst(&beside_oha(0, &rounds)))])
}

fn print_ratios(label: &str, build: usize, rounds: &[Round]) {
    let ratios: Vec<String> =
        beside_oha(build, rounds).iter().map(|ratio| format!("{ratio:.2}")).collect();
    say(&format!("load: {label:<8} {} times oha in {ROUNDS} rounds", ratios.join(", ")));
    let beside_wrk = rounds.iter().filter_map(|round| {
        Some(round.builds.get(build)?.microseconds() / round.wrk.microseconds())
    });
    say(&format!("load: {label:<8} {}", bar::beside_wrk(median(beside_wrk))));
}

/// Round by round, the requests of a build as a multiple of oha's for the same processor time.
fn beside_oha(build: usize, rounds: &[Round]) -> Vec<f64> {
    let own = |round: &Round| round.builds.get(build).map(|sample| sample.microseconds());
    rounds.iter().filter_map(|round| Some(round.oha.microseconds() / own(round)?)).collect()
}

/// The least; not a number if there are none or one is not.
fn worst(ratios: &[f64]) -> f64 {
    let least = |one: f64, other: f64| if other < one || other.is_nan() { other } else { one };
    ratios.iter().copied().reduce(least).unwrap_or(f64::NAN)
}

/// The scenarios of the repository with one more profile.
fn scenarios(bench: &Bench) -> Result<PathBuf, Problem> {
    let scenarios = bench.folder.join("scenarios");
    if scenarios.exists() {
        used(&scenarios, fs::remove_dir_all(&scenarios))?;
    }
    copy(&root().join("scenarios"), &scenarios)?;
    let path = scenarios.join(format!("profiles/{PROFILE}.yaml"));
    used(&path, fs::write(&path, profile()))?;
    Ok(scenarios)
}

/// The request that wrk repeats, without a signature.
fn script(bench: &Bench) -> Result<PathBuf, Problem> {
    let path = bench.folder.join("fixed.lua");
    let text = format!(
        "wrk.method = \"POST\"\nwrk.body = \"{BODY}\"\nwrk.headers[\"content-type\"] = \"{CONTENT_TYPE}\"\n"
    );
    used(&path, fs::write(&path, text))?;
    Ok(path)
}

/// A load of a build, from its start to its end: with provisioning, cleaning up and its report.
fn stspec(
    bench: &Bench,
    build: &Build<'_>,
    scenarios: &Path,
    fixed: &Server,
) -> Result<Sample, Problem> {
    let report = bench.folder.join(format!("{}.json", build.label));
    let mut load = bench.cores.generator(build.program);
    load.arg("--scenarios").arg(scenarios);
    load.args(["load", PROFILE, "--endpoint", &fixed.endpoint]);
    load.arg("--ledger").arg(bench.folder.join("ledger"));
    load.arg(format!("--report=json={}", report.display()));
    load.env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
    load.env("AWS_REGION", "us-east-1").env_remove("AWS_SESSION_TOKEN");
    let ran = run(&mut load)?;
    let text = used(&report, fs::read_to_string(&report))?;
    let requests = requests_of_stspec(&text).ok_or_else(|| failed(&load, "writes no report"))?;
    Ok(sample(requests, ran.processor_seconds))
}

/// The requests of a JSON report, which counts those that prepare users as well.
fn requests_of_stspec(report: &str) -> Option<f64> {
    let report: Value = serde_json::from_str(report).ok()?;
    report.pointer("/summary/requests")?.as_f64().filter(|requests| *requests > 0.0)
}

fn oha(bench: &Bench, fixed: &Server) -> Result<Sample, Problem> {
    let mut oha = bench.cores.generator(OHA.name);
    oha.args(["--no-tui", "--output-format", "json", "-m", "POST", "-d", BODY]);
    oha.args(["-T", CONTENT_TYPE, "--aws-sigv4", "aws:amz:us-east-1:sts", "-a"]);
    oha.arg(format!("{ACCESS_KEY_ID}:{SECRET_ACCESS_KEY}"));
    oha.args([format!("-c{CONNECTIONS}"), format!("-z{ROUND_SECONDS}s")]).arg(&fixed.endpoint);
    let ran = run(&mut oha)?;
    let requests = requests_of_oha(&ran.stdout)
        .ok_or_else(|| failed(&oha, format!("prints something unexpected:\n{}", ran.stdout)))?;
    Ok(sample(requests, ran.processor_seconds))
}

/// The requests that were answered with 200; `None` if one was answered with anything else.
fn requests_of_oha(report: &str) -> Option<f64> {
    let report: Value = serde_json::from_str(report).ok()?;
    let statuses = report.get("statusCodeDistribution")?.as_object()?;
    statuses.get("200").filter(|_| statuses.len() == 1)?.as_f64()
}

fn sample(requests: f64, processor_seconds: f64) -> Sample {
    Sample { requests, seconds: f64::from(ROUND_SECONDS), processor_seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: Option<f64>, expected: Option<f64>) {
        assert_eq!(
            found.map(|number| number.to_string()),
            expected.map(|number| number.to_string())
        );
    }

    #[test]
    fn requests_are_read_from_both_reports() {
        check(requests_of_stspec(r#"{"summary": {"requests": 7}}"#), Some(7.0));
        check(requests_of_stspec(r#"{"summary": {"requests": 0}}"#), None);
        check(requests_of_stspec("{}"), None);
        check(requests_of_oha(r#"{"statusCodeDistribution": {"200": 7}}"#), Some(7.0));
        check(requests_of_oha(r#"{"statusCodeDistribution": {"200": 7, "403": 1}}"#), None);
        check(requests_of_oha(r#"{"statusCodeDistribution": {}}"#), None);
    }

    #[test]
    fn the_worst_round_counts() {
        let round = |own, oha| Round {
            builds: vec![sample(1e6, own)],
            oha: sample(1e6, oha),
            wrk: sample(1e6, 6.0),
        };
        let rounds = [round(10.0, 16.0), round(10.0, 12.0), round(10.0, 15.0)];
        check(Some(worst(&beside_oha(0, &rounds))), Some(1.2));
        assert!(worst(&beside_oha(1, &rounds)).is_nan(), "there is no second build");
        assert!(worst(&[1.5, f64::NAN, 1.4]).is_nan());
    }
}
