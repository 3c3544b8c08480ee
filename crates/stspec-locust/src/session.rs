//! A worker session: it listens to its master, commands the users, and reports what they did.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join;
use stspec_load::{
    CommandedRound, CommandedSession, CpuTimes, EngineError, FinishedRound, machine, memory_bytes,
};
use stspec_measure::Ending;
use stspec_runner::Clock;
use stspec_scenario::Name;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

use crate::connection::Connection;
use crate::locustfile::class_name;
use crate::master::Master;
use crate::messages::{ToMaster, decode, encode};
use crate::stats::{Moment, Reporter};
use crate::worker::{Action, HEARTBEAT_EVERY, SILENCE_MAX, Worker};

/// How often it is looked whether users have finished their turns.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long users may take to finish their turns when all is over.
///
/// Source: ours; as long as one request may take, and some more.
const FINISHING_MAX: Duration = Duration::from_secs(45);

/// A worker's time with its master.
pub(crate) struct WorkerSession {
    connection: Connection,
    worker: Worker,
    /// What is to be carried out next.
    actions: VecDeque<Action>,
    reporter: Reporter,
    clock: Clock,
    cpu: (CpuTimes, Instant),
    output: Arc<dyn Fn(&str) + Send + Sync>,
    /// The last message that was printed.
    printed: Option<String>,
}

/// Why a worker stops listening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// The first users are to become active.
    ToBegin,
    /// The master ended the test.
    ByCommand,
    /// The run was cancelled here.
    Cancelled,
    /// The master was silent for too long.
    Alone,
    /// Nothing may be sent any more.
    Spent,
}

/// A load that has begun, with the time of day at which it did, in seconds since 1970.
#[derive(Clone, Copy)]
struct Playing<'r> {
    round: &'r CommandedRound<'r>,
    began_at: f64,
}

impl WorkerSession {
    pub(crate) fn new(
        connection: Connection,
        master: &Master,
        profile: &Name,
        clock: Clock,
    ) -> Self {
        let now = Instant::now();
        let (worker, first) = Worker::new(&class_name(profile), master.users_max, now);
        Self {
            connection,
            worker,
            actions: first.into(),
            reporter: Reporter::default(),
            clock,
            cpu: (CpuTimes::now(), now),
            output: Arc::clone(&master.report),
            printed: None,
        }
    }

    /// Plays the master's load from its first command to its last.
    pub(crate) async fn run(
        mut self,
        session: &CommandedSession<'_>,
    ) -> Result<FinishedRound, EngineError> {
        let mut beats = beats();
        let mut left = self.listen(&mut beats, session, None).await;
        let round = session.begin().await;
        let began_at = seconds(self.clock);
        let mut driven = Ok(());
        if left == Left::ToBegin {
            let playing = Playing { round: &round, began_at };
            (driven, left) = join(round.drive(), self.play(&mut beats, session, playing)).await;
        } else {
            self.leave(left).await;
        }
        driven?;
        Ok(round.finish(left.ending()))
    }

    /// Follows the master until the test is over, and reports the rest.
    async fn play(
        &mut self,
        beats: &mut Interval,
        session: &CommandedSession<'_>,
        playing: Playing<'_>,
    ) -> Left {
        let left = self.listen(beats, session, Some(playing)).await;
        session.users().set_target(0);
        // Report at once: a master that said `quit` listens for only half a second more.
        self.report(Some(playing)).await;
        playing.round.close();
        let end = Instant::now() + FINISHING_MAX;
        while session.users().is_busy() && Instant::now() < end {
            sleep(LOOK_EVERY).await;
        }
        self.report(Some(playing)).await;
        self.leave(left).await;
        left
    }

    /// Says goodbye to a master that does not expect it.
    async fn leave(&mut self, left: Left) {
        match left {
            Left::ToBegin | Left::ByCommand => {}
            Left::Cancelled | Left::Spent => {
                self.send(&ToMaster::Quit).await;
            }
            Left::Alone => (self.output)(&format!(
                "the Locust master was silent for {} s; ending with the report so far",
                SILENCE_MAX.as_secs()
            )),
        }
    }

