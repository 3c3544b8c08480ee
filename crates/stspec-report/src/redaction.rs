//! The one door through which a record leaves: without the secrets of its run.
//!
//! Fields are cleaned before anything is rendered, because cutting, escaping or folding a text could
//! leave a part of a secret that nobody recognises any more.

use stspec_verdict::{
    Answer, BaselineFinding, BaselineRecord, CheckRecord, Deviation, Document, End, Exchange,
    Redactor, Request, RuleRecord, RunRecord, TargetRecord, Tree,
};

/// Returns the record without its secrets, rules in the order of their ids and checks in the order of
/// their rules; the checks of one rule keep their order.
pub(crate) fn clean(record: &RunRecord) -> RunRecord {
    let secrets = &record.secrets;
    let mut rules: Vec<RuleRecord> = record.rules.clone();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let mut checks: Vec<CheckRecord> =
        record.checks.iter().map(|each| check(each, secrets)).collect();
    checks.sort_by(|a, b| a.rule.cmp(&b.rule));
    let endpoint = text(&record.target.endpoint, secrets);
    RunRecord {
        target: TargetRecord { endpoint, ..record.target.clone() },
        rules,
        checks,
        end: end(&record.end, secrets),
        baseline: record.baseline.as_ref().map(|baseline| compared(baseline, secrets)),
        ..record.clone()
    }
}

fn text(text: &str, secrets: &Redactor) -> String {
    secrets.redact(text).into_owned()
}

fn pairs(pairs: &[(String, String)], secrets: &Redactor) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (text(name, secrets), text(value, secrets))).collect()
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
    Exchange { request: Request { params, ..exchange.request.clone() }, answer }
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
        says: text(&finding.says, secrets),
        ..finding.clone()
    };
    let findings = baseline.findings.iter().map(finding).collect();
    BaselineRecord { findings, ..baseline.clone() }
}

fn end(end: &End, secrets: &Redactor) -> End {
    match end {
        End::Complete => End::Complete,
        End::Interrupted => End::Interrupted,
        End::Unreachable { reason } => End::Unreachable { reason: text(reason, secrets) },
    }
}
