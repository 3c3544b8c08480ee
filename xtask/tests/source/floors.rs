//! The rooms of `stspec-reference` are on floors, and an import never runs upward.

use std::collections::BTreeSet;

use super::modules::Crate;
use super::references::{Reference, references};
use super::workspace::{assert_none, library, shown};

/// The rooms from the lowest floor to the highest: the table of ARCHITECTURE.md.
///
/// A room imports from lower floors only, so two rooms of one floor don't import from each other.
const FLOORS: [&[&str]; 14] = [
    &["model"],
    &["wire"],
    &["sigv4", "session_token"],
    &["state"],
    &["call"],
    &["auth"],
    &["authz"],
    &["sts", "iam", "s3"],
    &["parts"],
    &["throttle", "control"],
    &["router"],
    &["faults"],
    &["server"],
    &["bench"],
];

/// One line for each room without a floor, and for each pair of a module and a room that it may not import from.
fn upward(tree: &Crate) -> Vec<String> {
    let rooms = tree.modules.keys().filter(|module| module.segments().len() == 1);
    let strays = rooms.filter_map(|module| {
        let room = module.segments().first()?;
        floor(room).is_none().then(|| format!("`{room}` has no floor"))
    });
    let imports = references(tree);
    let mut seen = BTreeSet::new();
    let first_of_each = imports
        .iter()
        .filter(|one| seen.insert((one.from.clone(), one.to.segments().first().cloned())));
    let upward = first_of_each.filter_map(|reference| judge(tree, reference));
    strays.chain(upward).collect()
}

/// What is wrong with a reference. The root is above all rooms: it holds no items of its own to refer to.
fn judge(tree: &Crate, reference: &Reference) -> Option<String> {
    let from = reference.from.segments().first()?;
    let to = reference.to.segments().first()?;
    if from == to || floor(to)? < floor(from)? {
        return None;
    }
    let file = tree.modules.get(&reference.from).map(|module| shown(&module.file));
    let Reference { line, path, .. } = reference;
    Some(format!("{}:{line}: `{from}` imports from `{to}`: {path}", file.unwrap_or_default()))
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

#[test]
fn no_import_of_the_reference_runs_upward() {
    assert_none("imports that run upward", &upward(&library("stspec-reference")));
}

mod examples {
    use super::*;

    #[track_caller]
    fn check(texts: &[(&str, &str)], expected: &[&str]) {
        assert_eq!(upward(&Crate::from_texts("it", texts)), expected);
    }

    #[test]
    fn a_room_may_import_from_below() {
        let texts = [
            ("", "mod sts; mod state; mod model;"),
            ("sts", "use crate::state::S;"),
            ("state", "pub use crate::model::*;"),
            ("model", ""),
        ];
        check(&texts, &[]);
    }

    #[test]
    fn a_room_may_not_import_from_above_nor_from_its_own_floor() {
        let texts = [
            ("", "mod sts; mod iam; mod state;"),
            ("sts", "fn f() { crate::iam::g(); }"),
            ("iam", ""),
            ("state", "mod x { use crate::sts::T; }"),
        ];
        check(
            &texts,
            &[
                "state.rs:1: `state` imports from `sts`: crate::sts::T",
                "sts.rs:1: `sts` imports from `iam`: crate::iam::g",
            ],
        );
    }

    #[test]
    fn the_root_hides_no_upward_import() {
        let texts = [
            ("", "mod model; mod server; pub use server::Config;"),
            ("model", "use crate::Config;"),
            ("server", "pub struct Config;"),
        ];
        check(&texts, &["model.rs:1: `model` imports from `server`: crate::Config"]);
    }

    #[test]
    fn a_room_without_a_floor_is_reported() {
        check(&[("", "mod misc {}")], &["`misc` has no floor"]);
    }
}
