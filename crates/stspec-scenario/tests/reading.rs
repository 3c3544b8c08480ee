//! Files without faults become the values they say.

#![allow(clippy::indexing_slicing, reason = "a missing element fails the test that looks for it")]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use stspec_scenario::{
    Bounds, Capability, Client, Controls, Evidence, Grade, KeyPair, Level, Library, Limit,
    LoadShape, Matcher, Measure, Member, Name, Open, Param, Part, Placeholder, PolicyName,
    Presence, Principal, ReadContext, Role, Rule, RuleId, SignatureLocation, SigningOptions,
    Source, Stage, Start, StartCredentials, Step, Target, TargetKind, Template, Token, Transport,
    WireOptions, template_for_new_rule,
};

const ACCOUNT: &str = include_str!("fixtures/account.yaml");
const FULL_ACCOUNT: &str = include_str!("fixtures/full-account.yaml");
const TABLE: &str = include_str!("fixtures/table.yaml");
const STEPS: &str = include_str!("fixtures/steps.yaml");
const TARGET: &str = include_str!("fixtures/target.yaml");
const PROFILE: &str = include_str!("fixtures/profile.yaml");

#[track_caller]
fn load(files: &[(&str, &str)]) -> Library {
    let known = ReadContext::with_faults(["lifetime-unchecked", "issuer-policy-inherited"]);
    let files = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    let (library, diagnostics) = Library::load(files, &known);
    assert_eq!(diagnostics, []);
    library
}

#[track_caller]
fn load_rule(file: &str, text: &str) -> Rule {
    let library = load(&[("accounts/minter.yaml", ACCOUNT), (file, text)]);
    library.rules().first().cloned().expect("the rule loads")
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn text(source: &str) -> Param {
    Param::Text(Template::parse(source).expect("a template"))
}

#[track_caller]
fn step<'r>(rule: &'r Rule, id: &str) -> &'r Step {
    rule.scenarios[0].steps.iter().find(|step| step.id.as_str() == id).expect("the step exists")
}

#[test]
fn the_head_of_a_rule_reads() {
    let rule = load_rule("scenarios/rules/mint/lifetime.yaml", TABLE);
    assert_eq!(rule.id.as_str(), "mint/lifetime");
    assert_eq!(rule.note.as_deref(), Some("Both sides of the boundary are tried."));
    assert_eq!((rule.level, rule.evidence), (Level::Must, Evidence::Documented));
    assert_eq!(rule.since.map(|date| date.to_string()).as_deref(), Some("2011-06-15"));
    assert_eq!(rule.until.map(|date| date.to_string()).as_deref(), Some("2031-01-01"));
    assert_eq!(rule.requires, [Capability::Sigv4]);
    assert_eq!(rule.faults, ["lifetime-unchecked"]);
    let model = Source::Model { path: "durationSecondsType/min".into(), value: "900".into() };
    assert_eq!(rule.sources[1], model);
    let observed = Source::Observed { by: "somebody, somewhere".into(), when: Some("2019".into()) };
    assert_eq!(rule.sources[2], observed);
    assert_eq!(
        rule.sources[3],
        Source::Manual { manual: "go".into(), part: "GO-DURATION-MINIMUM".into() }
    );
}

#[test]
fn cases_become_steps_over_what_the_table_shares() {
    let rule = load_rule("rules/mint/lifetime.yaml", TABLE);
    let scenario = &rule.scenarios[0];
    assert_eq!(scenario.controls, Controls::Neighbours);
    assert_eq!(scenario.name.slug(), "both-sides");
    assert_eq!(scenario.requires, [Capability::IamUsers]);
    assert_eq!(scenario.steps.len(), 3);

    let below = step(&rule, "below");
    assert_eq!(below.principal, Principal::User(name("minter")));
    assert_eq!((below.role, below.client, below.hold), (Role::Probe, Client::Raw, 2));
    assert_eq!(below.call.to_string(), "sts.GetFederationToken");
    let params = [("Name".to_owned(), text("stspec")), ("DurationSeconds".to_owned(), text("899"))];
    assert_eq!(below.params, params);
    assert_eq!(below.outcomes[0].expectations[0].path.to_string(), "status");
    let eq = |source| Matcher::Eq(Template::literal(source));
    assert_eq!(below.outcomes[0].expectations[0].matcher, eq("400"));
    assert_eq!(below.outcomes[0].expectations[1].matcher, eq("ValidationError"));
}

