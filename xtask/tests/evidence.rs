//! Every source that the repository cites can be looked up: in `docs/evidence`, or by its grammar.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

/// Where the pages are, seen from the root of the repository.
const PAGES: &str = "docs/evidence/";

/// The words that the level of a row may be made of.
const LEVELS: [&str; 7] =
    ["documented", "observed", "inferred", "client", "measured", "audited", "open"];

/// The page of the rows that sources of the form `manual` name.
const MANUALS: &str = "sdk-manuals.md";

/// What is cited no more, because the repository does not hold it.
const GONE: [&str; 5] = ["facts/", "seed A", "seed B", "seed: A", "seed: B"];

/// One row of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    page: String,
    line: usize,
    level: String,
    source: String,
}

/// What there is to be cited.
#[derive(Debug, Default)]
struct Evidence {
    pages: BTreeMap<String, String>,
    rows: BTreeMap<String, Row>,
    page_names: Vec<String>,
    comment_sources: Vec<String>,
    origins: Vec<String>,
}

impl Evidence {
    /// Takes in a page, and returns what is wrong with its rows.
    fn add(&mut self, page: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        let mut in_rows = false;
        let mut in_comment_sources = false;
        for (index, line) in text.lines().enumerate() {
            in_comment_sources = line.starts_with('|')
                && (in_comment_sources || line.starts_with("| begins with |"));
            in_rows = line.starts_with('|') && (in_rows || line.starts_with("| ID |"));
            if in_rows && !line.starts_with("| ID |") && !line.starts_with("|---") {
                findings.extend(self.add_row(page, index + 1, &cells(line)));
            } else if page == "sources.md" && line.starts_with("| `") && !line.starts_with("| `{") {
                let name = cells(line).first().map(|name| unquoted(name));
                let names = if in_comment_sources {
                    &mut self.comment_sources
                } else {
                    &mut self.page_names
                };
                names.extend(name);
            }
        }
        self.pages.insert(page.to_owned(), text.to_owned());
        findings
    }

    fn add_row(&mut self, page: &str, line: usize, cells: &[String]) -> Vec<String> {
        let here = format!("{PAGES}{page}:{line}");
        let [id, fact, level, source] = cells else {
            let found = cells.len();
            return vec![format!(
                "{here}: a row has {found} cells; write `| ID | fact | level | source |`"
            )];
        };
        let mut findings = Vec::new();
        if !looks_like_an_id(id) {
            findings.push(format!(
                "{here}: `{id}` is not an id; write capitals and `-`, such as `AUTH-STALE`"
            ));
        }
        if fact.is_empty() || source.is_empty() || source == "—" {
            findings.push(format!("{here}: {id} lacks its fact or its source; fill in the cell"));
        }
        if !LEVELS.iter().any(|word| level.starts_with(word)) {
            let words = LEVELS.join(", ");
            findings.push(format!(
                "{here}: {id} has the level `{level}`; begin it with one of {words}"
            ));
        }
        if page == "sources.md" {
            self.origins.push(unquoted(fact));
        }
        let row = Row { page: page.into(), line, level: level.clone(), source: source.clone() };
        if let Some(first) = self.rows.insert(id.clone(), row) {
            let there = format!("{PAGES}{}:{}", first.page, first.line);
            findings.push(format!("{here}: {id} is already at {there}; choose another id"));
        }
        findings
    }

    /// Whether ids that begin like this one are rows.
    fn uses_prefix_of(&self, id: &str) -> bool {
        let prefix = id.split('-').next().unwrap_or_default();
        self.rows.keys().any(|row| row.split('-').next() == Some(prefix))
    }

    /// What does not resolve in prose: pages, and ids of rows.
    fn check_prose(&self, prose: &str) -> Vec<String> {
        let mut findings = Vec::new();
        let mut page = None;
        for word in words(prose) {
            if let Some(name) = page_in(word) {
                if !self.pages.contains_key(name) {
                    findings.push(format!(
                        "the page {PAGES}{name} does not exist; add it or correct the name"
                    ));
                }
                page = Some(name.to_owned());
            } else if looks_like_an_id(word) && self.uses_prefix_of(word) {
                findings.extend(self.check_id(word, page.as_deref()));
            }
        }
        findings
    }

