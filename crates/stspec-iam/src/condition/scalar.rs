//! Numbers, instants and booleans as conditions write them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// A decimal number, compared exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
// INVARIANT: the number times ten to the power of `FRACTION_DIGITS_MAX`.
pub(super) struct Decimal(i128);

/// Digits after the decimal point; numbers with more can't be read.
///
/// Ours: it leaves 20 digits before the point, and AWS documents no limit.
const FRACTION_DIGITS_MAX: usize = 18;

/// Reads an integer or decimal number without exponent.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if whole.is_empty() || fraction.is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let padding = std::iter::repeat_n('0', FRACTION_DIGITS_MAX.saturating_sub(fraction.len()));
    let scaled = whole.chars().chain(fraction.chars()).chain(padding).try_fold(
        0_i128,
        |number, digit| {
            let digit = digit.to_digit(10)?;
            number.checked_mul(10)?.checked_add(digit.into())
        },
    )?;
    Some(Decimal(if negative { scaled.checked_neg()? } else { scaled }))
}

/// Reads an instant as seconds since 1970, or as a date with or without a time of day in the W3C
/// profile of ISO 8601. A date alone is its first instant in UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    if text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    if text.contains(['T', 't', ' ']) {
        return text.parse().ok();
    }
    let date: Date = match text.len() {
        7 => format!("{text}-01").parse().ok()?,
        _ => text.parse().ok()?,
    };
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Reads `true` or `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_order(smaller: &str, larger: &str) {
        let (smaller, larger) = (decimal(smaller), decimal(larger));
        assert!(smaller.is_some() && larger.is_some());
        assert!(smaller < larger, "{smaller:?} < {larger:?}");
    }

    #[test]
    fn decimals_are_compared_exactly() {
        check_order("9007199254740992", "9007199254740993");
        check_order("0.1", "0.10000000000000001");
        check_order("-2", "-1.5");
        check_order("9", "10");
        assert_eq!(decimal("1.50"), decimal("+1.5"));
        assert_eq!(decimal("-0"), decimal("0"));
    }

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["", "-", ".", "1.", ".5", "1e3", "NaN", "inf", " 1", "1,5", "٣"] {
            assert_eq!(decimal(text), None, "{text}");
        }
        assert_eq!(decimal(&"9".repeat(40)), None);
        assert_eq!(decimal("0.0000000000000000001"), None);
    }

    #[test]
    fn an_instant_has_several_spellings() {
        let expected = instant("2013-06-30T00:00:00Z");
        assert!(expected.is_some());
        for text in ["1372550400", "2013-06-30", "2013-06-30T00:00Z", "2013-06-30T02:00:00+02:00"] {
            assert_eq!(instant(text), expected, "{text}");
        }
        assert_eq!(instant("2013-06"), instant("2013-06-01"));
        for text in ["", "-", "tomorrow", "2013-13-01", "2013-06-30T00:00:00", "99999999999999999"]
        {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
