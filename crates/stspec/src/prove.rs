//! `stspec prove`: every rule fails under each fault that it names, and no other rule does.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use stspec_reference::{Fault, Faults};
use stspec_report::{Demand, Finding, MatrixRow, fault_matrix, finding};
use stspec_runner::Purpose;
use stspec_scenario::{Level, Library, Rule};
use stspec_verdict::{End, ExitCode, RuleRecord, Verdict};
use tokio::runtime::Runtime;

use crate::REVISION_DEFAULT;
use crate::cli::ProveArgs;
use crate::error::Problem;
use crate::output;
use crate::run::{Scope, check, revision_default};
use crate::scenarios::library;
use crate::target::{default_target, reference};

/// How many scenarios of one run are played at once.
const SCENARIOS_AT_ONCE: usize = 8;

/// How long all others are waited for: a proof is about what they answer, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a server that never answers is waited for: everybody else answers within milliseconds.
const SILENCE: Duration = Duration::from_millis(250);

/// What came of proving.
#[derive(Debug)]
pub struct Proof {
    /// Rule by fault, as text.
    pub matrix: String,
    /// What is wrong with rules or faults, one sentence each.
    pub problems: Vec<String>,
}

/// Proves, prints the matrix and what is wrong.
pub(crate) fn command(scenarios: Option<&Path>, args: &ProveArgs) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let faults = wanted(&args.fault)?;
    let proof = tokio::task::block_in_place(|| prove(&library, &faults))?;
    output::data(&proof.matrix);
    for problem in &proof.problems {
        output::note(&format!("not proven: {problem}"));
    }
    Ok(if proof.problems.is_empty() { ExitCode::Passed } else { ExitCode::Failed })
}

fn wanted(names: &[String]) -> Result<Vec<Fault>, Problem> {
    if names.is_empty() {
        return Ok(Fault::ALL.to_vec());
    }
    let parse =
        |name: &String| name.parse().map_err(|unknown| Problem::Usage(format!("{unknown}")));
    names.iter().map(parse).collect()
}

/// Runs all rules once without a fault and once under each fault, each rule at a revision at which
/// it holds.
///
/// As many faults are tried at once as there are cores; each has a server of its own.
pub fn prove(library: &Library, faults: &[Fault]) -> Result<Proof, Problem> {
    let mut proof = Vec::new();
    let mut problems = Vec::new();
    let all: Vec<&Rule> = library.rules().iter().collect();
    problems.extend(unproven(&all));
    problems.extend(faults.iter().filter_map(|fault| unnamed(*fault, &all)));
    for (revision, rules) in by_revision(library)? {
        let at = At { library, rules: &rules, revision };
        problems.extend(honest_problems(&runtime()?.block_on(at.verdicts(None))?));
        let wanted: Vec<Fault> =
            faults.iter().copied().filter(|fault| at.concerns(*fault)).collect();
        for (fault, verdicts) in at.tried(&wanted)? {
            proof.extend(
                rules.iter().zip(&verdicts).filter_map(|(rule, record)| row(fault, rule, record)),
            );
        }
    }
    problems.extend(proof.iter().filter_map(problem));
    Ok(Proof { matrix: fault_matrix(&proof), problems })
}

/// The rules by the revision at which they are proven: the default one, or else the day from which
/// they hold, or the last day before they ended.
pub fn by_revision(library: &Library) -> Result<BTreeMap<Date, Vec<&Rule>>, Problem> {
    let ours = |error: jiff::Error| Problem::Ours(error.to_string());
    let default = revision_default()?;
    let mut rules: BTreeMap<Date, Vec<&Rule>> = BTreeMap::new();
    for rule in library.rules() {
        let revision = match (rule.since, rule.until) {
            (Some(since), _) if since > default => since,
            (_, Some(until)) if until <= default => until.yesterday().map_err(ours)?,
            _ => default,
        };
        rules.entry(revision).or_default().push(rule);
    }
    Ok(rules)
}

/// Rules at the revision at which they are proven.
struct At<'a> {
    library: &'a Library,
    rules: &'a [&'a Rule],
    revision: Date,
}

