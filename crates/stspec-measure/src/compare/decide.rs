//! From the values of two sides to changes, their intervals, and what decides.

use jiff::Timestamp;
use stspec_scenario::LoadShape;

use super::change::{CallChange, Change, Compared, Metric};
use super::side::{Estimate, Sampled, resolution};
use super::statistics::{
    holm, length, mean, per_million, real, squares, t_of_95_percent, t_within,
};
use crate::call::CallLoad;
use crate::record::LoadRecord;

/// Fewest seconds of a run that say something about chance by themselves.
///
/// Source: ours, so that there are ten blocks of a second at least.
const SECONDS_MIN: usize = 10;

/// Fewest answers beyond a quantile for it to decide anything.
///
/// Source: ours; the relative error of a count of 20 is 22 %, about what a percentile in a long tail allows.
const ANSWERS_BEYOND_MIN: u64 = 20;

/// Fewest rounds a side for neighbours in time to be compared in pairs; with fewer, too little is left to tell
/// how much pairs differ.
///
/// Source: ours; below it Student's t asks for more than four standard errors.
const PAIRS_MIN: usize = 4;

/// The probability below which chance is not to blame for errors where there were none before.
const RARE: f64 = 0.01;

/// The share of a machine that processes with no part in a load may use for a single run a side to decide
/// anything about times, in percent.
///
/// Source: measured 2026-11-22 with 60 to 75 % used by others: of 78 comparisons of the reference with itself 16
/// found a difference, because the others had changed.
pub(super) const OTHERS_PERCENT_MAX: u64 = 20;

/// What is shown of all calls together, and of each but for drops, which are none of a call's.
const OVERALL: [Metric; 8] = [
    Metric::Rate,
    Metric::P50,
    Metric::P95,
    Metric::P99,
    Metric::Mean,
    Metric::Errors,
    Metric::Wrong,
    Metric::Dropped,
];

/// A metric of both sides with the difference between them, on the scale on which differences are taken.
#[derive(Debug, Clone, Copy)]
struct Difference {
    metric: Metric,
    before: Option<f64>,
    after: Option<f64>,
    /// After less before.
    step: Option<f64>,
    /// Its standard error with the degrees of freedom that it is known with.
    error: Option<(f64, u64)>,
    noise: Option<f64>,
}

/// A metric of one side.
#[derive(Debug, Clone, Default)]
struct Side {
    /// One of each round.
    values: Vec<f64>,
    /// Their standard errors.
    errors: Vec<f64>,
    halves: Vec<f64>,
    /// How many blocks all rounds have, each less the one that its mean takes.
    degrees: u64,
}

/// Compares all calls together, and says what decides.
pub(super) fn overall(
    before: &[LoadRecord],
    after: &[LoadRecord],
    tolerance: u32,
    seed: u64,
) -> Vec<Change> {
    let Some(first) = before.first() else { return Vec::new() };
    if first.search().is_some() {
        return knees(before, after, tolerance);
    }
    let sides = [sides(before, seed), sides(after, seed.wrapping_add(1))];
    let paired = interleaved(before, after);
    let [of_before, of_after] = &sides;
    let differences: Vec<Difference> = OVERALL
        .iter()
        .zip(of_before.iter().zip(of_after))
        .map(|(metric, (before, after))| difference(*metric, before, after, paired))
        .filter(|each| each.metric != Metric::Dropped || first.offered.is_some())
        .collect();
    verdicts(&differences, before, after, tolerance)
}

/// Compares each call; with several rounds a side, with intervals.
pub(super) fn calls(before: &[LoadRecord], after: &[LoadRecord]) -> Vec<CallChange> {
    let Some(first) = before.first() else { return Vec::new() };
    let paired = interleaved(before, after);
    let compared = |(position, call): (usize, &CallLoad)| {
        let of_a_call = OVERALL.iter().filter(|metric| **metric != Metric::Dropped);
        let changes = of_a_call.map(|metric| {
            let side = |records: &[LoadRecord]| {
                let values = records.iter().filter_map(|record| {
                    of_call(*metric, record.calls.get(position)?, record.duration_us)
                });
                Side { values: values.collect(), ..Side::default() }
            };
            difference(*metric, &side(before), &side(after), paired).change(None)
        });
        CallChange { id: call.id.clone(), changes: changes.collect() }
    };
    let counted = first.calls.iter().enumerate().filter(|(_, call)| !call.prepares);
    counted.map(compared).collect()
}

