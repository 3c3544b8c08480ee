//! What one side of a comparison came to, and how far chance may have moved it.

use super::change::Metric;
use super::statistics::{Draw, length, mean, real, squares};
use crate::counts::LoadCounts;
use crate::histogram::Histogram;
use crate::histogram::bounds_us;
use crate::record::LoadRecord;

/// How often a run is put together anew out of its own blocks.
///
/// Source: ours; it gives a standard error to about 3 %.
const RESAMPLES: usize = 500;

/// In how many blocks a run is seen.
///
/// Source: ours. Seconds that follow each other are alike, so whole blocks of them are drawn: a tenth of the
/// run bridges what lasts for some seconds, and ten are enough to tell how much they differ.
const BLOCKS: usize = 10;

/// Most moments that a run is seen in; a longer one is seen in moments of several seconds each.
///
/// Source: ours, so that a soak of two days takes no more memory than ten minutes.
const MOMENTS_MAX: usize = 600;

/// Most of a moment that is taken to be left in the next one.
///
/// Source: ours. Beyond it a run is one drift, of which no statistics makes several.
const MEMORY_MAX: f64 = 0.9;

/// How far a latency may be off because of its bucket, as a share: see [`Histogram`].
const BUCKET_WIDTH: f64 = 1.0 / 128.0;

/// What was estimated of a metric, on the scale on which differences are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    /// The value itself.
    pub(super) value: f64,
    /// Its standard error; nothing where a run is too short to tell.
    pub(super) error: Option<f64>,
    /// How much the halves of the run differ.
    pub(super) halves: Option<f64>,
}

/// A run, cut into moments, ready to be put together anew.
pub(super) struct Sampled {
    /// The buckets in which there are answers.
    axis: Vec<u32>,
    whole: Block,
    halves: [Block; 2],
    /// One block from each moment on, in a circle.
    blocks: Vec<Block>,
    drawn: usize,
    /// What the variance of drawn runs is to be multiplied by.
    correction: f64,
}

/// Part of a run, with the answers up to each of the latencies that there are in the run.
#[derive(Debug, Clone, Default)]
struct Block {
    duration_us: u64,
    counts: LoadCounts,
    dropped: u64,
    sum_us: f64,
    up_to: Vec<u64>,
}

#[derive(Debug, Clone, Default)]
struct Moment {
    duration_us: u64,
    counts: LoadCounts,
    dropped: u64,
    latency: Histogram,
}

impl Sampled {
    /// Cuts a run; nothing if it has no second.
    pub(super) fn new(record: &LoadRecord) -> Option<Self> {
        let moments = moments(record);
        let mut all = Histogram::default();
        for moment in &moments {
            all.merge(&moment.latency);
        }
        let axis: Vec<u32> = all.buckets().map(|(bucket, _)| bucket).collect();
        let single: Vec<Block> = moments.iter().map(|moment| Block::new(moment, &axis)).collect();
        let count = single.len();
        let size = count.div_ceil(BLOCKS).max(1);
        let block = |from: usize| Block::sum(single.iter().cycle().skip(from).take(size), &axis);
        let half = count / 2;
        let sampled = Self {
            whole: Block::sum(single.iter(), &axis),
            halves: [
                Block::sum(single.iter().take(half), &axis),
                Block::sum(single.iter().skip(count - half), &axis),
            ],
            blocks: (0..count).map(block).collect(),
            drawn: count.div_ceil(size),
            correction: correction(&moments, size),
            axis,
        };
        (count > 0).then_some(sampled)
    }

    /// Returns how many blocks the run has.
    pub(super) fn blocks(&self) -> u64 {
        u64::try_from(self.drawn).unwrap_or(0)
    }

    /// Estimates each metric of the run.
    pub(super) fn estimates(&self, metrics: &[Metric], seed: u64) -> Vec<Option<Estimate>> {
        let mut draw = Draw::new(seed);
        let mut resampled: Vec<Vec<f64>> = vec![Vec::with_capacity(RESAMPLES); metrics.len()];
        for _ in 0..RESAMPLES {
            let drawn: Vec<&Block> = (0..self.drawn)
                .filter_map(|_| self.blocks.get(draw.below(self.blocks.len())))
                .collect();
            for (metric, values) in metrics.iter().zip(&mut resampled) {
                values.extend(value(*metric, &drawn, &self.axis));
            }
        }
        let estimate = |(metric, values): (&Metric, &Vec<f64>)| {
            let of = |block: &Block| value(*metric, &[block], &self.axis);
            let [one, other] = &self.halves;
            Some(Estimate {
                value: of(&self.whole)?,
                error: self.error(values),
                halves: of(one).zip(of(other)).map(|(one, other)| (one - other).abs()),
            })
        };
        metrics.iter().zip(&resampled).map(estimate).collect()
    }

