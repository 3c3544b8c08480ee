//! Plays one scenario: sends its steps in order, keeps what they yield, and has them judged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use stspec_scenario::{
    Capability, Client, CopyFact, Library, Name, Presence, Principal, Reference, Rule, Scenario,
    Step, Token, Unresolved,
};
use stspec_verdict::{
    CheckId, CheckRecord, Course, Exchange, Judgement, Known, NotSent, Observation, Observed,
    Request, ResolveError, StepRun, compose, describe, expects, fingerprint, judge, normalise,
    resolve,
};
use tokio::time::Instant;

use crate::accounts::Accounts;
use crate::connection::{Connection, Message, Signer, text_at};
use crate::copies::{Copy, worst_of};
use crate::credentials::{Credentials, Secret};
use crate::ledger::Change;
use crate::params::flatten;
use crate::provision::{Ownership, Provisioned, provision};
use crate::run::{Pace, Purpose, Site};
use crate::sdk;

/// What stands in for a session token that is none (`token: garbage`).
const GARBAGE_TOKEN: &str = "stspec/this/is/no/session/token";

/// Most copies that are played where only verdicts count: a mistake that a hundred copies meet shows
/// among these, and a proof plays them for each fault.
const COPIES_FOR_VERDICTS_MAX: u32 = 20;

/// What every scenario of a run shares.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) site: &'a Site,
    pub(crate) library: &'a Library,
    /// The accounts that scenarios share.
    pub(crate) accounts: &'a Accounts,
    pub(crate) pace: Pace,
    pub(crate) purpose: Purpose,
}

/// Plays a scenario of a rule and returns its checks in file order; `number` is the scenario's own
/// within the run.
pub(crate) async fn play(
    stage: Stage<'_>,
    rule: &Rule,
    scenario: &Scenario,
    number: usize,
) -> Vec<CheckRecord> {
    let (account, mut obstacle) = match set_up(stage, rule, scenario, number).await {
        Ok(account) => (account, None),
        Err(obstacle) => (None, Some(obstacle)),
    };
    let copies = match stage.purpose {
        Purpose::Report => scenario.copies,
        Purpose::Verdicts => scenario.copies.min(COPIES_FOR_VERDICTS_MAX),
    };
    let mut scenes: Vec<Scene<'_>> =
        Copy::all(copies).map(|copy| Scene::new(stage, copy, account.clone())).collect();
    for step in &scenario.steps {
        obstacle = match obstacle {
            Some(obstacle) => Some(obstacle),
            None => pass(stage, step.after_seconds).await.err(),
        };
        // Step by step together: all copies have sent one before any sends the next.
        join_all(scenes.iter_mut().map(|scene| scene.take(step, obstacle.as_ref()))).await;
    }
    // Where it fails, it is tried again at the end of the run, which tells of it. A scenario without
    // time finds nothing to put back, as none is played while the clock is moved.
    let _ = stage.site.connection.put_clock_back().await;
    worst_of(scenes.into_iter().map(|scene| records(rule, scenario, scene.played)).collect())
}

/// How often a wait for real looks whether somebody wants the run to end.
const WAIT_STEP: Duration = Duration::from_millis(200);

/// Lets time pass: on the target's clock, or by waiting.
async fn pass(stage: Stage<'_>, seconds: u32) -> Result<(), NotSent> {
    let Site { connection, stop, .. } = stage.site;
    if seconds == 0 || stop.is_asked() {
        return Ok(());
    }
    match (&connection.clock_control, stage.pace) {
        (Some(control), _) => {
            let moved = control.advance(seconds, &connection.transport).await;
            moved.map_err(|reason| NotSent::Clock { reason })
        }
        (None, Pace::Slow) => {
            let end = Instant::now() + Duration::from_secs(seconds.into());
            while Instant::now() < end && !stop.is_asked() {
                tokio::time::sleep(WAIT_STEP.min(end - Instant::now())).await;
            }
            Ok(())
        }
        (None, Pace::Quick) => Err(NotSent::Clock { reason: "it has no control".to_owned() }),
    }
}

