//! What `stspec prove` says about a few faults; `.ci/run` proves all of them and compares the matrix with
//! `snapshots/proof.txt`.

use stspec::{library, prove};
use stspec_reference::Fault;

#[test]
fn a_fault_is_caught_by_the_rules_that_name_it_and_a_null_server_by_all_musts() {
    let library = library(None).expect("the shipped scenarios have no faults");
    let faults = [Fault::DurationMinimumOffByOne, Fault::NullEcho];
    let proof = prove(&library, &faults).expect("it runs");
    assert_eq!(proof.problems, Vec::<String>::new());
    let line = |wanted: &str| proof.matrix.lines().any(|line| line.contains(wanted));
    assert!(line("get-federation-token/duration/minimum"), "{}", proof.matrix);
    assert!(line("musts, none passes"), "{}", proof.matrix);
}
