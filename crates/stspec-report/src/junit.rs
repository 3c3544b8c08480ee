//! The report for build servers that show tests: XML in the way of `JUnit`.

use std::fmt::Write as _;

use stspec_scenario::Level;
use stspec_verdict::{
    BaselineFinding, CheckRecord, End, RuleRecord, RunRecord, Verdict, exit_code,
};

use crate::markup::escape;
use crate::redaction;
use crate::text::long_line;
use crate::words::{facts, repeat, rule_file, seconds};

/// Renders one test case for each check: the rule is its class, scenario and step are its name.
///
/// What ends a run with 1 is a failure, our own mistakes are errors; what was not shown, and what a
/// baseline lists, is skipped with its reason. What no check can say, as that the target went away, is a
/// case of its own, so that a run that ends badly never shows as green.
#[must_use]
pub fn junit(record: &RunRecord) -> String {
    let record = redaction::clean(record);
    let mut cases: Vec<Case> = record.checks.iter().map(|check| case(check, &record)).collect();
    cases.extend(unattached(&record));
    let count = |kind: &str| cases.iter().filter(|case| case.kind() == Some(kind)).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
        cases.len(),
        count("failure"),
        count("error"),
        count("skipped"),
        seconds(record.duration_us),
    );
    let name = escape(&format!("stspec on {}", record.target.name));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string never fails.
    let _ = writeln!(text, "<testsuites name=\"stspec\" {counts}>");
    let started = record.started.strftime("%Y-%m-%dT%H:%M:%S");
    let _ = writeln!(text, "  <testsuite name=\"{name}\" {counts} timestamp=\"{started}\">");
    text.push_str(&properties(&record));
    text.extend(cases.iter().map(written));
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// A test case.
struct Case {
    class: String,
    name: String,
    file: Option<String>,
    duration_us: u64,
    outcome: Outcome,
    said: String,
}

/// What a build server makes of a check.
enum Outcome {
    Passed,
    /// `failure`, `error` or `skipped`, with a type, a message in one line and the whole story.
    Other {
        kind: &'static str,
        of: &'static str,
        message: String,
        story: String,
    },
}

impl Case {
    fn kind(&self) -> Option<&'static str> {
        match &self.outcome {
            Outcome::Passed => None,
            Outcome::Other { kind, .. } => Some(kind),
        }
    }
}

fn properties(record: &RunRecord) -> String {
    let exit = exit_code(record);
    let revision = record.revision.map(|date| date.to_string());
    let pairs = [
        ("run", Some(record.run.clone())),
        ("target", Some(record.target.name.clone())),
        ("endpoint", Some(record.target.endpoint.clone())),
        ("revision", revision),
        ("baseline", record.baseline.as_ref().map(|baseline| baseline.file.clone())),
        ("snapshots_changed", record.snapshots.as_ref().map(|seen| seen.changed.len().to_string())),
        ("exit_code", Some(exit.code().to_string())),
    ];
    let lines = pairs.into_iter().filter_map(|(name, value)| {
        let value = escape(&long_line(&value?));
        Some(format!("      <property name=\"{name}\" value=\"{value}\"/>\n"))
    });
    format!("    <properties>\n{}    </properties>\n", lines.collect::<String>())
}

fn case(check: &CheckRecord, record: &RunRecord) -> Case {
    let mut said = vec![
        format!("verdict   {}", check.verdict),
        format!("level     {}", check.level),
        format!("role      {}", check.role),
    ];
    if !check.expected.is_empty() {
        said.push(format!("expects   {}", long_line(&check.expected)));
    }
    said.extend(
        facts(check).iter().map(|(label, value)| format!("{label:<9} {}", long_line(value))),
    );
    said.push(format!("repeat    {}", long_line(&repeat(&check.rule, record))));
    Case {
        class: check.rule.to_string(),
        name: check.id.within_rule().to_owned(),
        file: Some(rule_file(&check.rule)),
        duration_us: check.duration_us,
        outcome: outcome(check, record),
        said: said.join("\n"),
    }
}