    fn check_id(&self, id: &str, page: Option<&str>) -> Option<String> {
        match (self.rows.get(id), page) {
            (None, _) => {
                Some(format!("{id} is not a row of {PAGES}; add the row or correct the id"))
            }
            (Some(row), Some(page)) if row.page != page => Some(format!(
                "{id} is a row of {PAGES}{}, not of {PAGES}{page}; name that page",
                row.page
            )),
            _ => None,
        }
    }

    /// What a comment names as its source without a form of `sources.md`.
    fn check_statements(&self, comment: &str) -> Vec<String> {
        let resolves = |statement: &&str| {
            let first = words(statement).find(|word| !word.is_empty()).unwrap_or_default();
            let plain = statement.trim_start_matches('`');
            self.comment_sources.iter().any(|start| plain.starts_with(start))
                || self.rows.contains_key(first)
        };
        let unresolved = statements(comment).into_iter().filter(|statement| !resolves(statement));
        unresolved
            .map(|statement| {
                let start = statement.chars().take(40).collect::<String>();
                format!(
                    "the source `{start}…` has no form of {PAGES}sources.md; add it or cite a row"
                )
            })
            .collect()
    }

    /// What does not resolve in one source of a rule or of a fact.
    fn check_source(&self, source: &Value) -> Option<String> {
        let text = |key: &str| source.get(key).and_then(Value::as_str);
        if let Some(page) = text("page") {
            return (!self.page_names.iter().any(|name| fits(name, page))).then(|| {
                format!(
                    "the page `{page}` fits no pattern of {PAGES}sources.md; add its pattern there"
                )
            });
        }
        if let Some(model) = text("model") {
            let whole =
                model.split('/').count() >= 2 && model.split('/').all(|part| !part.is_empty());
            return (!whole)
                .then(|| format!("`{model}` is not a path of the model; write SHAPE/CONSTRAINT"));
        }
        if let Some(observed) = text("observed") {
            return self.check_observed(observed);
        }
        let id = text("part").unwrap_or_default();
        let row = self.rows.get(id).filter(|row| row.page == MANUALS);
        row.is_none()
            .then(|| format!("`{id}` is not a row of {PAGES}{MANUALS}; add it or correct the id"))
    }

    fn check_observed(&self, observed: &str) -> Option<String> {
        if let Some(issue) = observed.strip_prefix("gh:") {
            return (!is_issue(issue)).then(|| {
                format!("`{observed}` is not an issue; write gh:OWNER/REPOSITORY#NUMBER")
            });
        }
        (!self.origins.iter().any(|origin| observed.starts_with(origin))).then(|| {
            format!("`{observed}` begins with no origin of {PAGES}sources.md; add the origin there")
        })
    }
}

/// What follows `Source:`, `Sources:` and `Source of …:` in a comment.
fn statements(comment: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in comment.match_indices("Source") {
        let rest = comment.get(at..).unwrap_or_default();
        let Some((subject, statement)) = rest.split_once(": ") else { continue };
        let is_subject = matches!(subject, "Source" | "Sources")
            || (subject.starts_with("Source of ") && !subject.contains(['.', ';']));
        if is_subject {
            found.push(statement);
        }
    }
    found
}

/// The cells of a table's line; `\|` is a character of a cell.
fn cells(line: &str) -> Vec<String> {
    let line = line.replace("\\|", "\u{0}");
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    line.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

fn unquoted(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

/// Capitals first, then segments of letters and digits behind `-`.
fn looks_like_an_id(word: &str) -> bool {
    let mut segments = word.split('-');
    let upper = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.chars().all(|char| char.is_ascii_uppercase() || char.is_ascii_digit())
    };
    let rest = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_uppercase() || first.is_ascii_digit())
            && text.chars().all(|char| char.is_ascii_alphanumeric() || "()/*".contains(char))
    };
    segments.next().is_some_and(upper) && word.contains('-') && segments.all(rest)
}

