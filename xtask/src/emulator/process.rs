//! The processes: the emulator in a group of its own, and the command that it runs for.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::file::Start;
use super::install::Environment;
use super::ready::{answers, is_taken};
use crate::error::Problem;
use crate::watch::{failed, start};

/// Pause between two looks at a process.
const POLL: Duration = Duration::from_millis(50);

/// Looks at an emulator that is to answer: two minutes, as the slowest takes half of one.
const READY_POLLS: u32 = 2 * 60 * 20;

/// Looks at a process that was told to end, before it is killed: ten seconds.
const END_POLLS: u32 = 10 * 20;

/// Looks at a command that was told to end, before it is killed: a minute, in which stspec cleans up.
const COMMAND_END_POLLS: u32 = 60 * 20;

/// Lines of an emulator's log that are shown where it did not start.
const LOG_LINES: usize = 15;

/// Whether somebody wants this process to end; listening for it keeps it alive until it cleaned up.
#[derive(Default)]
pub(super) struct Wishes {
    /// Heard here and, from the terminal, by the command as well: Ctrl-C, or a closed terminal.
    of_terminal: Arc<AtomicBool>,
    /// Heard here alone: a polite `kill`.
    of_process: Arc<AtomicBool>,
}

impl Wishes {
    /// Listens from now on: for Ctrl-C, a polite `kill` and a closed terminal.
    pub(super) fn listen() -> Result<Self, Problem> {
        let wishes = Self::default();
        let heard = [
            (SIGINT, &wishes.of_terminal),
            (SIGHUP, &wishes.of_terminal),
            (SIGTERM, &wishes.of_process),
        ];
        for (signal, wish) in heard {
            signal_hook::flag::register(signal, Arc::clone(wish))
                .map_err(|error| Problem::Usage(format!("signals can't be heard: {error}")))?;
        }
        Ok(wishes)
    }

    fn came(&self) -> bool {
        self.is_to_be_passed_on() || self.of_terminal.load(Ordering::Relaxed)
    }

    fn is_to_be_passed_on(&self) -> bool {
        self.of_process.load(Ordering::Relaxed)
    }
}

/// A running emulator, stopped with all that it started when dropped.
pub(super) struct Server {
    child: Child,
    /// What it prints.
    pub(super) log: PathBuf,
}

impl Server {
    /// Starts it in a group of its own, so that Ctrl-C does not reach it before the command is done,
    /// and waits until it answers.
    pub(super) fn start(
        how: &Start,
        environment: &Environment,
        folder: &Path,
        wishes: &Wishes,
    ) -> Result<Self, Problem> {
        let mut command = environment.command(&how.command);
        if is_taken(&how.ready) {
            let what = format!("is not started: something listens at {} already", how.ready);
            return Err(failed(&command, what));
        }
        let log = folder.join("log.txt");
        let unusable = |source| Problem::File { path: log.clone(), source };
        let stdout = File::create(&log).map_err(unusable)?;
        let stderr = stdout.try_clone().map_err(unusable)?;
        command.envs(&how.env).current_dir(folder).process_group(0);
        let child = start(command.stdout(Stdio::from(stdout)).stderr(Stdio::from(stderr)))?;
        let mut server = Self { child, log };
        for _ in 0..READY_POLLS {
            if wishes.came() {
                return Err(failed(&command, "was stopped before it answered"));
            }
            if let Some(status) = server.ended() {
                let said = server.last_words();
                return Err(failed(&command, format!("ends with {status}:\n{said}")));
            }
            if answers(&how.ready) {
                return Ok(server);
            }
            thread::sleep(POLL);
        }
        let said = server.last_words();
        Err(failed(&command, format!("does not answer at {}:\n{said}", how.ready)))
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    fn last_words(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The group is there as long as one of it is, even where its first process has ended.
        let group = format!("-{}", self.child.id());
        signal("TERM", &group);
        for _ in 0..END_POLLS {
            let _reaped = self.child.try_wait();
            if !signal("0", &group) {
                return;
            }
            thread::sleep(POLL);
        }
        signal("KILL", &group);
        let _already_gone = self.child.wait();
    }
}

/// Runs a command to its end; a wish to end is passed on to it where it did not hear of it, as a second
/// wish would have stspec leave behind what it made. One that should have heard of it and goes on is told after a
/// while, and one that was told is killed after another.
pub(super) fn accompany(command: &mut Command, wishes: &Wishes) -> Result<ExitStatus, Problem> {
    let mut child = start(command)?;
    let unknown = |error: io::Error| failed(command, format!("could not be waited for: {error}"));
    let (mut is_told, mut polls_left) = (false, COMMAND_END_POLLS);
    loop {
        if let Some(status) = child.try_wait().map_err(unknown)? {
            return Ok(status);
        }
        let is_waited_for = wishes.came() && polls_left > 0;
        if !is_told && (wishes.is_to_be_passed_on() || wishes.came() && polls_left == 0) {
            signal("TERM", &child.id().to_string());
            (is_told, polls_left) = (true, COMMAND_END_POLLS);
        } else if is_waited_for {
            polls_left -= 1;
        } else if wishes.came() {
            let _already_gone = child.kill();
            return child.wait().map_err(unknown);
        }
        thread::sleep(POLL);
    }
}

/// The exit code of a command, as a shell tells it: 128 and more where a signal ended it.
pub(super) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(70))
}

/// Sends a signal to a process, or to a group with a `-` before its id; whether there was one.
fn signal(signal: &str, to: &str) -> bool {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$1\" -- \"$2\"", "sh", signal, to]);
    kill.stdin(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests;
