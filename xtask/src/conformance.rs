//! `cargo xtask conformance`: builds stspec and runs its rules.
//!
//! The first verdict on a fresh clone should not wait for what it does not use. A run on the embedded reference
//! therefore builds stspec without its default features and in the profile `first`, which takes half the time of a
//! release build of all of it. Everything else needs the whole of stspec.

use std::process::Command;

use crate::build::{cargo, root};

/// Asks for the whole of stspec, whatever the arguments are.
const WHOLE: &str = "--whole";

/// The target that every build of stspec has inside.
const EMBEDDED: &str = "reference";

/// The command that builds stspec and runs it with the arguments.
pub(crate) fn command(mut args: Vec<String>) -> Command {
    let build = Build::of(&args);
    if args.first().is_some_and(|first| first == WHOLE) {
        args.remove(0);
    }
    let mut run = cargo(&["run", "--quiet", "--package", "stspec"]);
    run.args(build.options()).arg("--manifest-path").arg(root().join("Cargo.toml"));
    run.args(["--", "run"]).args(args);
    run
}

/// How much of stspec is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    /// What a run on the embedded reference needs.
    First,
    /// All of it, in release.
    Whole,
}

impl Build {
    /// Chooses the build that can do what the arguments ask for.
    fn of(args: &[String]) -> Self {
        let mut rest = args.iter().map(String::as_str);
        let mut build = if rest.clone().next() == Some(WHOLE) { Self::Whole } else { Self::First };
        while let Some(arg) = rest.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (arg, None),
            };
            match name {
                "--endpoint" => build = Self::Whole,
                "--target" if value.or_else(|| rest.next()) != Some(EMBEDDED) => {
                    build = Self::Whole;
                }
                _ => {}
            }
        }
        build
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Self::First => &["--profile", "first", "--no-default-features"],
            Self::Whole => &["--release"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(args: &str, expected: Build) {
        let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
        assert_eq!(Build::of(&args), expected, "{args:?}");
    }

    #[test]
    fn a_run_on_the_embedded_reference_builds_what_it_needs() {
        check("", Build::First);
        check("get-federation-token/duration --jobs 4", Build::First);
        check("--target reference --plan", Build::First);
        check("--target=reference", Build::First);
        check("--report json=report.json", Build::First);
    }

    #[test]
    fn every_other_target_builds_the_whole() {
        check("--endpoint https://sts.example", Build::Whole);
        check("--endpoint=http://127.0.0.1:9", Build::Whole);
        check("get-federation-token --target aws", Build::Whole);
        check("--target=moto", Build::Whole);
        check("--target", Build::Whole);
        check("--whole", Build::Whole);
    }

    #[test]
    fn the_option_of_the_chore_does_not_reach_stspec() {
        let command = command(vec!["--whole".to_owned(), "--plan".to_owned()]);
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        assert!(args.ends_with(&["--".into(), "run".into(), "--plan".into()]), "{args:?}");
        assert!(args.contains(&"--release".into()), "{args:?}");
    }
}
