//! What a worker does about what it hears, without doing it.

use std::time::Duration;

use tokio::time::Instant;

use super::messages::{FromMaster, Spawn, ToMaster};

/// How often a worker says that it is there.
///
/// Source: Locust 2.47, `HEARTBEAT_INTERVAL`; a worker that is silent three times is missing.
pub(super) const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// How many heartbeats there are between two reports.
///
/// Source: Locust 2.47, `WORKER_REPORT_INTERVAL`, 3 s.
const HEARTBEATS_PER_REPORT: u32 = 3;

/// How long a master may be silent before it is taken for gone.
///
/// Source: Locust 2.47, `MASTER_HEARTBEAT_TIMEOUT`.
pub(super) const SILENCE_MAX: Duration = Duration::from_mins(1);

/// How often a worker says that it is ready until the master says that it heard.
///
/// Source: Locust 2.47, `CONNECT_TIMEOUT`.
const READY_EVERY: Duration = Duration::from_secs(5);

/// How long users may take beyond the master's own limit to finish their turns.
///
/// Source: Locust 2.47: the master waits for a minute more before it goes on without a worker.
const FINISHING_MAX: Duration = Duration::from_secs(50);

/// A worker as its master sees it.
#[derive(Debug)]
pub(super) struct Worker {
    class: String,
    users_max: u32,
    state: State,
    users: u32,
    /// The time of the last command that was followed, by the master's clock.
    last_spawn: f64,
    stop_timeout: Duration,
    is_known: bool,
    /// When the master was heard last.
    heard: Instant,
    last_ready: Instant,
    heartbeats: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Ready,
    Running,
    /// Until then users may finish their turns.
    Stopping {
        until: Instant,
    },
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    Send(ToMaster),
    /// Sends a heartbeat in this state.
    Beat(&'static str),
    /// Sends what came since the last time.
    Report,
    /// From now on so many users are wanted.
    Users(u32),
    /// Makes the connection anew.
    Reconnect,
    /// Tells the person at the terminal.
    Tell(String),
    /// The master says that all is over.
    Quit,
    /// The master was not heard for too long.
    Gone,
}

impl Worker {
    /// A worker that plays users of a class, and says so first.
    pub(super) fn new(class: &str, users_max: u32, now: Instant) -> (Self, Vec<Deed>) {
        let worker = Self {
            class: class.to_owned(),
            users_max,
            state: State::Ready,
            users: 0,
            last_spawn: f64::NEG_INFINITY,
            stop_timeout: Duration::ZERO,
            is_known: false,
            heard: now,
            last_ready: now,
            heartbeats: 0,
        };
        (worker, vec![Deed::Send(ToMaster::ClientReady)])
    }

    /// The class of its users.
    pub(super) fn class(&self) -> &str {
        &self.class
    }

    /// How many users there are.
    pub(super) fn users(&self) -> u32 {
        self.users
    }

    /// Whether users are finishing their turns.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.state, State::Stopping { .. })
    }

    /// What to do about a message.
    pub(super) fn hear(&mut self, message: FromMaster, now: Instant) -> Vec<Deed> {
        self.heard = now;
        match message {
            FromMaster::Ack { index } => {
                let number = index.map_or_else(String::new, |index| format!(" as worker {index}"));
                let is_new = !std::mem::replace(&mut self.is_known, true);
                let joined = Deed::Tell(format!("joined the Locust master{number}"));
                if is_new { vec![joined] } else { Vec::new() }
            }
            FromMaster::Spawn(spawn) => self.spawn(&spawn),
            FromMaster::Stop => {
                self.users = 0;
                self.state = State::Stopping { until: now + self.stop_timeout + FINISHING_MAX };
                vec![Deed::Users(0)]
            }
            FromMaster::Quit => {
                self.users = 0;
                vec![Deed::Users(0), Deed::Quit]
            }
            FromMaster::Reconnect => vec![Deed::Reconnect],
            FromMaster::Heartbeat | FromMaster::Other => Vec::new(),
        }
    }

