//! `cargo xtask speed`: requests per second of the reference beside a bare server on its stack.
//!
//! Both answer the same signed POST in turns, so that what else the machine does hits both alike.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use serde_json::Value;

use crate::{cargo, complain, root};

/// Rounds, each of them one run against either server.
const ROUNDS: usize = 5;

/// How wrk is run: seconds, connections, threads.
const WRK: [&str; 3] = ["-d5s", "-c32", "-t1"];

/// Size of the bare server's answer, near that of the reference to the request of the benches.
const ANSWER_BYTES: &str = "1100";

/// Builds both servers, measures, and prints one line for each round and the medians.
pub(crate) fn speed() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// A server that ends with its value.
struct Server {
    process: Child,
    /// The line of JSON that it printed when it listened.
    line: String,
    endpoint: String,
}

/// What one run of wrk found.
struct Round {
    per_second: f64,
    /// Processor time of the server for one request.
    microseconds: f64,
}

fn measure() -> Result<(), Box<dyn Error>> {
    if Command::new("wrk").arg("-v").stdout(Stdio::null()).status().is_err() {
        return Err("wrk is missing; `apt-get install wrk` brings it".into());
    }
    let binaries = build()?;
    let reference = Server::start(Command::new(binaries.join("stspec")).arg("serve"))?;
    let bare = Server::start(Command::new(binaries.join("examples/bare")).arg(ANSWER_BYTES))?;
    let script = script(&binaries, &reference)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        let (our, their) = (reference.round(&script)?, bare.round(&script)?);
        let ratio = our.per_second / their.per_second;
        complain(&format!(
            "round {number}: reference {:.0}/s, {:.1} us each; bare {:.0}/s, {:.1} us each; ratio {ratio:.2}\n",
            our.per_second, our.microseconds, their.per_second, their.microseconds
        ));
        ours.push(our);
        theirs.push(their);
    }
    let (our, their) = (median(&ours), median(&theirs));
    complain(&format!(
        "median: reference {our:.0}/s, bare {their:.0}/s, ratio {:.2}; reference holds {} kB\n",
        our / their,
        reference.resident_kb()?
    ));
    Ok(())
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
fn script(binaries: &Path, reference: &Server) -> Result<PathBuf, Box<dyn Error>> {
    let mut mint = Command::new(binaries.join("examples/mint"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    mint.stdin.take().ok_or("a pipe was asked for")?.write_all(reference.line.as_bytes())?;
    let output = mint.wait_with_output()?;
    if !output.status.success() {
        return Err("the user could not be made".into());
    }
    let path = root().join("target/speed.lua");
    fs::create_dir_all(root().join("target"))?;
    File::create(&path)?.write_all(&output.stdout)?;
    Ok(path)
}

impl Server {
    /// Starts a program and waits for the line that says where it listens.
    fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().ok_or("a pipe was asked for")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let endpoint = told.get("endpoint").and_then(Value::as_str).ok_or("no endpoint")?;
        let endpoint = endpoint.to_owned();
        Ok(Self { process, line, endpoint })
    }

    fn round(&self, script: &Path) -> Result<Round, Box<dyn Error>> {
        let before = self.processor_seconds()?;
        let output =
            Command::new("wrk").args(WRK).arg("-s").arg(script).arg(&self.endpoint).output()?;
        let text = String::from_utf8(output.stdout)?;
        if text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("not every request was answered:\n{text}").into());
        }
        let number = |line: &str| line.split_whitespace().find_map(|word| word.parse().ok());
        let per_second = text.lines().find(|line| line.starts_with("Requests/sec"));
        let requests = text.lines().find(|line| line.contains(" requests in "));
        let (Some(per_second), Some(requests)) =
            (per_second.and_then(number), requests.and_then(number))
        else {
            return Err(format!("wrk said something unexpected:\n{text}").into());
        };
        let microseconds = (self.processor_seconds()? - before) * 1e6 / requests;
        Ok(Round { per_second, microseconds })
    }

    /// User and system time so far.
    ///
    /// Source: proc(5), `/proc/pid/stat`: fields 14 and 15 in hundredths of a second.
    fn processor_seconds(&self) -> Result<f64, Box<dyn Error>> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let times = after_name.split_whitespace().skip(11).take(2);
        Ok(times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0)
    }

    fn resident_kb(&self) -> Result<String, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(number.ok_or("no VmRSS")?.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn median(rounds: &[Round]) -> f64 {
    let mut all: Vec<f64> = rounds.iter().map(|round| round.per_second).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
