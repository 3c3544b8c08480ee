//! Cargo: its folders, its metadata, and the release build of stspec.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::error::Problem;
use crate::watch::failed;

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The folder that cargo builds in.
pub(crate) fn target_folder() -> Result<PathBuf, Problem> {
    let metadata = metadata()?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    let folder = folder.map(PathBuf::from);
    folder.ok_or_else(|| failed(&metadata_command(), "prints no `target_directory`"))
}

/// What cargo says about the workspace.
pub(crate) fn metadata() -> Result<Value, Problem> {
    let mut command = metadata_command();
    let metadata = output(&mut command)?;
    serde_json::from_str(&metadata)
        .map_err(|error| failed(&command, format!("prints no JSON: {error}")))
}

fn metadata_command() -> Command {
    let mut command = in_workspace();
    command.args(["metadata", "--format-version", "1", "--no-deps"]);
    command
}

/// Builds stspec in release and returns where its program is.
pub(crate) fn stspec() -> Result<PathBuf, Problem> {
    let mut command = in_workspace();
    command.args(["build", "--quiet", "--release", "--package", "stspec", "--bin", "stspec"]);
    command.args(["--message-format", "json-render-diagnostics"]);
    let messages = output(&mut command)?;
    executable(&messages).ok_or_else(|| failed(&command, "prints no `executable`"))
}

/// The last executable among cargo's messages, one JSON object per line.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut executables = messages
        .filter_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from));
    executables.next_back()
}

/// The cargo that built this program, with arguments.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command.args(args);
    command
}

/// Cargo in the folder of the repository, with its complaints on the terminal.
fn in_workspace() -> Command {
    let mut command = cargo(&[]);
    command.current_dir(root()).stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn output(command: &mut Command) -> Result<String, Problem> {
    let output = command
        .output()
        .map_err(|error| failed(command, format!("could not be started: {error}")))?;
    if !output.status.success() {
        return Err(failed(command, format!("ends with {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_other_messages() {
        let messages = "\
{\"reason\":\"compiler-artifact\",\"executable\":null}
not JSON
{\"reason\":\"compiler-artifact\",\"executable\":\"/t/release/stspec\"}
{\"reason\":\"build-finished\",\"success\":true}
";
        assert_eq!(executable(messages), Some(PathBuf::from("/t/release/stspec")));
        assert_eq!(executable("{\"executable\":null}"), None);
    }
}