    fn spawn(&mut self, spawn: &Spawn) -> Vec<Deed> {
        if spawn.timestamp <= self.last_spawn {
            return Vec::new();
        }
        self.last_spawn = spawn.timestamp;
        self.stop_timeout = spawn.stop_timeout;
        let mut deeds = vec![Deed::Send(ToMaster::Spawning)];
        let mut complain = |message: String| {
            deeds
                .extend([Deed::Tell(message.clone()), Deed::Send(ToMaster::Exception { message })]);
        };
        let mut wanted = 0;
        for (class, users) in spawn.users.iter().filter(|(_, users)| *users > 0) {
            if *class == self.class {
                wanted = *users;
            } else {
                complain(format!(
                    "the master wants users of `{class}`, and this worker of stspec plays `{}`; start \
                     the master with the file that `--emit-locustfile` prints",
                    self.class
                ));
            }
        }
        let users = u32::try_from(wanted).map_or(self.users_max, |users| users.min(self.users_max));
        if u64::from(users) < wanted {
            complain(format!(
                "the master wants {wanted} users of this worker, which was started for {users}; \
                 raise `--max-users` or add workers"
            ));
        }
        self.users = users;
        self.state = State::Running;
        let class = self.class.clone();
        deeds.extend([Deed::Users(users), Deed::Send(ToMaster::SpawningComplete { class, users })]);
        deeds
    }

    /// What to do when time has passed, each [`HEARTBEAT_EVERY`].
    pub(super) fn beat(&mut self, now: Instant) -> Vec<Deed> {
        if now.saturating_duration_since(self.heard) > SILENCE_MAX {
            return vec![Deed::Gone];
        }
        if !self.is_known {
            if now.saturating_duration_since(self.last_ready) < READY_EVERY {
                return Vec::new();
            }
            self.last_ready = now;
            return vec![Deed::Send(ToMaster::ClientReady)];
        }
        self.heartbeats += 1;
        let mut deeds = vec![Deed::Beat(self.state.name())];
        if self.heartbeats.is_multiple_of(HEARTBEATS_PER_REPORT) {
            deeds.push(Deed::Report);
        }
        deeds
    }

    /// What to do while users finish their turns.
    pub(super) fn finish(&mut self, is_busy: bool, now: Instant) -> Vec<Deed> {
        let State::Stopping { until } = self.state else { return Vec::new() };
        if is_busy && now < until {
            return Vec::new();
        }
        self.state = State::Ready;
        self.last_ready = now;
        // The report first: the master forgets who has stopped.
        vec![Deed::Report, Deed::Send(ToMaster::ClientStopped), Deed::Send(ToMaster::ClientReady)]
    }

    /// What to do after the connection was made anew.
    pub(super) fn reconnected(&mut self, now: Instant) -> Vec<Deed> {
        // A master that was started anew does not know who is there.
        self.is_known &= self.state != State::Ready;
        self.last_ready = now;
        let told = Deed::Tell("connected to the Locust master again".to_owned());
        match self.state {
            State::Ready => vec![told, Deed::Send(ToMaster::ClientReady)],
            state => vec![told, Deed::Beat(state.name())],
        }
    }
}

impl State {
    /// As the master calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            // Until it has stopped, a worker of Locust is `running`, too.
            Self::Running | Self::Stopping { .. } => "running",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker() -> (Worker, Instant) {
        let now = Instant::now();
        let (mut worker, first) = Worker::new("SmokeUser", 100, now);
        assert_eq!(first, [Deed::Send(ToMaster::ClientReady)]);
        let known = worker.hear(FromMaster::Ack { index: Some(0) }, now);
        assert_eq!(known, [Deed::Tell("joined the Locust master as worker 0".to_owned())]);
        (worker, now)
    }

    fn spawn(timestamp: f64, class: &str, users: u64) -> FromMaster {
        let users = vec![("Others".to_owned(), 0), (class.to_owned(), users)];
        FromMaster::Spawn(Spawn { timestamp, users, stop_timeout: Duration::from_secs(2) })
    }

    fn complete(users: u32) -> Deed {
        Deed::Send(ToMaster::SpawningComplete { class: "SmokeUser".to_owned(), users })
    }

    #[test]
    fn users_come_and_go_as_the_master_commands() {
        let (mut worker, now) = worker();
        for (timestamp, users) in [(1.0, 10), (2.0, 4), (3.0, 4), (4.0, 0)] {
            let deeds = worker.hear(spawn(timestamp, "SmokeUser", users.into()), now);
            assert_eq!(
                deeds,
                [Deed::Send(ToMaster::Spawning), Deed::Users(users), complete(users)]
            );
        }
    }

    #[test]
    fn a_command_that_was_overtaken_is_ignored() {
        let (mut worker, now) = worker();
        worker.hear(spawn(2.0, "SmokeUser", 4), now);
        assert_eq!(worker.hear(spawn(1.9, "SmokeUser", 9), now), []);
        assert_eq!(worker.hear(spawn(2.0, "SmokeUser", 9), now), []);
        assert_eq!(worker.users(), 4);
        assert_eq!(worker.hear(spawn(2.1, "SmokeUser", 9), now).len(), 3);
    }

