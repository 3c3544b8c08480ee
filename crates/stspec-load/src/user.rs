//! A load user: takes turns over its own client, and judges every answer.

use std::future::pending;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use stspec_runner::{
    self as runner, Credentials, Delivery, LoadClient, RawReply, ReadyCall, Secret,
};
use stspec_scenario::Path;
use stspec_verdict::{Deviation, Judgement, Observation, Observed, ResolvedMatcher, judge};
use stspec_verdict::{Issued, QuickJudge, QuickVerdict};
use tokio::time::{Instant, sleep};

use crate::engine::{Report, Reports};
use crate::field::Field;
use crate::recorder::{Outcome, Sample};

/// How long before a session of the preparation expires it is issued anew.
const RENEWAL: Duration = Duration::from_mins(1);

/// How long a user whose preparation failed waits before it tries again.
///
/// Source: ours; long enough for a target in trouble not to be asked by every user all the time.
const PREPARING_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How many wrong answers of a call are put into words, of which those that differ become examples.
///
/// Source: ours; words cost a hundred times what a right answer costs.
const WORDED_MAX: u32 = 32;

/// A call as its answers are judged.
pub(crate) struct JudgedCall {
    /// What reports call it.
    pub(crate) id: String,
    quick: Option<QuickJudge>,
    /// Whether an answer as expected hands out credentials, or is to, as later calls are signed with them.
    issues: bool,
    /// How many wrong answers were put into words; most are only counted.
    worded: AtomicU32,
}

/// A load user.
pub(crate) struct User {
    field: Arc<Field>,
    number: usize,
    client: LoadClient,
    prepared: Option<Prepared>,
    /// What the engine is told, where it wants to know.
    reports: Vec<Report>,
}

/// Until when the sessions of the preparation can be used; nothing for ever.
struct Prepared {
    until: Option<Instant>,
}

impl JudgedCall {
    pub(crate) fn new(id: String, ready: &ReadyCall) -> Self {
        let issues = ready.captures() || ready.issues_session() && expects_success(ready);
        let quick = match ready.outcomes.as_slice() {
            [outcome] => QuickJudge::new(outcome, issues),
            _ => None,
        };
        Self { id, quick, issues, worded: AtomicU32::new(0) }
    }
}

impl JudgedCall {
    /// Whether the next wrong answer is put into words.
    fn is_worded(&self) -> bool {
        self.worded.fetch_add(1, Ordering::Relaxed) < WORDED_MAX
    }
}

/// Whether a call is to be answered with status 200.
fn expects_success(ready: &ReadyCall) -> bool {
    let is_200 = |matcher: &ResolvedMatcher| *matcher == ResolvedMatcher::Eq("200".to_owned());
    let status = Path::parse("status").ok();
    ready
        .outcomes
        .iter()
        .flat_map(|outcome| &outcome.expectations)
        .any(|each| Some(&each.path) == status.as_ref() && is_200(&each.matcher))
}

impl User {
    pub(crate) fn new(field: &Arc<Field>) -> Self {
        let client = field.stand.load_client(&field.calls);
        let number = field.next_user();
        Self { field: Arc::clone(field), number, client, prepared: None, reports: Vec::new() }
    }

    /// Takes a turn, once there is one to take; `Break` says that there will be none.
    pub(crate) async fn take_turn(&mut self) -> ControlFlow<()> {
        let field = Arc::clone(&self.field);
        // Before preparing: who is not wanted costs nothing.
        let _busy = match &field.crowd {
            None => None,
            Some(crowd) => match crowd.called(self.number, &field.budget).await {
                None => return ControlFlow::Break(()),
                busy => busy,
            },
        };
        if !self.prepare().await {
            return self.wait_to_prepare_again().await;
        }
        let start = match &field.starts {
            None if field.duty.called(self.number, &field.budget).await => None,
            None => return ControlFlow::Break(()),
            Some(starts) => {
                let dropped = |offer, now| field.recorder.dropped(offer, now);
                match starts.next(dropped).await {
                    None => return ControlFlow::Break(()),
                    start => start,
                }
            }
        };
        let Some(leave) = self.leave_to_begin().await else { return ControlFlow::Continue(()) };
        if !field.budget.take() {
            return ControlFlow::Break(());
        }
        if let Some(start) = start {
            field.recorder.started(self.number, start);
        }
        self.send_all(&field.mix.next(), leave, start.map(|start| start.offer.intended)).await;
        ControlFlow::Continue(())
    }

    /// Sends the calls of a turn while their answers are as expected; the first was to be sent at `intended`.
    async fn send_all(
        &mut self,
        numbers: &[usize],
        leave: runner::SendPermit,
        mut intended: Option<Instant>,
    ) {
        let mut leave = Some(leave);
        for number in numbers {
            let leave = match leave.take() {
                None => self.leave_to_go_on().await,
                first => first,
            };
            let Some(leave) = leave else { return self.field.budget.break_off() };
            self.client.forget_session(*number);
            if self.call(leave, *number, intended.take()).await.is_none() {
                return;
            }
        }
    }

