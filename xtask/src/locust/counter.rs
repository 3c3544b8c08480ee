//! A proxy in front of a server that counts requests by operation.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Longest request body that is passed on, in bytes; the largest of STS is far below.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Requests by operation.
pub(crate) type Counts = BTreeMap<String, u64>;

/// Listens, counts, and passes on.
pub(crate) struct Counter {
    endpoint: String,
    counts: Arc<Mutex<Counts>>,
}

impl Counter {
    /// Listens on a free port for requests to a server, and counts those of STS that were not signed with this
    /// access key. Ends with the process.
    pub(crate) fn start(endpoint: &str, uncounted_key: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let counts: Arc<Mutex<Counts>> = Arc::default();
        let target = endpoint.trim_start_matches("http://").to_owned();
        let (into, uncounted) = (Arc::clone(&counts), format!("Credential={uncounted_key}/"));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (target, into, uncounted) =
                    (target.clone(), Arc::clone(&into), uncounted.clone());
                thread::spawn(move || hand_on(stream, &target, &into, &uncounted));
            }
        });
        Ok(Self { endpoint: format!("http://{address}"), counts })
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The requests so far.
    pub(crate) fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Passes the requests of one connection on, and the answers back, until the connection breaks.
fn hand_on(client: TcpStream, target: &str, counts: &Mutex<Counts>, uncounted: &str) -> Option<()> {
    let mut server = TcpStream::connect(target).ok()?;
    client.set_nodelay(true).ok()?;
    server.set_nodelay(true).ok()?;
    let (mut answers, mut back) = (server.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || {
        let _broken = std::io::copy(&mut answers, &mut back);
        let _closed = back.shutdown(std::net::Shutdown::Both);
    });
    let mut requests = BufReader::new(client);
    while let Some((head, body)) = request(&mut requests) {
        if !head.contains(uncounted)
            && let Some(operation) = operation(&body)
        {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(operation).or_default() += 1;
        }
        server.write_all(&[head.as_bytes(), &body].concat()).ok()?;
    }
    server.shutdown(std::net::Shutdown::Write).ok()
}

/// The next request: everything before its body, and its body.
fn request(requests: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let begin = head.len();
        if requests.read_line(&mut head).ok()? == 0 {
            return None;
        }
        let line = head.get(begin..)?.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok().filter(|length| *length <= BODY_BYTES_MAX)?;
        }
    }
    let mut body = vec![0; length];
    requests.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The operation that a form asks for, if it is one of STS.
fn operation(body: &[u8]) -> Option<String> {
    let form = std::str::from_utf8(body).ok()?;
    let value = |key: &str| form.split('&').find_map(|pair| pair.strip_prefix(key));
    value("Version=").filter(|version| *version == "2011-06-15")?;
    value("Action=").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn requests_of_sts_are_counted_and_handed_on() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let endpoint = format!("http://{}", server.local_addr().expect("an address"));
        let serving = thread::spawn(move || {
            let (stream, _) = server.accept().expect("the counter connects");
            let mut requests = BufReader::new(&stream);
            let mut bodies = Vec::new();
            while let Some((_, body)) = request(&mut requests) {
                (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("sent");
                bodies.push(String::from_utf8(body).expect("text"));
            }
            bodies
        });
        let counter = Counter::start(&endpoint, "AKIAROOT").expect("it listens");
        let mut client = TcpStream::connect(counter.endpoint().trim_start_matches("http://"))
            .expect("it listens");
        let sts = "Action=GetCallerIdentity&Version=2011-06-15";
        let iam = "Action=CreateUser&Version=2010-05-08";
        for (key, body) in
            [("AKIAUSER", sts), ("AKIAUSER", sts), ("AKIAROOT", sts), ("AKIAUSER", iam)]
        {
            let length = body.len();
            let request = format!(
                "POST / HTTP/1.1\r\nauthorization: AWS4 Credential={key}/x\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            client.write_all(request.as_bytes()).expect("sent");
        }
        client.shutdown(std::net::Shutdown::Write).expect("it is open");
        let mut answers = String::new();
        client.read_to_string(&mut answers).expect("text");
        assert_eq!(answers.matches("200 OK").count(), 4);
        assert_eq!(serving.join().expect("it ends"), [sts, sts, sts, iam]);
        assert_eq!(counter.counts(), Counts::from([("GetCallerIdentity".to_owned(), 2)]));
    }
}
