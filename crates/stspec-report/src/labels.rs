//! The labels that all reports share: what was sent, expected and observed, the sources of a rule, and how
//! to repeat it.

use stspec_scenario::{Level, RuleId, Source};
use stspec_verdict::{CheckRecord, Deviation, RunRecord};

/// The path of a deviation that says that the rule expects nothing.
const NO_EXPECTATION: &str = "expect";

/// The request in one line, such as `sts.GetFederationToken as federator: Name=stspec`.
pub(crate) fn sent(check: &CheckRecord) -> Option<String> {
    let request = &check.exchange.as_ref()?.request;
    let params: Vec<String> =
        request.params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let colon = if params.is_empty() { "" } else { ":" };
    Some(format!("{} as {}{colon}{}", request.call, request.principal, params.concat()))
}

/// What is wrong with an answer. A missing expectation is not a deviation of a rule that only records.
pub(crate) fn deviations(check: &CheckRecord) -> impl Iterator<Item = &Deviation> {
    let records = check.level == Level::Observe;
    check.deviations.iter().filter(move |each| !(records && each.path == NO_EXPECTATION))
}

/// The details of a check that did not simply pass: labels with their values.
pub(crate) fn facts(check: &CheckRecord) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.extend(sent(check).map(|sent| ("sent", sent)));
    for deviation in deviations(check) {
        facts.push(("expected", format!("{} {}", deviation.path, deviation.expected)));
        facts.push(("observed", deviation.observed.clone()));
    }
    if check.exchange.is_some() {
        facts.push(("answered", check.observed.clone()));
    }
    facts.extend(check.reason.clone().map(|reason| ("because", reason)));
    facts
}

/// The source of a rule.
pub(crate) fn source_label(source: &Source) -> String {
    match source {
        Source::Page { page, part } => format!("AWS documentation: {page}, {part}"),
        Source::Model { path, value } => format!("service model: {path} is {value}"),
        Source::Observed { by, when: Some(when) } => format!("observed on AWS: {by}, {when}"),
        Source::Observed { by, when: None } => format!("observed on AWS: {by}"),
        Source::Manual { manual, part } => {
            format!("manual of the {manual} SDK: docs/evidence/sdk-manuals.md, {part}")
        }
    }
}

/// The file of a rule, as seen from the root of the repository.
pub(crate) fn rule_file(rule: &RuleId) -> String {
    format!("scenarios/rules/{rule}.yaml")
}

/// The command that checks a rule again on the same target.
pub(crate) fn repeat(rule: &RuleId, record: &RunRecord) -> String {
    let on = &record.target.arguments;
    if on.is_empty() { format!("stspec run {rule}") } else { format!("stspec run {rule} {on}") }
}

/// A duration for people: in milliseconds below a second, then in tenths of seconds.
pub(crate) fn took(duration_us: u64) -> String {
    if duration_us < 1_000_000 {
        return format!("{} ms", duration_us / 1_000);
    }
    let tenths = duration_us / 100_000;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A duration in seconds with all its digits, as machines read it.
pub(crate) fn seconds(duration_us: u64) -> String {
    format!("{}.{:06}", duration_us / 1_000_000, duration_us % 1_000_000)
}
