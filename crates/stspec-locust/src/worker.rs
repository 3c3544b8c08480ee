//! How a worker reacts to its master: messages and time in, actions out.

use std::time::Duration;

use tokio::time::Instant;

use crate::messages::{FromMaster, Spawn, ToMaster};

/// How often a worker says that it is there.
///
/// Source: Locust 2.47, `HEARTBEAT_INTERVAL`; a worker that is silent three times is missing.
pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// How many heartbeats there are between two reports.
///
/// Source: Locust 2.47, `WORKER_REPORT_INTERVAL`, 3 s.
const HEARTBEATS_PER_REPORT: u32 = 3;

/// How long a master may be silent before it counts as gone.
///
/// Source: Locust 2.47, `MASTER_HEARTBEAT_TIMEOUT`.
pub(crate) const SILENCE_MAX: Duration = Duration::from_mins(1);

/// How often a worker says that it is ready until the master says that it heard.
///
/// Source: Locust 2.47, `CONNECT_TIMEOUT`.
const READY_EVERY: Duration = Duration::from_secs(5);

/// How long users may take beyond the master's own limit to finish their turns.
///
/// Source: Locust 2.47: the master waits for a minute more before it goes on without a worker.
const FINISHING_MAX: Duration = Duration::from_secs(50);

/// A worker in the eyes of its master.
#[derive(Debug)]
pub(crate) struct Worker {
    class: String,
    users_max: u32,
    state: State,
    users: u32,
    /// The time of the last command that was followed, by the master's clock.
    last_spawn: f64,
    stop_timeout: Duration,
    is_acknowledged: bool,
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

/// Something that the session carries out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    Send(ToMaster),
    /// Sends a heartbeat in this state.
    Beat(&'static str),
    /// Sends what came since the last time.
    Report,
    /// Sets the number of active users.
    Users(u32),
    /// Reconnects.
    Reconnect,
    /// Tells the person at the terminal.
    Tell(String),
    /// The master ends the test.
    Quit,
    /// The master was silent for too long.
    Gone,
}

impl Worker {
    /// A worker that plays users of a class, and says so first.
    pub(crate) fn new(class: &str, users_max: u32, now: Instant) -> (Self, Vec<Action>) {
        let worker = Self {
            class: class.to_owned(),
            users_max,
            state: State::Ready,
            users: 0,
            last_spawn: f64::NEG_INFINITY,
            stop_timeout: Duration::ZERO,
            is_acknowledged: false,
            heard: now,
            last_ready: now,
            heartbeats: 0,
        };
        (worker, vec![Action::Send(ToMaster::ClientReady)])
    }

    /// The class of its users.
    pub(crate) fn class(&self) -> &str {
        &self.class
    }

    /// How many users there are.
    pub(crate) fn users(&self) -> u32 {
        self.users
    }

    /// Whether users are finishing their turns.
    pub(crate) fn is_stopping(&self) -> bool {
        matches!(self.state, State::Stopping { .. })
    }

    /// What to do about a message.
    pub(crate) fn hear(&mut self, message: FromMaster, now: Instant) -> Vec<Action> {
        self.heard = now;
        match message {
            FromMaster::Ack { index } => {
                let number = index.map_or_else(String::new, |index| format!(" as worker {index}"));
                let is_new = !std::mem::replace(&mut self.is_acknowledged, true);
                let joined = Action::Tell(format!("joined the Locust master{number}"));
                if is_new { vec![joined] } else { Vec::new() }
            }
            FromMaster::Spawn(spawn) => self.spawn(&spawn),
            FromMaster::Stop => {
                self.users = 0;
                self.state = State::Stopping { until: now + self.stop_timeout + FINISHING_MAX };
                vec![Action::Users(0)]
            }
            FromMaster::Quit => {
                self.users = 0;
                vec![Action::Users(0), Action::Quit]
            }
            FromMaster::Reconnect => vec![Action::Reconnect],
            FromMaster::Heartbeat | FromMaster::Other => Vec::new(),
        }
    }

