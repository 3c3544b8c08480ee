//! What GitHub Actions reads from the output of a step: annotations, and a guard around foreign text.

use stspec_scenario::Level;
use stspec_verdict::{CheckRecord, End, RuleRecord, RunRecord, Verdict, exit_code};

use crate::CleanRecord;
use crate::labels::{deviations, rule_file};
use crate::text::{counted, line};

/// Most annotations of one kind.
///
/// Source: GitHub's documentation of usage limits, annotations: 10 of a kind in a step and 50 in a job are
/// shown. The log shows the others, too.
const ANNOTATIONS_MAX: usize = 50;

/// Renders an annotation for each rule that makes a run fail, at its file, and for what else does.
#[must_use]
pub fn annotations(record: &CleanRecord) -> String {
    let wrong: Vec<&RuleRecord> = record.rules.iter().filter(|rule| is_wrong(rule)).collect();
    let mut text: String =
        wrong.iter().take(ANNOTATIONS_MAX).map(|rule| annotation(rule, record)).collect();
    let others = wrong.len().saturating_sub(ANNOTATIONS_MAX);
    if others > 0 {
        let others = counted(others, "more rule is", "more rules are");
        text.push_str(&command("error", &[], &format!("{others} not as they should be")));
    }
    text.push_str(&unattached(record));
    text
}

/// Puts a text between commands that keep GitHub from reading commands in it. The word must be one that
/// the author of the text could not guess.
#[must_use]
pub fn guarded(text: &str, word: &str) -> String {
    format!("::stop-commands::{word}\n{}\n::{word}::\n", text.trim_end_matches('\n'))
}

fn is_wrong(rule: &RuleRecord) -> bool {
    match rule.verdict {
        Verdict::Fail | Verdict::Flaky | Verdict::Changed => rule.level != Level::Observe,
        Verdict::Inconclusive => rule.level == Level::Must,
        verdict => verdict == Verdict::Error,
    }
}

fn annotation(rule: &RuleRecord, record: &RunRecord) -> String {
    let own = |check: &&CheckRecord| check.rule == rule.id && check.verdict == rule.verdict;
    let checks: Vec<String> = record.checks.iter().filter(own).map(check_words).collect();
    let kind = if rule.verdict == Verdict::Inconclusive { "warning" } else { "error" };
    let title = format!("{} {}", rule.verdict, rule.id);
    let message = format!("{}\n{}", line(&rule.says), checks.join("\n"));
    command(kind, &[("file", &rule_file(&rule.id)), ("title", &title)], &message)
}

/// A check in a line: which, and what is wrong with it first.
fn check_words(check: &CheckRecord) -> String {
    let id = check.id.within_rule();
    let wrong = deviations(check).next().map_or_else(
        || check.reason.clone().unwrap_or_else(|| check.observed.clone()),
        |each| format!("expected {} {}, observed {}", each.path, each.expected, each.observed),
    );
    format!("{id}: {}", line(&wrong))
}

/// What is wrong with a run and belongs to no rule of it.
fn unattached(record: &RunRecord) -> String {
    let mut text = String::new();
    if let Some(baseline) = &record.baseline {
        for finding in baseline.findings.iter().take(ANNOTATIONS_MAX) {
            let message = format!("{}: {}", line(&finding.check), line(&finding.says));
            let title = format!("baseline: {}", finding.kind.word());
            text +=
                &command("error", &[("file", &line(&baseline.file)), ("title", &title)], &message);
        }
    }
    if let Some(seen) = record.snapshots.as_ref().filter(|seen| !seen.matches()) {
        let kind = if seen.must_match { "error" } else { "notice" };
        let (changed, missing) = (seen.changed.len(), seen.missing.len());
        let message = format!(
            "{changed} rules look otherwise than in {}, {missing} are not in it",
            line(&seen.folder)
        );
        text += &command(kind, &[("title", "snapshots")], &message);
    }
    if record.resources.leaked > 0 {
        let left = counted(
            usize::try_from(record.resources.leaked).unwrap_or(usize::MAX),
            "resource was",
            "resources were",
        );
        text +=
            &command("error", &[("title", "left behind")], &format!("{left} left on the target"));
    }
    match &record.end {
        End::Complete => {}
        End::Interrupted | End::Unreachable { .. } => {
            let why = match &record.end {
                End::Unreachable { reason } => line(reason),
                _ => exit_code(record).words().to_owned(),
            };
            text += &command("error", &[("title", "the run ended early")], &why);
        }
    }
    text
}

/// Writes one command.
///
/// Source: GitHub's documentation of workflow commands, and the escapes of `@actions/core`: `%` and line
/// ends everywhere, `:` and `,` in properties besides.
fn command(name: &str, properties: &[(&str, &str)], message: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| {
            let value = data(value).replace(':', "%3A").replace(',', "%2C");
            format!("{name}={value}")
        })
        .collect();
    let blank = if properties.is_empty() { "" } else { " " };
    format!("::{name}{blank}{}::{}\n", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_command_ends_it() {
        assert_eq!(
            command("error", &[("file", "a,b:c"), ("title", "100%\n")], "x::y,\r\nz %0A"),
            "::error file=a%2Cb%3Ac,title=100%25%0A::x::y,%0D%0Az %250A\n"
        );
        assert_eq!(command("error", &[], "x"), "::error::x\n");
    }

    #[test]
    fn commands_in_foreign_text_are_not_read() {
        let text = guarded("a\n::error::b\n", "word");
        assert_eq!(text, "::stop-commands::word\na\n::error::b\n::word::\n");
    }
}
