//! The reports for build servers, pages and browsers.

use stspec_report::{MARKDOWN_BYTES_MAX, annotations, html, junit, markdown};
use stspec_scenario::{Level, RuleId};
use stspec_verdict::{
    BaselineFinding, BaselineKind, BaselineRecord, End, RunRecord, SnapshotChange, SnapshotRecord,
    Verdict,
};

use crate::example::{self, clean};

/// The example with a baseline that is not as recorded and a rule that looks otherwise than it did.
pub(crate) fn compared() -> RunRecord {
    let mut record = example::run();
    let finding = |kind, check: &str, says: &str| BaselineFinding {
        kind,
        check: check.into(),
        says: says.into(),
    };
    record.baseline = Some(BaselineRecord {
        file: "snapshots/emulator/baseline.yaml".into(),
        of: None,
        unchanged: 3,
        findings: vec![
            finding(
                BaselineKind::Lost,
                "get-federation-token/permissions/no-session-policy/read-an-object/denied",
                "not listed, and inconclusive",
            ),
            finding(BaselineKind::Unmatched, "a/b/c/d", "there is no such check"),
        ],
    });
    record.snapshots = Some(SnapshotRecord {
        folder: "snapshots/emulator".into(),
        must_match: false,
        same: 4,
        changed: vec![SnapshotChange {
            rule: RuleId::parse("get-federation-token/name/plus").expect("a rule id"),
            before: "status: 200\nbody: ''\n".into(),
            now: "status: 400\nbody: ''\n".into(),
        }],
        missing: vec![RuleId::parse("wire/request-id").expect("a rule id")],
    });
    record
}

#[track_caller]
fn check(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing from\n{text}");
    }
}

/// Counts the elements of this name.
fn elements(text: &str, name: &str) -> usize {
    text.matches(&format!("<{name} ")).count()
}

#[test]
fn junit_has_a_case_for_each_check() {
    let record = example::run();
    let text = junit(&clean(&record));
    assert_eq!(elements(&text, "testcase"), record.checks.len());
    check(
        &text,
        &[
            "<testsuites name=\"stspec\" tests=\"10\" failures=\"1\" errors=\"0\" skipped=\"3\" time=\"1.234567\">",
            "timestamp=\"2026-11-21T20:00:00\"",
            "<property name=\"target\" value=\"emulator\"/>",
            "<property name=\"exit_code\" value=\"1\"/>",
            "<testcase classname=\"get-federation-token/duration/maximum\" name=\"bounds/above\" \
             file=\"scenarios/rules/get-federation-token/duration/maximum.yaml\" time=\"0.004321\">",
            "<failure message=\"fail: expected status equal to `400`, observed `200`\" type=\"fail\">",
            "sent      sts.GetFederationToken as federator: Name=stspec DurationSeconds=129601",
            "<skipped message=\"unsupported: not sent: the target has no `root`\">",
            "repeat    stspec run wire/request-id --endpoint http://127.0.0.1:4566",
        ],
    );
}

#[test]
fn junit_names_the_revision_where_there_is_one() {
    let mut record = example::run();
    record.revision = Some("2026-09-14".parse().expect("a date"));
    check(&junit(&clean(&record)), &["<property name=\"revision\" value=\"2026-09-14\"/>"]);
}

#[test]
fn junit_is_red_for_all_that_ends_a_run_badly() {
    let record = compared();
    let text = junit(&clean(&record));
    assert_eq!(elements(&text, "testcase"), record.checks.len() + 1);
    check(
        &text,
        &[
            "<failure message=\"lost: not listed, and inconclusive\" type=\"inconclusive\">",
            "<testcase classname=\"baseline\" name=\"a/b/c/d\" time=\"0.000000\">",
        ],
    );
    let mut record = example::run();
    record.end = End::Unreachable { reason: "refused".into() };
    record.resources.leaked = 1;
    check(
        &junit(&clean(&record)),
        &["<failure message=\"refused\" type=\"unreachable\">", "type=\"leaked\""],
    );
    let mut record = compared();
    record.snapshots.as_mut().expect("snapshots").must_match = true;
    check(&junit(&clean(&record)), &["<testcase classname=\"snapshots\" name=\"wire/request-id\""]);
}

#[test]
fn junit_stays_xml_whatever_a_target_says() {
    let mut record = example::run();
    for each in &mut record.checks {
        each.observed = "\u{1b}[31m</system-out>]]>\0\u{fffe}\u{d}\"&".into();
        each.reason = Some("]]><x a='\u{8}'>".into());
    }
    let text = junit(&clean(&record));
    let forbidden = |character: char| character.is_control() && character != '\n';
    assert!(!text.contains(|character| forbidden(character) || character == '\u{fffe}'));
    check(
        &text,
        &[
            "\\u{1b}[31m&lt;/system-out&gt;]]&gt;\\u{0}",
            "message=\"unsupported: ]]&gt;&lt;x a=&apos;\\u{8}&apos;&gt;\"",
        ],
    );
    assert_eq!(text.matches("</system-out>").count(), record.checks.len());
}

