//! `cargo xtask speed`: processor time per request, with one core for the server and one for the generator.
//!
//! Three parts: minting beside a bare server on the same stack, minting after a great many sessions, and the load
//! generator beside `oha` and `wrk`. Programs that are compared take turns in rounds, so that what else the machine
//! does hits all of them alike. Processor time, unlike requests per second, does not depend on which of the two
//! cores is the slower one. Start at [`command`].

mod bar;
mod cores;
mod generator;
mod mint;
mod outcome;
mod server;
mod sessions;
mod tool;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::build::{self, cargo, root};
use crate::error::Problem;
use crate::terminal::complain;
use crate::watch::failed;
use cores::Cores;
use tool::{OHA, WRK};

const USAGE: &str = "\
usage: cargo xtask speed [PART…] [--against PROGRAM] [--sessions NUMBER]

Parts, all of them if none is given:
  mint       processor time of a mint beside a bare server
  sessions   memory and processor time after NUMBER sessions, a million by default
  load       processor time of the load generator beside oha and wrk

--against PROGRAM measures another stspec in the same rounds, such as the one of an older build.";

/// Sessions that are minted if the command line gives no number.
///
/// Source: issue 3, Speed.
const SESSIONS: u32 = 1_000_000;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Mint,
    Sessions,
    Load,
}

const PARTS: [(&str, Part); 3] =
    [("mint", Part::Mint), ("sessions", Part::Sessions), ("load", Part::Load)];

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    parts: Vec<Part>,
    against: Option<PathBuf>,
    sessions: u32,
}

/// The programs of a measurement, and where they run.
struct Bench {
    /// The release build of this workspace.
    stspec: PathBuf,
    /// Another build of stspec.
    against: Option<PathBuf>,
    /// The examples of `benches`.
    examples: PathBuf,
    /// Where scripts, scenarios and reports are written.
    folder: PathBuf,
    cores: Cores,
}

/// Builds, measures part by part, and prints each round, the medians and the verdicts.
pub(crate) fn command(args: impl Iterator<Item = String>) -> Result<ExitCode, Problem> {
    let options = read(args)?;
    let bench = Bench::build(options.against)?;
    let mut outcomes = Vec::new();
    for part in options.parts {
        match part {
            Part::Mint if WRK.is_there() => outcomes.extend(mint::measure(&bench)?),
            Part::Sessions if WRK.is_there() => {
                outcomes.extend(sessions::measure(&bench, f64::from(options.sessions))?);
            }
            Part::Load if OHA.is_there() && WRK.is_there() => {
                outcomes.extend(generator::measure(&bench)?);
            }
            Part::Load if !OHA.is_there() => outcomes.push(OHA.outcome("the load generator")),
            Part::Load => outcomes.push(WRK.outcome("the load generator")),
            Part::Mint => outcomes.push(WRK.outcome("a mint")),
            Part::Sessions => outcomes.push(WRK.outcome("growth by session")),
        }
    }
    Ok(outcome::report(&outcomes))
}

fn read(mut args: impl Iterator<Item = String>) -> Result<Options, Problem> {
    let usage = || Problem::Usage(USAGE.to_owned());
    let mut options = Options { parts: Vec::new(), against: None, sessions: SESSIONS };
    while let Some(arg) = args.next() {
        if let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == arg) {
            options.parts.push(*part);
            continue;
        }
        let value = args.next().ok_or_else(usage)?;
        match arg.as_str() {
            "--against" => options.against = Some(value.into()),
            "--sessions" => options.sessions = value.parse().map_err(|_| usage())?,
            _ => return Err(usage()),
        }
    }
    if options.parts.is_empty() {
        options.parts.extend(PARTS.map(|(_, part)| part));
    }
    Ok(options)
}

impl Bench {
    fn build(against: Option<PathBuf>) -> Result<Self, Problem> {
        if let Some(program) = against.as_deref().filter(|program| !program.is_file()) {
            let problem = format!("`--against` needs a program; `{}` is none", program.display());
            return Err(Problem::Usage(problem));
        }
        let cores = Cores::allowed()?;
        let stspec = build::stspec()?;
        let mut examples = cargo(&["build", "--quiet", "--release", "--examples", "--package"]);
        examples.arg("stspec-benches").current_dir(root());
        let status = examples.status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(failed(&examples, "does not build the servers to compare with"));
        }
        let target = build::target_folder()?;
        let folder = target.join("speed");
        Ok(Self { stspec, against, examples: target.join("release/examples"), folder, cores })
    }

    /// The stspec builds to compare, each with its label.
    fn builds(&self) -> Vec<Build<'_>> {
        let this = Build { label: "stspec", program: &self.stspec };
        let other = self.against.as_deref().map(|program| Build { label: "against", program });
        [this].into_iter().chain(other).collect()
    }
}

/// One build of stspec.
struct Build<'b> {
    label: &'static str,
    program: &'b Path,
}

/// Prints what one program took in one round.
fn print_round(round: usize, label: &str, sample: server::Sample) {
    complain(&format!(
        "round {round}: {label:<8} {:>6.1} us of processor time a request, {:>7.0} requests/s",
        sample.microseconds(),
        sample.per_second()
    ));
}

/// The middle of some numbers.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], parts: &[Part], against: Option<&str>, sessions: u32) {
        let options = read(words.iter().map(|word| (*word).to_owned())).expect("a command line");
        let against = against.map(PathBuf::from);
        assert_eq!(options, Options { parts: parts.to_vec(), against, sessions });
    }

    #[test]
    fn parts_and_options_are_read_in_any_order() {
        let all = [Part::Mint, Part::Sessions, Part::Load];
        check(&[], &all, None, 1_000_000);
        check(&["--sessions", "10", "mint"], &[Part::Mint], None, 10);
        check(&["load", "--against", "old/stspec"], &[Part::Load], Some("old/stspec"), 1_000_000);
    }

    #[test]
    fn a_wrong_command_line_is_refused() {
        for words in [&["--sessions"][..], &["--sessions", "many"], &["speed"], &["--fast", "1"]] {
            assert!(read(words.iter().map(|word| (*word).to_owned())).is_err(), "{words:?}");
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert!((median([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < f64::EPSILON);
        assert!(median(std::iter::empty()).is_nan());
    }
}
