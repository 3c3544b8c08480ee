//! Workers of a Locust master: what they tell it is what the server counted.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do: by panicking"
)]

#[path = "../../stspec-load/tests/load/server.rs"]
mod server;
#[path = "../../stspec-load/tests/load/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use std::time::Duration;

use rmpv::Value;
use stspec_load::LoadOptions;
use stspec_locust::{Master, join, locustfile};
use stspec_runner::Clock;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use zeromq::{RouterSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

use server::{Seen, Server};
use world::{MIX, connect, library, next_second};

/// Where a worker in a process of its own finds its master and its target.
const MASTER: &str = "STSPEC_TEST_MASTER";
const TARGET: &str = "STSPEC_TEST_TARGET";

/// Generous, as machines are shared.
const DEADLINE: Duration = Duration::from_mins(1);

/// A master in this process, of which the messages are made by hand.
struct FakeMaster {
    socket: RouterSocket,
    address: String,
    /// By worker: how many users it says that it has, and whether it said that it has stopped.
    users: BTreeMap<Vec<u8>, u64>,
    ready: BTreeMap<Vec<u8>, u64>,
    stopped: u64,
    heartbeats: u64,
    exceptions: Vec<String>,
    sum: Sum,
}

/// What the workers reported.
#[derive(Debug, Default)]
struct Sum {
    reports: u64,
    /// Of `stats`, by name.
    requests: BTreeMap<String, u64>,
    failures: u64,
    /// Of `stats_total`.
    total: u64,
    per_second: u64,
    timed: u64,
    untimed: u64,
    /// Of `errors`, by kind.
    errors: BTreeMap<String, u64>,
    /// Of our own key.
    exact: u64,
}

impl FakeMaster {
    async fn start() -> Self {
        let mut socket = RouterSocket::new();
        let endpoint = socket.bind("tcp://127.0.0.1:0").await.unwrap().to_string();
        Self {
            socket,
            address: endpoint.trim_start_matches("tcp://").to_owned(),
            users: BTreeMap::new(),
            ready: BTreeMap::new(),
            stopped: 0,
            heartbeats: 0,
            exceptions: Vec::new(),
            sum: Sum::default(),
        }
    }

    async fn send(&mut self, worker: &[u8], kind: &str, data: Value) {
        let message = Value::Array(vec![kind.into(), data, "worker".into()]);
        let mut payload = Vec::new();
        rmpv::encode::write_value(&mut payload, &message).unwrap();
        let mut message = ZmqMessage::from(payload);
        message.push_front(worker.to_vec().into());
        // One that left already is not told any more.
        let _sent = self.socket.send(message).await;
    }

    async fn send_all(&mut self, kind: &str, data: Value) {
        for worker in self.ready.keys().cloned().collect::<Vec<_>>() {
            self.send(&worker, kind, data.clone()).await;
        }
    }

    /// Commands so many users of each worker.
    async fn spawn(&mut self, timestamp: f64, users: u64) {
        let classes = Value::Map(vec![("MixUser".into(), users.into())]);
        let data = Value::Map(vec![
            ("timestamp".into(), timestamp.into()),
            ("user_classes_count".into(), classes),
            ("host".into(), Value::Nil),
            ("stop_timeout".into(), 0.0.into()),
            ("parsed_options".into(), Value::Map(Vec::new())),
        ]);
        self.send_all("spawn", data).await;
    }

    /// Listens until something is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_so(self) {
            assert!(Instant::now() < end, "{what}: {:?} {:?}", self.users, self.sum);
            self.listen(Duration::from_millis(20)).await;
        }
    }

    /// Listens for so long after the last message.
    async fn listen(&mut self, silence: Duration) {
        while let Ok(message) = timeout(silence, self.socket.recv()).await {
            let frames = message.unwrap().into_vec();
            let [worker, payload] = frames.as_slice() else { panic!("two frames: {frames:?}") };
            let message = rmpv::decode::read_value(&mut payload.as_ref()).unwrap();
            let [kind, data, node] = message.as_array().unwrap().as_slice() else {
                panic!("three")
            };
            assert_eq!(node.as_str().unwrap().as_bytes(), worker.as_ref());
            self.hear(worker.as_ref(), kind.as_str().unwrap(), data).await;
            if silence.is_zero() {
                return;
            }
        }
    }

    async fn hear(&mut self, worker: &[u8], kind: &str, data: &Value) {
        match kind {
            "client_ready" => {
                *self.ready.entry(worker.to_vec()).or_default() += 1;
                let index = Value::Map(vec![("index".into(), 0.into())]);
                self.send(worker, "ack", index).await;
            }
            "heartbeat" => {
                self.heartbeats += 1;
                assert!(["ready", "running"].contains(&data["state"].as_str().unwrap()));
                assert!(data["current_memory_usage"].as_u64().unwrap() > 0);
                self.send(worker, "heartbeat", Value::Nil).await;
            }
            "spawning" => {}
            "spawning_complete" => {
                let users = data["user_count"].as_u64().unwrap();
                assert_eq!(data["user_classes_count"]["MixUser"].as_u64(), Some(users));
                self.users.insert(worker.to_vec(), users);
            }
            "stats" => self.sum.add(data),
            "client_stopped" => self.stopped += 1,
            "exception" => self.exceptions.push(data["msg"].as_str().unwrap().to_owned()),
            other => panic!("{other}"),
        }
    }

    fn all_have(&self, users: u64) -> bool {
        self.users.len() == 2 && self.users.values().all(|have| *have == users)
    }

    #[track_caller]
    fn check(&self, seen: &Seen) {
        let sum = &self.sum;
        let identities = seen.count("GetCallerIdentity") - 4; // of each administrator, and of its new user
        assert_eq!(sum.requests.get("mint").copied().unwrap_or(0), seen.mints());
        assert_eq!(sum.requests.get("identity").copied().unwrap_or(0), identities);
        let all = seen.mints() + identities;
        assert_eq!((sum.total, sum.per_second, sum.timed + sum.untimed), (all, all, all));
        assert_eq!((sum.failures, sum.untimed), (seen.wrong + seen.hung_up, seen.hung_up));
        assert_eq!(sum.exact, all - seen.hung_up);
        assert_eq!(sum.errors.get("wrong").copied().unwrap_or(0), seen.wrong);
        assert_eq!(sum.errors.get("error").copied().unwrap_or(0), seen.hung_up);
    }
}

