//! What worker and master say to each other: `MessagePack` arrays of type, data and node.

use std::time::Duration;

use rmpv::Value;
use thiserror::Error;

use crate::stats::{Entry, Failure, Stats};

/// Longest message that is read, in bytes.
///
/// Source: ours; a `spawn` of Locust 2.47 has about 3 KB.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Deepest nesting that is read.
///
/// Source: ours; a `spawn` has three levels.
const DEPTH_MAX: usize = 32;

/// Longest that a master may let its workers take to stop.
///
/// Source: ours; the master adds a minute to it itself (Locust 2.47, `MasterRunner.stop`).
const STOP_TIMEOUT_MAX: Duration = Duration::from_hours(1);

/// What a master says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FromMaster {
    /// It knows the worker now, by this number if it counts.
    Ack { index: Option<i64> },
    /// It is there.
    Heartbeat,
    /// So many users are wanted from now on.
    Spawn(Spawn),
    /// No users are wanted, and the next test may come.
    Stop,
    /// All is over.
    Quit,
    /// It could not read what came from here.
    Reconnect,
    /// What a worker without Python of its own has no use for.
    Other,
}

/// How many users are wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spawn {
    /// The master's clock: a message may overtake another.
    pub(crate) timestamp: f64,
    /// How many of each class, in the master's order.
    pub(crate) users: Vec<(String, u64)>,
    /// How long users may take to finish when the master says `stop`.
    pub(crate) stop_timeout: Duration,
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ToMaster {
    /// It is ready for users.
    ClientReady,
    /// It is there.
    Heartbeat { state: &'static str, cpu_percent: f64, memory_bytes: u64 },
    /// Users are being started.
    Spawning,
    /// Users were started.
    SpawningComplete { class: String, users: u32 },
    /// What came since the last time.
    Stats(Box<Stats>),
    /// Something went wrong that is no answer of the target.
    Exception { message: String },
    /// All its users have finished.
    ClientStopped,
    /// It leaves.
    Quit,
}

/// A message that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the master sent what is no message of Locust: {0}")]
pub(crate) struct Unreadable(String);

/// Reads what a master says.
pub(crate) fn decode(mut bytes: &[u8]) -> Result<FromMaster, Unreadable> {
    let unreadable = |words: &str| Unreadable(words.to_owned());
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(Unreadable(format!("it has {} bytes", bytes.len())));
    }
    let value = rmpv::decode::read_value_with_max_depth(&mut bytes, DEPTH_MAX)
        .map_err(|error| Unreadable(format!("no MessagePack: {error}")))?;
    if !bytes.is_empty() {
        return Err(unreadable("something follows it"));
    }
    let Some([kind, data, _node]) = value.as_array().map(Vec::as_slice) else {
        return Err(unreadable("it is no array of type, data and node"));
    };
    match kind.as_str().ok_or_else(|| unreadable("its type is no text"))? {
        "ack" => Ok(FromMaster::Ack { index: get(data, "index").and_then(Value::as_i64) }),
        "heartbeat" => Ok(FromMaster::Heartbeat),
        "spawn" => spawn(data).map(FromMaster::Spawn),
        "stop" => Ok(FromMaster::Stop),
        "quit" => Ok(FromMaster::Quit),
        "reconnect" => Ok(FromMaster::Reconnect),
        _ => Ok(FromMaster::Other),
    }
}

fn spawn(data: &Value) -> Result<Spawn, Unreadable> {
    let unreadable = |words: &str| Unreadable(format!("its `spawn` {words}"));
    let timestamp = get(data, "timestamp").and_then(Value::as_f64).filter(|time| time.is_finite());
    let timestamp = timestamp.ok_or_else(|| unreadable("has no `timestamp`"))?;
    let classes = get(data, "user_classes_count").and_then(Value::as_map);
    let classes = classes.ok_or_else(|| unreadable("has no `user_classes_count`"))?;
    let count =
        |(class, count): &(Value, Value)| Some((class.as_str()?.to_owned(), count.as_u64()?));
    let users: Option<Vec<_>> = classes.iter().map(count).collect();
    let users =
        users.ok_or_else(|| unreadable("has a `user_classes_count` that counts nothing"))?;
    let seconds = get(data, "stop_timeout").and_then(Value::as_f64).unwrap_or(0.0);
    let stop_timeout = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO);
    Ok(Spawn { timestamp, users, stop_timeout: stop_timeout.min(STOP_TIMEOUT_MAX) })
}

fn get<'v>(map: &'v Value, key: &str) -> Option<&'v Value> {
    let pairs = map.as_map()?;
    pairs.iter().find_map(|(name, value)| (name.as_str() == Some(key)).then_some(value))
}

