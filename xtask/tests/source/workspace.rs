//! Where the source of the workspace is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::modules::Crate;

/// The folder of the repository. Tests start in the folder of their package.
pub(crate) fn root() -> &'static Path {
    Path::new("..")
}

/// Every crate of the workspace, sorted by folder. A package with a library and a program counts twice.
pub(crate) fn crates() -> Vec<Crate> {
    let packages = entries(&root().join("crates"));
    let packages = packages.into_iter().chain(["benches", "xtask"].map(|name| root().join(name)));
    packages.flat_map(|package| roots(&package)).map(|file| Crate::read(&file)).collect()
}

/// The crate of this name below `crates/`.
pub(crate) fn library(name: &str) -> Crate {
    Crate::read(&root().join("crates").join(name).join("src/lib.rs"))
}

fn roots(package: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let files = ["lib.rs", "main.rs"].map(|name| package.join("src").join(name));
    files.into_iter().filter(|file| file.exists())
}

/// A file of Rust.
pub(crate) struct Source {
    /// The folder of its package.
    pub(crate) package: String,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// A file of no package.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { package: String::new(), path: path.into(), text: text.to_owned() }
    }

    /// The path as a person types it from the folder of the repository.
    pub(crate) fn shown(&self) -> String {
        shown(&self.path)
    }
}

/// The source of every package without the files of test modules.
pub(crate) fn sources() -> Vec<Source> {
    let files = crates().into_iter().flat_map(|tree| {
        let name = tree.name.clone();
        let files: BTreeSet<PathBuf> =
            tree.modules.into_values().map(|module| module.file).collect();
        files.into_iter().map(move |path| source(&name, path))
    });
    files.collect()
}

/// The source of every package with its tests, and the files of `xtask` and `benches` beside it.
pub(crate) fn sources_with_tests() -> Vec<Source> {
    let crates = entries(&root().join("crates"));
    let sources = crates.into_iter().map(|package| package.join("src"));
    let folders = sources.chain(["benches", "xtask"].map(|name| root().join(name)));
    folders
        .flat_map(|folder| rust_files(&folder))
        .map(|path| source(&package(&path), path))
        .collect()
}

fn source(package: &str, path: PathBuf) -> Source {
    let text = read(&path);
    Source { package: package.to_owned(), path, text }
}

/// The folder of the package that a file belongs to.
fn package(file: &Path) -> String {
    let below = file.strip_prefix(root()).unwrap_or(file);
    let mut names = below.iter().map(|name| name.to_string_lossy().into_owned());
    names.find(|name| name != "crates").unwrap_or_default()
}

/// Every Rust file below a folder, sorted.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// What a folder holds, sorted.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A path as a person types it from the folder of the repository.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Fails with one finding a line, if there are any.
#[track_caller]
pub(crate) fn assert_none(what: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{what}: {}\n{}\n", findings.len(), findings.join("\n"));
}

/// Passes while there are no more findings than were left when the test came; lower the number with
/// each one that goes.
#[track_caller]
pub(super) fn assert_at_most(left: usize, what: &str, findings: &[String]) {
    let count = findings.len();
    assert!(count <= left, "{what}: {count}, {left} were left\n{}\n", findings.join("\n"));
    assert!(count == left, "{what}: only {count} are left; write that number in place of {left}");
}
