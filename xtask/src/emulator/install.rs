//! A virtual environment with an emulator, below cargo's target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::file::{Credentials, KeyPair, Start};
use crate::error::Problem;
use crate::terminal::complain;
use crate::watch::{failed, watch};

/// Longest that installing one emulator may take.
const INSTALL_LIMIT: Duration = Duration::from_mins(15);

/// Longest that a program may take to print credentials.
const CREDENTIALS_LIMIT: Duration = Duration::from_mins(1);

/// A virtual environment.
pub(super) struct Environment {
    programs: PathBuf,
}

/// The environment below `folder` with these packages and their dependencies.
pub(super) fn environment(folder: &Path, packages: &[String]) -> Result<Environment, Problem> {
    let home = folder.join("python");
    let stamp = home.join("installed.stamp");
    let contents = packages.join("\n");
    let environment = Environment { programs: home.join("bin") };
    if fs::read_to_string(&stamp).is_ok_and(|found| found == contents) {
        return Ok(environment);
    }
    complain(&format!("installing {}", packages.join(", ")));
    install(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    let mut pip = environment.command(&["python".to_owned()]);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install(pip.args(packages))?;
    fs::write(&stamp, contents).map_err(|source| Problem::File { path: stamp, source })?;
    Ok(environment)
}

impl Environment {
    /// A command whose program is looked up in the environment first.
    pub(super) fn command(&self, words: &[String]) -> Command {
        let mut words = words.iter();
        let program = words.next().cloned().unwrap_or_default();
        let own = self.programs.join(&program);
        let mut command = if own.exists() { Command::new(own) } else { Command::new(program) };
        command.args(words).stdin(Stdio::null());
        command
    }

    /// The credentials that administer a running emulator.
    pub(super) fn credentials(&self, start: &Start) -> Result<KeyPair, Problem> {
        let process = match &start.credentials {
            Credentials::Fixed(KeyPair { access_key_id, secret_access_key }) => {
                return Ok(KeyPair {
                    access_key_id: access_key_id.clone(),
                    secret_access_key: secret_access_key.clone(),
                });
            }
            Credentials::Process { process } => process,
        };
        let mut command = self.command(process);
        let mut printed = String::new();
        let status = watch(&mut command, CREDENTIALS_LIMIT, |line| printed += line)?;
        if !status.success() {
            return Err(failed(&command, format!("ends with {status} and prints no credentials")));
        }
        key_pair(&printed).ok_or_else(|| failed(&command, "prints no credentials"))
    }
}

/// A key pair as a `credential_process` of the AWS CLI prints it.
fn key_pair(printed: &str) -> Option<KeyPair> {
    let printed: Value = serde_json::from_str(printed).ok()?;
    let text = |key| printed.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(KeyPair {
        access_key_id: text("AccessKeyId")?,
        secret_access_key: text("SecretAccessKey")?,
    })
}

fn install(command: &mut Command) -> Result<(), Problem> {
    let status = watch(command, INSTALL_LIMIT, complain)?;
    if status.success() {
        return Ok(());
    }
    Err(failed(command, format!("ends with {status}; see its output above")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_printed_as_the_aws_cli_takes_them() {
        let pair = KeyPair { access_key_id: "a".to_owned(), secret_access_key: "s".to_owned() };
        let printed = r#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "s"}"#;
        assert_eq!(key_pair(printed), Some(pair));
        assert_eq!(key_pair(r#"{"Version": 1, "AccessKeyId": "a"}"#), None);
        assert_eq!(key_pair("Traceback"), None);
    }
}