    /// Waits until a turn may be begun, where turns or requests are limited; nothing if meanwhile there is none left,
    /// or this user is not wanted any more.
    async fn leave_to_begin(&self) -> Option<runner::SendPermit> {
        let budget = &self.field.budget;
        let leave = async {
            budget.pace().await;
            self.client.send_permit().await
        };
        let dismissed = async {
            match &self.field.crowd {
                Some(crowd) => crowd.dismissed(self.number).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            leave = leave => Some(leave),
            () = budget.over() => None,
            () = dismissed => None,
        }
    }

    /// Waits until the next request of a turn that was begun may be sent; nothing if the attack has ended meanwhile.
    async fn leave_to_go_on(&self) -> Option<runner::SendPermit> {
        tokio::select! {
            biased;
            leave = self.client.send_permit() => Some(leave),
            () = self.field.budget.ended() => None,
        }
    }

    /// Issues the sessions of the preparation, unless they are there and last; false if that failed.
    async fn prepare(&mut self) -> bool {
        let now = Instant::now();
        let lasts = |prepared: &Prepared| prepared.until.is_none_or(|until| now < until);
        if self.prepared.as_ref().is_some_and(lasts) {
            return true;
        }
        if self.field.budget.is_over() {
            return false;
        }
        if self.prepared.take().is_none() {
            self.client.connect().await;
        }
        let mut until: Option<Instant> = None;
        for number in self.field.preparing.clone() {
            let Some(leave) = self.leave_to_go_on().await else { return false };
            let Some(answered) = self.call(leave, number, None).await else { return false };
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

    /// Waits after a preparation that failed. It is a turn that came to nothing, so that whatever ends the attack
    /// ends this, too.
    async fn wait_to_prepare_again(&self) -> ControlFlow<()> {
        if !self.field.budget.take() {
            return ControlFlow::Break(());
        }
        let no_more_starts = async {
            match &self.field.starts {
                Some(starts) => starts.closed().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = no_more_starts => ControlFlow::Break(()),
            () = sleep(PREPARING_AGAIN_AFTER) => ControlFlow::Continue(()),
            () = self.field.budget.over() => ControlFlow::Continue(()),
        }
    }

    /// Sends a call and counts what came back; nothing unless it was as expected.
    async fn call(
        &mut self,
        leave: runner::SendPermit,
        number: usize,
        intended: Option<Instant>,
    ) -> Option<Answered> {
        let Delivery { sent, done, answer } = self.client.send(leave, number).await?;
        let field = Arc::clone(&self.field);
        let (outcome, answered) = match answer {
            Err(reason) => (Outcome::Error(reason), None),
            Ok(reply) => self.judge(&field, number, &reply, done - sent),
        };
        self.report(&field, number, done - intended.unwrap_or(sent), &outcome);
        let sample = Sample { call: number, intended: intended.unwrap_or(sent), done, outcome };
        field.recorder.record(self.number, &sample);
        answered
    }

    fn judge(
        &mut self,
        field: &Field,
        number: usize,
        reply: &RawReply,
        took: Duration,
    ) -> (Outcome, Option<Answered>) {
        let (Some(judged), Some(ready)) =
            (field.judged.get(number), field.calls.calls().get(number))
        else {
            return (Outcome::Error("there is no such call".to_owned()), None);
        };
        let is_preparing = field.preparing.contains(&number);
        let quickly = match judged.quick.as_ref().filter(|_| !is_preparing) {
            Some(quick) => quick.judge(reply.status, reply.date(), &reply.body),
            None => QuickVerdict::Unsure,
        };
        match quickly {
            QuickVerdict::Accepted(None) => (Outcome::Right, Some(Answered { observation: None })),
            QuickVerdict::Accepted(Some(issued)) => {
                let outcome = noted(field, &issued);
                if ready.captures() {
                    self.client.keep_session(number, credentials(&issued));
                }
                let is_right = matches!(outcome, Outcome::Right);
                (outcome, is_right.then_some(Answered { observation: None }))
            }
            QuickVerdict::Unsure => {
                let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                let observation = reply.observation(took_us);
                self.judge_slowly(field, number, observation, judged.issues)
            }
        }
    }

    /// Judges as conformance does, with words for what is wrong.
    fn judge_slowly(
        &mut self,
        field: &Field,
        number: usize,
        observation: Observation,
        issues: bool,
    ) -> (Outcome, Option<Answered>) {
        let ready = field.calls.calls().get(number);
        let outcomes = ready.map_or(&[][..], |ready| &ready.outcomes);
        let observed = Observed::Answer(observation);
        let judgement = judge(outcomes, &observed);
        let Observed::Answer(observation) = observed else {
            unreachable!("an answer stays one");
        };
        if let Judgement::Refused { deviations } = judgement {
            let is_worded = field.judged.get(number).is_some_and(JudgedCall::is_worded);
            let words = || self.client.redact(&observation, &words(&deviations));
            return (Outcome::Wrong(is_worded.then(words)), None);
        }
        let outcome = match stspec_runner::credentials_in(&observation) {
            None if issues => Outcome::Wrong(Some(
                "result.Credentials: expected credentials, observed an answer without".to_owned(),
            )),
            None => Outcome::Right,
            Some(found) => {
                let outcome = noted(field, &issued(&found));
                self.client.keep_session(number, found);
                outcome
            }
        };
        let is_right = matches!(outcome, Outcome::Right);
        (outcome, is_right.then_some(Answered { observation: Some(observation) }))
    }

    fn report(&mut self, field: &Field, number: usize, took: Duration, outcome: &Outcome) {
        if !field.engine_wants_reports {
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
    /// How long the session that it issues lasts, if it says so.
    fn lifetime(&self) -> Option<Duration> {
        let observation = self.observation.as_ref()?;
        let path = Path::parse("result.Credentials.Expiration").ok()?;
        let expiration = observation.find(&path)?;
        let expiration: jiff::Timestamp = expiration.text()?.parse().ok()?;
        let lifetime = expiration.duration_since(observation.date()?);
        Duration::try_from(lifetime).ok()
    }
}

/// Whether credentials were handed out before.
fn noted(field: &Field, issued: &Issued<'_>) -> Outcome {
    match field.note(issued) {
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
