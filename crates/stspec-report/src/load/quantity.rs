//! Counts, times and shares as people read them; all numbers are integers until here.

use stspec_measure::Held;
use stspec_scenario::{Limit, LoadShape, Measure, Stage};

/// A count with blanks between groups of three digits.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A time with three digits that mean something, in the unit that suits it.
pub(super) fn time(time_us: u64) -> String {
    match time_us {
        0..1_000 => format!("{time_us} µs"),
        1_000..1_000_000 => format!("{} ms", three_digits(time_us, 1_000)),
        _ => format!("{} s", three_digits(time_us, 1_000_000)),
    }
}

/// A time, or a dash for `None`.
pub(super) fn time_or_dash(time_us: Option<u64>) -> String {
    time_us.map_or_else(|| "-".to_owned(), time)
}

/// A value in a unit of so many, rounded down to three digits; whole from a hundred on.
fn three_digits(value: u64, unit: u64) -> String {
    let whole = value / unit;
    let thousandths = value % unit / (unit / 1_000);
    match whole {
        0..10 => format!("{whole}.{:02}", thousandths / 10),
        10..100 => format!("{whole}.{}", thousandths / 100),
        _ => whole.to_string(),
    }
}

/// A time as profiles write it, as long as it takes: `250ms`, `30s`.
pub(super) fn time_as_written(time_ms: u64) -> String {
    if time_ms.is_multiple_of(1_000) {
        format!("{}s", time_ms / 1_000)
    } else {
        format!("{time_ms}ms")
    }
}

/// Millionths as percent, without zeros at the end: `0.0001 %`, `12.5 %`.
pub(super) fn percent(per_million: u64) -> String {
    let (whole, rest) = (per_million / 10_000, per_million % 10_000);
    if rest == 0 {
        return format!("{whole} %");
    }
    let digits = format!("{rest:04}");
    format!("{whole}.{} %", digits.trim_end_matches('0'))
}

/// A part of a whole in percent, rounded down to a millionth; 0 of nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    let millionths = (u128::from(part) * 1_000_000).checked_div(u128::from(whole));
    percent(millionths.and_then(|share| u64::try_from(share).ok()).unwrap_or(0))
}

/// A limit as profiles write it, with its direction.
pub(super) fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::Count(most) => format!("at most {most}"),
        Limit::PerMillion(most) => format!("at most {}", percent(u64::from(most))),
        Limit::TimeUs(most) => format!("at most {}", time(most)),
        Limit::AtLeast(least) => format!("at least {} /s", grouped(least)),
    }
}

/// What was observed of a threshold, in the unit of its limit.
pub(super) fn observed_words(held: &Held) -> String {
    let Some(observed) = held.observed else { return "no answer".to_owned() };
    match (held.threshold.measure, held.threshold.limit) {
        (Measure::Rate, _) => format!("{} /s", grouped(observed)),
        (_, Limit::TimeUs(_)) => time(observed),
        (_, Limit::PerMillion(_)) => {
            format!("{} of {}, {}", grouped(observed), grouped(held.of), share(observed, held.of))
        }
        _ => grouped(observed),
    }
}

/// A shape in a line: `closed: to 8 users over 10s, hold 30s`.
pub(super) fn shape_words(shape: &LoadShape) -> String {
    let stages = |stages: &[Stage], what: &str| {
        let words: Vec<String> = stages.iter().map(|stage| stage_words(*stage, what)).collect();
        words.join(", then ")
    };
    match shape {
        LoadShape::Users(all) => format!("closed: {}", stages(all, " users")),
        LoadShape::Rate(rate) => format!(
            "open: {}; {} connections, dropped after {}",
            stages(&rate.stages, "/s"),
            rate.open.connections,
            time_as_written(rate.open.give_up_ms)
        ),
        LoadShape::Knee(knee) => format!(
            "open, searching for the knee: {}/s to {}/s, each for {}, halved {} times; {} connections",
            knee.from,
            knee.to,
            time_as_written(knee.hold_ms),
            knee.refine,
            knee.open.connections
        ),
    }
}

fn stage_words(stage: Stage, what: &str) -> String {
    let mut words = format!("{}{what}", stage.to);
    if stage.over_ms > 0 {
        words = format!("to {words} over {}", time_as_written(stage.over_ms));
    }
    if stage.hold_ms > 0 {
        words = format!("{words} for {}", time_as_written(stage.hold_ms));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_in_threes() {
        let shown = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1 000", "1 234 567"]);
    }

    #[test]
    fn times_have_three_digits_and_the_unit_that_suits() {
        let times = [0, 999, 1_000, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 61_500_000];
        let shown = times.map(time);
        let expected = [
            "0 µs", "999 µs", "1.00 ms", "9.99 ms", "10.0 ms", "99.9 ms", "100 ms", "999 ms",
            "1.00 s", "61.5 s",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn shares_are_percent_without_needless_zeros() {
        assert_eq!(share(1, 1_000_000), "0.0001 %");
        assert_eq!(share(1, 8), "12.5 %");
        assert_eq!(share(5, 5), "100 %");
        assert_eq!(share(0, 0), "0 %");
    }
}