#[test]
fn a_case_adds_to_the_parameters_of_its_table() {
    let rule = load_rule("rules/mint/lifetime.yaml", TABLE);
    let at = step(&rule, "at");
    let names: Vec<&str> = at.params.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Name", "DurationSeconds", "Policy"]);
    let policy = Param::Json { value: json!({"Version": "2012-10-17"}), pad_to: Some(40) };
    assert_eq!(at.params[2].1, policy);
    assert_eq!(at.outcomes[0].expectations[1].matcher, Matcher::ExpiresIn(900));
}

#[test]
fn a_case_takes_away_and_replaces() {
    let rule = load_rule("rules/mint/lifetime.yaml", TABLE);
    let absent = step(&rule, "absent");
    assert_eq!(absent.params, [("DurationSeconds".to_owned(), text("1000"))]);
    assert_eq!(absent.principal, Principal::Root);
    let sign = SigningOptions {
        date_offset_seconds: -960,
        token: Token::Garbage,
        ..SigningOptions::default()
    };
    assert_eq!(absent.sign, sign);
    let send = WireOptions {
        method: Some("GET".into()),
        content_type: Some(None),
        ..WireOptions::default()
    };
    assert_eq!(absent.send, send);
    let grades: Vec<Grade> = absent.outcomes.iter().map(|outcome| outcome.grade).collect();
    assert_eq!(grades, [Grade::Ok, Grade::Lenient]);
    assert_eq!(absent.outcomes[1].expectations[1].matcher, Matcher::Absent);
}

#[test]
fn steps_read_with_their_parameters() {
    let rule = load_rule("rules/mint/no-policy.yaml", STEPS);
    assert_eq!(rule.scenarios[0].controls, Controls::Steps);
    let mint = step(&rule, "mint-scoped");
    assert_eq!(mint.role, Role::Control);
    assert_eq!(mint.session, Some(name("scoped")));
    let repeat = Param::Repeat { text: Template::literal("é"), times: 3 };
    let tag = Param::Struct(vec![("Key".to_owned(), text("a")), ("Value".to_owned(), repeat)]);
    assert_eq!(mint.params[2].1, Param::List(vec![tag]));
    assert_eq!(mint.params[3].1, Param::All(vec![Template::literal("1"), Template::literal("2")]));
    let Matcher::Ne(other) = &mint.outcomes[0].expectations[1].matcher else {
        panic!("{mint:?}");
    };
    let placeholder = Placeholder::SessionAccessKeyId(name("bare"));
    assert_eq!(other.parts(), [Part::Placeholder(placeholder)]);
    assert_eq!(step(&rule, "refused").principal, Principal::Session(name("bare")));
}

#[test]
fn an_account_reads_with_policies_as_they_stand() {
    let library = load(&[
        ("accounts/minter.yaml", ACCOUNT),
        ("profiles/smoke.yaml", PROFILE),
        ("rule.schema.json", "{}"),
    ]);
    let account = library.account(&name("minter")).expect("the account loads");
    assert_eq!(account.users[0].name, name("minter"));
    let (policy_name, policy) = &account.users[0].policies[0];
    assert_eq!(policy_name.as_str(), "all");
    assert_eq!(
        policy["Statement"][1]["Resource"],
        json!(["${shelf.arn}", "${shelf.arn}/${aws:userid}/*"])
    );
    let bucket = &account.buckets[0];
    assert_eq!(bucket.objects, [("probe".to_owned(), "some text".to_owned())]);
    let deny = &bucket.policy.as_ref().expect("a policy")["Statement"][0];
    let arn =
        Template::parse(deny["Principal"]["AWS"].as_str().expect("text")).expect("a template");
    let placeholder = Placeholder::Resource { name: name("minter"), member: Member::Arn };
    assert_eq!(arn.parts(), [Part::Placeholder(placeholder)]);
}

