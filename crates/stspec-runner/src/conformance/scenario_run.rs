//! Plays one scenario: sends its steps in order, keeps what they yield, and has them judged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use stspec_scenario::{
    Client, Name, Placeholder, Principal, ReplicaFact, Role, Rule, Scenario, Service, Step, Token,
    Unresolved,
};
use stspec_verdict::Issued;
use stspec_verdict::{
    Exchange, Judgement, NamedValue, NotSent, Observation, Observed, Request, ResolveError,
    StepOutcome, StepRun, describe, expects, fingerprint, judge, normalise, resolve,
};
use tokio::time::Instant;

use crate::account::provisioned::Provisioned;
use crate::conformance::context::{PlayContext, about, internal};
use crate::conformance::replicas::Replica;
use crate::conformance::step::Played;
use crate::credentials::{Credentials, Secret};
use crate::event::AwaitedChange;
use crate::ledger::Change;
use crate::options::Purpose;
use crate::params::flatten;
use crate::run_context::RunContext;
use crate::target::connection::{Connection, Message, Unsent};
use crate::target::settling::pauses;
use crate::target::throttling::ThrottledOut;
use crate::wire::sdk;
use crate::wire::sign::Signer;

/// What stands in for a session token that is none (`token: garbage`).
const GARBAGE_TOKEN: &str = "stspec/this/is/no/session/token";

/// A scenario while it is being played.
pub(crate) struct ScenarioRun<'a> {
    context: PlayContext<'a>,
    /// The names of rule and scenario, for traces.
    about: String,
    replica: Replica,
    account: Option<Arc<Provisioned>>,
    /// When the account was made or changed last.
    changed: Option<Instant>,
    /// Whether a step changed it since somebody waited for that.
    unsettled: bool,
    pub(crate) played: Vec<Played>,
    sessions: BTreeMap<Name, Credentials>,
    observations: BTreeMap<Name, Observation>,
}

impl<'a> ScenarioRun<'a> {
    pub(crate) fn new(
        context: PlayContext<'a>,
        rule: &Rule,
        scenario: &Scenario,
        replica: Replica,
        account: Option<Arc<Provisioned>>,
    ) -> Self {
        Self {
            context,
            about: about(rule, scenario),
            replica,
            changed: account.as_ref().and_then(|account| account.changed),
            unsettled: false,
            account,
            played: Vec::new(),
            sessions: BTreeMap::new(),
            observations: BTreeMap::new(),
        }
    }

    fn interruption(&self) -> Option<NotSent> {
        let cancelled = self.context.run.cancelled.is_cancelled();
        cancelled.then(|| NotSent::RunEnded { reason: "it was interrupted".to_owned() })
    }

