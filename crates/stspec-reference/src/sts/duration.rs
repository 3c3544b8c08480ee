//! How long a session lasts.

use super::constraint::{Violations, integer};
use super::error::StsError;
use crate::caller::Issuer;
use crate::fault::{Fault, Faults};

/// Shortest session, in seconds.
///
/// Source: botocore's service model, `durationSecondsType`.
const DURATION_SECONDS_MIN: i32 = 900;

/// Longest session, in seconds.
///
/// Source: botocore's service model, `durationSecondsType`.
const DURATION_SECONDS_MAX: i32 = 129_600;

/// A user's session where nothing was asked for, in seconds.
///
/// Source: STS API Reference, `GetFederationToken` and `GetSessionToken`, `DurationSeconds`.
const DURATION_SECONDS_DEFAULT: i32 = 43_200;

/// Root's longest session and its default, in seconds.
///
/// Source: STS API Reference, `GetFederationToken`, `DurationSeconds`.
const ROOT_DURATION_SECONDS_MAX: i32 = 3_600;

/// Longest role session that any role allows, in seconds.
///
/// Source: botocore's service model, `roleDurationSecondsType`.
const ROLE_DURATION_SECONDS_MAX: i32 = 43_200;

/// A role session where nothing was asked for, in seconds.
///
/// Source: STS API Reference, `AssumeRole`, `DurationSeconds`.
const ROLE_DURATION_SECONDS_DEFAULT: i32 = 3_600;

/// Longest session of a role that is assumed by a role session, in seconds.
///
/// Source: `facts/sts.md`, section 1, `AssumeRole`.
const CHAINED_DURATION_SECONDS_MAX: i32 = 3_600;

/// Checks what was asked for against the bounds of the shape.
pub(super) fn check(seconds: Option<i32>, violations: &mut Violations<'_>) {
    if let Some(seconds) = seconds {
        let (minimum, maximum) = (DURATION_SECONDS_MIN, DURATION_SECONDS_MAX);
        violations.check_range(seconds, "durationSeconds", minimum, maximum);
    }
}

/// Checks what `AssumeRole` was asked for against the bounds of its shape.
pub(super) fn check_role(seconds: Option<i32>, violations: &mut Violations<'_>) {
    if let Some(seconds) = seconds {
        let (minimum, maximum) = (DURATION_SECONDS_MIN, ROLE_DURATION_SECONDS_MAX);
        violations.check_range(seconds, "durationSeconds", minimum, maximum);
    }
}

