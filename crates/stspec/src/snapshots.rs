//! Snapshots of a target: what a run is compared with, and `stspec snapshot accept|diff`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use stspec_report::{
    CleanRecord, DifferenceClass, ReportError, SnapshotDifference, compare_snapshots,
    render_differences, snapshots,
};
use stspec_scenario::{Library, Name, RuleId};
use stspec_verdict::{End, ExitCode, SnapshotChange, SnapshotRecord, Verdict, exit_code};

use crate::cli::{AcceptArgs, DiffArgs, SnapshotCommand};
use crate::error::Problem;
use crate::output;
use crate::publish::is_clean;
use crate::run::{Scope, check_named, select, tell_leaks};
use crate::scenarios::{library, unreadable};
use crate::target::named;

/// What a snapshot's file is called after its rule.
const EXTENSION: &str = "snap";

/// The heading of a snapshot that stspec writes, in the form of insta, which keeps those of the reference.
const HEADING: &str = "---\nsource: stspec snapshot accept\n---\n";

/// The snapshots below a folder.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
    /// The text of each, with its heading, by the rule's id.
    texts: BTreeMap<String, String>,
}

/// Accepts or compares.
pub(crate) async fn command(
    scenarios: Option<&Path>,
    command: SnapshotCommand,
) -> Result<ExitCode, Problem> {
    match command {
        SnapshotCommand::Accept(args) => accept(scenarios, args).await,
        SnapshotCommand::Diff(args) => diff(&args),
    }
}

/// The snapshots of a target, if there are any.
pub(crate) fn find(snapshots: &Path, target: &Name) -> Result<Option<Kept>, Problem> {
    let kept = read(&snapshots.join(target.as_str()))?;
    Ok((!kept.texts.is_empty()).then_some(kept))
}

/// Compares what a run saw with the snapshots. `None` for a run that ended early, which saw too little;
/// a rule with an error of stspec is left out, as it says nothing about its target.
pub(crate) fn compare(
    record: &CleanRecord,
    kept: &Kept,
    must_match: bool,
) -> Result<Option<SnapshotRecord>, Problem> {
    if record.end != End::Complete {
        return Ok(None);
    }
    let mut seen = SnapshotRecord {
        folder: kept.folder.to_string_lossy().into_owned(),
        must_match,
        same: 0,
        changed: Vec::new(),
        missing: Vec::new(),
    };
    for (rule, now) in taken(record)? {
        match kept.texts.get(rule.as_str()).map(|text| body(text)) {
            None => seen.missing.push(rule),
            Some(before) if before.trim_end() == now.trim_end() => seen.same += 1,
            Some(before) => {
                let before = before.to_owned();
                seen.changed.push(SnapshotChange { rule, before, now });
            }
        }
    }
    Ok(Some(seen))
}

/// The snapshots of a run, without those of rules in which our own fault shows.
fn taken(record: &CleanRecord) -> Result<Vec<(RuleId, String)>, Problem> {
    let ours: Vec<&RuleId> = record
        .rules
        .iter()
        .filter(|rule| rule.verdict == Verdict::Error)
        .map(|rule| &rule.id)
        .collect();
    let taken = snapshots(record).map_err(|error| Problem::Ours(error.to_string()))?;
    Ok(taken.into_iter().filter(|(rule, _)| !ours.contains(&rule)).collect())
}

/// Runs the rules and keeps what was seen.
async fn accept(scenarios: Option<&Path>, args: AcceptArgs) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let rules = select(&library, &args.selectors, args.revision)?;
    let named = named(&library, scenarios, &args.on)?;
    let kept = read(&args.snapshots.join(named.name().as_str()))?;
    let remedy = named.remedy();
    let pace = if args.slow { stspec_runner::Pace::Slow } else { stspec_runner::Pace::Quick };
    let scope = Scope { pace, ..Scope::quick(args.jobs.into(), args.revision) };
    let run = check_named(&library, &rules, named, scope).await?;
    tell_leaks(&run, remedy.as_deref());
    let record = CleanRecord::new(run.record);
    let taken = taken(&record)?;
    let clean = is_clean(&record.secrets, taken.iter().map(|(_, text)| text.as_str()));
    if !clean {
        output::note("a secret leaked: no snapshots written");
        return Ok(ExitCode::Leaked);
    }
    if record.end != End::Complete {
        output::note("run incomplete: no snapshots written");
        return Ok(exit_code(&record));
    }
    keep(&kept, &taken)?;
    strays(&kept, &library);
    let left = record.resources.leaked > 0;
    Ok(if left { ExitCode::Leaked } else { ExitCode::Passed })
}

/// Writes what is new or changed, each with the heading that it had, and says so.
fn keep(kept: &Kept, taken: &[(RuleId, String)]) -> Result<(), Problem> {
    let mut same = 0;
    for (rule, now) in taken {
        let before = kept.texts.get(rule.as_str());
        if before.is_some_and(|before| body(before).trim_end() == now.trim_end()) {
            same += 1;
            continue;
        }
        let heading = before.map_or(HEADING, |before| heading(before));
        let file = kept.folder.join(format!("{rule}.{EXTENSION}"));
        write(&file, &format!("{heading}{now}"))?;
        let word = if before.is_some() { "changed" } else { "new    " };
        output::data(&format!("{word} {}\n", file.display()));
    }
    let written = taken.len() - same;
    output::data(&format!("{written} written, {same} as before\n"));
    Ok(())
}

