//! The matrix of rules and faults: what `stspec prove` finds, as a snapshot.

use std::path::Path;

use stspec::{library, prove};
use stspec_reference::Fault;

#[test]
fn every_fault_is_caught_by_its_rules_and_by_no_other() {
    let library = library(None).expect("the shipped scenarios have no faults");
    let proof = prove(&library, Fault::ALL).expect("it runs");
    assert_eq!(proof.problems, Vec::<String>::new());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("proof", proof.matrix));
}
