//! What the revision of September 2026 changed.

use stspec_reference::{Config, Fault, Faults, Revision};

use crate::client::{ALLOW_ALL, Reply, Server};

fn server(revision: Revision) -> Server {
    Server::started(Config { revision, ..Config::default() })
}

fn number(reply: &Reply, name: &str) -> usize {
    reply.text(name).parse().unwrap()
}

/// Checks the three elements against the token that they count.
#[track_caller]
fn check_sizes(reply: &Reply) {
    let bytes = reply.text("SessionToken").len();
    assert_eq!(number(reply, "SessionTokenSize"), bytes);
    assert_eq!(number(reply, "SessionTokenUtilization"), bytes * 100 / 4096);
}

/// As many tags of 384 characters as are asked for.
fn tags(count: usize) -> Vec<(String, String)> {
    let tag = |number| {
        let key = format!("{number:0>128}");
        let name = |part| format!("Tags.member.{number}.{part}");
        [(name("Key"), key), (name("Value"), "v".repeat(256))]
    };
    (1..=count).flat_map(tag).collect()
}

fn mint(server: &Server, params: &[(String, String)]) -> Reply {
    let params: Vec<_> =
        params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    server.mint(&server.root(), &params)
}

#[test]
fn from_september_2026_every_answer_tells_the_size_of_its_token() {
    let server = server(Revision::FromSeptember2026);
    for params in [&[][..], &[("Policy", ALLOW_ALL)]] {
        let reply = server.mint(&server.root(), params);
        check_sizes(&reply);
        assert_eq!(reply.text("PackedPolicySize"), reply.text("SessionTokenUtilization"));
    }
    let reply = server.sts(&server.root(), "GetSessionToken", &[]);
    check_sizes(&reply);
    assert_eq!(reply.element("PackedPolicySize"), None);
    let user = server.user("caller", ALLOW_ALL);
    let trust = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}"#;
    server.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]);
    let arn = format!("arn:aws:iam::{}:role/r", server.reference.account());
    let role = [("RoleArn", arn.as_str()), ("RoleSessionName", "s1")];
    let reply = server.sts(&user, "AssumeRole", &role);
    check_sizes(&reply);
    assert_eq!(reply.text("PackedPolicySize"), reply.text("SessionTokenUtilization"));
}

#[test]
fn before_no_answer_does_and_the_padding_is_an_unknown_parameter() {
    let server = server(Revision::BeforeSeptember2026);
    for size in ["4096", "4097", "x"] {
        let reply = server.mint(&server.root(), &[("MinimumSessionTokenSize", size)]);
        assert_eq!(reply.text("PackedPolicySize"), "0");
        assert_eq!(reply.element("SessionTokenSize"), None);
        assert_eq!(reply.element("SessionTokenUtilization"), None);
        assert!(reply.text("SessionToken").len() < 1000);
    }
    assert_eq!(
        server.sts(&server.root(), "GetSessionToken", &[]).element("SessionTokenSize"),
        None
    );
}

#[test]
fn a_token_is_padded_to_as_much_as_4096_bytes() {
    let server = server(Revision::FromSeptember2026);
    let ask = |action: &str, size: &str| {
        let params = [("Name", "stspec"), ("MinimumSessionTokenSize", size)];
        server.sts(&server.root(), action, &params)
    };
    for action in ["GetFederationToken", "GetSessionToken"] {
        for size in ["0", "1000", "4096"] {
            let reply = ask(action, size);
            check_sizes(&reply);
            assert!(number(&reply, "SessionTokenSize") >= size.parse().unwrap(), "{size}");
        }
        assert_eq!(ask(action, "4096").text("SessionTokenUtilization"), "100");
        assert_eq!(ask(action, "4097").refusal(), (400, "ValidationError"), "{action}");
        assert_eq!(ask(action, "-1").refusal(), (400, "ValidationError"), "{action}");
        assert_eq!(ask(action, "x").refusal(), (400, "MalformedInput"), "{action}");
    }
}

#[test]
fn the_limit_is_on_what_was_passed_before_and_on_the_token_from_then_on() {
    let (before, from) =
        (server(Revision::BeforeSeptember2026), server(Revision::FromSeptember2026));
    let (two, eight) = (tags(2), tags(8));
    let packed = mint(&before, &two);
    assert_eq!(packed.refusal(), (400, "PackedPolicyTooLarge"));
    assert!(packed.text("Message").ends_with("% of allotted space."), "{}", packed.body);
    let reply = mint(&from, &two);
    assert_eq!(reply.status, 200, "{}", reply.body);
    check_sizes(&reply);
    let reply = mint(&from, &eight);
    assert_eq!(reply.refusal(), (400, "PackedPolicyTooLarge"));
    let message = reply.text("Message");
    assert!(message.starts_with("Session token size of 4"), "{message}");
    assert!(message.ends_with("exceeds the maximum of 4096 bytes"), "{message}");
}

/// What a faulty server of the new revision says about a session that is to have 2,000 bytes at least.
fn told(fault: Option<Fault>, least: &str) -> String {
    let faults = Faults::from_iter(fault);
    let revision = Revision::FromSeptember2026;
    let server = Server::started(Config { revision, faults, ..Config::default() });
    let reply = server.mint(&server.root(), &[("MinimumSessionTokenSize", least)]);
    if reply.status != 200 {
        return reply.text("Code").to_owned();
    }
    let size = reply.element("SessionTokenSize").map(str::parse::<usize>);
    let right = size == Some(Ok(reply.text("SessionToken").len()));
    let padded = reply.text("SessionToken").len() >= 2000;
    let same = reply.element("PackedPolicySize") == reply.element("SessionTokenUtilization");
    format!("size {right}, padded {padded}, same {same}")
}

#[test]
fn faults_about_sizes_show_at_the_revision_that_brought_them() {
    assert_eq!(told(None, "2000"), "size true, padded true, same true");
    assert_eq!(told(None, "4097"), "ValidationError");
    let check = |fault, expected| assert_eq!(told(Some(fault), "2000"), expected, "{fault}");
    check(Fault::TokenSizeTooHigh, "size false, padded true, same true");
    check(Fault::TokenMinimumIgnored, "size true, padded false, same true");
    check(Fault::PackedSizeNotUtilisation, "size true, padded true, same false");
    check(Fault::TokenSizesMissing, "size false, padded true, same false");
    assert_ne!(told(Some(Fault::TokenMinimumUnchecked), "4097"), "ValidationError");
}
