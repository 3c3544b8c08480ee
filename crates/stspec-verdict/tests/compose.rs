//! How the judgements of a scenario's steps become verdicts: what company a probe needs.

use stspec_scenario::{Capability, Controls, Grade, Level, Name, Path, Role};
use stspec_verdict::{
    Deviation, Expects, Judgement, NotSent, ResolvedExpectation, ResolvedMatcher, ResolvedOutcome,
    StepOutcome, StepRun, StepVerdict, Verdict, compose, expects,
};

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn accepted() -> Judgement {
    Judgement::Accepted { grade: Grade::Ok }
}

fn lenient() -> Judgement {
    Judgement::Accepted { grade: Grade::Lenient }
}

fn deviating(path: &str) -> Judgement {
    let deviation = Deviation {
        path: path.into(),
        expected: "equal to `200`".into(),
        observed: "`403`".into(),
    };
    Judgement::Refused { deviations: vec![deviation] }
}

fn step(id: &str, role: Role, expects: Expects, judgements: &[Judgement]) -> StepRun {
    StepRun { step: name(id), role, expects, outcome: StepOutcome::Judged(judgements.to_vec()) }
}

fn control(judgement: Judgement) -> StepRun {
    step("mint", Role::Control, Expects::Acceptance, &[judgement])
}

fn denial(judgements: &[Judgement]) -> StepRun {
    step("denied", Role::Probe, Expects::Refusal, judgements)
}

fn not_sent(role: Role, reason: NotSent) -> StepRun {
    StepRun {
        step: name("skipped"),
        role,
        expects: Expects::Refusal,
        outcome: StepOutcome::NotSent(reason),
    }
}

fn verdicts(level: Level, company: Controls, steps: &[StepRun]) -> Vec<Verdict> {
    compose(level, company, &[], steps).iter().map(|each| each.verdict).collect()
}

#[track_caller]
fn check_steps(steps: &[StepRun], expected: &[Verdict]) {
    assert_eq!(verdicts(Level::Must, Controls::Steps, steps), expected);
}

#[track_caller]
fn check_table(steps: &[StepRun], expected: &[Verdict]) {
    assert_eq!(verdicts(Level::Must, Controls::Neighbours, steps), expected);
}

/// The verdict on the last of these steps.
#[track_caller]
fn last(level: Level, company: Controls, steps: &[StepRun]) -> StepVerdict {
    compose(level, company, &[], steps).pop().expect("a step")
}

#[track_caller]
fn check_reason(steps: &[StepRun], expected: &str) {
    assert_eq!(last(Level::Must, Controls::Steps, steps).reason.as_deref(), Some(expected));
}

#[test]
fn a_probe_passes_when_it_and_its_company_hold() {
    check_steps(&[control(accepted()), denial(&[accepted()])], &[Verdict::Pass, Verdict::Pass]);
}

/// The verdicts where the rule needs a target that enforces policies.
#[track_caller]
fn check_enforced(company: Controls, steps: &[StepRun], expected: &[Verdict]) {
    let requires = [Capability::S3, Capability::IamEnforcement];
    let found = compose(Level::Must, company, &requires, steps);
    assert_eq!(found.iter().map(|each| each.verdict).collect::<Vec<_>>(), expected);
}

#[test]
fn what_was_allowed_shows_nothing_where_all_denials_were_let_through() {
    let let_through = Judgement::Refused {
        deviations: vec![Deviation {
            path: "status".into(),
            expected: "equal to `403`".into(),
            observed: "`200`".into(),
        }],
    };
    let allowed = step("allowed", Role::Probe, Expects::Acceptance, &[accepted()]);
    let open = denial(&[let_through]);
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    for company in [Controls::Steps, Controls::Neighbours] {
        let steps = [allowed.clone(), open.clone(), open.clone()];
        check_enforced(company, &steps, &[Verdict::Inconclusive, fail, fail]);
        // One true denial shows that policies are looked at; so does one with the wrong status.
        let steps = [allowed.clone(), open.clone(), denial(&[accepted()])];
        check_enforced(company, &steps, &[pass, fail, pass]);
        let steps = [allowed.clone(), open.clone(), denial(&[deviating("status")])];
        check_enforced(company, &steps, &[pass, fail, fail]);
        // Where nothing is to be refused, nothing is missed.
        check_enforced(company, std::slice::from_ref(&allowed), &[pass]);
        assert_eq!(verdicts(Level::Must, company, &[allowed.clone(), open.clone()]), [pass, fail]);
    }
}

