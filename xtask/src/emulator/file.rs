//! What a target file says about starting an emulator; stspec itself checks the whole file.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use crate::build::root;
use crate::error::Problem;

/// A target that can be started.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Emulator {
    /// One URL for every service, if it has one.
    pub(super) endpoint: Option<String>,
    /// Region that requests are signed for.
    pub(super) region: String,
    /// How to install and start it.
    pub(super) start: Start,
}

/// The parts of a target file that matter here.
#[derive(Deserialize)]
struct TargetFile {
    endpoint: Option<String>,
    region: String,
    start: Option<Start>,
}

/// How to install and start an emulator.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// Packages from `PyPI` with their versions.
    pub(super) pip: Vec<String>,
    /// The program and its arguments.
    pub(super) command: Vec<String>,
    /// Environment variables for it.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// A URL that answers once the emulator does.
    pub(super) ready: String,
    /// Who administers it.
    pub(super) credentials: Credentials,
    /// Its root user, if it has one.
    pub(super) root: Option<KeyPair>,
}

/// Where the credentials of an administrator come from.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub(super) enum Credentials {
    /// They are always the same.
    Fixed(KeyPair),
    /// A program prints them.
    Process {
        /// The program and its arguments.
        process: Vec<String>,
    },
}

/// An access key of an emulator.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyPair {
    /// The access key id.
    pub(super) access_key_id: String,
    /// The secret access key.
    pub(super) secret_access_key: String,
}

/// The target of that name.
pub(super) fn read(name: &str) -> Result<Emulator, Problem> {
    let names = names();
    if !names.iter().any(|one| one == name) {
        let names = names.join("`, `");
        return Err(Problem::Usage(format!(
            "no target `{name}` says how to start it; these do: `{names}`"
        )));
    }
    let path = folder().join(format!("{name}.yaml"));
    let text =
        fs::read_to_string(&path).map_err(|source| Problem::File { path: path.clone(), source })?;
    parse(&text).map_err(|reason| Problem::File { path, source: std::io::Error::other(reason) })
}

/// The names of the targets that say how to start them, sorted.
pub(super) fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).into_iter().flatten().flatten();
    let startable = entries.filter_map(|entry| {
        let text = fs::read_to_string(entry.path()).ok()?;
        let name = entry.file_name().to_str()?.strip_suffix(".yaml")?.to_owned();
        text.lines().any(|line| line == "start:").then_some(name)
    });
    let mut names: Vec<String> = startable.collect();
    names.sort();
    names
}

fn parse(text: &str) -> Result<Emulator, String> {
    let file: TargetFile = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let start = file.start.ok_or("it has no `start`")?;
    Ok(Emulator { endpoint: file.endpoint, region: file.region, start })
}

fn folder() -> PathBuf {
    root().join("scenarios/targets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_that_can_be_started_reads() {
        let names = names();
        for name in ["ministack", "ministack-auth", "moto", "moto-auth"] {
            assert!(names.iter().any(|one| one == name), "{name} is not in {names:?}");
        }
        for name in names {
            let emulator = read(&name).unwrap_or_else(|problem| panic!("{problem}"));
            let endpoint = emulator.endpoint.expect("one URL for every service");
            assert!(emulator.start.ready.starts_with(&endpoint), "{name}");
        }
    }

    #[test]
    fn a_target_that_is_not_started_is_refused_by_name() {
        let problem = read("reference").expect_err("it is embedded").to_string();
        assert!(problem.starts_with("no target `reference` says how to start it"), "{problem}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let text = "region: r\nstart: {pip: [a==1], command: [a], ready: u, credentials: \
                    {process: [b]}}";
        let start = parse(text).expect("it reads").start;
        assert_eq!(start.credentials, Credentials::Process { process: vec!["b".to_owned()] });
        assert!(parse(&text.replace("ready", "redy")).is_err());
        assert!(parse("region: r").is_err());
    }
}
