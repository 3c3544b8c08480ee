//! stspec as a process, a server of it, and a blocking client that signs as AWS's own tools do.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use serde_json::Value;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the machine that runs the tests may have set, and no test wants to hear of.
const VARIABLES: [&str; 9] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "STSPEC_ROOT_ACCESS_KEY_ID",
    "STSPEC_ROOT_SECRET_ACCESS_KEY",
];

/// stspec without any environment of AWS or of a build server, and with its ledgers in a folder of the
/// tests.
pub(crate) fn stspec(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stspec"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    let state = concat!(env!("CARGO_TARGET_TMPDIR"), "/ledger");
    command.args(args).env("NO_COLOR", "1").env("STSPEC_STATE_DIR", state);
    command
}

/// Runs stspec to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    ended(&mut stspec(args))
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Output {
    command.output().expect("stspec starts")
}

/// All that was said.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
pub(crate) fn check(output: &Output, code: i32, words: &[&str]) {
    let said = text(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in words {
        assert!(said.contains(words), "`{words}` is missing from:\n{said}");
    }
}

/// `stspec serve` on a free port, ended when dropped.
pub(crate) struct Served {
    process: Child,
    line: Value,
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut process = stspec(&[&["serve"], args].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("stspec starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        Self { process, line: serde_json::from_str(&line).expect("one JSON line") }
    }

    /// Ends it and gives what it said on stderr.
    pub(crate) fn stop(mut self) -> String {
        self.process.kill().expect("a process that runs");
        let mut said = String::new();
        let mut stderr = self.process.stderr.take().expect("stderr");
        stderr.read_to_string(&mut said).expect("UTF-8");
        said
    }

    /// The text at a place of the line that it printed.
    fn text(&self, place: &str) -> &str {
        self.line.pointer(place).and_then(Value::as_str).expect("a text")
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.text("/endpoint")
    }

    pub(crate) fn root(&self) -> Credentials {
        long_term(self.text("/root/access_key_id"), self.text("/root/secret_access_key"))
    }

    /// stspec with the root user's credentials.
    pub(crate) fn client(&self, args: &[&str]) -> Command {
        let mut command = stspec(args);
        command.env("AWS_ACCESS_KEY_ID", self.text("/root/access_key_id"));
        command.env("AWS_SECRET_ACCESS_KEY", self.text("/root/secret_access_key"));
        command
    }

    /// Runs stspec as the root user, with its ledgers in this folder.
    pub(crate) fn ask(&self, args: &[&str], state: &Path) -> Output {
        ended(self.client(args).env("STSPEC_STATE_DIR", state))
    }

    /// A call of STS.
    pub(crate) fn sts(
        &self,
        credentials: &Credentials,
        action: &str,
        params: &[(&str, &str)],
    ) -> Reply {
        self.sts_in("us-east-1", credentials, action, params)
    }

    /// A call of STS that is signed for a region.
    pub(crate) fn sts_in(
        &self,
        region: &str,
        credentials: &Credentials,
        action: &str,
        params: &[(&str, &str)],
    ) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("Action", action), ("Version", "2011-06-15")])
            .extend_pairs(params)
            .finish();
        self.send(credentials, (region, "sts"), ("POST", "/", &body))
    }

    /// A call of IAM as root, which has to succeed.
    #[track_caller]
    pub(crate) fn iam(&self, action: &str, params: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("Action", action), ("Version", "2010-05-08")])
            .extend_pairs(params)
            .finish();
        let reply = self.send(&self.root(), ("us-east-1", "iam"), ("POST", "/", &body));
        assert_eq!(reply.status, 200, "{action}: {}", reply.body);
        reply
    }

    /// A call of S3: method, path and body.
    pub(crate) fn s3(&self, credentials: &Credentials, request: (&str, &str, &str)) -> Reply {
        self.send(credentials, ("us-east-1", "s3"), request)
    }

    /// Signs method, path and body with AWS's own signer for a region's service, and sends them.
    pub(crate) fn send(
        &self,
        credentials: &Credentials,
        of: (&str, &str),
        (method, path, body): (&str, &str, &str),
    ) -> Reply {
        let host = self.endpoint().trim_start_matches("http://");
        let form = ("content-type", "application/x-www-form-urlencoded");
        let mut headers: Vec<_> = [("host", host), form]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let url = format!("{}{path}", self.endpoint());
        headers.extend(signature(&headers, credentials, of, (method, &url, body)));
        let lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let lines = lines.concat();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{lines}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(host).expect("a server that listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("a server that reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Reply { status: status.expect("a status"), body: body.to_owned() }
    }

    /// Everything that stands on the server, as IAM and S3 list it to root.
    pub(crate) fn inventory(&self) -> BTreeSet<String> {
        let all = [("MaxItems", "1000"), ("Scope", "Local")];
        let mut found = BTreeSet::new();
        for (action, params) in
            [("ListUsers", &all[..1]), ("ListRoles", &all[..1]), ("ListPolicies", &all)]
        {
            found.extend(self.iam(action, params).texts("Arn"));
        }
        let users: Vec<String> =
            found.iter().filter(|arn| arn.contains(":user/")).cloned().collect();
        for user in users {
            let name = user.rsplit('/').next().expect("a name");
            let keys = self.iam("ListAccessKeys", &[("UserName", name)]).texts("AccessKeyId");
            found.extend(keys.iter().map(|id| format!("key {id} of {name}")));
        }
        let list = |path: &str| {
            let reply = self.s3(&self.root(), ("GET", path, ""));
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
            reply
        };
        for bucket in list("/").texts("Name") {
            let objects = list(&format!("/{bucket}")).texts("Key");
            found.extend(objects.iter().map(|key| format!("object {key} in {bucket}")));
            found.insert(format!("bucket {bucket}"));
        }
        found
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

/// An access key of a user.
pub(crate) fn long_term(id: &str, secret: &str) -> Credentials {
    Credentials::new(id, secret, None, None, "test")
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// The texts of all elements with this name.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let after = self.body.split(&open).skip(1);
        after.filter_map(|rest| rest.split_once(&close)).map(|(text, _)| text.to_owned()).collect()
    }

    /// The text of the first element with this name.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        let texts = self.texts(name);
        texts.into_iter().next().unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }

    /// Status and error code.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.text("Code"))
    }

    /// The credentials in it; those of a session have a token.
    #[track_caller]
    pub(crate) fn credentials(&self) -> Credentials {
        let token = self.texts("SessionToken").into_iter().next();
        let (id, secret) = (self.text("AccessKeyId"), self.text("SecretAccessKey"));
        Credentials::new(id, secret, token, None, "test")
    }
}

/// The headers that sign a request, by AWS's signer.
fn signature(
    headers: &[(String, String)],
    credentials: &Credentials,
    (region, service): (&str, &str),
    (method, url, body): (&str, &str, &str),
) -> Vec<(String, String)> {
    let credentials = credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&credentials)
        .region(region)
        .name(service)
        .time(now())
        .settings(settings)
        .build()
        .expect("all parameters")
        .into();
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request = SignableRequest::new(method, url, headers, SignableBody::Bytes(body.as_bytes()))
        .expect("a request");
    let (instructions, _) = sign(request, &params).expect("a signature").into_parts();
    instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The time by this machine's clock, which is also that of the processes.
#[expect(clippy::disallowed_methods, reason = "the processes that are asked read the same clock")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
