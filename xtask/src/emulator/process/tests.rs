use super::*;

fn deaf() -> Wishes {
    Wishes::default()
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// A server that is nothing but a script in a group of its own.
fn server(script: &str) -> Server {
    let child = start(shell(script).process_group(0)).expect("it starts");
    Server { child, log: PathBuf::new() }
}

#[track_caller]
fn check_code(script: &str, expected: u8) {
    let status = accompany(&mut shell(script), &deaf()).expect("it runs");
    assert_eq!(exit_code(status), ExitCode::from(expected));
}

#[test]
fn the_commands_exit_code_is_passed_on() {
    check_code("exit 0", 0);
    check_code("exit 7", 7);
    check_code("kill -TERM $$", 143);
}

#[test]
fn a_wish_to_end_reaches_the_command_which_may_clean_up() {
    let wishes = deaf();
    wishes.of_process.store(true, Ordering::Relaxed);
    let script = "trap 'exit 130' TERM; while :; do sleep 0.05; done";
    // The wish may come before the shell has set its trap, and then the signal ends it.
    let status = accompany(&mut shell(script), &wishes).expect("it runs");
    assert!(!status.success());
    assert!([Some(130), None].contains(&status.code()), "{status}");
}

#[test]
fn what_the_terminal_told_the_command_is_not_told_again() {
    let wishes = deaf();
    wishes.of_terminal.store(true, Ordering::Relaxed);
    let script = "trap 'exit 130' TERM; sleep 0.3; exit 9";
    let status = accompany(&mut shell(script), &wishes).expect("it runs");
    assert_eq!(status.code(), Some(9));
}

#[test]
fn a_wish_of_the_process_is_passed_on_after_one_of_the_terminal() {
    let wishes = deaf();
    wishes.of_terminal.store(true, Ordering::Relaxed);
    let of_process = Arc::clone(&wishes.of_process);
    let later = thread::spawn(move || {
        thread::sleep(10 * POLL);
        of_process.store(true, Ordering::Relaxed);
    });
    let status = accompany(&mut shell("exec sleep 30"), &wishes).expect("it runs");
    later.join().expect("it stored");
    assert_eq!(status.signal(), Some(15));
}

#[test]
fn all_of_a_servers_group_ends_with_it() {
    let server = server("sleep 20 & sleep 20 & wait");
    let group = format!("-{}", server.child.id());
    assert!(signal("0", &group));
    drop(server);
    assert!(!signal("0", &group));
}

#[test]
fn what_outlives_the_first_process_of_a_group_ends_too() {
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
