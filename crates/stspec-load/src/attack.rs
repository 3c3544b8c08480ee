//! The middle of a run: a profile's shape driven from a stand, once, or once for each rate of a search.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::Shared;
use futures::future::join;
use stspec_measure::{
    CallLoad, CpuShare, CredentialsSeen, Ending, GeneratorRecord, LoadCounts, LoadRecord, Series,
    Share, TimedCounts,
};
use stspec_runner::{ProvisionedTarget, RateLimiter, ReadyCalls};
use stspec_scenario::{LoadShape, Open, Profile, Stage};
use stspec_verdict::{Resources, TargetRecord, describe};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use crate::budget::{Budget, End, RUN_SECONDS_MAX, Turns};
use crate::distinct::Distinct;
use crate::duty::{Crowd, Duty};
use crate::engine::{Alone, Crew, Turn, alone, drive};
use crate::error::AttackError;
use crate::field::{Field, Mix};
use crate::machine::{CpuTimes, machine, memory_bytes_max};
use crate::pacer::{Schedule, Starts, pace};
use crate::recorder::{Recorder, SoFar};
use crate::run::{LoadOptions, Progress};
use crate::user::{JudgedCall, User};

/// How long an open shape waits before its first start at least, so that its users are there and connected.
const LEAD: Duration = Duration::from_millis(300);

/// How often the progress is told.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Resolves when somebody asks for the end.
pub(crate) type Stopped<'a> = Shared<Pin<Box<dyn Future<Output = ()> + 'a>>>;

/// All that an attack needs to know.
pub(crate) struct Attack<'a> {
    pub(crate) stand: Arc<ProvisionedTarget>,
    pub(crate) profile: &'a Profile,
    options: &'a LoadOptions,
    started: jiff::Timestamp,
    calls: Arc<ReadyCalls>,
    judged: Arc<Vec<JudgedCall>>,
    distinct: Arc<Mutex<Distinct>>,
    /// How many turns were taken in the rounds before, as their number is one for all rounds.
    taken: AtomicU64,
    stop: Stopped<'a>,
}

/// What came of one round: a whole shape, or one rate of a search.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) calls: Vec<CallLoad>,
    pub(crate) series: Series,
    pub(crate) observed: TimedCounts,
    pub(crate) cpu: Option<CpuShare>,
    pub(crate) ending: Ending,
}

/// The shape of one round.
pub(crate) struct RoundShape<'a> {
    pub(crate) stages: &'a [Stage],
    /// Present in an open shape.
    pub(crate) open: Option<Open>,
    pub(crate) warm_up: Duration,
    /// The rate of a search that this round is for.
    pub(crate) level: Option<u32>,
    /// Who of the users is wanted, where a master commands.
    pub(crate) crowd: Option<Arc<Crowd>>,
}

impl<'a> Attack<'a> {
    /// Makes the calls of a profile ready.
    pub(crate) fn new(
        stand: &Arc<ProvisionedTarget>,
        profile: &'a Profile,
        options: &'a LoadOptions,
        (started, stop): (jiff::Timestamp, impl Future<Output = ()> + 'a),
    ) -> Result<Self, AttackError> {
        let calls = Arc::new(stand.ready(profile)?);
        let judged = profile
            .calls()
            .zip(calls.calls())
            .map(|(load_call, ready)| JudgedCall::new(load_call.id.to_string(), ready));
        let stop: Pin<Box<dyn Future<Output = ()> + 'a>> = Box::pin(stop);
        Ok(Self {
            stand: Arc::clone(stand),
            profile,
            options,
            started,
            judged: Arc::new(judged.collect()),
            calls,
            distinct: Arc::new(Mutex::new(Distinct::new())),
            taken: AtomicU64::new(0),
            stop: stop.shared(),
        })
    }

    /// Whether somebody asked for the end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.clone().now_or_never().is_some()
    }

