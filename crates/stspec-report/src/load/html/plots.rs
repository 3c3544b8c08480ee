//! The plots of a load report.

use maud::{Markup, html};
use stspec_measure::{Histogram, Level, LoadCounts, LoadRecord};
use stspec_scenario::{Limit, Measure};

use crate::load::plot::{Axis, Line, Mark, Plot, draw, log, real};
use crate::load::quantity::{grouped, time};
use crate::load::terminal::{by_rate, missed_words};

/// Most points of a line over time; a longer run has several seconds in one.
const POINTS_MAX: usize = 360;

/// How long a part of a second has to be for it to be drawn.
///
/// Source: ours.
const MOMENT_US_MIN: u64 = 500_000;

/// The permille at which distributions are drawn: closer where tails begin.
const PERMILLES: [u16; 21] = [
    1, 100, 200, 300, 400, 500, 600, 700, 750, 800, 850, 900, 925, 950, 970, 980, 990, 993, 995,
    998, 999,
];

/// The position of the maximum beside the quantiles: a little beyond three nines.
const NINES_OF_MAX: f64 = 3.4;

/// Some seconds of a run together.
struct Moment {
    /// When it ended, in seconds.
    at: f64,
    duration_us: u64,
    counts: LoadCounts,
    dropped: u64,
    latency: Histogram,
}

/// Draws the plots for which a record has data.
pub(super) fn plots(record: &LoadRecord) -> Markup {
    let moments = moments(record);
    let mut plots = Vec::new();
    if !record.levels.is_empty() {
        plots.push(knee(record));
    }
    if moments.len() > 1 {
        plots.push(latency_over_time(&moments));
        plots.push(rate_over_time(&moments));
    }
    if record.totals().latency.count() > 0 {
        plots.push(distribution(record));
    }
    if let Some(offered) = record.offered.as_ref().filter(|offered| offered.lag.count() > 0) {
        let line = quantile_line("lag", &offered.lag);
        plots.push(over_nines("how late the generator was", vec![line], &[&offered.lag]));
    }
    if plots.is_empty() {
        return Markup::default();
    }
    html! {
        div.plots { @for plot in &plots { (draw(plot)) } }
        "\n"
    }
}

fn moments(record: &LoadRecord) -> Vec<Moment> {
    let together = record.series.parts.len().div_ceil(POINTS_MAX).max(1);
    let mut so_far_us: u64 = 0;
    let moment = |chunk: &[stspec_measure::Second]| {
        let full_us = record.series.parts_us(chunk.len());
        let left_us = record.duration_us.saturating_sub(so_far_us);
        let mut moment = Moment {
            at: 0.0,
            duration_us: full_us.min(left_us),
            counts: LoadCounts::default(),
            dropped: 0,
            latency: Histogram::default(),
        };
        so_far_us += moment.duration_us;
        moment.at = real(so_far_us / 1_000) / 1_000.0;
        for second in chunk {
            moment.counts.add(second.counts);
            moment.dropped += second.dropped;
            moment.latency.merge(&second.latency);
        }
        moment
    };
    let mut moments: Vec<Moment> = record.series.parts.chunks(together).map(moment).collect();
    // A rest of a second says little, about rates least of all.
    moments.retain(|moment| moment.duration_us >= MOMENT_US_MIN);
    moments
}

fn seconds_axis(moments: &[Moment]) -> Axis {
    let total_us: u64 = moments.iter().map(|moment| moment.duration_us).sum();
    Axis::linear_up_to(total_us.div_ceil(1_000_000), |second| format!("{second} s"))
}

fn latency_over_time(moments: &[Moment]) -> Plot {
    let quantile = |permille: u16, name: &str| {
        let point = |moment: &Moment| {
            let latency_us = moment.latency.quantile_us(permille)?;
            Some((moment.at, real(latency_us)))
        };
        Line {
            name: name.to_owned(),
            points: moments.iter().map(point).collect(),
            notes: Vec::new(),
        }
    };
    let most = moments.iter().filter_map(|moment| moment.latency.quantile_us(990)).max();
    Plot {
        title: "latency over time".to_owned(),
        across: seconds_axis(moments),
        up: Axis::linear(most.unwrap_or(0), time),
        lines: vec![quantile(500, "p50"), quantile(950, "p95"), quantile(990, "p99")],
        marks: Vec::new(),
    }
}

