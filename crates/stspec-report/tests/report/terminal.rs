//! The terminal report in full.

use stspec_report::{Style, terminal};
use stspec_scenario::Level;
use stspec_verdict::{End, Verdict};

use crate::example::{self, clean};

const WHOLE: &str = include_str!("terminal.txt");

#[test]
fn a_whole_run_reads_like_this() {
    let text = terminal(&clean(&example::run()), Style::Plain);
    assert_eq!(text, WHOLE, "\n{text}");
}

/// Removes escape sequences, which all end in `m` here.
fn without_colour(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').map_or("", |(_, rest)| rest));
    first + &rest.collect::<String>()
}

#[test]
fn colour_changes_no_letter() {
    let colour = terminal(&clean(&example::run()), Style::Colour);
    assert!(colour.contains("\u{1b}["));
    assert_eq!(without_colour(&colour), terminal(&clean(&example::run()), Style::Plain));
}

#[test]
fn the_order_of_rules_in_the_record_does_not_matter() {
    let mut record = example::run();
    record.rules.reverse();
    assert_eq!(
        terminal(&clean(&record), Style::Plain),
        terminal(&clean(&example::run()), Style::Plain)
    );
}

#[track_caller]
fn check_line(change: impl FnOnce(&mut stspec_verdict::RunRecord), line: &str) {
    let mut record = example::run();
    assert!(
        !terminal(&clean(&record), Style::Plain).lines().any(|each| each == line),
        "nothing to show"
    );
    change(&mut record);
    let text = terminal(&clean(&record), Style::Plain);
    assert!(text.lines().any(|each| each == line), "no line `{line}` in\n{text}");
}

#[test]
fn a_run_is_repeated_on_the_target_that_it_had() {
    let command = "  repeat      stspec run get-federation-token/duration/maximum";
    check_line(|record| record.target.arguments.clear(), command);
    let named = format!("{command} --target emulator");
    check_line(|record| record.target.arguments = "--target emulator".into(), &named);
}

#[test]
fn what_was_left_behind_is_said_aloud() {
    let line = "created 12 · removed 11 · 1 LEFT BEHIND";
    let leak = |record: &mut stspec_verdict::RunRecord| {
        record.resources.removed = 11;
        record.resources.leaked = 1;
    };
    check_line(leak, line);
    check_line(leak, "exit 6: a resource or a secret leaked");
}

#[test]
fn a_secret_in_an_artefact_is_said_aloud() {
    check_line(|record| record.redaction.hits = 2, "secrets in artefacts: 2");
}

#[test]
fn a_run_that_ended_early_says_why() {
    let end = |reason: &str| End::Unreachable { reason: reason.into() };
    let line = "the run ended early: connection refused\\n(os error 111)";
    check_line(|record| record.end = end("connection refused\n(os error 111)"), line);
    check_line(|record| record.end = End::Interrupted, "the run was interrupted");
}

#[test]
fn levels_are_counted_apart_and_without_a_percentage() {
    let mut record = example::run();
    for rule in &mut record.rules {
        rule.level = Level::Should;
        rule.verdict = Verdict::Flaky;
    }
    let text = terminal(&clean(&record), Style::Plain);
    assert!(text.contains("should  0/6 · 6 flaky\n"), "{text}");
    assert!(!text.contains("must "), "no must rule is left\n{text}");
    assert!(!text.contains('%'));
}

#[test]
fn a_run_without_rules_says_that_nothing_was_selected() {
    let mut record = example::run();
    record.rules.clear();
    record.checks.clear();
    let text = terminal(&clean(&record), Style::Plain);
    assert!(text.ends_with("exit 2: nothing was selected\n"), "{text}");
}

#[test]
fn a_rule_that_expects_nothing_is_not_blamed_for_it() {
    let mut record = example::run();
    let deviation = |path: &str| stspec_verdict::Deviation {
        path: path.into(),
        expected: "an expectation in the rule".into(),
        observed: "none".into(),
    };
    for check in record.checks.iter_mut().filter(|check| check.level == Level::Observe) {
        check.deviations = vec![deviation("expect")];
    }
    assert!(!terminal(&clean(&record), Style::Plain).contains("an expectation in the rule"));
    for check in &mut record.checks {
        check.deviations = vec![deviation("status")];
    }
    assert!(terminal(&clean(&record), Style::Plain).contains("an expectation in the rule"));
}

#[test]
fn what_looks_otherwise_than_before_is_shown_line_by_line() {
    let text = terminal(&clean(&crate::kinds::compared()), Style::Plain);
    let shown = "\nseen otherwise than snapshots/emulator/get-federation-token/name/plus.snap\n  \
                 - status: 200\n  + status: 400\n    body: ''\n";
    assert!(text.contains(shown), "{text}");
    let line = "\nsnapshots snapshots/emulator · 4 as before · 1 changed · 1 not taken yet · \
                `stspec snapshot accept --endpoint http://127.0.0.1:4566` takes them\n";
    assert!(text.contains(line), "{text}");
    let colour = terminal(&clean(&crate::kinds::compared()), Style::Colour);
    assert!(colour.contains("\u{1b}[31m- status: 200"), "{colour}");
    assert_eq!(without_colour(&colour), text);
}
