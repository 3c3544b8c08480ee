//! What makes the command line give up, with the exit code that says so.

use std::path::PathBuf;

#[cfg(feature = "load")]
use stspec_load::LoadError;
use stspec_reference::StartError;
use stspec_runner::RunError;
use stspec_verdict::ExitCode;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The command line asks for something that is not there.
    #[error("{0}")]
    Usage(String),
    /// This build of stspec lacks a part that the command line needs.
    #[cfg(not(all(feature = "load", feature = "remote")))]
    #[error(
        "{part}: not in this build of stspec, which checks the embedded reference only; \
         build all of it with `cargo build --release --package stspec`"
    )]
    NotInThisBuild {
        /// What is missing.
        part: &'static str,
    },
    /// A folder given with `--scenarios` holds none.
    #[error("`{}` holds no scenario files; rules are expected below `{}`", folder.display(), folder.join("rules").display())]
    NoScenarios {
        /// The folder.
        folder: PathBuf,
    },
    /// Scenario files have faults.
    #[error("{rendering}{count} fault{} in scenario files", if *count == 1 { "" } else { "s" })]
    FaultyScenarios {
        /// How many.
        count: usize,
        /// All of them, with excerpts.
        rendering: String,
    },
    /// A file could not be read or written.
    #[error("`{}`: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// No credentials for a target that stspec did not start.
    #[error(
        "no credentials for the target: {reason}\n\
         set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (many emulators take `test` and `test`), or AWS_PROFILE"
    )]
    NoCredentials {
        /// The credential chain's words.
        reason: String,
    },
    /// The target could not be reached or refused its credentials.
    #[error("{0}{leaks}", leaks = listed(.0.leaks()))]
    Target(#[from] RunError),
    /// A load profile could not be run.
    #[cfg(feature = "load")]
    #[error("{0}{leaks}", leaks = listed(.0.leaks()))]
    Load(#[from] LoadError),
    /// No Locust master answered.
    #[cfg(feature = "locust")]
    #[error("{0}")]
    NoMaster(String),
    /// The reference server could not be started.
    #[error("the reference server could not be started: {0}")]
    Reference(#[from] StartError),
    /// Somebody interrupted it; everything was cleaned up.
    #[error("interrupted")]
    Interrupted,
    /// Something that only a mistake of ours can bring about.
    #[error("{0}; this is a bug of stspec")]
    Ours(String),
}

impl Problem {
    /// The exit code of `docs/design.md`, section 5.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoScenarios { .. }
            | Self::FaultyScenarios { .. }
            | Self::File { .. }
            | Self::Reference(StartError::Seed(_) | StartError::SessionKeys(_)) => {
                ExitCode::FaultyFile
            }
            Self::Usage(_) | Self::Reference(_) => ExitCode::Usage,
            #[cfg(not(all(feature = "load", feature = "remote")))]
            Self::NotInThisBuild { .. } => ExitCode::Usage,
            Self::Interrupted => ExitCode::Interrupted,
            Self::NoCredentials { .. } => ExitCode::Unreachable,
            #[cfg(feature = "locust")]
            Self::NoMaster(_) => ExitCode::Unreachable,
            Self::Target(error) => error.blame().into(),
            #[cfg(feature = "load")]
            Self::Load(error) => error.blame().into(),
            Self::Ours(_) => ExitCode::Bug,
        }
    }
}

#[cfg(feature = "locust")]
impl From<stspec_locust::LocustError> for Problem {
    fn from(error: stspec_locust::LocustError) -> Self {
        use stspec_locust::LocustError;
        match error {
            LocustError::NotCommandable { .. } => Self::Usage(error.to_string()),
            LocustError::NoMaster { .. } => Self::NoMaster(error.to_string()),
            LocustError::Load(error) => Self::Load(error),
        }
    }
}

/// What is still on the target, one line each.
fn listed(leaks: &[String]) -> String {
    leaks.iter().flat_map(|leak| ["\nleft on the target: ", leak]).collect()
}
