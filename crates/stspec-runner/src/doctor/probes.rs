//! What is tried for each capability, and what the answers mean.

use std::time::Duration;

use stspec_scenario::{Call, Capability, Presence, SigningOptions, Template};
use stspec_verdict::{Observation, Observed};

use super::Finding;
use crate::account::builder::administer_until_known;
use crate::account::provisioned::PATH;
use crate::credentials::{Credentials, Secret};
use crate::ledger::Resource;
use crate::run_context::RunContext;
use crate::target::connection::Message;
use crate::wire::sign::Signer;
use crate::wire::text_at;

/// How often a new access key is tried until its target knows it; each wait is a second longer than the
/// one before.
///
/// Source: ours; IAM User Guide, "Changes that I make are not always immediately visible", has no number.
const RECOGNITIONS_MAX: u32 = 8;

/// A policy that allows nobody anything.
const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// A call with its parameters.
type Sent<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// Who somebody is.
const WHO: Sent<'_> = ("sts.GetCallerIdentity", &[]);

/// What only those may who have a policy for it.
const LIST: Sent<'_> = ("iam.ListUsers", &[("MaxItems", "1")]);

/// A session, the shortest, as nobody uses it.
const SHORTEST: Sent<'_> = ("sts.GetSessionToken", &[("DurationSeconds", "900")]);

/// How those are refused whose key is not known, or not known yet.
///
/// Source: IAM API Reference and S3 API Reference, common errors.
const STRANGERS: [&str; 4] = [
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
];

/// What is put into an object.
const OBJECT_TEXT: &str = "stspec";

/// Tries everything, in the order in which targets list capabilities.
pub(super) async fn all(context: &RunContext, disabled_region: Option<&str>) -> Vec<Finding> {
    let (users, user) = users(context).await;
    let user = user.as_ref();
    vec![
        users,
        policies(context, user).await,
        roles(context).await,
        enforcement(context, user).await,
        signatures(context, user).await,
        objects(context).await,
        root(context),
        clock(context),
        disabled(context, disabled_region).await,
    ]
}

/// A user that was made, with its key.
struct MadeUser {
    name: String,
    credentials: Credentials,
}

/// Makes a user; it is handed on where its key is known to be its own.
async fn users(context: &RunContext) -> (Finding, Option<MadeUser>) {
    let mut evidence = Vec::new();
    let (found, user) = make_user(context, &mut evidence).await;
    (Finding::new(Capability::IamUsers, found, evidence), user)
}

async fn make_user(
    context: &RunContext,
    evidence: &mut Vec<String>,
) -> (Presence, Option<MadeUser>) {
    let name = name(context, "user");
    let resource = Resource::User { name: name.clone() };
    let pairs = [("UserName", name.as_str()), ("Path", PATH)];
    let created = match make(context, &resource, ("iam.CreateUser", &pairs), evidence).await {
        Ok(created) => created,
        Err(lacking) => return (lacking, None),
    };
    let key = ask(context, "iam.CreateAccessKey", &[("UserName", &name)], evidence).await;
    let key = match success(key) {
        Ok(key) => key,
        Err(lacking) => return (lacking, None),
    };
    let at = |path: &str| text_at(&key, path);
    let pair = at("result.AccessKey.AccessKeyId").zip(at("result.AccessKey.SecretAccessKey"));
    let Some((id, secret)) = pair else {
        evidence.push("the answer holds no access key".to_owned());
        return (Presence::Absent, None);
    };
    let user = MadeUser { name, credentials: Credentials::long_term(id, secret) };
    let arn = text_at(&created, "result.User.Arn");
    match recognise(context, &user, evidence).await {
        Ok(found) if found == arn => (Presence::Present, Some(user)),
        Ok(_) => {
            evidence.push("which is not the user that was made".to_owned());
            (Presence::Absent, None)
        }
        Err(lacking) => (lacking, None),
    }
}

