//! The catalogue of facts: how it is read, what it says of the rules, and what a model says of it.

#![allow(clippy::indexing_slicing, reason = "a missing element fails the test that looks for it")]

use stspec_scenario::{
    Change, ChangeKind, Code, Evidence, FactStatus, Library, ReadContext, RuleId, ServiceModel,
    Source, coverage, drift,
};

const CATALOG: &str = include_str!("fixtures/catalog.yaml");
const MODEL: &str = include_str!("fixtures/model.json");

/// A rule without an account.
const SHORT: &str = "\
rule: short
says: The answer names the caller.
level: observe
evidence: documented
sources: [{page: API_GetCallerIdentity, part: Arn}, {model: \"arnType/min\", value: 20}]
scenarios:
  - name: look
    steps:
      - {id: look, as: root, call: sts.GetCallerIdentity, expect: {status: 200, result.Arn: {present: true}}}
";

/// Everything that `MODEL` says and `CATALOG` does not.
const REST_OF_MODEL: [(&str, &str); 6] = [
    ("GetCallerIdentity/output", "Caller"),
    ("GetCallerIdentity/resultWrapper", "Wrapper"),
    ("GetCallerIdentity/errors", "Closed"),
    ("Caller/members/Arn", "arnType"),
    ("Closed/httpStatusCode", "403"),
    ("metadata/protocol", "query"),
];

fn load(catalog: &str, rules: &[(&str, &str)]) -> (Library, Vec<Code>) {
    let files = rules.iter().copied().chain([("scenarios/catalog.yaml", catalog)]);
    let files = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
    let (library, diagnostics) = Library::load(files, &ReadContext::default());
    (library, diagnostics.iter().map(|diagnostic| diagnostic.code).collect())
}

const SHORT_FILE: (&str, &str) = ("rules/short.yaml", SHORT);

fn rule_id(text: &str) -> RuleId {
    RuleId::parse(text).expect("a rule id")
}

#[test]
fn a_catalogue_becomes_the_facts_that_it_holds() {
    let (library, codes) = load(CATALOG, &[SHORT_FILE]);
    assert_eq!(codes, []);
    let catalog = library.catalog().expect("a catalogue");
    assert_eq!(catalog.operation, "GetCallerIdentity");
    assert_eq!(catalog.topics[0].title, "The answer");
    let facts: Vec<_> = catalog.facts().collect();
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[0].id.as_str(), "names-caller");
    assert_eq!(facts[0].says, "The answer has the caller's ARN.");
    assert_eq!(facts[0].evidence, Evidence::Documented);
    let model = Source::Model { path: "arnType/min".into(), value: "20".into() };
    assert_eq!(facts[0].sources[1], model);
    assert_eq!(facts[0].status, FactStatus::Checked(vec![rule_id("short")]));
    assert_eq!(facts[1].status, FactStatus::Excluded("Console behaviour.".into()));
}

#[test]
fn a_library_may_have_no_catalogue() {
    let files = [(SHORT_FILE.0.to_owned(), SHORT.to_owned())];
    assert_eq!(Library::load(files, &ReadContext::default()).0.catalog(), None);
}

#[test]
fn an_unknown_rule_is_a_warning_and_the_catalogue_loads() {
    let (library, codes) = load(CATALOG, &[]);
    assert_eq!(codes, [Code::UnknownRule]);
    assert!(library.catalog().is_some());
}

#[test]
fn an_unknown_rule_hides_no_account_that_nothing_uses() {
    let spare = ("accounts/spare.yaml", "account: spare\nsays: Nobody needs it.\n");
    assert_eq!(load(CATALOG, &[spare]).1, [Code::UnusedAccount, Code::UnknownRule]);
}

#[test]
fn a_catalogue_with_an_error_is_left_out_and_the_rules_stay() {
    let (library, codes) = load(&CATALOG.replace("console", "Console"), &[SHORT_FILE]);
    assert_eq!(codes, [Code::BadName]);
    assert_eq!(library.catalog(), None);
    assert_eq!(library.rules().len(), 1);
}

#[test]
fn a_rule_with_faults_of_its_own_exists_all_the_same() {
    let broken = SHORT.replace("observe", "obsrve");
    let (_, codes) = load(CATALOG, &[("rules/short.yaml", &broken)]);
    assert_eq!(codes, [Code::UnknownWord]);
}

#[test]
fn a_fact_is_checked_by_the_rules_that_exist() {
    let (library, _) = load(CATALOG, &[SHORT_FILE]);
    let coverage = coverage(library.catalog().expect("a catalogue"), &library);
    assert!(coverage.is_complete());
    assert_eq!(coverage.rows.len(), 2);
    assert_eq!(coverage.rows[0].topic, "The answer");
    assert_eq!(coverage.rows[0].rules, [&library.rules()[0]]);
    assert!(coverage.rows[1].rules.is_empty());
}

#[test]
fn a_fact_is_a_gap_though_one_of_its_rules_exists() {
    let (library, _) = load(&CATALOG.replace("[short]", "[short, long]"), &[SHORT_FILE]);
    let coverage = coverage(library.catalog().expect("a catalogue"), &library);
    let gaps: Vec<_> = coverage.gaps().collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].missing, [&rule_id("long")]);
    assert!(coverage.uncited.is_empty());
    assert!(!coverage.is_complete());
}

