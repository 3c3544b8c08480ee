//! A server that answers the calls of STS and IAM that a load run makes, on a port of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

const DATE: &str = "Sat, 21 Nov 2026 20:00:00 GMT";
const RIGHT_EXPIRATION: &str = "2026-11-21T20:15:00Z";
const WRONG_EXPIRATION: &str = "2026-11-21T21:00:00Z";

/// How a server answers; the default answers rightly.
#[derive(Debug, Clone, Default)]
pub(crate) struct Server {
    /// Every so many mints have the wrong expiration.
    pub(crate) wrong_each: Option<u64>,
    /// After every so many mints the connection is closed instead of an answer.
    pub(crate) hang_up_each: Option<u64>,
    /// Mints are sent elsewhere.
    pub(crate) redirect_to: Option<String>,
    /// Every so many mints have the access key id of the one before.
    pub(crate) repeats_each: Option<u64>,
    /// Every so many mints have a session token without a character.
    pub(crate) tokenless_each: Option<u64>,
    /// It stands still now and then.
    pub(crate) freezes: Option<Freeze>,
    /// This action is refused.
    pub(crate) refuses: Option<&'static str>,
    /// Mints with these numbers, counted from 1, are refused.
    pub(crate) refuses_mints: Option<(u64, u64)>,
    /// Mints are answered after so long.
    pub(crate) mint_takes: Option<Duration>,
    /// When minted sessions expire; after a quarter of an hour without.
    pub(crate) expiration: Option<&'static str>,
}

/// When a server stands still: from each beginning of a period on, counted from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Freeze {
    pub(crate) every: Duration,
    pub(crate) length: Duration,
}

impl Freeze {
    /// Waits while the server stands still.
    async fn wait(self, started: Instant) {
        let period = self.every.as_nanos();
        let into =
            Duration::from_nanos(u64::try_from(started.elapsed().as_nanos() % period).unwrap());
        if into < self.length {
            tokio::time::sleep(self.length.saturating_sub(into)).await;
        }
    }
}

/// A server that listens.
pub(crate) struct Started {
    pub(crate) url: String,
    pub(crate) sight: Sight,
}

/// What a server did so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Requests by action.
    pub(crate) requests: BTreeMap<String, u64>,
    pub(crate) wrong: u64,
    pub(crate) hung_up: u64,
    /// How often it had been asked who one is when a mint was refused for the first time.
    pub(crate) identified_before_refusal: Option<u64>,
    /// Users that are there.
    pub(crate) users: BTreeSet<String>,
    /// Values of `Authorization` that came with mints.
    pub(crate) signatures: BTreeSet<String>,
    /// Values of `Name` that came with mints.
    pub(crate) names: BTreeSet<String>,
    /// The forms of mints, their parameters in order.
    pub(crate) mint_forms: BTreeSet<Vec<String>>,
    /// The access key ids that signed the question who one is.
    pub(crate) asked_by: BTreeSet<String>,
    /// When it was asked who one is and had answered.
    pub(crate) identified: Vec<Instant>,
    /// Secrets and session tokens that were handed out.
    pub(crate) secrets: Vec<String>,
}

impl Seen {
    pub(crate) fn mints(&self) -> u64 {
        self.count("GetFederationToken")
    }

    pub(crate) fn count(&self, action: &str) -> u64 {
        self.requests.get(action).copied().unwrap_or(0)
    }
}

/// A look at what a server did so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight(Arc<Mutex<Seen>>);

impl Sight {
    pub(crate) fn seen(&self) -> Seen {
        self.0.lock().unwrap().clone()
    }
}

