//! Why a chore can't be done.

use std::path::PathBuf;
use std::process::ExitCode;

/// Why a chore ended without a result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// A program is not on this machine.
    #[error("{purpose} needs {program}, which is not on this machine; {remedy}")]
    Missing {
        /// Its name, with the least version if that matters.
        program: String,
        /// What needs it.
        purpose: &'static str,
        /// How to get it.
        remedy: &'static str,
    },
    /// A program failed.
    #[error("`{command}` {what}")]
    Command {
        /// As a person types it.
        command: String,
        /// What happened, as the rest of the sentence.
        what: String,
    },
    /// A file or folder could not be written or read.
    #[error("`{}` could not be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Problem {
    /// 2 for a wrong command line, as everywhere in stspec; 69, "service unavailable" in `sysexits.h`, for
    /// everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Missing { .. } | Self::Command { .. } | Self::File { .. } => ExitCode::from(69),
        }
    }
}
