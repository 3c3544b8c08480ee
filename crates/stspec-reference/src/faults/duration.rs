//! Mistakes about how long a session of `GetFederationToken` lasts.

use super::entry::entries;
use crate::sts::constraint::integer;
use crate::sts::error::StsError;
use crate::sts::session::duration::Excess;

/// What a user gets if it asks for no duration, in seconds.
const TWELVE_HOURS: i32 = 43_200;

entries! {
    "bad-integer-code",
        "A DurationSeconds that is no integer is refused with ValidationError instead of MalformedInput.",
        |parts| parts.sts.get_federation_token.duration.read = |text| {
            integer(text).map_err(|_| StsError::validation("DurationSeconds is no integer"))
        };
    "bad-integer-ignored",
        "A DurationSeconds that is no integer is taken for absent.",
        |parts| parts.sts.get_federation_token.duration.read = |text| Ok(integer(text).unwrap_or(None));
    "duration-default-one-hour",
        "A user who asks for no duration gets one hour instead of twelve.",
        |parts| parts.sts.get_federation_token.duration.default = 3_600;
    "duration-ignored",
        "Every session of a user lasts twelve hours, whatever was asked for.",
        |parts| parts.sts.get_federation_token.duration.granted = |_| TWELVE_HOURS;
    "duration-maximum-ignored",
        "Durations above 129600 seconds are accepted.",
        |parts| parts.sts.get_federation_token.duration.seconds = 900..=i32::MAX;
    "duration-maximum-off-by-one",
        "A duration of exactly 129600 seconds is refused.",
        |parts| parts.sts.get_federation_token.duration.seconds = 900..=129_599;
    "duration-minimum-ignored",
        "Durations below 900 seconds are accepted.",
        |parts| parts.sts.get_federation_token.duration.seconds = i32::MIN..=129_600;
    "duration-minimum-off-by-one",
        "A duration of exactly 900 seconds is refused.",
        |parts| parts.sts.get_federation_token.duration.seconds = 901..=129_600;
    "lax-integers-refused",
        "A DurationSeconds with a plus sign or leading zeros is refused.",
        |parts| parts.sts.get_federation_token.duration.read = |text| {
            let unusual =
                |text: &str| text.starts_with('+') || (text.starts_with('0') && text.len() > 1);
            if text.is_some_and(unusual) { Err(StsError::malformed_input(None)) } else { integer(text) }
        };
    "root-default-twelve-hours",
        "Root gets twelve hours where it asks for no duration.",
        |parts| parts.sts.get_federation_token.duration.root.default = TWELVE_HOURS;
    "root-duration-refused",
        "Root is refused more than 3600 seconds instead of getting 3600.",
        |parts| parts.sts.get_federation_token.duration.root.excess = Excess::Refused;
    "root-duration-uncapped",
        "Root gets whatever duration it asks for.",
        |parts| parts.sts.get_federation_token.duration.root.seconds_max = i32::MAX;
}