/// Writes what a worker says.
pub(crate) fn encode(message: &ToMaster, node: &str) -> Vec<u8> {
    let (kind, data) = match message {
        // The master takes -1 from workers that are not of its own version.
        ToMaster::ClientReady => ("client_ready", Value::from(-1)),
        ToMaster::Heartbeat { state, cpu_percent, memory_bytes } => (
            "heartbeat",
            map([
                ("state", Value::from(*state)),
                ("current_cpu_usage", Value::from(*cpu_percent)),
                ("current_memory_usage", Value::from(*memory_bytes)),
            ]),
        ),
        ToMaster::Spawning => ("spawning", Value::Nil),
        ToMaster::SpawningComplete { class, users } => {
            ("spawning_complete", map(users_of(class, *users)))
        }
        ToMaster::Stats(stats) => ("stats", stats_data(stats)),
        ToMaster::Exception { message } => (
            "exception",
            map([("msg", Value::from(message.as_str())), ("traceback", Value::from(""))]),
        ),
        ToMaster::ClientStopped => ("client_stopped", Value::Nil),
        ToMaster::Quit => ("quit", Value::Nil),
    };
    let message = Value::Array(vec![Value::from(kind), data, Value::from(node)]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &message).expect("a vector takes every byte");
    bytes
}

