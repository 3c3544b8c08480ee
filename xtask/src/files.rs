//! Files and folders, with problems that say which one could not be used.

use std::fs;
use std::path::Path;

use crate::error::Problem;

/// The result of an operation on this path.
pub(crate) fn used<T>(path: &Path, done: std::io::Result<T>) -> Result<T, Problem> {
    done.map_err(|source| Problem::File { path: path.to_owned(), source })
}

/// Copies a folder with all that it holds.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Problem> {
    used(to, fs::create_dir_all(to))?;
    for entry in used(from, fs::read_dir(from))? {
        let entry = used(from, entry)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            used(&to, fs::copy(&from, &to))?;
        }
    }
    Ok(())
}
