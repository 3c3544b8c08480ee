//! One run of a profile from the first request to the last: provision, load, clean up, record.

use std::sync::Arc;

use jiff::Timestamp;
use stspec_measure::{CallLoad, CpuShare, GeneratorRecord, Level, LoadRecord, Offered, Series};
use stspec_runner::{Clock, ConnectOptions, ProvisionError, ProvisionedTarget};
use stspec_scenario::{Library, LoadShape, Profile};
use stspec_verdict::Redactor;
use tokio_util::sync::CancellationToken;

use crate::engine::keep_ctrl_c;
use crate::error::{EngineError, LoadError};
use crate::options::LoadOptions;
use crate::round::{Round, RoundShape};
use crate::search::search;
use crate::session::Session;
use crate::share::{check_share, check_start, wait_for_start};

/// What a run of a profile came to.
#[derive(Debug)]
pub struct LoadRun {
    /// What the target did under load.
    pub record: LoadRecord,
    /// What is still on the target, each with the reason.
    pub leaks: Vec<String>,
    /// The secrets that may have come near the record; the record itself is already clean.
    pub secrets: Redactor,
}

/// What all rounds came to together.
pub(crate) struct Rounds {
    pub(crate) all: Vec<Round>,
    pub(crate) levels: Vec<Level>,
    pub(crate) ending: stspec_measure::Ending,
}

/// Sends the requests of a profile to a target and to nothing else, and judges every answer.
///
/// When `cancel` is cancelled, no further iteration begins, requests on their way are waited for, and what was
/// created on the target is removed, as after a complete run. While the account is being provisioned, that
/// results in [`ProvisionError::Interrupted`](stspec_runner::ProvisionError::Interrupted), later in
/// [`Ending::Interrupted`](stspec_measure::Ending::Interrupted).
///
/// From here on Ctrl-C ends nothing by itself, for the rest of the process: see [`keep_ctrl_c`]. A process runs one
/// load at a time: a second one waits for the first.
pub async fn run(
    library: &Library,
    profile: &Profile,
    connect: ConnectOptions,
    clock: Clock,
    options: &LoadOptions,
    cancel: CancellationToken,
) -> Result<LoadRun, LoadError> {
    check_share(profile, options.share)?;
    check_start(options.start_at, clock)?;
    provision_and_load(library, profile, connect, clock, options, cancel, by_shape).await
}

/// Provisions the account of a profile, makes the load, removes the account again, and completes the record.
pub(crate) async fn provision_and_load(
    library: &Library,
    profile: &Profile,
    connect: ConnectOptions,
    clock: Clock,
    options: &LoadOptions,
    cancel: CancellationToken,
    load: impl AsyncFnOnce(&Session<'_>) -> Result<Rounds, EngineError>,
) -> Result<LoadRun, LoadError> {
    keep_ctrl_c();
    let target =
        ProvisionedTarget::open(library, &profile.account, connect, clock, &cancel).await?;
    let target = Arc::new(target);
    let in_time = wait_for_start(options.start_at, clock, &cancel).await;
    let started = clock.timestamp();
    let loaded = match in_time {
        Ok(true) => record(&target, profile, options, started, cancel, load).await,
        Ok(false) => {
            let leaks = target.close().await.leaks;
            return Err(ProvisionError::Interrupted { leaks }.into());
        }
        Err(late) => Err(late),
    };
    let clean_up = target.close().await;
    match loaded {
        Ok(record) => {
            let record = LoadRecord { resources: clean_up.count, ..record };
            Ok(LoadRun { record, leaks: clean_up.leaks, secrets: target.secrets() })
        }
        Err(cause) => Err(LoadError::Engine { cause, leaks: clean_up.leaks }),
    }
}

/// Drives a profile's own shape.
async fn by_shape(session: &Session<'_>) -> Result<Rounds, EngineError> {
    match session.profile.shape {
        LoadShape::Knee(knee) => {
            let found = search(session, knee).await?;
            Ok(Rounds { all: found.rounds, levels: found.levels, ending: found.ending })
        }
        LoadShape::Users(_) | LoadShape::Rate(_) => {
            let round = session.round(&RoundShape::whole(session.profile)).await?;
            let ending = round.ending;
            Ok(Rounds { all: vec![round], levels: Vec::new(), ending })
        }
    }
}

/// Makes the load, and a record of all its rounds.
async fn record(
    target: &Arc<ProvisionedTarget>,
    profile: &Profile,
    options: &LoadOptions,
    started: Timestamp,
    cancel: CancellationToken,
    load: impl AsyncFnOnce(&Session<'_>) -> Result<Rounds, EngineError>,
) -> Result<LoadRecord, EngineError> {
    let session = Session::new(target, profile, options, started, cancel)?;
    let Rounds { all, levels, ending } = load(&session).await?;
    let mut sum = Sum::default();
    for round in all {
        sum.add(round);
    }
    Ok(LoadRecord {
        ending,
        levels,
        duration_us: sum.duration_us,
        calls: sum.calls,
        series: sum.series,
        offered: sum.offered,
        generator: GeneratorRecord { cpu: sum.cpu, ..session.generator() },
        ..session.blank_record()
    })
}

/// Rounds put together, one after another.
#[derive(Default)]
struct Sum {
    calls: Vec<CallLoad>,
    series: Series,
    offered: Option<Offered>,
    cpu: Option<CpuShare>,
    duration_us: u64,
}

impl Sum {
    fn add(&mut self, round: Round) {
        self.duration_us += round.observed.duration_us;
        self.series.append(round.series);
        if self.calls.is_empty() {
            self.calls = round.calls;
        } else {
            for (call, further) in self.calls.iter_mut().zip(round.calls) {
                call.add(further);
            }
        }
        if let Some(further) = round.observed.offered {
            let offered = self.offered.get_or_insert_default();
            offered.turns += further.turns;
            offered.dropped += further.dropped;
            offered.crowded += further.crowded;
            offered.lag.merge(&further.lag);
        }
        self.cpu = match (self.cpu, round.cpu) {
            (Some(before), Some(further)) => Some(CpuShare {
                generator_us: before.generator_us + further.generator_us,
                reference_us: before.reference_us + further.reference_us,
                machine_us: before
                    .machine_us
                    .zip(further.machine_us)
                    .map(|(before, further)| before + further),
                wall_us: before.wall_us + further.wall_us,
            }),
            (before, further) => before.or(further),
        };
    }
}
