//! Mistakes about who may pass tags.

use super::edit::{Object, has_no_condition, is_deny_or_for_any_resource, without_condition};
use super::{allow_all, identity_statements};
use crate::faults::entry::entries;
use crate::parts::Parts;

entries! {
    "tag-condition-ignored",
        "Conditions of an Allow to pass tags are ignored.",
        |parts| edit_statements(parts, without_condition);
    "tag-condition-never-met",
        "An Allow to pass tags that has a condition never counts.",
        |parts| edit_statements(parts, has_no_condition);
    "tag-session-always-refused",
        "Nobody may pass tags.",
        |parts| edit_statements(parts, |_| false);
    "tag-session-star-only",
        "An Allow to pass tags counts only where its resource is `*`.",
        |parts| edit_statements(parts, is_deny_or_for_any_resource);
    "tag-session-unchecked",
        "A user needs no Allow of sts:TagSession to pass tags.",
        |parts| parts.access.authorization.tagging.push(Box::new(|_, policies| {
            policies.identity = vec![allow_all()];
        }));
}

fn edit_statements(parts: &mut Parts, keep: fn(&mut Object) -> bool) {
    parts.access.authorization.tagging.push(identity_statements(keep));
}
