//! Which crates a set of changed files concerns.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::build::{metadata, root};
use crate::error::Problem;

/// Files that every crate is built with.
const SHARED: [&str; 5] = [".cargo/", "Cargo.lock", "Cargo.toml", "clippy.toml", "rustfmt.toml"];

/// Rules, accounts, targets, profiles and the catalogue.
const SCENARIOS: &str = "scenarios/";

/// The crate whose tests hold facts about the whole repository.
pub(super) const REPOSITORY: &str = "xtask";

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Package {
    name: String,
    /// Its folder with a `/` at the end, from the folder of the repository.
    folder: String,
    /// The names of all crates that it depends on, those of its tests too.
    dependencies: BTreeSet<String>,
}

/// What is to be checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// Crates that get clippy and tests.
    pub(super) changed: BTreeSet<String>,
    /// Crates that use one of those, directly or through others.
    pub(super) dependents: BTreeSet<String>,
    /// Whether scenarios are linted.
    pub(super) scenarios: bool,
    /// Whether the tests of the repository run.
    pub(super) repository: bool,
}

impl Selection {
    /// These crates and nothing else; an error if one does not exist.
    pub(super) fn of(names: &BTreeSet<String>, packages: &[Package]) -> Result<Self, String> {
        let exists = |name: &String| packages.iter().any(|package| package.name == *name);
        if let Some(name) = names.iter().find(|name| !exists(name)) {
            let all: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
            return Err(format!("no crate `{name}`; there are `{}`", all.join("`, `")));
        }
        Ok(Self { changed: names.clone(), ..Self::default() })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.changed.iter().map(String::as_str).collect();
        match (names.as_slice(), self.scenarios) {
            ([], true) => formatter.write_str("scenarios"),
            ([], false) => formatter.write_str("no crate"),
            (names, true) => write!(formatter, "{}, scenarios", names.join(", ")),
            (names, false) => formatter.write_str(&names.join(", ")),
        }
    }
}

/// What changed files concern. Every change can break a fact about the repository.
pub(super) fn select(files: &BTreeSet<String>, packages: &[Package]) -> Selection {
    let is_shared = |file: &String| SHARED.iter().any(|shared| file.starts_with(shared));
    let is_changed = |package: &&Package| {
        files.iter().any(|file| is_shared(file) || file.starts_with(&package.folder))
    };
    let changed: BTreeSet<String> =
        packages.iter().filter(is_changed).map(|package| package.name.clone()).collect();
    Selection {
        dependents: dependents(&changed, packages),
        changed,
        scenarios: files.iter().any(|file| file.starts_with(SCENARIOS)),
        repository: !files.is_empty(),
    }
}

/// The crates that use one of these, directly or through others, without these.
fn dependents(changed: &BTreeSet<String>, packages: &[Package]) -> BTreeSet<String> {
    let mut reached = changed.clone();
    // Each round reaches at least one more crate, so there are no more rounds than crates.
    for _ in packages {
        let is_next = |package: &&Package| !package.dependencies.is_disjoint(&reached);
        let next: Vec<String> =
            packages.iter().filter(is_next).map(|package| package.name.clone()).collect();
        reached.extend(next);
    }
    reached.difference(changed).cloned().collect()
}

/// The crates of the workspace, sorted by name.
pub(super) fn packages() -> Result<Vec<Package>, Problem> {
    let metadata = metadata()?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let mut packages: Vec<Package> = packages.filter_map(package).collect();
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(packages)
}

/// A crate as `cargo metadata` describes it; `None` if it is outside of the repository.
fn package(described: &Value) -> Option<Package> {
    let manifest = std::path::Path::new(described.get("manifest_path")?.as_str()?);
    let folder = manifest.parent()?.strip_prefix(root()).ok()?;
    let dependencies = described.get("dependencies")?.as_array()?.iter();
    let name_of = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
    Some(Package {
        name: name_of(described)?,
        folder: format!("{}/", folder.to_str()?.replace('\\', "/")),
        dependencies: dependencies.filter_map(name_of).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// `low` is used by `middle`, which `high` uses; `alone` uses none.
    fn workspace() -> Vec<Package> {
        let package = |name: &str, folder: &str, dependencies: &[&str]| Package {
            name: name.to_owned(),
            folder: folder.to_owned(),
            dependencies: set(dependencies),
        };
        vec![
            package("alone", "crates/alone/", &["serde"]),
            package("high", "crates/high/", &["middle"]),
            package("low", "crates/low/", &[]),
            package("low-more", "crates/low-more/", &[]),
            package("middle", "crates/middle/", &["low", "serde"]),
            package("xtask", "xtask/", &[]),
        ]
    }

    #[track_caller]
    fn check(files: &[&str], changed: &[&str], dependents: &[&str]) {
        let selection = select(&set(files), &workspace());
        assert_eq!(selection.changed, set(changed), "{files:?}");
        assert_eq!(selection.dependents, set(dependents), "{files:?}");
    }

    #[test]
    fn a_file_concerns_its_crate_and_all_that_use_it() {
        check(&["crates/low/src/lib.rs"], &["low"], &["high", "middle"]);
        check(&["crates/high/Cargo.toml"], &["high"], &[]);
        check(&["crates/low/a.rs", "crates/middle/b.rs"], &["low", "middle"], &["high"]);
        check(&["xtask/src/main.rs"], &["xtask"], &[]);
    }

    #[test]
    fn a_folder_is_not_taken_for_one_whose_name_begins_alike() {
        check(&["crates/low-more/src/lib.rs"], &["low-more"], &[]);
        check(&["crates/low.md"], &[], &[]);
    }

    #[test]
    fn what_all_crates_share_concerns_all() {
        for file in ["Cargo.lock", "clippy.toml", ".cargo/config.toml"] {
            check(&[file], &["alone", "high", "low", "low-more", "middle", "xtask"], &[]);
        }
    }

    #[test]
    fn scenarios_are_linted_if_one_changed() {
        let selects = |file: &str| select(&set(&[file]), &workspace());
        assert!(selects("scenarios/rules/a.yaml").scenarios);
        assert!(!selects("snapshots/reference/a.snap").scenarios);
        assert!(!selects("crates/low/scenarios/a.yaml").scenarios);
    }

    #[test]
    fn any_change_concerns_the_repository_and_no_change_concerns_nothing() {
        assert!(select(&set(&["README.md"]), &workspace()).repository);
        assert_eq!(select(&set(&[]), &workspace()), Selection::default());
    }

    #[test]
    fn crates_can_be_chosen_by_name() {
        let chosen = Selection::of(&set(&["low"]), &workspace()).expect("it exists");
        assert_eq!(chosen, Selection { changed: set(&["low"]), ..Selection::default() });
        let refused = Selection::of(&set(&["lwo"]), &workspace()).expect_err("a misspelt name");
        assert!(refused.starts_with("no crate `lwo`; there are `alone`, `high`"), "{refused}");
    }

    #[test]
    fn the_workspace_is_read_with_its_arrows() {
        let packages = packages().expect("cargo describes it");
        let bridge = packages.iter().find(|package| package.name == "stspec").expect("the bridge");
        assert_eq!(bridge.folder, "crates/stspec/");
        assert!(bridge.dependencies.contains("stspec-runner"));
    }
}