/// Compares what searches found; a single one of them tells nothing about chance.
fn knees(before: &[LoadRecord], after: &[LoadRecord], tolerance: u32) -> Vec<Change> {
    let side = |records: &[LoadRecord]| {
        let rates = records.iter().filter_map(|record| Some(f64::from(record.knee()?.rate).ln()));
        Side { values: rates.collect(), ..Side::default() }
    };
    let found = difference(Metric::Knee, &side(before), &side(after), interleaved(before, after));
    verdicts(&[found], before, after, tolerance)
}

/// Every metric of [`OVERALL`] on one side.
fn sides(records: &[LoadRecord], seed: u64) -> Vec<Side> {
    let mut sides = vec![Side::default(); OVERALL.len()];
    for (round, record) in (0..).zip(records) {
        let Some(sampled) = Sampled::new(record) else { continue };
        let estimates = sampled.estimates(&OVERALL, seed.wrapping_add(2 * round));
        for (side, estimate) in sides.iter_mut().zip(estimates) {
            let Some(Estimate { value, error, halves }) = estimate else { continue };
            side.values.push(value);
            side.errors.extend(error);
            side.halves.extend(halves);
            side.degrees += sampled.blocks() - 1;
        }
    }
    sides
}

/// Tells whether the rounds of two sides took turns, so that neighbours share what the machine did.
fn interleaved(before: &[LoadRecord], after: &[LoadRecord]) -> bool {
    if before.len() != after.len() || before.len() < PAIRS_MIN {
        return false;
    }
    let times = |records: &[LoadRecord]| -> Vec<Timestamp> {
        records.iter().map(|record| record.started).collect()
    };
    let pairs: Vec<(Timestamp, Timestamp)> =
        times(before).into_iter().zip(times(after)).map(|(a, b)| (a.min(b), a.max(b))).collect();
    pairs.iter().zip(pairs.iter().skip(1)).all(|((_, end), (begin, _))| end < begin)
}

fn difference(metric: Metric, before: &Side, after: &Side, paired: bool) -> Difference {
    let [mean_before, mean_after] = [mean(&before.values), mean(&after.values)];
    let step = mean_before.zip(mean_after).map(|(before, after)| after - before);
    let within = within(before, after);
    let between = if paired { pairs(before, after) } else { pooled(before, after) };
    let rough = |side: &Side| match mean(&side.values) {
        Some(value) => resolution(metric, value).powi(2) / real(length(&side.values)),
        None => 0.0,
    };
    let error = match (within, between) {
        (Some(within), Some(between)) if within.0 > between.0 => Some(within),
        (within, between) => between.or(within),
    };
    let error = error
        .map(|(variance, degrees)| ((variance + rough(before) + rough(after)).sqrt(), degrees));
    let noise = noise(before, after);
    Difference { metric, before: mean_before, after: mean_after, step, error, noise }
}

/// The variance of a difference, from how much the blocks of each run differ; nothing if a run is too
/// short to tell.
fn within(before: &Side, after: &Side) -> Option<(f64, u64)> {
    let of = |side: &Side| {
        let rounds = length(&side.values);
        let sum: f64 = side.errors.iter().map(|error| error.powi(2)).sum();
        (rounds > 0 && length(&side.errors) == rounds).then(|| sum / real(rounds).powi(2))
    };
    Some((of(before)? + of(after)?, before.degrees + after.degrees))
}

/// The variance of a difference, from how much the rounds of a side differ.
fn pooled(before: &Side, after: &Side) -> Option<(f64, u64)> {
    let (rounds_before, rounds_after) = (length(&before.values), length(&after.values));
    if rounds_before < 2 || rounds_after < 2 {
        return None;
    }
    let degrees = rounds_before + rounds_after - 2;
    let variance = (squares(&before.values) + squares(&after.values)) / real(degrees);
    Some((variance * (1.0 / real(rounds_before) + 1.0 / real(rounds_after)), degrees))
}

/// The variance of a difference, from how much the differences of neighbours differ.
fn pairs(before: &Side, after: &Side) -> Option<(f64, u64)> {
    let rounds = length(&before.values);
    if rounds < 2 || rounds != length(&after.values) {
        return pooled(before, after);
    }
    let differences: Vec<f64> =
        before.values.iter().zip(&after.values).map(|(before, after)| after - before).collect();
    Some((squares(&differences) / real(rounds - 1) / real(rounds), rounds - 1))
}

