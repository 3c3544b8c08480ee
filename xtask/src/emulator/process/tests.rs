use super::*;

fn no_signals() -> EndSignals {
    EndSignals::default()
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// A server that is a script in its own group.
fn server(script: &str) -> Server {
    let child = start(shell(script).process_group(0)).expect("it starts");
    Server { child, log: PathBuf::new() }
}

#[track_caller]
fn check_code(script: &str, expected: u8) {
    let status = accompany(&mut shell(script), &no_signals()).expect("it runs");
    assert_eq!(exit_code(status), ExitCode::from(expected));
}

#[test]
fn the_commands_exit_code_is_passed_on() {
    check_code("exit 0", 0);
    check_code("exit 7", 7);
    check_code("kill -TERM $$", 143);
}

#[test]
fn sigterm_reaches_the_command_which_may_clean_up() {
    let signals = no_signals();
    signals.of_process.store(true, Ordering::Relaxed);
    let script = "trap 'exit 130' TERM; while :; do sleep 0.05; done";
    // The signal may arrive before the shell has set its trap, and then it ends the shell.
    let status = accompany(&mut shell(script), &signals).expect("it runs");
    assert!(!status.success());
    assert!([Some(130), None].contains(&status.code()), "{status}");
}

#[test]
fn a_signal_of_the_terminal_is_not_sent_twice() {
    let signals = no_signals();
    signals.of_terminal.store(true, Ordering::Relaxed);
    let script = "trap 'exit 130' TERM; sleep 0.3; exit 9";
    let status = accompany(&mut shell(script), &signals).expect("it runs");
    assert_eq!(status.code(), Some(9));
}

#[test]
fn sigterm_is_passed_on_after_a_signal_of_the_terminal() {
    let signals = no_signals();
    signals.of_terminal.store(true, Ordering::Relaxed);
    let of_process = Arc::clone(&signals.of_process);
    let later = thread::spawn(move || {
        thread::sleep(10 * POLL);
        of_process.store(true, Ordering::Relaxed);
    });
    let status = accompany(&mut shell("exec sleep 30"), &signals).expect("it runs");
    later.join().expect("it stored");
    assert_eq!(status.signal(), Some(15));
}

#[test]
fn a_server_ends_with_its_whole_group() {
    let server = server("sleep 20 & sleep 20 & wait");
    let group = format!("-{}", server.child.id());
    assert!(signal("0", &group));
    drop(server);
    assert!(!signal("0", &group));
}

#[test]
fn processes_that_outlive_the_first_of_their_group_end_too() {
    let mut server = server("sleep 20 & exit 0");
    let group = format!("-{}", server.child.id());
    for _ in 0..END_POLLS {
        if server.ended().is_some() {
            break;
        }
        thread::sleep(POLL);
    }
    assert!(signal("0", &group), "the sleeper still sleeps");
    drop(server);
    assert!(!signal("0", &group));
}
