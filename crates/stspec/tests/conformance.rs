//! Every rule on the embedded reference, one test each: it passes, and it looks as it did.
//!
//! A changed snapshot is reviewed with `cargo insta review`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use stspec::{REVISION_DEFAULT, Scope, check, default_target, library, reference, select};
use stspec_reference::Faults;
use stspec_scenario::RuleId;
use stspec_verdict::{RunRecord, Verdict};

/// The one run that all tests of this process look at.
static RECORD: OnceLock<RunRecord> = OnceLock::new();

fn main() {
    let arguments = Arguments::from_args();
    let library = Arc::new(library(None).expect("the shipped scenarios have no faults"));
    let trials = library.rules().iter().map(|rule| {
        let (id, library) = (rule.id.clone(), Arc::clone(&library));
        Trial::test(rule.id.to_string(), move || {
            holds(&id, RECORD.get_or_init(|| record(&library)))
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn record(library: &stspec_scenario::Library) -> RunRecord {
    let revision = REVISION_DEFAULT.parse().expect("a date");
    let rules = select(library, &[], revision).expect("rules");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let target = default_target(library).expect("the reference is described");
        let (chosen, server) = reference(target, Faults::none()).await.expect("it starts");
        let run =
            check(library, &rules, chosen, Scope { jobs: 8, revision }).await.expect("it runs");
        server.stop().await;
        assert_eq!(run.leaks, Vec::<String>::new(), "something was left behind");
        run.record
    })
}

fn holds(id: &RuleId, record: &RunRecord) -> Result<(), Failed> {
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