impl Sum {
    fn add(&mut self, data: &Value) {
        let number = |value: &Value| value.as_u64().unwrap();
        let values =
            |map: &Value| map.as_map().unwrap().iter().map(|(_, n)| number(n)).sum::<u64>();
        self.reports += 1;
        for entry in data["stats"].as_array().unwrap() {
            assert_eq!(entry["method"].as_str(), Some("AWS"));
            let name = entry["name"].as_str().unwrap().to_owned();
            *self.requests.entry(name).or_default() += number(&entry["num_requests"]);
        }
        let total = &data["stats_total"];
        self.total += number(&total["num_requests"]);
        self.failures += number(&total["num_failures"]);
        self.untimed += number(&total["num_none_requests"]);
        self.timed += values(&total["response_times"]);
        self.per_second += values(&total["num_reqs_per_sec"]);
        for (_, error) in data["errors"].as_map().unwrap() {
            let words = error["error"].as_str().unwrap();
            let kind = words.split_once(": ").unwrap().0.to_owned();
            *self.errors.entry(kind).or_default() += number(&error["occurrences"]);
        }
        for (_, call) in data["stspec"].as_map().unwrap() {
            let buckets = call["buckets"].as_array().unwrap();
            self.exact += buckets.iter().map(|bucket| number(&bucket[1])).sum::<u64>();
        }
    }
}

/// Does nothing in this process; in those that [`worker`] starts, it plays users.
#[tokio::test]
async fn a_worker() {
    let variable = |name| {
        #[expect(clippy::disallowed_methods, reason = "it is how the parent tells its child")]
        std::env::var(name).ok()
    };
    let (Some(address), Some(url)) = (variable(MASTER), variable(TARGET)) else { return };
    let library = library(MIX);
    let master = Master { address, users_max: 50, report: Arc::new(|_| {}) };
    let (options, cancel) = (LoadOptions::default(), CancellationToken::new());
    let clock = Clock::reading(next_second);
    let (profile, connect) = (&library.profiles()[0], connect(&library, &url));
    let run = join(&library, profile, connect, clock, &options, cancel, &master).await;
    let run = run.unwrap();
    assert_eq!(run.leaks.len(), 0);
    println!("counted {}", run.record.totals().counts.requests);
}

