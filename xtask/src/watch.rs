//! Runs a program within a deadline and passes its lines on as they arrive.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Problem;

/// Pause between two checks whether a program that closed its output has ended.
const END_POLL: Duration = Duration::from_millis(20);

/// Runs a program to its end and calls `line` with each line of its stdout.
///
/// A program that takes longer than `limit` is killed, and the result is an error.
pub(crate) fn watch(
    command: &mut Command,
    limit: Duration,
    mut line: impl FnMut(&str),
) -> Result<ExitStatus, Problem> {
    let deadline = now() + limit;
    let mut child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let lines = child.stdout.take().map(lines_of);
    let ended = loop {
        let Some(lines) = &lines else { break until(&mut child, deadline) };
        match lines.recv_timeout(deadline.saturating_duration_since(now())) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => break until(&mut child, deadline),
            Err(RecvTimeoutError::Timeout) => break Ok(None),
        }
    };
    match ended {
        Ok(Some(status)) => Ok(status),
        Ok(None) => {
            end(&mut child);
            Err(failed(command, format!("took more than {} s and was ended", limit.as_secs())))
        }
        Err(error) => {
            end(&mut child);
            Err(failed(command, format!("could not be waited for: {error}")))
        }
    }
}

/// Starts a program.
pub(crate) fn start(command: &mut Command) -> Result<Child, Problem> {
    command.spawn().map_err(|error| failed(command, format!("could not be started: {error}")))
}

/// Ends a program and everything that it started; it may have ended already.
///
/// The program is stopped first, so that it starts nothing new while its descendants are looked up.
pub(crate) fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        signal("-STOP", &[child.id()]);
        signal("-KILL", &descendants(child.id()));
    }
    let _already_gone = child.kill();
    let _already_gone = child.wait();
}

/// The programs that a program started, and those that they started; none without `/proc`.
fn descendants(program: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = running().filter_map(|id| Some((id, parent(id)?))).collect();
    let mut family = vec![program];
    // Each round finds the next generation, so there are no more rounds than programs.
    for _ in 0..parents.len() {
        let is_next = |(id, parent): &&(u32, u32)| family.contains(parent) && !family.contains(id);
        let next: Vec<u32> = parents.iter().filter(is_next).map(|(id, _)| *id).collect();
        if next.is_empty() {
            break;
        }
        family.extend(next);
    }
    family.split_off(1)
}

/// The ids of all running programs.
fn running() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The id of the program that started another: the second field after the name, which is in brackets.
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// Sends a signal through the shell's own `kill`. The programs may have ended already.
fn signal(signal: &str, ids: &[u32]) {
    if ids.is_empty() {
        return;
    }
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill \"$@\"", "sh", signal]).args(ids.iter().map(u32::to_string));
    let _too_late = kill.stdin(Stdio::null()).stderr(Stdio::null()).status();
}

/// A problem with a program, with the command as a person types it.
pub(crate) fn failed(command: &Command, what: impl Into<String>) -> Problem {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    Problem::Command { command: words.join(" "), what: what.into() }
}

/// A program's lines, read in the background; bytes that are not UTF-8 become `�`.
fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// How the program ended; `None` if the deadline passed first.
fn until(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || now() >= deadline {
            return Ok(status);
        }
        thread::sleep(END_POLL);
    }
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a deadline for programs runs by the real clock")]
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_arrive_in_order_and_the_status_after_them() {
        let mut lines = Vec::new();
        let status =
            watch(&mut shell("echo one; echo two; exit 3"), Duration::from_secs(20), |line| {
                lines.push(line.to_owned());
            });
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.expect("it ran").code(), Some(3));
    }

    #[test]
    fn a_program_past_its_deadline_is_ended() {
        let started = now();
        let problem = watch(&mut shell("exec sleep 60"), Duration::from_millis(200), |_| {});
        assert!(problem.expect_err("it sleeps").to_string().contains("took more than 0 s"));
        assert!(now() - started < Duration::from_secs(20));
    }

    #[test]
    fn what_a_program_started_ends_with_it() {
        // Nobody else sleeps for so long.
        let seconds = format!("6{}", std::process::id());
        let script = format!("sleep {seconds} & sh -c 'sleep {seconds}; true' & echo up; wait");
        let mut is_up = false;
        let problem = watch(&mut shell(&script), Duration::from_secs(1), |_| is_up = true);
        assert!(is_up && problem.is_err());
        let deadline = now() + Duration::from_secs(20);
        let sleeps = |id: u32| {
            let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.split('\0').any(|word| word == seconds)
        };
        while running().any(sleeps) {
            assert!(now() < deadline, "something still sleeps");
            thread::sleep(END_POLL);
        }
    }

    #[test]
    fn a_silent_program_that_closed_stdout_is_ended_too() {
        let problem = watch(&mut shell("exec sleep 60 >&-"), Duration::from_millis(200), |_| {});
        assert!(problem.is_err());
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let mut command = Command::new("/nonexistent/program");
        let problem = watch(command.arg("--now"), Duration::from_secs(20), |_| {});
        let said = problem.expect_err("it isn't there").to_string();
        assert!(said.starts_with("`/nonexistent/program --now` could not be started"), "{said}");
    }
}
