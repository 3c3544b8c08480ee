//! The matrix of facts and rules: each fact, the rules that check it, and the facts without a rule.

use std::fmt::Write as _;

use stspec_scenario::{Coverage, CoverageRow, FactStatus, Role, Rule};

use crate::text::counted;

/// Renders the catalogue's coverage: each fact with its rules or with the reason why it has none, by
/// topic; then the gaps, then the rules that no fact names, then the numbers.
#[must_use]
pub fn coverage_matrix(coverage: &Coverage<'_>) -> String {
    let mut text = String::new();
    let mut topic = None;
    let width = rule_width(coverage);
    for row in &coverage.rows {
        if topic != Some(row.topic) {
            topic = Some(row.topic);
            let _ = writeln!(text, "{}\n", row.topic);
        }
        push_row(&mut text, row, width);
    }
    push_gaps(&mut text, coverage);
    if !coverage.uncited.is_empty() {
        text.push_str("Rules that no fact names\n\n");
        for rule in &coverage.uncited {
            let _ = writeln!(text, "  {}", rule.id);
        }
        text.push('\n');
    }
    text + &totals(coverage)
}

fn rule_width(coverage: &Coverage<'_>) -> usize {
    let existing = coverage.rows.iter().flat_map(|row| &row.rules).map(|rule| &rule.id);
    let missing = coverage.rows.iter().flat_map(|row| &row.missing).copied();
    existing.chain(missing).map(|id| id.as_str().len()).max().unwrap_or_default()
}

fn push_row(text: &mut String, row: &CoverageRow<'_>, width: usize) {
    let fact = row.fact;
    // Writing to a string never fails.
    let _ = writeln!(text, "  {} ({}): {}", fact.id, fact.evidence, fact.says);
    for rule in &row.rules {
        let id = rule.id.as_str();
        let _ = writeln!(
            text,
            "    {id:<width$}  {:<7}  {:<10}  {}",
            rule.level,
            rule.evidence,
            checks(rule)
        );
    }
    for id in &row.missing {
        let _ = writeln!(text, "    {:<width$}  missing", id.as_str());
    }
    if let FactStatus::Excluded(reason) = &fact.status {
        let _ = writeln!(text, "    excluded: {reason}");
    }
    text.push('\n');
}

/// How many checks a rule has and how many of them are scored.
fn checks(rule: &Rule) -> String {
    let steps = || rule.scenarios.iter().flat_map(|scenario| &scenario.steps);
    let probes = steps().filter(|step| step.role == Role::Probe).count();
    format!(
        "{}, {}",
        counted(steps().count(), "check", "checks"),
        counted(probes, "probe", "probes")
    )
}

fn push_gaps(text: &mut String, coverage: &Coverage<'_>) {
    let mut gaps = coverage.gaps().peekable();
    if gaps.peek().is_none() {
        return;
    }
    text.push_str("Gaps\n\n");
    for row in gaps {
        let missing: Vec<String> = row.missing.iter().map(|id| format!("`{id}`")).collect();
        let _ = writeln!(text, "  {} names {}", row.fact.id, missing.join(", "));
    }
    text.push('\n');
}

fn totals(coverage: &Coverage<'_>) -> String {
    let facts = coverage.rows.len();
    let is_excluded = |row: &&CoverageRow<'_>| matches!(row.fact.status, FactStatus::Excluded(_));
    let excluded = coverage.rows.iter().filter(is_excluded).count();
    let gaps = coverage.gaps().count();
    let checked = facts - excluded - gaps;
    format!(
        "{} · {checked} checked · {excluded} excluded · {} · {} that no fact names\n",
        counted(facts, "fact", "facts"),
        counted(gaps, "gap", "gaps"),
        counted(coverage.uncited.len(), "rule", "rules"),
    )
}

#[cfg(test)]
mod tests {
    use stspec_scenario::{Library, ReadContext, coverage};

    use super::*;

    const RULE: &str = "\
rule: toll/paid
says: Who paid may cross.
level: observe
evidence: documented
sources: [{page: Toll, part: paying}]
scenarios:
  - name: cross
    steps:
      - {id: pay, role: control, as: root, call: sts.GetCallerIdentity, expect: {status: 200}}
      - {id: cross, as: root, call: sts.GetCallerIdentity, expect: {status: 200, result.Arn: {present: true}}}
";

    const CATALOG: &str = "\
catalog: GetCallerIdentity
says: What is known of the toll.
topics:
  - topic: The toll
    facts:
      - id: toll-paid
        says: Who paid may cross.
        evidence: documented
        sources: [{page: Toll, part: paying}]
        rules: [toll/paid, toll/unpaid]
      - id: toll-view
        says: The view is good.
        evidence: inferred
        sources: [{page: Toll, part: view}]
        excluded: No request shows it.
";

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &str) {
        let files = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        let (library, _) = Library::load(files, &ReadContext::default());
        let coverage = coverage(library.catalog().expect("a catalogue"), &library);
        assert_eq!(coverage_matrix(&coverage), expected);
    }

    #[test]
    fn each_fact_is_above_its_rules_and_gaps_and_unmentioned_rules_are_listed_again() {
        let other = RULE.replace("rule: toll/paid", "rule: toll/other");
        check(
            &[
                ("catalog.yaml", CATALOG),
                ("rules/toll/paid.yaml", RULE),
                ("rules/toll/other.yaml", &other),
            ],
            "\
The toll

  toll-paid (documented): Who paid may cross.
    toll/paid    observe  documented  2 checks, 1 probe
    toll/unpaid  missing

  toll-view (inferred): The view is good.
    excluded: No request shows it.

Gaps

  toll-paid names `toll/unpaid`

Rules that no fact names

  toll/other

2 facts · 0 checked · 1 excluded · 1 gap · 1 rule that no fact names
",
        );
    }

    #[test]
    fn a_complete_catalogue_has_neither_list() {
        let catalog = CATALOG.replace(", toll/unpaid", "");
        check(
            &[("catalog.yaml", &catalog), ("rules/toll/paid.yaml", RULE)],
            "\
The toll

  toll-paid (documented): Who paid may cross.
    toll/paid  observe  documented  2 checks, 1 probe

  toll-view (inferred): The view is good.
    excluded: No request shows it.

2 facts · 1 checked · 1 excluded · 0 gaps · 0 rules that no fact names
",
        );
    }
}
