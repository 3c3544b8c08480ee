//! Runs that are killed, interrupted or kept from noting what they make, and what a sweep does about
//! it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Served, check, ended, stspec, text};

/// What decides when runs are killed.
const SEED: u64 = 0x5357_4545_5021;

/// How many runs are killed.
const KILLS: u32 = 10;

/// How many kills at least must leave something, so that there is something to sweep.
const KILLS_THAT_HURT_MIN: usize = 5;

/// Rules with shared accounts and with accounts of their own, buckets, policies, roles and users.
const RULES: [&str; 3] = [
    "get-federation-token/permissions",
    "get-federation-token/life",
    "get-federation-token/caller",
];

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_mins(1);

/// Things that resemble ours and are not.
fn foreign() -> Value {
    let policy = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::424242424242:root"}}]});
    json!({
        "account": "424242424242",
        "policies": [
            {"name": "stspec", "document": policy},
            {"name": "stspec-a1b2c3st-account-policy", "path": "/other/", "document": policy},
        ],
        "users": [
            {"name": "stspec-a1b2c3st-account-user", "inline_policies": {"all": policy},
                "access_keys": [{"id": "AKIASTSPECFOREIGNKEY", "secret": "foreign/secret"}]},
            {"name": "nearly", "path": "/stspecial/"},
            {"name": "runs-stspec", "path": "/stspec/"},
            {"name": "below", "path": "/other/stspec/"},
            {"name": "stspec"},
        ],
        "roles": [{"name": "stspec-a1b2c3st-account-role", "path": "/STSPEC/", "trust": trust}],
        "buckets": [
            {"name": "stspec", "objects": {"kept": {"text": "kept"}}},
            {"name": "stspec-data"},
            {"name": "stspec-website-logs"},
            // Eight letters, as a run id has, but not such as a run makes up.
            {"name": "stspec-snapshot-archive"},
            {"name": "my-stspec-a1b2c3st-bucket"},
            {"name": "stspeca1b2c3st-bucket"},
        ],
    })
}