    fn connection(&self) -> &'a Connection {
        &self.context.run.connection
    }

    /// Plays a step, unless something keeps it from being sent.
    pub(crate) async fn run_step(&mut self, step: &Step, obstacle: Option<&NotSent>) {
        let obstacle = obstacle.cloned().or_else(|| self.interruption());
        let played = match obstacle {
            Some(obstacle) => Played::not_sent(step, obstacle),
            None => self.settle_and_play(step).await,
        };
        self.played.push(played);
    }

    async fn settle_and_play(&mut self, step: &Step) -> Played {
        let RunContext { settling, cancelled, .. } = &self.context.run;
        if let (true, false, Some(changed)) =
            (self.unsettled, step.call.changes_account(), self.changed)
        {
            let Replica { number, .. } = self.replica;
            if number == 1 {
                settling.announce(AwaitedChange::StepsOf { scenario: self.about.clone() });
            }
            settling.wait_for(changed, cancelled).await;
            self.unsettled = false;
        }
        let mut played = self.play_once(step).await;
        let repeat_until = self.changed.and_then(|changed| settling.repeat_until(changed));
        let (Some(end), true) = (repeat_until, may_be_repeated(step)) else { return played };
        let mut announced = false;
        for pause in pauses() {
            if played.holds() || Instant::now() + pause > end || cancelled.is_cancelled() {
                break;
            }
            if !announced {
                settling.announce_repetition(self.about_step(step));
                announced = true;
            }
            tokio::time::sleep(pause).await;
            played = self.play_once(step).await;
        }
        played
    }

    async fn play_once(&mut self, step: &Step) -> Played {
        let sent = self.send(step).await;
        if step.call.service == Service::Iam && step.call.changes_account() {
            self.changed = Some(Instant::now());
            self.unsettled = true;
        }
        match sent {
            Ok((request, answers)) => self.judged(step, &request, &answers),
            Err(reason) => Played::not_sent(step, reason),
        }
    }

    /// The id of a step's check, and which copy of several it is.
    fn about_step(&self, step: &Step) -> String {
        let Replica { number, of } = self.replica;
        let copy = if of > 1 { format!(" copy {number}") } else { String::new() };
        format!("{}/{}{copy}", self.about, step.id)
    }

    /// Sends a step as often as it holds, and keeps the first answer for the steps after it.
    async fn send(&mut self, step: &Step) -> Result<(Request, Vec<Observed>), NotSent> {
        let pairs = flatten(&step.params, &mut |reference| self.look_up(reference))
            .map_err(|missing| unresolved(&missing))?;
        let request = Request {
            principal: step.principal.to_string(),
            call: step.call.to_string(),
            params: pairs.clone(),
        };
        let mut answers = Vec::new();
        for _ in 0..step.hold.max(1) {
            answers.push(self.send_noted(step, &pairs).await?);
        }
        if let Some(Observed::Answer(answer)) = answers.first() {
            self.keep(step, answer);
        }
        Ok((request, answers))
    }

    /// Sends a step once; what it makes or removes is in the ledger.
    async fn send_noted(
        &self,
        step: &Step,
        pairs: &[(String, String)],
    ) -> Result<Observed, NotSent> {
        let ledger = &self.context.run.ledger;
        let change = Change::of(step.call, pairs, self.connection());
        if let Some(change) = &change {
            change.announce(ledger).map_err(|reason| NotSent::RunEnded { reason })?;
        }
        let observed = self.send_once(step, pairs).await?;
        if let Some(change) = &change {
            change.confirm(&observed, ledger);
        }
        Ok(observed)
    }

    async fn send_once(
        &self,
        step: &Step,
        pairs: &[(String, String)],
    ) -> Result<Observed, NotSent> {
        let credentials = self.credentials(&step.principal).await?;
        let credentials = credentials.as_deref();
        let token = self.token(step, credentials)?;
        let signer = credentials.map(|credentials| Signer { credentials, token });
        let connection = self.connection();
        if let Some(reason) = connection.stopped_answering(step.call.service) {
            return Err(NotSent::RunEnded { reason });
        }
        let about = self.about_step(step);
        if step.client == Client::Sdk {
            let endpoint = connection.endpoint(step.call.service).unwrap_or_default();
            let (region, transport) = (&connection.target.region, &connection.transport);
            let destination = sdk::Destination { endpoint, region, transport, about: Some(&about) };
            let signer =
                signer.ok_or_else(|| internal("`client: sdk` needs a principal that signs"))?;
            let send = async || {
                let sent = sdk::send(step.call, pairs, signer, destination).await;
                sent.map_err(Unsent::Unmakable)
            };
            let observed = connection.throttling.outlast(step.call.service, send).await;
            return observed.map_err(not_sent);
        }
        let region = step.sign.region.as_ref();
        let region = region.map(|region| region.resolve(|reference| self.look_up(reference)));
        let region = region.transpose().map_err(|missing| unresolved(&missing))?;
        let (send, sign, region) = (&step.send, &step.sign, region.as_deref());
        let message = Message { call: step.call, pairs, signer, send, sign, region, about: &about };
        connection.send_patiently(&message).await.map_err(not_sent)
    }

    async fn credentials(
        &self,
        principal: &Principal,
    ) -> Result<Option<Cow<'_, Credentials>>, NotSent> {
        match principal {
            Principal::Anonymous => Ok(None),
            Principal::Root => {
                let root = self.connection().root.as_ref();
                root.map(|root| Some(Cow::Borrowed(root)))
                    .ok_or_else(|| NotSent::Principal { principal: "root".to_owned() })
            }
            Principal::Admin => Ok(Some(Cow::Owned(self.connection().admin().await))),
            Principal::User(name) => {
                let user = self.account.as_ref().and_then(|account| account.users.get(name));
                user.map(|user| Some(Cow::Borrowed(&user.credentials)))
                    .ok_or_else(|| NotSent::Principal { principal: name.to_string() })
            }
            Principal::Session(name) => {
                self.session(name).map(|session| Some(Cow::Borrowed(session)))
            }
        }
    }

    fn session(&self, name: &Name) -> Result<&Credentials, NotSent> {
        self.sessions.get(name).ok_or_else(|| NotSent::Session { session: name.clone() })
    }

    fn token<'b>(
        &'b self,
        step: &Step,
        credentials: Option<&'b Credentials>,
    ) -> Result<Option<&'b str>, NotSent> {
        fn own(credentials: &Credentials) -> Option<&str> {
            credentials.session_token.as_ref().map(Secret::expose)
        }
        match &step.sign.token {
            Token::Own => Ok(credentials.and_then(own)),
            Token::Dropped => Ok(None),
            Token::Garbage => Ok(Some(GARBAGE_TOKEN)),
            Token::Foreign(name) => self.session(name).map(own),
        }
    }

    /// Keeps what an answer yields: itself, and the credentials in it.
    fn keep(&mut self, step: &Step, answer: &Observation) {
        if let (Some(name), Some(credentials)) = (&step.session, credentials_in(answer)) {
            self.sessions.insert(name.clone(), credentials);
        }
        self.observations.insert(step.id.clone(), answer.clone());
    }

    /// The exchange as reports show it, where there will be one.
    fn exchange(&self, request: &Request, answer: &Observed) -> Option<Exchange> {
        match self.context.purpose {
            Purpose::Report => Some(normalise(request, answer, &self.values())),
            Purpose::Verdicts => None,
        }
    }

    fn judged(&self, step: &Step, request: &Request, answers: &[Observed]) -> Played {
        let outcomes = match resolve(&step.outcomes, |reference| self.look_up(reference)) {
            Ok(outcomes) => outcomes,
            Err(ResolveError::Text(missing)) => {
                let unjudged = Played::not_sent(step, unresolved(&missing));
                let answer = answers.first();
                return Played {
                    observed: answer.map_or_else(String::new, Observed::summary),
                    exchange: answer.and_then(|answer| self.exchange(request, answer)),
                    ..unjudged
                };
            }
            Err(error) => return Played::not_sent(step, internal(&error.to_string())),
        };
        let judgements: Vec<Judgement> =
            answers.iter().map(|answer| judge(&outcomes, answer)).collect();
        let deviating = judgements.iter().position(|judgement| !judgement.is_accepted());
        let shown = answers.get(deviating.unwrap_or(0));
        let wrong = deviating.and_then(|at| judgements.get(at)).map(Judgement::deviations);
        let fingerprint = match wrong {
            Some(wrong) => fingerprint(wrong, &self.values()),
            None => fingerprint(&[], &[]),
        };
        Played {
            run: StepRun {
                step: step.id.clone(),
                role: step.role,
                expects: expects(&outcomes),
                outcome: StepOutcome::Judged(judgements),
            },
            fingerprint,
            expected: describe(&outcomes),
            observed: shown.map_or_else(String::new, Observed::summary),
            duration_us: shown.map_or(0, Observed::duration_us),
            exchange: shown.and_then(|answer| self.exchange(request, answer)),
        }
    }

    fn look_up(&self, reference: &Placeholder) -> Option<String> {
        match reference {
            Placeholder::RunId => Some(self.context.run.run_id.clone()),
            Placeholder::Replica(ReplicaFact::Number) => Some(self.replica.number.to_string()),
            Placeholder::Replica(ReplicaFact::Next) => Some(self.replica.next().to_string()),
            Placeholder::Step { id, path } => {
                self.observations.get(id)?.find(path)?.text().map(str::to_owned)
            }
            Placeholder::SessionAccessKeyId(name) => {
                self.sessions.get(name).map(|session| session.access_key_id.clone())
            }
            Placeholder::Target(_) | Placeholder::Resource { .. } => match &self.account {
                Some(account) => account.look_up(reference, self.connection()),
                None => Provisioned::default().look_up(reference, self.connection()),
            },
        }
    }

    /// Values of this run that a snapshot shows by where they come from.
    fn values(&self) -> Vec<NamedValue> {
        let connection = self.connection();
        let mut all = vec![
            NamedValue::new(&self.context.run.run_id, "<run>"),
            NamedValue::new(&connection.account, "<account>"),
        ];
        for (name, named) in self.account.iter().flat_map(|account| account.all_named()) {
            all.push(NamedValue::new(&named.arn, format!("<{name}.arn>")));
            all.push(NamedValue::new(&named.name, format!("<{name}.name>")));
        }
        for (name, user) in self.account.iter().flat_map(|account| &account.users) {
            let access_key_id = &user.credentials.access_key_id;
            all.push(NamedValue::new(access_key_id, format!("<{name}.access_key_id>")));
        }
        for (name, bucket) in self.account.iter().flat_map(|account| &account.buckets) {
            all.push(NamedValue::new(bucket, format!("<{name}>")));
        }
        all
    }
}

/// Whether sending a step again is no second try of a probe, and changes nothing.
fn may_be_repeated(step: &Step) -> bool {
    step.role != Role::Probe && !step.call.changes_account()
}

/// The temporary credentials in an answer; none where a part of them is missing or empty.
#[must_use]
pub fn credentials_in(answer: &Observation) -> Option<Credentials> {
    let issued = Issued::in_answer(answer)?;
    Some(Credentials {
        session_token: Some(Secret::new(issued.session_token)),
        ..Credentials::long_term(issued.access_key_id, issued.secret_access_key)
    })
}

fn unresolved(missing: &Unresolved) -> NotSent {
    NotSent::Value { reference: format!("${{{}}}", missing.placeholder) }
}

fn not_sent(unsent: Unsent) -> NotSent {
    match unsent {
        Unsent::Unmakable(reason) => internal(&reason),
        Unsent::ThrottledOut(ThrottledOut { reason }) => NotSent::Throttled { reason },
    }
}
