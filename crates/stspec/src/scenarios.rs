//! Where rules, accounts and targets come from: the binary itself, or a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use stspec_reference::Fault;
use stspec_scenario::{Diagnostic, Library, ReadContext, Severity, render};

use crate::error::Problem;
use crate::output;

/// The scenarios of the repository, as they were when the binary was built.
static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../scenarios");

/// Folders below the scenarios folder that hold files of the language.
const FOLDERS: [&str; 4] = ["rules", "accounts", "targets", "profiles"];

/// The catalogue of facts, which stands beside those folders.
pub(crate) const CATALOG_FILE: &str = "catalog.yaml";

/// Scenario files by their path below the scenarios folder.
pub(crate) type Files = BTreeMap<String, String>;

/// The library, if none of its files has an error; warnings are left to `stspec lint`.
pub fn library(scenarios: Option<&Path>) -> Result<Library, Problem> {
    library_drawn_with(scenarios, None)
}

/// As [`library`], with generated cases drawn with a seed where one is given.
pub(crate) fn library_drawn_with(
    scenarios: Option<&Path>,
    seed: Option<u64>,
) -> Result<Library, Problem> {
    read(scenarios, seed).map(|(library, _)| library)
}

/// As [`library`], with its warnings.
pub(crate) fn library_and_warnings(
    scenarios: Option<&Path>,
) -> Result<(Library, Warnings), Problem> {
    read(scenarios, None)
}

/// What the reader warned of, with the files that it read.
#[derive(Debug)]
pub(crate) struct Warnings {
    diagnostics: Vec<Diagnostic>,
    files: Files,
}

impl Warnings {
    /// The warnings as a person reads them, with excerpts; empty if there are none.
    pub(crate) fn rendered(self, scenarios: Option<&Path>) -> String {
        rendering(self.diagnostics, self.files, |file| seen_from_here(scenarios, file))
    }
}

fn read(scenarios: Option<&Path>, seed: Option<u64>) -> Result<(Library, Warnings), Problem> {
    let files = files(scenarios)?;
    let (library, diagnostics) = load_drawn_with(&files, seed);
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity() == Severity::Error;
    let (errors, diagnostics): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(is_error);
    if errors.is_empty() {
        Ok((library, Warnings { diagnostics, files }))
    } else {
        Err(faulty(errors, files, |file| seen_from_here(scenarios, file)))
    }
}

/// The files of a folder, or of the binary.
pub(crate) fn files(scenarios: Option<&Path>) -> Result<Files, Problem> {
    let mut files = Files::new();
    match scenarios {
        None => collect_shipped(&SHIPPED, &mut files),
        Some(folder) => {
            for name in FOLDERS {
                collect_folder(folder, &folder.join(name), &mut files)?;
            }
            collect_file(folder, &folder.join(CATALOG_FILE), &mut files)?;
            if files.is_empty() {
                return Err(Problem::NoScenarios { folder: folder.to_owned() });
            }
        }
    }
    Ok(files)
}

/// Reads all files in one pass.
pub(crate) fn load(files: &Files) -> (Library, Vec<Diagnostic>) {
    load_drawn_with(files, None)
}

fn load_drawn_with(files: &Files, seed: Option<u64>) -> (Library, Vec<Diagnostic>) {
    let faults = Fault::ALL.iter().map(|fault| fault.name());
    Library::load(files.clone(), &ReadContext { seed, ..ReadContext::with_faults(faults) })
}

/// The problem that diagnostics are; `shown` says what a file is called by the person who wrote it.
pub(crate) fn faulty(
    diagnostics: Vec<Diagnostic>,
    files: Files,
    shown: impl Fn(&str) -> String,
) -> Problem {
    let count = diagnostics.len();
    Problem::FaultyScenarios { count, rendering: rendering(diagnostics, files, shown) }
}

fn rendering(
    mut diagnostics: Vec<Diagnostic>,
    files: Files,
    shown: impl Fn(&str) -> String,
) -> String {
    for diagnostic in &mut diagnostics {
        diagnostic.file = shown(&diagnostic.file);
    }
    let files = files.into_iter().map(|(file, text)| (shown(&file), text)).collect();
    render(&diagnostics, &files, output::colour())
}

/// The name of a file of the scenarios folder, as seen from where stspec was started.
pub(crate) fn seen_from_here(scenarios: Option<&Path>, file: &str) -> String {
    let folder = slashed(scenarios.unwrap_or(Path::new("scenarios")));
    format!("{}/{file}", folder.trim_end_matches('/'))
}

fn collect_shipped(folder: &Dir<'_>, files: &mut Files) {
    for file in folder.files() {
        if let (true, Some(text)) = (is_scenario(file.path()), file.contents_utf8()) {
            files.insert(slashed(file.path()), text.to_owned());
        }
    }
    for below in folder.dirs() {
        collect_shipped(below, files);
    }
}

fn collect_folder(root: &Path, folder: &Path, files: &mut Files) -> Result<(), Problem> {
    if !folder.exists() {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.is_dir() {
            collect_folder(root, &path, files)?;
        } else if is_scenario(&path) {
            collect_file(root, &path, files)?;
        }
    }
    Ok(())
}

/// Adds a file, if there is one.
fn collect_file(root: &Path, path: &Path, files: &mut Files) -> Result<(), Problem> {
    if path.exists() {
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        files.insert(slashed(path.strip_prefix(root).unwrap_or(path)), text);
    }
    Ok(())
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::File { path: path.to_owned(), reason: error.to_string() }
}

fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// A path with `/` between its parts on every platform.
fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace('\\', "/") }
}
