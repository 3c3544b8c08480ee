//! No crate has a circle of modules.
//!
//! Siblings are modules under one parent. Sibling A needs sibling B if anything in A or below it refers to
//! anything in B or below it. A circle is a group of siblings that all need each other, directly or by way of
//! the others. A parent that uses its children, and a child that uses what its parent defines, is no circle:
//! the two are one unit, and the child says so by where it is.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Crate, ModulePath};
use super::references::{Reference, references};
use super::workspace::{assert_at_most, crates};

/// Which sibling needs which, each with one reference that shows it.
type Needs<'r> = BTreeMap<(&'r str, &'r str), &'r Reference>;

/// One line for each circle, followed by the references that make it.
fn circles(tree: &Crate) -> Vec<String> {
    let references = references(tree);
    let mut levels: BTreeMap<ModulePath, Needs<'_>> = BTreeMap::new();
    for reference in &references {
        if let Some((parent, one, other)) = siblings(reference) {
            levels.entry(parent).or_default().entry((one, other)).or_insert(reference);
        }
    }
    let groups = levels.iter().flat_map(|(parent, needs)| {
        groups(needs).into_iter().map(move |group| describe(tree, parent, &group, needs))
    });
    groups.collect()
}

/// The siblings that a reference runs between, with their parent; `None` between a module and its own parent
/// or child.
fn siblings(reference: &Reference) -> Option<(ModulePath, &str, &str)> {
    let (from, to) = (reference.from.segments(), reference.to.segments());
    let shared = from.iter().zip(to).take_while(|(one, other)| one == other).count();
    let parent = ModulePath::new(from.get(..shared)?);
    Some((parent, from.get(shared)?, to.get(shared)?))
}

/// The groups of siblings that all reach each other.
fn groups<'r>(needs: &Needs<'r>) -> BTreeSet<BTreeSet<&'r str>> {
    let names: BTreeSet<&str> = needs.keys().flat_map(|(one, other)| [*one, *other]).collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        names.iter().map(|name| (*name, reach(name, needs))).collect();
    let meet = |one: &str, other: &str| {
        let leads = |from: &str, to: &str| reached.get(from).is_some_and(|all| all.contains(to));
        leads(one, other) && leads(other, one)
    };
    let group = |one: &&'r str| {
        let one = *one;
        names.iter().copied().filter(|other| meet(one, other)).collect::<BTreeSet<_>>()
    };
    names.iter().map(group).filter(|group| group.len() > 1).collect()
}

/// All siblings that one needs, directly or by way of others.
fn reach<'r>(name: &'r str, needs: &Needs<'r>) -> BTreeSet<&'r str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut next: Vec<&str> = vec![name];
    while let Some(name) = next.pop() {
        let needed = needs.keys().filter(|(one, _)| *one == name).map(|(_, other)| *other);
        next.extend(needed.filter(|other| found.insert(other)));
    }
    found
}

fn describe(
    tree: &Crate,
    parent: &ModulePath,
    group: &BTreeSet<&str>,
    needs: &Needs<'_>,
) -> String {
    let names: Vec<&str> = group.iter().copied().collect();
    let head = format!("{}: {parent}: {}", tree.name, names.join(" ⇄ "));
    let inner =
        needs.iter().filter(|((one, other), _)| group.contains(one) && group.contains(other));
    let lines = inner.map(|((one, other), reference)| {
        let Reference { from, line, path, .. } = reference;
        format!("\n    {one} needs {other}: {from} line {line}: {path}")
    });
    head + &lines.collect::<String>()
}

/// Circles that are still there; none may be added.
const CIRCLES_LEFT: usize = 9;

#[test]
fn no_crate_gains_a_circle_of_modules() {
    let circles: Vec<String> = crates().iter().flat_map(circles).collect();
    assert_at_most(CIRCLES_LEFT, "circles of modules", &circles);
}

mod examples {
    use super::*;

    #[track_caller]
    fn check(texts: &[(&str, &str)], expected: &[&str]) {
        let found = circles(&Crate::from_texts("it", texts));
        let heads: Vec<&str> = found.iter().filter_map(|circle| circle.lines().next()).collect();
        assert_eq!(heads, expected);
    }

    #[test]
    fn two_siblings_that_need_each_other_are_a_circle() {
        let texts = [("", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "use super::a::A;")];
        check(&texts, &["it: crate: a ⇄ b"]);
    }

    #[test]
    fn a_circle_may_take_a_long_way_round() {
        let texts = [
            ("", "mod a; mod b; mod c; mod d;"),
            ("a", "use crate::b::B;"),
            ("b", "fn f() { crate::c::g() }"),
            ("c", "mod e { use crate::a::A; }"),
            ("d", "use crate::a::A;"),
        ];
        check(&texts, &["it: crate: a ⇄ b ⇄ c"]);
    }

    #[test]
    fn a_circle_is_found_at_every_level_and_through_what_the_parent_imports() {
        let texts = [
            ("", "mod a;"),
            ("a", "mod b; mod c; use b::B;"),
            ("a::b", "pub struct B; use super::c::C;"),
            ("a::c", "pub struct C; use super::B;"),
        ];
        check(&texts, &["it: crate::a: b ⇄ c"]);
    }

    #[test]
    fn parents_and_children_may_use_each_other() {
        let texts =
            [("", "mod a; struct X;"), ("a", "mod b { use super::A; use crate::X; } use b::B;")];
        check(&texts, &[]);
    }

    #[test]
    fn one_way_is_no_circle() {
        let texts = [("", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "struct B;")];
        check(&texts, &[]);
    }
}
