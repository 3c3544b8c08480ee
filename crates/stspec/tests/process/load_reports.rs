//! What is done with the reports of loads, from the command line.

use std::fs;
use std::path::{Path, PathBuf};

use stspec_measure::LoadRecord;
use stspec_report::load::{json, read};
use stspec_scenario::{Limit, Measure, Threshold};

use crate::client::{check, run};

/// The report of a short load of the embedded reference.
fn report(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    let to = format!("json={}", file.display());
    check(&run(&["load", "smoke", "--report", &to]), 0, &["verdict: pass"]);
    file
}

#[test]
fn reports_are_compared_and_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (report(folder.path(), "a.json"), report(folder.path(), "b.json"));
    let [a, b] = [&a, &b].map(|file| file.to_str().expect("a path in UTF-8"));

    // A smoke test is over long before there is anything to tell.
    check(&run(&["load", "compare", a, b]), 5, &["verdict: too little data to tell"]);
    check(&run(&["load", "compare", a, a]), 2, &["is given twice"]);
    check(&run(&["load", "compare", a]), 2, &["<AFTER>"]);
    check(&run(&["load", "compare", a, b, "--tolerance", "5"]), 2, &["write percent"]);
    check(&run(&["load", "compare", a, b, "--report", "html=x"]), 2, &["as JSON only"]);
    let comparison = folder.path().join("comparison.json");
    let to = format!("json={}", comparison.display());
    check(&run(&["load", "compare", a, b, "--report", &to]), 5, &["all calls"]);
    let text = fs::read_to_string(&comparison).expect("a comparison");
    assert!(text.contains("\"schema\": \"stspec/load-comparison/v1\""), "{text}");

    let alone = run(&["load", "merge", a]);
    assert_eq!(String::from_utf8_lossy(&alone.stdout), fs::read_to_string(a).expect("a report"));
    check(&run(&["load", "merge", a, a]), 2, &["is among the records twice"]);
    check(&run(&["load", "merge"]), 2, &["<FILE>"]);
}

/// The report of a load like that of another, as it would be with this change.
fn changed(file: &Path, name: &str, change: impl FnOnce(&mut LoadRecord)) -> PathBuf {
    let text = fs::read_to_string(file).expect("a report");
    let mut record = read(&text).expect("a report of a load");
    name.clone_into(&mut record.run);
    change(&mut record);
    let file = file.with_file_name(format!("{name}.json"));
    fs::write(&file, json(&record)).expect("written");
    file
}

#[test]
fn merging_shards_ends_as_one_load_would_have() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = report(folder.path(), "whole.json");
    let rate = |least| Threshold { measure: Measure::Rate, limit: Limit::AtLeast(least) };
    let part = |share: &str, least: u64| {
        let name = format!("{}-{least}", share.replace('/', "of"));
        changed(&whole, &name, |record| {
            record.share = share.parse().ok();
            record.thresholds.push(rate(least));
        })
    };
    let check = |parts: &[PathBuf], code: i32, words: &[&str]| {
        let mut args = vec!["load", "merge"];
        args.extend(parts.iter().map(|part| part.to_str().expect("a path in UTF-8")));
        let output = run(&args);
        check(&output, code, words);
        read(&String::from_utf8_lossy(&output.stdout)).expect("a report on stdout");
    };
    let (low, high) = (1, 1_000_000_000);
    check(&[part("0/2", low), part("1/2", low)], 0, &["kept   rate", "verdict: pass"]);
    check(&[part("0/2", high), part("1/2", high)], 8, &["missed rate", "verdict: fail"]);
    check(&[part("0/2", 1)], 5, &["interrupted", "verdict: inconclusive"]);
    let left = changed(&whole, "left", |record| record.resources.leaked = 1);
    check(&[left], 6, &["LEFT BEHIND on the target: 1"]);

    let out = folder.path().join("merged.json");
    let [out, whole] = [&out, &whole].map(|file| file.to_str().expect("a path in UTF-8"));
    let output = run(&["load", "merge", whole, "--out", out]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("verdict: pass"));
    assert_eq!(fs::read_to_string(out).expect("a report"), fs::read_to_string(whole).expect("one"));
}

#[test]
fn a_file_that_is_no_report_is_a_faulty_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let path = file.to_str().expect("a path in UTF-8");
    check(&run(&["load", "merge", path]), 3, &["report.json`: "]);
    fs::write(&file, "{\"schema\": \"stspec/report/v1\"}").expect("written");
    check(&run(&["load", "merge", path]), 3, &["a `stspec/report/v1`, not a `stspec/load/v1`"]);
    fs::write(&file, "{\"schema\": \"stspec/load/v1\"}").expect("written");
    check(&run(&["load", "compare", path, path]), 3, &["not a load report: missing field"]);
    fs::write(&file, [0xff]).expect("written");
    check(&run(&["load", "merge", path]), 3, &["UTF-8"]);
}