/// The words of prose, without the marks around them.
fn words(prose: &str) -> impl Iterator<Item = &str> {
    prose
        .split(|char: char| char.is_whitespace() || char == '`' || char == '[' || char == ']')
        .map(|word| word.trim_matches(|char: char| ".,;:()\"'*".contains(char)))
}

/// The name of the page that a word cites.
fn page_in(word: &str) -> Option<&str> {
    let at = word.find(PAGES)? + PAGES.len();
    let name = word.get(at..)?;
    let name = name.split('#').next().unwrap_or(name);
    Path::new(name).extension().is_some_and(|ending| ending == "md").then_some(name)
}

/// Whether a name fits a pattern that may end in `*`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start) && name.len() > start.len(),
        None => name == pattern,
    }
}

/// `OWNER/REPOSITORY#NUMBER`, and perhaps a comma and what is to be found there.
fn is_issue(text: &str) -> bool {
    let text = text.split(',').next().unwrap_or(text);
    let Some((repository, number)) = text.split_once('#') else { return false };
    let number = number.split(' ').next().unwrap_or(number);
    repository.split('/').filter(|part| !part.is_empty()).count() == 2
        && !number.is_empty()
        && number.chars().all(|char| char.is_ascii_digit())
}

/// The comments of a Rust file: each run of comment lines with the number of its first line.
fn comments(text: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let comment = line.trim_start().strip_prefix("//");
        match (comment, open, blocks.last_mut()) {
            (Some(comment), true, Some((_, block))) => {
                block.push(' ');
                block.push_str(comment.trim_start_matches(['/', '!']));
            }
            (Some(comment), _, _) => {
                blocks.push((index + 1, comment.trim_start_matches(['/', '!']).to_owned()));
            }
            (None, _, _) => {}
        }
        open = comment.is_some();
    }
    blocks
}

