//! What is done with the reports of loads, from the command line.

use std::fs;
use std::path::{Path, PathBuf};

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
