//! `cargo xtask check`: what a contributor runs before each commit.
//!
//! Format, clippy and tests of the crates that changed, a type check of the crates that use them, a lint of the
//! scenarios if those changed, and the facts about the repository. Start at [`command`].

mod changes;
mod selection;
mod step;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::error::Problem;
use crate::terminal::{complain, say};
use changes::Changes;
use selection::{Package, Selection, packages, select};
use step::{Step, steps};

const USAGE: &str = "\
usage: cargo xtask check [--base REVISION] [--plan] [CRATE…]

Checks what changed since the branch left `main`, or since REVISION, with uncommitted changes.
  CRATE…    checks these crates only, changed or not, without the crates that use them
  --plan    prints the commands and runs none";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    base: Option<String>,
    plan: bool,
    crates: BTreeSet<String>,
}

/// Runs the steps in order and stops at the first that fails, as the later ones take longer.
pub(crate) fn command(args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    let options = read(args)?;
    let packages = packages()?;
    let selection = selection(&options, &packages)?;
    let steps = steps(&selection);
    if steps.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if options.plan {
        for step in &steps {
            say(&step.to_string());
        }
        return Ok(ExitCode::SUCCESS);
    }
    run(&steps)
}

fn read(mut args: impl Iterator<Item = String>) -> Result<Options, Problem> {
    let usage = || Problem::Usage(USAGE.to_owned());
    let mut options = Options::default();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--base" => options.base = Some(args.next().ok_or_else(usage)?),
            "--plan" => options.plan = true,
            name if !name.starts_with('-') => {
                options.crates.insert(arg);
            }
            _ => return Err(usage()),
        }
    }
    if options.base.is_some() && !options.crates.is_empty() {
        return Err(Problem::Usage("`--base` and CRATE exclude each other".to_owned()));
    }
    Ok(options)
}

/// What is to be checked, and a line that says so.
fn selection(options: &Options, packages: &[Package]) -> Result<Selection, Problem> {
    if !options.crates.is_empty() {
        return Selection::of(&options.crates, packages).map_err(Problem::Usage);
    }
    let changes = Changes::since(options.base.as_deref())?;
    let selection = select(&changes.files, packages);
    let count = changes.files.len();
    let base = &changes.base;
    if count == 0 {
        complain(&format!("nothing changed since {base}; name crates to check them anyway"));
    } else {
        complain(&format!("{count} files changed since {base}: {selection}"));
    }
    Ok(selection)
}

fn run(steps: &[Step]) -> Result<ExitCode, Problem> {
    let started = now();
    for step in steps {
        complain(&format!("\n== {step}"));
        let begun = now();
        if !step.run()? {
            complain(&format!("\nFAILED after {}: {step}\n{}", seconds(begun), step.remedy()));
            return Ok(ExitCode::FAILURE);
        }
        complain(&format!("ok, {}", seconds(begun)));
    }
    say(&format!("{} steps passed in {}", steps.len(), seconds(started)));
    Ok(ExitCode::SUCCESS)
}

fn seconds(since: Instant) -> String {
    let elapsed: Duration = since.elapsed();
    format!("{:.1} s", elapsed.as_secs_f64())
}

#[expect(clippy::disallowed_methods, reason = "people wait in real time")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: Option<&Options>) {
        assert_eq!(read(words.iter().map(|word| (*word).to_owned())).ok().as_ref(), expected);
    }

    #[test]
    fn the_command_line_is_read() {
        let plan = Options { plan: true, ..Options::default() };
        check(&[], Some(&Options::default()));
        check(&["--plan"], Some(&plan));
        let base = Some("HEAD~1".to_owned());
        check(&["--base", "HEAD~1"], Some(&Options { base, ..Options::default() }));
        let crates = BTreeSet::from(["stspec-iam".to_owned()]);
        check(&["stspec-iam"], Some(&Options { crates, ..Options::default() }));
    }

    #[test]
    fn a_wrong_command_line_is_refused() {
        for words in [&["--base"][..], &["--all"], &["--base", "HEAD", "stspec-iam"]] {
            check(words, None);
        }
    }
}
