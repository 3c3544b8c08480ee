//! The values of options, read from what was typed.

use std::time::Duration;

use stspec_scenario::ACCOUNT_ID_DIGITS;

/// The twelve digits of an account.
// INVARIANT: twelve digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountId(String);

impl std::str::FromStr for AccountId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits =
            text.len() == ACCOUNT_ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let bare = text.replace('-', "");
        if !digits && bare.len() == ACCOUNT_ID_DIGITS {
            return Err(format!("an account id has no dashes; write {bare}"));
        }
        let account = digits.then(|| Self(text.to_owned()));
        account.ok_or_else(|| format!("`{text}` is no account id of {ACCOUNT_ID_DIGITS} digits"))
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How far a clock is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset(pub jiff::SignedDuration);

impl std::str::FromStr for Offset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = if text.ends_with(|last: char| last.is_ascii_digit()) { "s" } else { "" };
        format!("{text}{unit}").parse().map(Self).map_err(|_| {
            format!("`{text}` is no duration; write seconds, or one such as +1h, 90m or -30s")
        })
    }
}

/// Longest wait that can be asked for.
///
/// Source: ours. What takes an hour to take effect can't be told from what never does, and the
/// sessions of rules live for 15 minutes.
const WAIT_MAX: Duration = Duration::from_hours(1);

/// How long to wait: seconds, or a duration such as `500ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl std::str::FromStr for Wait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wait = text.parse::<Offset>().ok().and_then(|wait| Duration::try_from(wait.0).ok());
        wait.filter(|wait| *wait <= WAIT_MAX).map(Self).ok_or_else(|| {
            format!("`{text}` is no duration up to 1h; write one such as 3s or 500ms")
        })
    }
}

/// `any`, or a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shuffle {
    /// The seed of generated cases, or one that is made up.
    Any,
    /// This seed.
    Seed(u64),
}

impl std::str::FromStr for Shuffle {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "any" { Ok(Self::Any) } else { text.parse().map(Self::Seed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_offset(text: &str, seconds: Option<i64>) {
        let offset = text.parse::<Offset>().ok();
        assert_eq!(offset.map(|offset| offset.0.as_secs()), seconds, "{text}");
    }

    #[test]
    fn a_wait_is_an_offset_that_is_no_step_back() {
        let wait = |text: &str| text.parse::<Wait>().ok().map(|wait| wait.0);
        assert_eq!(wait("3s"), Some(Duration::from_secs(3)));
        assert_eq!(wait("3"), Some(Duration::from_secs(3)));
        assert_eq!(wait("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(wait("0s"), Some(Duration::ZERO));
        assert_eq!(wait("1h"), Some(WAIT_MAX));
        for text in ["-1s", "3601s", "soon", ""] {
            assert_eq!(wait(text), None, "{text}");
        }
    }

    #[test]
    fn an_offset_is_seconds_or_a_duration_of_either_sign() {
        check_offset("3600", Some(3600));
        check_offset("-90", Some(-90));
        check_offset("+90", Some(90));
        check_offset("+1h", Some(3600));
        check_offset("1h30m", Some(5400));
        check_offset("-30s", Some(-30));
        check_offset("soon", None);
        check_offset("", None);
        check_offset("99999999999999999999", None);
    }
}
