//! How long changes of IAM take to be acted by, and waiting for them.
//!
//! AWS acts by a change some seconds after it was made. A probe is sent once and never again, so whatever
//! it depends on has to be in effect before: after changes the run waits, and controls, which may be
//! repeated, are asked until they hold. Start at [`Settling::wait_for`].

use std::time::Duration;

use stspec_scenario::{Target, TargetKind};
use stspec_verdict::Observed;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::credentials::Credentials;
use crate::stop::Stop;
use crate::target::connection::Connection;
use crate::wire::text_at;

/// How long is waited after changes on AWS, unless the target file or the command line says
/// otherwise.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-EVENTUAL: a tool of others waits 10 s for
/// a new access key; half as much on top is ours.
pub const SETTLE_ON_AWS: Duration = Duration::from_secs(15);

/// How long after a change it is still waited for, where it should have taken effect already.
///
/// Source: ours; four times what is waited on AWS in any case.
const LATE_MAX: Duration = Duration::from_mins(1);

/// Between the first two questions whether something took effect; each further one takes half as long
/// again.
const ASKED_AGAIN_FIRST: Duration = Duration::from_millis(100);

/// The longest between two of them.
const ASKED_AGAIN_LONGEST: Duration = Duration::from_secs(1);

/// How often somebody who waits looks whether the run was asked to end.
const WAIT_STEP: Duration = Duration::from_millis(200);

/// Tells the person at the terminal something while the run goes on.
pub type Tell = fn(&str);

/// How long a change takes on a target as its file, the command line or its kind says.
fn said(target: &Target) -> Option<Duration> {
    target.settle.or(match target.kind {
        TargetKind::Embedded => Some(Duration::ZERO),
        TargetKind::Aws => Some(SETTLE_ON_AWS),
        TargetKind::Emulator => None,
    })
}

/// How often a target is asked whether it knows so many new access keys, if it knows each at once.
#[must_use]
pub fn recognition_checks(keys: usize, target: &Target) -> usize {
    match said(target) {
        Some(Duration::ZERO) => 0,
        Some(_) => keys,
        // The first one tells how long it takes.
        None => keys.min(1),
    }
}

/// What is known of how long changes of IAM take on a target.
#[derive(Debug)]
pub(crate) struct Settling {
    /// Said by the target file or the command line, or known of the target's kind.
    said: Option<Duration>,
    /// Concluded from the first access key of the run.
    measured: OnceCell<Duration>,
    tell: Tell,
}

impl Settling {
    /// What a target's description says of it.
    pub(crate) fn of(target: &Target, tell: Tell) -> Self {
        Self { said: said(target), measured: OnceCell::new(), tell }
    }

    /// How long is waited after a change.
    pub(crate) fn time(&self) -> Duration {
        self.said.or_else(|| self.measured.get().copied()).unwrap_or_default()
    }

    /// Finds out how long it takes, where nobody said, by the first access key that is made: this one.
    pub(crate) async fn measure(&self, new: &Credentials, connection: &Connection, stop: &Stop) {
        if self.said.is_some() {
            return;
        }
        self.measured.get_or_init(|| self.time_of_key(new, connection, stop)).await;
    }

    async fn time_of_key(
        &self,
        new: &Credentials,
        connection: &Connection,
        stop: &Stop,
    ) -> Duration {
        let made = Instant::now();
        if is_known(new, connection).await {
            return Duration::ZERO;
        }
        (self.tell)("a new access key is not known at once; waiting until it is");
        if !ask_until(made + LATE_MAX, stop, async || is_known(new, connection).await).await {
            let seconds = LATE_MAX.as_secs();
            (self.tell)(&format!("a new access key was still unknown after {seconds} s"));
            return Duration::ZERO;
        }
        // Half as long again: the next change may take a little longer.
        let took = made.elapsed();
        let time = took + took / 2;
        (self.tell)(&format!(
            "a new access key was known after {}; {} are waited after each change of IAM",
            seconds(took),
            seconds(time)
        ));
        time
    }

