//! Regions in which STS is switched off, and those in which it never was.

use std::collections::BTreeSet;

use stspec_reference::{Config, Fault, Faults, Reference};

use crate::client::{ALLOW_ALL, Keys, Reply, Server};

const DISABLED: &str = "eu-west-3";

fn server() -> Server {
    server_with(Faults::none())
}

fn server_with(faults: Faults) -> Server {
    let disabled_regions = BTreeSet::from([DISABLED.to_owned(), "ap-east-1".to_owned()]);
    Server::started(Config { disabled_regions, faults, ..Config::default() })
}

fn ask(server: &Server, keys: &Keys, region: &'static str, action: &str) -> Reply {
    let mut call = server.query(action, &[("Name", "stspec")], "2011-06-15");
    call.region = region;
    server.send(&call, Some(keys))
}

#[test]
fn nobody_gets_credentials_in_a_disabled_region() {
    let server = server();
    let user = server.user("caller", ALLOW_ALL);
    let account = server.reference.account();
    for region in [DISABLED, "ap-east-1"] {
        for action in ["GetFederationToken", "GetSessionToken", "AssumeRole"] {
            let reply = ask(&server, &user, region, action);
            assert_eq!(reply.refusal(), (403, "RegionDisabledException"), "{action}");
            assert_eq!(
                reply.text("Message"),
                format!(
                    "STS is not activated in this region for account:{account}. Your account \
                     administrator can activate STS in this region using the IAM Console."
                )
            );
        }
    }
    assert_eq!(ask(&server, &user, "us-east-1", "GetFederationToken").status, 200);
}

#[test]
fn everybody_may_ask_who_they_are_in_a_disabled_region() {
    let server = server();
    let user = server.user("caller", ALLOW_ALL);
    let session = ask(&server, &user, "us-east-1", "GetSessionToken").keys();
    for keys in [&user, &session] {
        assert_eq!(ask(&server, keys, DISABLED, "GetCallerIdentity").status, 200);
    }
    let forged = Keys { secret: "x".repeat(40), ..user };
    for action in ["GetFederationToken", "GetCallerIdentity"] {
        let reply = ask(&server, &forged, DISABLED, action);
        assert_eq!(reply.refusal(), (403, "SignatureDoesNotMatch"), "{action}");
    }
}

#[track_caller]
fn check_fault(fault: Fault, action: &str, expected: (u16, &str)) {
    let server = server_with(fault.into());
    assert_eq!(ask(&server, &server.root(), DISABLED, action).refusal(), expected, "{fault}");
}

#[test]
fn faults_answer_otherwise_in_a_disabled_region() {
    check_fault(Fault::RegionDisabledIgnored, "GetFederationToken", (200, ""));
    check_fault(Fault::RegionDisabledCode, "GetFederationToken", (403, "RegionDisabled"));
    let code = "RegionDisabledException";
    check_fault(Fault::RegionDisabledStatus, "GetFederationToken", (400, code));
    check_fault(Fault::IdentityRefusedInDisabledRegion, "GetCallerIdentity", (403, code));
}

#[test]
fn a_region_that_is_neither_served_nor_disabled_is_no_scope() {
    let server = server();
    let reply = ask(&server, &server.root(), "eu-central-1", "GetCallerIdentity");
    assert_eq!(reply.refusal(), (403, "SignatureDoesNotMatch"));
    assert_eq!(reply.text("Message"), "Credential should be scoped to a valid region. ");
}

#[test]
fn the_first_region_cannot_be_disabled() {
    let disabled_regions = BTreeSet::from(["us-east-1".to_owned()]);
    let config = Config { disabled_regions, ..Config::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(Reference::start(config)).unwrap_err();
    assert_eq!(error.to_string(), "STS can't be disabled in `us-east-1`; choose another region");
}
