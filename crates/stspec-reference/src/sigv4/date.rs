//! The two date formats of a signed request.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::Offset;

use crate::model::clock::{push_two, push_year};

/// ISO 8601 basic format as signatures use it: `20261121T093000Z`.
pub(super) fn basic(time: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(time);
    let mut text = String::with_capacity("20261121T093000Z".len());
    push_day(&mut text, time);
    text.push('T');
    for number in [time.hour(), time.minute(), time.second()] {
        push_two(&mut text, number);
    }
    text.push('Z');
    text
}

/// The day alone, as a credential scope names it: `20261121`.
pub(super) fn day(time: Timestamp) -> String {
    let mut text = String::with_capacity("20261121".len());
    push_day(&mut text, Offset::UTC.to_datetime(time));
    text
}

/// Reads `20261121T093000Z`; any other spelling is `None`.
pub(super) fn parse_basic(text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let (day, clock) = digits.split_once('T')?;
    if day.len() != 8 || clock.len() != 6 {
        return None;
    }
    let datetime = DateTime::new(
        number(day.get(..4)?)?,
        i8::try_from(number(day.get(4..6)?)?).ok()?,
        i8::try_from(number(day.get(6..)?)?).ok()?,
        i8::try_from(number(clock.get(..2)?)?).ok()?,
        i8::try_from(number(clock.get(2..4)?)?).ok()?,
        i8::try_from(number(clock.get(4..)?)?).ok()?,
        0,
    );
    Offset::UTC.to_timestamp(datetime.ok()?).ok()
}

/// Reads a `Date` header: an HTTP date, or the basic format, which some signers put there.
pub(super) fn parse_date_header(text: &str) -> Option<Timestamp> {
    // A wrong weekday changes nothing about the moment that is meant.
    const HTTP_DATE: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    parse_basic(text).or_else(|| HTTP_DATE.parse_timestamp(text).ok())
}

fn push_day(text: &mut String, time: DateTime) {
    push_year(text, time);
    push_two(text, time.month());
    push_two(text, time.day());
}

/// Digits only: `parse` alone would let a sign through.
fn number(text: &str) -> Option<i16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let time = parse_basic(text);
        assert_eq!(time.map(|time| time.to_string()).as_deref(), expected, "{text}");
        if let Some(time) = time {
            assert_eq!(basic(time), text);
            assert_eq!(day(time), text[..8]);
        }
    }

    #[test]
    fn the_basic_format_is_read_and_written() {
        check("20261121T093007Z", Some("2026-11-21T09:30:07Z"));
        check("20240229T235959Z", Some("2024-02-29T23:59:59Z"));
    }

    #[test]
    fn other_spellings_are_refused() {
        check("2026-11-21T09:30:07Z", None);
        check("20261121T093007", None);
        check("20261121T0930Z", None);
        check("20230229T000000Z", None);
        check("20261121T240000Z", None);
        check("+0261121T093007Z", None);
        check("20261121T09+007Z", None);
        check("2026112éT09307Z", None);
        check("", None);
    }

    #[test]
    fn a_date_header_may_be_an_http_date_with_a_wrong_weekday() {
        let expected = parse_basic("20110909T233600Z");
        assert_eq!(parse_date_header("Fri, 09 Sep 2011 23:36:00 GMT"), expected);
        assert_eq!(parse_date_header("Mon, 09 Sep 2011 23:36:00 GMT"), expected);
        assert_eq!(parse_date_header("20110909T233600Z"), expected);
        assert_eq!(parse_date_header("yesterday"), None);
    }
}
