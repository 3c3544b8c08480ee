//! A load for Prometheus, in its text format, while it runs or when it is done.

use std::fmt::{Display, Write as _};

use stspec_measure::{Histogram, LoadCounts, LoadRecord};
use stspec_scenario::Word as _;

use crate::labels::seconds;

/// The first bound of a histogram is below two to this power of microseconds.
const BOUND_BITS_MIN: u32 = 8;

/// The last but one: below 2²⁵ µs, 33 s, which no caller of STS waits for.
const BOUND_BITS_MAX: u32 = 25;

/// What families of metrics begin with.
const PREFIX: &str = "stspec_load";

/// Renders a record in the text format of Prometheus, version 0.0.4.
///
/// Counters hold everything that was sent; those of the warm-up and of preparing have `phase="apart"`. Buckets end
/// where those of a [`Histogram`] end, one microsecond below a power of two or one and a half times one, so
/// that their counts are exact.
#[must_use]
pub fn prometheus(record: &LoadRecord) -> String {
    let mut text = String::new();
    about(&mut text, record);
    counters(&mut text, record);
    head(&mut text, "latency_seconds", "histogram", "Time to the end of an answer's body.");
    for call in &record.calls {
        histogram(&mut text, "latency_seconds", &[("call", &call.id)], &call.latency);
    }
    if let Some(offered) = &record.offered {
        single(
            &mut text,
            "turns_total",
            "counter",
            "Turns that were to be started.",
            offered.turns,
        );
        let help = "Turns that could not be started in time.";
        single(&mut text, "dropped_total", "counter", help, offered.dropped);
        let help = "How late the generator was with starts for which a user was free.";
        head(&mut text, "lag_seconds", "histogram", help);
        histogram(&mut text, "lag_seconds", &[], &offered.lag);
    }
    let credentials = &record.credentials;
    let help = "Credentials that were looked at.";
    single(&mut text, "credentials_total", "counter", help, credentials.seen);
    let help = "Credentials that had been handed out before.";
    single(&mut text, "credentials_repeated_total", "counter", help, credentials.repeated);
    text
}

fn about(text: &mut String, record: &LoadRecord) {
    head(text, "info", "gauge", "Which load this is.");
    let labels = [
        ("run", record.run.as_str()),
        ("profile", record.profile.as_str()),
        ("target", record.target.name.as_str()),
        ("transport", record.transport.word()),
        ("version", record.generator.version.as_str()),
    ];
    sample(text, "info", &labels, 1);
    let help = "For how long answers have counted.";
    single(text, "duration_seconds", "gauge", help, seconds(record.duration_us));
    if let Some(cpu) = record.generator.cpu {
        let help = "Processor time of the generator.";
        single(text, "generator_cpu_seconds_total", "counter", help, seconds(cpu.generator_us));
    }
}

fn counters(text: &mut String, record: &LoadRecord) {
    type Of = fn(&LoadCounts) -> u64;
    let families: [(&str, &str, Of); 3] = [
        ("requests_total", "Requests that were sent.", |counts| counts.requests),
        ("errors_total", "Requests that got no answer.", |counts| counts.errors),
        ("wrong_total", "Answers that were not as expected.", |counts| counts.wrong),
    ];
    for (name, help, of) in families {
        head(text, name, "counter", help);
        for call in &record.calls {
            for (phase, counts) in [("counted", &call.counted), ("apart", &call.uncounted)] {
                sample(text, name, &[("call", &call.id), ("phase", phase)], of(counts));
            }
        }
    }
}

fn single(text: &mut String, name: &str, kind: &str, help: &str, value: impl Display) {
    head(text, name, kind, help);
    sample(text, name, &[], value);
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string never fails.
    let _ = writeln!(text, "# HELP {PREFIX}_{name} {help}\n# TYPE {PREFIX}_{name} {kind}");
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    let labels: Vec<String> =
        labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escape(value))).collect();
    let labels =
        if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(text, "{PREFIX}_{name}{labels} {value}");
}

fn histogram(text: &mut String, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
    let bucket = format!("{name}_bucket");
    let bounds = (BOUND_BITS_MIN..=BOUND_BITS_MAX)
        .flat_map(|bits| [(1_u64 << bits) - 1, (1_u64 << bits) + (1 << bits >> 1) - 1]);
    for bound_us in bounds {
        let bound = seconds(bound_us);
        let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("le", &*bound)]).collect();
        sample(text, &bucket, &labels, histogram.count_up_to(bound_us));
    }
    let labels_of_all: Vec<(&str, &str)> = labels.iter().copied().chain([("le", "+Inf")]).collect();
    sample(text, &bucket, &labels_of_all, histogram.count());
    let sum_us = u64::try_from(histogram.sum_us()).unwrap_or(u64::MAX);
    sample(text, &format!("{name}_sum"), labels, seconds(sum_us));
    sample(text, &format!("{name}_count"), labels, histogram.count());
}

/// A label's value, in which backslash, quote and line end are written with a backslash.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
