//! Removes what runs left on a target: what the ledgers of killed runs tell of, and what is found
//! there under a path or a name that only runs use.

use std::collections::BTreeSet;

use stspec_verdict::{Observed, Redactor};

use crate::RunError;
use crate::clock::Clock;
use crate::ledger::{Ledgers, Removal, Resource, Silence, UnfinishedRun};
use crate::options::RequestOptions;
use crate::target::connection::{ConnectOptions, Connection};
use crate::wire::secrets::Secrets;

mod leftovers;

/// How far a sweep goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepMode {
    /// It only looks.
    Look,
    /// It removes what it finds.
    Remove,
}

/// What came of a sweep.
#[derive(Debug)]
pub struct SweepReport {
    /// The account that was report.
    pub account: String,
    /// What was found, in the order of removal.
    pub leftovers: Vec<Leftover>,
    /// What may be left and could not be looked at, each with the reason.
    pub doubts: Vec<String>,
    /// What else a person may want to know.
    pub notes: Vec<String>,
    /// The secrets that may have come near the texts.
    pub secrets: Redactor,
}

/// Something of ours that was found on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// What it is.
    pub what: String,
    /// By what it is known to be ours.
    pub why: String,
    /// What became of it.
    pub outcome: SweepOutcome,
}

/// What became of something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepOutcome {
    /// It was only looked at.
    Found,
    /// It is gone.
    Removed,
    /// It is still there, for this reason.
    Left(String),
}

impl SweepReport {
    /// Whether nothing of ours is left, as far as it could be looked at.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.doubts.is_empty()
            && self.leftovers.iter().all(|leftover| leftover.outcome == SweepOutcome::Removed)
    }
}

/// Looks for what runs left on a target, and removes it if it is to.
///
/// `ledgers` are those of this target. What runs at work on this machine made is left alone; those on
/// other machines can't be told from killed ones.
pub async fn sweep(
    connect: ConnectOptions,
    clock: Clock,
    ledgers: Ledgers,
    mode: SweepMode,
) -> Result<SweepReport, RunError> {
    let secrets = Secrets::default();
    connect.register_secrets(&secrets);
    let connection = Connection::open(connect, RequestOptions::quiet(clock), &secrets).await?;
    let mut report = SweepReport {
        account: connection.account.clone(),
        leftovers: Vec::new(),
        doubts: Vec::new(),
        notes: Vec::new(),
        secrets: secrets.redactor(),
    };
    let unfinished = of_this_account(ledgers.unfinished, &mut report);
    let found = leftovers::find(&connection, &mut report).await;
    let candidates = candidates(&unfinished, found, &ledgers.active);
    let left = match mode {
        SweepMode::Look => look_at(candidates, &connection, &mut report).await,
        SweepMode::Remove => remove_all(candidates, &connection, &mut report).await,
    };
    for ledger in &unfinished {
        close(ledger, &left, mode, &mut report);
    }
    Ok(report)
}

/// Something that may be on the target, and why it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    resource: Resource,
    why: String,
}

fn of_this_account(ledgers: Vec<UnfinishedRun>, report: &mut SweepReport) -> Vec<UnfinishedRun> {
    let mut ours = Vec::new();
    for ledger in ledgers {
        match &ledger.identity {
            Some(identity) if identity.account != report.account => report.doubts.push(format!(
                "the ledger `{}` is of account {}, and the credentials are of account {}",
                ledger.path.display(),
                identity.account,
                report.account
            )),
            _ => ours.push(ledger),
        }
    }
    ours
}

/// Everything once, in the order of removal: the newest of the newest run first, then what no ledger
/// tells of, and policies after whatever they may be attached to.
fn candidates(
    unfinished: &[UnfinishedRun],
    found: Vec<Candidate>,
    active: &[String],
) -> Vec<Candidate> {
    let noted = unfinished.iter().flat_map(|ledger| {
        let why = format!("the ledger of run {} has it", ledger.run);
        ledger
            .resources
            .iter()
            .rev()
            .map(move |resource| Candidate { resource: resource.clone(), why: why.clone() })
    });
    let made_by =
        |resource: &Resource, run: &String| resource.name().starts_with(&format!("stspec-{run}-"));
    let found = found
        .into_iter()
        .filter(|candidate| !active.iter().any(|run| made_by(&candidate.resource, run)));
    let mut seen = BTreeSet::new();
    let once: Vec<Candidate> =
        noted.chain(found).filter(|candidate| seen.insert(candidate.resource.clone())).collect();
    let (policies, mut others): (Vec<_>, Vec<_>) = once
        .into_iter()
        .partition(|candidate| matches!(candidate.resource, Resource::Policy { .. }));
    others.extend(policies);
    others
}

