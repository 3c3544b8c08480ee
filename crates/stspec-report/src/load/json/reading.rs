//! From a report back to a record, unless it contradicts itself.

use stspec_measure::{
    self as load, CpuShare, CredentialsSeen, Ending, GeneratorRecord, LoadCounts, LoadRecord,
    Machine,
};
use stspec_scenario::{self as scenario, Measure, Name, Transport, Word};
use stspec_verdict::{self as verdict, TargetRecord};

use super::form;

/// Largest count in a report: up to here every JSON reader has whole numbers right.
///
/// Source: RFC 8259, section 6, and the 53 bits of a double's fraction.
const COUNT_MAX: u64 = 1 << 53;

/// Most seconds in a report, and longest time in it: 31 days.
///
/// Source: ours; profiles end after two.
const SECONDS_MAX: u64 = 31 * 24 * 3_600;

/// Most calls, shards and rates of a search in a report.
///
/// Source: ours, so that sums of [`COUNT_MAX`] over all of them fit into 64 bits.
const ITEMS_MAX: usize = 1_000;

/// Where a report contradicts itself, and how.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) place: String,
    pub(super) fact: String,
}

type Read<T> = Result<T, Fault>;

fn fault<T>(place: &str, fact: impl Into<String>) -> Read<T> {
    Err(Fault { place: place.to_owned(), fact: fact.into() })
}

/// Refuses with a fact unless something holds.
fn ensure(holds: bool, place: &str, fact: &str) -> Read<()> {
    if holds { Ok(()) } else { fault(place, fact) }
}

/// Makes a record of a report.
pub(super) fn record(report: form::Report) -> Read<LoadRecord> {
    let many =
        [report.calls.len(), report.shards.len(), report.levels.len(), report.thresholds.len()];
    ensure(many.into_iter().all(|length| length <= ITEMS_MAX), "report", "a list is too long")?;
    time("duration_us", report.duration_us)?;
    time("warm_up_us", report.warm_up_us)?;
    let parts = u64::try_from(report.series.len()).unwrap_or(u64::MAX);
    let seconds = parts.saturating_mul(u64::from(report.series_seconds_each));
    ensure(seconds <= SECONDS_MAX, "series", "it has more seconds than any run")?;
    let Ok(started) = report.started.parse() else {
        return fault("started", format!("`{}` is no point in time", report.started));
    };
    let Ok(profile) = Name::parse(&report.profile) else {
        return fault("profile", format!("`{}` is no name of a profile", report.profile));
    };
    let share = report.share.map(|share| match share.parse() {
        Ok(share) => Ok(share),
        Err(error) => fault("share", format!("{error}")),
    });
    let form::Target { name, endpoint, arguments } = report.target;
    let form::Resources { created, removed, leaked } = report.resources;
    for (place, value) in [("created", created), ("removed", removed), ("leaked", leaked)] {
        count(&format!("resources.{place}"), value)?;
    }
    Ok(LoadRecord {
        run: report.run,
        profile,
        target: TargetRecord { name, endpoint, arguments },
        share: share.transpose()?,
        started,
        shape: shape(report.shape)?,
        transport: word::<Transport>("transport", &report.transport)?,
        seed: report.seed,
        requests_planned: report.requests_planned,
        caps: load::Caps { rate: report.caps.rate, total: report.caps.total },
        ending: match report.ending {
            form::EndingForm::Complete => Ending::Complete,
            form::EndingForm::Interrupted => Ending::Interrupted,
            form::EndingForm::Capped => Ending::Capped,
            form::EndingForm::OutOfTime => Ending::OutOfTime,
        },
        duration_us: report.duration_us,
        warm_up_us: report.warm_up_us,
        calls: each("calls", report.calls, call)?,
        series: series(report.series, report.series_seconds_each)?,
        offered: report.offered.map(|held| offered("offered", held)).transpose()?,
        credentials: credentials(&report.credentials)?,
        generator: generator(report.generator),
        thresholds: each("thresholds", report.thresholds, |place, held| {
            threshold(place, &held.measure, &held.limit)
        })?,
        levels: each("levels", report.levels, level)?,
        resources: verdict::Resources { created, removed, leaked },
        shards: each("shards", report.shards, |_, shard| {
            let form::Shard { run, saturation, .. } = shard;
            Ok(load::Shard { run, generator: generator(shard.generator), saturation })
        })?,
    })
}