#[test]
fn an_account_reads_with_managed_policies_boundaries_tags_and_roles() {
    let library = load(&[("accounts/minter.yaml", FULL_ACCOUNT), ("profiles/smoke.yaml", PROFILE)]);
    let account = library.account(&name("minter")).expect("the account loads");
    let policies: Vec<&str> = account.policies.iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(policies, ["cap", "reader"]);
    assert_eq!(account.policies[1].document["Statement"], json!("${cap.arn} ${shelf}"));
    let user = &account.users[0];
    let arn = "arn:${target.partition}:iam::aws:policy/ReadOnlyAccess";
    let arn = PolicyName::Arn(Template::parse(arn).expect("a template"));
    assert_eq!(user.attach, [PolicyName::Own(name("reader")), arn]);
    assert_eq!(user.boundary, Some(PolicyName::Own(name("cap"))));
    let blue = Template::parse("blue-${run.id}").expect("a template");
    assert_eq!(user.tags, [("team".to_owned(), blue)]);
    assert_eq!(user.policies[0].1, json!({"Resource": "${worker.arn}"}));
    let role = &account.roles[0];
    assert_eq!(role.name, name("worker"));
    assert_eq!(role.trust, json!({"Principal": "${minter.arn}"}));
    assert_eq!(role.policies[0].0, name("inline"));
}

#[test]
fn a_fresh_scenario_and_its_administrator_read() {
    let admin = "      - {id: detach, role: control, as: admin, call: iam.DetachUserPolicy, params: {UserName: \"${minter.name}\"}, expect: {status: 200}}\n      - id: mint-scoped";
    let text = STEPS
        .replace("account: minter", "account: minter\n    fresh: true")
        .replace("      - id: mint-scoped", admin);
    let rule = load_rule("rules/mint/no-policy.yaml", &text);
    assert!(rule.scenarios[0].fresh);
    assert_eq!(step(&rule, "detach").principal, Principal::Admin);
    assert!(!load_rule("rules/mint/no-policy.yaml", STEPS).scenarios[0].fresh);
}

#[test]
fn a_profile_reads() {
    let library = load(&[("accounts/minter.yaml", ACCOUNT), ("profiles/smoke.yaml", PROFILE)]);
    let profile = library.profile("smoke").expect("the profile loads");
    assert_eq!((profile.shape.users(), profile.requests), (8, Some(400)));
    assert_eq!(profile.shape.duration_ms(), 0);
    let weights: Vec<u32> = profile.iterations.iter().map(|turn| turn.weight).collect();
    assert_eq!(weights, [3, 1]);
    let calls: Vec<_> = profile.calls().collect();
    assert_eq!(calls[1].principal, Principal::Root);
    assert_eq!(calls[0].expectations.len(), 2);
    let limits: Vec<_> = profile.thresholds.iter().map(|t| (t.measure, t.limit)).collect();
    let none_of = Limit::Count(0);
    assert_eq!(limits, [(Measure::Wrong, none_of), (Measure::Errors, none_of)]);
}