    /// The standard error, from values of runs that were put together anew.
    fn error(&self, values: &[f64]) -> Option<f64> {
        let blocks = self.blocks();
        if blocks < 2 || values.len() < RESAMPLES / 2 {
            return None;
        }
        let variance = squares(values) / real(length(values) - 1);
        Some((variance * self.correction).sqrt())
    }
}

impl Block {
    fn new(moment: &Moment, axis: &[u32]) -> Self {
        let mut buckets = moment.latency.buckets().peekable();
        let mut so_far = 0;
        let up_to = axis.iter().map(|bucket| {
            if let Some((_, count)) = buckets.next_if(|(held, _)| held == bucket) {
                so_far += count;
            }
            so_far
        });
        Self {
            up_to: up_to.collect(),
            duration_us: moment.duration_us,
            counts: moment.counts,
            dropped: moment.dropped,
            sum_us: real(u64::try_from(moment.latency.sum_us()).unwrap_or(u64::MAX)),
        }
    }

    fn sum<'a>(parts: impl Iterator<Item = &'a Self>, axis: &[u32]) -> Self {
        let mut sum = Self { up_to: vec![0; axis.len()], ..Self::default() };
        for part in parts {
            sum.duration_us += part.duration_us;
            sum.counts.add(part.counts);
            sum.dropped += part.dropped;
            sum.sum_us += part.sum_us;
            sum.up_to.iter_mut().zip(&part.up_to).for_each(|(sum, part)| *sum += part);
        }
        sum
    }

    fn answers_timed(&self) -> u64 {
        self.up_to.last().copied().unwrap_or(0)
    }
}

/// What the variance of runs drawn in blocks of so many moments is to be multiplied by.
///
/// Blocks vary around their own mean, which takes one of them away; a longer run varies less; and what
/// lasts for longer than a block is missed, by as much as the memory of the moments says.
fn correction(moments: &[Moment], size: usize) -> f64 {
    let count = length(moments);
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let blocks = count.div_ceil(size);
    if blocks < 2 {
        return 1.0;
    }
    let longer = real(blocks * size) / real(count);
    let memory = memory(moments);
    let in_all = (1.0 + memory) / (1.0 - memory);
    let mut in_blocks = 1.0;
    let mut left = 1.0;
    for distance in 1..size {
        left *= memory;
        in_blocks += 2.0 * (1.0 - real(distance) / real(size)) * left;
    }
    longer * real(blocks) / real(blocks - 1) * in_all / in_blocks
}

/// How much of a moment's median latency is left in the next one, as a correlation of logarithms.
///
/// Source: Marriott and Pope, Bias in the estimation of autocorrelations, Biometrika 1954, for what a short series
/// underestimates.
fn memory(moments: &[Moment]) -> f64 {
    let medians: Vec<f64> = moments
        .iter()
        .filter_map(|moment| moment.latency.quantile_us(500).filter(|us| *us > 0))
        .map(|median_us| real(median_us).ln())
        .collect();
    let (Some(centre), spread) = (mean(&medians), squares(&medians)) else { return 0.0 };
    if spread == 0.0 {
        return 0.0;
    }
    let neighbours = medians.iter().zip(medians.iter().skip(1));
    let together: f64 = neighbours.map(|(a, b)| (a - centre) * (b - centre)).sum();
    let seen = together / spread;
    (seen + (1.0 + 3.0 * seen) / real(length(&medians))).clamp(0.0, MEMORY_MAX)
}