/// Whose a new key is, once its target knows it.
async fn recognise(
    context: &RunContext,
    user: &MadeUser,
    evidence: &mut Vec<String>,
) -> Result<Option<String>, Presence> {
    let mut attempt = 1;
    let (observed, attempts) = loop {
        let observed = send(context, WHO, &user.credentials, SigningOptions::faultless()).await;
        let refused =
            matches!(&observed, Observed::Answer(answer) if matches!(answer.status, 401 | 403));
        if !refused || attempt == RECOGNITIONS_MAX || context.cancelled.is_cancelled() {
            break (observed, attempt);
        }
        tokio::time::sleep(Duration::from_secs(attempt.into())).await;
        attempt += 1;
    };
    let after = if attempts > 1 { format!(", asked {attempts} times") } else { String::new() };
    let arn = match &observed {
        Observed::Answer(answer) => text_at(answer, "result.Arn"),
        Observed::NoAnswer(_) => None,
    };
    let answered = arn.clone().unwrap_or_else(|| observed.summary());
    evidence.push(format!("sts.GetCallerIdentity with its key answered {answered}{after}"));
    success(observed).map(|_| arn)
}

async fn policies(context: &RunContext, user: Option<&MadeUser>) -> Finding {
    let mut evidence = Vec::new();
    let found = make_policy(context, user, &mut evidence).await.err().unwrap_or(Presence::Present);
    Finding::new(Capability::IamPolicies, found, evidence)
}

async fn make_policy(
    context: &RunContext,
    user: Option<&MadeUser>,
    evidence: &mut Vec<String>,
) -> Result<(), Presence> {
    let name = name(context, "policy");
    let expected = Resource::policy(&context.connection, PATH, &name);
    let pairs = [("PolicyName", name.as_str()), ("Path", PATH), ("PolicyDocument", DENY_ALL)];
    let created = make(context, &expected, ("iam.CreatePolicy", &pairs), evidence).await?;
    let arn = text_at(&created, "result.Policy.Arn").ok_or(Presence::Absent)?;
    let noted = context.ledger.correct(&expected, &Resource::Policy { arn: arn.clone() });
    if let Err(reason) = noted {
        evidence.push(reason);
        return Err(Presence::Unknown);
    }
    let Some(user) = user else { return Ok(()) };
    // The way in which accounts set a boundary.
    let bounded = self::name(context, "bounded-user");
    let pairs = [("UserName", bounded.as_str()), ("Path", PATH), ("PermissionsBoundary", &arn)];
    let resource = Resource::User { name: bounded.clone() };
    make(context, &resource, ("iam.CreateUser", &pairs), evidence).await?;
    let attached = [("UserName", user.name.as_str()), ("PolicyArn", &arn)];
    success(ask(context, "iam.AttachUserPolicy", &attached, evidence).await)?;
    // The user is to be without policies in what follows.
    success(ask(context, "iam.DetachUserPolicy", &attached, evidence).await).map(|_| ())
}

async fn roles(context: &RunContext) -> Finding {
    let mut evidence = Vec::new();
    let name = name(context, "role");
    let (partition, account) = (&context.connection.target.partition, &context.connection.account);
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}}}}]}}"#
    );
    let pairs = [("RoleName", name.as_str()), ("Path", PATH), ("AssumeRolePolicyDocument", &trust)];
    let resource = Resource::Role { name: name.clone() };
    let made = make(context, &resource, ("iam.CreateRole", &pairs), &mut evidence).await;
    Finding::new(Capability::IamRoles, made.err().unwrap_or(Presence::Present), evidence)
}

/// Whether a user without policies is refused what the administrator may.
async fn enforcement(context: &RunContext, user: Option<&MadeUser>) -> Finding {
    let mut evidence = Vec::new();
    let found = match user {
        None => {
            evidence.push("there is no user to try it with".to_owned());
            Presence::Unknown
        }
        Some(user) => {
            let (call, few) = LIST;
            let control = success(ask(context, call, few, &mut evidence).await);
            let observed =
                send(context, LIST, &user.credentials, SigningOptions::faultless()).await;
            let summary = observed.summary();
            evidence.push(format!("iam.ListUsers by a user without policies answered {summary}"));
            control.map_or(Presence::Unknown, |_| denial(&observed))
        }
    };
    Finding::new(Capability::IamEnforcement, found, evidence)
}