#[test]
fn a_probe_fails_when_it_deviates_in_good_company() {
    let steps = [control(accepted()), denial(&[deviating("status")])];
    check_steps(&steps, &[Verdict::Pass, Verdict::Fail]);
    assert_eq!(last(Level::Must, Controls::Steps, &steps).deviations.len(), 1);
}

#[test]
fn a_probe_without_its_company_is_inconclusive_whatever_was_answered() {
    for role in [Role::Control, Role::Liveness, Role::Contrast] {
        for judgement in [accepted(), deviating("status")] {
            let company = step("company", role, Expects::Acceptance, &[deviating("status")]);
            let both = [Verdict::Inconclusive; 2];
            check_steps(&[company.clone(), denial(std::slice::from_ref(&judgement))], &both);
            check_steps(&[denial(&[judgement]), company], &both);
        }
    }
}

#[test]
fn the_reason_names_the_step_that_was_missed_and_why() {
    check_reason(
        &[control(deviating("status")), denial(&[accepted()])],
        "control `mint` did not hold: status should be equal to `200` and was `403`",
    );
    let session = NotSent::Session { session: name("bare") };
    check_reason(
        &[not_sent(Role::Liveness, session), denial(&[accepted()])],
        "liveness `skipped` did not hold: not sent: session `bare` was never captured",
    );
}

#[test]
fn a_missed_probe_is_no_company_and_spoils_no_other() {
    let steps = [control(accepted()), denial(&[deviating("status")]), denial(&[accepted()])];
    check_steps(&steps, &[Verdict::Pass, Verdict::Fail, Verdict::Pass]);
}

#[test]
fn of_a_retried_control_the_last_answer_counts() {
    let retried = |judgements: &[Judgement]| {
        [step("mint", Role::Control, Expects::Acceptance, judgements), denial(&[accepted()])]
    };
    check_steps(&retried(&[deviating("status"), accepted()]), &[Verdict::Pass; 2]);
    check_steps(&retried(&[accepted(), deviating("status")]), &[Verdict::Inconclusive; 2]);
}

#[test]
fn a_step_without_a_judged_answer_is_inconclusive() {
    check_steps(&[control(accepted()), denial(&[])], &[Verdict::Pass, Verdict::Inconclusive]);
}

#[test]
fn a_held_probe_whose_answers_disagree_is_flaky() {
    let steps = |held: &[Judgement]| [control(accepted()), denial(held)];
    let flaky = steps(&[accepted(), deviating("status"), accepted()]);
    check_steps(&flaky, &[Verdict::Pass, Verdict::Flaky]);
    check_reason(&flaky, "1 of 3 answers deviate");
    check_steps(&steps(&[accepted(), accepted()]), &[Verdict::Pass; 2]);
    let all = [deviating("status"), deviating("error.code")];
    check_steps(&steps(&all), &[Verdict::Pass, Verdict::Fail]);
}

#[test]
fn a_lenient_outcome_passes_with_a_note() {
    for held in [vec![lenient()], vec![accepted(), lenient()]] {
        let verdict = last(Level::Must, Controls::Steps, &[control(accepted()), denial(&held)]);
        assert_eq!(verdict.verdict, Verdict::Pass);
        assert_eq!(verdict.grade, Some(Grade::Lenient));
        assert_eq!(
            verdict.reason.as_deref(),
            Some("accepted as lenient: the documentation leaves a choice")
        );
    }
}