impl At<'_> {
    /// Whether a fault says anything about these rules: at the default revision every fault does, so
    /// that unrelated failures show; at others those that a rule names, and null servers.
    fn concerns(&self, fault: Fault) -> bool {
        let default = self.revision.to_string() == REVISION_DEFAULT;
        default || fault.is_null() || self.rules.iter().any(|rule| names(rule, fault))
    }

    /// What came of each fault, in the order of the faults.
    fn tried(&self, faults: &[Fault]) -> Result<Vec<(Fault, Vec<RuleRecord>)>, Problem> {
        let next = AtomicUsize::new(0);
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let tried: Result<Vec<_>, Problem> = thread::scope(|scope| {
            let workers: Vec<_> =
                (0..cores).map(|_| scope.spawn(|| self.try_some(faults, &next))).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        let mut tried: Vec<_> = tried?.into_iter().flatten().collect();
        tried.sort_by_key(|(fault, _)| *fault);
        Ok(tried)
    }

    /// Takes one fault after the other until none is left. Server and client share a thread, so that
    /// neither waits for the other to wake up on another core.
    fn try_some(
        &self,
        faults: &[Fault],
        next: &AtomicUsize,
    ) -> Result<Vec<(Fault, Vec<RuleRecord>)>, Problem> {
        let runtime = runtime()?;
        let mut tried = Vec::new();
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            tried.push((*fault, runtime.block_on(self.verdicts(Some(*fault)))?));
        }
        Ok(tried)
    }

    async fn verdicts(&self, fault: Option<Fault>) -> Result<Vec<RuleRecord>, Problem> {
        let deadline = if fault == Some(Fault::NullSilent) { SILENCE } else { PATIENCE };
        let usual = Scope::quick(SCENARIOS_AT_ONCE, self.revision);
        let scope = Scope { deadline, purpose: Purpose::Verdicts, ..usual };
        let faults: Faults = fault.into_iter().collect();
        let target = default_target(self.library)?;
        let (chosen, reference) = reference(target, faults, self.revision).await?;
        let run = check(self.library, self.rules, chosen, scope).await;
        reference.stop().await;
        let run = run?;
        match run.record.end {
            End::Interrupted => Err(Problem::Interrupted),
            _ => Ok(run.record.rules),
        }
    }
}

fn runtime() -> Result<Runtime, Problem> {
    let ours = |error: std::io::Error| Problem::Ours(format!("no runtime: {error}"));
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ours)
}

fn honest_problems(verdicts: &[RuleRecord]) -> Vec<String> {
    let unexpected =
        verdicts.iter().filter(|rule| !matches!(rule.verdict, Verdict::Pass | Verdict::Observed));
    unexpected
        .map(|rule| format!("without a fault, rule `{}` is {}", rule.id, rule.verdict))
        .collect()
}

/// A must or should rule without a fault has never been seen to fail.
fn unproven(rules: &[&Rule]) -> Vec<String> {
    let unproven =
        rules.iter().filter(|rule| rule.level != Level::Observe && rule.faults.is_empty());
    unproven.map(|rule| format!("rule `{}` names no fault", rule.id)).collect()
}

fn unnamed(fault: Fault, rules: &[&Rule]) -> Option<String> {
    let named = rules.iter().any(|rule| names(rule, fault));
    (!named && !fault.is_null()).then(|| format!("no rule names fault `{}`", fault.name()))
}

fn names(rule: &Rule, fault: Fault) -> bool {
    rule.faults.iter().any(|name| name == fault.name())
}

/// What a fault asks of a rule and what it got; a null server asks something of musts only.
fn row(fault: Fault, rule: &Rule, record: &RuleRecord) -> Option<MatrixRow> {
    let demand = match (fault.is_null(), names(rule, fault)) {
        (true, _) if rule.level == Level::Must => Demand::NoPass,
        (true, _) => return None,
        (false, true) => Demand::Fail,
        (false, false) => Demand::NoFail,
    };
    Some(MatrixRow {
        fault: fault.name().to_owned(),
        rule: rule.id.clone(),
        demand,
        verdict: record.verdict,
    })
}

fn problem(row: &MatrixRow) -> Option<String> {
    let MatrixRow { fault, rule, demand, verdict } = row;
    match (finding(*demand, *verdict)?, demand) {
        (Finding::Missed, Demand::NoPass) => {
            Some(format!("under `{fault}`, which answers nothing rightly, rule `{rule}` passes"))
        }
        (Finding::Missed, _) => {
            Some(format!("rule `{rule}` names fault `{fault}` and is {verdict} under it"))
        }
        (Finding::Unrelated, _) => Some(format!(
            "rule `{rule}` is {verdict} under fault `{fault}`, which it does not name"
        )),
        (Finding::Caught | Finding::Spoilt, _) => None,
    }
}
