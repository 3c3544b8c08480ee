//! A server, what stands on it, and stspec as a process.

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

/// `stspec serve`, ended when dropped.
pub(crate) struct Served {
    process: Child,
    line: Value,
}

/// stspec without any environment of AWS.
pub(crate) fn stspec(args: &[&str], state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stspec"));
    command.args(args).env("NO_COLOR", "1").env("STSPEC_STATE_DIR", state);
    for variable in [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
        "STSPEC_ROOT_ACCESS_KEY_ID",
        "STSPEC_ROOT_SECRET_ACCESS_KEY",
    ] {
        command.env_remove(variable);
    }
    command
}

#[track_caller]
pub(crate) fn check(output: &Output, code: i32, words: &[&str]) {
    let said = text(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in words {
        assert!(said.contains(words), "`{words}` is missing from:\n{said}");
    }
}

/// All that was said.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut process = stspec(&[&["serve"], args].concat(), Path::new("/nonexistent"))
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

    pub(crate) fn endpoint(&self) -> &str {
        self.text("/endpoint")
    }

    /// stspec with the root user's credentials.
    pub(crate) fn client(&self, args: &[&str], state: &Path) -> Command {
        let mut command = stspec(args, state);
        command.env("AWS_ACCESS_KEY_ID", self.text("/root/access_key_id"));
        command.env("AWS_SECRET_ACCESS_KEY", self.text("/root/secret_access_key"));
        command
    }

    /// Runs the command to its end.
    pub(crate) fn ask(&self, args: &[&str], state: &Path) -> Output {
        self.client(args, state).output().expect("stspec starts")
    }

    /// Everything that stands on the server, as IAM and S3 list it.
    pub(crate) fn inventory(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (action, filter) in
            [("ListUsers", ""), ("ListRoles", ""), ("ListPolicies", "&Scope=Local")]
        {
            let form = format!("Action={action}&Version=2010-05-08&MaxItems=1000{filter}");
            all.extend(elements(&self.call("iam", "POST", "/", &form), "Arn"));
        }
        let users: Vec<String> = all.iter().filter(|arn| arn.contains(":user/")).cloned().collect();
        for user in users {
            let name = user.rsplit('/').next().expect("a name");
            let form = format!("Action=ListAccessKeys&Version=2010-05-08&UserName={name}");
            let keys = self.call("iam", "POST", "/", &form);
            all.extend(elements(&keys, "AccessKeyId").map(|id| format!("key {id} of {name}")));
        }
        for bucket in elements(&self.call("s3", "GET", "/", ""), "Name") {
            let objects = self.call("s3", "GET", &format!("/{bucket}"), "");
            all.extend(elements(&objects, "Key").map(|key| format!("object {key} in {bucket}")));
            all.insert(format!("bucket {bucket}"));
        }
        all
    }

    fn call(&self, service: &str, method: &str, path: &str, body: &str) -> String {
        let host = self.endpoint().trim_start_matches("http://");
        let mut headers = vec![("host".to_owned(), host.to_owned())];
        if method == "POST" {
            let form = "application/x-www-form-urlencoded".to_owned();
            headers.push(("content-type".to_owned(), form));
        }
        let url = format!("http://{host}{path}");
        let request = SignableRequest::new(
            method,
            &url,
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(body.as_bytes()),
        )
        .expect("a request");
        let (id, secret) = (self.text("/root/access_key_id"), self.text("/root/secret_access_key"));
        let credentials = Credentials::new(id, secret, None, None, "test").into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&credentials)
            .region("us-east-1")
            .name(service)
            .time(now())
            .settings(settings)
            .build()
            .expect("all parameters")
            .into();
        let (signature, _) = sign(request, &params).expect("a signature").into_parts();
        headers
            .extend(signature.headers().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let lines: String = headers
            .iter()
            .flat_map(|(name, value)| [name.as_str(), ": ", value.as_str(), "\r\n"])
            .collect();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{lines}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(host).expect("a server that listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("a server that reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{method} {path} {body}: {answer}");
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _already_gone = self.process.wait();
    }
}

/// The texts of all elements with this name.
fn elements(answer: &str, name: &str) -> impl Iterator<Item = String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts: Vec<&str> = answer.split(&open).skip(1).collect();
    let texts = parts.into_iter().map(|part| part.split(&close).next().expect("a text").to_owned());
    texts.collect::<Vec<_>>().into_iter()
}

#[expect(clippy::disallowed_methods, reason = "the process that is asked reads the same clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
