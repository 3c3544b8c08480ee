//! Names of the code are words that a reader knows: none of the private words of the past.
//!
//! Only definitions are looked at, as calls use the words of other crates. The names of `#[test]` functions are
//! sentences and may use any word.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{
    Attribute, ConstParam, Field, ImplItemConst, ImplItemFn, ImplItemType, Item, ItemFn, ItemImpl,
    ItemMacro, ItemMod, PatIdent, TraitItemConst, TraitItemFn, TraitItemType, TypeParam, UseRename,
    Variant,
};

use super::modules::parse;
use super::workspace::{Source, assert_at_most, sources_with_tests};

/// Words that say nothing to a reader; in no identifier.
const PRIVATE_WORDS: [&str; 22] = [
    "asked", "course", "courses", "fate", "fates", "known", "lane", "lanes", "manner", "manners",
    "named", "place", "places", "pulse", "pulses", "soil", "soils", "stand", "stands", "thing",
    "things", "told",
];

/// Names of types that had several meanings, or shadow the standard library; of no type.
const TYPES: [&str; 28] = [
    "Apart",
    "Asked",
    "Busy",
    "Copy",
    "Course",
    "Crowd",
    "Duty",
    "Fate",
    "HeldUp",
    "Home",
    "InForce",
    "Known",
    "Malformed",
    "Named",
    "Ours",
    "Patience",
    "Place",
    "Places",
    "Pulse",
    "Scene",
    "Send",
    "Sign",
    "Site",
    "Soil",
    "Stand",
    "Terms",
    "Thing",
    "Turn",
];

/// Names of types that one crate used in a sense of its own.
const TYPES_OF_CRATES: [(&str, &str); 8] = [
    ("stspec-iam", "Fault"),
    ("stspec-load", "Field"),
    ("stspec-reference", "Issuer"),
    ("stspec-reference", "Order"),
    ("stspec-reference", "Work"),
    ("stspec-runner", "Stage"),
    ("stspec-scenario", "Reference"),
    ("stspec-verdict", "Fault"),
];

/// The lower-case words of an identifier in snake or camel case.
pub(crate) fn parts(identifier: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut before = ' ';
    for character in identifier.trim_start_matches("r#").chars() {
        let is_break = character == '_'
            || character.is_uppercase() && !before.is_uppercase()
            || !character.is_alphanumeric();
        if is_break && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        if character.is_alphanumeric() {
            part.extend(character.to_lowercase());
        }
        before = character;
    }
    parts.extend((!part.is_empty()).then_some(part));
    parts
}

/// The names that a file defines.
#[derive(Default)]
struct Definitions {
    /// Each with its line and whether it is a type.
    found: BTreeSet<(usize, String, bool)>,
}

impl Definitions {
    fn add(&mut self, ident: &syn::Ident, is_type: bool) {
        self.found.insert((ident.span().start().line, ident.to_string(), is_type));
    }
}

