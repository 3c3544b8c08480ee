//! Reads the ledgers of runs that did not finish.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Resource;
use super::file::{EXTENSION, Event, Line, TargetIdentity};
use crate::RunError;

/// The ledgers in a folder.
#[derive(Debug, Default)]
pub struct Ledgers {
    /// Those of runs that ended before they had removed everything, the newest first.
    pub unfinished: Vec<UnfinishedRun>,
    /// The ids of runs that are at work, or whose ledger is being report.
    pub active: Vec<String>,
}

/// The ledger of a run that ended before it had removed everything.
///
/// It is locked until it is dropped, so that two sweeps don't meet in it.
#[derive(Debug)]
pub struct UnfinishedRun {
    /// The run's id.
    pub run: String,
    /// Where the ledger is.
    pub path: PathBuf,
    /// Which target the run was on; nothing if no line can be read.
    pub identity: Option<TargetIdentity>,
    /// What the run may have left, in the order in which it was to be made.
    pub(crate) resources: Vec<Resource>,
    /// When the first line was written, in RFC 3339.
    pub(crate) since: String,
    /// How many lines tell nothing, apart from one that was cut off at the end.
    pub(crate) unreadable: usize,
    _lock: File,
}

/// Reads the ledgers in a folder, apart from those of runs that are at work.
///
/// A folder that isn't there holds none. A ledger that tells of nothing that may be left, because its
/// run was killed before it made anything or after it had removed all, is taken away.
pub fn ledgers(folder: &Path) -> Result<Ledgers, RunError> {
    read_all(folder).map_err(|error| RunError::ledger(folder, &error))
}

fn read_all(folder: &Path) -> io::Result<Ledgers> {
    let mut ledgers = Ledgers::default();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ledgers),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension() != Some(OsStr::new(EXTENSION)) {
            continue;
        }
        let run = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut file = match File::options().read(true).append(true).open(&path) {
            // Its run ended well in the meantime.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => ledgers.active.push(run),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                let unfinished = unfinished(run, path, &bytes, file);
                if unfinished.resources.is_empty() && unfinished.unreadable == 0 {
                    // The next one finds it again.
                    let _harmless = fs::remove_file(&unfinished.path);
                } else {
                    ledgers.unfinished.push(unfinished);
                }
            }
        }
    }
    ledgers.active.sort();
    ledgers.unfinished.sort_by(|a, b| (&b.since, &b.run).cmp(&(&a.since, &a.run)));
    Ok(ledgers)
}

fn unfinished(run: String, path: PathBuf, bytes: &[u8], lock: File) -> UnfinishedRun {
    let mut found = UnfinishedRun {
        run,
        path,
        identity: None,
        resources: Vec::new(),
        since: String::new(),
        unreadable: 0,
        _lock: lock,
    };
    for text in bytes.split_inclusive(|byte| *byte == b'\n') {
        // Half a line at the end is an intent that was never followed by its request.
        let Some(text) = text.strip_suffix(b"\n") else { continue };
        match serde_json::from_slice(text) {
            Ok(line) => found.heed(line),
            Err(_) => found.unreadable += 1,
        }
    }
    found
}

impl UnfinishedRun {
    fn heed(&mut self, line: Line) {
        if self.identity.is_none() {
            self.identity = Some(line.identity);
            self.since = line.time;
        }
        let actual = line.actual.map(|name| line.kind.named(name));
        let resource = line.kind.named(line.name);
        match line.event {
            Event::Intended => self.resources.push(resource),
            Event::Removed => self.resources.retain(|other| *other != resource),
            Event::Corrected => {
                let Some(actual) = actual else { return };
                let same = self.resources.iter_mut().filter(|other| **other == resource);
                same.for_each(|other| *other = actual.clone());
            }
            // Whether it was made or is gone is the target's to say now.
            Event::Made | Event::Gone => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ledger;
    use super::*;
    use crate::clock::Clock;

    fn identity() -> TargetIdentity {
        TargetIdentity {
            target: "endpoint".to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            iam: Some("http://127.0.0.1:2".to_owned()),
            s3: None,
            region: "eu-west-1".to_owned(),
            account: "123456789012".to_owned(),
        }
    }

    fn ledger(folder: &Path, run: &str) -> Ledger {
        Ledger::open(folder, run, identity(), Clock::system()).unwrap()
    }

    fn user(name: &str) -> Resource {
        Resource::User { name: name.to_owned() }
    }

    fn policy(arn: &str) -> Resource {
        Resource::Policy { arn: arn.to_owned() }
    }

    /// Writes a ledger as a run does that is then killed, and reads it.
    #[track_caller]
    fn check(write: impl FnOnce(&Ledger), expected: &[Resource]) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path(), "run");
        write(&ledger);
        drop(ledger);
        let [unfinished] = &ledgers(folder.path()).unwrap().unfinished[..] else {
            panic!("one ledger")
        };
        assert_eq!(unfinished.resources, expected);
        assert_eq!((unfinished.run.as_str(), unfinished.unreadable), ("run", 0));
        assert_eq!(unfinished.identity, Some(identity()));
    }

