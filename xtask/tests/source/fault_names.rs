//! Code of `stspec-reference` outside `faults` and `server` does not know that faults exist.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_yaml::Value;
use syn::Item;

use super::modules::{Crate, Module};
use super::words::parts;
use super::workspace::{assert_none, entries, library, read, root, shown};

/// The rooms that may: where the faults are, and where they are installed.
const ROOMS: [&str; 2] = ["faults", "server"];

/// One line for each identifier about faults and each literal that is a fault's name.
fn mentions(tree: &Crate, faults: &BTreeSet<String>) -> Vec<String> {
    let rooms = tree.modules.iter().filter(|(path, _)| {
        path.segments().first().is_none_or(|room| !ROOMS.contains(&room.as_str()))
    });
    rooms
        .flat_map(|(path, module)| mentions_of(path.segments().is_empty(), module, faults))
        .collect()
}

/// The root declares the rooms and lends what they export.
fn mentions_of(is_root: bool, module: &Module, faults: &BTreeSet<String>) -> Vec<String> {
    let items = module.items.iter().filter(|item| !is_root || !matches!(item, Item::Use(_)));
    let tokens: TokenStream = items.map(ToTokens::to_token_stream).collect();
    let mut found = Vec::new();
    scan(tokens, faults, &mut |line, what| {
        found.push(format!("{}:{line}: {what}", shown(&module.file)));
    });
    found
}

/// Calls `found` with the line and the text of each mention. Comments don't count.
fn scan(tokens: TokenStream, faults: &BTreeSet<String>, found: &mut dyn FnMut(usize, String)) {
    let mut is_attribute = false;
    for token in tokens {
        let line = token.span().start().line;
        match &token {
            TokenTree::Group(group) if !(is_attribute && is_comment(&group.stream())) => {
                scan(group.stream(), faults, found);
            }
            TokenTree::Ident(ident) if is_about_faults(&ident.to_string()) => {
                found(line, ident.to_string());
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if faults.contains(text.trim_matches('"')) {
                    found(line, text);
                }
            }
            _ => {}
        }
        is_attribute = matches!(&token, TokenTree::Punct(punct) if "#!".contains(punct.as_char()));
    }
}

/// Whether the text of an attribute is a doc comment.
fn is_comment(attribute: &TokenStream) -> bool {
    let first = attribute.clone().into_iter().next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
}

fn is_about_faults(ident: &str) -> bool {
    parts(ident).iter().any(|part| part == "fault" || part == "faults")
}

/// The names of all faults, as the rules name them; each fault fails at least one rule.
fn fault_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    rule_files(&root().join("scenarios/rules"), &mut |path| {
        let rule: Value = serde_yaml::from_str(&read(path)).expect("a rule is YAML");
        let faults = rule.get("faults").and_then(Value::as_sequence).into_iter().flatten();
        names.extend(faults.filter_map(Value::as_str).map(str::to_owned));
    });
    names
}

fn rule_files(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for path in entries(folder) {
        if path.is_dir() { rule_files(&path, each) } else { each(&path) }
    }
}

#[test]
fn honest_code_of_the_reference_names_no_fault() {
    let faults = fault_names();
    assert!(faults.len() > 100, "there are fewer faults than that: {}", faults.len());
    let found = mentions(&library("stspec-reference"), &faults);
    assert_none("mentions of faults", &found);
}

mod examples {
    use super::*;

    #[track_caller]
    fn check(room: &str, text: &str, expected: &[&str]) {
        let faults = BTreeSet::from(["session/deny-ignored".to_owned()]);
        let declared = format!("mod {room};");
        let tree = Crate::from_texts("it", &[("", &declared), (room, text)]);
        assert_eq!(mentions(&tree, &faults), expected);
    }

    #[test]
    fn identifiers_and_names_of_faults_are_found() {
        check("sts", "use crate::faults::Set;", &["sts.rs:1: faults"]);
        check("sts", "fn f(x: X) { x.fault(); }", &["sts.rs:1: fault"]);
        check(
            "sts",
            "struct FaultSet;\nfn f() { g(\"session/deny-ignored\"); }",
            &["sts.rs:1: FaultSet", "sts.rs:2: \"session/deny-ignored\""],
        );
        check("sts", "fn f() { m!(has(Fault::DenyIgnored)); }", &["sts.rs:1: Fault"]);
    }

    #[test]
    fn other_words_comments_and_test_code_are_not() {
        check("sts", "/// Is no fault.\nfn default() { g(\"session\"); }", &[]);
        check("sts", "#[cfg(test)] mod tests { use crate::faults::Set; }", &[]);
    }

    #[test]
    fn the_rooms_of_the_faults_may_name_them() {
        check("faults", "pub struct Fault;", &[]);
        check("server", "use crate::faults::Fault;", &[]);
    }
}