/// Finds the scenario's account, or makes one for it alone; fails with what keeps every step from being
/// sent.
async fn set_up(
    stage: Stage<'_>,
    rule: &Rule,
    scenario: &Scenario,
    number: usize,
) -> Result<Option<Arc<Provisioned>>, NotSent> {
    let connection = &stage.site.connection;
    let absent = |capability: &&Capability| connection.presence(**capability) == Presence::Absent;
    if let Some(capability) = rule.requires.iter().chain(&scenario.requires).find(absent) {
        return Err(NotSent::Capability(*capability));
    }
    let seconds = scenario.seconds();
    let may_pass =
        stage.pace == Pace::Slow || connection.presence(Capability::ClockSet) == Presence::Present;
    if seconds > 0 && !may_pass {
        return Err(NotSent::Slow { seconds });
    }
    let Some(name) = &scenario.account else { return Ok(None) };
    let made = if scenario.fresh {
        match stage.library.account(name) {
            None => None,
            Some(account) => {
                let made = provision(account, Ownership::Own(number), stage.site).await;
                Some(made.map(Arc::new))
            }
        }
    } else {
        stage.accounts.get(name).cloned()
    };
    match made {
        Some(Ok(account)) => Ok(Some(account)),
        Some(Err(failure)) if connection.presence(failure.capability) == Presence::Absent => {
            Err(NotSent::Capability(failure.capability))
        }
        Some(Err(failure)) => {
            Err(NotSent::Provisioning { account: name.clone(), reason: failure.reason })
        }
        None => Err(internal(&format!("account `{name}` was not planned"))),
    }
}

/// A scenario while it is being played.
struct Scene<'a> {
    stage: Stage<'a>,
    copy: Copy,
    account: Option<Arc<Provisioned>>,
    played: Vec<Played>,
    sessions: BTreeMap<Name, Credentials>,
    observations: BTreeMap<Name, Observation>,
}

impl<'a> Scene<'a> {
    fn new(stage: Stage<'a>, copy: Copy, account: Option<Arc<Provisioned>>) -> Self {
        let (sessions, observations) = (BTreeMap::new(), BTreeMap::new());
        Self { stage, copy, account, played: Vec::new(), sessions, observations }
    }

    fn interruption(&self) -> Option<NotSent> {
        let asked = self.stage.site.stop.is_asked();
        asked.then(|| NotSent::RunEnded { reason: "it was interrupted".to_owned() })
    }