    #[test]
    fn a_ledger_that_tells_of_nothing_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let files = || fs::read_dir(folder.path()).unwrap().count();
        let ledger = ledger(folder.path(), "run");
        assert_eq!((files(), ledgers(folder.path()).unwrap().active.len()), (1, 1));
        drop(ledger);
        assert!(ledgers(folder.path()).unwrap().unfinished.is_empty());
        assert_eq!(files(), 0);
    }

    #[test]
    fn what_was_intended_is_looked_for_whatever_came_of_it() {
        check(
            |ledger| {
                ledger.intend(user("intended")).unwrap();
                ledger.intend(user("made")).unwrap();
                ledger.made(&user("made"));
                ledger.intend(user("lost")).unwrap();
                ledger.gone(&user("lost"));
            },
            &[user("intended"), user("made"), user("lost")],
        );
    }

    #[test]
    fn a_correction_is_heeded() {
        check(
            |ledger| {
                ledger.intend(policy("expected")).unwrap();
                ledger.correct(&policy("expected"), &policy("actual")).unwrap();
            },
            &[policy("actual")],
        );
    }

    #[test]
    fn a_run_at_work_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path(), "run");
        ledger.intend(user("made")).unwrap();
        let found = ledgers(folder.path()).unwrap();
        assert_eq!((found.unfinished.len(), found.active), (0, vec!["run".to_owned()]));
        drop(ledger);
        let found = ledgers(folder.path()).unwrap();
        assert_eq!((found.unfinished.len(), found.active.len()), (1, 0));
        // The first sweep is still at it.
        assert_eq!(ledgers(folder.path()).unwrap().active, ["run"]);
    }

    #[test]
    fn half_a_line_at_the_end_is_no_fault_and_one_in_the_middle_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let ledger = ledger(folder.path(), "run");
        ledger.intend(user("made")).unwrap();
        drop(ledger);
        let line = fs::read_to_string(&path).unwrap();
        let half = &line[..line.len() / 2];
        fs::write(&path, format!("{line}{half}")).unwrap();
        let unreadable = |folder| ledgers(folder).unwrap().unfinished[0].unreadable;
        assert_eq!(unreadable(folder.path()), 0);
        fs::write(&path, format!("{half}\n{line}")).unwrap();
        assert_eq!(unreadable(folder.path()), 1);
        assert_eq!(ledgers(folder.path()).unwrap().unfinished[0].resources, [user("made")]);
    }

    #[test]
    fn a_line_says_what_a_person_needs_to_know() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(folder.path(), "run");
        ledger.intend(user("joe")).unwrap();
        let text = fs::read_to_string(folder.path().join("run.jsonl")).unwrap();
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        let told = ["run", "target", "endpoint", "account", "event", "kind", "name"];
        let told = told.map(|key| line[key].as_str().unwrap());
        assert_eq!(
            told,
            ["run", "endpoint", "http://127.0.0.1:1", "123456789012", "intended", "user", "joe"]
        );
        assert!(line["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    }

    #[test]
    fn a_folder_that_is_a_file_is_refused_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = Ledger::open(&file.join("ledger"), "run", identity(), Clock::system());
        assert!(matches!(refused, Err(RunError::Ledger { .. })), "{refused:?}");
        assert!(ledgers(&file).is_err());
        assert!(ledgers(&folder.path().join("missing")).unwrap().unfinished.is_empty());
    }
}
