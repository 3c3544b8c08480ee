//! A load session: a profile made ready on a provisioned target, driven one round at a time.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join;
use stspec_measure::{
    CallLoad, CpuShare, CredentialsSeen, Ending, GeneratorRecord, Histogram, LoadCounts,
    LoadRecord, Series, Share, TimedCounts,
};
use stspec_runner::{ProvisionedTarget, RateLimiter, ReadyCalls};
use stspec_scenario::Profile;
use stspec_verdict::{Resources, TargetRecord, describe};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::budget::{Budget, End, IterationLimit, RUN_SECONDS_MAX};
use crate::engine::{Crew, EngineLock, IterationFn, drive, lock_engine};
use crate::error::EngineError;
use crate::judged_call::JudgedCall;
use crate::machine::{CpuTimes, machine, memory_bytes_max};
use crate::mix::{Mix, WeightedCalls};
use crate::options::{LoadOptions, Progress};
use crate::recorder::{Recorder, SoFar};
use crate::round::{Round, RoundShape, RoundState};
use crate::schedule::closed::ClosedSchedule;
use crate::schedule::open::{OpenSchedule, Starts, hand_out};
use crate::uniqueness::SeenCredentials;
use crate::user::User;

/// Shortest time before the first start of an open shape, so that its users exist and are connected.
const LEAD: Duration = Duration::from_millis(300);

/// How often progress is reported.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// How long a search rests between two rounds, so that the first does not reach into the second.
const REST: Duration = Duration::from_millis(200);

/// What all rounds of a run share.
pub(crate) struct Session<'a> {
    pub(crate) target: Arc<ProvisionedTarget>,
    pub(crate) profile: &'a Profile,
    options: &'a LoadOptions,
    started: jiff::Timestamp,
    calls: Arc<ReadyCalls>,
    judged: Arc<Vec<JudgedCall>>,
    seen_credentials: Arc<Mutex<SeenCredentials>>,
    /// How many iterations earlier rounds began: their limit is one for all rounds.
    begun: AtomicU64,
    cancel: CancellationToken,
}

impl<'a> Session<'a> {
    /// Makes the calls of a profile ready.
    pub(crate) fn new(
        target: &Arc<ProvisionedTarget>,
        profile: &'a Profile,
        options: &'a LoadOptions,
        started: jiff::Timestamp,
        cancel: CancellationToken,
    ) -> Result<Self, EngineError> {
        let calls = Arc::new(target.ready(profile)?);
        let judged = profile
            .calls()
            .zip(calls.calls())
            .map(|(load_call, ready)| JudgedCall::new(load_call.id.to_string(), ready));
        Ok(Self {
            target: Arc::clone(target),
            profile,
            options,
            started,
            judged: Arc::new(judged.collect()),
            calls,
            seen_credentials: Arc::new(Mutex::new(SeenCredentials::new())),
            begun: AtomicU64::new(0),
            cancel,
        })
    }

    /// Whether the run was cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Waits until the run is cancelled.
    pub(crate) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Waits between two rounds.
    pub(crate) async fn rest(&self) {
        tokio::select! {
            () = self.cancel.cancelled() => {}
            () = sleep(REST) => {}
        }
    }

    /// Drives one round to its end, or until the run is cancelled.
    pub(crate) async fn round(&self, shape: &RoundShape<'_>) -> Result<Round, EngineError> {
        let lock = lock_engine().await;
        let origin = Instant::now() + shape.open.map_or(Duration::ZERO, |_| self.lead(shape));
        let state = Arc::new(self.state(shape, origin));
        let handing_out = self.hand_out_starts(shape, origin, &state)?;
        let driving = async {
            let driving = self.drive(&lock, shape, &state);
            let driven = self.until_cancelled(driving, &state, shape).await;
            // Read before closing, which would count as an interruption.
            let ending = state.budget.ending(!shape.duration().is_zero());
            state.close();
            driven.map(|()| ending)
        };
        let (driven, cpu) = join(driving, cpu_of(&state, origin)).await;
        self.begun.fetch_add(state.budget.taken(), Ordering::Relaxed);
        if let Some(thread) = handing_out {
            let joined = tokio::task::spawn_blocking(|| thread.join()).await;
            joined.expect("a thread can be joined").expect("the clock thread does not panic");
        }
        let ending = driven?;
        let (calls, series, observed) = self.observed(shape, &state);
        Ok(Round { calls, series, observed, cpu, ending })
    }

