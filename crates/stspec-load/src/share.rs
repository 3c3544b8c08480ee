//! A load that several generators make together: whether it can be shared, and starting at the same time.

use std::time::Duration;

use jiff::Timestamp;
use stspec_measure::Share;
use stspec_runner::Clock;
use stspec_scenario::{LoadShape, Profile};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::error::{EngineError, LoadError};

/// Longest time before its start that a load is prepared and waits.
///
/// Source: ours; long enough to start a thousand pods by hand.
pub const START_WAIT_MAX: Duration = Duration::from_mins(15);

/// How often the clock is looked at while waiting for the start, as clocks are set meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Whether every share of a profile's load has something to do.
pub(crate) fn check_share(profile: &Profile, share: Share) -> Result<(), LoadError> {
    if share == Share::WHOLE {
        return Ok(());
    }
    let refused = |reason: String| LoadError::NotShared { profile: profile.name.clone(), reason };
    if matches!(profile.shape, LoadShape::Knee(_)) {
        return Err(refused(
            "a search decides by what one generator saw; share a profile of a `rate` instead"
                .to_owned(),
        ));
    }
    let too_few = |what: &str, have: u32| {
        refused(format!("it has {have} {what}, fewer than {} shards; use fewer", share.of()))
    };
    let what = if matches!(profile.shape, LoadShape::Users(_)) { "users" } else { "connections" };
    if profile.shape.users() < share.of() {
        return Err(too_few(what, profile.shape.users()));
    }
    match profile.requests {
        Some(requests) if requests < share.of() => Err(too_few("requests", requests)),
        _ => Ok(()),
    }
}

/// Whether a start lies ahead, and not too far.
pub(crate) fn check_start(start_at: Option<Timestamp>, clock: Clock) -> Result<(), LoadError> {
    let Some(start_at) = start_at else { return Ok(()) };
    let now = clock.timestamp();
    let Some(left) = left(start_at, now) else {
        return Err(LoadError::StartPassed { start_at, now });
    };
    if left > START_WAIT_MAX { Err(LoadError::StartFarOff { start_at, now }) } else { Ok(()) }
}

/// Waits for the start; false if the run was cancelled before.
pub(crate) async fn wait_for_start(
    start_at: Option<Timestamp>,
    clock: Clock,
    cancel: &CancellationToken,
) -> Result<bool, EngineError> {
    let Some(start_at) = start_at else { return Ok(true) };
    let prepared = clock.timestamp();
    if left(start_at, prepared).is_none() {
        return Err(EngineError::StartPassed { start_at, prepared });
    }
    let waiting = async {
        while let Some(left) = left(start_at, clock.timestamp()) {
            sleep(left.min(LOOK_EVERY)).await;
        }
    };
    tokio::select! {
        () = waiting => Ok(true),
        () = cancel.cancelled() => Ok(false),
    }
}

/// How long it is until then; nothing if it is past.
fn left(start_at: Timestamp, now: Timestamp) -> Option<Duration> {
    Duration::try_from(start_at.duration_since(now)).ok().filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use stspec_scenario::{Library, ReadContext};

    use super::*;

    /// Checks what is said about sharing a profile of these lines.
    #[track_caller]
    fn check(lines: &str, share: &str, expected: Result<(), &str>) {
        let profile = format!(
            "profile: p\nsays: It shares.\naccount: nobody\n{lines}\ncalls:\n  - {{id: a, call: \
             sts.GetCallerIdentity, as: anonymous, expect: {{status: 403}}}}\n"
        );
        let files = [
            ("profiles/p.yaml".to_owned(), profile),
            ("accounts/nobody.yaml".to_owned(), "account: nobody\nsays: Empty.\n".to_owned()),
        ];
        let (library, diagnostics) = Library::load(files, &ReadContext::default());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let checked = check_share(&library.profiles()[0], share.parse().unwrap());
        let checked = checked.map_err(|error| error.to_string());
        let expected = expected.map_err(|reason| format!("profile `p` can't be shared: {reason}"));
        assert_eq!(checked, expected, "{lines}");
    }

    #[test]
    fn every_shard_needs_a_user_a_connection_and_a_request() {
        let users = "shape: {users: [{to: 1, hold: 1s}, {to: 3, hold: 1s}]}";
        check(users, "2/3", Ok(()));
        check(users, "0/4", Err("it has 3 users, fewer than 4 shards; use fewer"));
        check("shape: {users: [{to: 9}]}\nrequests: 4", "1/4", Ok(()));
        let few = Err("it has 4 requests, fewer than 5 shards; use fewer");
        check("shape: {users: [{to: 9}]}\nrequests: 4", "1/5", few);
    }

    #[test]
    fn a_whole_load_is_never_refused() {
        check("shape: {users: [{to: 1}]}\nrequests: 1", "0/1", Ok(()));
    }

    fn noon() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(12)
    }

    #[test]
    fn a_start_lies_ahead_and_not_too_far() {
        let check = |text: &str| {
            let start_at = text.parse().expect("a timestamp");
            check_start(Some(start_at), Clock::reading(noon)).map_err(|error| error.to_string())
        };
        assert_eq!(check("1970-01-01T12:00:00.001Z"), Ok(()));
        assert_eq!(check("1970-01-01T12:15:00Z"), Ok(()));
        let passed = check("1970-01-01T12:00:00Z").expect_err("it is now");
        assert!(passed.contains("has passed"), "{passed}");
        let far = check("1970-01-01T12:15:01Z").expect_err("it is far off");
        assert!(far.contains("at most 15 minutes ahead"), "{far}");
    }

    #[tokio::test]
    async fn an_account_that_took_too_long_misses_the_start() {
        let start_at = "1970-01-01T11:59:59Z".parse().ok();
        let cancel = CancellationToken::new();
        let late = wait_for_start(start_at, Clock::reading(noon), &cancel).await;
        let late = late.expect_err("it is past").to_string();
        assert!(late.contains("choose a later `--start-at`"), "{late}");
    }

    #[tokio::test]
    async fn waiting_for_the_start_can_be_ended() {
        let start_at = "1970-01-01T12:00:01Z".parse().ok();
        let cancel = CancellationToken::new();
        cancel.cancel();
        let waited = wait_for_start(start_at, Clock::reading(noon), &cancel).await;
        assert!(matches!(waited, Ok(false)));
    }
}
