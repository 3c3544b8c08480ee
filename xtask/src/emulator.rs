//! `cargo xtask emulator NAME -- COMMAND…`: runs an emulator for as long as a command runs.
//!
//! The target file of that name says what to install and how to start it. Start at [`command`].

mod file;
mod install;
mod process;
mod ready;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::build;
use crate::error::Problem;
use crate::terminal::complain;
use file::{Emulator, KeyPair, names, read};
use process::{EndSignals, Server, accompany};

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    name: String,
    /// The command and its arguments; never empty.
    command: Vec<String>,
}

/// Installs and starts the emulator, runs the command with its credentials, and stops the emulator.
///
/// The exit code is the command's.
pub(crate) fn command(args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    let Options { name, command } = read_args(args)?;
    let emulator = read(&name)?;
    // Built before the emulator starts, as building takes longest.
    let program = program(&command)?;
    let folder = build::target_folder()?.join("emulators").join(&name);
    let environment = install::environment(&folder, &emulator.start.pip)?;
    let signals = EndSignals::listen()?;
    let mut server = Server::start(&emulator.start, &environment, &folder, &signals)?;
    let keys = environment.credentials(&emulator.start)?;
    complain(&format!("{name} answers at {}", emulator.start.ready));
    let mut run = Command::new(program);
    run.args(command.iter().skip(1));
    hand_over(&mut run, &emulator, &keys);
    let status = accompany(&mut run, &signals)?;
    if let Some(ended) = server.ended() {
        complain(&format!("{name} ended on its own with {ended}; see `{}`", server.log.display()));
    }
    Ok(process::exit_code(status))
}

fn read_args(mut args: impl Iterator<Item = String>) -> Result<Options, Problem> {
    let usage = || {
        let names = names().join("`, `");
        Problem::Usage(format!(
            "usage: cargo xtask emulator NAME -- COMMAND…\n\n\
             NAME is one of the targets that can be started: `{names}`.\n\
             `stspec` as the command is built in release first."
        ))
    };
    let name = args.next().filter(|name| !name.starts_with('-')).ok_or_else(usage)?;
    if args.next().as_deref() != Some("--") {
        return Err(usage());
    }
    let command: Vec<String> = args.collect();
    if command.is_empty() {
        return Err(usage());
    }
    Ok(Options { name, command })
}

/// The program of a command; `stspec` is built from this workspace.
fn program(command: &[String]) -> Result<PathBuf, Problem> {
    match command.first().map(String::as_str) {
        Some("stspec") => build::stspec(),
        program => Ok(program.unwrap_or_default().into()),
    }
}

/// Gives a command the emulator's endpoint, region and credentials, and hides every other setting of this shell.
fn hand_over(run: &mut Command, emulator: &Emulator, keys: &KeyPair) {
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        if upper.starts_with("AWS_") || upper.starts_with("STSPEC_ROOT_") {
            run.env_remove(&name);
        }
    }
    run.env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_REGION", &emulator.region)
        .env("AWS_DEFAULT_REGION", &emulator.region)
        .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key);
    if let Some(endpoint) = &emulator.endpoint {
        run.env("AWS_ENDPOINT_URL", endpoint);
    }
    if let Some(root) = &emulator.start.root {
        run.env("STSPEC_ROOT_ACCESS_KEY_ID", &root.access_key_id)
            .env("STSPEC_ROOT_SECRET_ACCESS_KEY", &root.secret_access_key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: Option<(&str, &[&str])>) {
        let found = read_args(words.iter().map(|word| (*word).to_owned())).ok();
        let expected = expected.map(|(name, command)| Options {
            name: name.to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_command_follows_two_dashes() {
        check(&["moto", "--", "stspec", "run"], Some(("moto", &["stspec", "run"])));
        check(&["moto", "--", "sh", "--", "x"], Some(("moto", &["sh", "--", "x"])));
        for words in [&[][..], &["moto"], &["moto", "--"], &["moto", "stspec"], &["--", "stspec"]] {
            check(words, None);
        }
    }
}