    /// Waits until somebody asks for the end.
    #[cfg_attr(not(feature = "locust"), expect(dead_code, reason = "a worker waits so"))]
    pub(crate) async fn until_asked(&self) {
        self.stop.clone().await;
    }

    /// The credentials that were handed out so far.
    pub(crate) fn credentials(&self) -> CredentialsSeen {
        self.distinct.lock().unwrap_or_else(std::sync::PoisonError::into_inner).record()
    }

    /// Drives one round to its end, or until somebody asks for it.
    pub(crate) async fn round(&self, shape: &RoundShape<'_>) -> Result<Round, AttackError> {
        let alone = alone().await;
        let origin = Instant::now() + shape.open.map_or(Duration::ZERO, |_| self.lead(shape));
        let field = Arc::new(self.field(shape, origin));
        let pacing = match &field.starts {
            Some(starts) => Some(pacer(shape, origin, &field, (starts, self.options.share))?),
            None => None,
        };
        let driving = async {
            let driving = self.drive(&alone, shape, &field);
            let driven = self.until_stopped(driving, &field, shape).await;
            // Asked before closing, which would count as an interruption.
            let ending = field.budget.ending(!shape.duration().is_zero());
            field.close();
            driven.map(|()| ending)
        };
        let (driven, cpu) = join(driving, cpu_of(&field, origin)).await;
        self.taken.fetch_add(field.budget.taken(), Ordering::Relaxed);
        if let Some(pacing) = pacing {
            let joined = tokio::task::spawn_blocking(|| pacing.join()).await;
            joined.expect("a thread can be waited for").expect("the pacer does not panic");
        }
        let ending = driven?;
        let (calls, series, observed) = self.observed(shape, &field);
        Ok(Round { calls, series, observed, cpu, ending })
    }

    /// How long it takes until the users of an open shape are there and prepared, which a limited target draws out.
    fn lead(&self, shape: &RoundShape<'_>) -> Duration {
        let calls = u32::try_from(self.profile.prepare.len()).unwrap_or(u32::MAX);
        let limit = self.stand.requests_per_second();
        let each = limit.and_then(|limit| Duration::from_secs(1).checked_div(limit));
        let requests = self.users(shape).saturating_mul(calls);
        LEAD + each.map_or(Duration::ZERO, |each| each.saturating_mul(requests))
    }

    /// How many users this process has.
    fn users(&self, shape: &RoundShape<'_>) -> u32 {
        let users = self.options.share.part(u64::from(shape.users()));
        u32::try_from(users).unwrap_or(u32::MAX)
    }

    /// What the users of a round share; what counts begins at `origin`.
    pub(crate) fn field(&self, shape: &RoundShape<'_>, origin: Instant) -> Field {
        let preparing = self.profile.prepare.len();
        let mut next = preparing;
        let mut numbers = |count: usize| {
            next += count;
            (next - count..next).collect()
        };
        let turns = self.profile.iterations.iter();
        let turns = turns.map(|turn| (turn.weight, numbers(turn.calls.len())));
        let part = self.options.share;
        // Shards draw differently, or all of them would send the same call at the same moment.
        let seed = self.profile.seed.wrapping_add(u64::from(part.index()));
        let mix = Mix::new(turns.collect(), seed);
        let caps = self.options.caps;
        let turns = Turns::new(self.profile.requests.map(u64::from), caps.total).part(part);
        let turns = turns.after(self.taken.load(Ordering::Relaxed));
        // Shards share a rate.
        let spacing = caps.rate.map(|rate| Duration::from_secs(1) / rate.max(1) * part.of());
        let longest = Duration::from_secs(RUN_SECONDS_MAX);
        let end = match (shape.open, shape.duration()) {
            // A closed shape ends to the millisecond, an open one with its last start.
            (None, duration) if !duration.is_zero() => End::Planned(origin + duration),
            _ => End::Late(origin + longest),
        };
        let counts_from = origin + shape.warm_up;
        Field {
            stand: Arc::clone(&self.stand),
            calls: Arc::clone(&self.calls),
            judged: Arc::clone(&self.judged),
            preparing: (0..preparing).collect(),
            mix,
            budget: Budget::new(turns, RateLimiter::with_interval(spacing), end),
            recorder: Recorder::new(self.judged.len(), preparing, counts_from),
            distinct: Arc::clone(&self.distinct),
            starts: shape
                .open
                .map(|open| Arc::new(Starts::new(Duration::from_millis(open.give_up_ms)))),
            duty: Duty::new(shape.stages, origin, part),
            crowd: shape.crowd.clone(),
            engine_wants_reports: self.options.view.is_wanted(),
            users: 0.into(),
        }
    }