fn worker(master: &FakeMaster, url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_worker", "--nocapture", "--test-threads=1"])
        .env(MASTER, &master.address)
        .env(TARGET, url)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// How many requests a worker's own report counts.
async fn counted(worker: Child) -> u64 {
    let output = timeout(DEADLINE, worker.wait_with_output()).await.unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let number = text.lines().find_map(|line| line.split_once("counted ")).unwrap().1;
    number.trim().parse().unwrap()
}

#[tokio::test]
async fn two_workers_tell_their_master_what_the_server_counted() {
    let server = Server { wrong_each: Some(7), hang_up_each: Some(50), ..Server::default() };
    let server = server.start().await;
    let mut master = FakeMaster::start().await;
    let workers = [worker(&master, &server.url), worker(&master, &server.url)];
    master.until("both are ready", |master| master.ready.len() == 2).await;
    assert_eq!(server.sight.seen().mints(), 0, "nobody was commanded yet");

    master.spawn(1.0, 5).await;
    master.until("ten users", |master| master.all_have(5)).await;
    master.until("a report", |master| master.sum.total > 200).await;
    master.spawn(2.0, 2).await;
    master.until("four users", |master| master.all_have(2)).await;
    master.spawn(1.5, 50).await;
    let heartbeats = master.heartbeats + 4;
    master.until("some seconds", |master| master.heartbeats >= heartbeats).await;
    assert!(master.all_have(2), "a command that was overtaken is ignored");

    master.send_all("stop", Value::Nil).await;
    master.until("both have stopped", |master| master.stopped == 2).await;
    master.until("both are ready", |master| master.ready.values().all(|said| *said == 2)).await;
    master.check(&server.sight.seen());

    let before = server.sight.seen().mints();
    master.spawn(3.0, 60).await;
    master.until("as many as were declared", |master| master.all_have(50)).await;
    assert!(master.exceptions[0].contains("raise `--max-users`"), "{:?}", master.exceptions);
    let heartbeats = master.heartbeats + 2;
    master.until("a second", |master| master.heartbeats >= heartbeats).await;
    master.send_all("quit", Value::Nil).await;
    master.listen(Duration::from_secs(1)).await;
    let [first, second] = workers;
    let own = counted(first).await + counted(second).await;
    let seen = server.sight.seen();
    assert!(seen.mints() > before, "a second test was played");
    master.check(&seen);
    assert_eq!(own, master.sum.total);
    assert_eq!(seen.users.len(), 0, "the accounts were removed");
}

#[tokio::test]
async fn a_profile_of_starts_cannot_be_commanded() {
    let profile = MIX.replace("{users: [{to: 4}]}\nrequests: 200", "{rate: [{to: 4, hold: 1s}]}");
    let library = library(&profile);
    let refused = locustfile(&library.profiles()[0]).unwrap_err().to_string();
    assert!(refused.contains("profile `mix` has starts instead"), "{refused}");
    let master =
        Master { address: "127.0.0.1:9".to_owned(), users_max: 1, report: Arc::new(|_| {}) };
    let (options, cancel) = (LoadOptions::default(), CancellationToken::new());
    let connect = connect(&library, "http://127.0.0.1:9");
    let clock = Clock::reading(next_second);
    let profile = &library.profiles()[0];
    let joined = join(&library, profile, connect, clock, &options, cancel, &master).await;
    assert_eq!(joined.unwrap_err().to_string(), refused);
}

#[tokio::test]
async fn waiting_for_a_master_can_be_ended() {
    let library = library(MIX);
    let master =
        Master { address: "127.0.0.1:9".to_owned(), users_max: 1, report: Arc::new(|_| {}) };
    let (options, cancel) = (LoadOptions::default(), CancellationToken::new());
    let cancelling = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancelling.cancel();
    });
    let connect = connect(&library, "http://127.0.0.1:9");
    let clock = Clock::reading(next_second);
    let profile = &library.profiles()[0];
    let joined = join(&library, profile, connect, clock, &options, cancel, &master).await;
    assert!(joined.unwrap_err().leaks().is_empty());
}
