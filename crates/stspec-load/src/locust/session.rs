//! A worker at work: it listens to its master, commands the crowd, and reports what came of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join;
use stspec_measure::Ending;
use stspec_runner::Clock;
use stspec_scenario::{Profile, Stage};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

use super::Master;
use super::connection::Connection;
use super::locustfile::class_name;
use super::messages::{ToMaster, decode, encode};
use super::stats::{Moment, Reporter};
use super::worker::{Deed, HEARTBEAT_EVERY, SILENCE_MAX, Worker};
use crate::attack::{Attack, Round, RoundShape};
use crate::duty::Crowd;
use crate::engine::alone;
use crate::error::AttackError;
use crate::field::Field;
use crate::machine::{CpuTimes, machine, memory_bytes};
use crate::run::Attacked;

/// How often it is looked whether users have finished their turns.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long users may take to finish their turns when all is over.
///
/// Source: ours; as long as one request may take, and some more.
const FINISHING_MAX: Duration = Duration::from_secs(45);

/// A worker's time with its master.
pub(super) struct Session {
    connection: Connection,
    worker: Worker,
    /// What is to be done next.
    deeds: VecDeque<Deed>,
    crowd: Arc<Crowd>,
    reporter: Reporter,
    clock: Clock,
    cpu: (CpuTimes, Instant),
    tell: Arc<dyn Fn(&str) + Send + Sync>,
    /// What the master was asked for last that can't be told twice.
    told: Option<String>,
}

/// Why a worker does not listen any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Users are wanted for the first time.
    ToBegin,
    /// The master said that all is over.
    ToldTo,
    /// Somebody here asked for the end.
    Stopped,
    /// The master was not heard of for too long.
    Alone,
    /// Nothing may be sent any more.
    Spent,
}

/// Where the counts of a load are, and when they began.
#[derive(Clone, Copy)]
struct Scene<'s, 'a> {
    attack: &'s Attack<'a>,
    field: &'s Arc<Field>,
    shape: &'s RoundShape<'s>,
    began: Instant,
    began_at: f64,
}

impl Session {
    pub(super) fn new(
        connection: Connection,
        master: &Master,
        profile: &Profile,
        (clock, crowd): (Clock, Arc<Crowd>),
    ) -> Self {
        let now = Instant::now();
        let (worker, first) = Worker::new(&class_name(&profile.name), master.users_max, now);
        Self {
            connection,
            worker,
            deeds: first.into(),
            crowd,
            reporter: Reporter::default(),
            clock,
            cpu: (CpuTimes::now(), now),
            tell: Arc::clone(&master.tell),
            told: None,
        }
    }

    /// Plays the master's load from its first command to its last.
    pub(super) async fn attack(mut self, attack: &Attack<'_>) -> Result<Attacked, AttackError> {
        let users_max = attack.profile.shape.users();
        let stages = [Stage { to: users_max, over_ms: 0, hold_ms: 0 }];
        let shape = RoundShape {
            stages: &stages,
            open: None,
            warm_up: Duration::ZERO,
            level: None,
            crowd: Some(Arc::clone(&self.crowd)),
        };
        let mut beats = beats();
        let mut left = self.listen(&mut beats, attack, None).await;
        let alone = alone().await;
        let (began, began_at) = (Instant::now(), seconds(self.clock));
        let field = Arc::new(attack.field(&shape, began));
        let before = CpuTimes::now();
        let mut driven = Ok(());
        if left == Left::ToBegin {
            let scene = Scene { attack, field: &field, shape: &shape, began, began_at };
            let driving = async {
                let driven = attack.drive(&alone, &shape, &field).await;
                field.close();
                driven
            };
            (driven, left) = join(driving, self.play(&mut beats, scene)).await;
        } else {
            self.leave(left).await;
        }
        driven?;
        let wall_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let cpu = CpuTimes::now().since(before, wall_us);
        let (calls, series, observed) = attack.observed(&shape, &field);
        let ending = if left == Left::Spent { field.budget.ending(false) } else { left.ending() };
        let round = Round { calls, series, observed, cpu, ending };
        Ok(Attacked { rounds: vec![round], levels: Vec::new(), ending })
    }

