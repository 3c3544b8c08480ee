//! `aws-sdk-sts`, with its default settings, against `stspec serve`.
//!
//! IAM and S3 are called with requests that `aws-sigv4` signs, since their SDKs would cost more to
//! build than the rest of the tests together; `cargo xtask clients` drives those from other languages.

use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_federation_token::GetFederationTokenOutput;
use aws_sdk_sts::types::Tag;
use serde_json::json;

use crate::client::{Reply, Served, long_term, now};

const REGION: &str = "eu-central-1";
const ACCOUNT: &str = "424242424242";
const USER: &str = "sdk-issuer";
const BUCKET: &str = "stspec-sdk";

/// How far an expiration may be from what this process's clock says it is.
const SECONDS_OFF_MAX: u64 = 30;

fn serve(args: &[&str]) -> Served {
    Served::start(&[&["--region", REGION], args].concat())
}

/// The SDK's client, told nothing but endpoint, region and credentials.
fn sdk(served: &Served, credentials: &Credentials) -> Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(served.endpoint())
        .region(Region::new(REGION))
        .credentials_provider(credentials.clone())
        .build();
    Client::from_conf(config)
}

/// What the credentials are answered by IAM.
fn get_user(served: &Served, credentials: &Credentials) -> Reply {
    let body = "Action=GetUser&Version=2010-05-08";
    served.send(credentials, (REGION, "iam"), ("POST", "/", body))
}

/// A call of S3 as root, which has to be answered with this status.
#[track_caller]
fn s3_as_root(served: &Served, request: (&str, &str, &str), status: u16) {
    let reply = served.s3(&served.root(), request);
    assert_eq!(reply.status, status, "{request:?}: {}", reply.body);
}

