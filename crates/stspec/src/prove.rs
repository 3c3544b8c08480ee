//! `stspec prove`: every rule fails under each fault that it names, and no other rule does.

use std::path::Path;

use futures::StreamExt;
use stspec_reference::{Fault, Faults};
use stspec_report::{Demand, Finding, MatrixRow, fault_matrix, finding};
use stspec_scenario::{Level, Library, Rule};
use stspec_verdict::{End, ExitCode, RuleRecord, Verdict};

use crate::REVISION_DEFAULT;
use crate::cli::ProveArgs;
use crate::error::Problem;
use crate::output;
use crate::run::{Scope, check, select};
use crate::scenarios::library;
use crate::target::{default_target, reference};

/// How many faults are tried at once; each has a server of its own.
const JOBS: usize = 2;

/// How many scenarios of one run are played at once.
const SCENARIOS_AT_ONCE: usize = 8;

/// What came of proving.
#[derive(Debug)]
pub struct Proof {
    /// Rule by fault, as text.
    pub matrix: String,
    /// What is wrong with rules or faults, one sentence each.
    pub problems: Vec<String>,
}

/// Proves, prints the matrix and what is wrong.
pub(crate) async fn command(
    scenarios: Option<&Path>,
    args: ProveArgs,
) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let faults = wanted(&args.fault)?;
    let proof = prove(&library, &faults).await?;
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

/// Runs all rules once without a fault and once under each fault.
pub async fn prove(library: &Library, faults: &[Fault]) -> Result<Proof, Problem> {
    let revision = REVISION_DEFAULT.parse().map_err(|error| Problem::Ours(format!("{error}")))?;
    let rules = select(library, &[], revision)?;
    let scope = Scope { jobs: SCENARIOS_AT_ONCE, revision };
    let mut problems = honest_problems(&verdicts(library, &rules, None, scope).await?);
    problems.extend(unproven(&rules));
    problems.extend(faults.iter().filter_map(|fault| unnamed(*fault, &rules)));
    let tried = faults.iter().map(|fault| async {
        verdicts(library, &rules, Some(*fault), scope).await.map(|verdicts| (*fault, verdicts))
    });
    let mut rows = Vec::new();
    for tried in futures::stream::iter(tried).buffered(JOBS).collect::<Vec<_>>().await {
        let (fault, verdicts) = tried?;
        rows.extend(
            rules.iter().zip(&verdicts).filter_map(|(rule, record)| row(fault, rule, record)),
        );
    }
    problems.extend(rows.iter().filter_map(problem));
    Ok(Proof { matrix: fault_matrix(&rows), problems })
}

async fn verdicts(
    library: &Library,
    rules: &[&Rule],
    fault: Option<Fault>,
    scope: Scope,
) -> Result<Vec<RuleRecord>, Problem> {
    let faults: Faults = fault.into_iter().collect();
    let (chosen, reference) = reference(default_target(library)?, faults).await?;
    let run = check(library, rules, chosen, scope).await;
    reference.stop().await;
    let run = run?;
    if run.record.end == End::Interrupted {
        return Err(Problem::Interrupted);
    }
    Ok(run.record.rules)
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
