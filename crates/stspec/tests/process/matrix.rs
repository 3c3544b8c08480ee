//! Reports of several targets side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::client::{check, ended, run, stspec};

/// The rule on which the targets differ.
const MINIMUM: &str = "get-federation-token/duration/minimum";

/// A report of the reference, and one of a target beside it that fails where the reference passes.
fn reports(folder: &Path) -> [PathBuf; 2] {
    let [one, two] = ["one.json", "two.json"].map(|name| folder.join(name));
    let to = format!("json={}", one.display());
    check(&run(&["run", "get-federation-token/duration", "--report", &to]), 0, &[]);
    let text = fs::read_to_string(&one).expect("a report");
    let mut report: Value = serde_json::from_str(&text).expect("JSON");
    let members = report.as_object_mut().expect("an object");
    let other = json!({"name": "other", "endpoint": "http://<b>|`x`&co"});
    members.insert("target".to_owned(), other);
    members.insert("exit_code".to_owned(), json!(1));
    let rules = members.get_mut("rules").and_then(Value::as_array_mut).expect("rules");
    let rule = rules.iter_mut().find(|rule| rule.get("id") == Some(&json!(MINIMUM)));
    *rule.and_then(|rule| rule.get_mut("verdict")).expect("the rule") = json!("fail");
    rules.remove(0);
    fs::write(&two, report.to_string()).expect("a file");
    [one, two]
}

fn matrix(reports: &[&Path], out: &Path) -> Output {
    ended(stspec(&["matrix"]).args(reports).arg("--out").arg(out))
}

#[test]
fn two_targets_stand_side_by_side_in_three_forms() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, two] = reports(folder.path());
    let out = folder.path().join("deep/out");
    let output = matrix(&[&two, &one], &out);
    let differing = "get-federation-token/duration/minimum: other fail, reference pass";
    check(&output, 0, &[differing, "2 targets, which differ on 1; see"]);
    let read = |name: &str| fs::read_to_string(out.join(name)).expect("a file");
    let json: Value = serde_json::from_str(&read("matrix.json")).expect("JSON");
    assert_eq!(json["schema"], "stspec/matrix/v1");
    let names: Vec<&str> = json["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|target| target["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["other", "reference"]);
    assert_eq!(json["targets"][0]["summary"]["must"]["fail"], 1);
    let rules = json["rules"].as_array().expect("rules");
    let differing: Vec<&Value> = rules.iter().filter(|rule| rule["differs"] == true).collect();
    assert_eq!(differing.len(), 1);
    assert_eq!(differing[0]["verdicts"], json!({"other": "fail", "reference": "pass"}));
    // The rule that was left out of one report.
    assert_eq!(rules[0]["verdicts"], json!({"reference": "pass"}));
    let page = read("index.html");
    assert_eq!(page.matches("<tr class=\"differs\">").count(), 1);
    assert_eq!(page.matches("<tr class=").count(), rules.len());
    assert_eq!(page.matches("verdict none").count(), 1);
    let markdown = read("matrix.md");
    assert!(markdown.contains("## Where targets differ: 1 rule\n"), "{markdown}");
    assert!(markdown.contains("| `get-federation-token/duration/minimum` | must | fail | pass |"));
    for text in [page, markdown] {
        assert!(!text.contains('%'), "a percentage");
    }
}

#[test]
fn what_a_report_says_is_escaped() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, two] = reports(folder.path());
    check(&matrix(&[&one, &two], folder.path()), 0, &[]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let page = read("index.html");
    assert!(page.contains("http://&lt;b&gt;|`x`&amp;co") && !page.contains("<b>"), "{page}");
    assert!(read("matrix.md").contains("| ``http://<b>\\|`x`&co`` |"), "{}", read("matrix.md"));
}

#[test]
fn what_cannot_be_put_side_by_side_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, _] = reports(folder.path());
    let out = folder.path().join("out");
    check(&matrix(&[&one, &one], &out), 2, &["a target called `reference`"]);
    let missing = folder.path().join("missing.json");
    check(&matrix(&[&one, &missing], &out), 3, &["missing.json"]);
    let other = folder.path().join("other.json");
    fs::write(&other, r#"{"schema": "other/v1"}"#).expect("a file");
    check(&matrix(&[&one, &other], &out), 3, &["other.json", "its schema is `other/v1`"]);
    check(&matrix(&[], &out), 2, &["RESULT.json"]);
    assert!(!out.exists());
}