#[test]
fn a_profile_of_every_kind_of_key_reads() {
    let text = include_str!("fixtures/full-profile.yaml");
    let library = load(&[("accounts/minter.yaml", ACCOUNT), ("profiles/full.yaml", text)]);
    let profile = library.profile("full").expect("the profile loads");
    let LoadShape::Rate(rate) = &profile.shape else { panic!("{:?}", profile.shape) };
    let stages = [
        Stage { to: 500, over_ms: 1_500, hold_ms: 0 },
        Stage { to: 250, over_ms: 0, hold_ms: 60_000 },
    ];
    assert_eq!(rate.stages, stages);
    assert_eq!(rate.open, Open { connections: 7, give_up_ms: 250 });
    assert_eq!((profile.warm_up_ms, profile.seed), (2_000, 9));
    assert_eq!(profile.transport, Transport::AwsSdk);
    let limits: Vec<_> = profile.thresholds.iter().map(|threshold| threshold.limit).collect();
    let expected =
        [Limit::PerMillion(100), Limit::Count(3), Limit::TimeUs(50_000), Limit::AtLeast(400)];
    assert_eq!(limits, expected);
    let signers: Vec<String> = profile.calls().map(|call| call.principal.to_string()).collect();
    assert_eq!(signers, ["minter", "session.shared", "minter", "session.fresh"]);
    assert_eq!(profile.iterations.len(), 2);
}

#[test]
fn a_target_reads() {
    let library = load(&[("targets/emulator.yaml", TARGET)]);
    let target = library.target("emulator").expect("the target loads");
    assert_eq!(target.kind, TargetKind::Emulator);
    let endpoints = target.endpoints.as_ref().expect("endpoints");
    assert_eq!(endpoints.sts, "http://127.0.0.1:5000");
    assert_eq!(endpoints.s3.as_deref(), Some("http://127.0.0.1:5001"));
    assert_eq!(endpoints.iam, None);
    assert_eq!(target.presence(Capability::S3), Presence::Present);
    assert_eq!(target.presence(Capability::Root), Presence::Absent);
    assert_eq!(target.presence(Capability::IamUsers), Presence::Unknown);
}

/// A target with these lines instead of the endpoints.
fn target_with(lines: &str) -> Target {
    let text = format!("target: some\nsays: Some target.\nregion: r\npartition: aws\n{lines}\n");
    load(&[("targets/some.yaml", &text)]).target("some").expect("the target loads").clone()
}

#[test]
fn aws_is_asked_five_times_a_second_or_less_and_others_as_they_say() {
    let emulator = "kind: emulator\nendpoint: http://127.0.0.1:1";
    let limit = |lines: &str| target_with(lines).requests_per_second();
    assert_eq!(limit("kind: aws\naccounts: []"), Some(5));
    assert_eq!(limit("kind: aws\naccounts: []\nlimits: {requests_per_second: 2}"), Some(2));
    assert_eq!(limit(emulator), None);
    assert_eq!(limit(&format!("{emulator}\nlimits: {{requests_per_second: 100}}")), Some(100));
}

#[test]
fn an_account_of_aws_must_be_listed_and_one_of_an_emulator_need_not() {
    let emulator = "kind: emulator\nendpoint: http://127.0.0.1:1";
    let list = "accounts: [\"111122223333\"]";
    let check = |lines: &str, account: &str, allowed: bool| {
        assert_eq!(target_with(lines).allows(account), allowed, "{account}: {lines}");
    };
    check("kind: aws\naccounts: []", "111122223333", false);
    check(&format!("kind: aws\n{list}"), "111122223333", true);
    check(&format!("kind: aws\n{list}"), "111122223334", false);
    check(emulator, "111122223333", true);
    check(&format!("{emulator}\n{list}"), "111122223334", false);
    check(&format!("{emulator}\n{list}"), "111122223333", true);
}

#[test]
fn a_target_may_say_how_long_changes_of_iam_take() {
    let settle = |line: &str| {
        let text = TARGET.replacen("kind: emulator\n", &format!("kind: emulator\n{line}"), 1);
        let library = load(&[("targets/emulator.yaml", &text)]);
        library.target("emulator").expect("the target loads").settle
    };
    assert_eq!(settle(""), None);
    assert_eq!(settle("settle: 0s\n"), Some(Duration::ZERO));
    assert_eq!(settle("settle: 15s\n"), Some(Duration::from_secs(15)));
    assert_eq!(settle("settle: 5m\n"), Some(Duration::from_mins(5)));
}

