//! What a target answered to one rule, as YAML that a reviewer can read and a diff can compare.

mod compare;

use serde::{Serialize, Serializer};
use stspec_scenario::RuleId;
use stspec_verdict::{Answer, CheckRecord, Document, Exchange, RuleRecord, Tree};

use crate::text::shorten;
use crate::{CleanRecord, ReportError};

pub use compare::{DifferenceClass, SnapshotDifference, compare_snapshots, render_differences};

/// Renders the normalised exchanges of one rule, in the order of its file.
///
/// Neither verdicts nor expectations are in it: a snapshot shows what the target does,
/// independent of the rule's verdict. Values that are too long for a reader are cut, with their length.
pub fn snapshot(record: &CleanRecord, rule: &RuleId) -> Result<String, ReportError> {
    if !record.rules.iter().any(|each| each.id == *rule) {
        return Err(ReportError::UnknownRule { rule: rule.clone() });
    }
    of_rule(&record.checks, rule)
}

/// Renders the snapshots of all rules of a run, in the order of their ids.
pub fn snapshots(record: &CleanRecord) -> Result<Vec<(RuleId, String)>, ReportError> {
    let of = |rule: &RuleRecord| Ok((rule.id.clone(), of_rule(&record.checks, &rule.id)?));
    record.rules.iter().map(of).collect()
}

/// The snapshot of a rule.
fn of_rule(checks: &[CheckRecord], rule: &RuleId) -> Result<String, ReportError> {
    let checks = checks.iter().filter(|check| check.rule == *rule);
    let exchanges = checks.map(|each| (each.id.within_rule().to_owned(), step(each))).collect();
    let snapshot = Snapshot { rule: rule.as_str(), exchanges: Entries(exchanges) };
    serde_yaml::to_string(&snapshot)
        .map_err(|source| ReportError::Yaml { rule: rule.clone(), source })
}

#[derive(Serialize)]
struct Snapshot<'a> {
    rule: &'a str,
    exchanges: Entries<Step>,
}

/// One step of the snapshot.
#[derive(Serialize)]
#[serde(untagged)]
enum Step {
    Sent { request: RequestEntry, answer: AnswerEntry },
    NotSent { not_sent: String },
}

#[derive(Serialize)]
struct RequestEntry {
    r#as: String,
    call: String,
    #[serde(skip_serializing_if = "Entries::is_empty")]
    params: Entries<Text>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AnswerEntry {
    Given {
        status: u16,
        #[serde(skip_serializing_if = "Entries::is_empty")]
        headers: Entries<Text>,
        body: Content,
    },
    Missing {
        missing: String,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Tree {
        #[serde(skip_serializing_if = "String::is_empty")]
        root: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        content: Text,
    },
}

/// Text, a list, or more of them by name.
#[derive(Serialize)]
#[serde(untagged)]
enum Text {
    Leaf(String),
    List(Vec<Text>),
    Map(Entries<Text>),
}

/// Members of a mapping in a fixed order.
struct Entries<T>(Vec<(String, T)>);

impl<T> Entries<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn step(check: &CheckRecord) -> Step {
    let Some(Exchange { request, answer }) = &check.exchange else {
        let reason = check.reason.as_deref().unwrap_or("no reason was recorded");
        let reason = reason.strip_prefix("not sent: ").unwrap_or(reason);
        return Step::NotSent { not_sent: shorten(reason) };
    };
    let request = RequestEntry {
        r#as: request.principal.clone(),
        call: request.call.clone(),
        params: by_name(&request.params),
    };
    Step::Sent { request, answer: answer_entry(answer) }
}

/// Turns pairs into a mapping, in order; a name that comes back gets a list, because keys are unique.
fn by_name(pairs: &[(String, String)]) -> Entries<Text> {
    let mut entries: Vec<(String, Text)> = Vec::new();
    for (name, value) in pairs {
        let value = Text::Leaf(shorten(value));
        match entries.iter_mut().find(|(each, _)| each == name).map(|(_, text)| text) {
            None => entries.push((name.clone(), value)),
            Some(Text::List(values)) => values.push(value),
            Some(first) => {
                let before = std::mem::replace(first, Text::List(Vec::new()));
                *first = Text::List(vec![before, value]);
            }
        }
    }
    Entries(entries)
}

fn answer_entry(answer: &Answer) -> AnswerEntry {
    match answer {
        Answer::Missing(reason) => AnswerEntry::Missing { missing: shorten(reason) },
        Answer::Given { status, headers, body } => {
            AnswerEntry::Given { status: *status, headers: by_name(headers), body: content(body) }
        }
    }
}

fn content(document: &Document) -> Content {
    match document {
        Document::Empty => Content::Text(String::new()),
        Document::Text(text) => Content::Text(shorten(text)),
        Document::Tree { root, namespace, content } => Content::Tree {
            root: root.clone(),
            namespace: namespace.clone(),
            content: tree(content),
        },
    }
}

fn tree(node: &Tree) -> Text {
    match node {
        Tree::Text(text) => Text::Leaf(shorten(text)),
        Tree::List(members) => Text::List(members.iter().map(tree).collect()),
        Tree::Map(members) => Text::Map(Entries(
            members.iter().map(|(name, node)| (name.clone(), tree(node))).collect(),
        )),
    }
}
