//! A run record without the secrets of its run.
//!
//! Fields are cleaned before anything is rendered, because cutting, escaping or folding a text could
//! leave a part of a secret that no scan recognises.

use std::ops::Deref;

use stspec_scenario::Source;
use stspec_verdict::{
    Answer, BaselineFinding, BaselineRecord, CheckRecord, Deviation, Document, End, Exchange,
    Redactor, Request, RuleRecord, RunRecord, SnapshotChange, SnapshotRecord, TargetRecord, Tree,
};

/// A run record without the secrets of its run: what every rendering takes.
///
/// Rules are in the order of their ids, checks in the order of their rules; the checks of one rule keep
/// their order.
// INVARIANT: no text in the record contains a secret that its redactor knows.
#[derive(Debug, Clone)]
pub struct CleanRecord(RunRecord);

impl CleanRecord {
    /// Takes the secrets out of a record and sorts it.
    #[must_use]
    pub fn new(record: RunRecord) -> Self {
        let secrets = &record.secrets;
        let mut rules: Vec<RuleRecord> =
            record.rules.iter().map(|each| rule(each, secrets)).collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let mut checks: Vec<CheckRecord> =
            record.checks.iter().map(|each| check(each, secrets)).collect();
        checks.sort_by(|a, b| a.rule.cmp(&b.rule));
        Self(RunRecord {
            target: target(&record.target, secrets),
            rules,
            checks,
            end: end(&record.end, secrets),
            baseline: record.baseline.as_ref().map(|baseline| compared(baseline, secrets)),
            snapshots: record.snapshots.as_ref().map(|seen| snapshots(seen, secrets)),
            ..record
        })
    }

    /// Adds the result of a comparison; the texts that it brings are cleaned, too.
    #[must_use]
    pub fn amended(mut self, amend: impl FnOnce(&mut RunRecord)) -> Self {
        amend(&mut self.0);
        Self::new(self.0)
    }
}

impl Deref for CleanRecord {
    type Target = RunRecord;

    fn deref(&self) -> &RunRecord {
        &self.0
    }
}

fn text(text: &str, secrets: &Redactor) -> String {
    secrets.redact(text).into_owned()
}

fn pairs(pairs: &[(String, String)], secrets: &Redactor) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (text(name, secrets), text(value, secrets))).collect()
}

fn target(target: &TargetRecord, secrets: &Redactor) -> TargetRecord {
    TargetRecord {
        name: text(&target.name, secrets),
        endpoint: text(&target.endpoint, secrets),
        arguments: text(&target.arguments, secrets),
    }
}

fn rule(rule: &RuleRecord, secrets: &Redactor) -> RuleRecord {
    RuleRecord {
        says: text(&rule.says, secrets),
        sources: rule.sources.iter().map(|each| source(each, secrets)).collect(),
        ..rule.clone()
    }
}

fn source(source: &Source, secrets: &Redactor) -> Source {
    let clean = |words: &str| text(words, secrets);
    match source {
        Source::Page { page, part } => Source::Page { page: clean(page), part: clean(part) },
        Source::Model { path, value } => Source::Model { path: clean(path), value: clean(value) },
        Source::Observed { by, when } => {
            Source::Observed { by: clean(by), when: when.as_deref().map(clean) }
        }
        Source::Manual { manual, part } => {
            Source::Manual { manual: clean(manual), part: clean(part) }
        }
    }
}

fn check(check: &CheckRecord, secrets: &Redactor) -> CheckRecord {
    CheckRecord {
        expected: text(&check.expected, secrets),
        observed: text(&check.observed, secrets),
        reason: check.reason.as_ref().map(|reason| text(reason, secrets)),
        deviations: check.deviations.iter().map(|each| deviation(each, secrets)).collect(),
        exchange: check.exchange.as_ref().map(|each| exchange(each, secrets)),
        ..check.clone()
    }
}

fn deviation(deviation: &Deviation, secrets: &Redactor) -> Deviation {
    Deviation {
        path: deviation.path.clone(),
        expected: text(&deviation.expected, secrets),
        observed: text(&deviation.observed, secrets),
    }
}

fn exchange(exchange: &Exchange, secrets: &Redactor) -> Exchange {
    let params = pairs(&exchange.request.params, secrets);
    let answer = match &exchange.answer {
        Answer::Missing(reason) => Answer::Missing(text(reason, secrets)),
        Answer::Given { status, headers, body } => Answer::Given {
            status: *status,
            headers: pairs(headers, secrets),
            body: document(body, secrets),
        },
    };
    let principal = text(&exchange.request.principal, secrets);
    let call = text(&exchange.request.call, secrets);
    Exchange { request: Request { principal, call, params }, answer }
}

fn document(document: &Document, secrets: &Redactor) -> Document {
    match document {
        Document::Empty => Document::Empty,
        Document::Text(body) => Document::Text(text(body, secrets)),
        Document::Tree { root, namespace, content } => Document::Tree {
            root: text(root, secrets),
            namespace: namespace.as_ref().map(|namespace| text(namespace, secrets)),
            content: tree(content, secrets),
        },
    }
}

fn tree(node: &Tree, secrets: &Redactor) -> Tree {
    match node {
        Tree::Text(leaf) => Tree::Text(text(leaf, secrets)),
        Tree::List(members) => {
            Tree::List(members.iter().map(|member| tree(member, secrets)).collect())
        }
        Tree::Map(members) => Tree::Map(
            members.iter().map(|(name, node)| (text(name, secrets), tree(node, secrets))).collect(),
        ),
    }
}

fn compared(baseline: &BaselineRecord, secrets: &Redactor) -> BaselineRecord {
    let finding = |finding: &BaselineFinding| BaselineFinding {
        kind: finding.kind,
        check: text(&finding.check, secrets),
        says: text(&finding.says, secrets),
    };
    let findings = baseline.findings.iter().map(finding).collect();
    BaselineRecord {
        file: text(&baseline.file, secrets),
        of: baseline.of.as_ref().map(|of| text(of, secrets)),
        unchanged: baseline.unchanged,
        findings,
    }
}

fn snapshots(seen: &SnapshotRecord, secrets: &Redactor) -> SnapshotRecord {
    let change = |change: &SnapshotChange| SnapshotChange {
        rule: change.rule.clone(),
        before: text(&change.before, secrets),
        now: text(&change.now, secrets),
    };
    let changed = seen.changed.iter().map(change).collect();
    SnapshotRecord { folder: text(&seen.folder, secrets), changed, ..seen.clone() }
}

fn end(end: &End, secrets: &Redactor) -> End {
    match end {
        End::Complete => End::Complete,
        End::Interrupted => End::Interrupted,
        End::Unreachable { reason } => End::Unreachable { reason: text(reason, secrets) },
    }
}