#[test]
fn an_emulator_says_how_it_is_started() {
    let library = load(&[("targets/emulator.yaml", TARGET)]);
    let start = library.target("emulator").and_then(|target| target.start.clone());
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let test = || "test".to_owned();
    let expected = Start {
        pip: words(&["some-emulator==1.2.3"]),
        command: words(&["some-emulator", "--port", "5000"]),
        env: [("VERBOSE".to_owned(), "no".to_owned())].into(),
        ready: "http://127.0.0.1:5000/health".to_owned(),
        credentials: StartCredentials::Fixed(KeyPair {
            access_key_id: test(),
            secret_access_key: test(),
        }),
        root: None,
    };
    assert_eq!(start, Some(expected));
    let printed = TARGET.replace(
        "{access_key_id: test, secret_access_key: test}",
        "{process: [print-keys, --all]}\n  root: {access_key_id: a, secret_access_key: b}",
    );
    let library = load(&[("targets/emulator.yaml", &printed)]);
    let start = library.target("emulator").and_then(|target| target.start.clone());
    let start = start.expect("it loads");
    assert_eq!(start.credentials, StartCredentials::Process(words(&["print-keys", "--all"])));
    assert_eq!(start.root.map(|root| root.secret_access_key).as_deref(), Some("b"));
}

#[track_caller]
fn check_matcher(yaml: &str, expected: &Matcher) {
    let file = TABLE.replace("{expires_in: 15m}", yaml);
    let rule = load_rule("rules/mint/lifetime.yaml", &file);
    assert_eq!(step(&rule, "at").outcomes[0].expectations[1].matcher, *expected, "{yaml}");
}

#[test]
fn every_matcher_reads() {
    let template = |source| Template::parse(source).expect("a template");
    let both = || vec![template("a"), template("7")];
    check_matcher("x", &Matcher::Eq(template("x")));
    check_matcher("0", &Matcher::Eq(template("0")));
    check_matcher("{eq: \"no\"}", &Matcher::Eq(template("no")));
    check_matcher("{ne: \"${run.id}\"}", &Matcher::Ne(template("${run.id}")));
    check_matcher("{in: [a, 7]}", &Matcher::In(both()));
    check_matcher("{distinct: [a, 7]}", &Matcher::Distinct(both()));
    check_matcher(r"{matches: '\d{2}$'}", &Matcher::Matches(r"\d{2}$".to_owned()));
    check_matcher("{starts_with: a}", &Matcher::StartsWith(template("a")));
    check_matcher("{ends_with: a}", &Matcher::EndsWith(template("a")));
    check_matcher("{absent: true}", &Matcher::Absent);
    check_matcher("{present: true}", &Matcher::Present);
    check_matcher("{len: 20}", &Matcher::Len(Bounds { min: 20, max: 20 }));
    check_matcher("{len: {min: 4, max: 10}}", &Matcher::Len(Bounds { min: 4, max: 10 }));
    check_matcher("{len: {min: 4}}", &Matcher::Len(Bounds { min: 4, max: usize::MAX }));
    check_matcher("{lt: -1}", &Matcher::Lt(-1));
    check_matcher("{lte: 1}", &Matcher::Lte(1));
    check_matcher("{gt: 1}", &Matcher::Gt(1));
    check_matcher("{gte: 1}", &Matcher::Gte(1));
    check_matcher("{expires_in: 12h}", &Matcher::ExpiresIn(43_200));
}

#[test]
fn a_body_of_its_own_reads_as_it_stands() {
    let file = TABLE.replace("send: {method: GET,", "send: {body: \"a=b&&c=+\",");
    let rule = load_rule("rules/mint/lifetime.yaml", &file);
    assert_eq!(step(&rule, "absent").send.body.as_deref(), Some("a=b&&c=+"));
}

#[track_caller]
fn check_sign(yaml: &str, expected: &SigningOptions) {
    let file = TABLE.replace("{date: \"-16m\", token: garbage}", yaml);
    let rule = load_rule("rules/mint/lifetime.yaml", &file);
    assert_eq!(step(&rule, "absent").sign, *expected, "{yaml}");
}

