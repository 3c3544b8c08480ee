//! `stspec catalog` at a terminal: what it prints and how it ends.

use std::fs;
use std::process::Output;

use crate::client::{check, run};

const CATALOG: &str = "\
catalog: GetFederationToken
says: What is known of the toll.
topics:
  - topic: The toll
    facts:
      - id: toll
        says: Crossing costs something.
        evidence: documented
        sources: [{model: \"GetFederationToken/input\", value: Toll}, {model: \"Toll/min\", value: 1}]
        rules: [toll/paid]
";

const RULE: &str = "\
rule: toll/paid
says: Who paid may cross.
level: observe
evidence: documented
sources: [{page: Toll, part: paying}]
scenarios:
  - name: cross
    steps:
      - {id: cross, as: root, call: sts.GetCallerIdentity, expect: {status: 200, result.Arn: {present: true}}}
";

const MODEL: &str = r#"{
    "operations": {"GetFederationToken": {"input": {"shape": "Toll"}}},
    "shapes": {"Toll": {"min": 1}}
}"#;

/// A folder of scenarios with this catalogue, one rule and a model beside them.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(catalog: &str, model: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("rules/toll")).expect("folders");
        fs::write(folder.path().join("rules/toll/paid.yaml"), RULE).expect("a rule");
        fs::write(folder.path().join("catalog.yaml"), catalog).expect("a catalogue");
        fs::write(folder.path().join("model.json"), model).expect("a model");
        Self(folder)
    }

    fn path(&self, file: &str) -> String {
        self.0.path().join(file).display().to_string()
    }

    fn stspec(&self, args: &[&str]) -> Output {
        let mut all = vec!["--scenarios", self.0.path().to_str().expect("a path")];
        all.extend(args);
        run(&all)
    }

    fn drift(&self) -> Output {
        self.stspec(&["catalog", "drift", "--model", &self.path("model.json")])
    }
}

#[test]
fn a_complete_catalogue_passes_also_when_strict() {
    let folder = Folder::new(CATALOG, MODEL);
    let words = ["toll/paid  observe  documented  1 check, 1 probe", "1 fact · 1 checked"];
    check(&folder.stspec(&["catalog", "coverage"]), 0, &words);
    check(&folder.stspec(&["catalog", "coverage", "--strict"]), 0, &words);
    check(&folder.stspec(&["lint"]), 0, &["no faults"]);
}

#[test]
fn a_gap_fails_when_strict_and_the_diagnostic_names_place_and_nearest_rule() {
    let folder = Folder::new(&CATALOG.replace("toll/paid", "toll/payd"), MODEL);
    let words = ["catalog.yaml:10:17", "did you mean `toll/paid`?", "toll names `toll/payd`"];
    check(&folder.stspec(&["catalog", "coverage"]), 0, &words);
    check(&folder.stspec(&["catalog", "coverage", "--strict"]), 1, &words);
    check(&folder.stspec(&["lint"]), 3, &words[..2]);
}

#[test]
fn a_rule_that_no_fact_names_fails_when_strict() {
    let excluded = CATALOG.replace("rules: [toll/paid]", "excluded: No request shows it.");
    let folder = Folder::new(&excluded, MODEL);
    let words = ["Rules that no fact names\n\n  toll/paid", "1 rule that no fact names"];
    check(&folder.stspec(&["catalog", "coverage"]), 0, &words);
    check(&folder.stspec(&["catalog", "coverage", "--strict"]), 1, &words);
}

#[test]
fn a_catalogue_with_faults_is_3_for_every_question() {
    let folder = Folder::new(&CATALOG.replace("evidence:", "evidnce:"), MODEL);
    let words = ["STS002", "catalog.yaml:8:9", "did you mean `evidence`?"];
    check(&folder.stspec(&["catalog", "coverage"]), 3, &words);
    check(&folder.drift(), 3, &words);
    check(&folder.stspec(&["lint"]), 3, &words);
    check(&folder.stspec(&["list", "rules"]), 3, &words);
}

#[test]
fn a_folder_without_a_catalogue_is_3() {
    let folder = Folder::new(CATALOG, MODEL);
    fs::remove_file(folder.path("catalog.yaml")).expect("a catalogue");
    check(&folder.stspec(&["catalog", "coverage"]), 3, &["catalog.yaml", "no catalogue of facts"]);
}

#[test]
fn a_catalogue_can_be_linted_by_itself() {
    let folder = Folder::new(&CATALOG.replace("toll/paid", "toll/payd"), MODEL);
    let draft = folder.path("draft.yaml");
    fs::copy(folder.path("catalog.yaml"), &draft).expect("a copy");
    check(&folder.stspec(&["lint", &draft]), 3, &["draft.yaml:10:17", "1 fault"]);
}

#[test]
fn a_model_without_drift_is_0_and_with_drift_1() {
    check(&Folder::new(CATALOG, MODEL).drift(), 0, &["2 values recorded · 0 new"]);
    let drifted = Folder::new(CATALOG, &MODEL.replace("\"min\": 1", "\"min\": 2, \"max\": 9"));
    let words = [
        "changed     Toll/min  `1` became `2`",
        "recorded by fact toll",
        "new         Toll/max  `9`",
    ];
    check(&drifted.drift(), 1, &words);
}

#[test]
fn a_file_that_is_no_model_is_3_with_what_to_do() {
    check(&Folder::new(CATALOG, "{").drift(), 3, &["model.json", "not JSON"]);
    check(&Folder::new(CATALOG, "{}").drift(), 3, &["`operations` and `shapes`"]);
    check(&Folder::new(CATALOG, "\u{1f}\u{8b}").drift(), 3, &["not JSON"]);
    let folder = Folder::new(CATALOG, MODEL);
    fs::write(folder.path("model.json"), [0x1f, 0x8b, 8, 0]).expect("a model");
    check(&folder.drift(), 3, &["gunzip"]);
    fs::remove_file(folder.path("model.json")).expect("a model");
    check(&folder.drift(), 3, &["model.json"]);
}

#[test]
fn questions_that_are_none_are_2() {
    check(&run(&["catalog"]), 2, &["coverage", "drift"]);
    check(&run(&["catalog", "drift"]), 2, &["--model"]);
    check(&run(&["catalog", "coverage", "--stict"]), 2, &["--strict"]);
}

#[test]
fn the_shipped_catalogue_has_a_matrix() {
    check(
        &run(&["catalog", "coverage"]),
        0,
        &["gft-name-max (observed)", "get-federation-token/name/maximum "],
    );
}

#[test]
fn the_shipped_catalogue_covers_every_fact_and_every_rule() {
    check(&run(&["catalog", "coverage", "--strict"]), 0, &[" 0 gaps · 0 rules that no fact names"]);
}