    fn spawn(&mut self, spawn: &Spawn) -> Vec<Action> {
        if spawn.timestamp <= self.last_spawn {
            return Vec::new();
        }
        self.last_spawn = spawn.timestamp;
        self.stop_timeout = spawn.stop_timeout;
        let mut actions = vec![Action::Send(ToMaster::Spawning)];
        let mut complain = |message: String| {
            actions.extend([
                Action::Tell(message.clone()),
                Action::Send(ToMaster::Exception { message }),
            ]);
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
        actions.extend([
            Action::Users(users),
            Action::Send(ToMaster::SpawningComplete { class, users }),
        ]);
        actions
    }

    /// What to do when time has passed, each [`HEARTBEAT_EVERY`].
    pub(crate) fn beat(&mut self, now: Instant) -> Vec<Action> {
        if now.saturating_duration_since(self.heard) > SILENCE_MAX {
            return vec![Action::Gone];
        }
        if !self.is_acknowledged {
            if now.saturating_duration_since(self.last_ready) < READY_EVERY {
                return Vec::new();
            }
            self.last_ready = now;
            return vec![Action::Send(ToMaster::ClientReady)];
        }
        self.heartbeats += 1;
        let mut actions = vec![Action::Beat(self.state.name())];
        if self.heartbeats.is_multiple_of(HEARTBEATS_PER_REPORT) {
            actions.push(Action::Report);
        }
        actions
    }

    /// What to do while users finish their turns.
    pub(crate) fn finish(&mut self, is_busy: bool, now: Instant) -> Vec<Action> {
        let State::Stopping { until } = self.state else { return Vec::new() };
        if is_busy && now < until {
            return Vec::new();
        }
        self.state = State::Ready;
        self.last_ready = now;
        // The report first: the master forgets who has stopped.
        vec![
            Action::Report,
            Action::Send(ToMaster::ClientStopped),
            Action::Send(ToMaster::ClientReady),
        ]
    }

    /// What to do after the connection was made anew.
    pub(crate) fn reconnected(&mut self, now: Instant) -> Vec<Action> {
        // A master that was started anew does not know who is there.
        self.is_acknowledged &= self.state != State::Ready;
        self.last_ready = now;
        let told = Action::Tell("connected to the Locust master again".to_owned());
        match self.state {
            State::Ready => vec![told, Action::Send(ToMaster::ClientReady)],
            state => vec![told, Action::Beat(state.name())],
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
        assert_eq!(first, [Action::Send(ToMaster::ClientReady)]);
        let known = worker.hear(FromMaster::Ack { index: Some(0) }, now);
        assert_eq!(known, [Action::Tell("joined the Locust master as worker 0".to_owned())]);
        (worker, now)
    }

    fn spawn(timestamp: f64, class: &str, users: u64) -> FromMaster {
        let users = vec![("Others".to_owned(), 0), (class.to_owned(), users)];
        FromMaster::Spawn(Spawn { timestamp, users, stop_timeout: Duration::from_secs(2) })
    }

    fn complete(users: u32) -> Action {
        Action::Send(ToMaster::SpawningComplete { class: "SmokeUser".to_owned(), users })
    }

    #[test]
    fn users_come_and_go_as_the_master_commands() {
        let (mut worker, now) = worker();
        for (timestamp, users) in [(1.0, 10), (2.0, 4), (3.0, 4), (4.0, 0)] {
            let actions = worker.hear(spawn(timestamp, "SmokeUser", users.into()), now);
            assert_eq!(
                actions,
                [Action::Send(ToMaster::Spawning), Action::Users(users), complete(users)]
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
        let actions = worker.hear(spawn(1.0, "SmokeUser", 101), now);
        let [_, Action::Tell(told), Action::Send(ToMaster::Exception { message }), users, done] =
            actions.as_slice()
        else {
            panic!("{actions:?}")
        };
        assert_eq!(told, message);
        assert!(told.contains("wants 101 users") && told.contains("--max-users"), "{told}");
        assert_eq!((users, done), (&Action::Users(100), &complete(100)));
        assert_eq!(worker.hear(spawn(2.0, "SmokeUser", u64::MAX), now).len(), 5);
    }

    #[test]
    fn users_of_another_class_are_refused() {
        let (mut worker, now) = worker();
        let actions = worker.hear(spawn(1.0, "WebsiteUser", 5), now);
        assert!(matches!(&actions[1], Action::Tell(told) if told.contains("plays `SmokeUser`")));
        assert_eq!(actions[3..], [Action::Users(0), complete(0)]);
    }

    #[test]
    fn who_stops_finishes_reports_and_is_ready_again() {
        let (mut worker, now) = worker();
        worker.hear(spawn(1.0, "SmokeUser", 5), now);
        assert_eq!(worker.hear(FromMaster::Stop, now), [Action::Users(0)]);
        assert_eq!(worker.finish(true, now), []);
        assert_eq!(worker.beat(now), [Action::Beat("running")]);
        let stopped = [
            Action::Report,
            Action::Send(ToMaster::ClientStopped),
            Action::Send(ToMaster::ClientReady),
        ];
        assert_eq!(worker.finish(false, now), stopped);
        assert_eq!(worker.finish(false, now), []);
        assert_eq!(worker.beat(now), [Action::Beat("ready")]);
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
        assert_eq!(worker.beat(still), [Action::Beat("ready")]);
        assert_eq!(worker.beat(gone), [Action::Gone]);
        worker.hear(FromMaster::Heartbeat, gone);
        assert_eq!(worker.beat(gone).first(), Some(&Action::Beat("ready")));
    }

    #[test]
    fn a_worker_says_that_it_is_ready_until_it_was_heard() {
        let now = Instant::now();
        let (mut worker, _) = Worker::new("A", 1, now);
        assert_eq!(worker.beat(now + Duration::from_secs(1)), []);
        let again = worker.beat(now + READY_EVERY);
        assert_eq!(again, [Action::Send(ToMaster::ClientReady)]);
        assert_eq!(worker.beat(now + READY_EVERY), []);
    }

    #[test]
    fn after_a_new_connection_a_ready_worker_introduces_itself() {
        let (mut worker, now) = worker();
        assert_eq!(worker.hear(FromMaster::Reconnect, now), [Action::Reconnect]);
        assert_eq!(worker.reconnected(now)[1], Action::Send(ToMaster::ClientReady));
        worker.hear(FromMaster::Ack { index: Some(1) }, now);
        worker.hear(spawn(1.0, "SmokeUser", 5), now);
        assert_eq!(worker.reconnected(now)[1], Action::Beat("running"));
        assert_eq!(worker.users(), 5);
    }

    #[test]
    fn quit_ends_all() {
        let (mut worker, now) = worker();
        assert_eq!(worker.hear(FromMaster::Quit, now), [Action::Users(0), Action::Quit]);
        assert_eq!(worker.hear(FromMaster::Other, now), []);
    }
}
