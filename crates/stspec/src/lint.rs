//! `stspec lint`: every fault in scenario files, in one pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use stspec_scenario::{Diagnostic, RuleId, rule_schema};
use stspec_verdict::ExitCode;

use crate::cli::LintArgs;
use crate::error::Problem;
use crate::output;
use crate::scenarios::{CATALOG_FILE, Files, faulty, files, load, seen_from_here};

/// Checks the scenarios folder, or single rule files against it; or prints the schema.
pub(crate) fn command(scenarios: Option<&Path>, args: &LintArgs) -> Result<ExitCode, Problem> {
    if args.schema {
        let schema = serde_json::to_string_pretty(&rule_schema());
        output::data(&(schema.map_err(|error| Problem::Ours(error.to_string()))? + "\n"));
        return Ok(ExitCode::Passed);
    }
    let mut all = files(scenarios)?;
    let own = add(&mut all, &args.files)?;
    let (library, diagnostics) = load(&all);
    let reported: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|diagnostic| own.is_empty() || own.contains_key(&diagnostic.file))
        .collect();
    if !reported.is_empty() {
        let shown =
            |file: &str| own.get(file).cloned().unwrap_or_else(|| seen_from_here(scenarios, file));
        return Err(faulty(reported, all, shown));
    }
    output::note(&match own.len() {
        0 => format!("{} rules {}, no faults", library.rules().len(), whereabouts(scenarios)),
        1 => "1 file, no faults".to_owned(),
        count => format!("{count} files, no faults"),
    });
    Ok(ExitCode::Passed)
}

fn whereabouts(scenarios: Option<&Path>) -> String {
    match scenarios {
        Some(folder) => format!("in `{}`", folder.display()),
        None => "inside the binary".to_owned(),
    }
}

/// Adds single files under the path that their rule id asks for; returns the given paths by those.
///
/// A file keeps the path it has below a `rules` folder; one from elsewhere takes the place that its
/// own `rule:` line names, so that a draft can be checked wherever it lies. One that begins as a
/// catalogue takes the catalogue's place.
fn add(all: &mut Files, paths: &[PathBuf]) -> Result<BTreeMap<String, String>, Problem> {
    let mut own = BTreeMap::new();
    for path in paths {
        if path.extension().is_none_or(|extension| extension != "yaml") {
            return Err(Problem::Usage(format!("`{}` is no .yaml file", path.display())));
        }
        let text = fs::read_to_string(path)
            .map_err(|error| Problem::File { path: path.clone(), reason: error.to_string() })?;
        let place = place(path, &text);
        all.insert(place.clone(), text);
        own.insert(place, path.display().to_string());
    }
    Ok(own)
}

fn place(path: &Path, text: &str) -> String {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let folder =
        |part: &String| ["rules", "accounts", "targets", "profiles"].contains(&part.as_str());
    if let Some(at) = parts.iter().rposition(folder) {
        return parts.get(at..).unwrap_or_default().join("/");
    }
    if text.lines().any(|line| line.starts_with("catalog:")) {
        return CATALOG_FILE.to_owned();
    }
    let named = text.lines().find_map(|line| line.strip_prefix("rule:")).map(str::trim);
    match named.and_then(|id| RuleId::parse(id).ok()) {
        Some(id) => format!("rules/{id}.yaml"),
        None => format!("rules/{}", parts.last().map_or("unnamed.yaml", String::as_str)),
    }
}
