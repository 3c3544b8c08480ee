//! A blocking client, and a server to talk to.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningParams, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use stspec_reference::{Clock, Config, Fault, Faults, Reference};
use tokio::runtime::Runtime;

/// A policy that allows everything.
pub(crate) const ALLOW_ALL: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// Longest wait for an answer in a test.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server with a runtime of its own.
pub(crate) struct Server {
    pub(crate) reference: Reference,
    pub(crate) clock: Clock,
    runtime: Runtime,
}

/// Credentials as an answer gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

/// A request before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) service: &'static str,
    pub(crate) region: &'static str,
    pub(crate) signed_at: Timestamp,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Server {
    pub(crate) fn honest() -> Self {
        Self::started(Config { clock_control: true, ..Config::default() })
    }

    pub(crate) fn with(fault: Fault) -> Self {
        Self::started(Config {
            faults: Faults::from(fault),
            clock_control: true,
            ..Config::default()
        })
    }

    pub(crate) fn started(config: Config) -> Self {
        let runtime = Runtime::new().unwrap();
        let clock = config.clock.clone();
        let reference = runtime.block_on(Reference::start(config)).unwrap();
        Self { reference, clock, runtime }
    }

    pub(crate) fn stop(self) {
        self.runtime.block_on(self.reference.stop());
    }

    pub(crate) fn root(&self) -> Keys {
        let root = self.reference.root();
        Keys { id: root.access_key_id.clone(), secret: root.secret_access_key.clone(), token: None }
    }

    /// A new user with one inline policy, and its keys.
    pub(crate) fn user(&self, name: &str, policy: &str) -> Keys {
        self.iam("CreateUser", &[("UserName", name)]);
        let put = [("UserName", name), ("PolicyName", "inline"), ("PolicyDocument", policy)];
        self.iam("PutUserPolicy", &put);
        self.iam("CreateAccessKey", &[("UserName", name)]).keys()
    }

    /// An IAM call by root that has to succeed.
    #[track_caller]
    pub(crate) fn iam(&self, action: &str, params: &[(&str, &str)]) -> Reply {
        let reply = self.ask_iam(&self.root(), action, params);
        assert_eq!(reply.status, 200, "{action}: {}", reply.body);
        reply
    }

    pub(crate) fn ask_iam(&self, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Reply {
        let mut call = self.query(action, params, "2010-05-08");
        call.service = "iam";
        self.send(&call, Some(keys))
    }

    pub(crate) fn sts(&self, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Reply {
        self.send(&self.query(action, params, "2011-06-15"), Some(keys))
    }

    /// `GetFederationToken` with a name of no importance.
    pub(crate) fn mint(&self, keys: &Keys, params: &[(&str, &str)]) -> Reply {
        let named = [&[("Name", "stspec")], params].concat();
        self.sts(keys, "GetFederationToken", &named)
    }

    /// An S3 request for a path of a bucket or an object.
    pub(crate) fn s3(&self, keys: &Keys, method: &'static str, target: &str, body: &str) -> Reply {
        self.send(&self.s3_call(method, target, body), Some(keys))
    }

    pub(crate) fn s3_call(&self, method: &'static str, target: &str, body: &str) -> Call {
        Call {
            method,
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            service: "s3",
            region: "us-east-1",
            signed_at: self.clock.now(),
        }
    }

    /// Moves the server's clock by so many seconds, and that of this client with it.
    pub(crate) fn advance(&self, seconds: i64) -> Reply {
        self.control("PUT", &format!("{{\"offset_seconds\": {seconds}}}"))
    }

    /// A request to the control path of the clock.
    pub(crate) fn control(&self, method: &'static str, body: &str) -> Reply {
        let call = Call {
            method,
            target: "/_stspec/clock".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_vec(),
            service: "none",
            region: "none",
            signed_at: self.clock.now(),
        };
        self.send(&call, None)
    }

    pub(crate) fn query(&self, action: &str, params: &[(&str, &str)], version: &str) -> Call {
        let all = [&[("Action", action), ("Version", version)], params].concat();
        Call {
            method: "POST",
            target: "/".to_owned(),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: form(&all).into_bytes(),
            service: "sts",
            region: "us-east-1",
            signed_at: self.clock.now(),
        }
    }

    /// Signs the call, if with anything, and sends it on a connection of its own.
    pub(crate) fn send(&self, call: &Call, keys: Option<&Keys>) -> Reply {
        self.send_raw(&self.signed(&call.clone().header("connection", "close"), keys))
    }

    /// The call as the bytes that go out, signed where somebody signs.
    pub(crate) fn signed(&self, call: &Call, keys: Option<&Keys>) -> Vec<u8> {
        let host = self.host();
        let mut call = call.clone();
        call.headers.insert(0, ("host".to_owned(), host.clone()));
        if let Some(keys) = keys {
            let signature = signature(&host, &call, keys);
            call.headers.extend(signature);
        }
        call.bytes()
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) fn send_raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The server may have answered and closed before it saw everything.
        let _ = stream.write_all(bytes);
        read_reply(&mut stream)
    }

    pub(crate) fn host(&self) -> String {
        self.reference.endpoint().trim_start_matches("http://").to_owned()
    }
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut lines = vec![format!("{} {} HTTP/1.1", self.method, self.target)];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.push(format!("content-length: {}\r\n\r\n", self.body.len()));
        [lines.join("\r\n").as_bytes(), &self.body].concat()
    }
}

