//! How long a session lasts.

use std::ops::RangeInclusive;

use crate::model::caller::SessionOwner;
use crate::sts::constraint::{Violations, integer};
use crate::sts::error::StsError;

/// Longest session of `GetFederationToken` and `GetSessionToken`, in seconds.
///
/// Source: botocore's service model, `durationSecondsType`.
const DURATION_SECONDS_MAX: i32 = 129_600;

/// Shortest session of every operation, in seconds.
///
/// Source: botocore's service model, `durationSecondsType` and `roleDurationSecondsType`.
const DURATION_SECONDS_MIN: i32 = 900;

/// A user's session if the call requests no duration, in seconds.
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

/// A role session if the call requests no duration, in seconds.
///
/// Source: STS API Reference, `AssumeRole`, `DurationSeconds`.
const ROLE_DURATION_SECONDS_DEFAULT: i32 = 3_600;

/// Longest session of a role that is assumed by a role session, in seconds.
///
/// Source: `docs/evidence/get-federation-token.md`, OP-AssumeRole.
const CHAINED_DURATION_SECONDS_MAX: i32 = 3_600;

/// How long a session of a user or of root lasts.
pub(crate) struct DurationRule {
    /// How `DurationSeconds` is read.
    pub(crate) read: fn(Option<&str>) -> Result<Option<i32>, StsError>,
    /// What a call may request.
    pub(crate) seconds: RangeInclusive<i32>,
    /// What a user gets who requests that much.
    pub(crate) granted: fn(i32) -> i32,
    /// What a user gets who requests no duration.
    pub(crate) default: i32,
    /// What root gets.
    pub(crate) root: RootCap,
}

/// How long a session of root lasts.
pub(crate) struct RootCap {
    /// The most that root gets.
    pub(crate) seconds_max: i32,
    /// What root gets if it requests no duration.
    pub(crate) default: i32,
    /// What happens to a call that requests more.
    pub(crate) excess: Excess,
}

/// What happens to a call that requests more than it can get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// The session is cut to what it may last.
    Cut,
    /// The call is refused.
    Refused,
}

impl Default for DurationRule {
    fn default() -> Self {
        Self {
            read: integer,
            seconds: DURATION_SECONDS_MIN..=DURATION_SECONDS_MAX,
            granted: |seconds| seconds,
            default: DURATION_SECONDS_DEFAULT,
            root: RootCap {
                seconds_max: ROOT_DURATION_SECONDS_MAX,
                default: ROOT_DURATION_SECONDS_MAX,
                excess: Excess::Cut,
            },
        }
    }
}

impl DurationRule {
    /// Checks a requested duration against the bounds.
    pub(crate) fn check(
        &self,
        seconds: Option<i32>,
        owner: &SessionOwner,
        violations: &mut Violations<'_>,
    ) {
        let refused = *owner == SessionOwner::Root && self.root.excess == Excess::Refused;
        let maximum = if refused { self.root.seconds_max } else { *self.seconds.end() };
        if let Some(seconds) = seconds {
            let range = *self.seconds.start()..=maximum;
            violations.check_range(seconds, "durationSeconds", &range);
        }
    }

    /// How long the session lasts, in seconds.
    pub(crate) fn seconds(&self, requested: Option<i32>, owner: &SessionOwner) -> i32 {
        match owner {
            SessionOwner::Root => requested
                .map_or(self.root.default, |requested| requested.min(self.root.seconds_max)),
            SessionOwner::User { .. } | SessionOwner::Role { .. } => {
                requested.map_or(self.default, self.granted)
            }
        }
    }
}

/// How long a session of a role lasts.
pub(crate) struct RoleDurationRule {
    /// What a call may request, whatever the role allows.
    pub(crate) seconds: RangeInclusive<i32>,
    /// What a call gets that requests no duration.
    pub(crate) default: i32,
    /// Longest session of a role that a role session assumes.
    pub(crate) chained_seconds_max: i32,
}

impl Default for RoleDurationRule {
    fn default() -> Self {
        Self {
            seconds: DURATION_SECONDS_MIN..=ROLE_DURATION_SECONDS_MAX,
            default: ROLE_DURATION_SECONDS_DEFAULT,
            chained_seconds_max: CHAINED_DURATION_SECONDS_MAX,
        }
    }
}

/// Whether the caller of `AssumeRole` has the session of a role itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chained {
    /// It has.
    Yes,
    /// It has long-term keys, or a user's session.
    No,
}

impl RoleDurationRule {
    /// Checks a requested duration against the bounds.
    pub(crate) fn check(&self, seconds: Option<i32>, violations: &mut Violations<'_>) {
        if let Some(seconds) = seconds {
            violations.check_range(seconds, "durationSeconds", &self.seconds);
        }
    }

    /// How long the session lasts, in seconds: more than the role allows is refused, not cut.
    ///
    /// Both texts are widely quoted and not in `docs/evidence/get-federation-token.md`.
    pub(crate) fn seconds(
        &self,
        requested: Option<i32>,
        role_seconds_max: u32,
        chained: Chained,
    ) -> Result<i32, StsError> {
        let seconds = requested.unwrap_or(self.default);
        if chained == Chained::Yes && seconds > self.chained_seconds_max {
            return Err(StsError::validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                 by role chaining",
            ));
        }
        if i64::from(seconds) > i64::from(role_seconds_max) {
            return Err(StsError::validation(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        Ok(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::caller::UserName;
    use crate::sts::constraint::ViolationRules;

    fn user() -> SessionOwner {
        SessionOwner::User { name: UserName("u".to_owned()), id: "AIDA".to_owned() }
    }

    #[track_caller]
    fn check_granted(owner: &SessionOwner, requested: Option<i32>, expected: i32) {
        assert_eq!(DurationRule::default().seconds(requested, owner), expected);
    }

    #[track_caller]
    fn check_accepted(rule: &DurationRule, owner: &SessionOwner, seconds: i32, expected: bool) {
        let rules = ViolationRules::default();
        let mut violations = Violations::new(&rules);
        rule.check(Some(seconds), owner, &mut violations);
        assert_eq!(violations.into_result().is_ok(), expected, "{seconds}");
    }

    #[test]
    fn a_user_gets_the_requested_duration_or_twelve_hours() {
        check_granted(&user(), Some(900), 900);
        check_granted(&user(), Some(129_600), 129_600);
        check_granted(&user(), None, 43_200);
    }

    #[test]
    fn root_gets_an_hour_at_most() {
        check_granted(&SessionOwner::Root, None, 3_600);
        check_granted(&SessionOwner::Root, Some(900), 900);
        check_granted(&SessionOwner::Root, Some(3_601), 3_600);
        check_granted(&SessionOwner::Root, Some(129_600), 3_600);
    }

    #[test]
    fn the_bounds_are_inclusive() {
        for (seconds, accepted) in [(899, false), (900, true), (129_600, true), (129_601, false)] {
            check_accepted(&DurationRule::default(), &user(), seconds, accepted);
            check_accepted(&DurationRule::default(), &SessionOwner::Root, seconds, accepted);
        }
    }

    #[test]
    fn excess_that_is_refused_is_root_s_alone() {
        let mut rule = DurationRule::default();
        rule.root.excess = Excess::Refused;
        check_accepted(&rule, &SessionOwner::Root, 3_601, false);
        check_accepted(&rule, &SessionOwner::Root, 3_600, true);
        check_accepted(&rule, &user(), 3_601, true);
    }
}
