//! How long changes of IAM take to be in effect on a target, and waiting for them.
//!
//! AWS applies a change some seconds after it was made. A probe is sent once and never again, so whatever it
//! depends on must be in effect before: after changes the run waits, and controls, which may be repeated, are
//! sent until they hold. Start at [`Settling::wait_for`].

use std::time::Duration;

use stspec_scenario::{Target, TargetKind};
use stspec_verdict::Observed;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::credentials::Credentials;
use crate::event::{AwaitedChange, Events, RunEvent};
use crate::target::connection::Connection;
use crate::wire::text_at;

/// How long a run waits after changes on AWS, unless the target file or the command line says
/// otherwise.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-EVENTUAL: another tool waits 10 s for a
/// new access key; we add half of that.
pub const SETTLE_ON_AWS: Duration = Duration::from_secs(15);

/// How long after a change the run still waits for it, if it should have taken effect already.
///
/// Source: ours; four times [`SETTLE_ON_AWS`].
const LATE_MAX: Duration = Duration::from_mins(1);

/// The pause between the first two checks whether a change is in effect; each further one is half as long again.
const PAUSE_FIRST: Duration = Duration::from_millis(100);

/// The longest pause between two checks.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How long a change takes on a target, if its file, the command line or its kind says so.
fn configured_time(target: &Target) -> Option<Duration> {
    target.settle.or(match target.kind {
        TargetKind::Embedded => Some(Duration::ZERO),
        TargetKind::Aws => Some(SETTLE_ON_AWS),
        TargetKind::Emulator => None,
    })
}

/// How many GetCallerIdentity requests check that a target recognises so many new access keys, if it recognises
/// each at once.
#[must_use]
pub fn recognition_checks(keys: usize, target: &Target) -> usize {
    match configured_time(target) {
        Some(Duration::ZERO) => 0,
        Some(_) => keys,
        // The first key shows how long it takes.
        None => keys.min(1),
    }
}

/// How long changes of IAM take on a target, as far as that is clear.
#[derive(Debug)]
pub(crate) struct Settling {
    /// `None` if neither the target's file nor the command line nor its kind says.
    configured: Option<Duration>,
    /// Measured with the first access key of the run.
    measured: OnceCell<Duration>,
    events: Events,
}

impl Settling {
    /// Starts with what the target's description says.
    pub(crate) fn of(target: &Target, events: Events) -> Self {
        Self { configured: configured_time(target), measured: OnceCell::new(), events }
    }

    /// How long the run waits after a change.
    pub(crate) fn time(&self) -> Duration {
        self.configured.or_else(|| self.measured.get().copied()).unwrap_or_default()
    }

    /// Measures how long a change takes with the first access key that the run creates, unless that is configured.
    pub(crate) async fn measure(
        &self,
        new: &Credentials,
        connection: &Connection,
        cancelled: &CancellationToken,
    ) {
        if self.configured.is_some() {
            return;
        }
        self.measured.get_or_init(|| self.time_of_key(new, connection, cancelled)).await;
    }

    async fn time_of_key(
        &self,
        new: &Credentials,
        connection: &Connection,
        cancelled: &CancellationToken,
    ) -> Duration {
        let created = Instant::now();
        if recognises(new, connection).await {
            return Duration::ZERO;
        }
        self.events.emit(&RunEvent::KeyNotRecognised);
        let recognised = async || recognises(new, connection).await;
        if !poll_until(created + LATE_MAX, cancelled, recognised).await {
            self.report_unrecognised(new);
            return Duration::ZERO;
        }
        // Half as long again: the next change may take a little longer.
        let took = created.elapsed();
        let time = took + took / 2;
        self.events.emit(&RunEvent::SettleTimeMeasured { took, time });
        time
    }

    /// Waits until changes that were made by this moment are in effect, or the run is cancelled.
    pub(crate) async fn wait_for(&self, changed: Instant, cancelled: &CancellationToken) {
        sleep_until(changed + self.time(), cancelled).await;
    }

    /// Reports what the run waits for, if it has to wait.
    pub(crate) fn announce(&self, change: AwaitedChange) {
        let time = self.time();
        if !time.is_zero() {
            self.events.emit(&RunEvent::Waiting { change, time });
        }
    }

    /// Waits until the target recognises new credentials, if changes take time on it.
    pub(crate) async fn until_recognised(
        &self,
        new: &Credentials,
        changed: Instant,
        connection: &Connection,
        cancelled: &CancellationToken,
    ) {
        if self.time().is_zero() {
            return;
        }
        let recognised = async || recognises(new, connection).await;
        if !poll_until(changed + LATE_MAX, cancelled, recognised).await {
            self.report_unrecognised(new);
        }
    }

    fn report_unrecognised(&self, new: &Credentials) {
        let access_key_id = new.access_key_id.clone();
        self.events.emit(&RunEvent::KeyStillNotRecognised { access_key_id, waited: LATE_MAX });
    }

    /// Until when a control that depends on a change may be repeated; `None` if changes take effect at once.
    pub(crate) fn repeat_until(&self, changed: Instant) -> Option<Instant> {
        (!self.time().is_zero()).then(|| changed + LATE_MAX)
    }

    /// Reports that a control is repeated.
    pub(crate) fn announce_repetition(&self, check: String) {
        self.events.emit(&RunEvent::ControlRepeated { check });
    }
}

/// The pauses between checks whether a change is in effect, each longer than the one before.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(PAUSE_FIRST), |pause| Some(PAUSE_MAX.min(*pause + *pause / 2)))
}

/// Sleeps until then, or until the run is cancelled.
pub(crate) async fn sleep_until(end: Instant, cancelled: &CancellationToken) {
    tokio::select! {
        biased;
        () = cancelled.cancelled() => {}
        () = tokio::time::sleep_until(end) => {}
    }
}

/// Checks, with pauses, until it is so, the time is over, or the run is cancelled; returns whether it is so.
async fn poll_until(
    end: Instant,
    cancelled: &CancellationToken,
    mut is_so: impl AsyncFnMut() -> bool,
) -> bool {
    for pause in pauses() {
        if is_so().await {
            return true;
        }
        if Instant::now() + pause > end || cancelled.is_cancelled() {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    false
}

/// Whether STS recognises an access key. Whatever else it answers, waiting would not change that.
async fn recognises(credentials: &Credentials, connection: &Connection) -> bool {
    match connection.identity_of(credentials).await {
        Observed::Answer(answer) => {
            text_at(&answer, "error.code").as_deref() != Some("InvalidClientTokenId")
        }
        Observed::NoAnswer(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_second() {
        let first: Vec<u128> = pauses().take(8).map(|pause| pause.as_millis()).collect();
        assert_eq!(first, [100, 150, 225, 337, 506, 759, 1000, 1000]);
    }

    #[tokio::test(start_paused = true)]
    async fn polling_ends_with_success_or_with_the_time() {
        let (start, cancelled) = (Instant::now(), CancellationToken::new());
        let ready = start + Duration::from_secs(3);
        let end = start + LATE_MAX;
        assert!(poll_until(end, &cancelled, async || Instant::now() >= ready).await);
        assert!(start.elapsed() <= Duration::from_secs(4), "{:?}", start.elapsed());
        assert!(!poll_until(end, &cancelled, async || false).await);
        assert!(start.elapsed() <= LATE_MAX, "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_ends_the_wait() {
        let (start, cancelled) = (Instant::now(), CancellationToken::new());
        cancelled.cancel();
        sleep_until(start + LATE_MAX, &cancelled).await;
        assert!(!poll_until(start + LATE_MAX, &cancelled, async || false).await);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
