//! The text of a new rule.

use crate::name::RuleId;

/// A rule file that loads as it stands and says in comments what to change.
///
/// It needs no account and no fault, so it loads into every library.
#[must_use]
pub fn template_for_new_rule(id: &RuleId) -> String {
    SKELETON.replace("RULE", id.as_str())
}

const SKELETON: &str = include_str!("skeleton.yaml");