    #[test]
    fn no_more_users_than_were_declared() {
        let (mut worker, now) = worker();
        let deeds = worker.hear(spawn(1.0, "SmokeUser", 101), now);
        let [_, Deed::Tell(told), Deed::Send(ToMaster::Exception { message }), users, done] =
            deeds.as_slice()
        else {
            panic!("{deeds:?}")
        };
        assert_eq!(told, message);
        assert!(told.contains("wants 101 users") && told.contains("--max-users"), "{told}");
        assert_eq!((users, done), (&Deed::Users(100), &complete(100)));
        assert_eq!(worker.hear(spawn(2.0, "SmokeUser", u64::MAX), now).len(), 5);
    }

    #[test]
    fn users_of_another_class_are_refused() {
        let (mut worker, now) = worker();
        let deeds = worker.hear(spawn(1.0, "WebsiteUser", 5), now);
        assert!(matches!(&deeds[1], Deed::Tell(told) if told.contains("plays `SmokeUser`")));
        assert_eq!(deeds[3..], [Deed::Users(0), complete(0)]);
    }

    #[test]
    fn who_stops_finishes_reports_and_is_ready_again() {
        let (mut worker, now) = worker();
        worker.hear(spawn(1.0, "SmokeUser", 5), now);
        assert_eq!(worker.hear(FromMaster::Stop, now), [Deed::Users(0)]);
        assert_eq!(worker.finish(true, now), []);
        assert_eq!(worker.beat(now), [Deed::Beat("running")]);
        let stopped =
            [Deed::Report, Deed::Send(ToMaster::ClientStopped), Deed::Send(ToMaster::ClientReady)];
        assert_eq!(worker.finish(false, now), stopped);
        assert_eq!(worker.finish(false, now), []);
        assert_eq!(worker.beat(now), [Deed::Beat("ready")]);
        // One that never finishes is not waited for for ever.
        worker.hear(spawn(2.0, "SmokeUser", 5), now);
        worker.hear(FromMaster::Stop, now);
        let later = now + FINISHING_MAX + Duration::from_secs(1);
        assert_eq!(worker.finish(true, later), []);
        assert_eq!(worker.finish(true, later + Duration::from_secs(1)), stopped);
    }

    #[test]
    fn every_third_heartbeat_brings_a_report() {
        let (mut worker, now) = worker();
        let beats: Vec<usize> = (0..6).map(|_| worker.beat(now).len()).collect();
        assert_eq!(beats, [1, 1, 2, 1, 1, 2]);
    }

    #[test]
    fn a_master_that_is_silent_for_a_minute_is_gone() {
        let (mut worker, now) = worker();
        let (still, gone) = (now + SILENCE_MAX, now + SILENCE_MAX + Duration::from_millis(1));
        assert_eq!(worker.beat(still), [Deed::Beat("ready")]);
        assert_eq!(worker.beat(gone), [Deed::Gone]);
        worker.hear(FromMaster::Heartbeat, gone);
        assert_eq!(worker.beat(gone).first(), Some(&Deed::Beat("ready")));
    }

    #[test]
    fn a_worker_says_that_it_is_ready_until_it_was_heard() {
        let now = Instant::now();
        let (mut worker, _) = Worker::new("A", 1, now);
        assert_eq!(worker.beat(now + Duration::from_secs(1)), []);
        let again = worker.beat(now + READY_EVERY);
        assert_eq!(again, [Deed::Send(ToMaster::ClientReady)]);
        assert_eq!(worker.beat(now + READY_EVERY), []);
    }

    #[test]
    fn after_a_new_connection_a_ready_worker_introduces_itself() {
        let (mut worker, now) = worker();
        assert_eq!(worker.hear(FromMaster::Reconnect, now), [Deed::Reconnect]);
        assert_eq!(worker.reconnected(now)[1], Deed::Send(ToMaster::ClientReady));
        worker.hear(FromMaster::Ack { index: Some(1) }, now);
        worker.hear(spawn(1.0, "SmokeUser", 5), now);
        assert_eq!(worker.reconnected(now)[1], Deed::Beat("running"));
        assert_eq!(worker.users(), 5);
    }

    #[test]
    fn quit_ends_all() {
        let (mut worker, now) = worker();
        assert_eq!(worker.hear(FromMaster::Quit, now), [Deed::Users(0), Deed::Quit]);
        assert_eq!(worker.hear(FromMaster::Other, now), []);
    }
}
