//! Folders of scenarios: shipped files, and what a test puts beside them.

use std::fs;
use std::path::{Path, PathBuf};

/// A place in the repository.
pub(crate) fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A folder with these shipped scenarios, files or whole folders, and with files of a test.
pub(crate) fn scenarios(taken: &[&str], files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for path in taken {
        let link = folder.path().join(path);
        fs::create_dir_all(link.parent().expect("a folder")).expect("folders");
        std::os::unix::fs::symlink(shipped("scenarios").join(path), link).expect("a link");
    }
    for (path, text) in files {
        put(&folder.path().join(path), text);
    }
    folder
}

/// Writes a file into a folder that may be missing.
pub(crate) fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a file");
}
