//! `cargo xtask speed`: how fast the reference mints, and whether it stays so.
//!
//! First it and a bare server on its stack answer the same signed POST in turns, so that what else
//! the machine does hits both alike. Then one reference mints a great many sessions, and its requests
//! are held against those of one that was just started. Each request mints a session of its own.
//! Start at [`command`].

mod bar;
mod server;

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::Value;

use crate::build::{cargo, root};
use crate::error::Problem;
use crate::terminal::complain;
use bar::Bar;
use server::{Round, Server};

/// Rounds, each of them one run against either server.
const ROUNDS: usize = 5;

/// How long a round takes, in seconds.
const ROUND_SECONDS: u32 = 5;

/// How long a round takes that compares a fresh server with one that has minted, in seconds. Short,
/// so that the fresh one stays fresh.
const FRESH_ROUND_SECONDS: u32 = 2;

/// Longest that all sessions may take, in rounds; a signature holds for three times as long.
const MINTING_ROUNDS_MAX: usize = 60;

/// Size of the bare server's answer, near that of the reference to the request of the benches.
const ANSWER_BYTES: &str = "1100";

/// Sessions that are minted where the command line names no number.
///
/// Source: issue 3, Speed.
const SESSIONS: u32 = 1_000_000;

/// Builds both servers, measures, and prints one line for each round, the medians and the verdicts.
pub(crate) fn command(args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    let sessions = read(args)?;
    Ok(match measure(sessions) {
        Ok(bars) => bar::judge(&bars),
        Err(error) => {
            complain(&format!("{error}\n"));
            ExitCode::FAILURE
        }
    })
}

/// How many sessions are to be minted.
fn read(args: impl Iterator<Item = String>) -> Result<u32, Problem> {
    let usage = || Problem::Usage("usage: cargo xtask speed [--sessions NUMBER]".to_owned());
    let args: Vec<String> = args.collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(SESSIONS),
        ["--sessions", number] => number.parse().map_err(|_| usage()),
        _ => Err(usage()),
    }
}

fn measure(sessions: u32) -> Result<Vec<Bar>, Box<dyn Error>> {
    if Command::new("wrk").arg("-v").stdout(Stdio::null()).status().is_err() {
        return Err("wrk is missing; `apt-get install wrk` brings it".into());
    }
    let binaries = build()?;
    let mut bars = beside_bare(&binaries)?;
    bars.extend(after_many(&binaries, f64::from(sessions))?);
    Ok(bars)
}

/// Measures the reference and the bare server in turns.
fn beside_bare(binaries: &Path) -> Result<Vec<Bar>, Box<dyn Error>> {
    let reference = reference(binaries)?;
    let bare = Server::start(Command::new(binaries.join("examples/bare")).arg(ANSWER_BYTES))?;
    let script = script(binaries, &reference, "beside-bare")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        let our = reference.round(&script, ROUND_SECONDS)?;
        let their = bare.round(&script, ROUND_SECONDS)?;
        tell(&format!("round {number}"), ("reference", our), ("bare", their));
        ours.push(our);
        theirs.push(their);
    }
    let (our, their) = (median(&ours), median(&theirs));
    tell("median", ("reference", our), ("bare", their));
    Ok(vec![Bar::per_second(our.per_second), Bar::ratio(our.per_second / their.per_second)])
}

