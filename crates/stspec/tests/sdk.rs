//! `aws-sdk-sts`, with its default settings, against `stspec serve`.
//!
//! IAM and S3 are called with requests that `aws-sigv4` signs, since their SDKs would cost more to
//! build than the rest of the tests together; `cargo xtask clients` drives those from other languages.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_federation_token::GetFederationTokenOutput;
use aws_sdk_sts::types::Tag;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use serde_json::{Value, json};

const REGION: &str = "eu-central-1";
const ACCOUNT: &str = "424242424242";
const USER: &str = "sdk-issuer";
const BUCKET: &str = "stspec-sdk";

/// How far an expiration may be from what this process's clock says it is.
const SECONDS_OFF_MAX: u64 = 30;

/// `stspec serve` on a free port, ended when dropped.
struct Served {
    process: Child,
    line: Value,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_stspec"))
            .args(["serve", "--region", REGION])
            .args(args)
            .env_remove("STSPEC_ROOT_ACCESS_KEY_ID")
            .env_remove("STSPEC_ROOT_SECRET_ACCESS_KEY")
            .stdout(Stdio::piped())
            .spawn()
            .expect("stspec starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("stdout"))
            .read_line(&mut line)
            .expect("a line");
        Self { process, line: serde_json::from_str(&line).expect("one JSON line") }
    }

    fn text(&self, place: &str) -> &str {
        self.line.pointer(place).and_then(Value::as_str).expect("a text")
    }

    fn root(&self) -> Credentials {
        let id = self.text("/root/access_key_id");
        let secret = self.text("/root/secret_access_key");
        Credentials::new(id, secret, None, None, "root")
    }

