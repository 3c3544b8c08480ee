//! `stspec explain`: the story of a rule, or the meaning of a diagnostic code.

use std::fmt::Write;
use std::path::Path;

use stspec_scenario::{Capability, Code, Rule, Scenario, Source, Step, Word};
use stspec_verdict::{ExitCode, describe_as_written};

use crate::error::Problem;
use crate::output;
use crate::scenarios::library;

/// Prints the story.
pub(crate) fn command(scenarios: Option<&Path>, subject: &str) -> Result<ExitCode, Problem> {
    if let Some(code) = Code::parse(subject) {
        output::data(&format!("{code}: {}\n\n{}\n", code.title(), code.explanation()));
        return Ok(ExitCode::Passed);
    }
    if let Some(number) = subject.strip_prefix("STS")
        && number.chars().all(|digit| digit.is_ascii_digit())
    {
        let last = Code::ALL.last().map_or("", |code| code.as_str());
        return Err(Problem::Usage(format!(
            "there is no code `{subject}`; they end with `{last}`"
        )));
    }
    let library = library(scenarios)?;
    let selected =
        library.select(&[subject]).map_err(|unknown| Problem::Usage(unknown.to_string()))?;
    match selected.as_slice() {
        [rule] => output::data(&story(rule)),
        several => {
            let ids: Vec<String> = several.iter().map(|rule| format!("  {}", rule.id)).collect();
            return Err(Problem::Usage(format!(
                "`{subject}` is several rules:\n{}",
                ids.join("\n")
            )));
        }
    }
    Ok(ExitCode::Passed)
}

fn story(rule: &Rule) -> String {
    let mut text = format!("{}\n{}\n\n", rule.id, rule.says);
    if let Some(note) = &rule.note {
        let _infallible = writeln!(text, "{note}\n");
    }
    let _infallible = writeln!(text, "level     {}, {}", rule.level.word(), rule.evidence.word());
    for (position, source) in rule.sources.iter().enumerate() {
        let label = if position == 0 { "sources" } else { "" };
        let _infallible = writeln!(text, "{label:<8}  {}", source_line(source));
    }
    if let Some(since) = rule.since {
        let _infallible = writeln!(text, "since     {since}");
    }
    if let Some(until) = rule.until {
        let _infallible = writeln!(text, "until     {until}");
    }
    if !rule.requires.is_empty() {
        let words: Vec<&str> =
            rule.requires.iter().map(|capability: &Capability| capability.word()).collect();
        let _infallible = writeln!(text, "requires  {}", words.join(", "));
    }
    let _infallible = writeln!(text, "faults    {}", rule.faults.join(", "));
    for scenario in &rule.scenarios {
        describe_scenario(&mut text, scenario);
    }
    text
}

fn describe_scenario(text: &mut String, scenario: &Scenario) {
    let account =
        scenario.account.as_ref().map(|name| format!(", account `{name}`")).unwrap_or_default();
    let _infallible = writeln!(text, "\n{}{account}", scenario.name);
    let width = scenario.steps.iter().map(|step| step.id.as_str().len()).max().unwrap_or(0);
    for step in &scenario.steps {
        let _infallible =
            writeln!(text, "  {:<width$}  {:<8}  {}", step.id, step.role.word(), call_line(step));
    }
}

fn call_line(step: &Step) -> String {
    format!(
        "{} calls {}, expects {}",
        step.principal,
        step.call,
        describe_as_written(&step.outcomes)
    )
}

fn source_line(source: &Source) -> String {
    match source {
        Source::Page { page, part } => format!("AWS page {page}: {part}"),
        Source::Model { path, value } => format!("service model {path} = {value}"),
        Source::Observed { by, when: Some(when) } => format!("observed by {by}, {when}"),
        Source::Observed { by, when: None } => format!("observed by {by}"),
        Source::Manual { manual, part } => {
            format!("manual of the {manual} SDK: docs/evidence/sdk-manuals.md, {part}")
        }
    }
}
