//! A process that serves, and a blocking client that signs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use serde_json::Value;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// `stspec serve` on a free port, ended when dropped.
pub(crate) struct Served {
    process: Child,
    pub(crate) line: Value,
}

/// Credentials as an answer gives them.
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Runs the binary to its end.
pub(crate) fn stspec(args: &[&str]) -> Output {
    command(args).output().expect("stspec starts")
}

#[track_caller]
pub(crate) fn check_ends(output: &Output, code: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in words {
        assert!(said.contains(words), "`{words}` is missing from:\n{said}");
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stspec"));
    command.args(args).env("NO_COLOR", "1");
    for variable in ["STSPEC_ROOT_ACCESS_KEY_ID", "STSPEC_ROOT_SECRET_ACCESS_KEY"] {
        command.env_remove(variable);
    }
    command
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut process = command(&[&["serve"], args].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("stspec starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("stdout"))
            .read_line(&mut line)
            .expect("a line");
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

    pub(crate) fn sts(&self, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Reply {
        self.sts_in("us-east-1", keys, action, params)
    }

    /// A call that is signed for a region.
    pub(crate) fn sts_in(
        &self,
        region: &str,
        keys: &Keys,
        action: &str,
        params: &[(&str, &str)],
    ) -> Reply {
        let host = self
            .line
            .pointer("/endpoint")
            .and_then(Value::as_str)
            .expect("a URL")
            .trim_start_matches("http://");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("Action", action), ("Version", "2011-06-15")])
            .extend_pairs(params)
            .finish();
        let mut headers = vec![
            ("host".to_owned(), host.to_owned()),
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        headers.extend(signature(&format!("http://{host}/"), &headers, (keys, region), &body));
        let lines: String = headers
            .iter()
            .flat_map(|(name, value)| [name.as_str(), ": ", value.as_str(), "\r\n"])
            .collect();
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\n{lines}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
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
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Reply {
    /// The text of the first element with this name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        self.element(name).unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }

    /// Status and error code.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.element("Code").unwrap_or_default())
    }

    #[track_caller]
    pub(crate) fn keys(&self) -> Keys {
        Keys {
            id: self.text("AccessKeyId").to_owned(),
            secret: self.text("SecretAccessKey").to_owned(),
            token: Some(self.text("SessionToken").to_owned()),
        }
    }
}

/// The headers that sign a call, by AWS's signer.
fn signature(
    url: &str,
    headers: &[(String, String)],
    (keys, region): (&Keys, &str),
    body: &str,
) -> Vec<(String, String)> {
    let credentials =
        Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "test").into();
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&credentials)
        .region(region)
        .name("sts")
        .time(now())
        .settings(SigningSettings::default())
        .build()
        .expect("all parameters")
        .into();
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request = SignableRequest::new("POST", url, headers, SignableBody::Bytes(body.as_bytes()))
        .expect("a request");
    let (instructions, _) = sign(request, &params).expect("a signature").into_parts();
    instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[expect(clippy::disallowed_methods, reason = "the processes that are asked read the same clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
