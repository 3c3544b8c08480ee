//! The processes: the emulator in its own group, and the command that it runs for.

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

/// Pause between two checks of a process.
const POLL: Duration = Duration::from_millis(50);

/// Checks whether a starting emulator answers: two minutes, as the slowest takes half of one.
const READY_POLLS: u32 = 2 * 60 * 20;

/// Checks of a process that got SIGTERM, before it is killed: ten seconds.
const END_POLLS: u32 = 10 * 20;

/// Checks of a command that got SIGTERM, before it is killed: a minute, in which stspec cleans up.
const COMMAND_END_POLLS: u32 = 60 * 20;

/// Lines of an emulator's log that are printed if it does not start.
const LOG_LINES: usize = 15;

/// Signals that ask this process to end. It listens to them, so that it cleans up before it ends.
#[derive(Default)]
pub(super) struct EndSignals {
    /// Ctrl-C or a closed terminal, which the terminal sends to the command as well.
    of_terminal: Arc<AtomicBool>,
    /// SIGTERM, which only this process gets.
    of_process: Arc<AtomicBool>,
}

impl EndSignals {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Problem> {
        let signals = Self::default();
        let listened = [
            (SIGINT, &signals.of_terminal),
            (SIGHUP, &signals.of_terminal),
            (SIGTERM, &signals.of_process),
        ];
        for (signal, flag) in listened {
            signal_hook::flag::register(signal, Arc::clone(flag))
                .map_err(|error| Problem::Usage(format!("can't listen to signals: {error}")))?;
        }
        Ok(signals)
    }

    fn any(&self) -> bool {
        self.is_to_be_passed_on() || self.of_terminal.load(Ordering::Relaxed)
    }

    fn is_to_be_passed_on(&self) -> bool {
        self.of_process.load(Ordering::Relaxed)
    }
}

/// A running emulator; dropping it stops it and everything that it started.
pub(super) struct Server {
    child: Child,
    /// What it printed.
    pub(super) log: PathBuf,
}

impl Server {
    /// Starts it in its own group, so that Ctrl-C does not reach it before the command has ended, and waits until
    /// it answers.
    pub(super) fn start(
        how: &Start,
        environment: &Environment,
        folder: &Path,
        signals: &EndSignals,
    ) -> Result<Self, Problem> {
        let mut command = environment.command(&how.command);
        if is_taken(&how.ready) {
            let what = format!("is not started: a server already listens at {}", how.ready);
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
            if signals.any() {
                return Err(failed(&command, "was stopped before it answered"));
            }
            if let Some(status) = server.ended() {
                let log = server.last_lines();
                return Err(failed(&command, format!("ends with {status}:\n{log}")));
            }
            if answers(&how.ready) {
                return Ok(server);
            }
            thread::sleep(POLL);
        }
        let log = server.last_lines();
        Err(failed(&command, format!("does not answer at {}:\n{log}", how.ready)))
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    fn last_lines(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The group exists as long as one of its processes, even after the first has ended.
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

/// Runs a command to its end.
///
/// A signal that only this process got is passed on. One that the terminal sent is not, because a second signal
/// makes stspec leave its resources behind; a command that goes on for a minute gets SIGTERM all the same. A command
/// that ignores SIGTERM for a minute is killed.
pub(super) fn accompany(
    command: &mut Command,
    signals: &EndSignals,
) -> Result<ExitStatus, Problem> {
    let mut child = start(command)?;
    let unknown = |error: io::Error| failed(command, format!("could not be waited for: {error}"));
    let (mut is_terminated, mut polls_left) = (false, COMMAND_END_POLLS);
    loop {
        if let Some(status) = child.try_wait().map_err(unknown)? {
            return Ok(status);
        }
        let is_waited_for = signals.any() && polls_left > 0;
        if !is_terminated && (signals.is_to_be_passed_on() || signals.any() && polls_left == 0) {
            signal("TERM", &child.id().to_string());
            (is_terminated, polls_left) = (true, COMMAND_END_POLLS);
        } else if is_waited_for {
            polls_left -= 1;
        } else if signals.any() {
            let _already_gone = child.kill();
            return child.wait().map_err(unknown);
        }
        thread::sleep(POLL);
    }
}

/// The exit code of a command, as a shell reports it: 128 plus the signal if one ended it.
pub(super) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(70))
}

/// Sends a signal to a process, or to a group if its id has a `-`; false if there is none.
fn signal(signal: &str, to: &str) -> bool {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$1\" -- \"$2\"", "sh", signal, to]);
    kill.stdin(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests;
