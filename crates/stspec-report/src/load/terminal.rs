//! The load report for the person at the terminal: what was loaded and how, what came of it, and how far
//! the figures can be trusted.

use std::fmt::Write as _;

use stspec_measure::{
    CallLoad, Caps, GeneratorRecord, Histogram, Level, LoadCounts, LoadRecord, MEASURED_GENERATOR,
    MEASURED_MACHINE, Offered,
};
use stspec_scenario::Word as _;

use super::quantity::{grouped, limit_words, observed_words, shape_words, share, time_or_dash};
use crate::labels::took;
use crate::terminal::Style;
use crate::text::{counted, line};

/// Widest name of a call that keeps its columns aligned, in characters: that of the longest names that the
/// language allows would leave no room for the numbers.
const NAME_CHARS: usize = 20;

/// Width of the column of a threshold's verdict.
const HELD_WIDTH: usize = 6;

/// Renders a record as text that reads the same with and without colour.
#[must_use]
pub fn terminal(record: &LoadRecord, style: Style) -> String {
    let mut text = heading(record);
    text.push_str(&table(record));
    text.push_str(&notes(record));
    text.push_str(&search(record, style));
    text.push_str(&examples(&record.calls));
    text.push_str(&thresholds(record, style));
    text.push_str(&verdict(record, style));
    text
}

fn heading(record: &LoadRecord) -> String {
    let GeneratorRecord { version, .. } = &record.generator;
    let mut text = format!(
        "load {} · profile {} · target {} at {}\n",
        line(&record.run),
        record.profile,
        line(&record.target.name),
        line(&record.target.endpoint),
    );
    // Writing to a string never fails.
    let _ = writeln!(text, "shape    {}", shape_words(&record.shape));
    let _ = writeln!(
        text,
        "sent by  stspec {} over {}, seed {}, {}",
        line(version),
        record.transport.word(),
        record.seed,
        record.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
    );
    for (name, generator) in generators(record) {
        let _ = writeln!(text, "{name:<8} {}", line(&machine_words(generator)));
    }
    text + "\n"
}

/// The generators by their names: the one, or each shard's.
pub(super) fn generators(record: &LoadRecord) -> Vec<(&'static str, &GeneratorRecord)> {
    if record.shards.is_empty() {
        return vec![("machine", &record.generator)];
    }
    record.shards.iter().map(|shard| ("shard", &shard.generator)).collect()
}

/// A machine with what the generator used of it.
pub(super) fn machine_words(generator: &GeneratorRecord) -> String {
    let machine = &generator.machine;
    let cores = usize::try_from(machine.cores).unwrap_or(usize::MAX);
    let mut words = vec![
        machine.processor.clone().unwrap_or_else(|| "unknown processor".to_owned()),
        counted(cores, "core", "cores"),
        format!("{} {}", machine.os, machine.architecture),
    ];
    if let Some(cpu) = generator.cpu {
        let available_us = cpu.wall_us.saturating_mul(u64::from(machine.cores));
        words.push(format!(
            "generator used {} of it",
            whole_percent(cpu.generator_us, available_us)
        ));
        if cpu.reference_us > 0 {
            let reference = whole_percent(cpu.reference_us, available_us);
            words.push(format!("embedded reference {reference}"));
        }
    }
    if let Some(bytes) = generator.memory_bytes_max {
        words.push(format!("{} MB at most", bytes / 1_000_000));
    }
    words.join(", ")
}

fn whole_percent(part: u64, whole: u64) -> String {
    let percent = (u128::from(part) * 100).checked_div(u128::from(whole)).unwrap_or(0);
    format!("{percent} %")
}

/// A line for each call that counts, and one for all.
fn table(record: &LoadRecord) -> String {
    let mut text = row(
        "call",
        &["requests", "errors", "wrong"].map(str::to_owned),
        &["p50", "p90", "p95", "p99", "p99.9", "max"].map(str::to_owned),
    );
    for call in record.calls.iter().filter(|call| !call.prepares) {
        text += &numbers(&line(&call.id), call.counted, &call.latency);
    }
    let totals = record.totals();
    text + &numbers("all", totals.counts, &totals.latency)
}

fn numbers(name: &str, counts: LoadCounts, latency: &Histogram) -> String {
    let counts = [counts.requests, counts.errors, counts.wrong].map(grouped);
    row(name, &counts, &quantiles(latency).map(time_or_dash))
}

/// The quantiles that all tables show, and the longest.
pub(super) fn quantiles(latency: &Histogram) -> [Option<u64>; 6] {
    let [p50, p90, p95, p99, p999] =
        [500, 900, 950, 990, 999].map(|permille| latency.quantile_us(permille));
    [p50, p90, p95, p99, p999, latency.max_us()]
}

fn row(name: &str, counts: &[String; 3], times: &[String; 6]) -> String {
    let [requests, errors, wrong] = counts;
    let times = times.each_ref().map(|time| format!(" {time:>8}")).concat();
    format!("{name:NAME_CHARS$} {requests:>11} {errors:>6} {wrong:>6}{times}\n")
}