/// Has one server mint many sessions, and measures it and a fresh one in turns.
fn after_many(binaries: &Path, sessions: f64) -> Result<Vec<Bar>, Box<dyn Error>> {
    let used = reference(binaries)?;
    let used_script = script(binaries, &used, "used")?;
    let before = used.resident_bytes()?;
    let minted = mint(&used, &used_script, sessions)?;
    let after = used.resident_bytes()?;
    complain(&format!("minted {minted:.0} sessions; memory from {before} to {after} bytes\n"));
    let (mut olds, mut news) = (Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        let fresh = reference(binaries)?;
        let fresh_script = script(binaries, &fresh, "fresh")?;
        let new = fresh.round(&fresh_script, FRESH_ROUND_SECONDS)?;
        let old = used.round(&used_script, FRESH_ROUND_SECONDS)?;
        tell(&format!("round {number}"), ("used", old), ("fresh", new));
        olds.push(old);
        news.push(new);
    }
    let (old, new) = (median(&olds), median(&news));
    tell("median", ("used", old), ("fresh", new));
    Ok(vec![Bar::resident(after), Bar::growth(old.microseconds / new.microseconds)])
}

/// Mints at least so many sessions; tells how many.
fn mint(server: &Server, script: &Path, sessions: f64) -> Result<f64, Box<dyn Error>> {
    let mut minted = 0.0;
    for _ in 0..MINTING_ROUNDS_MAX {
        if minted >= sessions {
            return Ok(minted);
        }
        minted += server.round(script, ROUND_SECONDS)?.requests;
    }
    Err(format!("only {minted:.0} sessions were minted in {MINTING_ROUNDS_MAX} rounds").into())
}

fn reference(binaries: &Path) -> Result<Server, Box<dyn Error>> {
    Server::start(Command::new(binaries.join("stspec")).arg("serve"))
}

/// Where the programs are once they are built.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    for package in [&["stspec"][..], &["stspec-benches", "--examples"]] {
        let built =
            cargo(&["build", "--quiet", "--release", "--package"]).args(package).status()?;
        if !built.success() {
            return Err("the servers could not be built".into());
        }
    }
    let output = cargo(&["metadata", "--format-version", "1", "--no-deps"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let target = metadata.get("target_directory").and_then(Value::as_str);
    Ok(Path::new(target.ok_or("cargo names no target directory")?).join("release"))
}

/// Has a user made on the reference, and writes down the request that wrk repeats.
fn script(binaries: &Path, reference: &Server, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let mut mint = Command::new(binaries.join("examples/mint"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    mint.stdin.take().ok_or("a pipe was asked for")?.write_all(reference.line.as_bytes())?;
    let output = mint.wait_with_output()?;
    if !output.status.success() {
        return Err("the user could not be made".into());
    }
    let path = root().join(format!("target/speed-{name}.lua"));
    fs::create_dir_all(root().join("target"))?;
    File::create(&path)?.write_all(&output.stdout)?;
    Ok(path)
}

fn tell(what: &str, (one, left): (&str, Round), (other, right): (&str, Round)) {
    complain(&format!(
        "{what}: {one} {:.0}/s, {:.1} us each; {other} {:.0}/s, {:.1} us each; ratio {:.2}\n",
        left.per_second,
        left.microseconds,
        right.per_second,
        right.microseconds,
        left.per_second / right.per_second,
    ));
}

/// The middle of each measure by itself.
fn median(rounds: &[Round]) -> Round {
    let middle = |measure: fn(&Round) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(measure).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    Round {
        requests: middle(|round| round.requests),
        per_second: middle(|round| round.per_second),
        microseconds: middle(|round| round.microseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_taken_of_each_measure() {
        let round =
            |requests, per_second, microseconds| Round { requests, per_second, microseconds };
        let median =
            median(&[round(1.0, 30.0, 200.0), round(3.0, 10.0, 300.0), round(2.0, 20.0, 100.0)]);
        assert_eq!(format!("{median:?}"), format!("{:?}", round(2.0, 20.0, 200.0)));
    }

    #[test]
    fn a_number_of_sessions_is_read() {
        let read = |words: &[&str]| read(words.iter().map(|word| (*word).to_owned())).ok();
        assert_eq!(read(&[]), Some(1_000_000));
        assert_eq!(read(&["--sessions", "10"]), Some(10));
        assert_eq!(read(&["--sessions"]), None);
        assert_eq!(read(&["--sessions", "many"]), None);
    }
}