/// How long a role session lasts: more than the role allows is refused rather than cut.
///
/// Both texts are widely quoted and not in `facts/sts.md`.
pub(super) fn granted_role(
    seconds: Option<i32>,
    role_seconds_max: u32,
    chained: Chained,
) -> Result<i32, StsError> {
    let seconds = seconds.unwrap_or(ROLE_DURATION_SECONDS_DEFAULT);
    if chained == Chained::Yes && seconds > CHAINED_DURATION_SECONDS_MAX {
        return Err(StsError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    if i64::from(seconds) > i64::from(role_seconds_max) {
        return Err(StsError::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

/// Whether the caller of `AssumeRole` has the session of a role itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chained {
    /// It has.
    Yes,
    /// It has long-term keys, or a user's session.
    No,
}

/// Reads what `GetFederationToken` was asked for, with the mistakes that it may make.
pub(super) fn read_federated(text: Option<&str>, faults: &Faults) -> Result<Option<i32>, StsError> {
    let unusual = |text: &str| text.starts_with('+') || (text.starts_with('0') && text.len() > 1);
    if text.is_some_and(unusual) && faults.has(Fault::LaxIntegersRefused) {
        return Err(StsError::malformed_input(None));
    }
    match integer(text) {
        Err(_) if faults.has(Fault::BadIntegerIgnored) => Ok(None),
        Err(_) if faults.has(Fault::BadIntegerCode) => {
            Err(StsError::validation("DurationSeconds is no integer"))
        }
        read => read,
    }
}

/// Checks what `GetFederationToken` was asked for, with the mistakes that it may make.
pub(super) fn check_federated(
    seconds: Option<i32>,
    issuer: &Issuer,
    faults: &Faults,
    violations: &mut Violations<'_>,
) {
    let minimum = match () {
        () if faults.has(Fault::DurationMinimumIgnored) => i32::MIN,
        () if faults.has(Fault::DurationMinimumOffByOne) => DURATION_SECONDS_MIN + 1,
        () => DURATION_SECONDS_MIN,
    };
    let maximum = match () {
        () if faults.has(Fault::RootDurationRefused) && *issuer == Issuer::Root => {
            ROOT_DURATION_SECONDS_MAX
        }
        () if faults.has(Fault::DurationMaximumIgnored) => i32::MAX,
        () if faults.has(Fault::DurationMaximumOffByOne) => DURATION_SECONDS_MAX - 1,
        () => DURATION_SECONDS_MAX,
    };
    if let Some(seconds) = seconds {
        violations.check_range(seconds, "durationSeconds", minimum, maximum);
    }
}

/// How long the session lasts: root gets at most an hour, and more is cut rather than refused.
pub(super) fn granted(seconds: Option<i32>, issuer: &Issuer) -> i32 {
    match issuer {
        Issuer::Root => seconds
            .map_or(ROOT_DURATION_SECONDS_MAX, |seconds| seconds.min(ROOT_DURATION_SECONDS_MAX)),
        Issuer::User { .. } | Issuer::Role { .. } => seconds.unwrap_or(DURATION_SECONDS_DEFAULT),
    }
}

/// How long a federated session lasts, with the mistakes that `GetFederationToken` may make.
pub(super) fn granted_federated(seconds: Option<i32>, issuer: &Issuer, faults: &Faults) -> i32 {
    match (issuer, seconds) {
        (Issuer::Root, Some(seconds)) if faults.has(Fault::RootDurationUncapped) => seconds,
        (Issuer::Root, None) if faults.has(Fault::RootDefaultTwelveHours) => {
            DURATION_SECONDS_DEFAULT
        }
        (Issuer::User { .. }, Some(_)) if faults.has(Fault::DurationIgnored) => {
            DURATION_SECONDS_DEFAULT
        }
        (Issuer::User { .. }, None) if faults.has(Fault::DurationDefaultOneHour) => 3_600,
        _ => granted(seconds, issuer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::UserName;

    fn user() -> Issuer {
        Issuer::User { name: UserName("u".to_owned()), id: "AIDA".to_owned() }
    }

    #[track_caller]
    fn check_granted(fault: Option<Fault>, issuer: &Issuer, seconds: Option<i32>, expected: i32) {
        let faults = Faults::from_iter(fault);
        assert_eq!(granted_federated(seconds, issuer, &faults), expected);
    }

    #[track_caller]
    fn check_accepted(fault: Option<Fault>, issuer: &Issuer, seconds: i32, expected: bool) {
        let faults = Faults::from_iter(fault);
        let mut violations = Violations::new(&faults);
        check_federated(Some(seconds), issuer, &faults, &mut violations);
        assert_eq!(violations.into_result().is_ok(), expected, "{seconds}");
    }

    #[test]
    fn a_user_gets_what_it_asks_for_and_twelve_hours_otherwise() {
        check_granted(None, &user(), Some(900), 900);
        check_granted(None, &user(), Some(129_600), 129_600);
        check_granted(None, &user(), None, 43_200);
    }

    #[test]
    fn root_gets_an_hour_at_most() {
        check_granted(None, &Issuer::Root, None, 3_600);
        check_granted(None, &Issuer::Root, Some(900), 900);
        check_granted(None, &Issuer::Root, Some(3_601), 3_600);
        check_granted(None, &Issuer::Root, Some(129_600), 3_600);
    }

    #[test]
    fn the_bounds_are_inclusive() {
        for (seconds, accepted) in [(899, false), (900, true), (129_600, true), (129_601, false)] {
            check_accepted(None, &user(), seconds, accepted);
            check_accepted(None, &Issuer::Root, seconds, accepted);
        }
    }

    #[test]
    fn each_fault_moves_its_own_bound() {
        check_accepted(Some(Fault::DurationMinimumIgnored), &user(), 0, true);
        check_accepted(Some(Fault::DurationMinimumIgnored), &user(), 129_601, false);
        check_accepted(Some(Fault::DurationMinimumOffByOne), &user(), 900, false);
        check_accepted(Some(Fault::DurationMinimumOffByOne), &user(), 901, true);
        check_accepted(Some(Fault::DurationMaximumIgnored), &user(), 129_601, true);
        check_accepted(Some(Fault::DurationMaximumOffByOne), &user(), 129_600, false);
        check_accepted(Some(Fault::DurationMaximumOffByOne), &user(), 129_599, true);
        check_accepted(Some(Fault::RootDurationRefused), &Issuer::Root, 3_601, false);
        check_accepted(Some(Fault::RootDurationRefused), &Issuer::Root, 3_600, true);
        check_accepted(Some(Fault::RootDurationRefused), &user(), 3_601, true);
    }

    #[test]
    fn each_fault_changes_its_own_grant() {
        check_granted(Some(Fault::RootDurationUncapped), &Issuer::Root, Some(7_200), 7_200);
        check_granted(Some(Fault::RootDefaultTwelveHours), &Issuer::Root, None, 43_200);
        check_granted(Some(Fault::RootDefaultTwelveHours), &Issuer::Root, Some(7_200), 3_600);
        check_granted(Some(Fault::DurationIgnored), &user(), Some(900), 43_200);
        check_granted(Some(Fault::DurationDefaultOneHour), &user(), None, 3_600);
        check_granted(Some(Fault::DurationDefaultOneHour), &user(), Some(900), 900);
    }
}
