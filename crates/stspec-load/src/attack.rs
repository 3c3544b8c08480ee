//! The middle of a run: the calls of a profile, each with the tally of its answers.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stspec_runner::{ReadyCall, Stand};
use stspec_scenario::Profile;
use stspec_verdict::{describe, judge};
use tokio::time::Instant;

use crate::budget::{Budget, RUN_SECONDS_MAX};
use crate::engine::{Part, drive};
use crate::error::AttackError;
use crate::observation::{CallLoad, LoadObservation};

/// Sends a profile's requests from a stand until all were sent, `stop` resolves or time is up.
pub(crate) async fn attack(
    stand: &Arc<Stand>,
    profile: &Profile,
    stop: impl Future<Output = ()>,
) -> Result<LoadObservation, AttackError> {
    let calls = ready_calls(stand, profile)?;
    let deadline = Instant::now() + Duration::from_secs(RUN_SECONDS_MAX);
    let field = Arc::new(Field {
        stand: Arc::clone(stand),
        budget: Budget::new(profile.requests, deadline),
        span: Mutex::default(),
    });
    let parts: Vec<Part> = calls.iter().map(|call| part(&field, call)).collect();
    let mut driving = pin!(drive(stand.endpoint(), profile.users, &parts));
    tokio::select! {
        driven = &mut driving => driven?,
        () = stop => {
            field.budget.close();
            driving.await?;
        }
    }
    Ok(LoadObservation {
        profile: profile.name.clone(),
        endpoint: stand.endpoint().to_owned(),
        users: profile.users,
        requests_planned: profile.requests,
        ending: field.budget.ending(),
        duration_us: field.duration_us(),
        calls: calls.iter().map(|call| lock(&call.load).clone()).collect(),
    })
}

/// What all users share.
struct Field {
    stand: Arc<Stand>,
    budget: Budget,
    /// From the start of the first request to the end of the last answer so far.
    span: Mutex<Option<(Instant, Instant)>>,
}

/// A call with what came of it so far.
struct CallUnderLoad {
    ready: ReadyCall,
    load: Mutex<CallLoad>,
}

fn ready_calls(stand: &Stand, profile: &Profile) -> Result<Vec<Arc<CallUnderLoad>>, AttackError> {
    let ready = profile.calls.iter().map(|load_call| {
        let ready = stand.ready(load_call)?;
        let load = CallLoad {
            call: load_call.call.to_string(),
            principal: load_call.principal.to_string(),
            expected: describe(&ready.outcomes),
            ..CallLoad::default()
        };
        let weight = load_call.weight;
        Ok(Arc::new(CallUnderLoad { ready, load: Mutex::new(CallLoad { weight, ..load }) }))
    });
    ready.collect()
}

fn part(field: &Arc<Field>, call: &Arc<CallUnderLoad>) -> Part {
    let weight = lock(&call.load).weight;
    let (field, call) = (Arc::clone(field), Arc::clone(call));
    Part {
        weight,
        turn: Arc::new(move || {
            let (field, call) = (Arc::clone(&field), Arc::clone(&call));
            Box::pin(async move { field.take_turn(&call).await })
        }),
    }
}

impl Field {
    /// Sends one request, if any is left to send, and tallies its answer.
    async fn take_turn(&self, call: &CallUnderLoad) -> ControlFlow<()> {
        if !self.budget.take() {
            return ControlFlow::Break(());
        }
        let started = Instant::now();
        let observed = self.stand.send(&call.ready).await;
        self.extend_span(started, Instant::now());
        let judgement = judge(&call.ready.outcomes, &observed);
        lock(&call.load)
            .record(&observed, &judgement, |answer, text| self.stand.redact(answer, text));
        ControlFlow::Continue(())
    }

    fn extend_span(&self, started: Instant, ended: Instant) {
        let mut span = lock(&self.span);
        let (first, last) = span.unwrap_or((started, ended));
        *span = Some((first.min(started), last.max(ended)));
    }

    fn duration_us(&self) -> u64 {
        let span = lock(&self.span).map_or(Duration::ZERO, |(first, last)| last - first);
        u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