/// How much a side differs from itself: from round to round, as it bears on the mean of all rounds; or from one
/// half of a single run to the other.
fn noise(before: &Side, after: &Side) -> Option<f64> {
    let steps = |side: &Side| -> Vec<f64> {
        side.values.iter().zip(side.values.iter().skip(1)).map(|(a, b)| (a - b).powi(2)).collect()
    };
    let mut steps_of_both = steps(before);
    steps_of_both.extend(steps(after));
    if let Some(square) = mean(&steps_of_both) {
        let rounds = length(&before.values).min(length(&after.values)).max(1);
        return Some((square / real(rounds)).sqrt());
    }
    before.halves.iter().chain(&after.halves).copied().reduce(f64::max)
}

/// What each metric came to, those that decide together.
fn verdicts(
    differences: &[Difference],
    before: &[LoadRecord],
    after: &[LoadRecord],
    tolerance: u32,
) -> Vec<Change> {
    let tested: Vec<Option<f64>> =
        differences.iter().map(|each| p_value(each, before, after)).collect();
    let p_values: Vec<f64> = tested.iter().copied().flatten().collect();
    let mut rejected = holm(&p_values).into_iter();
    let decide = |(each, p): (&Difference, &Option<f64>)| {
        if !decides(each.metric, before) {
            return each.change(None);
        }
        let rejected = p.and_then(|_| rejected.next());
        if wrong_anew(each, before, after) {
            return each.change(Some(Compared::Worse));
        }
        let Some(rejected) = rejected else {
            let verdict = if is_absent(each) { Compared::Same } else { Compared::TooLittle };
            return each.change(Some(verdict));
        };
        let verdict =
            if rejected && each.matters(tolerance) { each.direction() } else { Compared::Same };
        each.change(Some(verdict))
    };
    differences.iter().zip(&tested).map(decide).collect()
}

/// Tells whether a metric decides: the rate of an open shape is what was asked for, and a mean is the
/// plaything of its largest values.
fn decides(metric: Metric, records: &[LoadRecord]) -> bool {
    let is_closed =
        records.first().is_some_and(|record| matches!(record.shape, LoadShape::Users(_)));
    match metric {
        Metric::Rate => is_closed,
        Metric::Mean => false,
        _ => true,
    }
}

/// Tells whether there is none of it on both sides.
fn is_absent(each: &Difference) -> bool {
    each.metric.is_share() && each.before == Some(0.0) && each.after == Some(0.0)
}

/// Tells whether answers are wrong, in any number, where none was.
fn wrong_anew(each: &Difference, before: &[LoadRecord], after: &[LoadRecord]) -> bool {
    let wrong = |records: &[LoadRecord]| -> u64 {
        let of = |record: &LoadRecord| record.sent().wrong + record.credentials.repeated;
        records.iter().map(of).sum()
    };
    each.metric == Metric::Wrong && wrong(before) == 0 && wrong(after) > 0
}

/// The probability that chance brings about such a difference; nothing where it is not tested.
fn p_value(each: &Difference, before: &[LoadRecord], after: &[LoadRecord]) -> Option<f64> {
    if !decides(each.metric, before) || is_absent(each) {
        return None;
    }
    if each.metric.is_share() && (each.before == Some(0.0) || each.after == Some(0.0)) {
        return Some(p_of_appearing(each, before, after));
    }
    if !is_enough(each.metric, before) || !is_enough(each.metric, after) {
        return None;
    }
    let is_single = before.len() < 2 || after.len() < 2;
    if is_single && !each.metric.is_share() && before.iter().chain(after).any(is_disturbed) {
        return None;
    }
    let ((error, degrees), difference) = each.error.zip(each.step)?;
    if error == 0.0 {
        return Some(if difference == 0.0 { 1.0 } else { 0.0 });
    }
    Some(1.0 - t_within(difference / error, degrees))
}

/// The probability that all events fall on one side by chance, where there are none on the other; 1 unless it is
/// quite small, as errors come in groups.
fn p_of_appearing(each: &Difference, before: &[LoadRecord], after: &[LoadRecord]) -> f64 {
    let requests = |records: &[LoadRecord]| -> u64 {
        records.iter().map(|record| record.totals().counts.requests).sum()
    };
    let [exposed_before, exposed_after] = [requests(before), requests(after)].map(real);
    let (share, exposed) = match (each.before, each.after) {
        (Some(share), _) if share > 0.0 => (share, exposed_before),
        (_, Some(share)) => (share, exposed_after),
        _ => return 1.0,
    };
    let p = (exposed / (exposed_before + exposed_after)).powf(share * exposed);
    if p <= RARE { p } else { 1.0 }
}