/// What else there is to say in numbers: rate, starts, credentials, what does not count.
fn notes(record: &LoadRecord) -> String {
    let mut text = format!("\nrate        {}\n", rate_words(record));
    if let Some(offered) = &record.offered {
        let _ = writeln!(text, "offered     {}", offered_words(offered));
    }
    if record.credentials.seen > 0 {
        let _ = writeln!(text, "credentials {}", credentials_words(record));
    }
    if let Some(words) = uncounted_words(record) {
        let _ = writeln!(text, "apart       {words}");
    }
    text
}

/// Answers per second and the time they took.
pub(super) fn rate_words(record: &LoadRecord) -> String {
    let planned =
        record.requests_planned.map(|turns| format!(" of {} turns planned", grouped(turns.into())));
    format!(
        "{} answers/s for {}{}, {}{}",
        grouped(record.answers_per_second()),
        took(record.duration_us),
        planned.unwrap_or_default(),
        record.ending,
        caps_words(record.caps),
    )
}

/// What the load was not to exceed, as an addition.
fn caps_words(caps: Caps) -> String {
    let rate = caps.rate.map(|rate| format!("{} turns/s", grouped(rate.into())));
    let total = caps.total.map(|total| format!("{} turns", grouped(total)));
    let caps: Vec<String> = rate.into_iter().chain(total).collect();
    if caps.is_empty() { String::new() } else { format!("; at most {}", caps.join(" and ")) }
}

pub(super) fn offered_words(offered: &Offered) -> String {
    let lag = |permille| time_or_dash(offered.lag.quantile_us(permille));
    format!(
        "{} turns, {} dropped ({}), {} waited for a connection; the generator was late by p50 {}, p99 {}, \
         max {}",
        grouped(offered.turns),
        grouped(offered.dropped),
        share(offered.dropped, offered.turns),
        grouped(offered.crowded),
        lag(500),
        lag(990),
        time_or_dash(offered.lag.max_us()),
    )
}

/// How many credentials there were, how many twice, and what may have been missed.
pub(super) fn credentials_words(record: &LoadRecord) -> String {
    let seen = &record.credentials;
    let mut words = format!("{} seen, {} repeated", grouped(seen.seen), grouped(seen.repeated));
    if seen.one_of > 1 {
        let _ = write!(
            words,
            "; 1 of {} remembered, so an equal pair goes unnoticed at {}",
            seen.one_of,
            share(seen.one_of - 1, seen.one_of),
        );
    }
    if !record.shards.is_empty() {
        words += "; whether two shards were handed the same ones is not known";
    }
    words
}

/// The result of warm-up and preparation.
pub(super) fn uncounted_words(record: &LoadRecord) -> Option<String> {
    let uncounted = record.uncounted();
    let prepared: u64 = record.calls.iter().filter(|call| call.prepares).map(sent).sum();
    (uncounted.requests > 0 || record.warm_up_us > 0).then(|| {
        format!(
            "{} requests in a warm-up of {} or to prepare users ({}), {} errors, {} wrong",
            grouped(uncounted.requests),
            took(record.warm_up_us),
            grouped(prepared),
            grouped(uncounted.errors),
            grouped(uncounted.wrong),
        )
    })
}

fn sent(call: &CallLoad) -> u64 {
    call.counted.requests + call.uncounted.requests
}

/// The rates of a search with what they missed, and the knee.
fn search(record: &LoadRecord, style: Style) -> String {
    if record.levels.is_empty() {
        return String::new();
    }
    let row = |[offered, answers, p50, p99, lag, dropped]: [&str; 6], missed: &str| {
        format!("{offered:>9} {answers:>10} {p50:>8} {p99:>8} {lag:>8} {dropped:>8}  {missed}\n")
    };
    let mut text = format!("\n{}", row(LEVEL_COLUMNS, "missed"));
    for level in by_rate(record) {
        let verdict = if level.missed.is_empty() {
            style.verdict(stspec_verdict::Verdict::Pass, 0)
        } else {
            missed_words(level)
        };
        let cells = level_cells(level);
        text += &row(
            cells.each_ref().map(String::as_str),
            &format!("{verdict}{}", limited_words(level)),
        );
    }
    text + &format!("knee      {}\n", knee_words(record))
}

/// What a table of a search's rates shows of each, before what it missed.
pub(super) const LEVEL_COLUMNS: [&str; 6] =
    ["offered/s", "answers/s", "p50", "p99", "lag p99", "dropped"];

/// The rates of a search, the lowest first.
pub(super) fn by_rate(record: &LoadRecord) -> Vec<&Level> {
    let mut levels: Vec<&Level> = record.levels.iter().collect();
    levels.sort_by_key(|level| level.rate);
    levels
}

/// Why a rate says little about the target, as an addition.
pub(super) fn limited_words(level: &Level) -> &'static str {
    let says = |what| level.saturation.as_ref().is_some_and(|says| says.starts_with(what));
    match &level.observed.offered {
        _ if says(MEASURED_GENERATOR) => "; the generator was the limit",
        _ if says(MEASURED_MACHINE) => "; the machine was busy",
        Some(offered) if offered.is_crowded() => "; all connections were busy",
        _ => "",
    }
}

