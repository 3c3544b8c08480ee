//! Creates a user on a server whose line of `stspec serve` is on stdin, and prints a script for wrk.
//!
//! The script repeats one `GetFederationToken` that the user signed. It works as long as the signature is valid, a
//! quarter of an hour.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::SystemTime;

use serde_json::{Value, json};
use stspec_benches::{Signer, form, get_federation_token, signed_headers};

/// What the user may do.
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:GetFederationToken", "s3:GetObject"], "Resource": "*"}]}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let server: Value = serde_json::from_reader(std::io::stdin())?;
    let text = |pointer| server.pointer(pointer).and_then(Value::as_str).ok_or("no such line");
    let host = text("/endpoint")?.trim_start_matches("http://");
    let root = Signer {
        host,
        service: "iam",
        access_key_id: text("/root/access_key_id")?,
        secret_access_key: text("/root/secret_access_key")?,
    };
    let user = ("UserName", "speed");
    post(&root, &[("Action", "CreateUser"), user])?;
    let policy = [("PolicyName", "mint"), ("PolicyDocument", POLICY)];
    post(&root, &[&[("Action", "PutUserPolicy"), user][..], &policy].concat())?;
    let key = post(&root, &[("Action", "CreateAccessKey"), user])?;
    let user = Signer {
        host,
        service: "sts",
        access_key_id: element(&key, "AccessKeyId")?,
        secret_access_key: element(&key, "SecretAccessKey")?,
    };
    script(&user);
    Ok(())
}

/// An IAM call; the body of its answer.
fn post(signer: &Signer<'_>, params: &[(&str, &str)]) -> Result<String, Box<dyn Error>> {
    let body = form(&[&[("Version", "2010-05-08")], params].concat());
    let headers = signed_headers(signer, &body, now());
    let lines: String =
        headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    let length = body.len();
    let mut stream = TcpStream::connect(signer.host)?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nconnection: close\r\n{lines}content-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(answer) } else { Err(answer.into()) }
}

fn element<'a>(xml: &'a str, name: &str) -> Result<&'a str, String> {
    let found = xml.split_once(&format!("<{name}>"));
    let text = found.and_then(|(_, rest)| rest.split_once("</")).map(|(text, _)| text);
    text.ok_or_else(|| format!("no {name} in {xml}"))
}

#[expect(clippy::print_stdout, reason = "the script goes into a file or a pipe")]
fn script(user: &Signer<'_>) {
    let body = get_federation_token();
    println!("wrk.method = \"POST\"\nwrk.body = {}", json!(body));
    for (name, value) in signed_headers(user, &body, now()) {
        // wrk writes the host itself.
        if name != "host" {
            println!("wrk.headers[{}] = {}", json!(name), json!(value));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a client signs at the time of its own clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
