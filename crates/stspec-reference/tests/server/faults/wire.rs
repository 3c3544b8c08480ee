//! Faults in reading what travels.

use stspec_reference::Fault;

use super::{Case, mint, shown};
use crate::client::{Call, Reply, Server};

const VERSION: &str = "2011-06-15";
const FORM: &str = "application/x-www-form-urlencoded";

/// What root is answered to a call that was changed before it was signed.
fn changed(server: &Server, change: impl FnOnce(&mut Call)) -> Reply {
    let mut call = server.query("GetFederationToken", &[("Name", "stspec")], VERSION);
    call.headers = vec![("content-type".to_owned(), format!("{FORM}; charset=utf-8"))];
    change(&mut call);
    server.send(&call, Some(&server.root()))
}

fn with_body(server: &Server, body: &str) -> Reply {
    changed(server, |call| call.body = body.as_bytes().to_vec())
}

/// The answer to a form with this in place of a name: who was minted, or the refusal.
fn named(server: &Server, text: &str) -> String {
    let reply =
        with_body(server, &format!("Action=GetFederationToken&Version={VERSION}&Name={text}"));
    match reply.status {
        200 => reply.text("Arn").rsplit('/').next().unwrap_or_default().to_owned(),
        _ => shown(&reply),
    }
}

fn action(server: &Server, action: &str) -> Reply {
    with_body(server, &format!("Action={action}&Version={VERSION}&Name=stspec"))
}

fn elsewhere(server: &Server, method: &'static str, target: &str) -> String {
    let reply = changed(server, |call| {
        call.method = method;
        target.clone_into(&mut call.target);
        call.headers.clear();
        call.body.clear();
    });
    reply.status.to_string()
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each fault")]
pub(super) fn cases() -> Vec<Case> {
    let invalid = "400 InvalidAction";
    let ill_formed = "400 ValidationError";
    let case = |fault, look, honest, faulty| Case { fault, look, honest, faulty };
    vec![
        case(Fault::ActionInAnyCase, |s| shown(&action(s, "getfederationtoken")), invalid, "200"),
        case(
            Fault::ActionMustComeFirst,
            |s| shown(&with_body(s, "Version=2011-06-15&Name=stspec&Action=GetFederationToken")),
            "200",
            "302 ",
        ),
        case(
            Fault::BodyReadWithoutContentType,
            |s| shown(&changed(s, |call| call.headers.clear())),
            "302 ",
            "200",
        ),
        case(
            Fault::ContentTypePlainRefused,
            |s| {
                let plain = vec![("content-type".to_owned(), FORM.to_owned())];
                shown(&changed(s, |call| call.headers = plain))
            },
            "200",
            "302 ",
        ),
        case(Fault::EmptyActionRedirected, |s| shown(&action(s, "")), invalid, "302 "),
        case(
            Fault::ErrorEnvelopeMissing,
            |s| {
                let reply = mint(s, &[("DurationSeconds", "1")]);
                format!("{} {}", shown(&reply), reply.body.contains("ErrorResponse"))
            },
            "400 ValidationError true",
            "400 ValidationError false",
        ),
        case(Fault::FormEmptyPairsRefused, |s| named(s, "stspec&"), "stspec", "302 "),
        case(Fault::FormEscapesDecodedTwice, |s| named(s, "a%252Bb"), ill_formed, "a+b"),
        case(Fault::FormLowerCaseEscapesKept, |s| named(s, "a%2bb"), "a+b", ill_formed),
        case(Fault::FormPlusKept, |s| named(s, "a+b"), ill_formed, "a+b"),
        case(
            Fault::GetRefused,
            |s| {
                let target = "/?Action=GetFederationToken&Version=2011-06-15&Name=stspec";
                elsewhere(s, "GET", target)
            },
            "200",
            "400",
        ),
        case(
            Fault::InvalidActionCode,
            |s| shown(&action(s, "Nonsense")),
            invalid,
            "400 UnknownOperationException",
        ),
        case(
            Fault::InvalidActionNamespace,
            |s| action(s, "Nonsense").body.contains("sts.amazonaws.com/doc").to_string(),
            "false",
            "true",
        ),
        case(
            Fault::InvalidActionStatus,
            |s| shown(&action(s, "Nonsense")),
            invalid,
            "404 InvalidAction",
        ),
        case(Fault::LastParameterCounts, |s| named(s, "first&Name=second"), "first", "second"),
        case(
            Fault::NoActionAsError,
            |s| shown(&with_body(s, "Version=2011-06-15&Name=stspec")),
            "302 ",
            "400 MissingAction",
        ),
        case(
            Fault::RedirectWithoutQuery,
            |s| {
                let reply = changed(s, |call| {
                    call.method = "GET";
                    "/?Version=2011-06-15".clone_into(&mut call.target);
                    call.headers.clear();
                    call.body.clear();
                });
                reply.header("location").unwrap_or_default().to_owned()
            },
            "https://aws.amazon.com/iam?Version=2011-06-15",
            "https://aws.amazon.com/iam",
        ),
        case(Fault::OtherMethodsNotAllowed, |s| elsewhere(s, "PUT", "/path"), "404", "405"),
        case(
            Fault::PathsAllAlike,
            |s| elsewhere(s, "GET", "/path?Action=GetCallerIdentity&Version=2011-06-15"),
            "404",
            "200",
        ),
        case(
            Fault::UnknownParametersRefused,
            |s| named(s, "stspec&Stspec=1"),
            "stspec",
            "400 InvalidQueryParameter",
        ),
        case(
            Fault::VersionUnchecked,
            |s| shown(&with_body(s, "Action=GetFederationToken&Name=stspec")),
            invalid,
            "200",
        ),
    ]
}