impl<'ast> Visit<'ast> for Definitions {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Enum(item) => self.add(&item.ident, true),
            Item::Struct(item) => self.add(&item.ident, true),
            Item::Trait(item) => self.add(&item.ident, true),
            Item::Type(item) => self.add(&item.ident, true),
            Item::Const(item) => self.add(&item.ident, false),
            Item::Static(item) => self.add(&item.ident, false),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.add(&item.ident, false);
        visit::visit_item_mod(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        item.ident.iter().for_each(|ident| self.add(ident, false));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            self.add(&item.sig.ident, false);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        // The names of a trait's items are the trait's.
        if item.trait_.is_none() {
            for item in &item.items {
                match item {
                    syn::ImplItem::Fn(ImplItemFn { sig, .. }) => self.add(&sig.ident, false),
                    syn::ImplItem::Const(ImplItemConst { ident, .. }) => self.add(ident, false),
                    syn::ImplItem::Type(ImplItemType { ident, .. }) => self.add(ident, true),
                    _ => {}
                }
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.add(&item.sig.ident, false);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_trait_item_const(&mut self, item: &'ast TraitItemConst) {
        self.add(&item.ident, false);
    }

    fn visit_trait_item_type(&mut self, item: &'ast TraitItemType) {
        self.add(&item.ident, true);
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        self.add(&variant.ident, false);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast Field) {
        field.ident.iter().for_each(|ident| self.add(ident, false));
        visit::visit_field(self, field);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.add(&pattern.ident, false);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_use_rename(&mut self, rename: &'ast UseRename) {
        self.add(&rename.rename, false);
    }

    fn visit_type_param(&mut self, parameter: &'ast TypeParam) {
        self.add(&parameter.ident, true);
        visit::visit_type_param(self, parameter);
    }

    fn visit_const_param(&mut self, parameter: &'ast ConstParam) {
        self.add(&parameter.ident, false);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test"))
}

/// One line for each name of a file that nobody would look for.
fn findings(source: &Source) -> Vec<String> {
    let mut definitions = Definitions::default();
    definitions.visit_file(&parse(&source.path, &source.text));
    let lines = definitions.found.iter().filter_map(|(line, name, is_type)| {
        let reason = reason(&source.package, name, *is_type)?;
        Some(format!("{}:{line}: {name}: {reason}", source.shown()))
    });
    lines.collect()
}

/// What is wrong with a name.
fn reason(package: &str, name: &str, is_type: bool) -> Option<String> {
    let is_taken = |(owner, taken): &(&str, &str)| *owner == package && *taken == name;
    if is_type && (TYPES.contains(&name) || TYPES_OF_CRATES.iter().any(is_taken)) {
        return Some("a type of this name says too little".to_owned());
    }
    let word = parts(name).into_iter().find(|part| PRIVATE_WORDS.contains(&part.as_str()))?;
    Some(format!("the word `{word}`"))
}

/// Names with private words that are still there; none may be added.
const NAMES_LEFT: usize = 211;

#[test]
fn names_are_words_that_a_reader_knows() {
    let found: Vec<String> = sources_with_tests().iter().flat_map(findings).collect();
    assert_at_most(NAMES_LEFT, "private words", &found);
}

mod examples {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let source = Source { package: "stspec-iam".to_owned(), ..Source::new("a.rs", text) };
        assert_eq!(findings(&source), expected, "{text}");
    }

    #[test]
    fn identifiers_are_split_into_words() {
        assert_eq!(parts("is_known"), ["is", "known"]);
        assert_eq!(parts("SendPermit"), ["send", "permit"]);
        assert_eq!(parts("PLACES_MAX"), ["places", "max"]);
        assert_eq!(parts("Sigv4Key"), ["sigv4", "key"]);
        assert_eq!(parts("r#type"), ["type"]);
        assert_eq!(parts("deny-ignored"), ["deny", "ignored"]);
    }

    #[test]
    fn private_words_are_found_in_every_kind_of_definition() {
        let word = ["a.rs:1: is_known: the word `known`"];
        for text in [
            "fn is_known() {}",
            "fn f(is_known: bool) {}",
            "fn f() { let is_known = 1; }",
            "fn f() { if let Some(is_known) = x {} }",
            "fn f() { g(|is_known| 1); }",
            "struct X { is_known: bool }",
            "mod is_known {}",
            "impl X { fn is_known() {} }",
            "trait T { fn is_known(); }",
            "use a::b as is_known;",
            "macro_rules! is_known { () => {} }",
            "#[cfg(test)] mod tests { fn is_known() {} }",
        ] {
            check(text, &word);
        }
        check("enum E { StandIn }", &["a.rs:1: StandIn: the word `stand`"]);
        check("const LANES: u8 = 1;", &["a.rs:1: LANES: the word `lanes`"]);
    }

    #[test]
    fn other_words_calls_and_sentences_are_not_found() {
        check("struct Placeholder; fn unknown() {} fn replace() {}", &[]);
        check("fn f() { x.is_known(); y.place; place::g(); }", &[]);
        check("#[test] fn a_name_is_known() {}", &[]);
        check("impl Visit for X { fn visit_place() {} }", &[]);
    }

    #[test]
    fn types_of_old_names_are_found() {
        let type_name = |name| format!("a.rs:1: {name}: a type of this name says too little");
        check("struct Turn;", &[&type_name("Turn")]);
        check("enum Fault {}", &[&type_name("Fault")]);
        check("enum E { Turn } struct Order; struct SendPermit;", &[]);
    }
}
