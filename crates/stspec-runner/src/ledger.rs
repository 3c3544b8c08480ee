//! What a run makes on a target: noted before it is made, removed in reverse order.
//!
//! The notes are in memory and, for targets that outlive the process, in a file as well, so that
//! [`sweep`](crate::sweep()) can remove what a run that was killed could not.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use stspec_scenario::Service;
use stspec_verdict::Resources;

pub(crate) use self::change::Change;
pub use self::file::TargetIdentity;
use self::file::{Event, LedgerFile};
pub(crate) use self::removal::{Removal, Silence};
pub use self::replay::{Ledgers, UnfinishedRun, ledgers};
use crate::RunError;
use crate::clock::Clock;
use crate::target::connection::Connection;

mod change;
mod file;
mod removal;
mod replay;

/// Something on a target that would outlive the run, with everything inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    /// A customer managed policy with its versions.
    Policy { arn: String },
    /// An IAM user with its access keys, inline policies, attachments and boundary.
    User { name: String },
    /// An IAM role with its inline policies.
    Role { name: String },
    /// A bucket with its objects and its policy.
    Bucket { name: String },
}

/// The resources of a run, in the order in which they were about to be made.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

/// The entries, and the file that holds them, too, if there is one.
#[derive(Debug, Default)]
struct Book {
    entries: Vec<Entry>,
    file: Option<LedgerFile>,
}

/// A resource, and what the target said of it.
#[derive(Debug, Clone)]
struct Entry {
    resource: Resource,
    state: State,
}

/// What a target said of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Intended,
    /// That it made it.
    Made,
    /// That it made it and, as a step asked for, removed it.
    Gone,
}

impl Ledger {
    /// A ledger that is in a file as well, in a folder that is made where it is missing.
    ///
    /// Fails where nothing can be written: what can't be noted isn't to be made.
    pub(crate) fn open(
        folder: &Path,
        run: &str,
        identity: TargetIdentity,
        clock: Clock,
    ) -> Result<Self, RunError> {
        let file = LedgerFile::create(folder, run, identity, clock)
            .map_err(|error| RunError::ledger(folder, &error))?;
        Ok(Self(Mutex::new(Book { entries: Vec::new(), file: Some(file) })))
    }

    /// Notes a resource; called before the request that makes it, which must not be sent where this
    /// fails.
    pub(crate) fn intend(&self, resource: Resource) -> Result<(), String> {
        let mut book = self.book();
        if let Some(file) = &mut book.file {
            file.promise(Event::Intended, &resource, None)?;
        }
        book.entries.push(Entry { resource, state: State::Intended });
        Ok(())
    }

    /// Notes that the target made a resource; called after its answer.
    pub(crate) fn made(&self, resource: &Resource) {
        self.set(resource, State::Made, Event::Made);
    }

    /// Notes that the target removed a resource because a step asked it to.
    pub(crate) fn gone(&self, resource: &Resource) {
        self.set(resource, State::Gone, Event::Gone);
    }

    /// Notes by which name the target knows a resource, if by another one than was expected.
    pub(crate) fn correct(&self, expected: &Resource, actual: &Resource) -> Result<(), String> {
        if expected == actual {
            return Ok(());
        }
        let mut book = self.book();
        for entry in book.entries.iter_mut().filter(|entry| entry.resource == *expected) {
            entry.resource = actual.clone();
        }
        match &mut book.file {
            Some(file) => file.promise(Event::Corrected, expected, Some(actual)),
            None => Ok(()),
        }
    }

    /// How many resources it holds.
    pub(crate) fn len(&self) -> usize {
        self.book().entries.len()
    }