    /// Lets users take turns until nothing is left to do.
    pub(crate) async fn drive(
        &self,
        alone: &Alone,
        shape: &RoundShape<'_>,
        field: &Arc<Field>,
    ) -> Result<(), AttackError> {
        let names = self.judged.iter().map(|judged| judged.id.clone()).collect();
        let host = self.stand.endpoint();
        let crew = Crew { host, users: self.users(shape), names, view: &self.options.view };
        let turn: Turn<User> = Arc::new(|user: &mut User| Box::pin(user.take_turn()));
        let field = Arc::clone(field);
        drive(alone, crew, Arc::new(move || User::new(&field)), &turn).await
    }

    /// Waits for the engine, tells the progress, and closes the field when somebody asks for the end.
    async fn until_stopped(
        &self,
        driving: impl Future<Output = Result<(), AttackError>>,
        field: &Arc<Field>,
        shape: &RoundShape<'_>,
    ) -> Result<(), AttackError> {
        let mut driving = pin!(driving);
        let mut stop = self.stop.clone();
        let mut ticks = interval(PROGRESS_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let started = Instant::now();
        loop {
            tokio::select! {
                driven = &mut driving => return driven,
                () = &mut stop => {
                    field.close();
                    return driving.await;
                }
                _ = ticks.tick() => self.tell(field, shape, started.elapsed()),
            }
        }
    }

    /// Tells how it goes.
    pub(crate) fn tell(&self, field: &Field, shape: &RoundShape<'_>, elapsed: Duration) {
        let Some(progress) = &self.options.progress else { return };
        let counted = field.recorder.so_far(Instant::now());
        let SoFar { calls, offered, duration_us, last_second } = counted;
        let planned = shape.duration();
        progress(&Progress {
            elapsed,
            planned: (!planned.is_zero()).then_some(planned),
            level: shape.level,
            last_second,
            record: LoadRecord {
                calls: self.named(calls),
                duration_us,
                offered: shape.open.map(|_| offered),
                ..self.blank_record()
            },
        });
    }

    /// A record of everything but what came of it.
    pub(crate) fn blank_record(&self) -> LoadRecord {
        let profile = self.profile;
        LoadRecord {
            run: self.stand.run_id().to_owned(),
            profile: profile.name.clone(),
            target: TargetRecord {
                name: self.stand.target().to_owned(),
                endpoint: self.stand.endpoint().to_owned(),
                arguments: self.options.arguments.clone(),
            },
            share: (self.options.share != Share::WHOLE).then_some(self.options.share),
            started: self.started,
            shape: profile.shape.clone(),
            transport: profile.transport,
            seed: profile.seed,
            requests_planned: profile.requests,
            caps: self.options.caps,
            ending: Ending::Complete,
            duration_us: 0,
            warm_up_us: profile.warm_up_ms * 1_000,
            calls: Vec::new(),
            series: Series::default(),
            offered: None,
            credentials: self.credentials(),
            generator: self.generator(),
            thresholds: profile.thresholds.clone(),
            levels: Vec::new(),
            resources: Resources::default(),
            shards: Vec::new(),
        }
    }

    /// What generates the load, apart from the processor time that it took.
    pub(crate) fn generator(&self) -> GeneratorRecord {
        GeneratorRecord {
            machine: machine(),
            version: self.options.version.clone(),
            cpu: None,
            memory_bytes_max: memory_bytes_max(),
        }
    }

    /// All that was counted.
    pub(crate) fn observed(
        &self,
        shape: &RoundShape<'_>,
        field: &Field,
    ) -> (Vec<CallLoad>, Series, TimedCounts) {
        let (counted, series) = field.recorder.counted();
        let SoFar { calls, offered, duration_us, .. } = counted;
        let calls = self.named(calls);
        let mut observed = TimedCounts {
            counts: LoadCounts::default(),
            latency: stspec_measure::Histogram::default(),
            duration_us,
            offered: shape.open.map(|_| offered),
        };
        for call in &calls {
            observed.counts.add(call.counted);
            observed.latency.merge(&call.latency);
        }
        (calls, series, observed)
    }

    /// The counts of the calls with what the profile says about them.
    pub(crate) fn named(&self, counted: Vec<CallLoad>) -> Vec<CallLoad> {
        let named = self.profile.calls().zip(self.calls.calls()).zip(counted);
        let name = |((load_call, ready), counted): (
            (&stspec_scenario::LoadCall, &stspec_runner::ReadyCall),
            CallLoad,
        )| {
            CallLoad {
                id: load_call.id.to_string(),
                call: load_call.call.to_string(),
                principal: load_call.principal.to_string(),
                expected: describe(&ready.outcomes),
                ..counted
            }
        };
        named.map(name).collect()
    }
}

impl RoundShape<'_> {
    /// The most users at the same time.
    fn users(&self) -> u32 {
        match self.open {
            Some(open) => open.connections,
            None => self.stages.iter().map(|stage| stage.to).max().unwrap_or(1),
        }
    }

