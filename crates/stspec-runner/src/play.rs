//! Plays one scenario: sends its steps in order, keeps what they yield, and has them judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use stspec_scenario::{
    Capability, Client, Library, Name, Presence, Principal, Reference, Rule, Scenario, Step, Token,
    Unresolved,
};
use stspec_verdict::{
    CheckId, CheckRecord, Course, Exchange, Judgement, Known, NotSent, Observation, Observed,
    Request, ResolveError, StepRun, compose, describe, expects, judge, normalise, resolve,
};

use crate::accounts::{Accounts, Made};
use crate::connection::{Connection, Message, Signer, text_at};
use crate::credentials::{Credentials, Secret};
use crate::ledger::Change;
use crate::params::flatten;
use crate::provision::{Ownership, Provisioned, provision};
use crate::run::Site;
use crate::sdk;

/// What stands in for a session token that is none (`token: garbage`).
const GARBAGE_TOKEN: &str = "stspec/this/is/no/session/token";

/// What every scenario of a run shares.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) site: &'a Site,
    pub(crate) library: &'a Library,
    /// The accounts that scenarios share.
    pub(crate) accounts: &'a Accounts,
}

/// Plays a scenario of a rule and returns its checks in file order; `number` is the scenario's own
/// within the run.
pub(crate) async fn play(
    stage: Stage<'_>,
    rule: &Rule,
    scenario: &Scenario,
    number: usize,
) -> Vec<CheckRecord> {
    let mut scene = Scene::new(stage, scenario);
    let obstacle = scene.set_up(rule, number).await.err();
    let mut played = Vec::new();
    for step in &scenario.steps {
        let obstacle = obstacle.clone().or_else(|| scene.interruption());
        played.push(match obstacle {
            Some(obstacle) => Played::not_sent(step, obstacle),
            None => scene.play_step(step).await,
        });
    }
    records(rule, scenario, played)
}

/// A scenario while it is being played.
struct Scene<'a> {
    stage: Stage<'a>,
    scenario: &'a Scenario,
    account: Option<Arc<Provisioned>>,
    sessions: BTreeMap<Name, Credentials>,
    observations: BTreeMap<Name, Observation>,
}

impl<'a> Scene<'a> {
    fn new(stage: Stage<'a>, scenario: &'a Scenario) -> Self {
        let (sessions, observations) = (BTreeMap::new(), BTreeMap::new());
        Self { stage, scenario, account: None, sessions, observations }
    }

    /// Finds the scenario's account, or makes one for it alone; fails with what keeps every step
    /// from being sent.
    async fn set_up(&mut self, rule: &Rule, number: usize) -> Result<(), NotSent> {
        let connection = self.connection();
        let absent =
            |capability: &&Capability| connection.presence(**capability) == Presence::Absent;
        if let Some(capability) = rule.requires.iter().chain(&self.scenario.requires).find(absent) {
            return Err(NotSent::Capability(*capability));
        }
        let Some(name) = &self.scenario.account else { return Ok(()) };
        match self.made(name, number).await {
            Some(Ok(account)) => {
                self.account = Some(account);
                Ok(())
            }
            Some(Err(failure)) if connection.presence(failure.capability) == Presence::Absent => {
                Err(NotSent::Capability(failure.capability))
            }
            Some(Err(failure)) => {
                Err(NotSent::Provisioning { account: name.clone(), reason: failure.reason })
            }
            None => Err(internal(&format!("account `{name}` was not planned"))),
        }
    }

    async fn made(&self, name: &Name, number: usize) -> Option<Made> {
        if !self.scenario.fresh {
            return self.stage.accounts.get(name).cloned();
        }
        let account = self.stage.library.account(name)?;
        let made = provision(account, Ownership::Own(number), self.stage.site).await;
        Some(made.map(Arc::new))
    }

    fn interruption(&self) -> Option<NotSent> {
        let asked = self.stage.site.stop.is_asked();
        asked.then(|| NotSent::RunEnded { reason: "it was interrupted".to_owned() })
    }

    fn connection(&self) -> &'a Connection {
        &self.stage.site.connection
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
        change.iter().for_each(|change| change.announce(ledger));
        let observed = self.send_once(step, pairs).await?;
        change.iter().for_each(|change| change.confirm(&observed, ledger));
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
        if step.client == Client::Sdk {
            let endpoint = connection.endpoint(step.call.service).unwrap_or_default();
            let (region, transport) = (&connection.target.region, &connection.transport);
            let destination = sdk::Destination { endpoint, region, transport };
            let signer =
                signer.ok_or_else(|| internal("`client: sdk` needs a principal that signs"))?;
            let sent = sdk::send(step.call, pairs, signer, destination).await;
            return sent.map_err(|reason| internal(&reason));
        }
        let message =
            Message { call: step.call, pairs, signer, send: &step.send, sign: &step.sign };
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

    fn judged(&self, step: &Step, request: &Request, answers: &[Observed]) -> Played {
        let outcomes = match resolve(&step.outcomes, |reference| self.look_up(reference)) {
            Ok(outcomes) => outcomes,
            Err(ResolveError::Text(missing)) => {
                let unjudged = Played::not_sent(step, unresolved(&missing));
                let answer = answers.first();
                return Played {
                    observed: answer.map_or_else(String::new, Observed::summary),
                    exchange: answer.map(|answer| normalise(request, answer, &self.known())),
                    ..unjudged
                };
            }
            Err(error) => return Played::not_sent(step, internal(&error.to_string())),
        };
        let judgements: Vec<Judgement> =
            answers.iter().map(|answer| judge(&outcomes, answer)).collect();
        let deviating = judgements.iter().position(|judgement| !judgement.is_accepted());
        let shown = answers.get(deviating.unwrap_or(0));
        Played {
            run: StepRun {
                step: step.id.clone(),
                role: step.role,
                expects: expects(&outcomes),
                course: Course::Judged(judgements),
            },
            expected: describe(&outcomes),
            observed: shown.map_or_else(String::new, Observed::summary),
            duration_us: shown.map_or(0, Observed::duration_us),
            exchange: shown.map(|answer| normalise(request, answer, &self.known())),
        }
    }

    fn look_up(&self, reference: &Reference) -> Option<String> {
        match reference {
            Reference::RunId => Some(self.stage.site.run_id.clone()),
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
            duration_us: 0,
            exchange: None,
        }
    }
}

fn records(rule: &Rule, scenario: &Scenario, played: Vec<Played>) -> Vec<CheckRecord> {
    let runs: Vec<StepRun> = played.iter().map(|played| played.run.clone()).collect();
    let verdicts = compose(rule.level, scenario.company, &runs);
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
            duration_us: played.duration_us,
            exchange: played.exchange,
        })
        .collect()
}

/// The temporary credentials in an answer; none where a part of them is missing or empty.
pub(crate) fn credentials_in(answer: &Observation) -> Option<Credentials> {
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
