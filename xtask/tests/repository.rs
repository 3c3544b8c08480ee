//! Facts about the repository that no single crate can test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each crate may depend on, tests aside: the arrows of ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 12] = [
    ("stspec-scenario", &[]),
    ("stspec-verdict", &["stspec-scenario"]),
    ("stspec-measure", &["stspec-scenario", "stspec-verdict"]),
    ("stspec-report", &["stspec-measure", "stspec-scenario", "stspec-verdict"]),
    ("stspec-runner", &["stspec-scenario", "stspec-verdict"]),
    ("stspec-load", &["stspec-measure", "stspec-runner", "stspec-scenario", "stspec-verdict"]),
    ("stspec-locust", &["stspec-load", "stspec-measure", "stspec-runner", "stspec-scenario"]),
    ("stspec-iam", &[]),
    ("stspec-reference", &["stspec-iam"]),
    (
        "stspec",
        &[
            "stspec-load",
            "stspec-locust",
            "stspec-measure",
            "stspec-reference",
            "stspec-report",
            "stspec-runner",
            "stspec-scenario",
            "stspec-verdict",
        ],
    ),
    (
        "stspec-benches",
        &[
            "stspec-iam",
            "stspec-load",
            "stspec-measure",
            "stspec-reference",
            "stspec-runner",
            "stspec-scenario",
            "stspec-verdict",
        ],
    ),
    ("xtask", &[]),
];

/// Longest source file, in lines, tests aside.
const LINES_MAX: usize = 600;

/// Libraries that only one crate uses, with that crate.
const GUESTS: [(&str, &str); 7] = [
    ("goose", "stspec-load"),
    ("zeromq", "stspec-locust"),
    ("rmpv", "stspec-locust"),
    ("reqwest", "stspec-runner"),
    ("hyper-rustls", "stspec-runner"),
    ("clap", "stspec"),
    ("aws-sdk-sts", "stspec-runner"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in the workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata.get("packages").and_then(Value::as_array).expect("packages").clone()
}

/// The names of a package's dependencies, those for tests and builds left out.
fn dependencies(package: &Value) -> BTreeSet<String> {
    let all = package.get("dependencies").and_then(Value::as_array).expect("dependencies");
    let normal = all.iter().filter(|dependency| dependency.get("kind").is_some_and(Value::is_null));
    let names = normal.filter_map(|dependency| dependency.get("name").and_then(Value::as_str));
    names.map(str::to_owned).collect()
}

/// Every file below a folder with this extension, sorted.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in
            fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

#[test]
fn crates_depend_on_each_other_as_the_plan_says() {
    let packages = packages();
    let names: BTreeSet<&str> =
        packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert_eq!(names, ARROWS.iter().map(|(name, _)| *name).collect());
    for (name, allowed) in ARROWS {
        let package =
            packages.iter().find(|package| package["name"] == name).expect("it was just found");
        let ours: BTreeSet<String> = dependencies(package)
            .into_iter()
            .filter(|dependency| names.contains(dependency.as_str()))
            .collect();
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        assert!(
            ours.is_subset(&allowed),
            "{name} depends on {ours:?} and may depend on {allowed:?}"
        );
    }
}

#[test]
fn the_islands_meet_only_in_the_bridge() {
    let packages = packages();
    let graph: BTreeMap<&str, BTreeSet<String>> = packages
        .iter()
        .map(|package| (package["name"].as_str().expect("a name"), dependencies(package)))
        .collect();
    for harness in [
        "stspec-scenario",
        "stspec-verdict",
        "stspec-measure",
        "stspec-report",
        "stspec-runner",
        "stspec-load",
        "stspec-locust",
    ] {
        for reference in ["stspec-iam", "stspec-reference"] {
            assert!(!graph[harness].contains(reference), "{harness} depends on {reference}");
            assert!(!graph[reference].contains(harness), "{reference} depends on {harness}");
        }
    }
    assert!(
        !graph["stspec-reference"].contains("aws-sigv4"),
        "the reference verifies with its own code"
    );
}

#[test]
fn each_guest_stays_in_one_crate() {
    for package in packages() {
        for (guest, host) in GUESTS {
            if dependencies(&package).contains(guest) {
                assert_eq!(package["name"], host, "{guest} is used outside of {host}");
            }
        }
    }
}

#[test]
fn there_is_one_tls_stack() {
    let lock = read("Cargo.lock");
    for banned in ["openssl", "openssl-sys", "native-tls", "serde_yaml"] {
        assert!(!lock.contains(&format!("name = \"{banned}\"\n")), "{banned} is in Cargo.lock");
    }
}

#[test]
fn every_dependency_has_its_reason_beside_it() {
    let manifest = read("Cargo.toml");
    let table = manifest.split("[workspace.dependencies]").nth(1).expect("the table");
    let table = table.split("\n[").next().expect("its end");
    for line in table.lines().filter(|line| line.contains(" = ") && !line.starts_with("stspec-")) {
        let reason = line.rsplit_once('#').map_or("", |(_, reason)| reason.trim());
        assert!(reason.len() > 10, "no reason in: {line}");
    }
}

#[test]
fn rules_are_where_their_ids_say() {
    let rules = files("scenarios/rules", "yaml");
    assert!(!rules.is_empty());
    for path in rules {
        let text = fs::read_to_string(&path).expect("a rule");
        let id =
            path.strip_prefix(root().join("scenarios/rules")).expect("below").with_extension("");
        let first = text.lines().next().unwrap_or_default();
        assert_eq!(first, format!("rule: {}", id.display()), "{}", path.display());
    }
}

#[test]
fn every_snapshot_has_its_rule() {
    for path in files("snapshots/reference", "snap") {
        let rule = path
            .strip_prefix(root().join("snapshots/reference"))
            .expect("below")
            .with_extension("yaml");
        assert!(
            root().join("scenarios/rules").join(&rule).exists(),
            "{} has no rule",
            path.display()
        );
    }
}

#[test]
fn every_rule_has_its_snapshot() {
    for path in files("scenarios/rules", "yaml") {
        let rule = path
            .strip_prefix(root().join("scenarios/rules"))
            .expect("below")
            .with_extension("snap");
        assert!(
            root().join("snapshots/reference").join(&rule).exists(),
            "{} has no snapshot",
            path.display()
        );
    }
}

#[test]
fn source_files_stay_within_a_readers_reach() {
    for folder in ["crates", "benches", "xtask"] {
        for path in files(folder, "rs") {
            if path.iter().any(|part| part == "tests" || part == "tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source file");
            let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            assert!(code.lines().count() <= LINES_MAX, "{} is too long", path.display());
            assert!(text.starts_with("//!"), "{} does not say what it holds", path.display());
        }
    }
}
