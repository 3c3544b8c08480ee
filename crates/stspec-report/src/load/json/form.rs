//! What the load report looks like, and how a record becomes one.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use stspec_measure::{self as load, LoadRecord};
use stspec_scenario::{self as scenario, Word as _};

use crate::load::quantity::limit_words;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    pub(super) schema: String,
    /// What follows from the rest, for those who want no more; written and not read.
    #[serde(deserialize_with = "skip")]
    pub(super) summary: Option<Summary>,
    pub(super) run: String,
    pub(super) profile: String,
    pub(super) target: Target,
    #[serde(default)]
    pub(super) share: Option<String>,
    pub(super) started: String,
    pub(super) shape: Shape,
    pub(super) transport: String,
    pub(super) seed: u64,
    pub(super) requests_planned: Option<u32>,
    #[serde(default)]
    pub(super) caps: Caps,
    pub(super) ending: EndingForm,
    pub(super) duration_us: u64,
    pub(super) warm_up_us: u64,
    pub(super) thresholds: Vec<Threshold>,
    pub(super) calls: Vec<Call>,
    pub(super) offered: Option<Offered>,
    pub(super) credentials: Credentials,
    pub(super) generator: Generator,
    pub(super) shards: Vec<Shard>,
    pub(super) levels: Vec<Level>,
    pub(super) resources: Resources,
    pub(super) series: Vec<Second>,
    /// How many seconds each item of the series holds; left out where it is one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(super) series_seconds_each: u32,
}

#[derive(Serialize)]
pub(super) struct Summary {
    verdict: &'static str,
    /// Of all that was sent, as thresholds are held against it.
    requests: u64,
    errors: u64,
    wrong: u64,
    /// Without the warm-up and what prepared users; what follows is of these.
    counted: Counts,
    answers_per_second: u64,
    latency_us: Latency,
    calls: Vec<CallSummary>,
    thresholds: Vec<HeldForm>,
    knee: Option<u32>,
    saturation: Option<String>,
}

#[derive(Serialize)]
struct CallSummary {
    id: String,
    latency_us: Latency,
}

#[derive(Serialize)]
struct Latency {
    min: Option<u64>,
    mean: Option<u64>,
    p50: Option<u64>,
    p90: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
    p999: Option<u64>,
    max: Option<u64>,
}

