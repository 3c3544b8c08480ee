//! Repository chores of stspec: `cargo xtask CHORE`.
//!
//! Depends on no other crate of the workspace, so that it builds in seconds.

use std::path::Path;
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask CHORE

chores:
  conformance [ARGS]   builds stspec in release and runs `stspec run ARGS`
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("conformance") => conformance(args.collect()),
        Some(chore) if chore != "help" && chore != "--help" => {
            complain(&format!("unknown chore `{chore}`\n\n{USAGE}"));
            ExitCode::from(2)
        }
        _ => {
            complain(USAGE);
            ExitCode::from(2)
        }
    }
}

/// Builds in release and runs; the exit code is that of `stspec run`.
fn conformance(args: Vec<String>) -> ExitCode {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "stspec", "--manifest-path"])
        .arg(manifest)
        .args(["--", "run"])
        .args(args)
        .status();
    match status {
        Ok(status) => {
            ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(70))
        }
        Err(error) => {
            complain(&format!("`{cargo}` could not be started: {error}\n"));
            ExitCode::from(70)
        }
    }
}

#[expect(clippy::print_stderr, reason = "a chore talks to the person who started it")]
fn complain(text: &str) {
    eprint!("{text}");
}
