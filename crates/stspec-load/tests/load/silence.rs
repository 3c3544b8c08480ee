//! The engine says nothing: what a run prints is the command line's choice.

use std::process::Command;

use crate::server::Server;
use crate::{MIX, run};

/// Its output is looked at by `a_run_prints_nothing`, in a process of its own.
#[tokio::test]
async fn a_run() {
    run(MIX, Server::default()).await.0.unwrap();
}

#[test]
fn a_run_prints_nothing() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "silence::a_run", "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().filter(|line| !line.is_empty()).collect();
    let [running, test, result] = lines.as_slice() else { panic!("more was printed:\n{printed}") };
    assert_eq!((*running, *test), ("running 1 test", "test silence::a_run ... ok"));
    assert!(result.starts_with("test result: ok. 1 passed;"), "{result}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