/// Tells whether a side has enough seconds or rounds, and enough answers beyond a quantile.
fn is_enough(metric: Metric, records: &[LoadRecord]) -> bool {
    let is_long = records.len() > 1
        || records
            .iter()
            .all(|record| record.series.parts.len() >= SECONDS_MIN && metric != Metric::Knee);
    let answers: u64 = records.iter().map(|record| record.totals().latency.count()).sum();
    let beyond = match metric {
        Metric::P95 => answers / 20,
        Metric::P99 => answers / 100,
        Metric::Knee => ANSWERS_BEYOND_MIN,
        _ => answers / 2,
    };
    is_long && beyond >= ANSWERS_BEYOND_MIN
}

/// Tells whether others used so much of the machine that a single run says little.
pub(super) fn is_disturbed(record: &LoadRecord) -> bool {
    others_percent(record).is_some_and(|percent| percent > OTHERS_PERCENT_MAX)
}

/// The share of the machine that neither generator nor target used, in percent; known only where the target is
/// embedded, because any other may be one of the others.
pub(super) fn others_percent(record: &LoadRecord) -> Option<u64> {
    let cpu = record.generator.cpu.filter(|cpu| cpu.reference_us > 0)?;
    let own_us = cpu.generator_us.saturating_add(cpu.reference_us);
    let others_us = u128::from(cpu.machine_us?.saturating_sub(own_us));
    let available_us = u128::from(cpu.wall_us) * u128::from(record.generator.machine.cores);
    u64::try_from((others_us * 100).checked_div(available_us)?).ok()
}

impl Difference {
    /// Tells whether it is large enough to matter, and larger than what a side differs from itself by.
    fn matters(&self, tolerance: u32) -> bool {
        let Some(difference) = self.step else { return false };
        if self.metric.is_share() {
            return true;
        }
        let relative = difference.exp_m1().abs();
        relative >= f64::from(tolerance) / 1e6 && difference.abs() > self.noise.unwrap_or(0.0)
    }

    fn direction(&self) -> Compared {
        let rises = self.step.is_some_and(|difference| difference > 0.0);
        if rises == self.metric.rises_for_the_better() { Compared::Better } else { Compared::Worse }
    }

    fn change(&self, verdict: Option<Compared>) -> Change {
        let interval = self.step.zip(self.error).map(|(difference, (error, degrees))| {
            let reach = error * t_of_95_percent(degrees);
            (self.scaled(difference - reach), self.scaled(difference + reach))
        });
        Change {
            metric: self.metric,
            before: self.before.and_then(|value| in_unit(self.metric, value)),
            after: self.after.and_then(|value| in_unit(self.metric, value)),
            change: self.step.map(|difference| self.scaled(difference)),
            interval,
            noise: self.noise.map(|noise| self.scaled(noise)),
            verdict,
        }
    }

    /// A difference as millionths: of what was before, or of all.
    fn scaled(&self, difference: f64) -> i64 {
        per_million(if self.metric.is_share() { difference } else { difference.exp_m1() })
    }
}

/// A value in the unit of its metric.
fn in_unit(metric: Metric, value: f64) -> Option<u64> {
    let millionths = match metric {
        // Answers in a microsecond, as thousandths of answers in a second.
        Metric::Rate => value.exp() * 1_000.0,
        Metric::Knee => value.exp() / 1_000.0,
        Metric::P50 | Metric::P95 | Metric::P99 | Metric::Mean => value.exp() / 1e6,
        Metric::Errors | Metric::Wrong | Metric::Dropped => value,
    };
    u64::try_from(per_million(millionths)).ok()
}

/// The value of a metric of one call, on the scale on which differences are taken.
fn of_call(metric: Metric, call: &CallLoad, duration_us: u64) -> Option<f64> {
    let requests = call.counted.requests;
    let share = |part: u64| (requests > 0).then(|| real(part) / real(requests));
    let time =
        |time_us: Option<u64>| time_us.filter(|time_us| *time_us > 0).map(|us| real(us).ln());
    match metric {
        Metric::Rate => {
            let answers = call.counted.answers();
            (answers > 0 && duration_us > 0).then(|| (real(answers) / real(duration_us)).ln())
        }
        Metric::P50 => time(call.latency.quantile_us(500)),
        Metric::P95 => time(call.latency.quantile_us(950)),
        Metric::P99 => time(call.latency.quantile_us(990)),
        Metric::Mean => time(call.latency.mean_us()),
        Metric::Errors => share(call.counted.errors),
        Metric::Wrong => share(call.counted.wrong),
        Metric::Dropped | Metric::Knee => None,
    }
}