#[test]
fn every_signing_mistake_reads() {
    let none = SigningOptions::default;
    check_sign("none", &SigningOptions { unsigned: true, ..none() });
    check_sign("{}", &none());
    check_sign("{secret: wrong}", &SigningOptions { wrong_secret: true, ..none() });
    check_sign("{access_key: unknown}", &SigningOptions { unknown_access_key: true, ..none() });
    check_sign("{date: 1h}", &SigningOptions { date_offset_seconds: 3600, ..none() });
    let region = Some(Template::literal("eu-x-1"));
    check_sign("{region: eu-x-1}", &SigningOptions { region, ..none() });
    let region = Template::parse("${target.disabled_region}").ok();
    check_sign("{region: \"${target.disabled_region}\"}", &SigningOptions { region, ..none() });
    check_sign("{payload: unsigned}", &SigningOptions { unsigned_payload: true, ..none() });
    let query =
        SigningOptions { location: SignatureLocation::Query, expires_seconds: Some(60), ..none() };
    check_sign("{place: query, expires: 1m}", &query);
    check_sign("{service: sqs}", &SigningOptions { service: Some("sqs".to_owned()), ..none() });
    check_sign("{token: none}", &SigningOptions { token: Token::Dropped, ..none() });
    check_sign("{body: tampered}", &SigningOptions { tampered_body: true, ..none() });
    check_sign("{header: tampered}", &SigningOptions { tampered_header: true, ..none() });
    check_sign("{query: tampered}", &SigningOptions { tampered_query: true, ..none() });
    check_sign("{place: query}", &SigningOptions { location: SignatureLocation::Query, ..none() });
}

#[test]
fn a_foreign_token_names_its_session() {
    let file = STEPS.replace("{id: contrast,", "{id: contrast, sign: {token: session.bare},");
    let rule = load_rule("rules/mint/no-policy.yaml", &file);
    assert_eq!(step(&rule, "contrast").sign.token, Token::Foreign(name("bare")));
}

#[test]
fn an_expectation_may_look_at_its_own_answer() {
    let file = TABLE.replace("{expires_in: 15m}", "\"${step.at.headers.date}\"");
    let rule = load_rule("rules/mint/lifetime.yaml", &file);
    let Matcher::Eq(template) = &step(&rule, "at").outcomes[0].expectations[1].matcher else {
        panic!("{rule:?}");
    };
    assert_eq!(template.placeholders().count(), 1);
}

#[test]
fn an_observing_step_may_expect_nothing() {
    let file = STEPS
        .replace("level: must", "level: observe")
        .replace(", expect: {status: 403, error.code: AccessDenied}", "");
    let rule = load_rule("rules/mint/no-policy.yaml", &file);
    assert_eq!(step(&rule, "refused").outcomes, []);
}

#[test]
fn a_new_rule_loads_anywhere() {
    let id = RuleId::parse("some-area/some-rule").expect("an id");
    let text = template_for_new_rule(&id);
    let library = load(&[("rules/some-area/some-rule.yaml", &text)]);
    assert_eq!(library.rules()[0].id, id);
    assert_eq!(library.rules()[0].scenarios[0].steps.len(), 2);
}

fn library_of(ids: &[&str]) -> Library {
    let files: BTreeMap<String, String> = ids
        .iter()
        .map(|id| {
            let text = template_for_new_rule(&RuleId::parse(id).expect("an id"));
            (format!("rules/{id}.yaml"), text)
        })
        .collect();
    Library::load(files, &ReadContext::default()).0
}

#[track_caller]
fn check_select(selectors: &[&str], expected: Result<&[&str], &[&str]>) {
    let library =
        library_of(&["mint/name/min", "mint/name/max", "mint/named", "mint/duration/min"]);
    let selected = library.select(selectors);
    match (&selected, expected) {
        (Ok(rules), Ok(expected)) => {
            let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
            assert_eq!(ids, expected);
        }
        (Err(unknown), Err(expected)) => assert_eq!(unknown.nearest, expected),
        _ => panic!("{selectors:?}: {selected:?}"),
    }
}

