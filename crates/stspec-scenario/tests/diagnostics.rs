//! Files with faults: one minimal file per code, with the place that the diagnostic points to.

use std::collections::{BTreeMap, BTreeSet};

use stspec_scenario::{Code, Colour, Diagnostic, Library, ReadContext, Severity, Span, render};

const ACCOUNT: &str = include_str!("fixtures/account.yaml");
const TABLE: &str = include_str!("fixtures/table.yaml");
const STEPS: &str = include_str!("fixtures/steps.yaml");
const TARGET: &str = include_str!("fixtures/target.yaml");
const PROFILE: &str = include_str!("fixtures/profile.yaml");
const CATALOG: &str = include_str!("fixtures/catalog.yaml");

/// A rule short enough to see its faults at a glance.
const SHORT: &str = "\
rule: short
says: The answer names the caller.
level: should
evidence: documented
sources: [{page: API_GetCallerIdentity, part: Arn}]
scenarios:
  - name: look
    account: minter
    steps:
      - {id: mint, role: control, as: minter, call: sts.GetFederationToken, expect: {status: 200}, session: minted}
      - id: look
        as: session.minted
        call: sts.GetCallerIdentity
        expect: {status: 200, result.Arn: {present: true}}
";

/// A way to go wrong: a file made from a good one, and what is said about it.
struct Fault {
    file: &'static str,
    text: String,
    expected: Vec<(Code, usize, usize)>,
}

#[track_caller]
fn fault(
    (file, good): (&'static str, &str),
    (from, to): (&str, &str),
    expected: &[(Code, usize, usize)],
) -> Fault {
    assert!(good.contains(from), "{from:?} is in {file}");
    Fault { file, text: good.replacen(from, to, 1), expected: expected.to_vec() }
}

const SHORT_FILE: (&str, &str) = ("scenarios/rules/short.yaml", SHORT);
const TABLE_FILE: (&str, &str) = ("scenarios/rules/mint/lifetime.yaml", TABLE);
const STEPS_FILE: (&str, &str) = ("scenarios/rules/mint/no-policy.yaml", STEPS);
const ACCOUNT_FILE: (&str, &str) = ("scenarios/accounts/minter.yaml", ACCOUNT);
const AWS_TARGET: &str = "\
target: cloud
says: Some account.
kind: aws
region: eu-central-1
partition: aws
accounts: []
limits: {requests_per_second: 5}
";
const TARGET_FILE: (&str, &str) = ("scenarios/targets/emulator.yaml", TARGET);
const PROFILE_FILE: (&str, &str) = ("scenarios/profiles/smoke.yaml", PROFILE);
const CATALOG_FILE: (&str, &str) = ("scenarios/catalog.yaml", CATALOG);

fn load(file: &str, text: &str) -> (Library, Vec<Diagnostic>, BTreeMap<String, String>) {
    let known = ReadContext::with_faults(["lifetime-unchecked", "issuer-policy-inherited"]);
    let mut files = BTreeMap::from([SHORT_FILE, ACCOUNT_FILE].map(|(f, t)| (f.into(), t.into())));
    files.insert(file.to_owned(), text.to_owned());
    let (library, diagnostics) = Library::load(files.clone(), &known);
    (library, diagnostics, files)
}

#[track_caller]
fn check(faults: &[Fault]) {
    let wrong: Vec<String> = faults.iter().filter_map(difference).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), faults.len(), wrong.join("\n"));
}

/// How a file's diagnostics differ from the expected ones.
fn difference(fault: &Fault) -> Option<String> {
    let (_, diagnostics, files) = load(fault.file, &fault.text);
    let rendered = render(&diagnostics, &files, Colour::Never);
    let found: Vec<(Code, usize, usize)> =
        diagnostics.iter().map(|d| (d.code, d.line, d.column)).collect();
    let told = diagnostics.iter().all(|diagnostic| {
        let Diagnostic { file, line, column, code, .. } = diagnostic;
        file == fault.file
            && rendered.contains(&format!("{file}:{line}:{column}"))
            && rendered.contains(code.as_str())
    });
    let expected = &fault.expected;
    (found != *expected || !told)
        .then(|| format!("{rendered}found {found:?}\nnot   {expected:?}\n"))
}