#[test]
fn markdown_has_a_table_and_what_failed_with_its_reproducer() {
    check(
        &markdown(&clean(&compared())),
        &[
            "## stspec: not passed on emulator",
            "| level | pass | observed | unsupported | inconclusive | fail | rules |\n\
             |:--|--:|--:|--:|--:|--:|--:|\n| must | 1 | 0 | 1 | 1 | 1 | 4 |\n",
            "- **unmatched** `a/b/c/d`: there is no such check",
            "### fail `get-federation-token/duration/maximum`",
            "  - expected `` status equal to `400` ``\n  - observed `` `200` ``",
            "```console\n$ stspec run get-federation-token/duration/maximum --endpoint http://127.0.0.1:4566\n```",
            "\\`stspec snapshot accept --endpoint http://127.0.0.1:4566\\` takes them",
            "```diff\n- status: 200\n+ status: 400\n  body: ''\n```",
        ],
    );
}

#[test]
fn markdown_fits_into_the_summary_of_a_step() {
    let mut record = example::run();
    let (rule, checks) = (record.rules[0].clone(), record.checks.clone());
    for number in 0..4_000 {
        let mut rule = rule.clone();
        rule.id = RuleId::parse(&format!("a/b{number}")).expect("a rule id");
        rule.verdict = Verdict::Fail;
        let mut check = checks[0].clone();
        check.rule = rule.id.clone();
        check.verdict = Verdict::Fail;
        check.observed = "x".repeat(300);
        record.rules.push(rule);
        record.checks.push(check);
    }
    let text = markdown(&clean(&record));
    assert!(text.len() <= MARKDOWN_BYTES_MAX, "{}", text.len());
    assert!(text.len() > MARKDOWN_BYTES_MAX - 2_000, "{}", text.len());
    check(&text, &["sections more would not fit"]);
}

#[test]
fn html_has_every_check_and_asks_the_network_for_nothing() {
    let record = compared();
    let text = html(&clean(&record));
    assert_eq!(elements(&text, "section"), record.checks.len());
    for each in &record.checks {
        check(&text, &[each.id.within_rule()]);
    }
    check(
        &text,
        &[
            "Content-Security-Policy\" content=\"default-src 'none'",
            "<button type=\"button\" value=\"fail\" aria-pressed=\"false\">fail 1</button>",
            "<dt>sent</dt><dd>sts.GetFederationToken as federator: Name=stspec DurationSeconds=129601</dd>",
            "<dt>expected</dt><dd>status equal to `400`, error.code equal to `ValidationError`</dd>",
            "<dt>observed</dt><dd>200 with JSON `GetFederationTokenResponse`</dd>",
            "<dt>written</dt><dd>AWS documentation: API_GetFederationToken, DurationSeconds</dd>",
            "<del>- status: 200</del>\n<ins>+ status: 400</ins>",
        ],
    );
    for loading in ["src=", "href=", "url(", "@import", "fetch("] {
        assert!(!text.contains(loading), "`{loading}` in the page");
    }
}

#[test]
fn html_stays_inert_whatever_a_target_says() {
    let mut record = example::run();
    for each in &mut record.checks {
        each.observed = "</script><script>alert(1)</script><img onerror=x>".into();
        each.reason = Some("'\" onmouseover=x".into());
    }
    let text = html(&clean(&record));
    assert_eq!(text.matches("<script").count(), 1);
    assert!(!text.contains("<img") && !text.contains("\" onmouseover"));
}

#[test]
fn github_is_told_of_what_fails_and_where() {
    check(
        &annotations(&clean(&compared())),
        &[
            "::error file=scenarios/rules/get-federation-token/duration/maximum.yaml,title=fail \
             get-federation-token/duration/maximum::DurationSeconds above 129600 is refused; 129600 is \
             accepted.%0Abounds/above: expected status equal to `400`, observed `200`\n",
            "::warning file=scenarios/rules/get-federation-token/permissions/no-session-policy.yaml,",
            "::error file=snapshots/emulator/baseline.yaml,title=baseline%3A unmatched::a/b/c/d: there is no such check\n",
            "::notice title=snapshots::1 rules look otherwise than in snapshots/emulator, 1 are not in it\n",
        ],
    );
    let mut passed = example::run();
    passed.rules.retain(|rule| rule.verdict == Verdict::Pass);
    assert_eq!(annotations(&clean(&passed)), "");
}

#[test]
fn github_is_told_nothing_of_rules_that_only_record() {
    let mut record = example::run();
    for rule in &mut record.rules {
        rule.level = Level::Observe;
    }
    assert_eq!(annotations(&clean(&record)), "");
}