#[test]
fn prefix_selects_whole_segments_only() {
    check_select(&["mint/name"], Ok(&["mint/name/max", "mint/name/min"]));
    check_select(&["mint/name/"], Ok(&["mint/name/max", "mint/name/min"]));
    check_select(&["mint/named"], Ok(&["mint/named"]));
    check_select(&["mint/name/min", "mint/duration"], Ok(&["mint/duration/min", "mint/name/min"]));
}

#[test]
fn without_selectors_everything_is_selected() {
    check_select(&[], Ok(&["mint/duration/min", "mint/name/max", "mint/name/min", "mint/named"]));
}

#[test]
fn an_unknown_selector_names_the_three_nearest() {
    check_select(&["mint", "mint/nam"], Err(&["mint/name/max", "mint/name/min", "mint/named"]));
    check_select(&["maximum"], Err(&["mint/name/max", "mint/duration/min", "mint/name/min"]));
    check_select(&["min"], Err(&["mint/duration/min", "mint/name/max", "mint/name/min"]));
    check_select(&["name/minn"], Err(&["mint/name/min", "mint/name/max", "mint/named"]));
}

/// The steps of a scenario of two, after some changes to it.
fn two_steps(changes: &[(&str, &str)]) -> Result<Vec<Step>, String> {
    let mut text = "\
rule: two
says: Two steps.
level: observe
evidence: documented
sources: [{page: API_GetCallerIdentity, part: Arn}]
scenarios:
  - name: two
    account: minter
    steps:
      - {id: one, as: minter, call: sts.GetCallerIdentity}
      - {id: two, as: minter, call: sts.GetFederationToken, params: {Name: plain}}
"
    .to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let files = [("accounts/minter.yaml", ACCOUNT), ("rules/two.yaml", &text)];
    let files = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
    let (library, diagnostics) = Library::load(files, &ReadContext::default());
    match (library.rules(), diagnostics.as_slice()) {
        ([rule], []) => Ok(rule.scenarios[0].steps.clone()),
        (_, [first, ..]) => Err(format!("{}: {}", first.code, first.message)),
        _ => Err("no rule".to_owned()),
    }
}

#[test]
fn time_that_passes_belongs_to_the_step_after_it() {
    let advance = "      - {id: later, advance: 15m}\n      - {advance: 1s}\n      - {id: two";
    let steps = two_steps(&[("      - {id: two", advance)]).unwrap();
    let after: Vec<u32> = steps.iter().map(|step| step.after_seconds).collect();
    assert_eq!(after, [0, 901]);
}

#[test]
fn time_that_passes_in_vain_or_for_too_long_is_a_fault() {
    let end = ("Name: plain}}\n", "Name: plain}}\n      - {advance: 1s}\n");
    let error = two_steps(&[end]).unwrap_err();
    assert!(error.contains("nothing is sent after this time"), "{error}");
    for length in ["0s", "49h", "1d", "-1s"] {
        let advance = format!("      - {{advance: {length}}}\n      - {{id: two");
        let error = two_steps(&[("      - {id: two", &advance)]).unwrap_err();
        assert!(error.contains("no length of time up to 48 hours"), "{error}");
    }
    let sdk = "      - {advance: 1s}\n      - {client: sdk, id: two";
    let error = two_steps(&[("      - {id: two", sdk)]).unwrap_err();
    assert!(error.contains("an SDK signs by its own clock"), "{error}");
}

#[test]
fn copies_have_numbers() {
    let named = ("Name: plain", "Name: \"${copy}-${copy.next}\"");
    let copies = ("    account: minter\n", "    account: minter\n    copies: 100\n");
    let steps = two_steps(&[named, copies]).unwrap();
    assert_eq!(steps[1].params, [("Name".to_owned(), text("${copy}-${copy.next}"))]);
    let error = two_steps(&[named]).unwrap_err();
    assert!(error.contains("`${copy}` has no meaning here"), "{error}");
    let many = ("    account: minter\n", "    account: minter\n    copies: 1001\n");
    assert!(two_steps(&[many]).unwrap_err().contains("`1001` is not in 2..=1000"));
}