#[derive(Serialize)]
struct HeldForm {
    measure: &'static str,
    limit: String,
    observed: Option<u64>,
    of: u64,
    held: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) endpoint: String,
    pub(super) arguments: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Shape {
    Users(Vec<Stage>),
    Rate { stages: Vec<Stage>, connections: u32, give_up_ms: u64 },
    Knee { from: u32, to: u32, hold_ms: u64, refine: u32, connections: u32, give_up_ms: u64 },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stage {
    pub(super) to: u32,
    pub(super) over_ms: u64,
    pub(super) hold_ms: u64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Caps {
    pub(super) rate: Option<u32>,
    pub(super) total: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EndingForm {
    Complete,
    Interrupted,
    Capped,
    OutOfTime,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Threshold {
    pub(super) measure: String,
    pub(super) limit: Limit,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Limit {
    Count(u64),
    PerMillion(u32),
    TimeUs(u64),
    AtLeast(u64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "fields are called what they are called in the report"
)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) call: String,
    pub(super) principal: String,
    pub(super) expected: String,
    pub(super) prepares: bool,
    pub(super) counted: Counts,
    pub(super) uncounted: Counts,
    pub(super) latency: Histogram,
    pub(super) error_examples: Vec<String>,
    pub(super) wrong_examples: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) wrong: u64,
}

/// Buckets with their counts, those without left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Histogram {
    pub(super) min_us: u64,
    pub(super) max_us: u64,
    pub(super) sum_us: u128,
    pub(super) buckets: Vec<(u32, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Second {
    pub(super) counts: Counts,
    pub(super) dropped: u64,
    pub(super) latency: Histogram,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Offered {
    pub(super) turns: u64,
    pub(super) dropped: u64,
    #[serde(default)]
    pub(super) crowded: u64,
    pub(super) lag: Histogram,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    pub(super) seen: u64,
    pub(super) repeated: u64,
    pub(super) one_of: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Generator {
    pub(super) version: String,
    pub(super) machine: Machine,
    pub(super) cpu: Option<Cpu>,
    pub(super) memory_bytes_max: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Machine {
    pub(super) os: String,
    pub(super) architecture: String,
    pub(super) processor: Option<String>,
    pub(super) cores: u32,
    pub(super) memory_bytes: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "fields are called what they are called in the report"
)]
pub(super) struct Cpu {
    pub(super) generator_us: u64,
    pub(super) reference_us: u64,
    pub(super) machine_us: Option<u64>,
    pub(super) wall_us: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shard {
    pub(super) run: String,
    pub(super) generator: Generator,
    pub(super) saturation: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    pub(super) rate: u32,
    pub(super) observed: Observed,
    pub(super) missed: Vec<Held>,
    pub(super) saturation: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Observed {
    pub(super) counts: Counts,
    pub(super) latency: Histogram,
    pub(super) duration_us: u64,
    pub(super) offered: Option<Offered>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "fields are called what they are called in the report"
)]
pub(super) struct Held {
    pub(super) measure: String,
    pub(super) limit: Limit,
    pub(super) observed: Option<u64>,
    pub(super) of: u64,
    pub(super) held: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resources {
    pub(super) created: u64,
    pub(super) removed: u64,
    pub(super) leaked: u64,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_one(seconds: &u32) -> bool {
    *seconds == 1
}

/// Takes whatever the summary is and forgets it.
fn skip<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Summary>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|IgnoredAny| None)
}

impl From<&LoadRecord> for Report {
    fn from(record: &LoadRecord) -> Self {
        let LoadRecord { target, resources, .. } = record;
        Self {
            schema: super::SCHEMA.to_owned(),
            summary: Some(Summary::from(record)),
            run: record.run.clone(),
            profile: record.profile.to_string(),
            target: Target {
                name: target.name.clone(),
                endpoint: target.endpoint.clone(),
                arguments: target.arguments.clone(),
            },
            share: record.share.map(|share| share.to_string()),
            started: record.started.to_string(),
            shape: Shape::from(&record.shape),
            transport: record.transport.word().to_owned(),
            seed: record.seed,
            requests_planned: record.requests_planned,
            caps: Caps { rate: record.caps.rate, total: record.caps.total },
            ending: EndingForm::from(record.ending),
            duration_us: record.duration_us,
            warm_up_us: record.warm_up_us,
            thresholds: record.thresholds.iter().map(Threshold::from).collect(),
            calls: record.calls.iter().map(Call::from).collect(),
            offered: record.offered.as_ref().map(Offered::from),
            credentials: Credentials {
                seen: record.credentials.seen,
                repeated: record.credentials.repeated,
                one_of: record.credentials.one_of,
            },
            generator: Generator::from(&record.generator),
            shards: record.shards.iter().map(Shard::from).collect(),
            levels: record.levels.iter().map(Level::from).collect(),
            resources: Resources {
                created: resources.created,
                removed: resources.removed,
                leaked: resources.leaked,
            },
            series: record.series.parts.iter().map(Second::from).collect(),
            series_seconds_each: record.series.seconds_each(),
        }
    }
}

impl From<&LoadRecord> for Summary {
    fn from(record: &LoadRecord) -> Self {
        let (totals, sent) = (record.totals(), record.sent());
        let held = |held: &load::Held| HeldForm {
            measure: held.threshold.measure.word(),
            limit: limit_words(held.threshold.limit),
            observed: held.observed,
            of: held.of,
            held: held.held,
        };
        let call = |call: &load::CallLoad| CallSummary {
            id: call.id.clone(),
            latency_us: Latency::from(&call.latency),
        };
        Self {
            verdict: record.verdict().word(),
            requests: sent.requests,
            errors: sent.errors,
            wrong: sent.wrong,
            counted: Counts::from(totals.counts),
            answers_per_second: totals.answers_per_second(),
            latency_us: Latency::from(&totals.latency),
            calls: record.calls.iter().filter(|call| !call.prepares).map(call).collect(),
            thresholds: record.held().iter().map(held).collect(),
            knee: record.knee().map(|level| level.rate),
            saturation: record.saturation(),
        }
    }
}

impl From<&load::Histogram> for Latency {
    fn from(histogram: &load::Histogram) -> Self {
        Self {
            min: histogram.min_us(),
            mean: histogram.mean_us(),
            p50: histogram.quantile_us(500),
            p90: histogram.quantile_us(900),
            p95: histogram.quantile_us(950),
            p99: histogram.quantile_us(990),
            p999: histogram.quantile_us(999),
            max: histogram.max_us(),
        }
    }
}

impl From<&scenario::LoadShape> for Shape {
    fn from(shape: &scenario::LoadShape) -> Self {
        let all = |stages: &[scenario::Stage]| stages.iter().map(Stage::from).collect();
        match shape {
            scenario::LoadShape::Users(stages) => Self::Users(all(stages)),
            scenario::LoadShape::Rate(rate) => Self::Rate {
                stages: all(&rate.stages),
                connections: rate.open.connections,
                give_up_ms: rate.open.give_up_ms,
            },
            scenario::LoadShape::Knee(knee) => Self::Knee {
                from: knee.from,
                to: knee.to,
                hold_ms: knee.hold_ms,
                refine: knee.refine,
                connections: knee.open.connections,
                give_up_ms: knee.open.give_up_ms,
            },
        }
    }
}

impl From<&scenario::Stage> for Stage {
    fn from(stage: &scenario::Stage) -> Self {
        Self { to: stage.to, over_ms: stage.over_ms, hold_ms: stage.hold_ms }
    }
}

impl From<load::Ending> for EndingForm {
    fn from(ending: load::Ending) -> Self {
        match ending {
            load::Ending::Complete => Self::Complete,
            load::Ending::Interrupted => Self::Interrupted,
            load::Ending::Capped => Self::Capped,
            load::Ending::OutOfTime => Self::OutOfTime,
        }
    }
}

impl From<&scenario::Threshold> for Threshold {
    fn from(threshold: &scenario::Threshold) -> Self {
        let measure = threshold.measure.word().to_owned();
        Self { measure, limit: Limit::from(threshold.limit) }
    }
}

impl From<scenario::Limit> for Limit {
    fn from(limit: scenario::Limit) -> Self {
        match limit {
            scenario::Limit::Count(count) => Self::Count(count),
            scenario::Limit::PerMillion(per_million) => Self::PerMillion(per_million),
            scenario::Limit::TimeUs(time_us) => Self::TimeUs(time_us),
            scenario::Limit::AtLeast(least) => Self::AtLeast(least),
        }
    }
}

impl From<&load::CallLoad> for Call {
    fn from(call: &load::CallLoad) -> Self {
        Self {
            id: call.id.clone(),
            call: call.call.clone(),
            principal: call.principal.clone(),
            expected: call.expected.clone(),
            prepares: call.prepares,
            counted: Counts::from(call.counted),
            uncounted: Counts::from(call.uncounted),
            latency: Histogram::from(&call.latency),
            error_examples: call.error_examples.clone(),
            wrong_examples: call.wrong_examples.clone(),
        }
    }
}

impl From<load::LoadCounts> for Counts {
    fn from(counts: load::LoadCounts) -> Self {
        Self { requests: counts.requests, errors: counts.errors, wrong: counts.wrong }
    }
}

impl From<&load::Histogram> for Histogram {
    fn from(histogram: &load::Histogram) -> Self {
        Self {
            min_us: histogram.min_us().unwrap_or(0),
            max_us: histogram.max_us().unwrap_or(0),
            sum_us: histogram.sum_us(),
            buckets: histogram.buckets().collect(),
        }
    }
}

impl From<&load::Second> for Second {
    fn from(second: &load::Second) -> Self {
        Self {
            counts: Counts::from(second.counts),
            dropped: second.dropped,
            latency: Histogram::from(&second.latency),
        }
    }
}

impl From<&load::Offered> for Offered {
    fn from(offered: &load::Offered) -> Self {
        let load::Offered { turns, dropped, crowded, lag } = offered;
        let lag = Histogram::from(lag);
        Self { turns: *turns, dropped: *dropped, crowded: *crowded, lag }
    }
}

impl From<&load::GeneratorRecord> for Generator {
    fn from(generator: &load::GeneratorRecord) -> Self {
        let load::GeneratorRecord { machine, version, cpu, memory_bytes_max } = generator;
        Self {
            version: version.clone(),
            machine: Machine {
                os: machine.os.clone(),
                architecture: machine.architecture.clone(),
                processor: machine.processor.clone(),
                cores: machine.cores,
                memory_bytes: machine.memory_bytes,
            },
            cpu: cpu.map(|cpu| Cpu {
                generator_us: cpu.generator_us,
                reference_us: cpu.reference_us,
                machine_us: cpu.machine_us,
                wall_us: cpu.wall_us,
            }),
            memory_bytes_max: *memory_bytes_max,
        }
    }
}

impl From<&load::Shard> for Shard {
    fn from(shard: &load::Shard) -> Self {
        Self {
            run: shard.run.clone(),
            generator: Generator::from(&shard.generator),
            saturation: shard.saturation.clone(),
        }
    }
}

impl From<&load::Level> for Level {
    fn from(level: &load::Level) -> Self {
        let observed = &level.observed;
        Self {
            rate: level.rate,
            observed: Observed {
                counts: Counts::from(observed.counts),
                latency: Histogram::from(&observed.latency),
                duration_us: observed.duration_us,
                offered: observed.offered.as_ref().map(Offered::from),
            },
            missed: level.missed.iter().map(Held::from).collect(),
            saturation: level.saturation.clone(),
        }
    }
}

impl From<&load::Held> for Held {
    fn from(held: &load::Held) -> Self {
        Self {
            measure: held.threshold.measure.word().to_owned(),
            limit: Limit::from(held.threshold.limit),
            observed: held.observed,
            of: held.of,
            held: held.held,
        }
    }
}