    /// Waits until changes that were made by this moment are in effect, or somebody asks for the end.
    pub(crate) async fn wait_for(&self, changed: Instant, stop: &Stop) {
        sleep_until(changed + self.time(), stop).await;
    }

    /// Says what the run waits for, if it has to wait.
    pub(crate) fn announce(&self, what: &str) {
        let time = self.time();
        if !time.is_zero() {
            (self.tell)(&format!("waiting {} until {what} is in effect", seconds(time)));
        }
    }

    /// Asks with new credentials until the target knows them, where changes take time.
    pub(crate) async fn until_known(
        &self,
        new: &Credentials,
        changed: Instant,
        connection: &Connection,
        stop: &Stop,
    ) {
        if self.time().is_zero() {
            return;
        }
        let end = changed + LATE_MAX;
        if !ask_until(end, stop, async || is_known(new, connection).await).await {
            let id = &new.access_key_id;
            (self.tell)(&format!("the access key {id} is still unknown"));
        }
    }

    /// Until when a control that depends on a change may be repeated; nothing where changes take effect
    /// at once.
    pub(crate) fn patience_for(&self, changed: Instant) -> Option<Instant> {
        (!self.time().is_zero()).then(|| changed + LATE_MAX)
    }

    /// Says that a control is repeated.
    pub(crate) fn repeating(&self, check: &str) {
        (self.tell)(&format!("{check} does not hold yet; asking again"));
    }
}

/// The pauses between questions whether something took effect, each longer than the one before.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(ASKED_AGAIN_FIRST), |pause| {
        Some(ASKED_AGAIN_LONGEST.min(*pause + *pause / 2))
    })
}

/// Sleeps, but not on when somebody asked for the end.
pub(crate) async fn sleep_until(end: Instant, stop: &Stop) {
    while Instant::now() < end && !stop.is_asked() {
        tokio::time::sleep(WAIT_STEP.min(end - Instant::now())).await;
    }
}

/// Asks, with pauses, until it is so or the time is over; tells which.
async fn ask_until(end: Instant, stop: &Stop, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    for pause in pauses() {
        if is_so().await {
            return true;
        }
        if Instant::now() + pause > end || stop.is_asked() {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    false
}

/// Whether STS knows an access key. Whatever else it says of it, waiting would not change that.
async fn is_known(credentials: &Credentials, connection: &Connection) -> bool {
    match connection.identity_of(credentials).await {
        Observed::Answer(answer) => {
            text_at(&answer, "error.code").as_deref() != Some("InvalidClientTokenId")
        }
        Observed::NoAnswer(_) => true,
    }
}

fn seconds(duration: Duration) -> String {
    format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_become_rarer_and_stay_within_a_second_of_each_other() {
        let first: Vec<u128> = pauses().take(8).map(|pause| pause.as_millis()).collect();
        assert_eq!(first, [100, 150, 225, 337, 506, 759, 1000, 1000]);
    }

    #[tokio::test(start_paused = true)]
    async fn asking_ends_with_yes_or_with_the_time() {
        let (start, stop) = (Instant::now(), Stop::default());
        let ready = start + Duration::from_secs(3);
        let end = start + LATE_MAX;
        assert!(ask_until(end, &stop, async || Instant::now() >= ready).await);
        assert!(start.elapsed() <= Duration::from_secs(4), "{:?}", start.elapsed());
        assert!(!ask_until(end, &stop, async || false).await);
        assert!(start.elapsed() <= LATE_MAX, "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_for_the_end_ends_the_waiting() {
        let (start, stop) = (Instant::now(), Stop::default());
        stop.ask();
        sleep_until(start + LATE_MAX, &stop).await;
        assert!(!ask_until(start + LATE_MAX, &stop, async || false).await);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