    /// Does as the master says until there is nothing more to do, and reports the rest.
    async fn play(&mut self, beats: &mut Interval, scene: Scene<'_, '_>) -> Left {
        let left = self.listen(beats, scene.attack, Some(scene)).await;
        self.crowd.command(0);
        // What is known goes at once: a master that said `quit` listens for half a second more.
        self.report(Some(scene)).await;
        scene.field.close();
        let end = Instant::now() + FINISHING_MAX;
        while self.crowd.is_busy() && Instant::now() < end {
            sleep(LOOK_EVERY).await;
        }
        self.report(Some(scene)).await;
        self.leave(left).await;
        left
    }

    /// Takes leave of a master that does not expect it.
    async fn leave(&mut self, left: Left) {
        match left {
            Left::ToBegin | Left::ToldTo => {}
            Left::Stopped | Left::Spent => {
                self.send(&ToMaster::Quit).await;
            }
            Left::Alone => (self.tell)(&format!(
                "the Locust master was not heard of for {} s; ending with the report so far",
                SILENCE_MAX.as_secs()
            )),
        }
    }

    /// Does what the master says; without a scene until the first users are wanted.
    async fn listen(
        &mut self,
        beats: &mut Interval,
        attack: &Attack<'_>,
        scene: Option<Scene<'_, '_>>,
    ) -> Left {
        loop {
            while let Some(deed) = self.deeds.pop_front() {
                if let Some(left) = self.done(deed, scene).await {
                    return left;
                }
            }
            let is_stopping = self.worker.is_stopping();
            let closed = async {
                match scene {
                    Some(scene) => scene.field.until_closed().await,
                    None => std::future::pending().await,
                }
            };
            let deeds = tokio::select! {
                bytes = self.connection.receive() => self.heard(&bytes),
                _ = beats.tick() => self.beat(scene).await,
                () = sleep(LOOK_EVERY), if is_stopping => {
                    self.worker.finish(self.crowd.is_busy(), Instant::now())
                }
                () = attack.until_asked() => return Left::Stopped,
                () = closed => return Left::Spent,
            };
            self.deeds.extend(deeds);
        }
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<Deed> {
        match decode(bytes) {
            Ok(message) => self.worker.hear(message, Instant::now()),
            Err(unreadable) => vec![Deed::Tell(unreadable.to_string())],
        }
    }

    async fn beat(&mut self, scene: Option<Scene<'_, '_>>) -> Vec<Deed> {
        if let Some(Scene { attack, field, shape, began, .. }) = scene {
            let (calls, _) = field.recorder.calls();
            self.reporter.look(&attack.named(calls), self.clock.timestamp().as_second());
            attack.tell(field, shape, began.elapsed());
        }
        let mut deeds = Vec::new();
        if !self.connection.is_open() && self.connection.reopen().await.is_ok() {
            deeds = self.worker.reconnected(Instant::now());
        }
        deeds.extend(self.worker.beat(Instant::now()));
        deeds
    }

    /// Does it; says so if it is the last that is done.
    async fn done(&mut self, deed: Deed, scene: Option<Scene<'_, '_>>) -> Option<Left> {
        match deed {
            Deed::Send(message) => {
                self.send(&message).await;
            }
            Deed::Beat(state) => {
                let cpu_percent = self.cpu_percent();
                let memory_bytes = memory_bytes().unwrap_or(0);
                self.send(&ToMaster::Heartbeat { state, cpu_percent, memory_bytes }).await;
            }
            Deed::Report => self.report(scene).await,
            Deed::Users(users) => {
                self.crowd.command(users);
                self.tell_once(format!("{users} users"));
                if scene.is_none() && users > 0 {
                    // What follows is done by those who play.
                    return Some(Left::ToBegin);
                }
            }
            Deed::Reconnect => self.connection.close(),
            Deed::Tell(words) => self.tell_once(words),
            Deed::Quit => return Some(Left::ToldTo),
            Deed::Gone => return Some(Left::Alone),
        }
        None
    }

    /// Tells something, unless it was told just before.
    fn tell_once(&mut self, words: String) {
        if self.told.as_ref() != Some(&words) {
            (self.tell)(&words);
            self.told = Some(words);
        }
    }

    async fn report(&mut self, scene: Option<Scene<'_, '_>>) {
        let (calls, last_request) = match scene {
            Some(scene) => {
                let (calls, last) = scene.field.recorder.calls();
                let last = last.map(|since| scene.began_at + since.as_secs_f64());
                (scene.attack.named(calls), last)
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
    fn ending(self) -> Ending {
        match self {
            Self::ToBegin | Self::ToldTo | Self::Spent => Ending::Complete,
            Self::Stopped | Self::Alone => Ending::Interrupted,
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
