//! A run against an emulator with one rule of each kind, made from answers by way of the judge.

use stspec_report::CleanRecord;
use stspec_scenario::{
    Controls, Evidence, Grade, Level, Name, Path, Role, RuleId, ScenarioName, Source,
};
use stspec_verdict::{
    CheckId, CheckRecord, End, NamedValue, NotSent, Observation, Observed, Redaction, Redactor,
    Request, ResolvedExpectation, ResolvedMatcher, ResolvedOutcome, Resources, RuleRecord,
    RunRecord, StepOutcome, StepRun, TargetRecord, Throttled, compose, describe, expects,
    fingerprint, judge, normalise, rule_verdict,
};

/// A secret that one of the answers gives away.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// One step with what it expects and what came back.
struct Example {
    id: &'static str,
    role: Role,
    principal: &'static str,
    call: &'static str,
    params: &'static [(&'static str, &'static str)],
    outcomes: Vec<ResolvedOutcome>,
    came_back: Result<Observed, NotSent>,
}

pub(crate) fn run() -> RunRecord {
    let mut record = RunRecord {
        run: "7k2f".into(),
        target: TargetRecord {
            name: "emulator".into(),
            endpoint: "http://127.0.0.1:4566".into(),
            arguments: "--endpoint http://127.0.0.1:4566".into(),
        },
        started: "2026-11-21T20:00:00Z".parse().expect("a time"),
        duration_us: 1_234_567,
        revision: None,
        rules: Vec::new(),
        checks: Vec::new(),
        resources: Resources { created: 12, removed: 12, leaked: 0 },
        throttled: Throttled::default(),
        redaction: Redaction { registered: 1, hits: 0 },
        secrets: Redactor::default(),
        end: End::Complete,
        baseline: None,
        snapshots: None,
    };
    assert!(record.secrets.register(SECRET));
    add_request_id(&mut record);
    add_maximum(&mut record);
    add_no_session_policy(&mut record);
    add_root(&mut record);
    add_minimum(&mut record);
    add_plus(&mut record);
    record
}

fn add_maximum(record: &mut RunRecord) {
    let seconds = |id, params, came_back, outcomes| Example {
        id,
        role: Role::Probe,
        principal: "federator",
        call: "sts.GetFederationToken",
        params,
        outcomes,
        came_back: Ok(came_back),
    };
    let above = seconds(
        "above",
        &[("Name", "stspec"), ("DurationSeconds", "129601")],
        minted(129_601),
        vec![refusal("400", "ValidationError")],
    );
    let at = seconds(
        "at",
        &[("Name", "stspec"), ("DurationSeconds", "129600")],
        minted(129_600),
        vec![grant(129_600)],
    );
    add(
        record,
        rule(
            "get-federation-token/duration/maximum",
            "DurationSeconds above 129600 is refused; 129600 is accepted.",
            Level::Must,
        ),
        ("bounds", Controls::Neighbours),
        vec![above, at],
    );
}

fn add_minimum(record: &mut RunRecord) {
    let below = Example {
        id: "below",
        role: Role::Probe,
        principal: "federator",
        call: "sts.GetFederationToken",
        params: &[("Name", "stspec"), ("DurationSeconds", "899")],
        outcomes: vec![refusal("400", "ValidationError")],
        came_back: Ok(refused(400, "ValidationError", "1 validation error detected: too small")),
    };
    let at = Example {
        id: "at",
        params: &[("Name", "stspec"), ("DurationSeconds", "900")],
        outcomes: vec![grant(900)],
        came_back: Ok(minted(900)),
        ..below_like()
    };
    add(
        record,
        rule(
            "get-federation-token/duration/minimum",
            "DurationSeconds below 900 is refused; 900 is accepted.",
            Level::Must,
        ),
        ("bounds", Controls::Neighbours),
        vec![below, at],
    );
}