/// Notes what is there. Returns what is, or may be.
async fn look_at(
    candidates: Vec<Candidate>,
    connection: &Connection,
    report: &mut SweepReport,
) -> BTreeSet<Resource> {
    let mut left = BTreeSet::new();
    for Candidate { resource, why } in candidates {
        match look(&resource, connection).await {
            Observed::Answer(answer) if answer.status == 404 => continue,
            Observed::Answer(answer) if (200..300).contains(&answer.status) => {
                report.leftovers.push(Leftover {
                    what: resource.to_string(),
                    why,
                    outcome: SweepOutcome::Found,
                });
            }
            other => report
                .doubts
                .push(format!("{resource}, as {why}, could not be looked at: {}", other.summary())),
        }
        left.insert(resource);
    }
    left
}

async fn look(resource: &Resource, connection: &Connection) -> Observed {
    match resource {
        Resource::Policy { arn } => {
            connection.administer("iam.GetPolicy", &[("PolicyArn", arn)]).await
        }
        Resource::User { name } => {
            connection.administer("iam.GetUser", &[("UserName", name)]).await
        }
        Resource::Role { name } => {
            connection.administer("iam.GetRole", &[("RoleName", name)]).await
        }
        Resource::Bucket { name } => {
            connection.administer("s3.HeadBucket", &[("Bucket", name)]).await
        }
    }
}

/// Removes what is there. Returns what is left.
async fn remove_all(
    candidates: Vec<Candidate>,
    connection: &Connection,
    report: &mut SweepReport,
) -> BTreeSet<Resource> {
    let mut left = BTreeSet::new();
    let mut silence = Silence::default();
    for Candidate { resource, why } in candidates {
        let outcome = match silence.remove(&resource, connection).await {
            Removal::NotThere(_) => continue,
            Removal::Removed => SweepOutcome::Removed,
            Removal::Failed(reason) | Removal::NoAnswer(reason) => SweepOutcome::Left(reason),
        };
        report.leftovers.push(Leftover {
            what: resource.to_string(),
            why,
            outcome: outcome.clone(),
        });
        if outcome != SweepOutcome::Removed {
            left.insert(resource);
        }
    }
    left
}

/// Takes a ledger away that tells of nothing that is left.
fn close(
    ledger: &UnfinishedRun,
    left: &BTreeSet<Resource>,
    mode: SweepMode,
    report: &mut SweepReport,
) {
    let path = ledger.path.display();
    if ledger.unreadable > 0 {
        let lines = ledger.unreadable;
        report.doubts.push(format!(
            "{lines} lines of the ledger `{path}` can't be read; look at them and delete the file"
        ));
        return;
    }
    if ledger.resources.iter().any(|resource| left.contains(resource)) {
        return;
    }
    if mode == SweepMode::Look {
        let run = &ledger.run;
        report
            .notes
            .push(format!("nothing that the ledger of run {run} tells of is there any more"));
        return;
    }
    match std::fs::remove_file(&ledger.path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            report.notes.push(format!("the ledger `{path}` could not be deleted: {error}"));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> Candidate {
        let resource = Resource::User { name: name.to_owned() };
        Candidate { resource, why: "it was found".to_owned() }
    }

    #[test]
    fn what_runs_at_work_made_is_left_alone() {
        let found = vec![user("stspec-atwork00-a"), user("stspec-killed00-a")];
        let candidates = candidates(&[], found, &["atwork00".to_owned()]);
        assert_eq!(candidates, [user("stspec-killed00-a")]);
    }

    #[test]
    fn policies_go_after_what_they_may_be_attached_to() {
        let arn = "arn:aws:iam::1:policy/stspec/p".to_owned();
        let policy = Candidate { resource: Resource::Policy { arn }, why: String::new() };
        let found = vec![policy.clone(), user("u"), user("u")];
        assert_eq!(candidates(&[], found, &[]), [user("u"), policy]);
    }
}