    /// How long the stages take; nothing where only a number of turns ends them.
    fn duration(&self) -> Duration {
        let ms = self.stages.iter().map(|stage| stage.over_ms + stage.hold_ms).sum();
        Duration::from_millis(ms)
    }
}

/// The processor time from the moment at which what counts begins to the last start: what comes before and after,
/// until the last answer is there, would make the generator look idle. Nothing where all ended before.
async fn cpu_of(field: &Field, origin: Instant) -> Option<CpuShare> {
    tokio::select! {
        () = sleep_until(origin) => {}
        () = field.budget.over() => {
            field.given_out().await;
            return None;
        }
    }
    let (before, began) = (CpuTimes::now(), Instant::now());
    field.given_out().await;
    let wall_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    CpuTimes::now().since(before, wall_us)
}

/// Lets the starts of an open shape begin on a thread of their own.
fn pacer(
    shape: &RoundShape<'_>,
    origin: Instant,
    field: &Arc<Field>,
    (starts, part): (&Arc<Starts>, Share),
) -> Result<std::thread::JoinHandle<()>, AttackError> {
    let told = Arc::clone(field);
    let dropped = move |offer, now| told.recorder.dropped(offer, now);
    let small = |number| usize::try_from(number).expect("a share's numbers are small");
    let schedule = Schedule::new(shape.stages).skip(small(part.index()));
    pace(schedule.step_by(small(part.of())), origin, Arc::clone(starts), dropped)
        .map_err(|error| AttackError::Engine { reason: format!("no thread: {error}") })
}

/// The round of a shape that is no search.
pub(crate) fn whole(profile: &Profile) -> RoundShape<'_> {
    let open = match &profile.shape {
        LoadShape::Rate(rate) => Some(rate.open),
        LoadShape::Users(_) | LoadShape::Knee(_) => None,
    };
    let warm_up = Duration::from_millis(profile.warm_up_ms);
    RoundShape { stages: profile.shape.stages(), open, warm_up, level: None, crowd: None }
}

/// Waits between two rounds, so that the first does not reach into the second.
pub(crate) async fn rest(stop: &Attack<'_>) {
    tokio::select! {
        () = stop.stop.clone() => {}
        () = sleep(Duration::from_millis(200)) => {}
    }
}
