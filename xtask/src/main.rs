//! Repository chores of stspec: `cargo xtask CHORE`.
//!
//! Depends on no other crate of the workspace, so that it builds in seconds.

mod build;
mod check;
mod clients;
mod conformance;
mod emulator;
mod error;
mod files;
mod fuzz;
mod locust;
mod speed;
mod steady;
mod terminal;
mod watch;

use std::io;
use std::process::{Command, ExitCode, ExitStatus};

use error::Problem;
use terminal::complain;

const USAGE: &str = "\
usage: cargo xtask CHORE

chores:
  check [--plan] [CRATE…]              checks what changed: format, clippy, tests, scenarios; run it before each commit
  conformance [--whole] [ARGS]         builds what a run on the embedded reference needs and runs `stspec run ARGS`;
                                       builds all of stspec, in release, with --whole and for any other target
  clients [CLIENT…] [--fault NAME]…    drives `stspec serve` with real AWS clients: boto3, aws-cli, sdk-js
  emulator NAME -- COMMAND…            runs a command while an emulator answers; `stspec` is this one
  locust                               plays a load as two workers of a stock Locust master, and compares the counts
  fuzz                                 tries the properties of every parser for a minute
  steady [--runs NUMBER]               runs all rules in shuffled order against a reference that is slow to take
                                       changes and throttles; all runs must look alike
  speed [PART…] [--against PROGRAM]    measures processor time per request: a mint beside a bare server, the load
                                       generator beside oha; needs wrk, oha and two quiet cores
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let outcome = match args.next().as_deref() {
        Some("conformance") => {
            return exit_code(become_process(conformance::command(args.collect())));
        }
        Some("check") => check::command(args),
        Some("fuzz") => fuzz::fuzz(),
        Some("steady") => steady::command(args),
        Some("locust") => locust::command(args),
        Some("speed") => speed::command(args),
        Some("emulator") => emulator::command(args),
        Some("clients") => clients::command(args),
        Some(chore) if chore != "help" && chore != "--help" => {
            Err(Problem::Usage(format!("unknown chore `{chore}`\n\n{USAGE}")))
        }
        _ => Err(Problem::Usage(USAGE.to_owned())),
    };
    outcome.unwrap_or_else(|problem| {
        complain(&problem.to_string());
        problem.exit_code()
    })
}

/// The exit code of a chore that is another program.
fn exit_code(status: io::Result<ExitStatus>) -> ExitCode {
    match status {
        Ok(status) => {
            ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(70))
        }
        Err(error) => {
            complain(&format!("cargo could not be started: {error}"));
            ExitCode::from(70)
        }
    }
}

/// Replaces this process by the command, so that Ctrl-C reaches only the command, which then cleans up.
#[cfg(unix)]
fn become_process(mut command: Command) -> std::io::Result<std::process::ExitStatus> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

#[cfg(not(unix))]
fn become_process(mut command: Command) -> std::io::Result<std::process::ExitStatus> {
    command.status()
}