/// Reads each item of a list; its place is `list[position]`.
fn each<T, U>(list: &str, items: Vec<T>, read: impl Fn(&str, T) -> Read<U>) -> Read<Vec<U>> {
    let at = |(position, item)| read(&format!("{list}[{position}]"), item);
    items.into_iter().enumerate().map(at).collect()
}

fn count(place: &str, value: u64) -> Read<u64> {
    if value > COUNT_MAX {
        return fault(place, format!("{value} is more than can be counted, {COUNT_MAX}"));
    }
    Ok(value)
}

fn time(place: &str, time_us: u64) -> Read<u64> {
    ensure(time_us <= SECONDS_MAX * 1_000_000, place, "it is longer than any run")?;
    Ok(time_us)
}

fn word<W: Word>(place: &str, text: &str) -> Read<W> {
    let known: Vec<&str> = W::ALL.iter().map(|(word, _)| *word).collect();
    let fact = || format!("`{text}` is no {}; there are {}", W::WHAT, known.join(", "));
    W::from_word(text).ok_or_else(|| Fault { place: place.to_owned(), fact: fact() })
}

fn shape(shape: form::Shape) -> Read<scenario::LoadShape> {
    let open = |connections, give_up_ms| -> Read<scenario::Open> {
        ensure(connections > 0, "shape.connections", "an open shape needs a connection")?;
        ensure(give_up_ms > 0, "shape.give_up_ms", "no turn starts without any delay")?;
        Ok(scenario::Open { connections, give_up_ms })
    };
    match shape {
        form::Shape::Users(all) => Ok(scenario::LoadShape::Users(stages(all)?)),
        form::Shape::Rate { stages: all, connections, give_up_ms } => {
            let open = open(connections, give_up_ms)?;
            Ok(scenario::LoadShape::Rate(scenario::Rate { stages: stages(all)?, open }))
        }
        form::Shape::Knee { from, to, hold_ms, refine, connections, give_up_ms } => {
            ensure(from > 0 && from <= to, "shape", "a search goes from a rate to one not lower")?;
            time("shape.hold_ms", hold_ms.saturating_mul(1_000))?;
            let open = open(connections, give_up_ms)?;
            Ok(scenario::LoadShape::Knee(scenario::Knee { from, to, hold_ms, refine, open }))
        }
    }
}

fn stages(stages: Vec<form::Stage>) -> Read<Vec<scenario::Stage>> {
    ensure(!stages.is_empty(), "shape", "it has no stage")?;
    ensure(stages.len() <= ITEMS_MAX, "shape", "it has too many stages")?;
    each("shape.stages", stages, |place, form::Stage { to, over_ms, hold_ms }| {
        ensure(to > 0, place, "a stage leads to at least 1")?;
        time(place, over_ms.saturating_mul(1_000))?;
        time(place, hold_ms.saturating_mul(1_000))?;
        Ok(scenario::Stage { to, over_ms, hold_ms })
    })
}

fn threshold(place: &str, measure: &str, limit: &form::Limit) -> Read<scenario::Threshold> {
    let limit = match *limit {
        form::Limit::Count(count) => scenario::Limit::Count(count),
        form::Limit::PerMillion(share) => scenario::Limit::PerMillion(share),
        form::Limit::TimeUs(time_us) => scenario::Limit::TimeUs(time_us),
        form::Limit::AtLeast(least) => scenario::Limit::AtLeast(least),
    };
    let measure = word::<Measure>(&format!("{place}.measure"), measure)?;
    let fits = match measure {
        Measure::Wrong | Measure::Errors | Measure::Dropped => {
            matches!(limit, scenario::Limit::Count(_) | scenario::Limit::PerMillion(_))
        }
        Measure::Rate => matches!(limit, scenario::Limit::AtLeast(_)),
        Measure::P50 | Measure::P90 | Measure::P95 | Measure::P99 | Measure::P999 => {
            matches!(limit, scenario::Limit::TimeUs(_))
        }
    };
    ensure(fits, place, "the limit is not of the kind of its measure")?;
    Ok(scenario::Threshold { measure, limit })
}

fn call(place: &str, call: form::Call) -> Read<load::CallLoad> {
    let counted = counts(&format!("{place}.counted"), &call.counted)?;
    let latency = histogram(&format!("{place}.latency"), call.latency)?;
    ensure(latency.count() <= counted.answers(), place, "it has more latencies than answers")?;
    Ok(load::CallLoad {
        id: call.id,
        call: call.call,
        principal: call.principal,
        expected: call.expected,
        prepares: call.prepares,
        counted,
        uncounted: counts(&format!("{place}.uncounted"), &call.uncounted)?,
        latency,
        error_examples: call.error_examples,
        wrong_examples: call.wrong_examples,
    })
}

