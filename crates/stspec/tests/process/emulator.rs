//! Targets that do what a test says, and nothing else.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// The URL of a target that is asked for actions, empty for those of S3, and answers with status and
/// body. It ends with the test process.
pub(crate) fn emulator(
    answer: impl Fn(&str) -> (&'static str, &'static str) + Send + Sync + 'static,
) -> String {
    let (listener, url) = listener();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                while let Some(action) = next_action(&mut reader) {
                    if send(&stream, answer(&action), "keep-alive").is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// The URL of a target that answers so many requests as [`made`], each on a connection of its own, and is
/// gone.
pub(crate) fn short_lived(answers: usize) -> String {
    let (listener, url) = listener();
    std::thread::spawn(move || {
        for _ in 0..answers {
            let (stream, _) = listener.accept().expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let action = next_action(&mut reader).expect("a request");
            send(&stream, made(&action), "close").expect("the client reads");
        }
    });
    url
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

/// The answer of a target that makes whatever it is asked for.
pub(crate) fn made(action: &str) -> (&'static str, &'static str) {
    let body = match action {
        "GetCallerIdentity" => {
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::424242424242:root</Arn>\
             <Account>424242424242</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        }
        "CreateUser" => {
            "<CreateUserResponse><CreateUserResult><User><Arn>a</Arn></User></CreateUserResult></CreateUserResponse>"
        }
        _ => "<R/>",
    };
    ("200 OK", body)
}

fn send(
    mut stream: &TcpStream,
    (status, body): (&str, &str),
    connection: &str,
) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: {connection}\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes())
}

/// The action of the next request, empty for one of S3; nothing at the end of the connection.
fn next_action(reader: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body);
    let action = body.strip_prefix("Action=").and_then(|rest| rest.split('&').next());
    Some(action.unwrap_or_default().to_owned())
}