    /// Hands out the starts of an open shape on a thread of its own.
    fn hand_out_starts(
        &self,
        shape: &RoundShape<'_>,
        origin: Instant,
        state: &Arc<RoundState>,
    ) -> Result<Option<std::thread::JoinHandle<()>>, EngineError> {
        let Some(starts) = &state.starts else { return Ok(None) };
        let part = self.options.share;
        let recording = Arc::clone(state);
        let dropped = move |offer, now| recording.recorder.dropped(offer, now);
        let small = |number| usize::try_from(number).expect("the numbers of a share are small");
        let schedule = OpenSchedule::new(shape.stages).skip(small(part.index()));
        hand_out(schedule.step_by(small(part.of())), origin, Arc::clone(starts), dropped)
            .map(Some)
            .map_err(|error| EngineError::GaveUp { reason: format!("no thread: {error}") })
    }

    /// How long it takes until the users of an open shape exist and are prepared; a rate limit draws that out.
    fn lead(&self, shape: &RoundShape<'_>) -> Duration {
        let calls = u32::try_from(self.profile.prepare.len()).unwrap_or(u32::MAX);
        let limit = self.target.requests_per_second();
        let each = limit.and_then(|limit| Duration::from_secs(1).checked_div(limit));
        let requests = self.users(shape).saturating_mul(calls);
        LEAD + each.map_or(Duration::ZERO, |each| each.saturating_mul(requests))
    }

    /// How many users this process has.
    fn users(&self, shape: &RoundShape<'_>) -> u32 {
        let users = self.options.share.part(u64::from(shape.users()));
        u32::try_from(users).unwrap_or(u32::MAX)
    }

    /// What the users of a round share; requests count from `origin` on, after the warm-up.
    pub(crate) fn state(&self, shape: &RoundShape<'_>, origin: Instant) -> RoundState {
        let preparing = self.profile.prepare.len();
        let starts = |open: stspec_scenario::Open| {
            Arc::new(Starts::new(Duration::from_millis(open.give_up_ms)))
        };
        RoundState {
            target: Arc::clone(&self.target),
            calls: Arc::clone(&self.calls),
            judged: Arc::clone(&self.judged),
            preparing,
            mix: self.mix(),
            budget: self.budget(shape, origin),
            recorder: Recorder::new(self.judged.len(), preparing, origin + shape.warm_up),
            seen_credentials: Arc::clone(&self.seen_credentials),
            starts: shape.open.map(starts),
            closed: ClosedSchedule::new(shape.stages, origin, self.options.share),
            commanded: shape.commanded.clone(),
            engine_wants_reports: self.options.view.is_enabled(),
            users: AtomicUsize::new(0),
        }
    }

    /// The iterations of the profile, drawn by its seed.
    fn mix(&self) -> Mix {
        let mut next = self.profile.prepare.len();
        let mut weighted = Vec::new();
        for iteration in &self.profile.iterations {
            let calls = (next..next + iteration.calls.len()).collect();
            next += iteration.calls.len();
            weighted.push(WeightedCalls { weight: iteration.weight, calls });
        }
        // Shards draw differently, or all of them would send the same call at the same moment.
        let seed = self.profile.seed.wrapping_add(u64::from(self.options.share.index()));
        Mix::new(weighted, seed)
    }

    fn budget(&self, shape: &RoundShape<'_>, origin: Instant) -> Budget {
        let (caps, part) = (self.options.caps, self.options.share);
        let limit = IterationLimit::new(self.profile.requests.map(u64::from), caps.total);
        let limit = limit.part(part).after(self.begun.load(Ordering::Relaxed));
        // Shards share a rate.
        let spacing = caps.rate.map(|rate| Duration::from_secs(1) / rate.max(1) * part.of());
        let end = match (shape.open, shape.duration()) {
            // A closed shape ends to the millisecond, an open one with its last start.
            (None, duration) if !duration.is_zero() => End::Planned(origin + duration),
            _ => End::Late(origin + Duration::from_secs(RUN_SECONDS_MAX)),
        };
        Budget::new(limit, RateLimiter::with_interval(spacing), end)
    }

    /// Lets users iterate until no iteration is left.
    pub(crate) async fn drive(
        &self,
        lock: &EngineLock,
        shape: &RoundShape<'_>,
        state: &Arc<RoundState>,
    ) -> Result<(), EngineError> {
        let names = self.judged.iter().map(|judged| judged.id.clone()).collect();
        let host = self.target.endpoint();
        let crew = Crew { host, users: self.users(shape), names, view: &self.options.view };
        let iteration: IterationFn<User> = Arc::new(|user: &mut User| Box::pin(user.iterate()));
        let state = Arc::clone(state);
        drive(lock, crew, Arc::new(move || User::new(&state)), &iteration).await
    }

