//! Servers that are measured, and the processor time of programs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::Bench;
use super::tool::WRK;
use crate::error::Problem;
use crate::files::used;
use crate::watch::{end, failed, start};

/// How wrk runs: connections and threads.
const WRK_ARGS: [&str; 2] = ["-c32", "-t1"];

/// How the clock of `/proc` ticks for programs, in ticks a second.
///
/// Source: proc(5) and time(7): `USER_HZ` is 100 on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// What one program took in one round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    /// Requests, each of them answered with success.
    pub(super) requests: f64,
    /// How long the round took.
    pub(super) seconds: f64,
    /// User and system time of the program.
    pub(super) processor_seconds: f64,
}

impl Sample {
    /// Processor time of one request.
    pub(super) fn microseconds(self) -> f64 {
        self.processor_seconds * 1e6 / self.requests
    }

    pub(super) fn per_second(self) -> f64 {
        self.requests / self.seconds
    }
}

/// A server on its own core that ends with its value.
pub(super) struct Server {
    process: Child,
    /// The line of JSON that it printed when it listened.
    pub(super) line: String,
    pub(super) endpoint: String,
}

impl Server {
    /// Starts a program and waits for the line that says where it listens.
    pub(super) fn start(command: &mut Command) -> Result<Self, Problem> {
        let process = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let mut server = Self { process, line: String::new(), endpoint: String::new() };
        let stdout = server.process.stdout.take();
        let read = stdout.map(|stdout| BufReader::new(stdout).read_line(&mut server.line));
        let line: Value = serde_json::from_str(&server.line).unwrap_or_default();
        match (read, line.get("endpoint").and_then(Value::as_str)) {
            (Some(Ok(_)), Some(endpoint)) => endpoint.clone_into(&mut server.endpoint),
            _ => return Err(failed(command, "ended before it listened")),
        }
        Ok(server)
    }

    /// Has wrk repeat the script's request, and returns what it took the server.
    pub(super) fn round(
        &self,
        bench: &Bench,
        script: &Path,
        seconds: u32,
    ) -> Result<Sample, Problem> {
        let before = self.processor_seconds()?;
        let sent = wrk(bench, script, &self.endpoint, seconds)?;
        let processor_seconds = self.processor_seconds()? - before;
        Ok(Sample { processor_seconds, ..sent })
    }

    fn processor_seconds(&self) -> Result<f64, Problem> {
        processor_seconds(&self.process.id().to_string(), OWN_TIMES)
    }

    /// Memory that it holds now.
    pub(super) fn resident_bytes(&self) -> Result<u64, Problem> {
        let path = format!("/proc/{}/status", self.process.id());
        let path = Path::new(&path);
        let status = used(path, fs::read_to_string(path))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        let missing = || Err(std::io::Error::other("has no `VmRSS`"));
        // Source: proc(5), `/proc/pid/status`: in kB of 1024 bytes.
        Ok(used(path, number.map_or_else(missing, Ok))? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Runs wrk and returns what it took wrk.
pub(super) fn wrk(
    bench: &Bench,
    script: &Path,
    endpoint: &str,
    seconds: u32,
) -> Result<Sample, Problem> {
    let mut wrk = bench.cores.generator(WRK.name);
    wrk.args(WRK_ARGS).arg(format!("-d{seconds}s")).arg("-s").arg(script).arg(endpoint);
    let ran = run(&mut wrk)?;
    if ran.stdout.contains("Non-2xx") || ran.stdout.contains("Socket errors") {
        return Err(failed(&wrk, format!("got answers that are no success:\n{}", ran.stdout)));
    }
    let requests = number_of(&ran.stdout, " requests in ");
    let per_second = number_of(&ran.stdout, "Requests/sec");
    let (Some(requests), Some(per_second)) = (requests, per_second) else {
        return Err(failed(&wrk, format!("prints something unexpected:\n{}", ran.stdout)));
    };
    let seconds = requests / per_second;
    Ok(Sample { requests, seconds, processor_seconds: ran.processor_seconds })
}

/// The first number of the line with these words.
fn number_of(text: &str, words: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains(words))?;
    line.split_whitespace().find_map(|word| word.parse().ok())
}

/// What a program printed and took, from its start to its end.
pub(super) struct Ran {
    pub(super) stdout: String,
    pub(super) processor_seconds: f64,
}

/// Runs a program to its end, which has to be a success.
pub(super) fn run(command: &mut Command) -> Result<Ran, Problem> {
    let before = processor_seconds("self", TIMES_OF_CHILDREN)?;
    let output = command.stdin(Stdio::null()).output();
    let output =
        output.map_err(|error| failed(command, format!("could not be started: {error}")))?;
    let processor_seconds = processor_seconds("self", TIMES_OF_CHILDREN)? - before;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(failed(command, format!("ends with {}:\n{stderr}", output.status)));
    }
    Ok(Ran { stdout: String::from_utf8_lossy(&output.stdout).into_owned(), processor_seconds })
}

/// Fields between the name of a process and its own user and system time, all threads together.
///
/// Source: proc(5), `/proc/pid/stat`: the name is field 2, the times are fields 14 and 15.
const OWN_TIMES: usize = 11;

/// Fields between the name of a process and the times of its children that have ended.
///
/// Source: proc(5), `/proc/pid/stat`: fields 16 and 17.
const TIMES_OF_CHILDREN: usize = 13;

fn processor_seconds(process: &str, fields_before: usize) -> Result<f64, Problem> {
    let path = format!("/proc/{process}/stat");
    let path = Path::new(&path);
    let stat = used(path, fs::read_to_string(path))?;
    let unreadable = || Err(std::io::Error::other("has an unexpected form"));
    used(path, ticks(&stat, fields_before).map_or_else(unreadable, Ok))
        .map(|ticks| ticks / TICKS_PER_SECOND)
}

/// The sum of two fields of `/proc/pid/stat`.
fn ticks(stat: &str, fields_before: usize) -> Option<f64> {
    // The name is in brackets and may hold blanks and brackets itself.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(fields_before);
    Some(fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 7 3 20 0";

    #[track_caller]
    fn check(found: Option<f64>, expected: Option<f64>) {
        assert_eq!(
            found.map(|number| number.to_string()),
            expected.map(|number| number.to_string())
        );
    }

    #[test]
    fn times_stand_behind_the_name_whatever_it_holds() {
        check(ticks(STAT, OWN_TIMES), Some(300.0));
        check(ticks(STAT, TIMES_OF_CHILDREN), Some(10.0));
        check(ticks("42 (a) S 1", OWN_TIMES), None);
        check(ticks("", OWN_TIMES), None);
    }

    #[test]
    fn a_program_that_works_takes_processor_time() {
        let mut work = Command::new("sh");
        work.args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done"]);
        let ran = run(&mut work).expect("it ends");
        assert_eq!(ran.stdout, "done\n");
        assert!(ran.processor_seconds > 0.02, "{}", ran.processor_seconds);
    }

    #[test]
    fn the_report_of_wrk_is_read() {
        let text = "  238 requests in 1.00s, 9.1MB read\nRequests/sec:    237.50\n";
        check(number_of(text, " requests in "), Some(238.0));
        check(number_of(text, "Requests/sec"), Some(237.5));
        check(number_of("", "Requests/sec"), None);
    }

    #[test]
    fn a_request_takes_its_share() {
        let sample = Sample { requests: 1000.0, seconds: 2.0, processor_seconds: 0.02 };
        check(Some(sample.microseconds()), Some(20.0));
        check(Some(sample.per_second()), Some(500.0));
    }
}