fn counts(place: &str, counts: &form::Counts) -> Read<LoadCounts> {
    let form::Counts { requests, errors, wrong } = *counts;
    count(&format!("{place}.requests"), requests)?;
    ensure(errors <= requests, place, "it has more errors than requests")?;
    ensure(wrong <= requests - errors, place, "it has more wrong answers than answers")?;
    Ok(LoadCounts { requests, errors, wrong })
}

fn histogram(place: &str, parts: form::Histogram) -> Read<load::Histogram> {
    let form::Histogram { min_us, max_us, sum_us, buckets } = parts;
    let ascend = buckets.iter().zip(buckets.iter().skip(1)).all(|((a, _), (b, _))| a < b);
    ensure(ascend, place, "its buckets are not in ascending order")?;
    let Some(histogram) = load::Histogram::from_parts(buckets, min_us, max_us, sum_us) else {
        return fault(place, "its buckets contradict `min_us`, `max_us` or `sum_us`");
    };
    count(place, histogram.count())?;
    Ok(histogram)
}

fn second(place: &str, second: form::Second) -> Read<load::Second> {
    let counts = counts(&format!("{place}.counts"), &second.counts)?;
    let latency = histogram(&format!("{place}.latency"), second.latency)?;
    ensure(latency.count() <= counts.answers(), place, "it has more latencies than answers")?;
    let dropped = count(&format!("{place}.dropped"), second.dropped)?;
    Ok(load::Second { counts, dropped, latency })
}

fn series(parts: Vec<form::Second>, seconds_each: u32) -> Read<load::Series> {
    let series = load::Series::new(each("series", parts, second)?, seconds_each);
    series.map_or_else(|| fault("series_seconds_each", "a part takes some time"), Ok)
}

fn offered(place: &str, offered: form::Offered) -> Read<load::Offered> {
    let turns = count(&format!("{place}.turns"), offered.turns)?;
    ensure(offered.dropped <= turns, place, "more turns were dropped than offered")?;
    ensure(offered.crowded <= turns, place, "more turns were crowded than offered")?;
    let lag = histogram(&format!("{place}.lag"), offered.lag)?;
    Ok(load::Offered { turns, dropped: offered.dropped, crowded: offered.crowded, lag })
}

fn credentials(credentials: &form::Credentials) -> Read<CredentialsSeen> {
    let form::Credentials { seen, repeated, one_of } = *credentials;
    count("credentials.seen", seen)?;
    ensure(repeated <= seen, "credentials", "more were repeated than seen")?;
    ensure(seen == 0 || one_of > 0, "credentials.one_of", "none of those seen was remembered")?;
    Ok(CredentialsSeen { seen, repeated, one_of })
}

fn generator(generator: form::Generator) -> GeneratorRecord {
    let form::Generator { version, machine, cpu, memory_bytes_max } = generator;
    let form::Machine { os, architecture, processor, cores, memory_bytes } = machine;
    GeneratorRecord {
        machine: Machine { os, architecture, processor, cores, memory_bytes },
        version,
        cpu: cpu.map(|cpu| CpuShare {
            generator_us: cpu.generator_us,
            reference_us: cpu.reference_us,
            machine_us: cpu.machine_us,
            wall_us: cpu.wall_us,
        }),
        memory_bytes_max,
    }
}

fn level(place: &str, level: form::Level) -> Read<load::Level> {
    let form::Observed { counts: held, latency, duration_us, offered: turns } = level.observed;
    let counts = counts(&format!("{place}.observed.counts"), &held)?;
    let latency = histogram(&format!("{place}.observed.latency"), latency)?;
    ensure(latency.count() <= counts.answers(), place, "it has more latencies than answers")?;
    let duration_us = time(&format!("{place}.observed.duration_us"), duration_us)?;
    let turns =
        turns.map(|turns| offered(&format!("{place}.observed.offered"), turns)).transpose()?;
    let missed = each(&format!("{place}.missed"), level.missed, |place, held| {
        let threshold = threshold(place, &held.measure, &held.limit)?;
        Ok(load::Held { threshold, observed: held.observed, of: held.of, held: held.held })
    })?;
    Ok(load::Level {
        rate: level.rate,
        observed: load::TimedCounts { counts, latency, duration_us, offered: turns },
        missed,
        saturation: level.saturation,
    })
}
