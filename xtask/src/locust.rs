//! `cargo xtask locust`: a stock Locust master and two workers of stspec, against a server whose requests are counted.
//!
//! The master's counts, the counts in the workers' own reports and the counts of the server must be equal.

mod counter;

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::build::{self, root};
use crate::clients::{Server, python_environment};
use crate::error::Problem;
use crate::terminal::say;
use crate::watch::{end, failed, start, watch};
use counter::{Counter, Counts};

/// The profile; it has mints, refusals and another operation.
const PROFILE: &str = "smoke";

/// Number of workers.
const WORKERS: u64 = 2;

/// Arguments of the master, besides its address and its locustfile.
const MASTER_ARGS: [&str; 9] =
    ["--master", "--headless", "-u", "10", "-r", "10", "-t", "10s", "--expect-workers"];

/// Longest that the master or a worker may take; the load itself takes 10 s.
const LIMIT: Duration = Duration::from_mins(2);

/// The operation of each call of the profile.
const CALLS: [(&str, &str); 4] = [
    ("mint", "GetFederationToken"),
    ("mint-scoped", "GetFederationToken"),
    ("too-short", "GetFederationToken"),
    ("identity", "GetCallerIdentity"),
];

/// Programs that end with this value, however the chore ends.
struct Workers(Vec<Child>);

/// Installs Locust if it is missing, runs the load, and compares the counts.
pub(crate) fn command(mut args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    if let Some(arg) = args.next() {
        return Err(Problem::Usage(format!("`cargo xtask locust` takes no `{arg}`")));
    }
    let folder = build::target_folder()?.join("locust");
    let requirements = root().join("xtask/locust/requirements.txt");
    let python = python_environment(&folder.join("python"), &requirements, "Locust")?;
    let stspec = build::stspec()?;
    let server = Server::alone(&stspec)?;
    let counter = Counter::start(&server.endpoint, &server.root_access_key_id)
        .map_err(|source| Problem::File { path: folder.clone(), source })?;
    let play = Play { folder, python, stspec, server: &server, counter: &counter };
    let (master, own) = play.play()?;
    let received = counter.counts();
    Ok(if agree(&master, &own, &received) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Everything that the load needs.
struct Play<'p> {
    folder: PathBuf,
    python: PathBuf,
    stspec: PathBuf,
    server: &'p Server,
    counter: &'p Counter,
}

impl Play<'_> {
    /// Requests by call, as the master and as the workers' reports count them.
    fn play(&self) -> Result<(Counts, Counts), Problem> {
        let locustfile = self.locustfile()?;
        let port = free_port().map_err(|source| unusable(&self.folder, source))?;
        let address = format!("127.0.0.1:{port}");
        let mut workers = Workers(Vec::new());
        for number in 0..WORKERS {
            workers.0.push(self.worker(&address, number)?);
        }
        let table = self.folder.join("stats");
        let mut master = Command::new(&self.python);
        master.args(["-m", "locust", "-f"]).arg(locustfile).args(MASTER_ARGS);
        master.arg(WORKERS.to_string()).arg("--json-file").arg(&table);
        master.args(["--master-bind-host", "127.0.0.1", "--master-bind-port"]);
        let log = self.folder.join("master.log");
        master.arg(port.to_string()).stderr(File::create(&log).map_err(|e| unusable(&log, e))?);
        let status = watch(&mut master, LIMIT, say)?;
        if !status.success() {
            return Err(failed(&master, format!("ends with {status}; see `{}`", log.display())));
        }
        workers.wait()?;
        let master = read(&table.with_extension("json"))?;
        let master = count(master.as_array(), "/name", "/num_requests");
        let mut own = Counts::new();
        for number in 0..WORKERS {
            let report = read(&self.report(number))?;
            let calls = report.get("calls").and_then(Value::as_array);
            for (call, requests) in count(calls, "/id", "/counted/requests") {
                *own.entry(call).or_default() += requests;
            }
        }
        Ok((master, own))
    }

    fn locustfile(&self) -> Result<PathBuf, Problem> {
        let path = self.folder.join("locustfile.py");
        let mut emit = Command::new(&self.stspec);
        emit.args(["load", PROFILE, "--emit-locustfile"]);
        let output = emit.stderr(Stdio::inherit()).output();
        let output =
            output.map_err(|error| failed(&emit, format!("could not be started: {error}")))?;
        fs::write(&path, output.stdout).map_err(|source| unusable(&path, source))?;
        Ok(path)
    }

    fn worker(&self, master: &str, number: u64) -> Result<Child, Problem> {
        let report = format!("json={}", self.report(number).display());
        let mut worker = Command::new(&self.stspec);
        worker.args(["load", PROFILE, "--endpoint", self.counter.endpoint()]);
        worker.args(["--locust-master", master, "--report", &report, "--ledger"]);
        worker.arg(self.folder.join("ledger"));
        worker.env("AWS_ACCESS_KEY_ID", &self.server.root_access_key_id);
        worker.env("AWS_SECRET_ACCESS_KEY", &self.server.root_secret_access_key);
        start(worker.env_remove("AWS_SESSION_TOKEN").stdin(Stdio::null()).stdout(Stdio::null()))
    }

    fn report(&self, number: u64) -> PathBuf {
        self.folder.join(format!("worker-{number}.json"))
    }
}

