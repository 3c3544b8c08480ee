//! The engine says nothing: what a run prints is the command line's choice.

use std::process::Command;

use crate::server::Server;
use crate::{MIX, run};

#[tokio::test]
#[ignore = "its output is looked at by `a_run_prints_nothing`, in a process of its own"]
async fn child() {
    run(MIX, Server::default()).await.0.unwrap();
}

#[test]
fn a_run_prints_nothing() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "silence::child", "--ignored", "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().filter(|line| !line.is_empty()).collect();
    let [running, test, result] = lines.as_slice() else { panic!("more was printed:\n{printed}") };
    assert_eq!((*running, *test), ("running 1 test", "test silence::child ... ok"));
    assert!(result.starts_with("test result: ok. 1 passed;"), "{result}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