    /// Follows the master; before the load begins, until the first users are active.
    async fn listen(
        &mut self,
        beats: &mut Interval,
        session: &CommandedSession<'_>,
        playing: Option<Playing<'_>>,
    ) -> Left {
        loop {
            while let Some(action) = self.actions.pop_front() {
                if let Some(left) = self.carry_out(action, session, playing).await {
                    return left;
                }
            }
            let is_stopping = self.worker.is_stopping();
            let closed = async {
                match playing {
                    Some(playing) => playing.round.closed().await,
                    None => std::future::pending().await,
                }
            };
            let actions = tokio::select! {
                bytes = self.connection.receive() => self.heard(&bytes),
                _ = beats.tick() => self.beat(playing).await,
                () = sleep(LOOK_EVERY), if is_stopping => {
                    self.worker.finish(session.users().is_busy(), Instant::now())
                }
                () = session.cancelled() => return Left::Cancelled,
                () = closed => return Left::Spent,
            };
            self.actions.extend(actions);
        }
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<Action> {
        match decode(bytes) {
            Ok(message) => self.worker.hear(message, Instant::now()),
            Err(unreadable) => vec![Action::Tell(unreadable.to_string())],
        }
    }

    async fn beat(&mut self, playing: Option<Playing<'_>>) -> Vec<Action> {
        if let Some(Playing { round, .. }) = playing {
            let (calls, _) = round.calls();
            self.reporter.look(&calls, self.clock.timestamp().as_second());
            round.report_progress();
        }
        let mut actions = Vec::new();
        if !self.connection.is_open() && self.connection.reopen().await.is_ok() {
            actions = self.worker.reconnected(Instant::now());
        }
        actions.extend(self.worker.beat(Instant::now()));
        actions
    }

    /// Carries an action out; `Some` if it is the last one.
    async fn carry_out(
        &mut self,
        action: Action,
        session: &CommandedSession<'_>,
        playing: Option<Playing<'_>>,
    ) -> Option<Left> {
        match action {
            Action::Send(message) => {
                self.send(&message).await;
            }
            Action::Beat(state) => {
                let cpu_percent = self.cpu_percent();
                let memory_bytes = memory_bytes().unwrap_or(0);
                self.send(&ToMaster::Heartbeat { state, cpu_percent, memory_bytes }).await;
            }
            Action::Report => self.report(playing).await,
            Action::Users(users) => {
                session.users().set_target(users);
                self.print_once(format!("{users} users"));
                if playing.is_none() && users > 0 {
                    // The remaining actions are carried out once the load has begun.
                    return Some(Left::ToBegin);
                }
            }
            Action::Reconnect => self.connection.close(),
            Action::Tell(words) => self.print_once(words),
            Action::Quit => return Some(Left::ByCommand),
            Action::Gone => return Some(Left::Alone),
        }
        None
    }

    /// Prints a message, unless it was the last one.
    fn print_once(&mut self, words: String) {
        if self.printed.as_ref() != Some(&words) {
            (self.output)(&words);
            self.printed = Some(words);
        }
    }

    async fn report(&mut self, playing: Option<Playing<'_>>) {
        let (calls, last_request) = match playing {
            Some(Playing { round, began_at }) => {
                let (calls, last) = round.calls();
                (calls, last.map(|since| began_at + since.as_secs_f64()))
            }
            None => (Vec::new(), None),
        };
        // Counts that could not be sent stay for the next time.
        if !self.connection.is_open() {
            return;
        }
        let second = self.clock.timestamp().as_second();
        let moment = Moment { now: seconds(self.clock), second, last_request };
        let mut stats = self.reporter.report(&calls, moment);
        self.worker.class().clone_into(&mut stats.class);
        stats.users = self.worker.users();
        if self.send(&ToMaster::Stats(Box::new(stats))).await {
            self.reporter.taken(calls, moment);
        }
    }

    /// Sends a message, if that can be done; true if it was.
    async fn send(&mut self, message: &ToMaster) -> bool {
        let bytes = encode(message, self.connection.node());
        self.connection.send(bytes).await
    }

    /// The part of all cores that the generator used since the last time.
    fn cpu_percent(&mut self) -> f64 {
        let (now, at) = (CpuTimes::now(), Instant::now());
        let (before, since) = std::mem::replace(&mut self.cpu, (now, at));
        let wall_us = u64::try_from((at - since).as_micros()).unwrap_or(u64::MAX);
        let Some(share) = now.since(before, wall_us) else { return 0.0 };
        let used = Duration::from_micros(share.generator_us).as_secs_f64();
        let had = Duration::from_micros(wall_us).as_secs_f64() * f64::from(machine().cores);
        if had > 0.0 { (100.0 * used / had).min(100.0) } else { 0.0 }
    }
}

impl Left {
    /// How the load ended; `None` if its own budget decides that.
    fn ending(self) -> Option<Ending> {
        match self {
            Self::ToBegin | Self::ByCommand => Some(Ending::Complete),
            Self::Cancelled | Self::Alone => Some(Ending::Interrupted),
            Self::Spent => None,
        }
    }
}

fn beats() -> Interval {
    let mut beats = interval(HEARTBEAT_EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats
}

/// Seconds since 1970.
fn seconds(clock: Clock) -> f64 {
    let us = u64::try_from(clock.timestamp().as_microsecond()).unwrap_or(0);
    Duration::from_micros(us).as_secs_f64()
}