impl Workers {
    /// Waits until all of them have ended with success.
    fn wait(&mut self) -> Result<(), Problem> {
        for worker in &mut self.0 {
            let mut left = LIMIT;
            let pause = Duration::from_millis(100);
            let status = loop {
                match worker.try_wait() {
                    Ok(None) if left > pause => left -= pause,
                    Ok(status) => break status,
                    Err(_) => break None,
                }
                std::thread::sleep(pause);
            };
            if !status.is_some_and(|status| status.success()) {
                let what = format!("ended with {status:?}; see its output above");
                return Err(Problem::Command { command: "stspec load".to_owned(), what });
            }
        }
        Ok(())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(end);
    }
}

/// The counts of a list by name.
fn count(list: Option<&Vec<Value>>, name: &str, number: &str) -> Counts {
    let entry = |entry: &Value| {
        let name = entry.pointer(name)?.as_str()?.to_owned();
        Some((name, entry.pointer(number)?.as_u64()?))
    };
    list.into_iter().flatten().filter_map(entry).collect()
}

/// Whether all three counts are equal, call by call and operation by operation.
fn agree(master: &Counts, own: &Counts, received: &Counts) -> bool {
    let mut operations = Counts::new();
    for (call, operation) in CALLS {
        let requests = master.get(call).copied().unwrap_or(0);
        *operations.entry(operation.to_owned()).or_default() += requests;
        let own = own.get(call).copied().unwrap_or(0);
        say(&format!("{call:<12} master {requests:>8}   workers {own:>8}"));
    }
    let is_complete = operations.values().all(|requests| *requests > 0);
    // Each worker calls once before it joins, to see whether the key of its user is in effect.
    *operations.entry("GetCallerIdentity".to_owned()).or_default() += WORKERS;
    for (operation, requests) in &operations {
        let received = received.get(operation).copied().unwrap_or(0);
        say(&format!("{operation:<20} expected {requests:>8}   received {received:>8}"));
    }
    let agree = is_complete && master == own && operations == *received;
    say(if agree { "all agree" } else { "they do not agree" });
    agree
}

fn read(path: &Path) -> Result<Value, Problem> {
    let text = fs::read_to_string(path).map_err(|source| unusable(path, source))?;
    serde_json::from_str(&text).map_err(|error| unusable(path, error.into()))
}

/// A port that is free now.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn unusable(path: &Path, source: std::io::Error) -> Problem {
    Problem::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn one_request_more_or_less_is_no_agreement() {
        let calls = counts(&[("mint", 3), ("mint-scoped", 2), ("too-short", 1), ("identity", 4)]);
        let received = counts(&[("GetFederationToken", 6), ("GetCallerIdentity", 6)]);
        assert!(agree(&calls, &calls, &received));
        let less = counts(&[("mint", 2), ("mint-scoped", 2), ("too-short", 1), ("identity", 4)]);
        assert!(!agree(&calls, &less, &received));
        assert!(!agree(&less, &less, &received));
        let more = counts(&[("GetFederationToken", 6), ("GetCallerIdentity", 5)]);
        assert!(!agree(&calls, &calls, &more));
    }

    #[test]
    fn nothing_is_no_agreement() {
        assert!(!agree(&Counts::new(), &Counts::new(), &Counts::new()));
    }
}
