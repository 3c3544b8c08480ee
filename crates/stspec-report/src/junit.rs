//! The report for build servers that show tests: XML in the format of `JUnit`.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use stspec_scenario::Level;
use stspec_verdict::{
    BaselineFinding, CheckRecord, End, RuleRecord, RunRecord, Verdict, exit_code,
};

use crate::CleanRecord;
use crate::labels::{facts, repeat, rule_file, seconds};
use crate::text::long_line;

/// Renders one test case for each check: the rule is its class, scenario and step are its name.
///
/// What ends a run with 1 is a failure, mistakes of stspec are errors; what was not shown, and what a
/// baseline lists, is skipped with its reason. What belongs to no check, for example that the target
/// became unreachable, is a case of its own, so that a run that ends badly never shows as green.
///
/// # Panics
///
/// Never: memory can always be written to, and the report is text.
#[must_use]
pub fn junit(record: &CleanRecord) -> String {
    let mut cases: Vec<Case> = record.checks.iter().map(|check| case(check, record)).collect();
    cases.extend(unattached(record));
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut xml, record, &cases).expect("memory can be written to");
    String::from_utf8(xml.into_inner()).expect("the report is text") + "\n"
}

type Xml = Writer<Vec<u8>>;

fn write(xml: &mut Xml, record: &RunRecord, cases: &[Case]) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counts(record, cases);
    let name = long_line(&format!("stspec on {}", record.target.name));
    let started = record.started.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let suites = xml.create_element("testsuites").with_attribute(("name", "stspec"));
    suites.with_attributes(attributes(&counts)).write_inner_content(|xml| {
        let suite = xml.create_element("testsuite").with_attribute(("name", name.as_str()));
        let suite = suite.with_attributes(attributes(&counts));
        suite.with_attribute(("timestamp", started.as_str())).write_inner_content(|xml| {
            write_properties(xml, record)?;
            cases.iter().try_for_each(|case| write_case(xml, case))
        })?;
        Ok(())
    })?;
    Ok(())
}

fn attributes<'a>(pairs: &'a [(&str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    pairs.iter().map(|(name, value)| (*name, value.as_str()))
}

fn counts(record: &RunRecord, cases: &[Case]) -> [(&'static str, String); 5] {
    let count = |kind: &str| cases.iter().filter(|case| case.kind() == Some(kind)).count();
    [
        ("tests", cases.len().to_string()),
        ("failures", count("failure").to_string()),
        ("errors", count("error").to_string()),
        ("skipped", count("skipped").to_string()),
        ("time", seconds(record.duration_us)),
    ]
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

/// How a build server shows a check.
enum Outcome {
    Passed,
    /// `failure`, `error` or `skipped`, with a type, a message in one line and the details.
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

fn write_properties(xml: &mut Xml, record: &RunRecord) -> io::Result<()> {
    let pairs = [
        ("run", Some(record.run.clone())),
        ("target", Some(record.target.name.clone())),
        ("endpoint", Some(record.target.endpoint.clone())),
        ("revision", record.revision.map(|date| date.to_string())),
        ("baseline", record.baseline.as_ref().map(|baseline| baseline.file.clone())),
        ("snapshots_changed", record.snapshots.as_ref().map(|seen| seen.changed.len().to_string())),
        ("exit_code", Some(exit_code(record).code().to_string())),
    ];
    xml.create_element("properties").write_inner_content(|xml| {
        for (name, value) in pairs {
            let Some(value) = value else { continue };
            let property = xml.create_element("property").with_attribute(("name", name));
            property.with_attribute(("value", long_line(&value).as_str())).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
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

/// The outcome of a check, which includes the comparison with a baseline.
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

/// What is wrong with the run and belongs to none of its checks.
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

fn write_case(xml: &mut Xml, case: &Case) -> io::Result<()> {
    let mut attributes =
        vec![("classname", long_line(&case.class)), ("name", long_line(&case.name))];
    attributes.extend(case.file.as_ref().map(|file| ("file", long_line(file))));
    attributes.push(("time", seconds(case.duration_us)));
    let element = xml.create_element("testcase").with_attributes(self::attributes(&attributes));
    element.write_inner_content(|xml| {
        if let Outcome::Other { kind, of, message, story } = &case.outcome {
            let element = xml.create_element(*kind).with_attribute(("message", message.as_str()));
            // A skipped case has no type.
            let of = (*kind != "skipped").then_some(("type", *of));
            element.with_attributes(of).write_text_content(lines(story))?;
        }
        if !case.said.is_empty() {
            xml.create_element("system-out").write_text_content(lines(&case.said))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Lines that are clean already; the last one has no line end.
fn lines(text: &str) -> BytesText<'_> {
    BytesText::new(text.trim_end_matches('\n'))
}