/// Whether a wrong secret and an unknown key are refused.
async fn signatures(context: &RunContext, user: Option<&MadeUser>) -> Finding {
    let credentials = match user {
        Some(user) => user.credentials.clone(),
        None => context.connection.admin().await,
    };
    let whose = if user.is_some() { "the user's" } else { "the administrator's" };
    let mistakes = [
        (
            format!("{whose} key and a wrong secret"),
            SigningOptions { wrong_secret: true, ..SigningOptions::default() },
        ),
        (
            "an unknown key".to_owned(),
            SigningOptions { unknown_access_key: true, ..SigningOptions::default() },
        ),
    ];
    let mut evidence = Vec::new();
    let mut found = Presence::Present;
    for (how, sign) in mistakes {
        let observed = send(context, WHO, &credentials, &sign).await;
        evidence.push(format!("sts.GetCallerIdentity with {how} answered {}", observed.summary()));
        found = match (found, refusal(&observed)) {
            (Presence::Absent, _) | (_, Presence::Absent) => Presence::Absent,
            (Presence::Present, Presence::Present) => Presence::Present,
            _ => Presence::Unknown,
        };
    }
    Finding::new(Capability::Sigv4, found, evidence)
}

async fn objects(context: &RunContext) -> Finding {
    let mut evidence = Vec::new();
    let found = make_object(context, &mut evidence).await.err().unwrap_or(Presence::Present);
    Finding::new(Capability::S3, found, evidence)
}

async fn make_object(context: &RunContext, evidence: &mut Vec<String>) -> Result<(), Presence> {
    let name = name(context, "bucket");
    let bucket = ("Bucket", name.as_str());
    let resource = Resource::Bucket { name: name.clone() };
    make(context, &resource, ("s3.CreateBucket", &[bucket]), evidence).await?;
    let object = [bucket, ("Key", "probe"), ("Body", OBJECT_TEXT)];
    success(ask(context, "s3.PutObject", &object, evidence).await)?;
    let read = ask(context, "s3.GetObject", &[bucket, ("Key", "probe")], evidence).await;
    success(read).map(|_| ())
}

fn root(context: &RunContext) -> Finding {
    let connection = &context.connection;
    let (found, evidence) = match &connection.root {
        Some(_) if connection.admin_is_root => {
            (Presence::Present, "the credentials are the root user's")
        }
        Some(_) => (Presence::Present, "STSPEC_ROOT_* are the root user's"),
        None => (
            Presence::Absent,
            "the credentials are not the root user's, and no STSPEC_ROOT_* are set",
        ),
    };
    Finding::new(Capability::Root, found, vec![evidence.to_owned()])
}

fn clock(context: &RunContext) -> Finding {
    let (found, evidence) = match &context.connection.clock_control {
        Some(_) => (Presence::Present, "the control path answered with the clock's offset"),
        None => (Presence::Absent, "no control path on this machine answered with an offset"),
    };
    Finding::new(Capability::ClockSet, found, vec![evidence.to_owned()])
}

/// Only a region that somebody names can be tried, and no answer shows that there is none.
async fn disabled(context: &RunContext, region: Option<&str>) -> Finding {
    let Some(region) = region else {
        let evidence = "no `disabled_region` is named that could be tried".to_owned();
        return Finding::new(Capability::RegionDisabled, Presence::Unknown, vec![evidence]);
    };
    let sign =
        SigningOptions { region: Some(Template::literal(region)), ..SigningOptions::default() };
    let observed = send(context, SHORTEST, &context.connection.admin().await, &sign).await;
    let code = match &observed {
        Observed::Answer(answer) => text_at(answer, "error.code"),
        Observed::NoAnswer(_) => None,
    };
    let refused = code.as_deref() == Some("RegionDisabledException");
    let found = if refused { Presence::Present } else { Presence::Unknown };
    let evidence =
        format!("sts.GetSessionToken signed for {region} answered {}", observed.summary());
    Finding::new(Capability::RegionDisabled, found, vec![evidence])
}

/// What a refusal says of what should refuse: a success, that it is not there.
fn refusal(observed: &Observed) -> Presence {
    match observed {
        Observed::Answer(answer) if (200..300).contains(&answer.status) => Presence::Absent,
        Observed::Answer(answer) if matches!(answer.status, 400 | 401 | 403) => Presence::Present,
        _ => Presence::Unknown,
    }
}

/// As [`refusal`], of what somebody may not do; who isn't known is refused whatever the policies say.
fn denial(observed: &Observed) -> Presence {
    let code = match observed {
        Observed::Answer(answer) => text_at(answer, "error.code"),
        Observed::NoAnswer(_) => None,
    };
    let of_strangers = code.is_some_and(|code| STRANGERS.contains(&code.as_str()));
    if of_strangers { Presence::Unknown } else { refusal(observed) }
}