#[test]
fn a_numbered_list_is_written_out() {
    let tags = "Tags: {count: 3, each: {Key: \"k${n}\", Value: \"${n}\"}}";
    let steps = two_steps(&[("Name: plain", tags)]).unwrap();
    let tag = |key: &str, value: &str| {
        Param::Struct(vec![("Key".to_owned(), text(key)), ("Value".to_owned(), text(value))])
    };
    let tags = Param::List(vec![tag("k1", "1"), tag("k2", "2"), tag("k3", "3")]);
    assert_eq!(steps[1].params, [("Tags".to_owned(), tags)]);
    let inner = "Outer: {count: 2, each: {A: {count: 1, each: \"${n}\"}, B: \"${n}\"}}";
    let steps = two_steps(&[("Name: plain", inner)]).unwrap();
    let Param::List(members) = &steps[1].params[0].1 else { panic!("a list") };
    let inner = Param::List(vec![text("1")]);
    let second = vec![("A".to_owned(), inner), ("B".to_owned(), text("2"))];
    assert_eq!(members[1], Param::Struct(second));
    let error = two_steps(&[("Name: plain", "Name: \"${n}\"")]).unwrap_err();
    assert!(error.contains("`${n}` has no meaning here"), "{error}");
}

/// A table with cases drawn from a model, behind `case`.
fn generated(from: &str, params: &str, case: &str, seed: Option<u64>) -> Vec<Step> {
    let rule = format!(
        "\
rule: drawn
says: Cases are drawn.
level: observe
evidence: documented
sources: [{{page: API_GetFederationToken, part: Name}}]
scenarios:
  - name: drawn
    account: minter
    table:
      as: minter
      call: sts.GetFederationToken
      params: {params}
      cases: [{case}]
      generate:
        from: {from}
        count: 12
        seed: 5
        expect:
          valid: {{status: 200, result.Credentials.AccessKeyId: {{present: true}}}}
          invalid: {{status: 400}}
"
    );
    let files = [("accounts/minter.yaml", ACCOUNT), ("rules/drawn.yaml", &rule)];
    let files = files.map(|(file, text)| (file.to_owned(), text.to_owned()));
    let known = ReadContext { seed, ..ReadContext::default() };
    let (library, diagnostics) = Library::load(files, &known);
    assert_eq!(diagnostics, []);
    library.rules()[0].scenarios[0].steps.clone()
}

fn generated_names(seed: Option<u64>) -> Vec<Step> {
    let case = "{id: by-hand, role: control, text: stspec, expect: {status: 200}}";
    generated("name", "{Name: \"${case.text}\"}", case, seed)
}

#[test]
fn drawn_cases_stand_behind_those_by_hand() {
    let steps = generated_names(None);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids.first(), Some(&"by-hand"));
    assert_eq!(ids.get(1), Some(&"generated-01"));
    assert_eq!(ids.last(), Some(&"generated-12"));
    let expected = |step: &Step| step.outcomes[0].expectations[0].matcher.clone();
    assert_eq!(expected(&steps[1]), Matcher::Eq(Template::literal("200")));
    assert_eq!(expected(&steps[2]), Matcher::Eq(Template::literal("400")));
}

#[test]
fn a_seed_of_the_run_draws_others() {
    assert_eq!(generated_names(None), generated_names(Some(5)));
    assert_ne!(generated_names(None), generated_names(Some(6)));
}

#[test]
fn drawn_tags_are_the_parameter_itself() {
    let steps = generated("tags", "{Name: stspec}", "", None);
    let names: Vec<&str> = steps[1].params.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Name", "Tags"]);
    assert!(matches!(&steps[1].params[1].1, Param::List(tags) if !tags.is_empty()));
}
