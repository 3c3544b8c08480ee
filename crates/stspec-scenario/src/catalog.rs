//! The catalogue of facts: what is known of the operation, and which rules check it.

use std::collections::BTreeSet;

use crate::library::Library;
use crate::model::{Evidence, Rule, Source};
use crate::name::{Name, RuleId};

/// Every fact about one operation, each with the rules that check it or the reason why none does.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    /// The operation, as the API reference spells it.
    pub operation: &'static str,
    /// What the catalogue covers.
    pub says: String,
    /// The facts by subject, in file order.
    pub topics: Vec<Topic>,
}

/// Facts about one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// The subject.
    pub title: String,
    /// The facts in file order; their ids are unique within the catalogue.
    pub facts: Vec<Fact>,
}

/// One statement about the operation or about the sessions that it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Unique within the catalogue.
    pub id: Name,
    /// The fact in our own words.
    pub says: String,
    /// What we know it from.
    pub evidence: Evidence,
    /// Where it is written down; never empty.
    pub sources: Vec<Source>,
    /// Who checks it.
    pub status: FactStatus,
}

/// Who checks a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactStatus {
    /// These rules; at least one, each once. Whether they exist is asked by [`coverage`].
    Checked(Vec<RuleId>),
    /// Nobody, for this reason.
    Excluded(String),
}

/// The catalogue beside the rules that there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage<'a> {
    /// One row for each fact, in the order of the catalogue.
    pub rows: Vec<CoverageRow<'a>>,
    /// Rules that no fact names, sorted by id.
    pub uncited: Vec<&'a Rule>,
}

/// A fact beside the rules that it names.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageRow<'a> {
    /// The subject that the fact belongs to.
    pub topic: &'a str,
    /// The fact.
    pub fact: &'a Fact,
    /// Those of its rules that exist, in the fact's order.
    pub rules: Vec<&'a Rule>,
    /// Those that don't.
    pub missing: Vec<&'a RuleId>,
}

/// Sets the catalogue of a library beside its rules.
#[must_use]
pub fn coverage<'a>(catalog: &'a Catalog, library: &'a Library) -> Coverage<'a> {
    let rows: Vec<CoverageRow<'a>> = catalog
        .topics
        .iter()
        .flat_map(|topic| topic.facts.iter().map(|fact| row(&topic.title, fact, library)))
        .collect();
    let named: BTreeSet<&RuleId> =
        rows.iter().flat_map(|row| &row.rules).map(|rule| &rule.id).collect();
    let uncited = library.rules().iter().filter(|rule| !named.contains(&rule.id)).collect();
    Coverage { rows, uncited }
}

fn row<'a>(topic: &'a str, fact: &'a Fact, library: &'a Library) -> CoverageRow<'a> {
    let mut row = CoverageRow { topic, fact, rules: Vec::new(), missing: Vec::new() };
    if let FactStatus::Checked(ids) = &fact.status {
        for id in ids {
            match library.rule(id) {
                Some(rule) => row.rules.push(rule),
                None => row.missing.push(id),
            }
        }
    }
    row
}

impl Catalog {
    /// The facts of all topics, in file order.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.topics.iter().flat_map(|topic| &topic.facts)
    }
}

impl CoverageRow<'_> {
    /// Whether the fact claims a rule that does not exist.
    ///
    /// A fact that some of its rules check is a gap all the same: the missing one was to check a side
    /// that the others don't.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        !self.missing.is_empty()
    }
}

impl Coverage<'_> {
    /// The facts that claim a rule which does not exist.
    pub fn gaps(&self) -> impl Iterator<Item = &CoverageRow<'_>> {
        self.rows.iter().filter(|row| row.is_gap())
    }

    /// Whether every fact is checked or excluded, and every rule stands for a fact.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.gaps().next().is_none() && self.uncited.is_empty()
    }
}
