//! The shipped load profiles against the embedded reference: shortened in time, and otherwise as they are.

use jiff::civil::Date;
use stspec::{REVISION_DEFAULT, default_target, library, reference};
use stspec_load::{LoadOptions, LoadRun};
use stspec_reference::{Fault, Faults};
use stspec_runner::Clock;
use stspec_scenario::{Knee, LoadShape, Open, Profile, Rate, Stage};
use stspec_verdict::Verdict;

/// As many turns as there are in one round of any shipped mix, several times over.
const TURNS: u32 = 120;

/// A profile that ends after a number of turns, or of rates.
fn shortened(profile: &Profile) -> Profile {
    let shape = match &profile.shape {
        LoadShape::Users(_) => LoadShape::Users(vec![Stage { to: 6, over_ms: 0, hold_ms: 0 }]),
        LoadShape::Rate(rate) => {
            let stages = vec![Stage { to: 200, over_ms: 0, hold_ms: 1_000 }];
            LoadShape::Rate(Rate { stages, open: Open { connections: 6, ..rate.open } })
        }
        LoadShape::Knee(knee) => {
            LoadShape::Knee(Knee { from: 50, to: 100, hold_ms: 400, refine: 1, ..*knee })
        }
    };
    let is_search = matches!(shape, LoadShape::Knee(_));
    let requests = (!is_search).then_some(TURNS);
    Profile { shape, requests, warm_up_ms: 0, ..profile.clone() }
}

/// Runs a shortened profile against the reference with these faults.
async fn run(name: &str, faults: &[&str]) -> LoadRun {
    let library = library(None).expect("the shipped scenarios have no faults");
    let profile = shortened(library.profile(name).expect("a shipped profile"));
    let target = default_target(&library).expect("the reference");
    let faults = faults.iter().map(|name| name.parse::<Fault>().expect("a fault of the reference"));
    let revision: Date = REVISION_DEFAULT.parse().expect("a date");
    let (chosen, server) =
        reference(target, faults.collect::<Faults>(), revision).await.expect("a server");
    let options = LoadOptions::default();
    let cancel = tokio_util::sync::CancellationToken::new();
    let run =
        stspec_load::run(&library, &profile, chosen.connect, Clock::system(), &options, cancel)
            .await;
    server.stop().await;
    run.expect("the load can be made")
}

/// Checks what comes of a profile under faults, and gives the examples of what was wrong.
async fn check(name: &str, faults: &[&str], verdict: Verdict) -> String {
    let LoadRun { record, leaks, .. } = run(name, faults).await;
    let examples: Vec<String> =
        record.calls.iter().flat_map(|call| call.wrong_examples.clone()).collect();
    // What takes time is not judged here: machines are shared.
    let judged: Vec<_> =
        record.calls.iter().map(|call| (&call.id, call.counted, call.uncounted)).collect();
    let wrong = record.totals().counts.wrong + record.uncounted().wrong;
    let found = if wrong > 0 { Verdict::Fail } else { Verdict::Pass };
    assert_eq!(found, verdict, "{name}: {judged:?} {examples:?}");
    assert_eq!(record.totals().counts.errors, 0, "{name}: {judged:?}");
    assert_eq!((leaks.len(), record.resources.leaked), (0, 0));
    let unsent =
        |call: &&stspec_measure::CallLoad| call.counted.requests + call.uncounted.requests == 0;
    let unsent: Vec<_> = record.calls.iter().filter(unsent).map(|call| &call.id).collect();
    assert!(verdict == Verdict::Fail || unsent.is_empty(), "{name} never sent {unsent:?}");
    examples.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shipped_profile_finds_the_reference_right() {
    let library = library(None).expect("the shipped scenarios have no faults");
    for profile in library.profiles() {
        check(profile.name.as_str(), &[], Verdict::Pass).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_expiration_is_noticed_under_load() {
    let examples = check("steady", &["expiration-too-late"], Verdict::Fail).await;
    assert!(
        examples.contains("result.Credentials.Expiration: expected 900s after Date"),
        "{examples}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_too_many_powers_is_noticed_under_load() {
    let examples = check("refusals", &["no-policy-inherits-issuer"], Verdict::Fail).await;
    assert!(examples.contains("status: expected equal to `403`, observed `200`"), "{examples}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_policy_that_is_ignored_is_noticed_under_load() {
    check("mint-and-use", &["session-policy-ignored"], Verdict::Fail).await;
}

/// Checks that a command line is refused with these words before anything is sent.
#[track_caller]
fn check_refused(arguments: &[&str], words: &str) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_stspec"))
        .arg("load")
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "AKIANOBODYNOBODYNOBO")
        .env("AWS_SECRET_ACCESS_KEY", "nobody")
        .output()
        .expect("stspec starts");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.code() == Some(2) && said.contains(words), "{said}");
}

#[test]
fn load_on_aws_has_to_be_asked_for_by_name() {
    let aws = ["smoke", "--target", "aws", "--allow-account", "123456789012"];
    check_refused(&aws, "`--i-know-this-costs` sends it");
    check_refused(&["smoke", "--target", "aws", "--i-know-this-costs"], "allow");
    let open =
        ["soak", "--target", "aws", "--allow-account", "123456789012", "--i-know-this-costs"];
    check_refused(&open, "asks for 200 turns a second, and 5 are allowed here");
}

#[test]
fn what_can_not_be_loaded_is_refused() {
    check_refused(&["smok"], "there is no profile `smok`; there is");
    check_refused(&["soak", "--max-rate", "10"], "raise --max-rate or choose another profile");
    let many = ["smoke", "--against", "reference", "--rounds", "3", "--max-requests", "5"];
    check_refused(&many, "5 turns are allowed for 6 loads");
    check_refused(&["smoke", "--report", "xml=a"], "`xml` is no kind of report");
    check_refused(&["smoke", "--report", "json=/nowhere/a"], "can't be written");
    check_refused(
        &["smoke", "--against", "moto", "--report", "html=/tmp/x"],
        "whose only report is json",
    );
}
