//! Listens on the wire between stspec and a server, and takes down what passes, every secret with it.

#![expect(clippy::indexing_slicing, reason = "a test that can't go on fails")]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How a request's first line ends; nothing that stspec sends holds it elsewhere.
const FIRST_LINE_END: &str = " HTTP/1.1\r\n";

/// What passed, one text for each direction of each connection.
#[derive(Default)]
struct Tape {
    requests: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
}

/// A port that passes everything on to a server.
pub(crate) struct Wiretap {
    address: String,
    tape: Arc<Mutex<Tape>>,
}

impl Wiretap {
    /// Listens on a free port for what is meant for the server at `http://HOST:PORT`.
    pub(crate) fn between(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let server = endpoint.trim_start_matches("http://").to_owned();
        let tape = Arc::<Mutex<Tape>>::default();
        let recorded = Arc::clone(&tape);
        // Ends with the test process.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(&server) {
                    connect(client, server, &recorded);
                }
            }
        });
        Self { address, tape }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was sent to the server.
    pub(crate) fn sent(&self) -> String {
        let tape = self.tape.lock().expect("the tape");
        tape.requests.iter().map(|bytes| String::from_utf8_lossy(bytes) + "\r\n").collect()
    }

    /// How many requests were sent to the server.
    pub(crate) fn requests(&self) -> usize {
        self.sent().matches(FIRST_LINE_END).count()
    }

    /// Secret access keys, session tokens and signatures, as they stood in requests and answers.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let tape = self.tape.lock().expect("the tape");
        let texts = tape.requests.iter().chain(&tape.answers);
        texts.flat_map(|bytes| secrets_in(&String::from_utf8_lossy(bytes))).collect()
    }

    /// How many bytes passed.
    pub(crate) fn heard(&self) -> usize {
        let tape = self.tape.lock().expect("the tape");
        tape.requests.iter().chain(&tape.answers).map(Vec::len).sum()
    }
}

fn connect(client: TcpStream, server: TcpStream, tape: &Arc<Mutex<Tape>>) {
    let handle = |stream: &TcpStream| stream.try_clone().expect("a handle");
    let (from_client, from_server) = (handle(&client), handle(&server));
    let place = {
        let mut tape = tape.lock().expect("the tape");
        tape.requests.push(Vec::new());
        tape.answers.push(Vec::new());
        tape.requests.len() - 1
    };
    let (there, back) = (Arc::clone(tape), Arc::clone(tape));
    thread::spawn(move || {
        pass_on(from_client, server, |part| {
            there.lock().expect("the tape").requests[place].extend_from_slice(part);
        });
    });
    thread::spawn(move || {
        pass_on(from_server, client, |part| {
            back.lock().expect("the tape").answers[place].extend_from_slice(part);
        });
    });
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, mut record: impl FnMut(&[u8])) {
    let _ = to.set_nodelay(true);
    let mut part = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut part) {
        record(&part[..read]);
        if to.write_all(&part[..read]).is_err() {
            break;
        }
    }
    // Where one side is done, the other is to know.
    let _ = to.shutdown(Shutdown::Write);
}

/// Marks of where a secret begins on the wire, each with what ends it.
const MARKS: [(&str, &[char]); 7] = [
    ("<SecretAccessKey>", &['<']),
    ("<SessionToken>", &['<']),
    ("\"SecretAccessKey\":\"", &['"']),
    ("\"SessionToken\":\"", &['"']),
    ("Signature=", &['\r', '\n', '&', ' ', ',']),
    ("x-amz-security-token: ", &['\r', '\n']),
    ("X-Amz-Security-Token=", &['&', ' ']),
];

fn secrets_in(text: &str) -> Vec<String> {
    let after = |(mark, ends): &(&str, &'static [char])| {
        let ends = *ends;
        text.split(mark)
            .skip(1)
            .filter_map(move |rest| rest.split(ends).next())
            .map(decoded)
            .collect::<Vec<String>>()
    };
    MARKS.iter().flat_map(after).collect()
}

/// Without the encoding of a query string.
fn decoded(text: &str) -> String {
    text.replace("%2F", "/").replace("%2B", "+").replace("%3D", "=")
}

#[test]
fn secrets_are_taken_down_wherever_they_stand() {
    let text = "POST /?X-Amz-Signature=0a1b&X-Amz-Security-Token=t%2Fk%3D HTTP/1.1\r\n\
                authorization: AWS4 Credential=x, Signature=2c3d\r\nx-amz-security-token: t/o\r\n\
                \r\n<a><SecretAccessKey>s/k</SecretAccessKey><SessionToken>tok</SessionToken></a>\
                {\"SecretAccessKey\":\"j\"}";
    let mut found = secrets_in(text);
    found.sort();
    assert_eq!(found, ["0a1b", "2c3d", "j", "s/k", "t/k=", "t/o", "tok"]);
}