impl Reply {
    /// The text of the first element with this name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        if self.body.contains(&format!("<{name}/>")) {
            return Some("");
        }
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
    }

    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        self.element(name).unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Status and error code.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.element("Code").unwrap_or_default())
    }

    #[track_caller]
    pub(crate) fn keys(&self) -> Keys {
        assert_eq!(self.status, 200, "{}", self.body);
        Keys {
            id: self.text("AccessKeyId").to_owned(),
            secret: self.text("SecretAccessKey").to_owned(),
            token: self.element("SessionToken").map(str::to_owned),
        }
    }
}

pub(crate) fn form(params: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> =
        params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// The headers that sign a call, by AWS's signer.
pub(crate) fn signature(host: &str, call: &Call, keys: &Keys) -> Vec<(String, String)> {
    let settings = SigningSettings::default();
    let instructions = signed_by(host, call, keys, settings);
    instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A query call as GET, with its signature in the query string; it holds for five minutes.
pub(crate) fn presigned(host: &str, call: &Call, keys: &Keys) -> Call {
    let text = String::from_utf8(call.body.clone()).unwrap();
    let mut call = Call {
        method: "GET",
        target: format!("/?{text}"),
        headers: Vec::new(),
        body: Vec::new(),
        ..call.clone()
    };
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_mins(5));
    for (name, value) in signed_by(host, &call, keys, settings).params() {
        call.target.push('&');
        call.target.push_str(&form(&[(name, value)]));
    }
    call
}

fn signed_by(
    host: &str,
    call: &Call,
    keys: &Keys,
    mut settings: SigningSettings,
) -> SigningInstructions {
    let credentials =
        Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "test").into();
    if call.service == "s3" {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
    }
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&credentials)
        .region(call.region)
        .name(call.service)
        .time(SystemTime::from(call.signed_at))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let url = format!("http://{host}{}", call.target);
    let has = |wanted: &dyn Fn(&(String, String)) -> bool| call.headers.iter().any(wanted);
    let body = if has(&|(name, _)| name == "x-amz-trailer") {
        SignableBody::StreamingUnsignedPayloadTrailer
    } else if has(&|(_, value)| value == "UNSIGNED-PAYLOAD") {
        SignableBody::UnsignedPayload
    } else {
        SignableBody::Bytes(&call.body)
    };
    let request = SignableRequest::new(call.method, &url, headers, body).unwrap();
    sign(request, &params).unwrap().into_parts().0
}

pub(crate) fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    // What came before a reset counts; a test that wants an answer will miss it.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("0");
    Reply {
        status: status.parse().unwrap_or(0),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}
