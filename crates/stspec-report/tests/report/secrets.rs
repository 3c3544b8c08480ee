//! No rendering holds a secret, whatever field it came in by.

use stspec_report::{Style, json, snapshot, terminal};
use stspec_verdict::{Answer, Deviation, Document, End, RunRecord, Tree};

use crate::example::{self, SECRET};

/// Everything that can be made of a record, in one text.
fn everything(record: &RunRecord) -> String {
    let mut text = terminal(record, Style::Plain);
    text.push_str(&json(record).to_string());
    for rule in &record.rules {
        text.push_str(&snapshot(record, &rule.id).expect("a snapshot"));
    }
    text
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
    check(|record, text| record.end = End::CredentialsRefused { reason: text.into() });
}
