//! Removes what runs left on a target: what the ledgers of killed runs tell of, and what is found
//! there under a path or a name that only runs use.

use std::collections::BTreeSet;

use stspec_verdict::{Observed, Redactor};

use crate::RunError;
use crate::clock::Clock;
use crate::connection::{Connect, Connection, Manner};
use crate::ledger::{Ledgers, Removal, Resource, Silence, Unfinished};
use crate::secrets::Secrets;

mod leftovers;

/// How far a sweep goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// It only looks.
    Look,
    /// It removes what it finds.
    Remove,
}

/// What came of a sweep.
#[derive(Debug)]
pub struct Swept {
    /// The account that was swept.
    pub account: String,
    /// What was found, in the order of removal.
    pub things: Vec<Thing>,
    /// What may be left and could not be looked at, each with the reason.
    pub doubts: Vec<String>,
    /// What else a person may want to know.
    pub notes: Vec<String>,
    /// The secrets that may have come near the texts.
    pub secrets: Redactor,
}

/// Something of ours that was found on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub what: String,
    /// By what it is known to be ours.
    pub why: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was only looked at.
    Found,
    /// It is gone.
    Removed,
    /// It is still there, for this reason.
    Left(String),
}

impl Swept {
    /// Whether nothing of ours is left, as far as it could be looked at.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.doubts.is_empty() && self.things.iter().all(|thing| thing.fate == Fate::Removed)
    }
}

/// Looks for what runs left on a target, and removes it if it is to.
///
/// `ledgers` are those of this target. What runs at work on this machine made is left alone; those on
/// other machines can't be told from killed ones.
pub async fn sweep(
    connect: Connect,
    clock: Clock,
    ledgers: Ledgers,
    sweep: Sweep,
) -> Result<Swept, RunError> {
    let secrets = Secrets::default();
    secrets.register_all(&connect);
    let connection = Connection::open(connect, Manner::quiet(clock), &secrets).await?;
    let mut swept = Swept {
        account: connection.account.clone(),
        things: Vec::new(),
        doubts: Vec::new(),
        notes: Vec::new(),
        secrets: secrets.redactor(),
    };
    let unfinished = of_this_account(ledgers.unfinished, &mut swept);
    let found = leftovers::find(&connection, &mut swept).await;
    let candidates = candidates(&unfinished, found, &ledgers.at_work);
    let left = match sweep {
        Sweep::Look => look_at(candidates, &connection, &mut swept).await,
        Sweep::Remove => remove_all(candidates, &connection, &mut swept).await,
    };
    for ledger in &unfinished {
        close(ledger, &left, sweep, &mut swept);
    }
    Ok(swept)
}

/// Something that may be on the target, and why it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    resource: Resource,
    why: String,
}

fn of_this_account(ledgers: Vec<Unfinished>, swept: &mut Swept) -> Vec<Unfinished> {
    let mut ours = Vec::new();
    for ledger in ledgers {
        match &ledger.place {
            Some(place) if place.account != swept.account => swept.doubts.push(format!(
                "the ledger `{}` is of account {}, and the credentials are of account {}",
                ledger.path.display(),
                place.account,
                swept.account
            )),
            _ => ours.push(ledger),
        }
    }
    ours
}

/// Everything once, in the order of removal: the newest of the newest run first, then what no ledger
/// tells of, and policies after whatever they may be attached to.
fn candidates(
    unfinished: &[Unfinished],
    found: Vec<Candidate>,
    at_work: &[String],
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
        .filter(|candidate| !at_work.iter().any(|run| made_by(&candidate.resource, run)));
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
    swept: &mut Swept,
) -> BTreeSet<Resource> {
    let mut left = BTreeSet::new();
    for Candidate { resource, why } in candidates {
        match look(&resource, connection).await {
            Observed::Answer(answer) if answer.status == 404 => continue,
            Observed::Answer(answer) if (200..300).contains(&answer.status) => {
                swept.things.push(Thing { what: resource.to_string(), why, fate: Fate::Found });
            }
            other => swept
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
    swept: &mut Swept,
) -> BTreeSet<Resource> {
    let mut left = BTreeSet::new();
    let mut silence = Silence::default();
    for Candidate { resource, why } in candidates {
        let fate = match silence.remove(&resource, connection).await {
            Removal::NotThere(_) => continue,
            Removal::Removed => Fate::Removed,
            Removal::Failed(reason) | Removal::NoAnswer(reason) => Fate::Left(reason),
        };
        swept.things.push(Thing { what: resource.to_string(), why, fate: fate.clone() });
        if fate != Fate::Removed {
            left.insert(resource);
        }
    }
    left
}

/// Takes a ledger away that tells of nothing that is left.
fn close(ledger: &Unfinished, left: &BTreeSet<Resource>, sweep: Sweep, swept: &mut Swept) {
    let path = ledger.path.display();
    if ledger.unreadable > 0 {
        let lines = ledger.unreadable;
        swept.doubts.push(format!(
            "{lines} lines of the ledger `{path}` can't be read; look at them and delete the file"
        ));
        return;
    }
    if ledger.resources.iter().any(|resource| left.contains(resource)) {
        return;
    }
    if sweep == Sweep::Look {
        let run = &ledger.run;
        swept
            .notes
            .push(format!("nothing that the ledger of run {run} tells of is there any more"));
        return;
    }
    match std::fs::remove_file(&ledger.path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            swept.notes.push(format!("the ledger `{path}` could not be deleted: {error}"));
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
