//! Two cores: one for the server, one for the generator.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Problem;
use crate::files::used;

/// Where Linux says which cores a process may run on.
///
/// Source: proc(5), `/proc/pid/status`, `Cpus_allowed_list`.
const STATUS: &str = "/proc/self/status";

/// The numbers of two different cores.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cores {
    server: u32,
    generator: u32,
}

impl Cores {
    /// The first two cores that this process may run on.
    pub(super) fn allowed() -> Result<Self, Problem> {
        let taskset = Command::new("taskset").arg("--version").stdout(Stdio::null()).status();
        if taskset.is_err() {
            return Err(Problem::Missing {
                program: "`taskset`".to_owned(),
                purpose: "measuring on one core each",
                remedy: "on Debian `apt-get install util-linux` brings it",
            });
        }
        let status = Path::new(STATUS);
        let status = used(status, fs::read_to_string(status))?;
        parse(&status).ok_or_else(|| Problem::Missing {
            program: "a second core".to_owned(),
            purpose: "measuring on one core each",
            remedy: "use a larger machine",
        })
    }

    /// A command that runs on the server's core.
    pub(super) fn server(&self, program: impl AsRef<OsStr>) -> Command {
        pinned(self.server, program.as_ref())
    }

    /// A command that runs on the generator's core.
    pub(super) fn generator(&self, program: impl AsRef<OsStr>) -> Command {
        pinned(self.generator, program.as_ref())
    }
}

/// `taskset` becomes the program, so its process id is the program's.
fn pinned(core: u32, program: &OsStr) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}

/// The first two cores of a list such as `0-3,8`.
fn parse(status: &str) -> Option<Cores> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let mut cores = list.trim().split(',').flat_map(range);
    Some(Cores { server: cores.next()?, generator: cores.next()? })
}

fn range(text: &str) -> impl Iterator<Item = u32> + use<> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok(), last.parse().ok());
    first.zip(last).into_iter().flat_map(|(first, last): (u32, u32)| first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, expected: Option<(u32, u32)>) {
        let expected = expected.map(|(server, generator)| Cores { server, generator });
        assert_eq!(parse(&format!("Name:\tx\nCpus_allowed_list:\t{list}\n")), expected);
    }

    #[test]
    fn the_first_two_cores_are_taken() {
        check("0-1", Some((0, 1)));
        check("2,5-7", Some((2, 5)));
        check("3-9", Some((3, 4)));
        check("0", None);
        check("none", None);
    }
}
