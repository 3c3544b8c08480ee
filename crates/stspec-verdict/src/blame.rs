//! Who has to act when a command could not do its work.

use crate::ExitCode;

/// What an error is about, and so who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The command line: it asks for something that cannot be done.
    Usage,
    /// A file of the user.
    Files,
    /// The target, or the way to it.
    Target,
    /// The user interrupted the command.
    Interrupted,
    /// Resources are left on the target.
    Leaked,
    /// A bug in stspec.
    Internal,
}

impl From<Blame> for ExitCode {
    fn from(blame: Blame) -> Self {
        match blame {
            Blame::Usage => Self::Usage,
            Blame::Files => Self::FaultyFile,
            Blame::Target => Self::Unreachable,
            Blame::Interrupted => Self::Interrupted,
            Blame::Leaked => Self::Leaked,
            Blame::Internal => Self::Bug,
        }
    }
}