    /// Waits for the engine, reports progress, and closes the round when the run is cancelled.
    async fn until_cancelled(
        &self,
        driving: impl Future<Output = Result<(), EngineError>>,
        state: &Arc<RoundState>,
        shape: &RoundShape<'_>,
    ) -> Result<(), EngineError> {
        let mut driving = pin!(driving);
        let mut ticks = interval(PROGRESS_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let started = Instant::now();
        loop {
            tokio::select! {
                driven = &mut driving => return driven,
                () = self.cancel.cancelled() => {
                    state.close();
                    return driving.await;
                }
                _ = ticks.tick() => self.report_progress(state, shape, started.elapsed()),
            }
        }
    }

    /// Reports the progress of a round.
    pub(crate) fn report_progress(
        &self,
        state: &RoundState,
        shape: &RoundShape<'_>,
        elapsed: Duration,
    ) {
        let Some(progress) = &self.options.progress else { return };
        let counted = state.recorder.so_far(Instant::now());
        let SoFar { calls, offered, duration_us, last_second } = counted;
        let planned = shape.duration();
        progress(&Progress {
            elapsed,
            planned: (!planned.is_zero()).then_some(planned),
            level: shape.level,
            last_second,
            record: LoadRecord {
                calls: self.labelled(calls),
                duration_us,
                offered: shape.open.map(|_| offered),
                ..self.blank_record()
            },
        });
    }

    /// A record of everything except what was counted.
    pub(crate) fn blank_record(&self) -> LoadRecord {
        let profile = self.profile;
        LoadRecord {
            run: self.target.run_id().to_owned(),
            profile: profile.name.clone(),
            target: TargetRecord {
                name: self.target.target().to_owned(),
                endpoint: self.target.endpoint().to_owned(),
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

    /// The credentials that were issued so far.
    fn credentials(&self) -> CredentialsSeen {
        self.seen_credentials.lock().unwrap_or_else(PoisonError::into_inner).record()
    }

    /// What generates the load, without the processor time that it took.
    pub(crate) fn generator(&self) -> GeneratorRecord {
        GeneratorRecord {
            machine: machine(),
            version: self.options.version.clone(),
            cpu: None,
            memory_bytes_max: memory_bytes_max(),
        }
    }

    /// All that was counted in a round.
    pub(crate) fn observed(
        &self,
        shape: &RoundShape<'_>,
        state: &RoundState,
    ) -> (Vec<CallLoad>, Series, TimedCounts) {
        let (counted, series) = state.recorder.counted();
        let SoFar { calls, offered, duration_us, .. } = counted;
        let calls = self.labelled(calls);
        let mut observed = TimedCounts {
            counts: LoadCounts::default(),
            latency: Histogram::default(),
            duration_us,
            offered: shape.open.map(|_| offered),
        };
        for call in &calls {
            observed.counts.add(call.counted);
            observed.latency.merge(&call.latency);
        }
        (calls, series, observed)
    }

    /// The counts of the calls, with what the profile says about each call.
    pub(crate) fn labelled(&self, counted: Vec<CallLoad>) -> Vec<CallLoad> {
        let mut labelled = Vec::with_capacity(counted.len());
        for ((load_call, ready), counted) in
            self.profile.calls().zip(self.calls.calls()).zip(counted)
        {
            labelled.push(CallLoad {
                id: load_call.id.to_string(),
                call: load_call.call.to_string(),
                principal: load_call.principal.to_string(),
                expected: describe(&ready.outcomes),
                ..counted
            });
        }
        labelled
    }
}

/// The processor time from the moment at which requests begin to count to the last start: the time before and after,
/// until the last answer, would make the generator look idle. `None` if the round ended before that moment.
async fn cpu_of(state: &RoundState, origin: Instant) -> Option<CpuShare> {
    tokio::select! {
        () = sleep_until(origin) => {}
        () = state.budget.over() => {
            state.starts_handed_out().await;
            return None;
        }
    }
    let (before, began) = (CpuTimes::now(), Instant::now());
    state.starts_handed_out().await;
    let wall_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    CpuTimes::now().since(before, wall_us)
}
