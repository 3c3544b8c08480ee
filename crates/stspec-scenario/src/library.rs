//! All files of the language together: rules with the accounts, targets and profiles they need, and the
//! catalogue of facts that they check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::catalog::Catalog;
use crate::diagnostic::{Code, Diagnostic, Severity, Span};
use crate::error::UnknownSelector;
use crate::model::{Account, Profile, Rule, Target};
use crate::name::{Name, RuleId};
use crate::nearest::closest_paths;
use crate::read::{
    Accounts, Reader, read_account, read_catalog, read_profile, read_rule, read_target,
};
use crate::yaml::Node;

/// The rules, accounts, targets, profiles and catalogue that loaded without errors.
// INVARIANT: each list is sorted by its id or name, without duplicates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    rules: Vec<Rule>,
    accounts: Vec<Account>,
    targets: Vec<Target>,
    profiles: Vec<Profile>,
    catalog: Option<Catalog>,
}

/// What files may name that no file defines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadContext {
    /// The faults of the reference.
    pub faults: BTreeSet<String>,
    /// What all generated cases are drawn with, instead of what their files say.
    pub seed: Option<u64>,
}

impl ReadContext {
    /// What is known, with these faults.
    pub fn with_faults(faults: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { faults: faults.into_iter().map(Into::into).collect(), seed: None }
    }
}

impl Library {
    /// Reads files, each given as its path below `scenarios` (that folder's name may lead) and its
    /// text; files that don't end in `.yaml` or `.yml` are passed over.
    ///
    /// A file with an error is left out, and so is nothing else; diagnostics are sorted by file and
    /// place.
    pub fn load(
        files: impl IntoIterator<Item = (String, String)>,
        known: &ReadContext,
    ) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let files: BTreeMap<String, String> = files.into_iter().collect();
        let trees = read_trees(&files, &mut diagnostics);
        let mut library = Self::default();
        let accounts = read_accounts(&trees, &mut diagnostics);
        library.read_others(&trees, &accounts, known, &mut diagnostics);
        library.accounts = accounts.into_values().flatten().collect();
        library.rules.sort_by(|a, b| a.id.cmp(&b.id));
        library.report_unused_accounts(&trees, &mut diagnostics);
        diagnostics.sort_by(|a, b| (&a.file, a.span, a.code).cmp(&(&b.file, b.span, b.code)));
        (library, diagnostics)
    }

    /// The rules, sorted by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The accounts, sorted by name.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The targets, sorted by name.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The profiles, sorted by name.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The catalogue of facts, if there is one.
    #[must_use]
    pub fn catalog(&self) -> Option<&Catalog> {
        self.catalog.as_ref()
    }

    /// The rule with an id.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }

    /// The account with a name.
    #[must_use]
    pub fn account(&self, name: &Name) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == *name)
    }

    /// The target with a name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name.as_str() == name)
    }

    /// The profile with a name.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name.as_str() == name)
    }

    /// The rules that any of the selectors selects, sorted by id; without selectors, all of them.
    ///
    /// A selector is a rule id or some of its leading segments. One that selects nothing is an
    /// error, whatever the others select.
    pub fn select(&self, selectors: &[&str]) -> Result<Vec<&Rule>, UnknownSelector> {
        for selector in selectors {
            if !self.rules.iter().any(|rule| rule.id.is_selected_by(selector)) {
                return Err(self.unknown_selector(selector));
            }
        }
        let selected = self.rules.iter().filter(|rule| {
            selectors.is_empty()
                || selectors.iter().any(|selector| rule.id.is_selected_by(selector))
        });
        Ok(selected.collect())
    }

    fn unknown_selector(&self, selector: &str) -> UnknownSelector {
        let ids = || self.rules.iter().map(|rule| rule.id.as_str());
        let mut nearest: Vec<&str> =
            ids().filter(|id| !selector.is_empty() && id.contains(selector)).collect();
        nearest.extend(closest_paths(selector, ids().filter(|id| !id.contains(selector))));
        UnknownSelector {
            selector: selector.to_owned(),
            nearest: nearest.into_iter().take(NEAREST_MAX).map(str::to_owned).collect(),
        }
    }

    fn read_others(
        &mut self,
        trees: &[Tree<'_>],
        accounts: &Accounts,
        known: &ReadContext,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let rule_ids: BTreeSet<&str> = trees
            .iter()
            .filter(|tree| tree.location.kind == FileKind::Rule)
            .map(|tree| tree.location.stem)
            .collect();
        for tree in trees {
            let stem = tree.location.stem;
            match tree.location.kind {
                FileKind::Rule => self.rules.extend(tree.read(diagnostics, |reader, node| {
                    read_rule(reader, node, stem, accounts, known)
                })),
                FileKind::Target => self
                    .targets
                    .extend(tree.read(diagnostics, |reader, node| read_target(reader, node, stem))),
                FileKind::Profile => {
                    self.profiles.extend(tree.read(diagnostics, |reader, node| {
                        read_profile(reader, node, stem, accounts)
                    }));
                }
                FileKind::Catalog => {
                    self.catalog = tree
                        .read(diagnostics, |reader, node| read_catalog(reader, node, &rule_ids));
                }
                FileKind::Account => {}
            }
        }
    }

    /// Warns of accounts that nothing names; only when all the rules loaded, since a rule with
    /// faults of its own may name one.
    fn report_unused_accounts(&self, trees: &[Tree<'_>], diagnostics: &mut Vec<Diagnostic>) {
        if diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error) {
            return;
        }
        let in_rules = self.rules.iter().flat_map(|rule| &rule.scenarios);
        let in_rules = in_rules.filter_map(|scenario| scenario.account.as_ref());
        let in_profiles = self.profiles.iter().map(|profile| &profile.account);
        let used: BTreeSet<&str> = in_rules.chain(in_profiles).map(Name::as_str).collect();
        for tree in trees.iter().filter(|tree| tree.location.kind == FileKind::Account) {
            if !used.contains(tree.location.stem) {
                let mut reader = Reader::new(tree.file, tree.text);
                let span = tree.node.as_ref().map_or(START, |node| node.span);
                let message = format!("nothing uses the account `{}`", tree.location.stem);
                reader.report(Code::UnusedAccount, span, message, None);
                diagnostics.extend(reader.finish());
            }
        }
    }
}

