//! No rendering holds a secret, whatever field it came in by.

use stspec_report::{
    CleanRecord, Style, annotations, html, json, junit, markdown, snapshot, snapshots, terminal,
};
use stspec_scenario::Source;
use stspec_verdict::{
    Answer, BaselineFinding, BaselineKind, BaselineRecord, Deviation, Document, End, RunRecord,
    SnapshotChange, SnapshotRecord, Tree,
};

use crate::example::{self, SECRET};

/// Everything that can be made of a record, in one text.
fn everything(record: &RunRecord) -> String {
    let mut text = kinds(record).map(|(_, text)| text).concat();
    let record = &CleanRecord::new(record.clone());
    for (_, snapshot) in snapshots(record).expect("snapshots") {
        text.push_str(&snapshot);
    }
    for rule in &record.rules {
        text.push_str(&snapshot(record, &rule.id).expect("a snapshot"));
    }
    text
}

/// Every kind of report with its name.
fn kinds(record: &RunRecord) -> [(&'static str, String); 7] {
    let record = &CleanRecord::new(record.clone());
    [
        ("terminal", terminal(record, Style::Plain)),
        ("colour", terminal(record, Style::Colour)),
        ("json", json(record).to_string()),
        ("junit", junit(record)),
        ("markdown", markdown(record)),
        ("html", html(record)),
        ("github", annotations(record)),
    ]
}

/// A secret with all that XML, JSON and URLs escape.
const CANARY: &str = "c4nary+S3cret/\"<&>='key\"/0001";

/// The canary in the forms in which a target might send it back, written out by hand; in base64 it
/// stands alone and in the midst of other text.
const CANARY_FORMS: [&str; 8] = [
    CANARY,
    "c4nary%2BS3cret%2F%22%3C%26%3E%3D%27key%22%2F0001",
    "c4nary%2bS3cret%2f%22%3c%26%3e%3d%27key%22%2f0001",
    "c4nary+S3cret/&quot;&lt;&amp;&gt;=&apos;key&quot;/0001",
    "c4nary+S3cret/&#34;&#60;&#38;&#62;=&#39;key&#34;/0001",
    "c4nary+S3cret/\\\"<&>='key\\\"/0001",
    "YzRuYXJ5K1MzY3JldC8iPCY+PSdrZXkiLzAwMDE=",
    "a2V5OiBjNG5hcnkrUzNjcmV0LyI8Jj49J2tleSIvMDAwMSE=",
];

/// The example with a text in every place that a target or a file of the user can fill.
fn filled(text: &str) -> RunRecord {
    let mut record = example::run();
    record.secrets.register(CANARY);
    record.target.name = text.into();
    record.target.endpoint = text.into();
    record.target.arguments = format!("--endpoint {text}");
    for rule in &mut record.rules {
        rule.says = text.into();
        rule.sources = vec![Source::Manual { manual: text.into(), part: text.into() }];
    }
    for check in &mut record.checks {
        check.expected = text.into();
        check.observed = text.into();
        check.reason = Some(text.into());
        for deviation in &mut check.deviations {
            deviation.expected = text.into();
            deviation.observed = text.into();
        }
        if let Some(exchange) = &mut check.exchange {
            exchange.request.principal = text.into();
            exchange.request.params = vec![(text.into(), text.into())];
            exchange.answer = Answer::Missing(text.into());
        }
    }
    record.end = End::Unreachable { reason: text.into() };
    let finding =
        BaselineFinding { kind: BaselineKind::Lost, check: text.into(), says: text.into() };
    record.baseline = Some(BaselineRecord {
        file: text.into(),
        of: Some(text.into()),
        unchanged: 0,
        findings: vec![finding],
    });
    let rule = record.rules.first().expect("a rule").id.clone();
    record.snapshots = Some(SnapshotRecord {
        folder: text.into(),
        must_match: true,
        same: 0,
        changed: vec![SnapshotChange { rule, before: text.into(), now: "x".into() }],
        missing: Vec::new(),
    });
    record
}

#[test]
fn the_canary_sings_in_no_kind_of_report_in_any_form() {
    for form in CANARY_FORMS {
        assert_eq!(filled("").secrets.scan(form), 1, "the scan must know {form}");
        let record = filled(form);
        for (kind, text) in kinds(&record) {
            assert!(text.contains("redacted"), "{kind} shows nothing of {form}");
            assert_eq!(record.secrets.scan(&text), 0, "{form} in {kind}:\n{text}");
            assert!(!text.contains(form), "{form} in {kind}:\n{text}");
        }
        for (rule, text) in snapshots(&CleanRecord::new(record.clone())).expect("snapshots") {
            assert_eq!(record.secrets.scan(&text), 0, "{form} in the snapshot of {rule}:\n{text}");
        }
    }
}

#[test]
fn a_rendering_that_leaks_is_found_by_the_scan_in_every_kind() {
    // Without registered secrets a record is rendered unchanged: as if nothing were cleaned.
    let mut open = filled(CANARY);
    open.secrets = stspec_verdict::Redactor::default();
    for (kind, text) in kinds(&open) {
        assert!(
            filled("").secrets.scan(&text) > 0,
            "the scan misses the canary in {kind}:\n{text}"
        );
    }
}

/// Checks that a change shows in some rendering, and its secret in none.
#[track_caller]
fn check(change: impl Fn(&mut RunRecord, &str)) {
    let mut open = example::run();
    change(&mut open, "MARK");
    assert!(everything(&open).contains("MARK"), "the change must show somewhere");
    for secret in [SECRET.to_owned(), SECRET.replace('/', "%2F"), SECRET.replace('/', "\\/")] {
        let mut record = example::run();
        change(&mut record, &secret);
        let text = everything(&record);
        assert_eq!(record.secrets.scan(&text), 0, "a secret shows in\n{text}");
    }
}

#[test]
fn the_example_gives_a_secret_away_and_the_renderings_do_not() {
    let record = example::run();
    assert!(format!("{:?}", record.checks).contains(SECRET));
    assert_eq!(record.secrets.scan(&everything(&record)), 0);
    assert!(everything(&record).contains("leaked <redacted>"));
}

#[test]
fn a_secret_that_would_be_cut_in_two_leaves_no_half() {
    let fill = "x".repeat(285);
    let mut record = example::run();
    for check in &mut record.checks {
        check.observed = format!("{fill}{SECRET}");
    }
    assert!(!everything(&record).contains("wJalr"));
}

#[test]
fn the_words_of_checks_are_clean() {
    check(|record, text| record.checks[0].expected = text.into());
    check(|record, text| record.checks[0].observed = text.into());
    check(|record, text| record.checks[0].reason = Some(text.into()));
    check(|record, text| {
        let deviation =
            Deviation { path: "status".into(), expected: text.into(), observed: text.into() };
        record.checks[0].deviations = vec![deviation];
    });
}

#[test]
fn the_exchange_is_clean() {
    check(|record, text| {
        let exchange = record.checks[0].exchange.as_mut().expect("it was sent");
        exchange.request.params = vec![("X".into(), text.into())];
    });
    check(|record, text| {
        let exchange = record.checks[0].exchange.as_mut().expect("it was sent");
        exchange.answer = Answer::Missing(text.into());
    });
    let given = |body: fn(String) -> Document| {
        move |record: &mut RunRecord, text: &str| {
            let headers = vec![("location".to_owned(), text.to_owned())];
            let exchange = record.checks[0].exchange.as_mut().expect("it was sent");
            exchange.answer = Answer::Given { status: 200, headers, body: body(text.to_owned()) };
        }
    };
    check(given(|_| Document::Empty));
    check(given(Document::Text));
    check(given(|text| {
        let content = Tree::Map(vec![(text.clone(), Tree::List(vec![Tree::Text(text.clone())]))]);
        Document::Tree { root: text.clone(), namespace: Some(text), content }
    }));
}

#[test]
fn the_target_and_the_end_of_the_run_are_clean() {
    check(|record, text| record.target.endpoint = format!("http://user:{text}@127.0.0.1"));
    check(|record, text| record.end = End::Unreachable { reason: text.into() });
}
