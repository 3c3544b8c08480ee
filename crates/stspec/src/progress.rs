//! What a run reports while it lasts, in words for the person at the terminal.

use std::time::Duration;

use stspec_runner::{AwaitedChange, RunEvent, RunObserver};

use crate::output;

/// Prints what a person may have to wait for; everything else that happens is in the report.
pub(crate) struct Terminal;

impl RunObserver for Terminal {
    fn observe(&self, event: &RunEvent) {
        if let Some(line) = line(event) {
            output::note(&line);
        }
    }
}

/// The line for an event; `None` if it needs none.
fn line(event: &RunEvent) -> Option<String> {
    Some(match event {
        RunEvent::Waiting { change, time } => {
            format!("waiting {} until {} is in effect", seconds(*time), named(change))
        }
        RunEvent::KeyNotRecognised => {
            "the target does not recognise a new access key yet; waiting until it does".to_owned()
        }
        RunEvent::SettleTimeMeasured { took, time } => format!(
            "the target recognised a new access key after {}; waiting {} after each change of IAM",
            seconds(*took),
            seconds(*time)
        ),
        RunEvent::KeyStillNotRecognised { access_key_id, waited } => format!(
            "the target still does not recognise the access key {access_key_id} after {}",
            seconds(*waited)
        ),
        RunEvent::ControlRepeated { check } => format!("{check} does not hold yet; trying again"),
        RunEvent::CredentialsNotRefreshed { reason } => {
            format!("the credentials are about to expire and could not be refreshed: {reason}")
        }
        RunEvent::RuleFinished { .. }
        | RunEvent::Throttled { .. }
        | RunEvent::CleaningUp { .. } => return None,
    })
}

fn named(change: &AwaitedChange) -> String {
    match change {
        AwaitedChange::SharedAccounts => "what was created".to_owned(),
        AwaitedChange::UserWithoutPolicies => "a user without policies".to_owned(),
        AwaitedChange::AccountOf { scenario } => format!("the account of {scenario}"),
        AwaitedChange::StepsOf { scenario } => format!("what {scenario} changed"),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100)
}