/// Names the snapshots that stand for no rule; they are left to whoever removed the rule.
fn strays(kept: &Kept, library: &Library) {
    let known: Vec<&str> = library.rules().iter().map(|rule| rule.id.as_str()).collect();
    for id in kept.texts.keys().filter(|id| !known.contains(&id.as_str())) {
        output::note(&format!("{}/{id}.{EXTENSION} stands for no rule", kept.folder.display()));
    }
}

fn write(file: &Path, text: &str) -> Result<(), Problem> {
    let failed = |error: std::io::Error| unreadable(file, &error);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(file, text).map_err(failed)
}

/// Compares two folders rule by rule.
fn diff(args: &DiffArgs) -> Result<ExitCode, Problem> {
    let (a, b) = (side(&args.a, &args.snapshots)?, side(&args.b, &args.snapshots)?);
    let up_to = args.class.into();
    let (mut same, mut differing, mut counts) = (0, 0, BTreeMap::new());
    for (id, text) in &a.texts {
        let Some(other) = b.texts.get(id) else { continue };
        let rule = RuleId::parse(id).map_err(|error| Problem::Usage(error.to_string()))?;
        let found = differences(&a, &b, id, [text, other])?;
        let found: Vec<SnapshotDifference> =
            found.into_iter().filter(|difference| difference.class <= up_to).collect();
        if found.is_empty() {
            same += 1;
            continue;
        }
        differing += 1;
        for class in DifferenceClass::ALL {
            if found.iter().any(|difference| difference.class == class) {
                *counts.entry(class).or_insert(0) += 1;
            }
        }
        output::data(&render_differences(&rule, &found));
        output::data("\n");
    }
    let only_a = only(&a, &b);
    let only_b = only(&b, &a);
    output::data(&[only_a.as_str(), &only_b].concat());
    let by_class: Vec<String> = DifferenceClass::ALL
        .into_iter()
        .map(|class| format!("{} {}", class.word(), counts.get(&class).copied().unwrap_or(0)))
        .collect();
    output::data(&format!("{same} alike · {differing} differ · {}\n", by_class.join(" · ")));
    let alike = differing == 0 && only_a.is_empty() && only_b.is_empty();
    Ok(if alike { ExitCode::Passed } else { ExitCode::Failed })
}

/// A folder, or the name of a target's.
fn side(name: &Path, snapshots: &Path) -> Result<Kept, Problem> {
    let folder = if name.is_dir() { name.to_owned() } else { snapshots.join(name) };
    let kept = read(&folder)?;
    if kept.texts.is_empty() {
        return Err(Problem::Usage(format!("there are no snapshots in `{}`", folder.display())));
    }
    Ok(kept)
}

fn differences(
    a: &Kept,
    b: &Kept,
    id: &str,
    texts: [&String; 2],
) -> Result<Vec<SnapshotDifference>, Problem> {
    let [text, other] = texts.map(|text| body(text));
    compare_snapshots(text, other).map_err(|error: ReportError| {
        let reason = format!("{error}, or the one in `{}`", b.folder.display());
        Problem::File { path: a.folder.join(format!("{id}.{EXTENSION}")), reason }
    })
}

/// The rules that one folder has alone, one line each.
fn only(here: &Kept, there: &Kept) -> String {
    let alone = here.texts.keys().filter(|id| !there.texts.contains_key(*id));
    let folder = here.folder.display();
    alone
        .flat_map(|id| ["only in ", &folder.to_string(), ": ", id, "\n"].map(str::to_owned))
        .collect()
}

/// All snapshots below a folder; none where there is no folder.
fn read(folder: &Path) -> Result<Kept, Problem> {
    let mut texts = BTreeMap::new();
    if folder.is_dir() {
        collect(folder, "", &mut texts)?;
    }
    Ok(Kept { folder: folder.to_owned(), texts })
}

/// Collects without following links, so that no circle of them is walked.
fn collect(
    folder: &Path,
    below: &str,
    texts: &mut BTreeMap<String, String>,
) -> Result<(), Problem> {
    let failed = |error: std::io::Error| unreadable(folder, &error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let Some(stem) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else {
            continue;
        };
        let id = format!("{below}{stem}");
        if kind.is_dir() {
            collect(&path, &format!("{id}/"), texts)?;
        } else if path.extension().is_some_and(|extension| extension == EXTENSION) {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            texts.insert(id, text);
        }
    }
    Ok(())
}

/// A snapshot without its heading, which is between two lines of three hyphens.
fn body(text: &str) -> &str {
    text.get(heading(text).len()..).unwrap_or_default()
}

fn heading(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else { return "" };
    let Some((inside, _)) = rest.split_once("\n---\n") else { return "" };
    text.get(.."---\n".len() + inside.len() + "\n---\n".len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: (&str, &str)) {
        assert_eq!((heading(text), body(text)), expected);
    }

    #[test]
    fn a_heading_is_told_from_what_is_below() {
        check("---\nsource: x\n---\nrule: a\n", ("---\nsource: x\n---\n", "rule: a\n"));
        check("rule: a\n---\nb\n---\n", ("", "rule: a\n---\nb\n---\n"));
        check("---\nrule: a\n", ("", "---\nrule: a\n"));
        check("", ("", ""));
    }

    #[test]
    fn what_accept_writes_has_a_heading() {
        check(&format!("{HEADING}rule: a\n"), (HEADING, "rule: a\n"));
    }
}
