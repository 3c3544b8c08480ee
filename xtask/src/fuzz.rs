//! `cargo xtask fuzz`: the properties of every parser, with fresh random cases for a minute.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::build::{cargo, root};
use crate::error::Problem;
use crate::terminal::complain;
use crate::watch::{failed, watch};

/// How long the properties are tried, without the build; the last round runs to its end.
const BUDGET: Duration = Duration::from_mins(1);

/// Cases of each property in one round; a round takes some seconds.
const CASES_PER_ROUND: u32 = 500;

/// Longest that one package's part of a round may take; a slower one hangs.
const ROUND_LIMIT: Duration = Duration::from_mins(5);

/// Longest that building one package's tests may take.
const BUILD_LIMIT: Duration = Duration::from_mins(30);

/// Where the properties are: a package, and the arguments that select them.
///
/// Built as tests are, so that an arithmetic overflow or a debug assertion ends a case as well.
const PROPERTIES: [(&str, &[&str]); 2] = [
    ("stspec-reference", &["--lib", "server::fuzz::"]),
    ("stspec-iam", &["--test", "properties", "makes_the_"]),
];

/// Repeats rounds until the time is up or a property fails.
pub(crate) fn fuzz() -> Result<ExitCode, Problem> {
    for (package, selection) in PROPERTIES {
        let mut build = cargo(&["test", "--quiet", "--no-run", "--package", package]);
        build.args(selection).current_dir(root());
        let status = watch(&mut build, BUILD_LIMIT, complain)?;
        if !status.success() {
            return Err(failed(&build, format!("ends with {status}")));
        }
    }
    let (started, mut rounds, first) = (now(), 0, seed());
    while started.elapsed() < BUDGET {
        for (package, selection) in PROPERTIES {
            if let Err(problem) = round(package, selection, first.wrapping_add(rounds)) {
                complain(&problem.to_string());
                return Ok(ExitCode::FAILURE);
            }
        }
        rounds += 1;
    }
    complain(&format!("every property held in {rounds} rounds of {CASES_PER_ROUND} cases each"));
    Ok(ExitCode::SUCCESS)
}

/// One round of one package. A failure prints the output of the test, with the failing input, and the command that
/// repeats the round. A test that hangs or aborts prints no input, but its seed repeats it.
fn round(package: &str, selection: &[&str], seed: u64) -> Result<(), Problem> {
    let mut test = cargo(&["test", "--quiet", "--package", package]);
    test.args(selection).current_dir(root());
    test.env("PROPTEST_CASES", CASES_PER_ROUND.to_string());
    test.env("PROPTEST_RNG_SEED", seed.to_string());
    let mut printed = Vec::new();
    let problem = match watch(&mut test, ROUND_LIMIT, |line| printed.push(line.to_owned())) {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => failed(&test, format!("ends with {status}")),
        Err(problem) => problem,
    };
    for line in &printed {
        complain(line);
    }
    complain(&format!("to repeat it: {}", repeat(&test)));
    Err(problem)
}

/// The command with its environment variables, as a person types it in a shell.
fn repeat(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), value?.to_string_lossy()))
    });
    let words = std::iter::once("cargo".into())
        .chain(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// A seed that differs from run to run.
fn seed() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a fresh seed comes from the real clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the budget is one of real time")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_repeated_by_its_seed() {
        let mut command = cargo(&["test", "--package", "p"]);
        command.env("PROPTEST_CASES", "5").env("PROPTEST_RNG_SEED", "7");
        let expected = "PROPTEST_CASES=5 PROPTEST_RNG_SEED=7 cargo test --package p";
        assert_eq!(repeat(&command), expected);
    }
}