    fn set(&self, resource: &Resource, state: State, event: Event) {
        let mut book = self.book();
        for entry in book.entries.iter_mut().filter(|entry| entry.resource == *resource) {
            entry.state = state;
        }
        if let Some(file) = &mut book.file {
            file.remark(event, resource);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes everything in reverse order, policies last, and the file if nothing is left.
    ///
    /// A resource that the target never said it made is looked for all the same, as an answer may
    /// have been lost; where it is not there, it counts for nothing. Once a service gives no answer
    /// at all, it is not asked again, and what it holds counts as leaked. So does what was not removed
    /// when `hurry` resolves.
    pub(crate) async fn clean_up(
        &self,
        connection: &Connection,
        hurry: impl Future<Output = ()>,
    ) -> CleanUp {
        // Who was silent or throttled for a while may be back; that it ends is seen to by `Silence`.
        connection.reset();
        let entries = in_order_of_removal(std::mem::take(&mut self.book().entries));
        let mut clean_up = CleanUp::default();
        let mut silence = Silence::default();
        let mut hurry = pin!(hurry.fuse());
        let mut cut_short = false;
        for Entry { resource, state } in entries {
            let removal = if cut_short {
                Removal::cut_short()
            } else {
                // Whatever becomes of a removal that is dropped on its way, the ledger has it.
                tokio::select! {
                    biased;
                    () = &mut hurry => {
                        cut_short = true;
                        Removal::cut_short()
                    }
                    removal = silence.remove(&resource, connection) => removal,
                }
            };
            if clean_up.count(&resource, state, removal).is_gone()
                && let Some(file) = &mut self.book().file
            {
                file.remark(Event::Removed, &resource);
            }
        }
        if clean_up.leaks.is_empty()
            && let Some(file) = self.book().file.take()
        {
            file.discard();
        }
        clean_up
    }
}

/// In reverse order, but policies after all users: a step may have attached a policy to a user that
/// is older than it.
fn in_order_of_removal(entries: Vec<Entry>) -> Vec<Entry> {
    let newest_first = entries.into_iter().rev();
    let (policies, mut others): (Vec<Entry>, Vec<Entry>) =
        newest_first.partition(|entry| matches!(entry.resource, Resource::Policy { .. }));
    others.extend(policies);
    others
}

/// What cleaning up came to.
#[derive(Debug, Default)]
pub struct CleanUp {
    /// How many resources were made, removed and left.
    pub count: Resources,
    /// What is still there, each with the reason.
    pub leaks: Vec<String>,
}

impl CleanUp {
    /// Counts something else that is left behind.
    pub(crate) fn leak(&mut self, what: String) {
        self.count.created += 1;
        self.count.leaked += 1;
        self.leaks.push(what);
    }

    /// A target that knows nothing of what it said it made has lost it from sight, not removed it.
    fn count(&mut self, resource: &Resource, state: State, removal: Removal) -> Remainder {
        let reason = match (removal, state) {
            (Removal::NotThere(_), State::Intended) => return Remainder::Gone,
            (Removal::Removed, _) | (Removal::NotThere(_), State::Gone) => {
                self.count.created += 1;
                self.count.removed += 1;
                return Remainder::Gone;
            }
            (Removal::NotThere(reason), State::Made)
            | (Removal::Failed(reason) | Removal::NoAnswer(reason), _) => reason,
        };
        self.count.created += 1;
        self.count.leaked += 1;
        let doubt = if state == State::Intended { ", if it was made at all" } else { "" };
        self.leaks.push(format!("{resource}{doubt}: {reason}"));
        Remainder::Left
    }
}

/// Whether anything of a resource is, or may be, left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remainder {
    Gone,
    Left,
}

impl Remainder {
    fn is_gone(self) -> bool {
        self == Self::Gone
    }
}

impl Resource {
    /// A managed policy of the target's account, by the ARN that its name will make.
    pub(crate) fn policy(connection: &Connection, path: &str, name: &str) -> Self {
        let (partition, account) = (&connection.target.partition, &connection.account);
        Self::Policy { arn: format!("arn:{partition}:iam::{account}:policy{path}{name}") }
    }

    /// The name that it was given, without its path.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Policy { arn } => arn.rsplit('/').next().unwrap_or(arn),
            Self::User { name } | Self::Role { name } | Self::Bucket { name } => name,
        }
    }

    /// Which service holds it.
    pub(crate) fn service(&self) -> Service {
        match self {
            Self::Policy { .. } | Self::User { .. } | Self::Role { .. } => Service::Iam,
            Self::Bucket { .. } => Service::S3,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy { arn } => write!(formatter, "policy `{arn}`"),
            Self::Role { name } => write!(formatter, "role `{name}`"),
            Self::User { name } => write!(formatter, "user `{name}`"),
            Self::Bucket { name } => write!(formatter, "bucket `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cleaning up makes of one resource: created, removed, leaked.
    #[track_caller]
    fn check(state: State, removal: Removal, expected: (u64, u64, u64)) {
        let mut clean_up = CleanUp::default();
        clean_up.count(&Resource::User { name: "u".to_owned() }, state, removal);
        let Resources { created, removed, leaked } = clean_up.count;
        assert_eq!((created, removed, leaked), expected);
        assert_eq!(clean_up.leaks.len(), usize::from(leaked > 0));
    }

    fn not_there() -> Removal {
        Removal::NotThere("404".to_owned())
    }

    #[test]
    fn what_was_never_made_counts_for_nothing() {
        check(State::Intended, not_there(), (0, 0, 0));
    }

    #[test]
    fn what_turned_out_to_be_made_counts() {
        check(State::Intended, Removal::Removed, (1, 1, 0));
    }

    #[test]
    fn what_a_step_removed_counts_as_removed() {
        check(State::Gone, not_there(), (1, 1, 0));
    }

    #[test]
    fn what_is_lost_from_sight_is_a_leak() {
        check(State::Made, not_there(), (1, 0, 1));
    }

    #[test]
    fn what_stays_is_a_leak_whatever_was_said_of_it() {
        for state in [State::Intended, State::Made, State::Gone] {
            check(state, Removal::Failed("409".to_owned()), (1, 0, 1));
        }
    }

    #[test]
    fn the_newest_goes_first_and_policies_go_last() {
        let bucket = Resource::Bucket { name: "b".to_owned() };
        let policy = |arn: &str| Resource::Policy { arn: arn.to_owned() };
        let user = Resource::User { name: "u".to_owned() };
        let made = [&bucket, &policy("one"), &user, &policy("two")];
        let entries = made.map(|resource| Entry { resource: resource.clone(), state: State::Made });
        let ordered: Vec<Resource> =
            in_order_of_removal(entries.into()).into_iter().map(|entry| entry.resource).collect();
        assert_eq!(ordered, [user, bucket, policy("two"), policy("one")]);
    }

    #[test]
    fn a_corrected_resource_is_removed_by_its_actual_name() {
        let ledger = Ledger::default();
        let policy = |arn: &str| Resource::Policy { arn: arn.to_owned() };
        ledger.intend(policy("expected")).unwrap();
        ledger.made(&policy("expected"));
        ledger.correct(&policy("expected"), &policy("actual")).unwrap();
        let entries = &ledger.book().entries;
        assert_eq!(entries.len(), 1);
        assert_eq!((&entries[0].resource, entries[0].state), (&policy("actual"), State::Made));
    }
}