impl Server {
    /// Listens on a free port until the runtime ends.
    pub(crate) async fn start(self) -> Started {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sight = Sight::default();
        let onlooker = sight.clone();
        let started = Instant::now();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                tokio::spawn(serve(self.clone(), started, stream, onlooker.clone()));
            }
        });
        Started { url, sight }
    }

    /// The answer to one request, or none.
    fn answer(&self, request: &Request, seen: &mut Seen) -> Option<String> {
        let action = request.parameter("Action");
        *seen.requests.entry(action.clone()).or_default() += 1;
        if self.refuses == Some(action.as_str()) {
            return Some(refusal());
        }
        let user = request.parameter("UserName");
        let result = match action.as_str() {
            "GetCallerIdentity" => {
                seen.asked_by.insert(request.access_key_id());
                "<Arn>arn:aws:iam::123456789012:user/a</Arn><Account>123456789012</Account>"
                    .to_owned()
            }
            "CreateUser" => {
                seen.users.insert(user.clone());
                format!("<User><Arn>arn:aws:iam::123456789012:user/{user}</Arn></User>")
            }
            "CreateAccessKey" => {
                let secret = new_secret(seen, "user/secret");
                format!(
                    "<AccessKey><AccessKeyId>AKIAMINTERMINTERMINT</AccessKeyId>\
                     <SecretAccessKey>{secret}</SecretAccessKey></AccessKey>"
                )
            }
            "DeleteUser" => {
                seen.users.remove(&user);
                String::new()
            }
            "GetFederationToken" => return self.mint(request, seen),
            _ => String::new(),
        };
        Some(xml(200, &in_envelope(&action, &result)))
    }

    fn mint(&self, request: &Request, seen: &mut Seen) -> Option<String> {
        let each =
            |number: Option<u64>| number.is_some_and(|number| seen.mints().is_multiple_of(number));
        let refused = self.refuses_mints.unwrap_or((0, 0));
        if (refused.0..=refused.1).contains(&seen.mints()) {
            let identified = seen.count("GetCallerIdentity");
            seen.identified_before_refusal.get_or_insert(identified);
            return Some(refusal());
        }
        let (wrong, hang_up) = (each(self.wrong_each), each(self.hang_up_each));
        let tokenless = each(self.tokenless_each);
        seen.signatures.insert(request.header("authorization"));
        seen.names.insert(request.parameter("Name"));
        seen.mint_forms.insert(request.sorted_parameters());
        if let Some(url) = &self.redirect_to {
            return Some(format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: {url}/\r\ncontent-length: 0\r\n\r\n"
            ));
        }
        if hang_up {
            seen.hung_up += 1;
            return None;
        }
        seen.wrong += u64::from(wrong || tokenless);
        let right = self.expiration.unwrap_or(RIGHT_EXPIRATION);
        let expiration = if wrong { WRONG_EXPIRATION } else { right };
        let (secret, token) = (new_secret(seen, "minted/secret"), new_secret(seen, "minted/token"));
        let token = if tokenless { String::new() } else { token };
        let repeats = self.repeats_each.is_some_and(|each| seen.mints().is_multiple_of(each));
        let number = seen.mints() - u64::from(repeats);
        let credentials = format!(
            "<Credentials><AccessKeyId>ASIAMINTED{number:010}</AccessKeyId>\
             <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>\
             <Expiration>{expiration}</Expiration></Credentials>"
        );
        Some(xml(200, &in_envelope("GetFederationToken", &credentials)))
    }
}

fn new_secret(seen: &mut Seen, kind: &str) -> String {
    let secret = format!("{kind}/number/{:08}", seen.secrets.len());
    seen.secrets.push(secret.clone());
    secret
}

fn refusal() -> String {
    xml(500, "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>")
}

fn in_envelope(action: &str, result: &str) -> String {
    format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
}

fn xml(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Answer\r\ndate: {DATE}\r\ncontent-type: text/xml\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Answers the requests of one connection.
async fn serve(server: Server, started: Instant, mut stream: TcpStream, sight: Sight) {
    let mut bytes = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut bytes).await {
        if let Some(freeze) = server.freezes {
            freeze.wait(started).await;
        }
        if let Some(takes) = server.mint_takes
            && request.parameter("Action") == "GetFederationToken"
        {
            tokio::time::sleep(takes).await;
        }
        let answer = server.answer(&request, &mut sight.0.lock().unwrap());
        let Some(answer) = answer else { return };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        if request.form.starts_with("Action=GetCallerIdentity") {
            sight.0.lock().unwrap().identified.push(Instant::now());
        }
    }
}

struct Request {
    head: String,
    form: String,
}

impl Request {
    fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        found.map(str::to_owned).next().unwrap_or_default()
    }

    fn access_key_id(&self) -> String {
        let authorization = self.header("authorization");
        let credential = authorization.split_once("Credential=").unwrap_or_default().1;
        credential.split('/').next().unwrap_or_default().to_owned()
    }

    fn sorted_parameters(&self) -> Vec<String> {
        let mut parameters: Vec<String> = self.form.split('&').map(str::to_owned).collect();
        parameters.sort_unstable();
        parameters
    }

    fn parameter(&self, name: &str) -> String {
        let pairs = self.form.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
        found.map(str::to_owned).next().unwrap_or_default()
    }
}

/// The next request of a connection; `bytes` keeps what was read beyond it.
async fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Request> {
    loop {
        let text = String::from_utf8(bytes.clone()).unwrap();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let request = Request { head: head.to_owned(), form: String::new() };
            let length: usize = request.header("content-length").parse().unwrap_or(0);
            if let Some(form) = rest.get(..length) {
                let form = form.to_owned();
                *bytes = rest.as_bytes()[length..].to_vec();
                return Some(Request { form, ..request });
            }
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}