fn one(file: (&'static str, &str), change: (&str, &str), code: Code, at: (usize, usize)) -> Fault {
    fault(file, change, &[(code, at.0, at.1)])
}

/// Faults in the keys and values of a rule.
fn faults_of_form() -> Vec<Fault> {
    use Code::*;
    vec![
        one(SHORT_FILE, ("says: The", "says: *the"), Syntax, (2, 7)),
        one(SHORT_FILE, ("says: The", "says: &a The"), Syntax, (2, 10)),
        one(SHORT_FILE, ("level:", "---\nlevel:"), Syntax, (3, 1)),
        one(SHORT_FILE, (SHORT, "- a list\n"), Syntax, (1, 1)),
        one(SHORT_FILE, ("level:", "lvel: must\nlevel:"), UnknownKey, (3, 1)),
        one(
            SHORT_FILE,
            ("        as:", "        role: probe\n        role: probe\n        as:"),
            DuplicateKey,
            (13, 9),
        ),
        one(SHORT_FILE, ("says: The answer names the caller.\n", ""), MissingKey, (1, 1)),
        one(SHORT_FILE, ("says:", "syas:"), UnknownKey, (2, 1)),
        one(
            SHORT_FILE,
            ("[{page: API_GetCallerIdentity, part: Arn}]", "[{pag: x}]"),
            MissingKey,
            (5, 12),
        ),
        one(SHORT_FILE, ("should", "[should]"), WrongType, (3, 8)),
        one(SHORT_FILE, ("{present: true}", "[a]"), WrongType, (14, 43)),
        one(SHORT_FILE, ("{status: 200, result", "{status: \"200\", result"), WrongType, (14, 26)),
        one(
            SHORT_FILE,
            (
                "call: sts.GetCallerIdentity\n",
                "call: sts.GetCallerIdentity\n        params: {Name: no, Age: 007}\n",
            ),
            QuoteIt,
            (14, 24),
        )
        .and((QuoteIt, 14, 33)),
        one(SHORT_FILE, ("{present: true}", "{eq: null}"), QuoteIt, (14, 48)),
        one(SHORT_FILE, ("id: look", "id: Look"), BadName, (11, 13)),
        one(SHORT_FILE, ("name: look", "name: ' look'"), BadName, (7, 11)),
        one(SHORT_FILE, ("should", "ought"), UnknownWord, (3, 8)),
        one(SHORT_FILE, ("role: control", "role: controll"), UnknownWord, (10, 26)),
        one(
            SHORT_FILE,
            ("sts.GetCallerIdentity", "sts.GetCallerIdentify"),
            UnknownOperation,
            (13, 15),
        ),
        one(
            SHORT_FILE,
            ("scenarios:", "requires: [iam.enforced]\nscenarios:"),
            UnknownCapability,
            (6, 12),
        ),
        one(SHORT_FILE, ("{present: true}", "{contains: x}"), BadMatcher, (14, 44)),
        one(SHORT_FILE, ("{present: true}", "{gte: 1, lte: 2}"), BadMatcher, (14, 43)),
        one(SHORT_FILE, ("{present: true}", "{present: false}"), BadValue, (14, 53)),
        one(SHORT_FILE, ("{present: true}", "{expires_in: 900 s}"), BadValue, (14, 56)),
        one(SHORT_FILE, ("{present: true}", "{len: {min: 2, max: 1}}"), BadValue, (14, 49)),
        one(SHORT_FILE, ("{status: 200, result", "{status: 99, result"), BadValue, (14, 26)),
        one(SHORT_FILE, ("scenarios:", "since: 2011-02-30\nscenarios:"), BadValue, (6, 8)),
        one(TABLE_FILE, ("2031-01-01", "2011-06-15"), BadValue, (13, 8)),
        one(TABLE_FILE, ("-16m", "-16"), BadValue, (36, 24)),
        one(TABLE_FILE, ("Name: null", "Policy: null"), BadValue, (34, 20)),
        one(SHORT_FILE, ("{present: true}", "{matches: \"a(b\"}"), BadPattern, (14, 53)),
        one(SHORT_FILE, ("result.Arn", "reslt.Arn"), BadPath, (14, 31)),
        one(SHORT_FILE, ("result.Arn: {", "status.code: {"), BadPath, (14, 31)),
    ]
}

/// Faults in what a rule refers to.
fn faults_of_reference() -> Vec<Fault> {
    use Code::*;
    vec![
        one(SHORT_FILE, ("{present: true}", "\"${mintr.arn}\""), BadReference, (14, 43)),
        one(SHORT_FILE, ("{present: true}", "\"${case.arn}\""), BadReference, (14, 43)),
        one(SHORT_FILE, ("{present: true}", "\"${step.later.status}\""), BadReference, (14, 43)),
        one(SHORT_FILE, ("{present: true}", "\"${shelf\""), BadReference, (14, 43)),
        one(SHORT_FILE, ("{present: true}", "{matches: \"${shelf}\"}"), BadReference, (14, 53)),
        one(TABLE_FILE, ("${case.seconds}", "${case.second}"), BadReference, (23, 47))
            .and((UnusedKey, 26, 23))
            .and((UnusedKey, 28, 11)),
        one(SHORT_FILE, ("account: minter", "account: miner"), UnknownAccount, (8, 14)),
        one(SHORT_FILE, ("as: minter", "as: mintre"), UnknownPrincipal, (10, 39)),
        one(SHORT_FILE, ("    account: minter\n", ""), UnknownPrincipal, (9, 39)),
        one(SHORT_FILE, (", session: minted", ""), UnknownSession, (12, 13)),
        one(TABLE_FILE, ("token: garbage", "token: session.other"), UnknownSession, (36, 39)),
        one(TABLE_FILE, ("[lifetime-unchecked]", "[lifetime-uncheckd]"), UnknownFault, (15, 10)),
    ]
}

/// Faults in how the parts of a rule fit together.
fn faults_of_fit() -> Vec<Fault> {
    use Code::*;
    vec![
        one(SHORT_FILE, ("rule: short", "rule: shorter"), MisplacedFile, (1, 7)),
        one(SHORT_FILE, ("id: mint", "id: look"), DuplicateId, (11, 13)),
        one(TABLE_FILE, ("id: at", "id: below"), DuplicateId, (27, 15)),
        one(TABLE_FILE, ("evidence: documented", "evidence: inferred"), InferredMust, (6, 11)),
        one(SHORT_FILE, ("[{page: API_GetCallerIdentity, part: Arn}]", "[]"), NoSource, (5, 10)),
        one(TABLE_FILE, ("faults: [lifetime-unchecked]\n", ""), MustWithoutFault, (5, 8)),
        one(TABLE_FILE, ("[lifetime-unchecked]", "[]"), MustWithoutFault, (5, 8)),
        one(
            SHORT_FILE,
            ("    steps:", "    table: {call: sts.GetCallerIdentity, cases: []}\n    steps:"),
            TableOrSteps,
            (7, 11),
        ),
        one(
            SHORT_FILE,
            (SHORT.split_once("    steps:").map_or("", |(_, rest)| rest), " []\n"),
            NoProbe,
            (7, 11),
        ),
        one(
            SHORT_FILE,
            ("        expect: {status: 200, result.Arn: {present: true}}\n", ""),
            NoExpectation,
            (11, 13),
        ),
        one(
            SHORT_FILE,
            ("{status: 200, result.Arn: {present: true}}", "{}"),
            NoExpectation,
            (14, 17),
        ),
        one(TABLE_FILE, ("id: at\n", "id: at\n          hint: x\n"), UnusedKey, (28, 11)),
        one(
            SHORT_FILE,
            ("as: session.minted", "as: session.minted\n        session: again"),
            NoCredentials,
            (13, 18),
        ),
        one(
            SHORT_FILE,
            ("        as: session.minted\n", "        role: control\n        as: session.minted\n"),
            NoProbe,
            (7, 11),
        ),
        one(
            SHORT_FILE,
            ("        as:", "        client: sdk\n        sign: none\n        as:"),
            SdkCannot,
            (13, 15),
        ),
        one(
            SHORT_FILE,
            ("as: session.minted\n", "as: session.minted\n        session: minted\n"),
            NoCredentials,
            (13, 18),
        )
        .and((DuplicateId, 13, 18)),
        one(
            SHORT_FILE,
            (
                "scenarios:\n",
                "scenarios:\n  - {name: Look, steps: [{id: a, as: root, call: sts.GetCallerIdentity, expect: {result.Arn: a}}]}\n",
            ),
            DuplicateId,
            (8, 11),
        ),
    ]
}

/// Probes that stand alone.
fn faults_of_company() -> Vec<Fault> {
    use Code::*;
    let refused = "result.Arn: {present: true}}\n      - {id: refused, as: root, call: s3.ListBuckets, expect: {status: 403}}";
    vec![
        one(SHORT_FILE, ("role: control", "role: contrast"), RefusalWithoutControl, (15, 14)).with(("result.Arn: {present: true}}", refused)),
        one(SHORT_FILE, ("{status: 200}, session", "{status: 403}, session"), RefusalWithoutControl, (15, 14)).with(("result.Arn: {present: true}}", refused)),
        one(SHORT_FILE, ("{status: 200, result.Arn: {present: true}}", "{status: {gte: 400}}"), RefusalWithoutLiveness, (11, 13)),
        one(SHORT_FILE, ("{status: 200, result.Arn: {present: true}}", "{error.code: AccessDenied}"), RefusalWithoutLiveness, (11, 13)),
        one(STEPS_FILE, ("role: liveness, as: session.bare", "role: liveness, as: minter"), RefusalWithoutLiveness, (15, 14)),
        one(STEPS_FILE, ("sts.GetCallerIdentity, expect", "sts.GetCallerIdentity, sign: {secret: wrong}, expect"), RefusalWithoutLiveness, (15, 14)),
        one(STEPS_FILE, (", result.Arn: {ends_with: \"federated-user/bare\"}", ""), RefusalWithoutLiveness, (15, 14)),
        one(STEPS_FILE, ("{ends_with: \"federated-user/bare\"}", "{present: true}"), RefusalWithoutLiveness, (15, 14)),
        one(STEPS_FILE, ("{id: refused, as: session.bare, call: s3.GetObject, params: {Bucket: \"${shelf}\", Key: probe}, expect: {status: 403, error.code: AccessDenied}}", "{id: allowed, as: session.bare, call: s3.GetObject, expect: {status: 200}}"), AllowanceWithoutContrast, (15, 14)),
        one(TABLE_FILE, ("            status: 200\n            result.Credentials.Expiration: {expires_in: 15m}", "            error.code: X"), RefusalWithoutNeighbour, (26, 16)).and((RefusalWithoutNeighbour, 27, 15)).and((RefusalWithoutNeighbour, 32, 15)),
        one(SHORT_FILE, (", result.Arn: {present: true}", ""), BareAcceptance, (11, 13)),
        one(TABLE_FILE, ("\n            result.Credentials.Expiration: {expires_in: 15m}", "\n            headers.date: {present: true}"), BareAcceptance, (27, 15)),
    ]
}

const SDK_WITH_PARAMETER: &str =
    "client: sdk\n        call: sts.GetCallerIdentity\n        params: {Name: a}";
const SDK_WITH_DURATION: &str =
    "client: sdk\n        call: sts.GetSessionToken\n        params: {DurationSeconds: \"900.5\"}";
const FOREIGN_OBJECT: &str = "call: s3.DeleteObject\n        params: {Bucket: prod, Key: a}";

/// Steps that change what others share, or that their sender may not send.
fn faults_of_change() -> Vec<Fault> {
    use Code::*;
    let call = "call: sts.GetCallerIdentity";
    let makes = "call: iam.CreateUser\n        params: {UserName: \"joe-${run.id}\"}";
    let somebodys = "call: iam.DeleteUser\n        params: {UserName: alice}";
    let of_the_caller = "call: iam.CreateAccessKey";
    let listed = "call: iam.DeleteUser\n        params: {UserName: \"${step.mint.result.FederatedUser.Arn}\"}";
    let disguised = "call: iam.GetUser\n        send: {action: DeleteUser}";
    let fresh = ("account: minter", "account: minter\n    fresh: true");
    vec![
        one(SHORT_FILE, ("as: session.minted", "as: admin"), AdminBeyondControl, (11, 13)),
        one(PROFILE_FILE, ("as: minter", "as: admin"), AdminBeyondControl, (9, 9)),
        one(
            SHORT_FILE,
            (call, "client: sdk\n        call: sts.GetAccessKeyInfo"),
            SdkCannot,
            (14, 15),
        ),
        one(SHORT_FILE, (call, SDK_WITH_PARAMETER), SdkCannot, (15, 17)),
        one(SHORT_FILE, (call, SDK_WITH_DURATION), SdkCannot, (15, 17)),
        one(SHORT_FILE, (call, FOREIGN_OBJECT), ForeignChange, (11, 13)),
        one(SHORT_FILE, (call, "call: iam.TagUser"), ChangeOfSharedAccount, (11, 13)),
        one(SHORT_FILE, (call, "call: s3.PutBucketPolicy"), ChangeOfSharedAccount, (11, 13)),
        one(
            TABLE_FILE,
            ("call: sts.GetFederationToken", "call: iam.UntagUser"),
            ChangeOfSharedAccount,
            (26, 16),
        )
        .and((ChangeOfSharedAccount, 27, 15))
        .and((ChangeOfSharedAccount, 33, 15)),
        one(SHORT_FILE, (call, makes), UncountedResource, (12, 13)).with(fresh),
        one(SHORT_FILE, (call, somebodys), ForeignChange, (12, 13)).with(fresh),
        one(SHORT_FILE, (call, of_the_caller), ForeignChange, (12, 13)).with(fresh),
        one(SHORT_FILE, (call, listed), ForeignChange, (12, 13)).with(fresh),
        one(SHORT_FILE, (call, disguised), ForeignChange, (11, 13)),
        one(SHORT_FILE, fresh, BadValue, (9, 12)).with(("fresh: true", "fresh: false")),
        one(SHORT_FILE, ("account: minter", "fresh: true"), MissingKey, (8, 12)).and((
            UnknownPrincipal,
            10,
            39,
        )),
    ]
}

/// Faults in what an account consists of.
fn faults_of_accounts() -> Vec<Fault> {
    use Code::*;
    let above = |text: &'static str| ("users:\n", text);
    vec![
        one(
            ACCOUNT_FILE,
            (
                "    policies:",
                "    attach: [\"arn:aws:iam::aws:policy/ReadOnlyAccess\", reader]\n    policies:",
            ),
            UnknownPolicy,
            (5, 56),
        ),
        one(
            ACCOUNT_FILE,
            ("    policies:", "    boundary: minter\n    policies:"),
            UnknownPolicy,
            (5, 15),
        ),
        one(
            ACCOUNT_FILE,
            above("policies:\n  early: {Version: \"${minter.arn}\"}\nusers:\n"),
            BadReference,
            (4, 20),
        ),
        one(
            ACCOUNT_FILE,
            above("policies:\n  early: {Version: \"${late.arn}\"}\n  late: {}\nusers:\n"),
            BadReference,
            (4, 20),
        ),
        one(ACCOUNT_FILE, above("policies:\n  minter: {}\nusers:\n"), DuplicateId, (6, 3)),
        one(
            ACCOUNT_FILE,
            above("roles:\n  worker: {trust: {Version: \"${worker.arn}\"}}\nusers:\n"),
            BadReference,
            (4, 29),
        ),
        one(ACCOUNT_FILE, above("roles:\n  worker: {policies: {}}\nusers:\n"), MissingKey, (4, 12)),
        one(ACCOUNT_FILE, above("roles:\n  minter: {trust: {}}\nusers:\n"), DuplicateId, (4, 3)),
        one(ACCOUNT_FILE, above("roles:\n  admin: {trust: {}}\nusers:\n"), BadName, (4, 3)),
        one(
            ACCOUNT_FILE,
            ("    policies:", "    tags: {team: 7}\n    policies:"),
            QuoteIt,
            (5, 18),
        ),
        one(
            ACCOUNT_FILE,
            ("    policies:", "    tag: {team: a}\n    policies:"),
            UnknownKey,
            (5, 5),
        ),
    ]
}

/// Faults in targets.
fn faults_of_targets() -> Vec<Fault> {
    use Code::*;
    let at = |line, column| (line, column);
    vec![
        one(TARGET_FILE, ("kind: emulator", "kind: emulator\nsettle: 301s"), BadValue, at(4, 9)),
        one(TARGET_FILE, ("kind: emulator", "kind: emulator\nsettle: soon"), BadValue, at(4, 9)),
        one(TARGET_FILE, ("kind: emulator", "kind: embedded"), BadValue, at(4, 12))
            .and((BadValue, 9, 3)),
        one(TARGET_FILE, ("http://127.0.0.1:5000/", "127.0.0.1:5000"), BadValue, at(4, 18)),
        one(TARGET_FILE, ("kind: emulator", "kind: aws"), MissingKey, at(3, 7))
            .and((BadValue, 9, 3)),
        one(TARGET_FILE, ("pip: [\"some-emulator==1.2.3\"]", "pip: []"), BadValue, at(9, 8)),
        one(TARGET_FILE, ("==1.2.3", ""), BadValue, at(9, 9)),
        one(TARGET_FILE, ("==1.2.3", "==1.*"), BadValue, at(9, 9)),
        one(TARGET_FILE, ("VERBOSE: \"no\"", "VERBOSE: no"), QuoteIt, at(11, 18)),
        one(TARGET_FILE, ("  ready: http:", "  readi: http:"), UnknownKey, at(12, 3)),
        one(TARGET_FILE, ("ready: http:", "ready: ftp:"), BadValue, at(12, 10)),
        one(TARGET_FILE, ("{access_key_id: test, ", "{"), MissingKey, at(13, 17)),
        one(
            TARGET_FILE,
            ("{access_key_id: test, ", "{process: [print-keys], "),
            BadValue,
            at(13, 26),
        ),
        one(
            TARGET_FILE,
            ("{access_key_id: test, secret_access_key: test}", "{process: []}"),
            BadValue,
            at(13, 26),
        ),
        one(
            TARGET_FILE,
            ("test}\n", "test}\n  root: {access_key_id: test}\n"),
            MissingKey,
            at(14, 10),
        ),
        one(TARGET_FILE, ("s3: present", "iam.users: present"), BadValue, at(4, 12)),
        one(TARGET_FILE, ("root: absent", "roots: absent"), UnknownCapability, at(7, 29)),
        one(
            TARGET_FILE,
            ("partition: aws", "partition: aws\naccounts: [\"123\"]"),
            BadValue,
            at(7, 12),
        ),
        one(
            TARGET_FILE,
            ("partition: aws", "partition: aws\nlimits: {requests_per_second: 0}"),
            BadValue,
            at(7, 31),
        ),
        one(
            TARGET_FILE,
            ("partition: aws", "partition: aws\nlimits: {requests: 5}"),
            UnknownKey,
            at(7, 10),
        ),
        one(
            ("scenarios/targets/cloud.yaml", AWS_TARGET),
            ("accounts: []\n", ""),
            MissingKey,
            at(3, 7),
        ),
        one(
            ("scenarios/targets/cloud.yaml", AWS_TARGET),
            ("requests_per_second: 5", "requests_per_second: 6"),
            BadValue,
            at(7, 31),
        ),
    ]
}

/// Faults in accounts, profiles, and in where files stand.
fn faults_of_other_files() -> Vec<Fault> {
    use Code::*;
    let at = |line, column| (line, column);
    vec![
        one(ACCOUNT_FILE, ("account: minter", "account: mint"), MisplacedFile, at(1, 10)),
        one(ACCOUNT_FILE, ("${shelf.arn}", "${shlf.arn}"), BadReference, at(10, 56)),
        one(
            ACCOUNT_FILE,
            ("users:\n  minter:", "users:\n  root: {}\n  minter:"),
            BadName,
            at(4, 3),
        ),
        one(ACCOUNT_FILE, ("  shelf:", "  minter: {}\n  shelf:"), DuplicateId, at(12, 3)),
        one(ACCOUNT_FILE, ("probe: \"some text\"", "probe: 7"), QuoteIt, at(13, 22)),
        one(ACCOUNT_FILE, ("Effect: Deny", "Effect: off"), QuoteIt, at(16, 28)),
        one(
            ("scenarios/accounts/spare.yaml", "account: spare\nsays: Nobody needs it.\n"),
            ("Nobody", "No one"),
            UnusedAccount,
            at(1, 1),
        ),
        one(("scenarios/rule/short.yaml", SHORT), ("should", "should"), UnknownFile, at(1, 1)),
        one(("scenarios/rules/shorter.yml", SHORT), ("should", "should"), UnknownFile, at(1, 1)),
        one(("scenarios/targets/aws/us.yaml", TARGET), ("says", "says"), UnknownFile, at(1, 1)),
    ]
}

/// Calls of load profiles that nothing could send, or that would not be undone.
fn faults_of_load_calls() -> Vec<Fault> {
    use Code::*;
    let also = |call: &str| format!("calls:\n  - {{id: also, {call}, expect: {{status: 200}}}}\n");
    let by_sdk = |call: &str| format!("transport: aws-sdk\n{}", also(call));
    let of = |text: String, code, at| one(PROFILE_FILE, ("calls:\n", &text), code, at);
    let put =
        |bucket| format!("call: s3.PutObject, as: minter, params: {{Bucket: {bucket}, Key: a}}");
    vec![
        of(by_sdk("call: sts.GetAccessKeyInfo, as: minter"), SdkCannot, (6, 12)),
        of(by_sdk("call: sts.GetCallerIdentity, as: anonymous"), SdkCannot, (6, 12)),
        of(
            by_sdk("call: sts.GetFederationToken, as: minter, params: {Nme: a}"),
            SdkCannot,
            (6, 12),
        ),
        of(also("call: iam.CreateUser, as: minter"), ChangeOfSharedAccount, (7, 22)),
        of(also("call: s3.DeleteBucket, as: minter"), ChangeOfSharedAccount, (7, 22)),
        of(also(&put("prod")), ForeignChange, (7, 22)),
    ]
}

/// Faults in load profiles.
fn faults_of_profiles() -> Vec<Fault> {
    use Code::*;
    let at = |line, column| (line, column);
    let shape = "shape: {users: [{to: 8}]}";
    let of =
        |change: (&'static str, &'static str), code, place| one(PROFILE_FILE, change, code, place);
    vec![
        of(("to: 8", "to: 0"), BadValue, at(4, 22)),
        of(("as: minter", "as: session.minted"), UnknownSession, at(9, 9)),
        of(("weight: 3", "wait: 3"), UnknownKey, at(10, 5)),
        of(("id: identity", "id: mint"), DuplicateId, at(13, 10)),
        of(("requests: 400\n", ""), BadValue, at(4, 8)),
        of((shape, "shape: {}"), BadValue, at(4, 8)),
        of((shape, "shape: {rate: [{to: 8}]}"), BadValue, at(4, 8)),
        of((shape, "thresholds: {dropped: 0}\nshape: {users: [{to: 8}]}"), BadValue, at(4, 23)),
        of((shape, "shape: {users: []}"), BadValue, at(4, 16)),
        of((shape, "shape: {users: [{to: 8}], rate: [{to: 8}]}"), BadValue, at(4, 9)),
        of((shape, "shape: {users: [{to: 8}], connections: 3}"), BadValue, at(4, 40)),
        of((shape, "shape: {users: [{to: 8, hold: 5}]}"), QuoteIt, at(4, 31)),
        of((shape, "shape: {users: [{to: 8, hold: 49h}]}"), BadValue, at(4, 31)),
        of((shape, "shape: {rate: [{to: 9999999, hold: 1s}]}"), BadValue, at(4, 21)),
        of((shape, "shape: {knee: {from: 9, to: 8, hold: 1s}}"), BadValue, at(4, 16)),
        of(("requests: 400", "warm_up: 9s"), BadValue, at(5, 10))
            .with((shape, "shape: {users: [{to: 8, hold: 9s}]}")),
        of((shape, "shape: {knee: {from: 8, to: 9, hold: 1s}}"), BadValue, at(5, 11)),
        of((shape, "thresholds: {p99: 50}\nshape: {users: [{to: 8}]}"), QuoteIt, at(4, 19)),
        of((shape, "thresholds: {p99: 5x}\nshape: {users: [{to: 8}]}"), BadValue, at(4, 19)),
        of((shape, "thresholds: {wrong: 5s}\nshape: {users: [{to: 8}]}"), BadValue, at(4, 21)),
        of((shape, "thresholds: {p98: 5s}\nshape: {users: [{to: 8}]}"), UnknownKey, at(4, 14)),
        of((shape, "transport: carrier\nshape: {users: [{to: 8}]}"), UnknownWord, at(4, 12)),
        of((shape, "transport: reqwest\nshape: {users: [{to: 8}]}"), UnknownWord, at(4, 12)),
        of(("{Name: load}", "{Name: \"${session.x.access_key_id}\"}"), BadReference, at(11, 20)),
    ]
}

/// Faults in the catalogue of facts.
fn faults_of_catalog() -> Vec<Fault> {
    use Code::*;
    let rules = "rules: [short]";
    vec![
        one(CATALOG_FILE, (rules, "rules: [shrt]"), UnknownRule, (12, 17)),
        one(CATALOG_FILE, (rules, "rules: [a b]"), BadName, (12, 17)).and((UnknownRule, 12, 17)),
        one(CATALOG_FILE, (rules, "rules: [short, short]"), DuplicateId, (12, 24)),
        one(CATALOG_FILE, (rules, "rules: []"), RulesOrExclusion, (12, 9)),
        one(CATALOG_FILE, ("        rules: [short]\n", ""), RulesOrExclusion, (6, 9)),
        one(
            CATALOG_FILE,
            ("excluded:", "rules: [short]\n        excluded:"),
            RulesOrExclusion,
            (17, 9),
        ),
        one(CATALOG_FILE, ("excluded: Console behaviour.", "excluded: ''"), BadValue, (17, 19)),
        one(CATALOG_FILE, ("id: console", "id: names-caller"), DuplicateId, (13, 13)),
        one(CATALOG_FILE, ("GetCallerIdentity", "GetCallerIdentify"), UnknownOperation, (1, 10)),
        one(CATALOG_FILE, ("[{page: Console, part: menu}]", "[]"), NoSource, (16, 18)),
        one(CATALOG_FILE, ("inferred", "guessed"), UnknownWord, (15, 19)),
        one(
            CATALOG_FILE,
            ("        says: A console", "        sais: A console"),
            UnknownKey,
            (14, 9),
        ),
        one(("scenarios/facts.yaml", CATALOG), ("says", "says"), UnknownFile, (1, 1)),
    ]
}

impl Fault {
    fn and(mut self, expected: (Code, usize, usize)) -> Self {
        self.expected.push(expected);
        self.expected.sort_by_key(|(code, line, column)| (*line, *column, *code));
        self
    }

    fn with(mut self, (from, to): (&str, &str)) -> Self {
        assert!(self.text.contains(from), "{from:?}");
        self.text = self.text.replacen(from, to, 1);
        self
    }
}

fn all_faults() -> Vec<Fault> {
    let mut faults = faults_of_form();
    faults.extend(faults_of_reference());
    faults.extend(faults_of_fit());
    faults.extend(faults_of_company());
    faults.extend(faults_of_change());
    faults.extend(faults_of_accounts());
    faults.extend(faults_of_targets());
    faults.extend(faults_of_other_files());
    faults.extend(faults_of_profiles());
    faults.extend(faults_of_catalog());
    faults
}

#[test]
fn faults_of_form_are_found_in_their_place() {
    check(&faults_of_form());
}

#[test]
fn faults_of_reference_are_found_in_their_place() {
    check(&faults_of_reference());
}

#[test]
fn faults_of_fit_are_found_in_their_place() {
    check(&faults_of_fit());
}

#[test]
fn faults_of_company_are_found_in_their_place() {
    check(&faults_of_company());
}

#[test]
fn faults_of_change_are_found_in_their_place() {
    check(&faults_of_change());
}

#[test]
fn faults_of_load_calls_are_found_in_their_place() {
    check(&faults_of_load_calls());
}

#[test]
fn faults_of_accounts_are_found_in_their_place() {
    check(&faults_of_accounts());
}

#[test]
fn faults_of_targets_are_found_in_their_place() {
    check(&faults_of_targets());
}

#[test]
fn faults_of_other_files_are_found_in_their_place() {
    check(&faults_of_other_files());
}

#[test]
fn faults_of_profiles_are_found_in_their_place() {
    check(&faults_of_profiles());
}

#[test]
fn faults_of_the_catalogue_are_found_in_their_place() {
    check(&faults_of_catalog());
}

#[test]
fn every_code_has_a_file_that_earns_it() {
    let earned: BTreeSet<Code> =
        all_faults().iter().flat_map(|fault| &fault.expected).map(|(code, ..)| *code).collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !earned.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_good_files_have_no_fault() {
    for (file, text) in [TABLE_FILE, STEPS_FILE, TARGET_FILE, PROFILE_FILE] {
        assert_eq!(load(file, text).1, [], "{file}");
    }
}

#[track_caller]
fn check_good(changes: &[(&str, &str)]) {
    let text = changes.iter().fold(SHORT.to_owned(), |good, (from, to)| {
        assert!(good.contains(from), "{from:?}");
        good.replacen(from, to, 1)
    });
    assert_eq!(load(SHORT_FILE.0, &text).1, [], "{text}");
}

#[test]
fn a_fresh_account_may_be_changed_and_its_objects_may_always() {
    let fresh = ("account: minter", "account: minter\n    fresh: true");
    let call = "call: sts.GetCallerIdentity";
    let tags = "call: iam.TagUser\n        params: {UserName: \"${minter.name}\"}";
    check_good(&[(call, tags), fresh]);
    let object = "call: s3.PutObject\n        params: {Bucket: \"stspec-${run.id}-b\", Key: a}";
    check_good(&[(call, object)]);
    let made = "call: iam.CreateUser\n        params: {UserName: \"stspec-${run.id}-joe\"}";
    check_good(&[(call, made), fresh]);
}

#[test]
fn the_administrator_may_arrange() {
    check_good(&[(
        "      - id: look",
        "      - {id: see, role: control, as: admin, call: iam.ListUsers, expect: {status: 200}}\n      - id: look",
    )]);
}

#[test]
fn three_mistakes_give_three_diagnostics() {
    let text = SHORT
        .replace("level: should", "level: shuold")
        .replace("role: control", "rolle: control")
        .replace("sts.GetCallerIdentity\n", "sts.GetCallerId\n");
    let (library, diagnostics, _) = load(SHORT_FILE.0, &text);
    let found: Vec<(Code, usize)> = diagnostics.iter().map(|d| (d.code, d.line)).collect();
    let expected = [(Code::UnknownWord, 3), (Code::UnknownKey, 10), (Code::UnknownOperation, 13)];
    assert_eq!(found, expected);
    assert!(library.rules().is_empty());
}

#[test]
fn characters_beyond_ascii_in_a_block_scalar_move_no_span() {
    let text = SHORT.replace("level: should", "note: |\n  zwölf größere Äpfel: ✓✓✓\nlevel: shuold");
    let (_, diagnostics, _) = load(SHORT_FILE.0, &text);
    let diagnostic = diagnostics.first().expect("a diagnostic");
    let Span { offset, length } = diagnostic.span;
    assert_eq!(text.get(offset..offset + length), Some("shuold"));
    assert_eq!((diagnostic.line, diagnostic.column), (5, 8));
}

#[test]
fn the_first_duplicate_key_is_reported_and_nothing_behind_it_is_read() {
    let text = SHORT.replace("level: should", "says: again\nlevel: shuold\nsays: and again");
    let (_, diagnostics, _) = load(SHORT_FILE.0, &text);
    let found: Vec<(Code, usize)> = diagnostics.iter().map(|d| (d.code, d.line)).collect();
    let expected = [(Code::DuplicateKey, 3)];
    assert_eq!(found, expected);
}

#[test]
fn a_broken_account_is_not_reported_by_its_users() {
    let (library, diagnostics, _) =
        load(ACCOUNT_FILE.0, &ACCOUNT.replace("  minter:", "  mintor:").replace("says:", "say:"));
    let files: BTreeSet<&str> = diagnostics.iter().map(|d| d.file.as_str()).collect();
    assert_eq!(files, BTreeSet::from([ACCOUNT_FILE.0]));
    assert_eq!(library.rules().len(), 1);
    assert!(library.accounts().is_empty());
}

#[track_caller]
fn check_left_out((file, good): (&'static str, &str), (from, to): (&str, &str)) {
    let (library, diagnostics, _) = load(file, &good.replacen(from, to, 1));
    assert_eq!(diagnostics.len(), 1);
    let ids: Vec<&str> = library.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["short"]);
}

#[test]
fn a_rule_with_an_error_is_left_out_and_no_other() {
    check_left_out(TABLE_FILE, ("[lifetime-unchecked]", "[lifetime-uncheckd]"));
    check_left_out(TABLE_FILE, ("level: must", "level: must\nlevel: must"));
}

#[test]
fn a_warning_keeps_nothing_from_loading() {
    let (library, diagnostics, _) =
        load("scenarios/accounts/spare.yaml", "account: spare\nsays: Nobody needs it.\n");
    assert_eq!(diagnostics[0].severity(), Severity::Warning);
    assert_eq!(library.accounts().len(), 2);
}

#[test]
fn spans_are_the_faulty_text() {
    let text = SHORT.replace("The answer", "Die Öffnung").replace("should", "'ought'");
    let (_, diagnostics, _) = load(SHORT_FILE.0, &text);
    let span = diagnostics[0].span;
    assert_eq!(text.get(span.offset..span.offset + span.length), Some("'ought'"));
}

#[test]
fn a_diagnostic_shows_place_excerpt_code_and_help() {
    let (_, diagnostics, files) = load(SHORT_FILE.0, &SHORT.replace("should", "shuold"));
    let rendered = render(&diagnostics, &files, Colour::Never);
    let expected = "\
STS008

  × `shuold` is no level
   ╭─[scenarios/rules/short.yaml:3:8]
 2 │ says: The answer names the caller.
 3 │ level: shuold
   ·        ──────
 4 │ evidence: documented
   ╰────
  help: did you mean `should`?

";
    assert_eq!(rendered, expected);
    assert!(render(&diagnostics, &files, Colour::Always).contains("\u{1b}["));
}

#[test]
fn a_diagnostic_without_its_source_still_names_its_place() {
    let (_, diagnostics, _) = load(SHORT_FILE.0, &SHORT.replace("should", "shuold"));
    let rendered = render(&diagnostics, &BTreeMap::new(), Colour::Never);
    assert!(rendered.contains("scenarios/rules/short.yaml:3:8: STS008"), "{rendered}");
}

/// Loads a text that may be anything, and checks that its diagnostics point into it.
fn survive(file: &str, text: &str) {
    let (_, diagnostics, files) = load(file, text);
    for Diagnostic { span, line, .. } in &diagnostics {
        let in_some_file = files.values().any(|text| span.offset + span.length <= text.len());
        assert!(in_some_file && *line >= 1, "{text}");
    }
    let rendered = render(&diagnostics, &files, Colour::Never);
    assert_eq!(rendered.is_empty(), diagnostics.is_empty(), "{text}");
}

#[test]
fn no_truncation_makes_the_reader_panic() {
    for (file, text) in [TABLE_FILE, TARGET_FILE, PROFILE_FILE, CATALOG_FILE] {
        for (end, _) in text.char_indices().step_by(2) {
            survive(file, text.get(..end).unwrap_or_default());
        }
    }
}

#[test]
fn no_stray_character_makes_the_reader_panic() {
    for (file, text) in [SHORT_FILE, TABLE_FILE, ACCOUNT_FILE, CATALOG_FILE] {
        for (number, (offset, _)) in text.char_indices().step_by(4).enumerate() {
            let strays =
                ["{", "}", "[", "\"", "'", ":", "\n", "\t", "&", "*", "!", "|", "#", "é", "? "];
            let stray = strays[number % strays.len()];
            let (before, after) = text.split_at(offset);
            survive(file, &format!("{before}{stray}{after}"));
        }
    }
}

#[test]
fn odd_documents_are_faults_and_no_panic() {
    for text in
        ["", "\u{feff}rule: a", "rule", "[]", "{}", "? [a]: b", "a: !!str b", "\0", "a: b: c"]
    {
        let (library, diagnostics, _) = load("scenarios/rules/odd.yaml", text);
        assert!(diagnostics.iter().any(|d| d.file.ends_with("odd.yaml")), "{text:?}");
        assert_eq!(library.rules().len(), 1, "{text:?}");
    }
    survive("scenarios/rules/odd.yaml", &"[".repeat(10_000));
    survive("scenarios/rules/odd.yaml", &format!("a: {}", "- ".repeat(5_000)));
}