    /// The SDK's client, told nothing but endpoint, region and credentials.
    fn sts(&self, credentials: &Credentials) -> Client {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.text("/endpoint"))
            .region(Region::new(REGION))
            .credentials_provider(credentials.clone())
            .build();
        Client::from_conf(config)
    }

    /// A call of IAM as root; its answer has to be a success.
    async fn iam(&self, query: &str) -> String {
        let body = format!("{query}&Version=2010-05-08");
        let (status, answer) = self.send(&self.root(), "iam", ("POST", "/", &body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// A call of S3, with the status and the body of its answer.
    async fn s3(&self, credentials: &Credentials, request: (&str, &str, &str)) -> (u16, String) {
        self.send(credentials, "s3", request).await
    }

    /// Signs method, path and body with AWS's own signer and sends them.
    async fn send(
        &self,
        credentials: &Credentials,
        service: &str,
        (method, path, body): (&str, &str, &str),
    ) -> (u16, String) {
        let url = format!("{}{path}", self.text("/endpoint"));
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(now())
            .settings(settings)
            .build()
            .expect("complete parameters")
            .into();
        let signable = SignableRequest::new(
            method,
            url.as_str(),
            form.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        );
        let signed = sign(signable.expect("a signable request"), &params).expect("a signature");
        let method = method.parse().expect("a method");
        let mut request = reqwest::Client::new().request(method, url).header(form[0].0, form[0].1);
        for (name, value) in signed.output().headers() {
            request = request.header(name, value);
        }
        let answer = request.body(body.to_owned()).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    /// A user that may mint and may do all with one bucket, and the bucket with two objects.
    async fn provision(&self) -> Credentials {
        self.iam(&format!("Action=CreateUser&UserName={USER}")).await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{BUCKET}/*")},
        ]});
        let policy: String = percent_encoded(&policy.to_string());
        self.iam(&format!(
            "Action=PutUserPolicy&UserName={USER}&PolicyName=all&PolicyDocument={policy}"
        ))
        .await;
        let key = self.iam(&format!("Action=CreateAccessKey&UserName={USER}")).await;
        for (path, body) in [("", ""), ("/open", "open"), ("/closed", "closed")] {
            let path = format!("/{BUCKET}{path}");
            let (status, answer) = self.s3(&self.root(), ("PUT", &path, body)).await;
            assert_eq!(status, 200, "{answer}");
        }
        let (id, secret) = (element(&key, "AccessKeyId"), element(&key, "SecretAccessKey"));
        Credentials::new(id, secret, None, None, "issuer")
    }

    /// Removes all that `provision` made; the user's key is the given one.
    async fn remove(&self, issuer: &Credentials) {
        for path in ["/open", "/closed", ""] {
            let path = format!("/{BUCKET}{path}");
            let (status, answer) = self.s3(&self.root(), ("DELETE", &path, "")).await;
            assert_eq!(status, 204, "{answer}");
        }
        let key = issuer.access_key_id();
        self.iam(&format!("Action=DeleteAccessKey&UserName={USER}&AccessKeyId={key}")).await;
        self.iam(&format!("Action=DeleteUserPolicy&UserName={USER}&PolicyName=all")).await;
        self.iam(&format!("Action=DeleteUser&UserName={USER}")).await;
        let users = self.iam("Action=ListUsers").await;
        assert!(!users.contains("<UserName>"), "{users}");
        let (_, buckets) = self.s3(&self.root(), ("GET", "/", "")).await;
        assert!(!buckets.contains("<Bucket>"), "{buckets}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

/// Every byte that is no letter or digit as `%XX`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(["%", &format!("{byte:02X}")]);
        }
    }
    encoded
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).expect("the element");
    rest.split_once('<').expect("its end").0.to_owned()
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
    let served = Served::start(&[]);
    let issuer = served.provision().await;
    let sts = served.sts(&issuer);

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
    let identity = served.sts(&scoped).get_caller_identity().send().await.expect("an identity");
    assert_eq!(identity.arn(), Some(federated("scoped").as_str()));

    let (open, closed) = (format!("/{BUCKET}/open"), format!("/{BUCKET}/closed"));
    assert_eq!(served.s3(&issuer, ("GET", &closed, "")).await, (200, "closed".to_owned()));
    assert_eq!(served.s3(&scoped, ("GET", &open, "")).await, (200, "open".to_owned()));
    let (status, answer) = served.s3(&scoped, ("GET", &closed, "")).await;
    assert_eq!((status, element(&answer, "Code").as_str()), (403, "AccessDenied"));
    let get_user = "Action=GetUser&Version=2010-05-08";
    let (status, answer) = served.send(&scoped, "iam", ("POST", "/", get_user)).await;
    assert_eq!((status, element(&answer, "Code").as_str()), (403, "InvalidClientTokenId"));
    let again = served.sts(&scoped).get_federation_token().name("again").send().await;
    check_refused(again, 403, "AccessDenied");

    served.remove(&issuer).await;
    let after = served.sts(&scoped).get_caller_identity().send().await;
    check_refused(after, 403, "InvalidClientTokenId");
}

#[tokio::test]
async fn a_session_without_a_policy_lasts_twelve_hours_and_reads_nothing() {
    let served = Served::start(&[]);
    let issuer = served.provision().await;
    let minted =
        served.sts(&issuer).get_federation_token().name("bare").send().await.expect("minted");
    assert_eq!(packed_policy_size(&minted), Some(0));
    let expiration = minted.credentials().expect("credentials").expiration();
    let expiration = SystemTime::try_from(*expiration).expect("a time");
    let left = expiration.duration_since(now()).expect("it is still to come");
    let off = left.as_secs().abs_diff(12 * 3600);
    assert!(off <= SECONDS_OFF_MAX, "{left:?}");

    let path = format!("/{BUCKET}/open");
    let (status, answer) = served.s3(&session(minted.credentials()), ("GET", &path, "")).await;
    assert_eq!((status, element(&answer, "Code").as_str()), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_session_tag_reaches_the_policy() {
    let served = Served::start(&[]);
    let issuer = served.provision().await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/object}}"),
    }]});
    let tag = Tag::builder().key("object").value("open").build().expect("a tag");
    let sts = served.sts(&issuer);
    let request = sts.get_federation_token().name("tagged").policy(policy.to_string()).tags(tag);
    let tagged = session(request.send().await.expect("minted").credentials());
    for (object, status) in [("open", 200), ("closed", 403)] {
        let path = format!("/{BUCKET}/{object}");
        assert_eq!(served.s3(&tagged, ("GET", &path, "")).await.0, status, "{object}");
    }
}

#[tokio::test]
async fn documented_errors_have_their_own_types() {
    let served = Served::start(&[]);
    let sts = served.sts(&served.root());
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
    let unknown = served.sts(&stranger).get_caller_identity().send().await;
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
    let lagging = Served::start(&["--key-ring", ring, "--clock-offset=-890s"]);
    let served = Served::start(&["--key-ring", ring]);
    let sts = lagging.sts(&lagging.root());
    let request = sts.get_federation_token().name("brief").duration_seconds(900);
    let minted = request.send().await.expect("minted");
    let brief = session(minted.credentials());
    served.sts(&brief).get_caller_identity().send().await.expect("an identity before its end");

    let end = *minted.credentials().expect("credentials").expiration();
    let end = SystemTime::try_from(end).expect("a time");
    let left = end.duration_since(now()).unwrap_or_default();
    tokio::time::sleep(left + Duration::from_secs(1)).await;
    check_refused(served.sts(&brief).get_caller_identity().send().await, 403, "ExpiredToken");
    let get_user = "Action=GetUser&Version=2010-05-08";
    let (status, answer) = served.send(&brief, "iam", ("POST", "/", get_user)).await;
    assert_eq!((status, element(&answer, "Code").as_str()), (403, "ExpiredToken"));
    let (status, answer) = served.s3(&brief, ("GET", "/", "")).await;
    assert_eq!((status, element(&answer, "Code").as_str()), (400, "ExpiredToken"));
}

/// The time by this machine's clock, which is also the server's.
#[expect(clippy::disallowed_methods, reason = "a client outside of stspec has no other clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
