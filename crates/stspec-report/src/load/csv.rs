//! The seconds of a load as comma-separated values, for spreadsheets and plots.

use std::fmt::Write as _;

use stspec_measure::LoadRecord;

/// Renders a line for each second after the warm-up, the first of which is 0; of a load that took long, one for each
/// of its parts, by the second that it begins with.
///
/// Latencies are in microseconds and empty where no answer came.
#[must_use]
pub fn csv(record: &LoadRecord) -> String {
    let mut text = "second,requests,errors,wrong,dropped,p50_us,p95_us,p99_us,max_us\n".to_owned();
    let seconds_each = u64::from(record.series.seconds_each());
    for (number, second) in (0_u64..).zip(&record.series.parts) {
        let quantile = |permille| written(second.latency.quantile_us(permille));
        let (counts, dropped) = (second.counts, second.dropped);
        // Writing to a string never fails.
        let _ = writeln!(
            text,
            "{},{},{},{},{dropped},{},{},{},{}",
            number * seconds_each,
            counts.requests,
            counts.errors,
            counts.wrong,
            quantile(500),
            quantile(950),
            quantile(990),
            written(second.latency.max_us()),
        );
    }
    text
}

fn written(time_us: Option<u64>) -> String {
    time_us.map(|time_us| time_us.to_string()).unwrap_or_default()
}
