//! The commands that a selection leads to.

use std::collections::BTreeSet;
use std::fmt;
use std::process::{Command, Stdio};

use super::selection::{REPOSITORY, Selection};
use crate::build::{cargo, root};
use crate::error::Problem;
use crate::watch::failed;

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All files are formatted.
    Format,
    /// The lints of these crates.
    Clippy(BTreeSet<String>),
    /// The tests of these crates.
    Test(BTreeSet<String>),
    /// These crates compile, with their tests.
    Compile(BTreeSet<String>),
    /// The scenarios have no faults.
    Lint,
}

/// The steps in the order in which they find most for their time.
pub(super) fn steps(selection: &Selection) -> Vec<Step> {
    let Selection { changed, dependents, scenarios, repository } = selection;
    let mut tested = changed.clone();
    if *repository {
        tested.insert(REPOSITORY.to_owned());
    }
    let mut steps = Vec::new();
    if !changed.is_empty() {
        steps.extend([Step::Format, Step::Clippy(changed.clone())]);
    }
    if *scenarios {
        steps.push(Step::Lint);
    }
    if !tested.is_empty() {
        steps.push(Step::Test(tested));
    }
    if !dependents.is_empty() {
        steps.push(Step::Compile(dependents.clone()));
    }
    steps
}

impl Step {
    /// The arguments of cargo.
    fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Format => vec!["fmt", "--all", "--check"],
            Self::Clippy(crates) => {
                let tail = ["--all-targets", "--locked", "--", "-D", "warnings"];
                on("clippy", crates, &tail)
            }
            Self::Test(crates) => on("test", crates, &["--locked"]),
            Self::Compile(crates) => on("check", crates, &["--all-targets", "--locked"]),
            Self::Lint => {
                let run = ["run", "--quiet", "--package", "stspec", "--locked", "--"];
                [&run[..], &["--scenarios", "scenarios", "lint"]].concat()
            }
        }
    }

    /// What to do if it fails.
    pub(super) fn remedy(&self) -> &'static str {
        match self {
            Self::Format => "run `cargo fmt --all` and try again",
            Self::Clippy(_) => "see the lints above; CONTRIBUTING.md says why they are on",
            Self::Test(_) => "see the failures above",
            Self::Compile(_) => "a crate that uses what you changed no longer compiles; see above",
            Self::Lint => "see the diagnostics above; `stspec explain CODE` says more about each",
        }
    }

    /// Runs it, with its output to the terminal; whether it succeeded.
    pub(super) fn run(&self) -> Result<bool, Problem> {
        let mut command = self.command();
        let status = command
            .status()
            .map_err(|error| failed(&command, format!("could not be started: {error}")))?;
        Ok(status.success())
    }

    fn command(&self) -> Command {
        let mut command = cargo(&self.arguments());
        command.current_dir(root()).stdin(Stdio::null());
        command
    }
}

/// A command of cargo on some crates.
fn on<'c>(command: &'c str, crates: &'c BTreeSet<String>, tail: &[&'c str]) -> Vec<&'c str> {
    let packages = crates.iter().flat_map(|name| ["--package", name.as_str()]);
    [command].into_iter().chain(packages).chain(tail.iter().copied()).collect()
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cargo {}", self.arguments().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[track_caller]
    fn check(selection: &Selection, expected: &[&str]) {
        let steps: Vec<String> = steps(selection).iter().map(ToString::to_string).collect();
        assert_eq!(steps, expected);
    }

    #[test]
    fn a_changed_crate_is_linted_and_tested_and_its_users_compiled() {
        let selection = Selection {
            changed: set(&["low"]),
            dependents: set(&["high", "middle"]),
            scenarios: false,
            repository: true,
        };
        check(
            &selection,
            &[
                "cargo fmt --all --check",
                "cargo clippy --package low --all-targets --locked -- -D warnings",
                "cargo test --package low --package xtask --locked",
                "cargo check --package high --package middle --all-targets --locked",
            ],
        );
    }

    #[test]
    fn changed_scenarios_are_linted_before_anything_slow() {
        let selection = Selection { scenarios: true, repository: true, ..Selection::default() };
        check(
            &selection,
            &[
                "cargo run --quiet --package stspec --locked -- --scenarios scenarios lint",
                "cargo test --package xtask --locked",
            ],
        );
    }

    #[test]
    fn a_chosen_crate_is_checked_alone() {
        let selection = Selection { changed: set(&["low"]), ..Selection::default() };
        check(
            &selection,
            &[
                "cargo fmt --all --check",
                "cargo clippy --package low --all-targets --locked -- -D warnings",
                "cargo test --package low --locked",
            ],
        );
    }

    #[test]
    fn nothing_changed_means_no_step() {
        check(&Selection::default(), &[]);
    }
}
