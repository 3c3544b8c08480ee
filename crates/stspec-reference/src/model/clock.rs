//! The one place where the server takes the time from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{DateTime, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// Tells the server what time it is; clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
    /// How far somebody moved it, on top of what its source says.
    moved_seconds: Arc<AtomicI64>,
}

#[derive(Debug, Clone)]
enum Source {
    System,
    Offset(SignedDuration),
    /// Milliseconds since the Unix epoch.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The operating system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    /// The operating system's clock, moved by a fixed amount.
    #[must_use]
    pub fn offset(by: SignedDuration) -> Self {
        Self::of(Source::Offset(by))
    }

    /// A clock that stands still at `at` until it is moved by [`Clock::advance`].
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self::of(Source::Manual(Arc::new(AtomicI64::new(at.as_millisecond()))))
    }

    /// Moves a manual clock forwards, or backwards where `by` is negative; other clocks take no orders.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(milliseconds) = &self.source {
            let step = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            milliseconds.fetch_add(step, Ordering::Relaxed);
        }
    }

    /// How far the clock was moved, in seconds.
    pub(crate) fn moved_seconds(&self) -> i64 {
        self.moved_seconds.load(Ordering::Relaxed)
    }

    /// Moves any clock so far from where it would be.
    pub(crate) fn move_by_seconds(&self, seconds: i64) {
        self.moved_seconds.store(seconds, Ordering::Relaxed);
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let moved = SignedDuration::from_secs(self.moved_seconds());
        self.unmoved().saturating_add(moved).unwrap_or(Timestamp::MAX)
    }

    fn of(source: Source) -> Self {
        Self { source, moved_seconds: Arc::default() }
    }

    fn unmoved(&self) -> Timestamp {
        match &self.source {
            Source::System => system_now(),
            Source::Offset(by) => system_now().saturating_add(*by).unwrap_or(Timestamp::MAX),
            Source::Manual(milliseconds) => {
                Timestamp::from_millisecond(milliseconds.load(Ordering::Relaxed))
                    .unwrap_or(Timestamp::MAX)
            }
        }
    }
}

/// A moment as query services print it: whole seconds, UTC, with `Z`.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-EXP-FORMAT.
pub(crate) fn iso_8601(time: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(time);
    let mut text = String::with_capacity("2026-11-21T20:52:28Z".len());
    push_year(&mut text, time);
    for (before, number) in [('-', time.month()), ('-', time.day())] {
        text.push(before);
        push_two(&mut text, number);
    }
    text.push('T');
    push_clock(&mut text, time);
    text.push('Z');
    text
}

/// A moment as the `Date` header has it: `Sat, 21 Nov 2026 20:52:28 GMT`.
///
/// Source: RFC 9110, section 5.6.7.
pub(crate) fn http_date(time: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(time);
    let mut text = String::with_capacity("Sat, 21 Nov 2026 20:52:28 GMT".len());
    text.push_str(day_name(time.weekday()));
    text.push_str(", ");
    push_two(&mut text, time.day());
    text.push_str(month_name(time.month()));
    push_year(&mut text, time);
    text.push(' ');
    push_clock(&mut text, time);
    text.push_str(" GMT");
    text
}

fn push_clock(text: &mut String, time: DateTime) {
    push_two(text, time.hour());
    text.push(':');
    push_two(text, time.minute());
    text.push(':');
    push_two(text, time.second());
}

/// Appends a year in four digits.
pub(crate) fn push_year(text: &mut String, time: DateTime) {
    // Years before 0 don't occur; they would only lose their sign.
    let year = time.year().unsigned_abs();
    for place in [1000, 100, 10, 1] {
        push_digit(text, year / place);
    }
}

/// Appends a number below a hundred; every answer has several, and formatting them costs more than
/// deciding them.
pub(crate) fn push_two(text: &mut String, number: i8) {
    let number = u16::from(number.unsigned_abs());
    push_digit(text, number / 10);
    push_digit(text, number);
}

fn push_digit(text: &mut String, number: u16) {
    text.extend(char::from_digit(u32::from(number % 10), 10));
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

/// The month between the blanks that stand around it.
fn month_name(month: i8) -> &'static str {
    match month {
        1 => " Jan ",
        2 => " Feb ",
        3 => " Mar ",
        4 => " Apr ",
        5 => " May ",
        6 => " Jun ",
        7 => " Jul ",
        8 => " Aug ",
        9 => " Sep ",
        10 => " Oct ",
        11 => " Nov ",
        _ => " Dec ",
    }
}

fn system_now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is where the passed-in time comes from")]
    let now = std::time::SystemTime::now();
    Timestamp::try_from(now).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let shared = clock.clone();
        assert_eq!(shared.now(), Timestamp::UNIX_EPOCH);
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(shared.now().as_second(), 90);
    }

    #[test]
    fn any_clock_can_be_moved_and_put_back() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let shared = clock.clone();
        clock.move_by_seconds(901);
        assert_eq!((shared.now().as_second(), shared.moved_seconds()), (901, 901));
        clock.advance(SignedDuration::from_secs(1));
        clock.move_by_seconds(0);
        assert_eq!(shared.now().as_second(), 1);
    }

    #[test]
    fn an_offset_clock_differs_from_the_system_clock() {
        let ahead = Clock::offset(SignedDuration::from_hours(1)).now();
        let seconds = ahead.as_second() - Clock::system().now().as_second();
        assert!((3599..=3600).contains(&seconds), "{seconds}");
    }

    #[track_caller]
    fn check_spelling(time: Timestamp) {
        assert_eq!(iso_8601(time), time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        assert_eq!(http_date(time), time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    }

    #[test]
    fn moments_are_spelt_as_the_library_spells_them() {
        let step = SignedDuration::from_secs(86_400 * 13 + 3_607);
        let mut time = Timestamp::UNIX_EPOCH;
        for _ in 0..3_000 {
            check_spelling(time);
            time += step;
        }
        check_spelling(Timestamp::MAX);
    }
}