/// What the neighbours of one table share.
fn below_like() -> Example {
    Example {
        id: "",
        role: Role::Probe,
        principal: "federator",
        call: "sts.GetFederationToken",
        params: &[],
        outcomes: Vec::new(),
        came_back: Ok(Observed::NoAnswer("not asked".into())),
    }
}

fn add_no_session_policy(record: &mut RunRecord) {
    let mint = Example {
        id: "mint",
        role: Role::Control,
        principal: "federator",
        call: "sts.GetFederationToken",
        params: &[("Name", "bare")],
        outcomes: vec![expect(Grade::Ok, &[("status", eq("200"))])],
        came_back: Ok(refused(403, "AccessDenied", "User is not\nauthorized to mint")),
    };
    let denied = Example {
        id: "denied",
        role: Role::Probe,
        principal: "session.bare",
        call: "s3.GetObject",
        params: &[("Key", "probe")],
        outcomes: vec![refusal("403", "AccessDenied")],
        came_back: Err(NotSent::Session { session: name("bare") }),
    };
    add(
        record,
        rule(
            "get-federation-token/permissions/no-session-policy",
            "Without a session policy the session may do nothing.",
            Level::Must,
        ),
        ("read an object", Controls::Steps),
        vec![mint, denied],
    );
}

fn add_root(record: &mut RunRecord) {
    let clamped = Example {
        id: "clamped",
        principal: "root",
        outcomes: vec![grant(3600)],
        came_back: Err(NotSent::Principal { principal: "root".into() }),
        ..below_like()
    };
    add(
        record,
        rule("get-federation-token/duration/root", "Root gets an hour at most.", Level::Must),
        ("hour", Controls::Neighbours),
        vec![clamped],
    );
}

fn add_plus(record: &mut RunRecord) {
    let plus = Example {
        id: "plus",
        params: &[("Name", "a+b")],
        outcomes: vec![grant(900), refusal_graded(Grade::Lenient, "400", "ValidationError")],
        came_back: Ok(refused(400, "ValidationError", "no plus")),
        ..below_like()
    };
    let control = Example {
        id: "plain",
        role: Role::Control,
        params: &[("Name", "ab")],
        outcomes: vec![expect(Grade::Ok, &[("status", eq("200"))])],
        came_back: Ok(minted(900)),
        ..below_like()
    };
    add(
        record,
        rule("get-federation-token/name/plus", "Name may hold a plus sign.", Level::Should),
        ("characters", Controls::Steps),
        vec![control, plus],
    );
}

fn add_request_id(record: &mut RunRecord) {
    let form = Example {
        id: "form",
        call: "sts.GetCallerIdentity",
        outcomes: vec![expect(Grade::Ok, &[("body.request_id", ResolvedMatcher::Present)])],
        came_back: Ok(refused(403, "InvalidClientTokenId", &format!("leaked {SECRET}"))),
        ..below_like()
    };
    add(
        record,
        rule("wire/request-id", "Which form a request id has.", Level::Observe),
        ("form", Controls::Steps),
        vec![form],
    );
}

/// Judges the steps of a scenario and records the rule with its checks, like the runner does.
fn add(
    record: &mut RunRecord,
    mut rule: RuleRecord,
    (scenario, company): (&str, Controls),
    examples: Vec<Example>,
) {
    let scenario = ScenarioName::parse(scenario).expect("a scenario's name");
    let steps: Vec<StepRun> = examples.iter().map(step_run).collect();
    let verdicts = compose(rule.level, company, &[], &steps);
    rule.verdict = rule_verdict(verdicts.iter().map(|verdict| verdict.verdict));
    for (example, verdict) in examples.into_iter().zip(verdicts) {
        let observed = example.came_back.as_ref().ok();
        let exchange = observed.map(|observed| normalise(&request(&example), observed, &values()));
        record.checks.push(CheckRecord {
            id: CheckId::new(&rule.id, &scenario, &name(example.id)),
            rule: rule.id.clone(),
            level: rule.level,
            role: example.role,
            verdict: verdict.verdict,
            expected: describe(&example.outcomes),
            observed: match &example.came_back {
                Ok(observed) => observed.summary(),
                Err(reason) => format!("not sent: {reason}"),
            },
            reason: verdict.reason,
            grade: verdict.grade,
            fingerprint: fingerprint(&verdict.deviations, &values()),
            deviations: verdict.deviations,
            duration_us: observed.map_or(0, Observed::duration_us),
            exchange,
        });
    }
    record.rules.push(rule);
}