#[test]
fn a_probe_that_was_not_sent_says_why() {
    let check = |reason: NotSent, verdict: Verdict, words: &str| {
        let got = last(Level::Must, Controls::Steps, &[not_sent(Role::Probe, reason)]);
        assert_eq!((got.verdict, got.reason.as_deref()), (verdict, Some(words)));
    };
    let account = name("federator");
    let reason = "CreateUser: 500".to_owned();
    check(
        NotSent::Session { session: name("bare") },
        Verdict::Inconclusive,
        "not sent: session `bare` was never captured",
    );
    check(
        NotSent::Value { reference: "${step.mint.result.X}".into() },
        Verdict::Inconclusive,
        "not sent: `${step.mint.result.X}` has no value",
    );
    check(
        NotSent::Provisioning { account, reason },
        Verdict::Inconclusive,
        "not sent: account `federator` could not be provisioned: CreateUser: 500",
    );
    check(
        NotSent::Capability(Capability::IamEnforcement),
        Verdict::Unsupported,
        "not sent: the target has no `iam.enforcement`",
    );
    check(
        NotSent::Principal { principal: "root".into() },
        Verdict::Unsupported,
        "not sent: the target has no `root`",
    );
    check(
        NotSent::RunEnded { reason: "interrupted".into() },
        Verdict::Inconclusive,
        "not sent: the run ended first: interrupted",
    );
    check(
        NotSent::Internal { reason: "no signer".into() },
        Verdict::Error,
        "not sent: a fault in stspec: no signer",
    );
}

#[test]
fn a_probe_whose_company_is_unsupported_is_unsupported_too() {
    let company = not_sent(Role::Contrast, NotSent::Capability(Capability::S3));
    check_steps(&[company, denial(&[accepted()])], &[Verdict::Unsupported; 2]);
}

#[test]
fn our_own_error_stays_an_error_and_spoils_the_probe() {
    let broken = not_sent(Role::Control, NotSent::Internal { reason: "bug".into() });
    check_steps(&[broken, denial(&[accepted()])], &[Verdict::Error, Verdict::Inconclusive]);
    let broken = not_sent(Role::Probe, NotSent::Internal { reason: "bug".into() });
    check_steps(&[control(deviating("status")), broken], &[Verdict::Inconclusive, Verdict::Error]);
}

#[test]
fn a_refusal_in_a_table_counts_once_a_neighbour_was_accepted() {
    let at = |judgement| step("at", Role::Probe, Expects::Acceptance, &[judgement]);
    check_table(&[denial(&[accepted()]), at(accepted())], &[Verdict::Pass; 2]);
    let refused = at(deviating("status"));
    check_table(&[denial(&[accepted()]), refused], &[Verdict::Inconclusive, Verdict::Fail]);
}

#[test]
fn a_neighbour_with_the_right_status_is_company_even_if_its_body_is_wrong() {
    let at = step("at", Role::Probe, Expects::Acceptance, &[deviating("result.Credentials")]);
    check_table(&[denial(&[accepted()]), at], &[Verdict::Pass, Verdict::Fail]);
}

#[test]
fn a_neighbour_that_was_never_answered_is_no_company() {
    for judgement in [deviating("answer"), deviating("expect")] {
        let at = step("at", Role::Probe, Expects::Acceptance, &[judgement]);
        check_table(&[denial(&[accepted()]), at], &[Verdict::Inconclusive, Verdict::Fail]);
    }
    let unsent = StepRun {
        expects: Expects::Acceptance,
        ..not_sent(Role::Probe, NotSent::Session { session: name("bare") })
    };
    check_table(&[denial(&[accepted()]), unsent], &[Verdict::Inconclusive; 2]);
}

#[test]
fn two_refusals_do_not_vouch_for_each_other() {
    check_table(&[denial(&[accepted()]), denial(&[accepted()])], &[Verdict::Inconclusive; 2]);
}

#[test]
fn a_refusal_that_is_wrong_fails_without_a_neighbour_too() {
    check_table(&[denial(&[deviating("error.code")])], &[Verdict::Fail]);
}

#[test]
fn an_acceptance_in_a_table_stands_by_itself() {
    check_table(&[step("at", Role::Probe, Expects::Acceptance, &[accepted()])], &[Verdict::Pass]);
}

#[test]
fn probes_of_an_observe_rule_are_observed_whatever_was_answered() {
    for judgement in [accepted(), deviating("status")] {
        let steps = [control(accepted()), denial(&[judgement])];
        let expected = [Verdict::Pass, Verdict::Observed];
        assert_eq!(verdicts(Level::Observe, Controls::Steps, &steps), expected);
    }
}

