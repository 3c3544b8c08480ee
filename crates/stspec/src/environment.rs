//! The only file that reads environment variables: the root user's credentials, whether a build server runs stspec,
//! and where state is kept.

use std::path::PathBuf;

use stspec_runner::Credentials;

use crate::error::Problem;

/// Credentials of the root user, where both variables of them are set.
#[must_use]
pub(crate) fn root_credentials() -> Option<Credentials> {
    let id = variable("STSPEC_ROOT_ACCESS_KEY_ID")?;
    let secret = variable("STSPEC_ROOT_SECRET_ACCESS_KEY")?;
    Some(Credentials::long_term(id, secret))
}

/// Whether GitHub Actions runs us.
pub(crate) fn github_actions() -> bool {
    variable("GITHUB_ACTIONS").as_deref() == Some("true")
}

/// The file in which GitHub Actions collects what a step tells its readers.
pub(crate) fn github_step_summary() -> Option<PathBuf> {
    variable("GITHUB_STEP_SUMMARY").map(PathBuf::from)
}

/// The folder for ledgers in the platform's state directory.
pub(crate) fn ledger_folder() -> Result<PathBuf, Problem> {
    let state = state_directory(Platform::HERE, variable, std::env::home_dir());
    let state = state.ok_or_else(|| {
        Problem::Usage(
            "there is no home directory to keep ledgers in; name a folder with --ledger".to_owned(),
        )
    })?;
    Ok(state.join("stspec").join("ledger"))
}

/// What decides where programs keep their state.
#[derive(Debug, Clone, Copy)]
enum Platform {
    Unix,
    MacOs,
    Windows,
}

impl Platform {
    const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Unix
    };
}

/// Where programs keep what should outlast a restart and is of no use elsewhere.
///
/// Source: XDG Base Directory Specification 0.8, which has relative paths ignored; Apple's File System
/// Programming Guide; Microsoft's Known Folders.
fn state_directory(
    platform: Platform,
    variable: impl Fn(&str) -> Option<String>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    let given = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match platform {
        Platform::Unix => given("XDG_STATE_HOME").or_else(|| Some(home?.join(".local/state"))),
        Platform::MacOs => Some(home?.join("Library/Application Support")),
        Platform::Windows => given("LOCALAPPDATA").or_else(|| Some(home?.join("AppData/Local"))),
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
    let value = std::env::var(name);
    value.ok().filter(|text| !text.is_empty())
}

/// Where the system keeps temporary files.
#[cfg(feature = "load")]
pub(crate) fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(platform: Platform, set: (&str, &str), expected: &str) {
        let variable = |name: &str| (name == set.0).then(|| set.1.to_owned());
        let found = state_directory(platform, variable, Some("/home/joe".into()));
        assert_eq!(found, Some(expected.into()));
    }

    #[test]
    fn each_platform_keeps_state_in_its_own_place() {
        let nothing = ("", "");
        check(Platform::Unix, nothing, "/home/joe/.local/state");
        check(Platform::Unix, ("XDG_STATE_HOME", "/var/joe"), "/var/joe");
        check(Platform::Unix, ("XDG_STATE_HOME", "relative"), "/home/joe/.local/state");
        check(Platform::MacOs, nothing, "/home/joe/Library/Application Support");
        check(Platform::MacOs, ("XDG_STATE_HOME", "/x"), "/home/joe/Library/Application Support");
        check(Platform::Windows, ("LOCALAPPDATA", "/c/local"), "/c/local");
        check(Platform::Windows, nothing, "/home/joe/AppData/Local");
    }

    #[test]
    fn without_a_home_there_is_no_state_directory() {
        assert_eq!(state_directory(Platform::Unix, |_| None, None), None);
    }
}
