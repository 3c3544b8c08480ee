//! Faults of shapes, documents, sizes and the form of answers.

use std::collections::BTreeSet;

use stspec_reference::Fault;

use super::{
    Case, broker, federated, for_seconds, identity, kind_of, mint, named, padded, shown,
    with_policy,
};
use crate::client::{ALLOW_ALL, Server};

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// The message of a refusal up to its first colon.
fn start_of_message(server: &Server, params: &[(&str, &str)]) -> String {
    let reply = server.sts(&broker(server), "GetFederationToken", params);
    reply.text("Message").split(':').next().unwrap().to_owned()
}

/// The first word of the first constraint that a refusal names.
fn first_constraint(server: &Server, params: &[(&str, &str)]) -> String {
    let reply = server.sts(&broker(server), "GetFederationToken", params);
    let (_, constraint) = reply.text("Message").split_once("Member must ").unwrap();
    constraint.split(' ').next().unwrap().to_owned()
}

fn for_seconds_body(server: &Server) -> String {
    mint(server, &[("DurationSeconds", "1")]).body
}

fn json(server: &Server) -> String {
    let user = broker(server);
    let call = server.query("GetFederationToken", &[("Name", "stspec")], "2011-06-15");
    let reply = server.send(&call.header("accept", "application/json"), Some(&user));
    reply.header("content-type").unwrap().to_owned()
}

fn distinct_sizes(server: &Server) -> String {
    let user = broker(server);
    let size = |_| {
        let reply = server.mint(&user, &[("Policy", ALLOW_ALL)]);
        reply.text("PackedPolicySize").to_owned()
    };
    match (0..8).map(size).collect::<BTreeSet<String>>().len() {
        1 => "1".to_owned(),
        _ => "many".to_owned(),
    }
}

fn distinct_request_ids(server: &Server) -> String {
    let user = broker(server);
    let id = || server.mint(&user, &[]).text("RequestId").to_owned();
    (id() != id()).to_string()
}

fn with_arns(server: &Server, arns: &[&str]) -> String {
    let number = |(position, arn): (usize, &&str)| {
        (format!("PolicyArns.member.{}.arn", position + 1), (*arn).to_owned())
    };
    let params: Vec<_> = arns.iter().enumerate().map(number).collect();
    let params: Vec<_> = params.iter().map(|(name, arn)| (name.as_str(), arn.as_str())).collect();
    shown(&mint(server, &params))
}

fn tagged(server: &Server, tags: &[(&str, &str)]) -> String {
    let number = |(position, (key, value)): (usize, &(&str, &str))| {
        let name = |part| format!("Tags.member.{}.{part}", position + 1);
        [(name("Key"), (*key).to_owned()), (name("Value"), (*value).to_owned())]
    };
    let params: Vec<_> = tags.iter().enumerate().flat_map(number).collect();
    let params: Vec<_> = params.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    shown(&mint(server, &params))
}

