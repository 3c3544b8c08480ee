//! Servers that are measured, and wrk that asks them.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// How wrk is run: connections and threads.
const WRK: [&str; 2] = ["-c32", "-t1"];

/// A server that ends with its value.
pub(super) struct Server {
    process: Child,
    /// The line of JSON that it printed when it listened.
    pub(super) line: String,
    endpoint: String,
}

/// What one run of wrk found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Requests, every one of them answered with success.
    pub(super) requests: f64,
    /// Requests per second.
    pub(super) per_second: f64,
    /// Processor time of the server for one request.
    pub(super) microseconds: f64,
}

impl Server {
    /// Starts a program and waits for the line that says where it listens.
    pub(super) fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().ok_or("a pipe was asked for")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let endpoint = told.get("endpoint").and_then(Value::as_str).ok_or("no endpoint")?;
        let endpoint = endpoint.to_owned();
        Ok(Self { process, line, endpoint })
    }

    /// Has wrk repeat the script's request for so many seconds.
    pub(super) fn round(&self, script: &Path, seconds: u32) -> Result<Round, Box<dyn Error>> {
        let before = self.processor_seconds()?;
        let mut wrk = Command::new("wrk");
        wrk.args(WRK).arg(format!("-d{seconds}s")).arg("-s").arg(script).arg(&self.endpoint);
        let output = wrk.output()?;
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
        Ok(Round { requests, per_second, microseconds })
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

    /// Memory that it holds now.
    pub(super) fn resident_bytes(&self) -> Result<u64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        // Source: proc(5), `/proc/pid/status`: in kB of 1024 bytes.
        Ok(number.ok_or("no VmRSS")?.parse::<u64>()? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
