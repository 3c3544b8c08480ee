//! `expires_in`: the value is a time so many seconds after the answer's `Date` header.

use jiff::{SignedDuration, Timestamp};

use super::Subject;
use crate::Found;

/// How far an expiry may be from where it is expected.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-EXP-VALUE, recorded on `AssumeRole`: the
/// expiry minus `Date` is the duration or one second less. The other second is for servers that
/// stamp `Date` first, and for expiries with fractions (`RSP-EXP-FORMAT`), because `Date` has none.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(1);

pub(super) fn accepts(seconds: i64, subject: &Subject<'_>) -> bool {
    let expiry = subject.text().and_then(read);
    let (Some(expiry), Some(date)) = (expiry, subject.date) else { return false };
    let late = expiry.duration_since(date).checked_sub(SignedDuration::from_secs(seconds));
    late.is_some_and(|late| late.abs() <= TOLERANCE)
}

pub(super) fn words(seconds: i64) -> String {
    format!("{seconds}s after Date, ±{}s", TOLERANCE.as_secs())
}

pub(super) fn observed(found: &Found<'_>, date: Option<Timestamp>) -> String {
    let Some(text) = found.text() else { return found.words() };
    match (read(text), date) {
        (None, _) => format!("`{text}`, which is no time"),
        (Some(_), None) => format!("`{text}`, in an answer without a readable Date"),
        (Some(expiry), Some(date)) => {
            let seconds = expiry.duration_since(date).as_secs();
            format!("`{text}`, {seconds}s after Date")
        }
    }
}

/// Reads a time: RFC 3339 in XML answers, seconds since 1970 in JSON ones.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| read_epoch(text))
}

/// Reads seconds since 1970, also as `1795294267.0` and `1.795294267E9`.
fn read_epoch(text: &str) -> Option<Timestamp> {
    let seconds: f64 = text.parse().ok()?;
    let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "2026-11-21T20:00:00Z";

    fn date() -> Option<Timestamp> {
        DATE.parse().ok()
    }

    #[track_caller]
    fn check(text: &str, date: Option<Timestamp>, expected: bool) {
        let found = Found::Text(text.into());
        assert_eq!(accepts(900, &Subject { found: Some(&found), date }), expected, "{text}");
    }

    #[track_caller]
    fn check_words(text: &str, date: Option<Timestamp>, expected: &str) {
        assert_eq!(observed(&Found::Text(text.into()), date), expected);
    }

    #[test]
    fn one_second_early_or_late_is_accepted() {
        check("2026-11-21T20:15:00Z", date(), true);
        check("2026-11-21T20:14:59Z", date(), true);
        check("2026-11-21T20:15:01Z", date(), true);
    }

    #[test]
    fn more_than_one_second_is_refused() {
        check("2026-11-21T20:14:58Z", date(), false);
        check("2026-11-21T20:15:02Z", date(), false);
        check("2026-11-21T20:15:01.001Z", date(), false);
        check("2026-11-21T20:14:58.999Z", date(), false);
        check("2027-11-21T20:15:00Z", date(), false);
    }

    #[test]
    fn fractions_and_offsets_are_read() {
        check("2026-11-21T20:15:00.359Z", date(), true);
        check("2026-11-21T21:15:00+01:00", date(), true);
    }

    #[test]
    fn seconds_since_1970_are_read() {
        let epoch = date().expect("a time").as_second() + 900;
        check(&epoch.to_string(), date(), true);
        check(&format!("{epoch}.0"), date(), true);
        check("1.795292100E9", date(), true);
        check(&(epoch + 2).to_string(), date(), false);
    }

    #[test]
    fn without_a_date_nothing_is_accepted() {
        check("2026-11-21T20:15:00Z", None, false);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "soon", "2026-11-21", "NaN", "inf", "1e300", "2026-11-21T20:15:00"] {
            check(text, date(), false);
        }
        assert!(!accepts(900, &Subject { found: None, date: date() }));
    }

    #[test]
    fn extreme_values_do_not_overflow() {
        let found = Found::Text("9999-12-30T00:00:00Z".into());
        assert!(!accepts(i64::MIN, &Subject { found: Some(&found), date: date() }));
        assert!(!accepts(i64::MAX, &Subject { found: Some(&found), date: date() }));
    }

    #[test]
    fn words_say_how_far_off_a_time_is_or_why_that_is_unclear() {
        assert_eq!(words(900), "900s after Date, ±1s");
        check_words("2026-11-21T20:10:00Z", date(), "`2026-11-21T20:10:00Z`, 600s after Date");
        check_words("soon", date(), "`soon`, which is no time");
        check_words(DATE, None, "`2026-11-21T20:00:00Z`, in an answer without a readable Date");
    }
}