#[test]
fn a_rule_that_stands_for_no_fact_keeps_the_catalogue_incomplete() {
    let other = SHORT.replace("rule: short", "rule: other");
    let (library, _) = load(CATALOG, &[SHORT_FILE, ("rules/other.yaml", &other)]);
    let coverage = coverage(library.catalog().expect("a catalogue"), &library);
    assert_eq!(coverage.gaps().count(), 0);
    assert_eq!(coverage.uncited.len(), 1);
    assert_eq!(coverage.uncited[0].id, rule_id("other"));
    assert!(!coverage.is_complete());
}

/// What differs between the recorded values and `MODEL` after a change of either.
#[track_caller]
fn changes(catalog: (&str, &str), model: (&str, &str)) -> Vec<Change> {
    let sources = REST_OF_MODEL
        .map(|(path, value)| format!("          - {{model: {path}, value: {value}}}\n"))
        .concat();
    let rules = "        rules: [short]";
    let recorded = CATALOG.replace(rules, &format!("{sources}{rules}"));
    assert!(recorded.contains(catalog.0), "{}", catalog.0);
    assert!(MODEL.contains(model.0), "{}", model.0);
    let (library, codes) = load(&recorded.replace(catalog.0, catalog.1), &[SHORT_FILE]);
    assert_eq!(codes, []);
    let model = MODEL.replace(model.0, model.1);
    let model = ServiceModel::parse(model.as_bytes(), "GetCallerIdentity").expect("a model");
    let drift = drift(&library, &model);
    assert_eq!(drift.recorded, REST_OF_MODEL.len() + 1);
    drift.changes
}

const SAME: (&str, &str) = ("", "");

fn change(path: &str, kind: ChangeKind, recorded_by: &[&str]) -> Change {
    let recorded_by = recorded_by.iter().map(|&who| who.to_owned()).collect();
    Change { path: path.to_owned(), kind, recorded_by }
}

#[test]
fn a_model_that_says_what_was_recorded_has_not_drifted() {
    assert_eq!(changes(SAME, SAME), []);
}

#[test]
fn prose_and_other_operations_may_change() {
    assert_eq!(changes(SAME, ("prose of ours", "other prose")), []);
    assert_eq!(changes(SAME, ("Unlooked", "Another")), []);
}

#[test]
fn a_changed_value_names_the_facts_and_rules_that_recorded_it() {
    let kind = ChangeKind::Changed { recorded: "20".into(), found: "21".into() };
    let expected = change("arnType/min", kind, &["fact names-caller", "rule short"]);
    assert_eq!(changes(SAME, ("\"min\": 20", "\"min\": 21")), [expected]);
}

#[test]
fn two_recordings_of_one_value_that_disagree_are_told_apart() {
    let kind = ChangeKind::Changed { recorded: "19".into(), found: "20".into() };
    let expected = change("arnType/min", kind, &["fact names-caller"]);
    assert_eq!(
        changes(("\"arnType/min\", value: 20", "\"arnType/min\", value: 19"), SAME),
        [expected]
    );
}

#[test]
fn what_the_model_lost_is_gone() {
    let kind = ChangeKind::Gone { recorded: "403".into() };
    let expected = change("Closed/httpStatusCode", kind, &["fact names-caller"]);
    assert_eq!(changes(SAME, ("\"httpStatusCode\": 403", "")), [expected]);
}

#[test]
fn metadata_is_compared_where_it_is_recorded() {
    let kind = ChangeKind::Changed { recorded: "query".into(), found: "json".into() };
    let expected = change("metadata/protocol", kind, &["fact names-caller"]);
    assert_eq!(changes(SAME, ("\"query\"", "\"json\"")), [expected]);
}

#[test]
fn a_new_member_is_new_with_the_constraints_of_its_shape() {
    let member = ("\"members\": {", "\"members\": {\"Age\": {\"shape\": \"OtherRequest\"}, ");
    let expected = [
        change("Caller/members/Age", ChangeKind::New { found: "OtherRequest".into() }, &[]),
        change("OtherRequest/required", ChangeKind::New { found: "Unlooked".into() }, &[]),
    ];
    assert_eq!(changes(SAME, member), expected);
}

#[test]
fn a_member_that_is_marked_as_deprecated_is_told_so() {
    let marked = ("\"shape\": \"arnType\",", "\"shape\": \"arnType\", \"deprecated\": true,");
    let kind = ChangeKind::Deprecated { found: "true".into() };
    assert_eq!(changes(SAME, marked), [change("Caller/members/Arn/deprecated", kind, &[])]);
}
