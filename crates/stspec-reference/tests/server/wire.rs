//! What happens to requests before they are calls.

use crate::client::{Reply, Server};

fn ask(server: &Server, head: &str, body: &str) -> Reply {
    let host = server.host();
    let length = body.len();
    let bytes = format!(
        "{head}\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    server.send_raw(bytes.as_bytes())
}

const FORM: &str =
    "POST / HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded; charset=utf-8";

#[track_caller]
fn check_invalid_action(body: &str, message: &str) {
    let server = Server::honest();
    let reply = ask(&server, FORM, body);
    assert_eq!(reply.refusal(), (400, "InvalidAction"), "{}", reply.body);
    assert_eq!(reply.text("Message"), message);
    assert!(reply.body.contains("xmlns=\"http://webservices.amazon.com/AWSFault/2005-15-09\""));
}

#[test]
fn an_action_is_named_with_its_version() {
    check_invalid_action(
        "Action=Nonsense&Version=2011-06-15",
        "Could not find operation Nonsense for version 2011-06-15",
    );
    check_invalid_action(
        "Action=&Version=2011-06-15",
        "Could not find operation  for version 2011-06-15",
    );
    check_invalid_action(
        "Action=GetCallerIdentity",
        "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
    );
    check_invalid_action(
        "Action=GetCallerIdentity&Version=",
        "Could not find operation GetCallerIdentity for version ",
    );
    check_invalid_action(
        "Action=GetCallerIdentity&Version=2011-06-16",
        "Could not find operation GetCallerIdentity for version 2011-06-16",
    );
    check_invalid_action(
        "Action=getcalleridentity&Version=2011-06-15&Action=GetCallerIdentity",
        "Could not find operation getcalleridentity for version 2011-06-15",
    );
    check_invalid_action(
        "Action=<b>&Version=2011-06-15",
        "Could not find operation &lt;b&gt; for version 2011-06-15",
    );
}

#[test]
fn without_an_action_one_is_sent_away() {
    let server = Server::honest();
    let untyped = ask(&server, "POST / HTTP/1.1", "Action=GetCallerIdentity&Version=2011-06-15");
    let empty = ask(&server, FORM, "Version=2011-06-15");
    let get = ask(&server, "GET /?a=b HTTP/1.1", "");
    for (reply, location) in [
        (untyped, "https://aws.amazon.com/iam"),
        (empty, "https://aws.amazon.com/iam"),
        (get, "https://aws.amazon.com/iam?a=b"),
    ] {
        assert_eq!((reply.status, reply.body.as_str()), (302, ""));
        assert_eq!(reply.header("location"), Some(location));
    }
}

#[test]
fn other_paths_and_methods_are_no_operation() {
    let server = Server::honest();
    for (method, target) in [("GET", "/path"), ("PUT", "/path"), ("DELETE", "/"), ("PATCH", "/x")] {
        let mut call = server.s3_call(method, target, "");
        call.service = "sts";
        let reply = server.send(&call, Some(&server.root()));
        assert_eq!(reply.status, 404, "{method} {target}");
        assert_eq!(reply.body, "<UnknownOperationException/>\n");
    }
}

#[test]
fn a_browser_may_ask_first() {
    let server = Server::honest();
    let head =
        "OPTIONS / HTTP/1.1\r\norigin: https://example.org\r\naccess-control-request-method: POST";
    let reply = ask(&server, head, "");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-methods"), Some("POST"));
}

#[test]
fn a_call_can_come_in_the_query_string() {
    let server = Server::honest();
    let mut call = server.s3_call("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "");
    call.service = "sts";
    let reply = server.send(&call, Some(&server.root()));
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.text("Account"), server.reference.account().as_str());
}

#[test]
fn one_port_serves_three_services() {
    let server = Server::honest();
    let root = server.root();
    assert!(server.sts(&root, "GetCallerIdentity", &[]).body.contains("/doc/2011-06-15/"));
    assert!(server.iam("ListUsers", &[]).body.contains("/doc/2010-05-08/"));
    assert!(server.s3(&root, "GET", "/", "").body.contains("ListAllMyBucketsResult"));
    let reply = server.ask_iam(&root, "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (400, "InvalidAction"));
}

#[test]
fn unknown_parameters_are_ignored_and_the_first_of_two_counts() {
    let server = Server::honest();
    let params =
        [("Name", "first"), ("Name", "x/y"), ("SerialNumber", "1"), ("SourceIdentity", "z")];
    let reply = server.sts(&server.root(), "GetFederationToken", &params);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.text("Arn").ends_with(":federated-user/first"));
}

#[test]
fn a_form_that_is_not_utf_8_is_still_a_form() {
    let server = Server::honest();
    let mut call = server.query("GetFederationToken", &[], "2011-06-15");
    call.body.extend(b"&Name=%ff%fe\xff\xfe");
    let reply = server.send(&call, Some(&server.root()));
    assert_eq!(reply.refusal(), (400, "ValidationError"), "{}", reply.body);
}
