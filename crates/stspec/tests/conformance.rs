//! Every rule on the embedded reference, one test each: it passes, and it looks as it did.
//!
//! A changed snapshot is reviewed with `cargo insta review`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use stspec::{Scope, by_revision, check, default_target, library, reference};
use stspec_reference::Faults;
use stspec_report::CleanRecord;
use stspec_scenario::RuleId;
use stspec_verdict::Verdict;

/// The runs that all tests of this process look at, one for each revision that rules need.
static RECORDS: OnceLock<Vec<CleanRecord>> = OnceLock::new();

fn main() {
    let arguments = Arguments::from_args();
    let library = Arc::new(library(None).expect("the shipped scenarios have no faults"));
    let trials = library.rules().iter().map(|rule| {
        let (id, library) = (rule.id.clone(), Arc::clone(&library));
        Trial::test(rule.id.to_string(), move || {
            holds(&id, RECORDS.get_or_init(|| records(&library)))
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn records(library: &stspec_scenario::Library) -> Vec<CleanRecord> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let target = default_target(library).expect("the reference is described");
    let revisions = by_revision(library).expect("revisions are dates");
    let records = revisions.into_iter().map(|(revision, rules)| {
        runtime.block_on(async {
            let started = reference(target, Faults::none(), revision).await;
            let (chosen, server) = started.expect("it starts");
            let run = check(library, &rules, chosen, patient(revision)).await.expect("it runs");
            server.stop().await;
            assert_eq!(run.leaks, Vec::<String>::new(), "something was left behind");
            CleanRecord::new(run.record)
        })
    });
    records.collect()
}

/// A scope in which a busy machine is no finding.
fn patient(revision: jiff::civil::Date) -> Scope {
    Scope { deadline: Duration::from_mins(1), ..Scope::quick(8, revision) }
}

fn holds(id: &RuleId, records: &[CleanRecord]) -> Result<(), Failed> {
    let own = |record: &&CleanRecord| record.rules.iter().any(|rule| rule.id == *id);
    let record = records.iter().find(own).ok_or("the rule was not run")?;
    let rule = record.rules.iter().find(|rule| rule.id == *id).ok_or("the rule was not run")?;
    if !matches!(rule.verdict, Verdict::Pass | Verdict::Observed) {
        let failing =
            record.checks.iter().filter(|check| check.rule == *id && check.verdict == rule.verdict);
        let lines: Vec<String> = failing
            .map(|check| {
                format!("{}: expected {}, observed {}", check.id, check.expected, check.observed)
            })
            .collect();
        return Err(format!("{}: {}", rule.verdict, lines.join("; ")).into());
    }
    let seen = stspec_report::snapshot(record, id)?;
    let place = snapshots().join(id.as_str());
    let (folder, name) = (place.parent().ok_or("no folder")?, place.file_name().ok_or("no name")?);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_string_lossy().into_owned(), seen));
    Ok(())
}

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/reference")
}
