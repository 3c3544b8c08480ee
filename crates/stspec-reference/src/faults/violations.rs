//! Mistakes about the message that lists violated constraints.

use super::entry::entries;
use crate::sts::constraint::FirstConstraint;

entries! {
    "length-before-pattern",
        "Messages name a violated length before a violated pattern.",
        |parts| parts.sts.violations.first = FirstConstraint::Length;
    "missing-parameter-code",
        "A request without a required member is refused with MissingParameter instead of ValidationError.",
        |parts| parts.sts.violations.missing_code = "MissingParameter";
    "validation-message-member-case",
        "Validation messages name members as they are sent (`Name`) instead of `name`.",
        |parts| parts.sts.violations.printed_member = capitalised;
    "validation-stops-at-first",
        "Only the first violation is reported.",
        |parts| parts.sts.violations.listed_max = 1;
    "violations-joined-by-comma",
        "Violations in one message are separated by commas.",
        |parts| parts.sts.violations.separator = ", ";
}

fn capitalised(member: &str) -> String {
    let mut chars = member.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