/// One rate of a search in the order of [`LEVEL_COLUMNS`].
pub(super) fn level_cells(level: &Level) -> [String; 6] {
    let observed = &level.observed;
    let of_offered =
        |words: fn(&Offered) -> String| observed.offered.as_ref().map_or("-".into(), words);
    [
        grouped(level.rate.into()),
        grouped(observed.answers_per_second()),
        time_or_dash(observed.latency.quantile_us(500)),
        time_or_dash(observed.latency.quantile_us(990)),
        of_offered(|offered| time_or_dash(offered.lag.quantile_us(990))),
        of_offered(|offered| grouped(offered.dropped)),
    ]
}

/// The thresholds that a rate missed.
pub(super) fn missed_words(level: &Level) -> String {
    let words = level.missed.iter().map(|held| {
        format!(
            "{} {} ({})",
            held.threshold.measure,
            observed_words(held),
            limit_words(held.threshold.limit)
        )
    });
    words.collect::<Vec<String>>().join(", ")
}

/// What a search found.
pub(super) fn knee_words(record: &LoadRecord) -> String {
    let broken = record.levels.iter().filter(|level| !level.missed.is_empty());
    let broken = broken.min_by_key(|level| level.rate);
    match (record.knee(), broken) {
        (Some(knee), Some(broken)) if knee.rate < broken.rate => format!(
            "{}/s keep every threshold, {}/s do not",
            grouped(knee.rate.into()),
            grouped(broken.rate.into())
        ),
        (Some(knee), Some(broken)) => format!(
            "unsteady: {}/s kept every threshold, {}/s did not",
            grouped(knee.rate.into()),
            grouped(broken.rate.into())
        ),
        (Some(knee), None) => {
            format!(
                "not reached: {}/s, the highest rate tried, keep every threshold",
                grouped(knee.rate.into())
            )
        }
        (None, Some(broken)) => {
            format!("below {}/s, the lowest rate tried", grouped(broken.rate.into()))
        }
        (None, None) => "no rate was tried".to_owned(),
    }
}

/// What was wrong with each call that had errors or wrong answers.
fn examples(calls: &[CallLoad]) -> String {
    let mut text = String::new();
    for call in calls {
        let count = |of: fn(&LoadCounts) -> u64| of(&call.counted) + of(&call.uncounted);
        let kinds = [
            (count(|counts| counts.errors), "error", "errors", &call.error_examples),
            (count(|counts| counts.wrong), "wrong answer", "wrong answers", &call.wrong_examples),
        ];
        if kinds.iter().all(|(count, ..)| *count == 0) {
            continue;
        }
        let (id, sent, principal) = (line(&call.id), line(&call.call), line(&call.principal));
        let _ = writeln!(text, "\n{id}: {sent} as {principal} expects {}", line(&call.expected));
        for (count, one, many, examples) in kinds {
            if count > 0 {
                let word = if count == 1 { one } else { many };
                let _ = writeln!(text, "  {} {word}, such as", grouped(count));
            }
            for example in examples {
                let _ = writeln!(text, "    {}", line(example));
            }
        }
    }
    text
}

fn thresholds(record: &LoadRecord, style: Style) -> String {
    let mut text = String::from("\n");
    let first = record.levels.first();
    for held in record.held() {
        let verdict = held_verdict(held.held);
        let word = style.coloured(verdict, held_word(held.held), HELD_WIDTH);
        let (measure, limit) = (held.threshold.measure, limit_words(held.threshold.limit));
        let _ =
            writeln!(text, "{word} {measure:<8} {limit:<18} observed {}", observed_words(&held));
    }
    for threshold in record.deferred() {
        let (measure, limit) = (threshold.measure, limit_words(threshold.limit));
        let _ = writeln!(text, "{:HELD_WIDTH$} {measure:<8} {limit:<18} {DEFERRED}", "later");
    }
    if let Some(first) = first {
        let _ = writeln!(text, "thresholds are held against the first rate, {}/s", first.rate);
    }
    text
}

/// What is said of a threshold that a shard is not held against.
pub(super) const DEFERRED: &str = "of all shards together: `stspec load merge`";

pub(super) fn held_verdict(held: bool) -> stspec_verdict::Verdict {
    if held { stspec_verdict::Verdict::Pass } else { stspec_verdict::Verdict::Fail }
}

pub(super) fn held_word(held: bool) -> &'static str {
    if held { "kept" } else { "missed" }
}

/// The generator, what was left behind, and the verdict.
fn verdict(record: &LoadRecord, style: Style) -> String {
    let mut text = String::from("\n");
    let saturation = record.saturation().unwrap_or_else(|| NOT_SATURATED.to_owned());
    let _ = writeln!(text, "generator: {}", line(&saturation));
    if record.resources.leaked > 0 {
        let _ = writeln!(text, "LEFT BEHIND on the target: {}", record.resources.leaked);
    }
    text + &format!("verdict: {}\n", style.verdict(record.verdict(), 0))
}

/// The label of a generator that was not the limit, as far as processor time and lag show.
pub(super) const NOT_SATURATED: &str = "not the limit, as far as processor time and lag tell";
