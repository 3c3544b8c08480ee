//! `cargo xtask fuzz`: the properties of every parser, with fresh random cases for a minute.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::{cargo, complain, exit_code};

/// How long the properties are tried, building aside.
const BUDGET: Duration = Duration::from_mins(1);

/// Cases of each property in one round; a round takes some seconds.
const CASES_PER_ROUND: &str = "2000";

/// Where the properties stand: package, then what selects them.
const PROPERTIES: [(&str, &[&str]); 2] = [
    ("stspec-reference", &["--lib", "fuzz::"]),
    ("stspec-iam", &["--test", "properties", "makes_the_"]),
];

/// Repeats rounds until the time is up or a property fails.
pub(crate) fn fuzz() -> ExitCode {
    for (package, selection) in PROPERTIES {
        let built = cargo(&["test", "--quiet", "--release", "--no-run", "--package", package])
            .args(selection)
            .status();
        if !built.as_ref().is_ok_and(std::process::ExitStatus::success) {
            return exit_code(built);
        }
    }
    let (started, mut rounds) = (now(), 0);
    while started.elapsed() < BUDGET {
        for (package, selection) in PROPERTIES {
            let tested = cargo(&["test", "--quiet", "--release", "--package", package])
                .args(selection)
                .env("PROPTEST_CASES", CASES_PER_ROUND)
                .status();
            if !tested.as_ref().is_ok_and(std::process::ExitStatus::success) {
                return exit_code(tested);
            }
        }
        rounds += 1;
    }
    complain(&format!("every property held in {rounds} rounds of {CASES_PER_ROUND} cases each\n"));
    ExitCode::SUCCESS
}

#[expect(clippy::disallowed_methods, reason = "the budget is one of real time")]
fn now() -> Instant {
    Instant::now()
}
