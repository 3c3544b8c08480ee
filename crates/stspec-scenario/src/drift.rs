//! What a service model says today beside what rules and facts have recorded of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::library::Library;
use crate::model::Source;
use crate::service_model::ServiceModel;

/// The difference between the recorded values and a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// How many values are recorded, each path once.
    pub recorded: usize,
    /// The differences, sorted by path.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where in the model, such as `durationSecondsType/min`.
    pub path: String,
    /// What happened there.
    pub kind: ChangeKind,
    /// Who recorded the value that no longer holds, such as `fact gft-duration-min`, sorted.
    pub recorded_by: Vec<String>,
}

/// What happened to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// The model has a value that nothing records.
    New {
        /// The value.
        found: String,
    },
    /// The model has another value than the recorded one.
    Changed {
        /// The recorded value.
        recorded: String,
        /// The model's.
        found: String,
    },
    /// The model marks something as deprecated, which nothing records.
    Deprecated {
        /// The mark's value, `true` or a date.
        found: String,
    },
    /// The model no longer has what was recorded.
    Gone {
        /// The recorded value.
        recorded: String,
    },
}

/// Compares the values that the rules and the catalogue of a library record with a model.
///
/// Whatever the model's operation leads to has to be recorded; of the rest of the model, only what is
/// recorded is looked at.
#[must_use]
pub fn drift(library: &Library, model: &ServiceModel) -> Drift {
    let recorded = recorded(library);
    let mut changes = Vec::new();
    for ((path, value), recorded_by) in &recorded {
        let kind = match model.value(path) {
            Some(found) if found == *value => continue,
            Some(found) => {
                ChangeKind::Changed { recorded: (*value).to_owned(), found: found.to_owned() }
            }
            None => ChangeKind::Gone { recorded: (*value).to_owned() },
        };
        let recorded_by = recorded_by.iter().cloned().collect();
        changes.push(Change { path: (*path).to_owned(), kind, recorded_by });
    }
    let paths: BTreeSet<&str> = recorded.keys().map(|(path, _)| *path).collect();
    for (path, found) in model.reachable().filter(|(path, _)| !paths.contains(path)) {
        let found = found.to_owned();
        let kind = if is_deprecation(path) {
            ChangeKind::Deprecated { found }
        } else {
            ChangeKind::New { found }
        };
        changes.push(Change { path: path.to_owned(), kind, recorded_by: Vec::new() });
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Drift { recorded: paths.len(), changes }
}

/// Who recorded what: the users of each pair of path and value.
fn recorded(library: &Library) -> BTreeMap<(&str, &str), BTreeSet<String>> {
    let facts = library.catalog().into_iter().flat_map(Catalog::facts);
    let of_facts =
        facts.flat_map(|fact| fact.sources.iter().map(move |s| (format!("fact {}", fact.id), s)));
    let of_rules = library
        .rules()
        .iter()
        .flat_map(|rule| rule.sources.iter().map(move |s| (format!("rule {}", rule.id), s)));
    let mut recorded: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for (who, source) in of_facts.chain(of_rules) {
        if let Source::Model { path, value } = source {
            recorded.entry((path, value)).or_default().insert(who);
        }
    }
    recorded
}

/// Whether a path ends in `deprecated` or `deprecatedSince`.
fn is_deprecation(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.starts_with("deprecated"))
}