/// As [`foreign`], and things that a run could have made, none of which any ledger tells of.
fn with_leftovers() -> Value {
    let mut seed = foreign();
    let policy = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let trust = seed.pointer("/roles/0/trust").expect("a trust policy").clone();
    let arn = "arn:aws:iam::424242424242:policy/stspec/stspec-a1b2c3st-account-left";
    let mut add = |kind: &str, entry| {
        let list = seed.get_mut(kind).and_then(Value::as_array_mut);
        list.expect("a list").push(entry);
    };
    add(
        "policies",
        json!({"name": "stspec-a1b2c3st-account-left", "path": "/stspec/", "document": policy}),
    );
    add(
        "users",
        json!({"name": "stspec-a1b2c3st-account-left", "path": "/stspec/",
        "boundary": arn, "attached": [arn], "inline_policies": {"all": policy},
        "access_keys": [{"id": "AKIASTSPECLEFTOVER01", "secret": "leftover/secret"}]}),
    );
    // More than a page of a listing holds.
    for number in 0..120 {
        add(
            "users",
            json!({"name": format!("stspec-a1b2c3st-many-{number}"), "path": "/stspec/deeper/"}),
        );
    }
    add(
        "roles",
        json!({"name": "stspec-a1b2c3st-account-left", "path": "/stspec/", "trust": trust,
        "inline_policies": {"all": policy}}),
    );
    add(
        "buckets",
        json!({"name": "stspec-a1b2c3st-account-left", "policy": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::stspec-a1b2c3st-account-left/*"}]},
        "objects": {"one": {"text": "1"}, "two": {"text": "2"}}}),
    );
    seed
}

fn serve(seed: &Value, folder: &Path) -> Served {
    let file = folder.join("seed.json");
    std::fs::write(&file, seed.to_string()).expect("a file");
    Served::start(&["--seed", file.to_str().expect("UTF-8")])
}

/// The ledgers in a folder.
fn ledgers(state: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(state) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect()
}

/// Waits until a ledger tells of at least so many lines.
#[track_caller]
fn wait_for_lines(state: &Path, lines_min: usize) {
    let deadline = now() + DEADLINE;
    loop {
        let text = ledgers(state).pop().and_then(|path| std::fs::read_to_string(path).ok());
        if text.is_some_and(|text| text.lines().count() >= lines_min) {
            return;
        }
        assert!(now() < deadline, "no run began");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for other processes")]
fn now() -> Instant {
    Instant::now()
}

fn start(served: &Served, rules: &[&str], state: &Path) -> Child {
    let args = [&["run", "--endpoint", served.endpoint()], rules].concat();
    let mut command = served.client(&args);
    command
        .env("STSPEC_STATE_DIR", state)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("stspec starts")
}

fn interrupt(process: &Child) {
    let killed = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
    assert!(killed.expect("kill starts").success());
}

#[test]
fn a_run_killed_at_any_moment_leaves_nothing_that_a_sweep_does_not_remove() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let served = serve(&foreign(), folder.path());
    let before = served.inventory();
    let whole = start(&served, &RULES, &state);
    wait_for_lines(&state, 0);
    let began = now();
    check(&whole.wait_with_output().expect("it ends"), 0, &[]);
    let lasts = now() - began;
    assert_eq!((served.inventory(), ledgers(&state).len()), (before.clone(), 0));
    let mut dice = fastrand::Rng::with_seed(SEED);
    let mut that_hurt = 0;
    for kill in 1..=KILLS {
        let moment = lasts.mul_f64(dice.f64());
        let mut run = start(&served, &RULES, &state);
        wait_for_lines(&state, 0);
        std::thread::sleep(moment);
        run.kill().expect("a process");
        run.wait().expect("it ended");
        let left = served.inventory().difference(&before).count();
        that_hurt += usize::from(left > 0);
        println!("seed {SEED:#x}, kill {kill} after {moment:?} of {lasts:?}: {left} things left");
        // By the name of the target and by what the ledger tells of it, in turn.
        let endpoint = ["--endpoint", served.endpoint()];
        let named: &[&str] = if kill % 2 == 0 { &endpoint } else { &[] };
        if left > 0 && kill < 3 {
            check(&served.ask(&[&["sweep"], named].concat(), &state), 6, &["found user"]);
        }
        check(&served.ask(&[&["sweep", "--execute"], named].concat(), &state), 0, &[]);
        assert_eq!((served.inventory(), ledgers(&state).len()), (before.clone(), 0));
        let next = ["run", "get-federation-token/duration/minimum", endpoint[0], endpoint[1]];
        check(&served.ask(&next, &state), 0, &["created"]);
        assert_eq!((served.inventory(), ledgers(&state).len()), (before.clone(), 0));
    }
    assert!(that_hurt >= KILLS_THAT_HURT_MIN, "only {that_hurt} of {KILLS} left something");
}

#[test]
fn a_sweep_finds_what_no_ledger_tells_of_and_touches_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let clean = serve(&foreign(), folder.path()).inventory();
    let served = serve(&with_leftovers(), folder.path());
    let before = served.inventory();
    assert!(before.len() > clean.len() + 120 && before.is_superset(&clean));
    let state = folder.path().join("state");
    let sweep = ["sweep", "--endpoint", served.endpoint()];
    let looked = served.ask(&sweep, &state);
    check(
        &looked,
        6,
        &[
            "found user `stspec-a1b2c3st-account-left`: it is named `stspec-RUN-…`, as runs name theirs, and below the path `/stspec/`",
            "found user `stspec-a1b2c3st-many-119`: it is named",
            "found role `stspec-a1b2c3st-account-left`: it is named",
            "found policy `arn:aws:iam::424242424242:policy/stspec/stspec-a1b2c3st-account-left`",
            "found bucket `stspec-a1b2c3st-account-left`: it is named `stspec-RUN-…`",
            "--execute` removes what is left",
        ],
    );
    assert_eq!(String::from_utf8_lossy(&looked.stdout).lines().count(), 124);
    assert_eq!(served.inventory(), before, "a sweep that only looks changed something");
    let swept = served.ask(&[&sweep[..], &["--execute"]].concat(), &state);
    check(&swept, 0, &["removed user `stspec-a1b2c3st-many-0`", "nothing of ours is left"]);
    assert_eq!(served.inventory(), clean);
    check(&served.ask(&sweep, &state), 0, &["nothing of ours is left"]);
}

#[test]
fn a_run_at_work_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let served = serve(&foreign(), folder.path());
    let before = served.inventory();
    // Stopped, so that it is still at work when the sweep has begun.
    let run = start(&served, &RULES, &state);
    wait_for_lines(&state, 60);
    let signal = |name: &str| {
        let args = [name.to_owned(), run.id().to_string()];
        assert!(Command::new("kill").args(args).status().expect("kill starts").success());
    };
    signal("-STOP");
    let at_work = served.inventory();
    let swept = served.ask(&["sweep", "--execute", "--endpoint", served.endpoint()], &state);
    // What was on its way when the run was stopped may have come since.
    let untouched = served.inventory().is_superset(&at_work);
    signal("-CONT");
    assert!(untouched, "a sweep took something from a run at work");
    check(&swept, 0, &["is still active: skipped"]);
    assert!(at_work.len() > before.len() + 10);
    check(&run.wait_with_output().expect("it ends"), 0, &[]);
    assert_eq!((served.inventory(), ledgers(&state).len()), (before, 0));
}

#[test]
fn a_second_interruption_leaves_the_rest_to_a_sweep_and_is_6() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let served = serve(&foreign(), folder.path());
    let before = served.inventory();
    let mut run = start(&served, &RULES, &state);
    let mut stdout = run.stdout.take().expect("stdout");
    // The report is read as it comes, as a full pipe would hold the run up.
    std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    wait_for_lines(&state, 60);
    interrupt(&run);
    let mut stderr = BufReader::new(run.stderr.take().expect("stderr"));
    let mut told = String::new();
    stderr.read_line(&mut told).expect("a line");
    assert!(told.starts_with("interrupted: cleaning up; press Ctrl-C again"), "{told}");
    interrupt(&run);
    for line in stderr.lines() {
        told = told + &line.expect("a line") + "\n";
    }
    assert_eq!(run.wait().expect("it ends").code(), Some(6), "{told}");
    assert!(
        told.contains("left on the target: ") && told.contains("cleaning up was cut short"),
        "{told}"
    );
    let remedy = format!("`stspec sweep --endpoint {} --ledger", served.endpoint());
    assert!(told.contains(&remedy), "{told}");
    assert!(served.inventory().len() > before.len());
    check(&served.ask(&["sweep", "--execute"], &state), 0, &["the ledger of run"]);
    assert_eq!((served.inventory(), ledgers(&state).len()), (before, 0));
}

#[test]
fn where_nothing_can_be_noted_nothing_is_made_and_it_is_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = serve(&foreign(), folder.path());
    let before = served.inventory();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let run = ["run", RULES[0], "--endpoint", served.endpoint()];
    check(&served.ask(&run, &file.join("below")), 2, &["can't be kept in", "--ledger"]);
    let load = ["load", "smoke", "--endpoint", served.endpoint()];
    check(&served.ask(&load, &file.join("below")), 2, &["can't be kept in", "--ledger"]);
    check(&served.ask(&["sweep"], &file), 2, &["can't be kept in"]);
    assert_eq!(served.inventory(), before);
}

#[test]
fn a_ledger_stays_while_its_target_is_away_or_of_another_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let served = serve(&foreign(), folder.path());
    let mut run = start(&served, &RULES, &state);
    wait_for_lines(&state, 20);
    run.kill().expect("a process");
    run.wait().expect("it ended");
    let address = served.endpoint().trim_start_matches("http://").to_owned();
    let mut sweep = served.client(&["sweep", "--execute"]);
    sweep.env("STSPEC_STATE_DIR", &state);
    drop(served);
    let path = ledgers(&state).pop().expect("a ledger");
    let delete = format!("delete its ledger `{}`", path.display());
    check(&ended(&mut sweep), 4, &["no STS answers", &delete]);
    let other = Served::start(&["--listen", &address, "--account", "111122223333"]);
    let refused = other.ask(&["sweep", "--execute"], &state);
    check(&refused, 6, &["is of account 424242424242", "not clean"]);
    assert!(!text(&refused).contains("removed "));
    drop(other);
    // The server begins anew: nothing that the ledger tells of is there any more.
    let fresh = Served::start(&["--listen", &address]);
    check(&fresh.ask(&["sweep"], &state), 0, &["is there any more"]);
    assert_eq!(ledgers(&state).len(), 1);
    check(&fresh.ask(&["sweep", "--execute"], &state), 0, &["nothing of ours is left"]);
    assert_eq!(ledgers(&state).len(), 0);
}

#[test]
fn the_embedded_reference_leaves_no_ledger_and_nothing_to_sweep() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = ["run", "get-federation-token/duration/minimum"];
    let state = folder.path();
    check(&ended(stspec(&run).env("STSPEC_STATE_DIR", state)), 0, &[]);
    assert!(ledgers(state).is_empty());
    let mut sweep = stspec(&["sweep", "--target", "reference"]);
    check(&ended(sweep.env("STSPEC_STATE_DIR", state)), 0, &["ends with its run"]);
}