#[test]
fn an_observe_rule_without_its_company_is_observed_with_the_reason() {
    let steps = [control(deviating("status")), denial(&[accepted()])];
    let verdict = last(Level::Observe, Controls::Steps, &steps);
    assert_eq!(verdict.verdict, Verdict::Observed);
    assert!(verdict.reason.is_some_and(|reason| reason.contains("`mint` did not hold")));
}

#[test]
fn a_probe_of_an_observe_rule_that_was_not_sent_is_not_observed() {
    let steps = [not_sent(Role::Probe, NotSent::Capability(Capability::S3))];
    assert_eq!(verdicts(Level::Observe, Controls::Steps, &steps), [Verdict::Unsupported]);
}

#[track_caller]
fn check_expects(path: &str, matcher: ResolvedMatcher, expected: Expects) {
    let path = Path::parse(path).expect("a path");
    let expectations = vec![ResolvedExpectation { path, matcher }];
    assert_eq!(expects(&[ResolvedOutcome { grade: Grade::Ok, expectations }]), expected);
}

#[test]
fn a_status_from_400_on_is_a_refusal() {
    let eq = |status: &str| ResolvedMatcher::Eq(status.into());
    check_expects("status", eq("200"), Expects::Acceptance);
    check_expects("status", eq("302"), Expects::Acceptance);
    check_expects("status", eq("400"), Expects::Refusal);
    let either = ResolvedMatcher::In(vec!["200".into(), "403".into()]);
    check_expects("status", either, Expects::Refusal);
    check_expects("status", ResolvedMatcher::Gte(400), Expects::Refusal);
    check_expects("status", ResolvedMatcher::Lt(400), Expects::Acceptance);
}

#[test]
fn an_error_code_is_a_refusal_unless_it_is_to_be_absent() {
    let code = ResolvedMatcher::Eq("AccessDenied".into());
    check_expects("error.code", code, Expects::Refusal);
    check_expects("error.code", ResolvedMatcher::Absent, Expects::Acceptance);
    check_expects("result.Account", ResolvedMatcher::Present, Expects::Acceptance);
}

fn broken() -> NotSent {
    NotSent::Broken {
        capability: Capability::IamUsers,
        reason: "iam.CreateUser answered 501".to_owned(),
    }
}

#[test]
fn what_is_declared_and_does_not_work_fails_the_probes_and_no_other_step() {
    let steps = [not_sent(Role::Control, broken()), not_sent(Role::Probe, broken())];
    check_steps(&steps, &[Verdict::Inconclusive, Verdict::Fail]);
    check_table(&steps, &[Verdict::Inconclusive, Verdict::Fail]);
    check_reason(
        &steps,
        "not sent: `iam.users` is declared and does not work: iam.CreateUser answered 501",
    );
}

#[test]
fn a_probe_beside_a_step_that_found_something_broken_fails_as_well() {
    let steps = [not_sent(Role::Control, broken()), denial(&[accepted()])];
    check_steps(&steps, &[Verdict::Inconclusive, Verdict::Fail]);
}

#[test]
fn what_is_only_observed_does_not_fail_where_something_is_broken() {
    let steps = [not_sent(Role::Control, broken()), not_sent(Role::Probe, broken())];
    let seen = verdicts(Level::Observe, Controls::Steps, &steps);
    assert_eq!(seen, [Verdict::Inconclusive, Verdict::Inconclusive]);
}

#[test]
fn throttling_to_the_end_shows_nothing() {
    let throttled = || NotSent::Throttled { reason: "sts answered Throttling for 58 s".to_owned() };
    let steps = [control(accepted()), not_sent(Role::Probe, throttled())];
    check_steps(&steps, &[Verdict::Pass, Verdict::Inconclusive]);
    check_reason(&steps, "not sent: sts answered Throttling for 58 s");
    let steps = [not_sent(Role::Control, throttled()), denial(&[accepted()])];
    check_steps(&steps, &[Verdict::Inconclusive, Verdict::Inconclusive]);
}