fn rate_over_time(moments: &[Moment]) -> Plot {
    type Of = fn(&Moment) -> u64;
    let per_second = |of: Of, moment: &Moment| {
        let rate = (u128::from(of(moment)) * 1_000_000).checked_div(moment.duration_us.into());
        rate.and_then(|rate| u64::try_from(rate).ok())
    };
    let answers: Of = |moment| moment.counts.answers();
    let kinds: [(&str, Of); 4] = [
        ("answers/s", answers),
        ("dropped/s", |moment| moment.dropped),
        ("errors/s", |moment| moment.counts.errors),
        ("wrong/s", |moment| moment.counts.wrong),
    ];
    let line = |(_, (name, of)): (usize, (&str, Of))| Line {
        name: name.to_owned(),
        points: moments
            .iter()
            .map(|moment| Some((moment.at, real(per_second(of, moment)?))))
            .collect(),
        notes: Vec::new(),
    };
    // What never happened has no line, answers apart.
    let shown = |(number, (_, of)): &(usize, (&str, Of))| {
        *number == 0 || moments.iter().any(|moment| of(moment) > 0)
    };
    let most = moments
        .iter()
        .flat_map(|moment| kinds.map(|(_, of)| per_second(of, moment).unwrap_or(0)))
        .max();
    Plot {
        title: "answers over time".to_owned(),
        across: seconds_axis(moments),
        up: Axis::linear(most.unwrap_or(0), grouped),
        lines: kinds.into_iter().enumerate().filter(shown).map(line).collect(),
        marks: Vec::new(),
    }
}

fn distribution(record: &LoadRecord) -> Plot {
    let totals = record.totals();
    let counted: Vec<_> =
        record.calls.iter().filter(|call| !call.prepares && call.latency.count() > 0).collect();
    let mut lines = vec![quantile_line("all", &totals.latency)];
    if counted.len() > 1 {
        lines.extend(counted.iter().map(|call| quantile_line(&call.id, &call.latency)));
    }
    let histograms: Vec<&Histogram> = counted.iter().map(|call| &call.latency).collect();
    over_nines("latency by percentile", lines, &histograms)
}

/// Quantiles over how few are beyond: one step to the right for each nine.
fn over_nines(title: &str, lines: Vec<Line>, histograms: &[&Histogram]) -> Plot {
    let least = histograms.iter().filter_map(|held| held.quantile_us(1)).min().unwrap_or(1);
    let most = histograms.iter().filter_map(|held| held.max_us()).max().unwrap_or(1);
    let ticks = [
        (0.0, "0"),
        (nines(500), "p50"),
        (1.0, "p90"),
        (nines(950), "p95"),
        (2.0, "p99"),
        (3.0, "p99.9"),
        (NINES_OF_MAX, "max"),
    ];
    Plot {
        title: title.to_owned(),
        across: Axis::of(0.0, NINES_OF_MAX, ticks.map(|(at, label)| (at, label.to_owned())).into()),
        up: Axis::logarithmic(least, most, time),
        lines,
        marks: Vec::new(),
    }
}

fn quantile_line(name: &str, histogram: &Histogram) -> Line {
    let quantile =
        |permille: &u16| Some((nines(*permille), log(histogram.quantile_us(*permille)?)));
    let longest = histogram.max_us().map(|max_us| (NINES_OF_MAX, log(max_us)));
    let points = PERMILLES.iter().map(quantile).chain([longest]).collect();
    Line { name: name.to_owned(), points, notes: Vec::new() }
}

/// How many nines a quantile has: 1 for 90 %, 2 for 99 %.
fn nines(permille: u16) -> f64 {
    3.0 - f64::from(1_000 - permille).log10()
}

/// The latencies of a search over its rates, with the knee and what breaks there.
fn knee(record: &LoadRecord) -> Plot {
    let levels = by_rate(record);
    let quantile = |permille: u16, name: &str| Line {
        name: name.to_owned(),
        points: levels
            .iter()
            .map(|level| {
                let latency_us = level.observed.latency.quantile_us(permille)?;
                Some((f64::from(level.rate), log(latency_us)))
            })
            .collect(),
        notes: levels.iter().map(|level| note(level)).collect(),
    };
    let latencies = || levels.iter().map(|level| &level.observed.latency);
    let least = latencies().filter_map(|latency| latency.quantile_us(500)).min().unwrap_or(1);
    let most = latencies().filter_map(|latency| latency.quantile_us(990)).max().unwrap_or(1);
    let highest = levels.iter().map(|level| u64::from(level.rate)).max().unwrap_or(0);
    let limit = record.thresholds.iter().find_map(|threshold| match threshold.limit {
        Limit::TimeUs(limit_us) if threshold.measure == Measure::P99 => Some(limit_us),
        _ => None,
    });
    let mut lines = vec![quantile(500, "p50"), quantile(990, "p99")];
    if let Some(limit_us) = limit {
        let points = [0, highest].map(|rate| Some((real(rate), log(limit_us)))).into();
        lines.push(Line { name: "limit of p99".to_owned(), points, notes: Vec::new() });
    }
    let marks = record.knee().map(|level| {
        let rate = u64::from(level.rate);
        Mark { at: real(rate), label: format!("knee {}/s", grouped(rate)) }
    });
    Plot {
        title: "latency by offered rate".to_owned(),
        across: Axis::linear_up_to(highest, |rate| format!("{}/s", grouped(rate))),
        up: Axis::logarithmic(least, most.max(limit.unwrap_or(1)), time),
        lines,
        marks: marks.into_iter().collect(),
    }
}

/// The result of a rate.
fn note(level: &Level) -> String {
    let rate = grouped(level.rate.into());
    if level.missed.is_empty() {
        format!("{rate}/s: every threshold kept")
    } else {
        format!("{rate}/s: {}", missed_words(level))
    }
}
