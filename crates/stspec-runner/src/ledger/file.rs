//! A ledger on disk: a line of JSON for each intent and each outcome, appended and never changed.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Resource;
use crate::clock::Clock;
use crate::target::connection::Connection;

/// What the names of ledgers end in.
pub(super) const EXTENSION: &str = "jsonl";

/// Which target a run is on, as each line of its ledger says. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TargetIdentity {
    /// The target's name.
    pub target: String,
    /// Where its STS is.
    pub endpoint: String,
    /// Where its IAM is, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam: Option<String>,
    /// Where its S3 is, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The account that the administrator belongs to.
    pub account: String,
}

impl TargetIdentity {
    pub(crate) fn of(connection: &Connection) -> Self {
        let endpoints = connection.endpoints.clone();
        Self {
            target: connection.target.name.to_string(),
            endpoint: endpoints.sts,
            iam: endpoints.iam,
            s3: endpoints.s3,
            region: connection.target.region.clone(),
            account: connection.account.clone(),
        }
    }
}

/// A line of a ledger. Each stands for itself, so that a torn one spoils no other.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// When, in RFC 3339.
    pub(super) time: String,
    pub(super) run: String,
    #[serde(flatten)]
    pub(super) identity: TargetIdentity,
    pub(super) event: Event,
    pub(super) kind: Kind,
    /// Of a policy the ARN, of all else the name.
    pub(super) name: String,
    /// Of a correction the name that holds from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actual: Option<String>,
}

/// What a line says of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Event {
    /// It is about to be asked for.
    Intended,
    /// The target said that it made it.
    Made,
    /// The target knows it by another name.
    Corrected,
    /// A step had it removed.
    Gone,
    /// Cleaning up removed it, or found that it was never made.
    Removed,
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Policy,
    User,
    Role,
    Bucket,
}

impl Kind {
    fn of(resource: &Resource) -> (Self, &str) {
        match resource {
            Resource::Policy { arn } => (Self::Policy, arn),
            Resource::User { name } => (Self::User, name),
            Resource::Role { name } => (Self::Role, name),
            Resource::Bucket { name } => (Self::Bucket, name),
        }
    }

    /// The resource of this kind and name.
    pub(super) fn named(self, name: String) -> Resource {
        match self {
            Self::Policy => Resource::Policy { arn: name },
            Self::User => Resource::User { name },
            Self::Role => Resource::Role { name },
            Self::Bucket => Resource::Bucket { name },
        }
    }
}

/// A ledger that is being written. It is locked while it is open, which tells a run that is at work
/// from one that was killed: the lock ends with the process, whichever way that ends.
#[derive(Debug)]
pub(super) struct LedgerFile {
    path: PathBuf,
    file: File,
    run: String,
    identity: TargetIdentity,
    clock: Clock,
    /// Why nothing is written any more: after half a line nothing may follow on it.
    broken: Option<String>,
}

impl LedgerFile {
    /// Makes the ledger of a run, and its folder where that is missing.
    ///
    /// It gets its name when it is locked: a sweep that comes by in between would otherwise take it
    /// for an abandoned one.
    pub(super) fn create(
        folder: &Path,
        run: &str,
        identity: TargetIdentity,
        clock: Clock,
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let unlocked = folder.join(run).with_extension("new");
        let path = folder.join(run).with_extension(EXTENSION);
        let file = File::options().append(true).create_new(true).open(&unlocked)?;
        let locked = file.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::ErrorKind::ResourceBusy.into(),
        });
        if let Err(error) = locked.and_then(|()| fs::rename(&unlocked, &path)) {
            // The first error is the one that tells what is wrong.
            let _second = fs::remove_file(&unlocked);
            return Err(error);
        }
        // So that the name outlasts a power cut; not every system lets folders be synchronised.
        let _best_effort = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(Self { path, file, run: run.to_owned(), identity, clock, broken: None })
    }

    /// Writes what has to be on the disk before a request is sent.
    pub(super) fn promise(
        &mut self,
        event: Event,
        resource: &Resource,
        actual: Option<&Resource>,
    ) -> Result<(), String> {
        if self.broken.is_none() {
            let written = self.write(event, resource, actual).and_then(|()| self.file.sync_data());
            self.broken = written.err().map(|error| error.to_string());
        }
        match &self.broken {
            None => Ok(()),
            Some(reason) => {
                Err(format!("the ledger `{}` can't be written: {reason}", self.path.display()))
            }
        }
    }

    /// Writes what only saves work: without an outcome, a sweep looks for the resource in any case.
    pub(super) fn remark(&mut self, event: Event, resource: &Resource) {
        if self.broken.is_none() {
            self.broken = self.write(event, resource, None).err().map(|error| error.to_string());
        }
    }

    /// Takes the ledger away, as nothing is left to remove.
    pub(super) fn discard(self) {
        // Where it stays, a sweep finds nothing in it and takes it away.
        let _harmless = fs::remove_file(&self.path);
    }

    fn write(
        &mut self,
        event: Event,
        resource: &Resource,
        actual: Option<&Resource>,
    ) -> io::Result<()> {
        let (kind, name) = Kind::of(resource);
        let line = Line {
            time: self.clock.timestamp().to_string(),
            run: self.run.clone(),
            identity: self.identity.clone(),
            event,
            kind,
            name: name.to_owned(),
            actual: actual.map(|actual| Kind::of(actual).1.to_owned()),
        };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }
}
