//! A way to a server that remembers every request that goes it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How a request's first line ends; nothing that stspec sends holds it elsewhere.
const FIRST_LINE_END: &str = " HTTP/1.1\r\n";

/// Listens for as long as the test lives, and hands on what comes.
pub(crate) struct Proxy {
    address: String,
    /// What clients sent, connection by connection.
    heard: Arc<Log>,
}

/// The bytes of each connection.
type Log = Mutex<Vec<Arc<Mutex<Vec<u8>>>>>;

impl Proxy {
    /// A proxy to the server at `http://HOST:PORT`.
    pub(crate) fn to(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let upstream = endpoint.trim_start_matches("http://").to_owned();
        let heard = Arc::new(Log::default());
        let log = Arc::clone(&heard);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&upstream).expect("a server");
                hand_on(&client, &server, &log);
            }
        });
        Self { address, heard }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that clients sent.
    pub(crate) fn text(&self) -> String {
        let heard = self.heard.lock().expect("no panic");
        let text = |bytes: &Arc<Mutex<Vec<u8>>>| {
            let bytes = bytes.lock().expect("no panic");
            String::from_utf8_lossy(&bytes).into_owned() + "\r\n"
        };
        heard.iter().map(text).collect()
    }

    /// How many requests went this way so far.
    pub(crate) fn requests(&self) -> usize {
        self.text().matches(FIRST_LINE_END).count()
    }
}

fn hand_on(client: &TcpStream, server: &TcpStream, log: &Log) {
    let clone = |stream: &TcpStream| stream.try_clone().expect("a stream");
    let (mut from_client, mut to_server) = (clone(client), clone(server));
    let (mut from_server, mut to_client) = (clone(server), clone(client));
    let heard = Arc::new(Mutex::new(Vec::new()));
    log.lock().expect("no panic").push(Arc::clone(&heard));
    std::thread::spawn(move || {
        let mut bytes = [0; 8_192];
        while let Ok(count @ 1..) = from_client.read(&mut bytes) {
            let part = bytes.get(..count).expect("as much as was read");
            heard.lock().expect("no panic").extend(part);
            if to_server.write_all(part).is_err() {
                break;
            }
        }
        let _already_closed = to_server.shutdown(Shutdown::Write);
    });
    std::thread::spawn(move || {
        let _either_closed = std::io::copy(&mut from_server, &mut to_client);
        let _already_closed = to_client.shutdown(Shutdown::Both);
    });
}
