//! A virtual user: iterates over its own connections, and judges every answer.

use std::future::pending;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use stspec_runner::{self as runner, Credentials, Delivery, LoadClient, RawReply, Secret};
use stspec_scenario::Path;
use stspec_verdict::{Deviation, Issued, Judgement, Observation, Observed, QuickVerdict, judge};
use tokio::time::{Instant, sleep};

use crate::engine::{Report, Reports};
use crate::judged_call::JudgedCall;
use crate::recorder::{Outcome, Sample};
use crate::round::RoundState;

/// How long before it expires a session of the preparation is refreshed.
const RENEWAL: Duration = Duration::from_mins(1);

/// How long a user whose preparation failed waits before it tries again.
///
/// Source: ours; long enough to spare a target in trouble.
const PREPARING_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A virtual user.
pub(crate) struct User {
    state: Arc<RoundState>,
    number: usize,
    client: LoadClient,
    prepared: Option<Prepared>,
    /// What the engine counts by itself, if its own view is enabled.
    reports: Vec<Report>,
}

/// When the prepared sessions expire; `None` if they do not.
struct Prepared {
    until: Option<Instant>,
}

impl User {
    pub(crate) fn new(state: &Arc<RoundState>) -> Self {
        let client = state.target.load_client(&state.calls);
        let number = state.next_user();
        Self { state: Arc::clone(state), number, client, prepared: None, reports: Vec::new() }
    }

    /// Makes one iteration as soon as one may start; `Break` means that none will.
    pub(crate) async fn iterate(&mut self) -> ControlFlow<()> {
        let state = Arc::clone(&self.state);
        // Before preparing: a user that is not active costs nothing.
        let _guard = match &state.commanded {
            None => None,
            Some(users) => match users.started(self.number, &state.budget).await {
                None => return ControlFlow::Break(()),
                guard => guard,
            },
        };
        if !self.prepare().await {
            return self.wait_to_prepare_again().await;
        }
        let start = match &state.starts {
            None if state.closed.started(self.number, &state.budget).await => None,
            None => return ControlFlow::Break(()),
            Some(starts) => {
                let dropped = |offer, now| state.recorder.dropped(offer, now);
                match starts.next(dropped).await {
                    None => return ControlFlow::Break(()),
                    start => start,
                }
            }
        };
        let Some(permit) = self.permit_to_begin().await else { return ControlFlow::Continue(()) };
        if !state.budget.take() {
            return ControlFlow::Break(());
        }
        if let Some(start) = start {
            state.recorder.started(self.number, start);
        }
        self.send_all(&state.mix.next(), permit, start.map(|start| start.offer.intended)).await;
        ControlFlow::Continue(())
    }

    /// Sends the calls of an iteration while their answers are as expected; the first was to be sent at `intended`.
    async fn send_all(
        &mut self,
        numbers: &[usize],
        permit: runner::SendPermit,
        mut intended: Option<Instant>,
    ) {
        let mut permit = Some(permit);
        for number in numbers {
            let permit = match permit.take() {
                None => self.permit_to_go_on().await,
                first => first,
            };
            let Some(permit) = permit else { return self.state.budget.break_off() };
            self.client.forget_session(*number);
            if self.call(permit, *number, intended.take()).await.is_none() {
                return;
            }
        }
    }