/// The relative links of a Markdown page, without their anchors; code is not a link.
fn links(text: &str) -> Vec<String> {
    let prose = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let relative = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    relative.map(|target| target.split('#').next().unwrap_or(target).to_owned()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").into()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry of the folder").path();
        let skipped =
            path.file_name().is_some_and(|name| name == "target" || name == "node_modules");
        if path.is_dir() && !skipped {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages of the repository, and what is wrong with their rows.
fn evidence() -> (Evidence, Vec<String>) {
    let mut evidence = Evidence::default();
    let mut findings = Vec::new();
    for path in files(&root().join(PAGES), "md") {
        let name = path.file_name().expect("a page has a name").to_string_lossy().into_owned();
        findings.extend(evidence.add(&name, &read(&path)));
    }
    assert!(evidence.rows.len() > 900, "only {} rows were read", evidence.rows.len());
    (evidence, findings)
}

/// Rust files that cite evidence; this one holds wrong ids as examples.
fn sources() -> Vec<PathBuf> {
    let this = root().join("xtask/tests/evidence.rs");
    let folders = ["crates", "xtask", "benches"].map(|folder| files(&root().join(folder), "rs"));
    folders.into_iter().flatten().filter(|path| *path != this).collect()
}

/// Rules, the catalogue and whatever else is written in the language of scenarios.
fn scenario_files() -> Vec<PathBuf> {
    let folders = ["scenarios", "benches"].map(|folder| files(&root().join(folder), "yaml"));
    folders.into_iter().flatten().collect()
}

/// The documents for readers of the repository.
fn documents() -> Vec<PathBuf> {
    let mut found = files(&root().join("docs"), "md");
    for name in ["README", "ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "SECURITY"] {
        found.extend(Some(root().join(format!("{name}.md"))).filter(|path| path.exists()));
    }
    found
}

#[track_caller]
fn nothing(findings: &[String]) {
    assert!(findings.is_empty(), "{} citations fail:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn every_row_has_an_id_of_its_own_a_level_and_a_source() {
    nothing(&evidence().1);
}

#[test]
fn every_source_of_a_rule_or_fact_resolves() {
    let (evidence, _) = evidence();
    let mut findings = Vec::new();
    let mut count = 0;
    for path in scenario_files() {
        let file: Value = serde_yaml::from_str(&read(&path)).expect("the file is YAML");
        for (owner, source) in sources_of(&file) {
            count += 1;
            let found = evidence.check_source(&source);
            findings.extend(found.map(|found| format!("{}: {owner}: {found}", shown(&path))));
        }
    }
    assert!(count > 1_000, "only {count} sources were read");
    nothing(&findings);
}

/// Each source with the rule or the fact that names it.
fn sources_of(file: &Value) -> Vec<(String, Value)> {
    let list = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_sequence).cloned().unwrap_or_default()
    };
    let facts =
        list(file, "topics").iter().flat_map(|topic| list(topic, "facts")).collect::<Vec<_>>();
    let owners = facts.iter().chain([file]);
    owners
        .flat_map(|owner| {
            let name = owner.get("rule").or_else(|| owner.get("id")).and_then(Value::as_str);
            let name = name.unwrap_or_default().to_owned();
            list(owner, "sources").into_iter().map(move |source| (name.clone(), source))
        })
        .collect()
}

#[test]
fn every_citation_in_a_comment_resolves() {
    let (evidence, _) = evidence();
    let mut findings = Vec::new();
    let mut count = 0;
    for path in sources() {
        for (line, block) in comments(&read(&path)) {
            count += block.matches(PAGES).count();
            let found = [evidence.check_prose(&block), evidence.check_statements(&block)].concat();
            findings
                .extend(found.into_iter().map(|found| format!("{}:{line}: {found}", shown(&path))));
        }
    }
    assert!(count > 40, "only {count} citations were read");
    nothing(&findings);
}

#[test]
fn every_link_and_citation_of_a_document_resolves() {
    let (evidence, _) = evidence();
    let mut findings = Vec::new();
    for path in documents() {
        let text = read(&path);
        let folder = path.parent().expect("a document lies in a folder");
        for link in links(&text).iter().filter(|link| !folder.join(link).exists()) {
            findings.push(format!("{}: `{link}` does not exist; correct the link", shown(&path)));
        }
        if !shown(&path).starts_with(PAGES) {
            let found = evidence.check_prose(&text);
            findings.extend(found.into_iter().map(|found| format!("{}: {found}", shown(&path))));
        }
    }
    nothing(&findings);
}

#[test]
fn nothing_cites_what_is_not_in_the_repository() {
    let mut findings = Vec::new();
    for path in sources().into_iter().chain(documents()).chain(scenario_files()) {
        for (index, line) in read(&path).lines().enumerate() {
            for gone in GONE.iter().filter(|gone| line.contains(*gone)) {
                let here = format!("{}:{}", shown(&path), index + 1);
                findings.push(format!("{here}: `{gone}` is not in the repository; cite {PAGES}"));
            }
        }
    }
    nothing(&findings);
}

/// Two pages with a row each.
fn example() -> Evidence {
    let mut evidence = Evidence::default();
    let head = "| ID | fact | level | source |\n|---|---|---|---|\n";
    let row = "| AUTH-STALE | Old dates are refused. | observed high | gh:aws/aws-cli#6676 |\n";
    assert_eq!(evidence.add("one.md", &format!("{head}{row}")), Vec::<String>::new());
    let manual = "| GO-DURATION | 900 s at least. | documented high | GO16 |\n";
    assert_eq!(evidence.add(MANUALS, &format!("{head}{manual}")), Vec::<String>::new());
    let names = "| pattern | page |\n|---|---|\n| `API_*` | the API reference |\n\n";
    let comments = "| begins with | resolves to |\n|---|---|\n| `ours` | a choice |\n\n";
    let origin = "| ORIGIN-ONE | `owner/tool` | observed high | its tests |\n";
    assert_eq!(
        evidence.add("sources.md", &format!("{names}{comments}{head}{origin}")),
        Vec::<String>::new()
    );
    evidence
}

#[track_caller]
fn prose(text: &str, expected: &[&str]) {
    assert_eq!(example().check_prose(text), expected);
}

#[test]
fn an_id_without_a_row_is_found() {
    prose("Source: `docs/evidence/one.md`, AUTH-STALE.", &[]);
    prose("Source: AUTH-STALE.", &[]);
    prose(
        "Source: `docs/evidence/one.md`, AUTH-STAIL.",
        &["AUTH-STAIL is not a row of docs/evidence/; add the row or correct the id"],
    );
    prose("AWS4-HMAC-SHA256 and UTF-8 are no rows", &[]);
}

#[test]
fn a_page_that_is_not_there_is_found() {
    prose(
        "Source: `docs/evidence/two.md`.",
        &["the page docs/evidence/two.md does not exist; add it or correct the name"],
    );
    prose(
        "Source: `docs/evidence/one.md`, GO-DURATION.",
        &["GO-DURATION is a row of docs/evidence/sdk-manuals.md, not of docs/evidence/one.md; \
           name that page"],
    );
}

#[test]
fn a_row_without_level_or_source_is_found() {
    let row = |row: &str| {
        let head = "| ID | fact | level | source |\n|---|---|---|---|\n";
        example().add("three.md", &format!("{head}{row}\n")).len()
    };
    assert_eq!(row("| AUTH-NEW | A fact. | observed low | gh:a/b#1 |"), 0);
    assert_eq!(row("| AUTH-NEW | A fact. |  | gh:a/b#1 |"), 1, "no level");
    assert_eq!(row("| AUTH-NEW | A fact. | certain | gh:a/b#1 |"), 1, "another word");
    assert_eq!(row("| AUTH-NEW | A fact. | observed low |  |"), 1, "no source");
    assert_eq!(row("| AUTH-STALE | A fact. | observed low | gh:a/b#1 |"), 1, "used before");
    assert_eq!(row("| AUTH-NEW | A fact. | observed low |"), 1, "a cell is missing");
}

#[track_caller]
fn statement(comment: &str, count: usize) {
    assert_eq!(example().check_statements(comment).len(), count, "{comment}");
}

#[test]
fn a_source_of_a_comment_without_a_form_is_found() {
    statement("Longest Name. Source: AUTH-STALE.", 0);
    statement("Longest Name. Source: ours, so that it ends.", 0);
    statement("Longest Name. Source of the text: ours.", 0);
    statement("Longest Name. Source: AUTH-STAIL.", 1);
    statement("Longest Name. Source: a friend.", 1);
    statement("`Source::Page` is one form", 0);
}

#[track_caller]
fn source(text: &str, resolves: bool) {
    let source: Value = serde_yaml::from_str(text).expect("a source is YAML");
    assert_eq!(example().check_source(&source).is_none(), resolves, "{text}");
}

#[test]
fn a_source_of_no_form_is_found() {
    source("{page: API_Tag, part: Key}", true);
    source("{page: APITag, part: Key}", false);
    source("{model: tagKeyType/max, value: 128}", true);
    source("{model: tagKeyType, value: 128}", false);
    source("{observed: 'gh:aws/aws-cli#6676, with a date'}", true);
    source("{observed: 'gh:aws/aws-cli'}", false);
    source("{observed: 'owner/tool, its tests'}", true);
    source("{observed: somebody}", false);
    source("{manual: go, part: GO-DURATION}", true);
    source("{manual: go, part: GO-DURATIONS}", false);
}

#[test]
fn links_are_read_without_anchors_and_addresses() {
    assert_eq!(links("[a](b.md#c) [d](https://e) [f](#g) [h](../i)"), ["b.md", "../i"]);
    assert_eq!(links("the form `[.f](Z)` is code"), Vec::<String>::new());
}
