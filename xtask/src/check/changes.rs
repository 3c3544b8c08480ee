//! Which files changed, as git sees it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::build::root;
use crate::error::Problem;
use crate::watch::failed;

/// Branches that a change starts from; the first that exists counts.
const TRUNKS: [&str; 2] = ["origin/main", "main"];

/// The files that differ from a base, committed or not, and those that git doesn't track yet.
pub(super) struct Changes {
    /// The base as a person names it.
    pub(super) base: String,
    /// Paths from the folder of the repository, with `/`.
    pub(super) files: BTreeSet<String>,
}

impl Changes {
    /// The changes since a revision; since the branch left its trunk if none is given.
    pub(super) fn since(revision: Option<&str>) -> Result<Self, Problem> {
        let base = match revision {
            Some(revision) => {
                git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])
                    .map_err(|_| Problem::Usage(format!("git finds no commit `{revision}`")))?;
                revision.to_owned()
            }
            None => fork_point().unwrap_or_else(|| "HEAD".to_owned()),
        };
        let tracked = git(&["diff", "--name-only", "-z", "--no-renames", &base])?;
        let untracked = git(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        let files = [tracked, untracked];
        let files = files.iter().flat_map(|list| list.split('\0'));
        let files = files.filter(|file| !file.is_empty()).map(str::to_owned).collect();
        Ok(Self { base: shortened(&base), files })
    }
}

/// Where the branch left its trunk; `None` if there is no trunk or nothing in common with it.
fn fork_point() -> Option<String> {
    let trunk =
        TRUNKS.iter().find(|trunk| git(&["rev-parse", "--verify", "--quiet", trunk]).is_ok());
    let base = git(&["merge-base", "HEAD", trunk?]).ok()?;
    Some(base.trim().to_owned())
}

/// The first characters of a full hash; other names as they are.
fn shortened(revision: &str) -> String {
    let is_hash = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    revision.get(..12).filter(|_| is_hash).unwrap_or(revision).to_owned()
}

/// What git prints.
fn git(args: &[&str]) -> Result<String, Problem> {
    let mut command = Command::new("git");
    command.args(args).current_dir(root()).stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| failed(&command, format!("could not be started: {error}")))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(&command, format!("ends with {}: {reason}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_are_shortened() {
        assert_eq!(shortened("0123456789abcdef0123456789abcdef01234567"), "0123456789ab");
        assert_eq!(
            shortened("origin/a-branch-with-a-name-of-forty-chars"),
            "origin/a-branch-with-a-name-of-forty-chars"
        );
        assert_eq!(shortened("HEAD"), "HEAD");
    }
}