/// What a check comes to, in the light of what the comparison with a baseline says about it.
fn outcome(check: &CheckRecord, record: &RunRecord) -> Outcome {
    let rule = record.rules.iter().find(|rule| rule.id == check.rule);
    let other = |kind, message: &str| Outcome::Other {
        kind,
        of: check.verdict.word(),
        message: long_line(message),
        story: story(check, rule),
    };
    let found = findings(record).find(|finding| finding.check == check.id.to_string());
    if let Some(finding) = found.filter(|_| check.verdict != Verdict::Error) {
        return other("failure", &format!("{}: {}", finding.kind.word(), finding.says));
    }
    let reason = check.reason.as_deref().unwrap_or(&check.observed);
    match check.verdict {
        Verdict::Error => other("error", reason),
        Verdict::Fail | Verdict::Flaky | Verdict::Changed if check.level != Level::Observe => {
            other("failure", &format!("{}: {}", check.verdict, failure(check)))
        }
        Verdict::Pass | Verdict::Observed | Verdict::Fixed => Outcome::Passed,
        _ => other("skipped", &format!("{}: {reason}", check.verdict)),
    }
}

/// The first thing that is wrong.
fn failure(check: &CheckRecord) -> String {
    check.deviations.first().map_or_else(
        || check.observed.clone(),
        |each| format!("expected {} {}, observed {}", each.path, each.expected, each.observed),
    )
}

fn story(check: &CheckRecord, rule: Option<&RuleRecord>) -> String {
    let says = rule.map(|rule| format!("says      {}\n", long_line(&rule.says)));
    let lines = facts(check);
    let lines = lines.iter().map(|(label, value)| format!("{label:<9} {}\n", long_line(value)));
    says.into_iter().chain(lines).collect()
}

fn findings(record: &RunRecord) -> impl Iterator<Item = &BaselineFinding> {
    record.baseline.iter().flat_map(|baseline| &baseline.findings)
}

/// What is wrong with the run and belongs to no check of it.
fn unattached(record: &RunRecord) -> Vec<Case> {
    let case = |class: &str, name: &str, of: &'static str, message: String| Case {
        class: class.to_owned(),
        name: name.to_owned(),
        file: None,
        duration_us: 0,
        outcome: Outcome::Other { kind: "failure", of, story: message.clone(), message },
        said: String::new(),
    };
    let checks: Vec<String> = record.checks.iter().map(|check| check.id.to_string()).collect();
    let mut cases: Vec<Case> = findings(record)
        .filter(|finding| !checks.contains(&finding.check))
        .map(|finding| {
            case("baseline", &finding.check, finding.kind.word(), long_line(&finding.says))
        })
        .collect();
    match &record.end {
        End::Complete => {}
        End::Interrupted => cases.push(case("run", "end", "interrupted", "interrupted".into())),
        End::Unreachable { reason } => {
            cases.push(case("run", "end", "unreachable", long_line(reason)));
        }
    }
    if record.resources.leaked > 0 {
        let left = format!("{} resources were left on the target", record.resources.leaked);
        cases.push(case("run", "resources", "leaked", left));
    }
    if let Some(seen) = record.snapshots.as_ref().filter(|seen| seen.must_match) {
        let changed = seen.changed.iter().map(|change| (&change.rule, "looks otherwise"));
        let missing = seen.missing.iter().map(|rule| (rule, "has no snapshot"));
        cases.extend(
            changed
                .chain(missing)
                .map(|(rule, what)| case("snapshots", rule.as_str(), "snapshot", what.to_owned())),
        );
    }
    cases
}

fn written(case: &Case) -> String {
    let Case { class, name, file, duration_us, outcome, said } = case;
    let file = file.as_ref().map(|file| format!(" file=\"{}\"", escape(file))).unwrap_or_default();
    let (class, name, time) = (escape(class), escape(name), seconds(*duration_us));
    let mut text =
        format!("    <testcase classname=\"{class}\" name=\"{name}\"{file} time=\"{time}\">\n");
    if let Outcome::Other { kind, of, message, story } = outcome {
        let (message, story) = (escape(message), content(story));
        // Writing to a string never fails; a skipped case has no type.
        let of = if *kind == "skipped" { String::new() } else { format!(" type=\"{of}\"") };
        let _ = writeln!(text, "      <{kind} message=\"{message}\"{of}>{story}</{kind}>");
    }
    if !said.is_empty() {
        let _ = writeln!(text, "      <system-out>{}</system-out>", content(said));
    }
    text.push_str("    </testcase>\n");
    text
}

/// Escapes lines that stay lines.
fn content(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}