/// How many ids are suggested for an unknown selector.
///
/// Source: ours; more would not be read.
const NEAREST_MAX: usize = 3;

const START: Span = Span { offset: 0, length: 0 };

/// A file of the language as a tree, if it is YAML.
struct Tree<'a> {
    file: &'a str,
    text: &'a str,
    location: FileLocation<'a>,
    node: Option<Node>,
}

impl Tree<'_> {
    /// What the file holds, unless it has errors.
    fn read<T>(
        &self,
        diagnostics: &mut Vec<Diagnostic>,
        read: impl FnOnce(&mut Reader<'_>, &Node) -> Option<T>,
    ) -> Option<T> {
        // Faults of the YAML itself were reported with the tree; they keep the file out, too.
        let broken = diagnostics.iter().any(|diagnostic| diagnostic.file == self.file);
        let mut reader = Reader::new(self.file, self.text);
        let value = read(&mut reader, self.node.as_ref()?);
        let value = value.filter(|_| !broken && reader.error_count() == 0);
        diagnostics.extend(reader.finish());
        value
    }
}

/// Which file of the language a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileLocation<'a> {
    kind: FileKind,
    /// The path below the kind's folder, without its extension.
    stem: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Rule,
    Account,
    Target,
    Profile,
    Catalog,
}

fn read_trees<'a>(
    files: &'a BTreeMap<String, String>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Tree<'a>> {
    let mut trees = Vec::new();
    for (file, text) in files {
        let mut reader = Reader::new(file, text);
        match locate(file) {
            Ok(Some(location)) => {
                let node = reader.tree();
                trees.push(Tree { file, text, location, node });
            }
            Ok(None) => {}
            Err(message) => {
                let help =
                    "rules, accounts, targets and profiles have a folder each, and facts stand \
                            in `catalog.yaml`"
                        .to_owned();
                reader.report(Code::UnknownFile, START, message, Some(help));
            }
        }
        diagnostics.extend(reader.finish());
    }
    trees
}

fn read_accounts(trees: &[Tree<'_>], diagnostics: &mut Vec<Diagnostic>) -> Accounts {
    let mut accounts = Accounts::new();
    for tree in trees.iter().filter(|tree| tree.location.kind == FileKind::Account) {
        let account =
            tree.read(diagnostics, |reader, node| read_account(reader, node, tree.location.stem));
        accounts.insert(tree.location.stem.to_owned(), account);
    }
    accounts
}

/// Where a file belongs; `None` for files of another format.
fn locate(file: &str) -> Result<Option<FileLocation<'_>>, String> {
    let path = file.strip_prefix("scenarios/").unwrap_or(file);
    if Path::new(path).extension().is_some_and(|extension| extension == "yml") {
        return Err("files of the language end in `.yaml`".to_owned());
    }
    let Some(path) = path.strip_suffix(".yaml") else { return Ok(None) };
    if path == "catalog" {
        return Ok(Some(FileLocation { kind: FileKind::Catalog, stem: path }));
    }
    let (folder, stem) = path.split_once('/').unwrap_or(("", path));
    let kind = match folder {
        "rules" => FileKind::Rule,
        "accounts" => FileKind::Account,
        "targets" => FileKind::Target,
        "profiles" => FileKind::Profile,
        _ => return Err(format!("`{file}` stands in no folder of the language")),
    };
    if kind != FileKind::Rule && stem.contains('/') {
        return Err(format!("`{folder}` has no folders below it"));
    }
    Ok(Some(FileLocation { kind, stem }))
}