fn users_of(class: &str, users: u32) -> [(&'static str, Value); 2] {
    let of_class = Value::Map(vec![(Value::from(class), Value::from(users))]);
    [("user_classes_count", of_class), ("user_count", Value::from(users))]
}

fn stats_data(stats: &Stats) -> Value {
    let entries = stats.entries.iter().map(|entry| map(entry_fields(entry)));
    let errors = stats
        .failures
        .iter()
        .map(|failure| (Value::from(failure.key.as_str()), map(failure_fields(failure))));
    let exact = stats.entries.iter().map(|entry| (Value::from(entry.name.as_str()), exact(entry)));
    let [classes, users] = users_of(&stats.class, stats.users);
    map([
        ("stats", Value::Array(entries.collect())),
        ("stats_total", map(entry_fields(&stats.total))),
        ("errors", Value::Map(errors.collect())),
        classes,
        users,
        // Ours: listeners to `worker_report` get every key, and the master itself ignores this one.
        ("stspec", Value::Map(exact.collect())),
    ])
}

fn entry_fields(entry: &Entry) -> [(&'static str, Value); 14] {
    [
        ("name", Value::from(entry.name.as_str())),
        ("method", Value::from(entry.method)),
        ("last_request_timestamp", optional(entry.last_request)),
        ("start_time", Value::from(entry.start)),
        ("num_requests", Value::from(entry.counts.requests)),
        ("num_none_requests", Value::from(entry.untimed)),
        ("num_failures", Value::from(entry.failures())),
        ("total_response_time", Value::from(milliseconds(entry.latency_sum_us))),
        ("max_response_time", Value::from(entry.max_us.map_or(0.0, milliseconds))),
        ("min_response_time", optional(entry.min_us.map(milliseconds))),
        ("total_content_length", Value::from(0)),
        ("response_times", counts(&entry.response_times_ms)),
        ("num_reqs_per_sec", counts(entry.per_second.iter().map(|(at, (all, _))| (at, all)))),
        ("num_fail_per_sec", counts(entry.per_second.iter().map(|(at, (_, bad))| (at, bad)))),
    ]
}

fn failure_fields(failure: &Failure) -> [(&'static str, Value); 6] {
    [
        ("name", Value::from(failure.name.as_str())),
        ("method", Value::from(failure.method)),
        ("error", Value::from(failure.words.as_str())),
        ("occurrences", Value::from(failure.occurrences)),
        ("first_seen", Value::from(failure.first_seen)),
        ("last_seen", Value::from(failure.last_seen)),
    ]
}

/// The counts of a call to the microsecond bucket; what was asked for beside what answered late.
fn exact(entry: &Entry) -> Value {
    let bucket = |(bucket, count): &(u32, u64)| {
        Value::Array(vec![Value::from(*bucket), Value::from(*count)])
    };
    map([
        ("requests", Value::from(entry.counts.requests)),
        ("errors", Value::from(entry.counts.errors)),
        ("wrong", Value::from(entry.counts.wrong)),
        ("max_us", Value::from(entry.max_us.unwrap_or(0))),
        ("buckets", Value::Array(entry.buckets.iter().map(bucket).collect())),
    ])
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().map(|(key, value)| (Value::from(key), value)).collect())
}

fn counts<'c, K: Copy + Into<Value> + 'c>(
    counts: impl IntoIterator<Item = (&'c K, &'c u64)>,
) -> Value {
    let pairs = counts.into_iter().filter(|(_, count)| **count > 0);
    Value::Map(pairs.map(|(key, count)| ((*key).into(), Value::from(*count))).collect())
}

fn optional(number: Option<f64>) -> Value {
    number.map_or(Value::Nil, Value::from)
}

fn milliseconds(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, value).unwrap();
        bytes
    }

    fn message(kind: &str, data: Value) -> Vec<u8> {
        bytes(&Value::Array(vec![Value::from(kind), data, Value::from("node")]))
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<FromMaster, &str>) {
        let prefix = "the master sent what is no message of Locust: ";
        match (decode(bytes), expected) {
            (Err(error), Err(words)) => {
                let error = error.to_string();
                assert!(error.starts_with(&format!("{prefix}{words}")), "{error}");
            }
            (decoded, expected) => assert_eq!(decoded.ok(), expected.ok()),
        }
    }

    /// Recorded on 2026-11-22 from Locust 2.47.0 with one worker and `--headless -u 2 -r 2 -t 3s`.
    const SPAWN: &[u8] = include_bytes!("spawn.msgpack");

    #[test]
    fn a_masters_messages_are_read() {
        check(b"\x93\xa3ack\x81\xa5index\x01\xa6worker", Ok(FromMaster::Ack { index: Some(1) }));
        check(b"\x93\xa3ack\xc0\xa6worker", Ok(FromMaster::Ack { index: None }));
        check(b"\x93\xa9heartbeat\xc0\xa6worker", Ok(FromMaster::Heartbeat));
        check(b"\x93\xa4stop\xc0\xa6worker", Ok(FromMaster::Stop));
        check(b"\x93\xa4quit\xc0\xa6worker", Ok(FromMaster::Quit));
        check(b"\x93\xa9reconnect\xc0\xa6worker", Ok(FromMaster::Reconnect));
        check(&message("spawning_complete", Value::Nil), Ok(FromMaster::Other));
        let Ok(FromMaster::Spawn(spawn)) = decode(SPAWN) else { panic!("a spawn") };
        assert_eq!(spawn.users, [("SmokeUser".to_owned(), 2)]);
        assert_eq!(
            (spawn.timestamp.floor(), spawn.stop_timeout),
            (1_795_321_122.0, Duration::ZERO)
        );
    }

    #[test]
    fn what_is_no_message_is_refused_in_words() {
        check(b"", Err("no MessagePack: "));
        check(b"\xc1", Err("it is no array of type, data and node"));
        check(b"\x93\xa4quit", Err("no MessagePack: "));
        check(b"\x92\xa4quit\xc0", Err("it is no array of type, data and node"));
        check(b"\x93\xa4quit\xc0\xa0\xc0", Err("something follows it"));
        check(b"\x93\x07\xc0\xa0", Err("its type is no text"));
        check(&[0x91; 100], Err("no MessagePack: depth limit"));
        check(&vec![0; MESSAGE_BYTES_MAX + 1], Err("it has 1048577 bytes"));
        check(&message("spawn", Value::Nil), Err("its `spawn` has no `timestamp`"));
        let spawn = |count: Value| {
            let classes = Value::Map(vec![(Value::from("A"), count)]);
            message(
                "spawn",
                map([("timestamp", Value::from(1.0)), ("user_classes_count", classes)]),
            )
        };
        let nothing = "its `spawn` has a `user_classes_count` that counts nothing";
        check(&spawn(Value::from(-1)), Err(nothing));
        check(&spawn(Value::from("1")), Err(nothing));
        assert!(decode(&spawn(Value::from(1))).is_ok());
    }

    #[test]
    fn no_bytes_make_reading_panic() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let mut bytes = SPAWN.to_vec();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(0..bytes.len());
                bytes[at] = random.u8(..);
            }
            bytes.truncate(random.usize(0..=bytes.len()));
            let _read_or_refused = decode(&bytes);
        }
    }

    #[test]
    fn a_workers_messages_are_arrays_of_type_data_and_node() {
        let check = |message: &ToMaster, expected: &[u8]| {
            assert_eq!(encode(message, "w"), expected, "{message:?}");
        };
        check(&ToMaster::ClientReady, b"\x93\xacclient_ready\xff\xa1w");
        check(&ToMaster::ClientStopped, b"\x93\xaeclient_stopped\xc0\xa1w");
        check(&ToMaster::Quit, b"\x93\xa4quit\xc0\xa1w");
        let complete = ToMaster::SpawningComplete { class: "A".to_owned(), users: 3 };
        check(
            &complete,
            b"\x93\xb1spawning_complete\x82\xb2user_classes_count\x81\xa1A\x03\xaauser_count\x03\xa1w",
        );
        let exception = ToMaster::Exception { message: "m".to_owned() };
        check(&exception, b"\x93\xa9exception\x82\xa3msg\xa1m\xa9traceback\xa0\xa1w");
    }
}