    fn connection(&self) -> &'a Connection {
        &self.stage.site.connection
    }

    /// Plays a step, unless something keeps it from being sent.
    async fn take(&mut self, step: &Step, obstacle: Option<&NotSent>) {
        let obstacle = obstacle.cloned().or_else(|| self.interruption());
        let played = match obstacle {
            Some(obstacle) => Played::not_sent(step, obstacle),
            None => self.play_step(step).await,
        };
        self.played.push(played);
    }

    async fn play_step(&mut self, step: &Step) -> Played {
        match self.send(step).await {
            Ok((request, answers)) => self.judged(step, &request, &answers),
            Err(reason) => Played::not_sent(step, reason),
        }
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
        for answer in &answers {
            if let Observed::Answer(answer) = answer {
                self.stage.site.secrets.register_answer(answer);
            }
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
        let ledger = &self.stage.site.ledger;
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
        let credentials = self.credentials(&step.principal)?;
        let token = self.token(step, credentials)?;
        let signer = credentials.map(|credentials| Signer { credentials, token });
        let connection = self.connection();
        if let Some(reason) = connection.stopped_answering(step.call.service) {
            return Err(NotSent::RunEnded { reason });
        }
        if step.client == Client::Sdk {
            let endpoint = connection.endpoint(step.call.service).unwrap_or_default();
            let (region, transport) = (&connection.target.region, &connection.transport);
            let destination = sdk::Destination { endpoint, region, transport };
            let signer =
                signer.ok_or_else(|| internal("`client: sdk` needs a principal that signs"))?;
            let sent = sdk::send(step.call, pairs, signer, destination).await;
            return sent.map_err(|reason| internal(&reason));
        }
        let region = step.sign.region.as_ref();
        let region = region.map(|region| region.resolve(|reference| self.look_up(reference)));
        let region = region.transpose().map_err(|missing| unresolved(&missing))?;
        let (send, sign, region) = (&step.send, &step.sign, region.as_deref());
        let message = Message { call: step.call, pairs, signer, send, sign, region };
        connection.try_send(&message).await.map_err(|reason| internal(&reason))
    }

    fn credentials(&self, principal: &Principal) -> Result<Option<&Credentials>, NotSent> {
        match principal {
            Principal::Anonymous => Ok(None),
            Principal::Root => {
                let root = self.connection().root.as_ref();
                root.map(Some).ok_or_else(|| NotSent::Principal { principal: "root".to_owned() })
            }
            Principal::Admin => Ok(Some(&self.connection().admin)),
            Principal::User(name) => {
                let user = self.account.as_ref().and_then(|account| account.users.get(name));
                user.map(|user| Some(&user.credentials))
                    .ok_or_else(|| NotSent::Principal { principal: name.to_string() })
            }
            Principal::Session(name) => self.session(name).map(Some),
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
        match self.stage.purpose {
            Purpose::Report => Some(normalise(request, answer, &self.known())),
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
            Some(wrong) => fingerprint(wrong, &self.known()),
            None => fingerprint(&[], &[]),
        };
        Played {
            run: StepRun {
                step: step.id.clone(),
                role: step.role,
                expects: expects(&outcomes),
                course: Course::Judged(judgements),
            },
            fingerprint,
            expected: describe(&outcomes),
            observed: shown.map_or_else(String::new, Observed::summary),
            duration_us: shown.map_or(0, Observed::duration_us),
            exchange: shown.and_then(|answer| self.exchange(request, answer)),
        }
    }

    fn look_up(&self, reference: &Reference) -> Option<String> {
        match reference {
            Reference::RunId => Some(self.stage.site.run_id.clone()),
            Reference::Copy(CopyFact::Number) => Some(self.copy.number.to_string()),
            Reference::Copy(CopyFact::Next) => Some(self.copy.next().to_string()),
            Reference::Step { id, path } => {
                self.observations.get(id)?.find(path)?.text().map(str::to_owned)
            }
            Reference::SessionAccessKeyId(name) => {
                self.sessions.get(name).map(|session| session.access_key_id.clone())
            }
            Reference::Target(_) | Reference::Thing { .. } => match &self.account {
                Some(account) => account.look_up(reference, self.connection()),
                None => Provisioned::default().look_up(reference, self.connection()),
            },
        }
    }

    /// Values of this run that a snapshot shows by where they come from.
    fn known(&self) -> Vec<Known> {
        let connection = self.connection();
        let mut all = vec![
            Known::new(&self.stage.site.run_id, "<run>"),
            Known::new(&connection.account, "<account>"),
        ];
        for (name, named) in self.account.iter().flat_map(|account| account.all_named()) {
            all.push(Known::new(&named.arn, format!("<{name}.arn>")));
            all.push(Known::new(&named.name, format!("<{name}.name>")));
        }
        for (name, user) in self.account.iter().flat_map(|account| &account.users) {
            let access_key_id = &user.credentials.access_key_id;
            all.push(Known::new(access_key_id, format!("<{name}.access_key_id>")));
        }
        for (name, bucket) in self.account.iter().flat_map(|account| &account.buckets) {
            all.push(Known::new(bucket, format!("<{name}>")));
        }
        all
    }
}

/// A step with what came of it, before its company is asked.
struct Played {
    run: StepRun,
    fingerprint: String,
    expected: String,
    observed: String,
    duration_us: u64,
    exchange: Option<Exchange>,
}

impl Played {
    fn not_sent(step: &Step, reason: NotSent) -> Self {
        let as_written = resolve(&step.outcomes, |reference| Some(format!("${{{reference}}}")));
        let outcomes = as_written.unwrap_or_default();
        Self {
            observed: format!("nothing: {reason}"),
            expected: describe(&outcomes),
            run: StepRun {
                step: step.id.clone(),
                role: step.role,
                expects: expects(&outcomes),
                course: Course::NotSent(reason),
            },
            fingerprint: fingerprint(&[], &[]),
            duration_us: 0,
            exchange: None,
        }
    }
}

fn records(rule: &Rule, scenario: &Scenario, played: Vec<Played>) -> Vec<CheckRecord> {
    let runs: Vec<StepRun> = played.iter().map(|played| played.run.clone()).collect();
    let verdicts = compose(rule.level, scenario.company, &rule.requires, &runs);
    played
        .into_iter()
        .zip(verdicts)
        .map(|(played, verdict)| CheckRecord {
            id: CheckId::new(&rule.id, &scenario.name, &played.run.step),
            rule: rule.id.clone(),
            level: rule.level,
            role: played.run.role,
            verdict: verdict.verdict,
            expected: played.expected,
            observed: played.observed,
            reason: verdict.reason,
            grade: verdict.grade,
            deviations: verdict.deviations,
            fingerprint: played.fingerprint,
            duration_us: played.duration_us,
            exchange: played.exchange,
        })
        .collect()
}

/// The temporary credentials in an answer; none where a part of them is missing or empty.
#[must_use]
pub fn credentials_in(answer: &Observation) -> Option<Credentials> {
    let part = |name: &str| {
        let text = text_at(answer, &format!("result.Credentials.{name}"))?;
        (!text.is_empty()).then_some(text)
    };
    Some(Credentials {
        access_key_id: part("AccessKeyId")?,
        secret_access_key: Secret::new(part("SecretAccessKey")?),
        session_token: Some(Secret::new(part("SessionToken")?)),
    })
}

fn unresolved(missing: &Unresolved) -> NotSent {
    NotSent::Value { reference: format!("${{{}}}", missing.reference) }
}

fn internal(reason: &str) -> NotSent {
    NotSent::Internal { reason: reason.to_owned() }
}