/// The answer, if it is a success; otherwise whether that shows that something is missing, or shows
/// nothing, as a refusal does.
fn success(observed: Observed) -> Result<Observation, Presence> {
    match observed {
        Observed::Answer(answer) if (200..300).contains(&answer.status) => Ok(answer),
        Observed::Answer(answer) if matches!(answer.status, 400 | 404 | 405 | 501) => {
            Err(Presence::Absent)
        }
        _ => Err(Presence::Unknown),
    }
}

/// Notes a resource, has it made, and notes that it was.
async fn make(
    context: &RunContext,
    resource: &Resource,
    (call, pairs): Sent<'_>,
    evidence: &mut Vec<String>,
) -> Result<Observation, Presence> {
    let service = resource.service();
    if context.connection.endpoint(service).is_none() {
        evidence.push(format!("the target has no endpoint for `{service}`"));
        return Err(Presence::Absent);
    }
    if let Err(reason) = context.ledger.intend(resource.clone()) {
        evidence.push(reason);
        return Err(Presence::Unknown);
    }
    let made = success(ask(context, call, pairs, evidence).await)?;
    context.ledger.made(resource);
    Ok(made)
}

/// A call by the administrator, with its answer among the evidence.
async fn ask(
    context: &RunContext,
    call: &str,
    pairs: &[(&str, &str)],
    evidence: &mut Vec<String>,
) -> Observed {
    let observed = administer_until_known(context, call, pairs).await;
    let observed = observed.unwrap_or_else(|| Observed::NoAnswer("it was interrupted".to_owned()));
    evidence.push(format!("{call} answered {}", observed.summary()));
    observed
}

/// A call signed as asked, by whoever.
async fn send(
    context: &RunContext,
    (call, pairs): Sent<'_>,
    credentials: &Credentials,
    sign: &SigningOptions,
) -> Observed {
    let call = match Call::parse(call) {
        Ok(call) => call,
        Err(unknown) => return Observed::NoAnswer(unknown.to_string()),
    };
    if context.cancelled.is_cancelled() {
        return Observed::NoAnswer("it was interrupted".to_owned());
    }
    let pairs: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let token = credentials.session_token.as_ref().map(Secret::expose);
    let signer = Some(Signer { credentials, token });
    let region = sign.region.as_ref().and_then(Template::as_literal);
    let message = Message { signer, sign, region, ..Message::plain(call, &pairs) };
    context.connection.send_patiently(&message).await.unwrap_or_else(Observed::from)
}

fn name(context: &RunContext, thing: &str) -> String {
    format!("stspec-{}-doctor-{thing}", context.run_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str) -> Observed {
        let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        Observed::Answer(Observation::new(status, Vec::new(), body.as_bytes(), 1))
    }

    fn silence() -> Observed {
        Observed::NoAnswer("it was late".to_owned())
    }

    #[test]
    fn who_lets_anybody_in_refuses_nobody() {
        let check = |observed: Observed, expected| assert_eq!(refusal(&observed), expected);
        check(answer(200, ""), Presence::Absent);
        check(answer(403, "AccessDenied"), Presence::Present);
        check(answer(400, "InvalidClientTokenId"), Presence::Present);
        check(answer(500, "InternalFailure"), Presence::Unknown);
        check(silence(), Presence::Unknown);
    }

    #[test]
    fn a_stranger_who_is_refused_shows_nothing_of_policies() {
        let check = |observed: Observed, expected| assert_eq!(denial(&observed), expected);
        check(answer(403, "InvalidClientTokenId"), Presence::Unknown);
        check(answer(403, "AccessDenied"), Presence::Present);
        check(answer(200, ""), Presence::Absent);
    }

    #[test]
    fn an_unknown_operation_is_absent_and_a_refused_one_unknown() {
        let check = |observed: Observed, expected| {
            assert_eq!(success(observed).map(|answer| answer.status), expected);
        };
        check(answer(201, ""), Ok(201));
        check(answer(400, "InvalidAction"), Err(Presence::Absent));
        check(answer(404, "NotFound"), Err(Presence::Absent));
        check(answer(501, "NotImplemented"), Err(Presence::Absent));
        check(answer(403, "AccessDenied"), Err(Presence::Unknown));
        check(answer(409, "LimitExceeded"), Err(Presence::Unknown));
        check(answer(500, "InternalFailure"), Err(Presence::Unknown));
        check(silence(), Err(Presence::Unknown));
    }
}