/// The value of a metric in blocks put together: the logarithm of times and rates, a share as it is.
fn value(metric: Metric, blocks: &[&Block], axis: &[u32]) -> Option<f64> {
    let sum = |of: fn(&Block) -> u64| blocks.iter().map(|block| of(block)).sum::<u64>();
    let requests =
        |blocks: &[&Block]| blocks.iter().map(|block| block.counts.requests).sum::<u64>();
    let share = |part: u64, whole: u64| (whole > 0).then(|| real(part) / real(whole));
    match metric {
        Metric::Rate => {
            logarithm(share(sum(|block| block.counts.answers()), sum(|block| block.duration_us)))
        }
        Metric::Mean => {
            let sum_us: f64 = blocks.iter().map(|block| block.sum_us).sum();
            let answers = sum(Block::answers_timed);
            logarithm((answers > 0).then(|| sum_us / real(answers)))
        }
        Metric::P50 => logarithm(quantile_us(500, blocks, axis)),
        Metric::P95 => logarithm(quantile_us(950, blocks, axis)),
        Metric::P99 => logarithm(quantile_us(990, blocks, axis)),
        Metric::Errors => share(sum(|block| block.counts.errors), requests(blocks)),
        Metric::Wrong => share(sum(|block| block.counts.wrong), requests(blocks)),
        Metric::Dropped => {
            let dropped = sum(|block| block.dropped);
            share(dropped, requests(blocks) + dropped)
        }
        Metric::Knee => None,
    }
}

fn logarithm(value: Option<f64>) -> Option<f64> {
    value.filter(|value| *value > 0.0).map(f64::ln)
}

/// A quantile of the answers in all blocks, as if those of a bucket were spread evenly over it.
fn quantile_us(permille: u64, blocks: &[&Block], axis: &[u32]) -> Option<f64> {
    let answers: u64 = blocks.iter().map(|block| block.answers_timed()).sum();
    let rank = (answers * permille).div_ceil(1_000);
    let up_to = |position: usize| -> u64 {
        blocks.iter().map(|block| block.up_to.get(position).copied().unwrap_or(0)).sum()
    };
    let (mut low, mut high) = (0, axis.len());
    while low < high {
        let middle = low.midpoint(high);
        if up_to(middle) < rank { low = middle + 1 } else { high = middle }
    }
    let bucket = *axis.get(low).filter(|_| rank > 0)?;
    let before = low.checked_sub(1).map_or(0, up_to);
    let (bottom_us, top_us) = bounds_us(bucket);
    let within = real(rank - before) / real(up_to(low) - before);
    Some(real(bottom_us) + within * real(top_us - bottom_us))
}

/// Returns how precise a metric can be at all: times are kept in buckets and in whole microseconds.
pub(super) fn resolution(metric: Metric, value: f64) -> f64 {
    match metric {
        Metric::P50 | Metric::P95 | Metric::P99 => {
            let width = BUCKET_WIDTH.max((-value).exp());
            // The standard deviation of something that is anywhere in a bucket.
            width / 12_f64.sqrt()
        }
        Metric::Rate
        | Metric::Mean
        | Metric::Errors
        | Metric::Wrong
        | Metric::Dropped
        | Metric::Knee => 0.0,
    }
}

/// The seconds of a run, several in one where there are many; what is left of a second goes with the last.
fn moments(record: &LoadRecord) -> Vec<Moment> {
    let together = record.series.parts.len().div_ceil(MOMENTS_MAX).max(1);
    let mut left_us = record.duration_us;
    let mut moments: Vec<Moment> = Vec::new();
    let mut chunks = record.series.parts.chunks(together).peekable();
    while let Some(chunk) = chunks.next() {
        let full_us = record.series.parts_us(chunk.len());
        let duration_us = if chunks.peek().is_none() { left_us } else { full_us.min(left_us) };
        left_us -= duration_us;
        let mut moment = Moment { duration_us, ..Moment::default() };
        for second in chunk {
            moment.counts.add(second.counts);
            moment.dropped += second.dropped;
            moment.latency.merge(&second.latency);
        }
        moments.push(moment);
    }
    fold_short(&mut moments);
    moments
}

/// Adds a last moment that is shorter than half of the others to the one before: alone it would weigh as
/// much as a whole one.
fn fold_short(moments: &mut Vec<Moment>) {
    let whole_us = moments.first().map_or(0, |moment| moment.duration_us);
    if moments.len() < 2 {
        return;
    }
    let Some(last) = moments.pop_if(|last| last.duration_us * 2 < whole_us) else { return };
    if let Some(before) = moments.last_mut() {
        before.duration_us += last.duration_us;
        before.counts.add(last.counts);
        before.dropped += last.dropped;
        before.latency.merge(&last.latency);
    }
}
