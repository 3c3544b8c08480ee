//! Listens on the wire between stspec and a server, and takes down every secret that passes.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What passed, one text for each direction of each connection.
type Tape = Arc<Mutex<Vec<Vec<u8>>>>;

/// A port that passes everything on to a server.
pub(crate) struct Wiretap {
    address: String,
    tape: Tape,
}

impl Wiretap {
    /// Listens on a free port for what is meant for `server`, an address without `http://`.
    pub(crate) fn between(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (tape, server) = (Tape::default(), server.to_owned());
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

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Secret access keys, session tokens and signatures, as they stood in requests and answers.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let tape = self.tape.lock().expect("the tape");
        let texts = tape.iter().map(|bytes| String::from_utf8_lossy(bytes));
        texts.flat_map(|text| secrets_in(&text)).collect()
    }

    /// How many bytes passed.
    pub(crate) fn heard(&self) -> usize {
        self.tape.lock().expect("the tape").iter().map(Vec::len).sum()
    }
}

fn connect(client: TcpStream, server: TcpStream, tape: &Tape) {
    let pairs = [
        (client.try_clone().expect("a handle"), server.try_clone().expect("a handle")),
        (server, client),
    ];
    for (from, to) in pairs {
        let place = {
            let mut tape = tape.lock().expect("the tape");
            tape.push(Vec::new());
            tape.len() - 1
        };
        let tape = Arc::clone(tape);
        thread::spawn(move || pass_on(from, to, place, &tape));
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, place: usize, tape: &Tape) {
    let _ = to.set_nodelay(true);
    let mut part = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut part) {
        tape.lock().expect("the tape")[place].extend_from_slice(&part[..read]);
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
