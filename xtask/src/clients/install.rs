//! Installs the clients, in the versions that `xtask/clients/` pins, below cargo's target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::build::root;
use crate::error::Problem;
use crate::terminal::complain;
use crate::watch::{failed, watch};

/// Longest that one installing command may take.
const INSTALL_LIMIT: Duration = Duration::from_mins(10);

/// What a client's script needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kit {
    /// A virtual environment with boto3 and the AWS CLI.
    Python,
    /// A folder with the AWS SDK for JavaScript.
    Node,
}

/// What runs a client's script.
pub(super) struct Program {
    /// The program.
    pub(super) interpreter: PathBuf,
    /// Its arguments before the script.
    pub(super) args: &'static [&'static str],
    /// Where the scripts are.
    pub(super) scripts: PathBuf,
}

/// A virtual environment with the packages that `requirements.txt` pins.
pub(super) fn python(folder: &Path) -> Result<Program, Problem> {
    let scripts = root().join("xtask/clients");
    let requirements = scripts.join("requirements.txt");
    let environment = folder.join("python");
    let interpreter = python_environment(&environment, &requirements, "boto3 and the AWS CLI")?;
    // `-B` keeps compiled scripts out of the repository.
    Ok(Program { interpreter, args: &["-B"], scripts })
}

/// The interpreter of a virtual environment with the packages that a file of requirements pins.
pub(crate) fn python_environment(
    environment: &Path,
    requirements: &Path,
    what: &str,
) -> Result<PathBuf, Problem> {
    let interpreter = environment.join("bin/python");
    let stamp = Stamp::of(environment, &[requirements])?;
    if !stamp.is_current() {
        need(&PYTHON)?;
        complain(&format!("installing {what}"));
        let mut venv = Command::new("python3");
        install(venv.args(["-m", "venv", "--clear"]).arg(environment))?;
        let mut pip = Command::new(&interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        install(pip.args(["--no-deps", "--requirement"]).arg(requirements))?;
        stamp.write()?;
    }
    Ok(interpreter)
}

/// A folder with the scripts and the packages that `package-lock.json` pins.
///
/// Node looks for modules beside the script that imports them, so the script is copied there.
pub(super) fn node(folder: &Path) -> Result<Program, Problem> {
    let sources = root().join("xtask/clients");
    let scripts = folder.join("node");
    let (package, lock) = (sources.join("package.json"), sources.join("package-lock.json"));
    let stamp = Stamp::of(&scripts, &[&package, &lock])?;
    need(&NODE)?;
    if !stamp.is_current() {
        need(&NPM)?;
        complain("installing the AWS SDK for JavaScript");
        create(&scripts)?;
        copy(&package, &scripts)?;
        copy(&lock, &scripts)?;
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"]);
        install(npm.current_dir(&scripts))?;
        stamp.write()?;
    }
    copy(&sources.join("client.mjs"), &scripts)?;
    Ok(Program { interpreter: "node".into(), args: &[], scripts })
}

/// The requirement files that a folder was last filled from.
struct Stamp {
    path: PathBuf,
    contents: String,
}

impl Stamp {
    fn of(folder: &Path, requirements: &[&Path]) -> Result<Self, Problem> {
        let mut contents = String::new();
        for path in requirements {
            contents += &fs::read_to_string(path).map_err(|source| unusable(path, source))?;
        }
        Ok(Self { path: folder.join("installed.stamp"), contents })
    }

    fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|found| found == self.contents)
    }

    fn write(&self) -> Result<(), Problem> {
        fs::write(&self.path, &self.contents).map_err(|source| unusable(&self.path, source))
    }
}

/// What a client needs of the machine.
struct Need {
    /// Its name, with the least version if that matters.
    program: &'static str,
    /// What it is for.
    purpose: &'static str,
    /// A command that succeeds if it is installed.
    check: &'static [&'static str],
    /// How to get it.
    remedy: &'static str,
}

const PYTHON: Need = Need {
    program: "Python 3 with `venv` and `ensurepip`",
    purpose: "what is installed with pip",
    check: &["python3", "-c", "import ensurepip, venv"],
    remedy: "on Debian `apt-get install python3-venv` brings it",
};

/// The release that the pinned SDK asks for in its `package.json`.
const NODE: Need = Need {
    program: "Node.js 20 or later as `node`",
    purpose: "the AWS SDK for JavaScript",
    check: &["node", "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"],
    remedy: "`apt-get install nodejs` brings it on Debian 13 or later, or see nodejs.org",
};

const NPM: Need = Need {
    program: "`npm`",
    purpose: "installing the AWS SDK for JavaScript",
    check: &["npm", "--version"],
    remedy: "on Debian `apt-get install npm` brings it",
};

/// Fails if the machine lacks it.
fn need(need: &Need) -> Result<(), Problem> {
    let Need { program, purpose, check, remedy } = *need;
    let mut words = check.iter();
    let mut command = Command::new(words.next().unwrap_or(&program));
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Problem::Missing { program: program.to_owned(), purpose, remedy })
}

fn install(command: &mut Command) -> Result<(), Problem> {
    let status = watch(command, INSTALL_LIMIT, complain)?;
    if status.success() {
        return Ok(());
    }
    Err(failed(command, format!("ends with {status}; see its output above")))
}

fn create(folder: &Path) -> Result<(), Problem> {
    fs::create_dir_all(folder).map_err(|source| unusable(folder, source))
}

fn copy(file: &Path, folder: &Path) -> Result<(), Problem> {
    let name = file.file_name().unwrap_or_default();
    fs::copy(file, folder.join(name)).map(drop).map_err(|source| unusable(file, source))
}

fn unusable(path: &Path, source: std::io::Error) -> Problem {
    Problem::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(check: &'static [&'static str], is_there: bool) {
        let needed = Need { program: "`it`", purpose: "this test", check, remedy: "make it" };
        let said = need(&needed).map_err(|problem| problem.to_string());
        let missing = "this test needs `it`, which is not on this machine; make it";
        assert_eq!(said, if is_there { Ok(()) } else { Err(missing.to_owned()) });
    }

    #[test]
    fn a_missing_program_is_a_sentence_with_a_remedy() {
        check(&["sh", "-c", "exit 0"], true);
        check(&["sh", "-c", "exit 1"], false);
        check(&["stspec-no-such-program"], false);
    }

    #[test]
    fn a_stamp_is_current_until_a_requirement_changes() {
        let folder = build_folder("stamp");
        let requirement = folder.join("requirements.txt");
        fs::write(&requirement, "boto3==1\n").expect("a file");
        let stamp = Stamp::of(&folder, &[&requirement]).expect("it can be read");
        assert!(!stamp.is_current());
        stamp.write().expect("it can be written");
        assert!(stamp.is_current());
        fs::write(&requirement, "boto3==2\n").expect("a file");
        assert!(!Stamp::of(&folder, &[&requirement]).expect("it can be read").is_current());
        fs::remove_dir_all(folder).expect("it was made above");
    }

    fn build_folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("stspec-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }
}
