//! Faults in believing who sent a request.

use jiff::SignedDuration;
use stspec_reference::Fault;

use super::{Case, asked, broker, federated, identity, shown};
use crate::client::{Keys, Server, presigned, signature};

const NOBODY: &str = "AKIAUNKNOWNUNKNOWN12";

fn nobody(server: &Server) -> Keys {
    Keys { id: NOBODY.to_owned(), ..server.root() }
}

/// A request whose signature stands in its query string, some time later.
fn asked_by_query(server: &Server, keys: &Keys, minutes: i64) -> String {
    let mut call = server.query("GetCallerIdentity", &[], "2011-06-15");
    call.signed_at -= SignedDuration::from_mins(minutes);
    shown(&server.send(&presigned(&server.host(), &call, keys), None))
}

fn with_longer_query(server: &Server) -> String {
    let mut call = server.query("GetCallerIdentity", &[], "2011-06-15");
    call.headers.insert(0, ("host".to_owned(), server.host()));
    let signed = signature(&server.host(), &call, &server.root());
    call.headers.extend(signed);
    call.headers.remove(0);
    call.target.push_str("?&Extra=1");
    shown(&server.send(&call, None))
}

fn with_authorization(server: &Server, authorization: &str) -> String {
    let call = server.query("GetCallerIdentity", &[], "2011-06-15");
    shown(&server.send(&call.header("authorization", authorization), None))
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each fault")]
pub(super) fn cases() -> Vec<Case> {
    let case = |fault, look, honest, faulty| Case { fault, look, honest, faulty };
    vec![
        case(Fault::AppendedQueryAccepted, with_longer_query, "403 SignatureDoesNotMatch", "200"),
        case(
            Fault::ClockWindowFiveMinutes,
            |s| asked(s, |call| call.signed_at -= SignedDuration::from_mins(14), Some(&s.root())),
            "200",
            "403 SignatureDoesNotMatch",
        ),
        case(
            Fault::DroppedTokenCode,
            |s| shown(&identity(s, &Keys { token: None, ..federated(s) })),
            "403 InvalidClientTokenId",
            "403 MissingAuthenticationToken",
        ),
        case(
            Fault::InactiveKeyAccepted,
            |s| {
                let user = broker(s);
                let off = [
                    ("UserName", "broker"),
                    ("AccessKeyId", user.id.as_str()),
                    ("Status", "Inactive"),
                ];
                s.iam("UpdateAccessKey", &off);
                shown(&identity(s, &user))
            },
            "403 InvalidClientTokenId",
            "200",
        ),
        case(
            Fault::KeyBeforeScope,
            |s| asked(s, |call| call.service = "ec2", Some(&nobody(s))),
            "403 SignatureDoesNotMatch",
            "403 InvalidClientTokenId",
        ),
        case(
            Fault::LongTermTokenIgnored,
            |s| shown(&identity(s, &Keys { token: federated(s).token, ..s.root() })),
            "403 InvalidClientTokenId",
            "200",
        ),
        case(
            Fault::MalformedAuthorizationCode,
            |s| with_authorization(s, "AWS4-HMAC-SHA256 nonsense"),
            "400 IncompleteSignature",
            "403 MissingAuthenticationToken",
        ),
        case(
            Fault::PresignedExpiryIgnored,
            |s| asked_by_query(s, &s.root(), 6),
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(
            Fault::PresignedRefused,
            |s| asked_by_query(s, &s.root(), 0),
            "200",
            "403 MissingAuthenticationToken",
        ),
        case(
            Fault::QueryTokenIgnored,
            |s| asked_by_query(s, &federated(s), 0),
            "200",
            "403 InvalidClientTokenId",
        ),
        case(
            Fault::SignatureComparisonShown,
            |s| {
                let wrong = Keys { secret: "x".repeat(40), ..s.root() };
                identity(s, &wrong).element("CanonicalRequest").is_some().to_string()
            },
            "false",
            "true",
        ),
        case(
            Fault::UnsignedPayloadAccepted,
            |s| {
                let unsigned = ("x-amz-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned());
                asked(s, |call| call.headers.push(unsigned), Some(&s.root()))
            },
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(
            Fault::ValidationBeforeAuthentication,
            |s| {
                let wrong = Keys { secret: "x".repeat(40), ..broker(s) };
                shown(&s.mint(&wrong, &[("DurationSeconds", "1")]))
            },
            "403 SignatureDoesNotMatch",
            "400 ValidationError",
        ),
    ]
}