fn too_large(server: &Server) -> String {
    let value = "v".repeat(250);
    let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    tagged(server, &keys.map(|key| (key, value.as_str())))
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each fault")]
pub(super) fn cases() -> Vec<Case> {
    let case = |fault, look, honest, faulty| Case { fault, look, honest, faulty };
    vec![
        case(
            Fault::AnswerWithPolicy,
            |s| mint(s, &[("Policy", ALLOW_ALL)]).element("Policy").is_some().to_string(),
            "false",
            "true",
        ),
        case(
            Fault::BadIntegerCode,
            |s| for_seconds(s, "abc"),
            "400 MalformedInput",
            "400 ValidationError",
        ),
        case(Fault::BadIntegerIgnored, |s| for_seconds(s, "abc"), "400 MalformedInput", "200"),
        case(
            Fault::EmptyNameTwoViolations,
            |s| start_of_message(s, &[("Name", "")]),
            "1 validation error detected",
            "2 validation errors detected",
        ),
        case(
            Fault::ErrorEnvelopeMissing,
            |s| for_seconds_body(s).contains("<ErrorResponse").to_string(),
            "true",
            "false",
        ),
        case(
            Fault::ExtendedRequestIdMissing,
            |s| mint(s, &[]).header("x-amz-sts-extended-request-id").is_some().to_string(),
            "true",
            "false",
        ),
        case(
            Fault::FederatedUserInForeignAccount,
            |s| kind_of(mint(s, &[]).text("FederatedUserId")),
            "ACCOUNT:stspec",
            "000000000000:stspec",
        ),
        case(Fault::JsonIgnored, json, "application/json", "text/xml"),
        case(Fault::LaxIntegersRefused, |s| for_seconds(s, "+0900"), "200", "400 MalformedInput"),
        case(
            Fault::LengthBeforePattern,
            |s| first_constraint(s, &[("Name", "/")]),
            "satisfy",
            "have",
        ),
        case(Fault::NameLetterFirst, |s| named(s, "1a"), "200", "400 ValidationError"),
        case(Fault::NameMarksRefused, |s| named(s, "a@b"), "200", "400 ValidationError"),
        case(
            Fault::NameUnicodeAccepted,
            |s| named(s, "\u{e9}\u{e9}"),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::PackedSizeConstant,
            |s| mint(s, &[("Policy", ALLOW_ALL)]).text("PackedPolicySize").to_owned(),
            "4",
            "6",
        ),
        case(Fault::PackedSizeUnsteady, distinct_sizes, "1", "many"),
        case(
            Fault::PolicyAnyJsonAccepted,
            |s| with_policy(s, "[]"),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyArnForeignAccepted,
            |s| with_arns(s, &["arn:aws:iam::111122223333:policy/one"]),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyArnLengthUnchecked,
            |s| with_arns(s, &["short"]),
            "400 ValidationError",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicyArnMissingAccepted,
            |s| with_arns(s, &["arn:aws:iam::aws:policy/NoSuchPolicy"]),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyArnsMaximumIgnored,
            |s| with_arns(s, &[READ_ONLY; 11]),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::PolicyArnsMaximumOffByOne,
            |s| with_arns(s, &[READ_ONLY; 10]),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::PolicyArnsRefused,
            |s| with_arns(s, &[READ_ONLY]),
            "200",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicyCheckedFirst,
            |s| shown(&mint(s, &[("Policy", "no JSON"), ("DurationSeconds", "1")])),
            "400 ValidationError",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicyControlCharactersDropped,
            |s| with_policy(s, &format!("{ALLOW_ALL}\u{1}")),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::PolicyEffectAnyCase,
            |s| with_policy(s, &ALLOW_ALL.replace("Allow", "allow")),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyLatin1Refused,
            |s| with_policy(s, &ALLOW_ALL.replacen('*', "s3:\u{e9}*", 1)),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::PolicyLineBreaksRefused,
            |s| with_policy(s, &format!("{ALLOW_ALL}\n")),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::PolicyNotElementsRefused,
            |s| with_policy(s, &ALLOW_ALL.replace("Action", "NotAction")),
            "200",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicySingleStatementRefused,
            |s| with_policy(s, &ALLOW_ALL.replace(['[', ']'], "")),
            "200",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicyTrailingTextIgnored,
            |s| with_policy(s, &format!("{ALLOW_ALL} and more")),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyVersion2008Refused,
            |s| with_policy(s, &ALLOW_ALL.replace("2012", "2008")),
            "200",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicyVersionRequired,
            |s| with_policy(s, &ALLOW_ALL.replace(r#""Version": "2012-10-17","#, "")),
            "200",
            "400 MalformedPolicyDocument",
        ),
        case(
            Fault::PolicyWhiteSpaceIgnored,
            |s| with_policy(s, &padded(ALLOW_ALL, 2049)),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::RequestIdOutsideMetadata,
            |s| mint(s, &[]).element("ResponseMetadata").is_some().to_string(),
            "true",
            "false",
        ),
        case(Fault::RequestIdStatic, distinct_request_ids, "true", "false"),
        case(
            Fault::SessionTokenNotBase64,
            |s| {
                let keys = federated(s);
                let odd = keys.token.as_ref().is_some_and(|token| token.contains(':'));
                format!("{odd} {}", shown(&identity(s, &keys)))
            },
            "false 200",
            "true 200",
        ),
        case(Fault::SizeUnchecked, too_large, "400 PackedPolicyTooLarge", "200"),
        case(
            Fault::TagAwsPrefixAccepted,
            |s| tagged(s, &[("aws:k", "v")]),
            "400 InvalidParameterValue",
            "200",
        ),
        case(
            Fault::TagAwsPrefixInValueAccepted,
            |s| tagged(s, &[("k", "aws:v")]),
            "400 InvalidParameterValue",
            "200",
        ),
        case(
            Fault::TagCharactersUnchecked,
            |s| tagged(s, &[("a*b", "v")]),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::TagDuplicatesAccepted,
            |s| tagged(s, &[("k", "v"), ("k", "w")]),
            "400 InvalidParameterValue",
            "200",
        ),
        case(
            Fault::TagDuplicatesCode,
            |s| tagged(s, &[("k", "v"), ("k", "w")]),
            "400 InvalidParameterValue",
            "400 InvalidInput",
        ),
        case(Fault::TagKeyEmptyAccepted, |s| tagged(s, &[("", "v")]), "400 ValidationError", "200"),
        case(
            Fault::TagKeyLengthIgnored,
            |s| tagged(s, &[(&"k".repeat(129), "v")]),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::TagKeyLengthOffByOne,
            |s| tagged(s, &[(&"k".repeat(128), "v")]),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::TagKeyOptional,
            |s| shown(&mint(s, &[("Tags.member.1.Value", "v")])),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::TagKeysCaseSensitive,
            |s| tagged(s, &[("k", "v"), ("K", "w")]),
            "400 InvalidParameterValue",
            "200",
        ),
        case(
            Fault::TagLengthInBytes,
            |s| tagged(s, &[(&"\u{e9}".repeat(128), "v")]),
            "200",
            "400 ValidationError",
        ),
        case(Fault::TagMarksRefused, |s| tagged(s, &[("a:b", "v")]), "200", "400 ValidationError"),
        case(
            Fault::TagUnicodeRefused,
            |s| tagged(s, &[("\u{e9}", "v")]),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::TagValueEmptyRefused,
            |s| tagged(s, &[("k", "")]),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::TagValueLengthIgnored,
            |s| tagged(s, &[("k", &"v".repeat(257))]),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::TagValueLengthOffByOne,
            |s| tagged(s, &[("k", &"v".repeat(256))]),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::TagValueOptional,
            |s| shown(&mint(s, &[("Tags.member.1.Key", "k")])),
            "400 ValidationError",
            "200",
        ),
        case(Fault::TagsRefused, |s| tagged(s, &[("k", "v")]), "200", "400 ValidationError"),
        case(
            Fault::TooLargeCodeSuffixed,
            too_large,
            "400 PackedPolicyTooLarge",
            "400 PackedPolicyTooLargeException",
        ),
        case(
            Fault::ViolationsJoinedByComma,
            |s| {
                let reply = mint(s, &[("Policy", "")]);
                reply.text("Message").contains("; Value").to_string()
            },
            "true",
            "false",
        ),
        case(
            Fault::AnswerWithoutLineFeed,
            |s| mint(s, &[]).body.ends_with('\n').to_string(),
            "true",
            "false",
        ),
        case(
            Fault::XmlDeclaration,
            |s| mint(s, &[]).body.starts_with("<?xml").to_string(),
            "false",
            "true",
        ),
        case(
            Fault::XmlUnescaped,
            |s| mint(s, &[("Policy", "\u{100}<")]).text("Message").contains('<').to_string(),
            "false",
            "true",
        ),
    ]
}