/// A user that may mint and may do all with one bucket, and the bucket with two objects.
fn provision(served: &Served) -> Credentials {
    served.iam("CreateUser", &[("UserName", USER)]);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{BUCKET}/*")},
    ]});
    let policy =
        [("UserName", USER), ("PolicyName", "all"), ("PolicyDocument", &policy.to_string())];
    served.iam("PutUserPolicy", &policy);
    for (path, body) in [("", ""), ("/open", "open"), ("/closed", "closed")] {
        s3_as_root(served, ("PUT", &format!("/{BUCKET}{path}"), body), 200);
    }
    let key = served.iam("CreateAccessKey", &[("UserName", USER)]);
    long_term(&key.text("AccessKeyId"), &key.text("SecretAccessKey"))
}

/// Removes all that `provision` made; the user's key is the given one.
fn remove(served: &Served, issuer: &Credentials) {
    for path in ["/open", "/closed", ""] {
        s3_as_root(served, ("DELETE", &format!("/{BUCKET}{path}"), ""), 204);
    }
    let user = ("UserName", USER);
    served.iam("DeleteAccessKey", &[user, ("AccessKeyId", issuer.access_key_id())]);
    served.iam("DeleteUserPolicy", &[user, ("PolicyName", "all")]);
    served.iam("DeleteUser", &[user]);
    assert_eq!(served.inventory().len(), 0);
}

/// Credentials as STS hands them out.
fn session(minted: Option<&aws_sdk_sts::types::Credentials>) -> Credentials {
    let minted = minted.expect("credentials");
    let token = minted.session_token().to_owned();
    Credentials::new(
        minted.access_key_id(),
        minted.secret_access_key(),
        Some(token),
        None,
        "session",
    )
}

/// A call that the service refused, as the SDK tells it.
#[track_caller]
fn check_refused<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    outcome: Result<T, SdkError<E>>,
    status: u16,
    code: &str,
) {
    let error = outcome.expect_err("a refusal");
    assert_eq!(error.raw_response().map(|raw| raw.status().as_u16()), Some(status), "{error:?}");
    assert_eq!(error.code(), Some(code), "{error:?}");
}

#[expect(deprecated, reason = "the revision before September 2026 knows no other size")]
fn packed_policy_size(minted: &GetFederationTokenOutput) -> Option<i32> {
    minted.packed_policy_size()
}

fn federated(name: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}")
}

/// A session policy for one object, which names the bucket's other one nowhere.
fn one_object() -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/open")},
        {"Effect": "Allow", "Action": ["iam:*", "sts:*"], "Resource": "*"},
    ]})
    .to_string()
}

#[tokio::test]
async fn a_session_is_minted_used_and_refused_as_documented() {
    let served = serve(&[]);
    let issuer = provision(&served);
    let sts = sdk(&served, &issuer);

    let minted = sts
        .get_federation_token()
        .name("scoped")
        .policy(one_object())
        .send()
        .await
        .expect("minted");
    let user = minted.federated_user().expect("a federated user");
    assert_eq!(user.arn(), federated("scoped"));
    assert_eq!(user.federated_user_id(), format!("{ACCOUNT}:scoped"));
    assert!(packed_policy_size(&minted).is_some_and(|percent| (1..=100).contains(&percent)));

    let scoped = session(minted.credentials());
    let identity = sdk(&served, &scoped).get_caller_identity().send().await.expect("an identity");
    assert_eq!(identity.arn(), Some(federated("scoped").as_str()));

    let (open, closed) = (format!("/{BUCKET}/open"), format!("/{BUCKET}/closed"));
    let read = |credentials, path: &str| served.s3(credentials, ("GET", path, ""));
    let check_read = |credentials, path, body: &str| {
        let reply = read(credentials, path);
        assert_eq!((reply.status, reply.body.as_str()), (200, body));
    };
    check_read(&issuer, &closed, "closed");
    check_read(&scoped, &open, "open");
    assert_eq!(read(&scoped, &closed).refusal(), (403, "AccessDenied".to_owned()));
    let refused = get_user(&served, &scoped).refusal();
    assert_eq!(refused, (403, "InvalidClientTokenId".to_owned()));
    let again = sdk(&served, &scoped).get_federation_token().name("again").send().await;
    check_refused(again, 403, "AccessDenied");

    remove(&served, &issuer);
    let after = sdk(&served, &scoped).get_caller_identity().send().await;
    check_refused(after, 403, "InvalidClientTokenId");
}

#[tokio::test]
async fn a_session_without_a_policy_lasts_twelve_hours_and_reads_nothing() {
    let served = serve(&[]);
    let issuer = provision(&served);
    let minted =
        sdk(&served, &issuer).get_federation_token().name("bare").send().await.expect("minted");
    assert_eq!(packed_policy_size(&minted), Some(0));
    let expiration = minted.credentials().expect("credentials").expiration();
    let expiration = SystemTime::try_from(*expiration).expect("a time");
    let left = expiration.duration_since(now()).expect("it is still to come");
    let off = left.as_secs().abs_diff(12 * 3600);
    assert!(off <= SECONDS_OFF_MAX, "{left:?}");

    let path = format!("/{BUCKET}/open");
    let reply = served.s3(&session(minted.credentials()), ("GET", &path, ""));
    assert_eq!(reply.refusal(), (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn a_session_tag_reaches_the_policy() {
    let served = serve(&[]);
    let issuer = provision(&served);
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/object}}"),
    }]});
    let tag = Tag::builder().key("object").value("open").build().expect("a tag");
    let sts = sdk(&served, &issuer);
    let request = sts.get_federation_token().name("tagged").policy(policy.to_string()).tags(tag);
    let tagged = session(request.send().await.expect("minted").credentials());
    for (object, status) in [("open", 200), ("closed", 403)] {
        let path = format!("/{BUCKET}/{object}");
        assert_eq!(served.s3(&tagged, ("GET", &path, "")).status, status, "{object}");
    }
}

#[tokio::test]
async fn documented_errors_have_their_own_types() {
    let served = serve(&[]);
    let sts = sdk(&served, &served.root());
    let malformed = sts.get_federation_token().name("bad").policy("no policy").send().await;
    let error = malformed.expect_err("a refusal").into_service_error();
    assert!(error.is_malformed_policy_document_exception(), "{error:?}");

    check_refused(
        sts.get_federation_token().name("two words").send().await,
        400,
        "ValidationError",
    );
    let short = sts.get_federation_token().name("short").duration_seconds(899).send().await;
    check_refused(short, 400, "ValidationError");
    let stranger = Credentials::new("AKIAAAAAAAAAAAAAAAAA", "no secret", None, None, "stranger");
    let unknown = sdk(&served, &stranger).get_caller_identity().send().await;
    check_refused(unknown, 403, "InvalidClientTokenId");
}

/// The keys of two servers that open each other's sessions; worth nothing anywhere else.
const KEY_RING: &str = r#"{"keys": [{
    "id": 1,
    "created": "2026-01-01T00:00:00Z",
    "key": "c3RzcGVjLWNsaWVudHMtdGhyb3dhd2F5LWtleS0wMDE="
}]}"#;

#[tokio::test]
async fn a_session_past_its_end_is_refused_by_every_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let ring = folder.path().join("ring.json");
    std::fs::write(&ring, KEY_RING).expect("a file");
    let ring = ring.to_str().expect("a path in UTF-8");
    // Its clock is behind, so that the shortest session is about to end when it is minted.
    let lagging = serve(&["--key-ring", ring, "--clock-offset=-890s"]);
    let served = serve(&["--key-ring", ring]);
    let sts = sdk(&lagging, &lagging.root());
    let request = sts.get_federation_token().name("brief").duration_seconds(900);
    let minted = request.send().await.expect("minted");
    let brief = session(minted.credentials());
    sdk(&served, &brief).get_caller_identity().send().await.expect("an identity before its end");

    let end = *minted.credentials().expect("credentials").expiration();
    let end = SystemTime::try_from(end).expect("a time");
    let left = end.duration_since(now()).unwrap_or_default();
    tokio::time::sleep(left + Duration::from_secs(1)).await;
    check_refused(sdk(&served, &brief).get_caller_identity().send().await, 403, "ExpiredToken");
    assert_eq!(get_user(&served, &brief).refusal(), (403, "ExpiredToken".to_owned()));
    let listed = served.s3(&brief, ("GET", "/", ""));
    assert_eq!(listed.refusal(), (400, "ExpiredToken".to_owned()));
}