    /// Waits until an iteration may begin, if iterations or requests are limited; `None` if the budget is spent
    /// meanwhile, or this user is not active any more.
    async fn permit_to_begin(&self) -> Option<runner::SendPermit> {
        let budget = &self.state.budget;
        let permit = async {
            budget.pace().await;
            self.client.send_permit().await
        };
        let dismissed = async {
            match &self.state.commanded {
                Some(users) => users.dismissed(self.number).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            permit = permit => Some(permit),
            () = budget.over() => None,
            () = dismissed => None,
        }
    }

    /// Waits until the next request of an iteration may be sent; `None` if the round has ended meanwhile.
    async fn permit_to_go_on(&self) -> Option<runner::SendPermit> {
        tokio::select! {
            biased;
            permit = self.client.send_permit() => Some(permit),
            () = self.state.budget.ended() => None,
        }
    }

    /// Issues the sessions of the preparation, unless they are still valid; false if that failed.
    async fn prepare(&mut self) -> bool {
        let now = Instant::now();
        let lasts = |prepared: &Prepared| prepared.until.is_none_or(|until| now < until);
        if self.prepared.as_ref().is_some_and(lasts) {
            return true;
        }
        if self.state.budget.is_over() {
            return false;
        }
        if self.prepared.take().is_none() {
            self.client.connect().await;
        }
        let mut until: Option<Instant> = None;
        for number in 0..self.state.preparing {
            let Some(permit) = self.permit_to_go_on().await else { return false };
            let Some(answered) = self.call(permit, number, None).await else { return false };
            if let Some(lifetime) = answered.lifetime() {
                // Half of a session that is shorter than twice the margin.
                let lasts = lifetime.saturating_sub(RENEWAL).max(lifetime / 2);
                let end = Instant::now() + lasts;
                until = Some(until.map_or(end, |until| until.min(end)));
            }
        }
        self.prepared = Some(Prepared { until });
        true
    }

    /// Waits after a preparation that failed. It counts as an iteration, so that whatever ends the round ends this, too.
    async fn wait_to_prepare_again(&self) -> ControlFlow<()> {
        if !self.state.budget.take() {
            return ControlFlow::Break(());
        }
        let no_more_starts = async {
            match &self.state.starts {
                Some(starts) => starts.closed().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = no_more_starts => ControlFlow::Break(()),
            () = sleep(PREPARING_AGAIN_AFTER) => ControlFlow::Continue(()),
            () = self.state.budget.over() => ControlFlow::Continue(()),
        }
    }

    /// Sends a call and counts its answer; `None` unless it was as expected.
    async fn call(
        &mut self,
        permit: runner::SendPermit,
        number: usize,
        intended: Option<Instant>,
    ) -> Option<Answered> {
        let Delivery { sent, done, answer } = self.client.send(permit, number).await?;
        let state = Arc::clone(&self.state);
        let (outcome, answered) = match answer {
            Err(reason) => (Outcome::Error(reason), None),
            Ok(reply) => self.judge(&state, number, &reply, done - sent),
        };
        self.report(&state, number, done - intended.unwrap_or(sent), &outcome);
        let sample = Sample { call: number, intended: intended.unwrap_or(sent), done, outcome };
        state.recorder.record(self.number, &sample);
        answered
    }

    fn judge(
        &mut self,
        state: &RoundState,
        number: usize,
        reply: &RawReply,
        took: Duration,
    ) -> (Outcome, Option<Answered>) {
        let (Some(judged), Some(ready)) =
            (state.judged.get(number), state.calls.calls().get(number))
        else {
            return (Outcome::Error("no such call".to_owned()), None);
        };
        let is_preparing = number < state.preparing;
        let quickly = match judged.quick.as_ref().filter(|_| !is_preparing) {
            Some(quick) => quick.judge(reply.status, reply.date(), &reply.body),
            None => QuickVerdict::Unsure,
        };
        match quickly {
            QuickVerdict::Accepted(None) => (Outcome::Right, Some(Answered { observation: None })),
            QuickVerdict::Accepted(Some(issued)) => {
                let outcome = uniqueness(state, &issued);
                if ready.captures() {
                    self.client.keep_session(number, credentials(&issued));
                }
                let is_right = matches!(outcome, Outcome::Right);
                (outcome, is_right.then_some(Answered { observation: None }))
            }
            QuickVerdict::Unsure => {
                let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                let observation = reply.observation(took_us);
                self.judge_slowly(state, number, observation, judged.issues)
            }
        }
    }

    /// Judges as conformance does, and describes what is wrong.
    fn judge_slowly(
        &mut self,
        state: &RoundState,
        number: usize,
        observation: Observation,
        issues: bool,
    ) -> (Outcome, Option<Answered>) {
        let ready = state.calls.calls().get(number);
        let outcomes = ready.map_or(&[][..], |ready| &ready.outcomes);
        let observed = Observed::Answer(observation);
        let judgement = judge(outcomes, &observed);
        let Observed::Answer(observation) = observed else {
            unreachable!("an answer stays one");
        };
        if let Judgement::Refused { deviations } = judgement {
            let is_described = state.judged.get(number).is_some_and(JudgedCall::describes_next);
            let words = || self.client.redact(&observation, &words(&deviations));
            return (Outcome::Wrong(is_described.then(words)), None);
        }
        let outcome = match stspec_runner::credentials_in(&observation) {
            None if issues => Outcome::Wrong(Some(
                "result.Credentials: expected credentials, observed an answer without".to_owned(),
            )),
            None => Outcome::Right,
            Some(found) => {
                let outcome = uniqueness(state, &issued(&found));
                self.client.keep_session(number, found);
                outcome
            }
        };
        let is_right = matches!(outcome, Outcome::Right);
        (outcome, is_right.then_some(Answered { observation: Some(observation) }))
    }

    fn report(&mut self, state: &RoundState, number: usize, took: Duration, outcome: &Outcome) {
        if !state.engine_wants_reports {
            return;
        }
        let error = match outcome {
            Outcome::Right => None,
            Outcome::Wrong(words) => {
                Some(format!("wrong: {}", words.as_deref().unwrap_or("as others before")))
            }
            Outcome::Error(words) => Some(words.clone()),
        };
        self.reports.push(Report { call: number, took, error });
    }
}

impl Reports for User {
    fn drain(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }
}

/// An answer that was as expected.
struct Answered {
    /// Kept where it was judged the long way.
    observation: Option<Observation>,
}

impl Answered {
    /// How long the session that it issues lasts, if the answer says so.
    fn lifetime(&self) -> Option<Duration> {
        let observation = self.observation.as_ref()?;
        let path = Path::parse("result.Credentials.Expiration").ok()?;
        let expiration = observation.find(&path)?;
        let expiration: jiff::Timestamp = expiration.text()?.parse().ok()?;
        let lifetime = expiration.duration_since(observation.date()?);
        Duration::try_from(lifetime).ok()
    }
}

/// Whether credentials are new.
fn uniqueness(state: &RoundState, issued: &Issued<'_>) -> Outcome {
    match state.check_unique(issued) {
        None => Outcome::Right,
        Some(part) => Outcome::Wrong(Some(format!(
            "result.Credentials: expected credentials that nobody has, observed the {part} of an \
             earlier answer, `{}`",
            issued.access_key_id
        ))),
    }
}

fn issued(credentials: &Credentials) -> Issued<'_> {
    Issued {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.as_ref().map_or("", Secret::expose),
    }
}

fn credentials(issued: &Issued<'_>) -> Credentials {
    Credentials {
        session_token: Some(Secret::new(issued.session_token)),
        ..Credentials::long_term(issued.access_key_id, issued.secret_access_key)
    }
}

fn words(deviations: &[Deviation]) -> String {
    let words: Vec<String> = deviations
        .iter()
        .map(|each| {
            format!("{}: expected {}, observed {}", each.path, each.expected, each.observed)
        })
        .collect();
    words.join("; ")
}