fn step_run(example: &Example) -> StepRun {
    let outcome = match &example.came_back {
        Ok(observed) => StepOutcome::Judged(vec![judge(&example.outcomes, observed)]),
        Err(reason) => StepOutcome::NotSent(reason.clone()),
    };
    let expects = expects(&example.outcomes);
    StepRun { step: name(example.id), role: example.role, expects, outcome }
}

fn request(example: &Example) -> Request {
    let params = example.params.iter();
    Request {
        principal: example.principal.into(),
        call: example.call.into(),
        params: params.map(|(name, value)| ((*name).into(), (*value).into())).collect(),
    }
}

fn values() -> Vec<NamedValue> {
    vec![NamedValue::new("123456789012", "<account>")]
}

fn rule(id: &str, says: &str, level: Level) -> RuleRecord {
    RuleRecord {
        id: RuleId::parse(id).expect("a rule id"),
        says: says.into(),
        level,
        evidence: Evidence::Documented,
        sources: vec![Source::Page {
            page: "API_GetFederationToken".into(),
            part: "DurationSeconds".into(),
        }],
        verdict: stspec_verdict::Verdict::Inconclusive,
    }
}

fn expect(grade: Grade, expectations: &[(&str, ResolvedMatcher)]) -> ResolvedOutcome {
    let expectations = expectations
        .iter()
        .map(|(path, matcher)| ResolvedExpectation {
            path: Path::parse(path).expect("a path"),
            matcher: matcher.clone(),
        })
        .collect();
    ResolvedOutcome { grade, expectations }
}

fn eq(text: &str) -> ResolvedMatcher {
    ResolvedMatcher::Eq(text.into())
}

fn refusal(status: &str, code: &str) -> ResolvedOutcome {
    refusal_graded(Grade::Ok, status, code)
}

fn refusal_graded(grade: Grade, status: &str, code: &str) -> ResolvedOutcome {
    expect(grade, &[("status", eq(status)), ("error.code", eq(code))])
}

fn grant(seconds: i64) -> ResolvedOutcome {
    let expiry = ("result.Credentials.Expiration", ResolvedMatcher::ExpiresIn(seconds));
    expect(Grade::Ok, &[("status", eq("200")), expiry])
}

fn minted(seconds: i64) -> Observed {
    let start: i64 = 1_795_291_200;
    let expiry = start + seconds;
    answer(
        200,
        &format!(
            r#"{{"GetFederationTokenResponse": {{"GetFederationTokenResult": {{
                "Credentials": {{"AccessKeyId": "ASIAQWERTYUIOPASDFGH", "Expiration": {expiry}}},
                "FederatedUser": {{"Arn": "arn:aws:sts::123456789012:federated-user/stspec"}}}}}}}}"#
        ),
    )
}

fn refused(status: u16, code: &str, message: &str) -> Observed {
    answer(
        status,
        &format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
             <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ErrorResponse>"
        ),
    )
}

fn answer(status: u16, body: &str) -> Observed {
    let headers = [("Date", "Sat, 21 Nov 2026 20:00:00 GMT"), ("Content-Type", "text/xml")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Observed::Answer(Observation::new(status, headers, body.as_bytes(), 4_321))
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// A record as renderings take it.
pub(crate) fn clean(record: &RunRecord) -> CleanRecord {
    CleanRecord::new(record.clone())
}
