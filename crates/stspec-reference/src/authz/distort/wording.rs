//! Faults in reading how a policy words that it lets somebody mint.

use serde_json::Value;

use super::ApplicablePolicies;
use super::edit::{Object as Statement, edit, has_no_condition, is_allow, without_condition};
use crate::faults::{Fault, Faults};
use crate::state::State;

/// The action as everybody writes it.
const ACTION: &str = "sts:GetFederationToken";

/// Mistakes about what an Allow to mint says.
pub(super) fn for_minting(state: &State, in_force: &mut ApplicablePolicies<'_>) {
    let faults = &state.faults;
    if faults.has(Fault::MintManagedPoliciesIgnored) {
        in_force.identity.retain(|(label, _)| !label.starts_with("arn:"));
    }
    if faults.has(Fault::MintBoundaryGrants) {
        in_force.identity.extend(in_force.boundary.clone());
    }
    if faults.has(Fault::MintBoundaryIgnored) {
        in_force.boundary = None;
    }
    for (fault, keep) in MISREADINGS {
        if faults.has(*fault) {
            edit(&mut in_force.identity, keep);
        }
    }
    if let Some(respell) = respelling(faults) {
        edit(&mut in_force.identity, |statement| {
            if is_allow(statement) {
                for text in texts(statement, "Resource") {
                    *text = respell(text);
                }
            }
            true
        });
    }
}

/// What each fault makes of a statement, and whether it counts at all.
type Misreading = fn(&mut Statement) -> bool;

const MISREADINGS: &[(Fault, Misreading)] = &[
    (Fault::MintConditionIgnored, without_condition),
    (Fault::MintConditionNeverMet, has_no_condition),
    (Fault::MintNotActionIgnored, |statement| is_deny_or_lacks(statement, "NotAction")),
    (Fault::MintNotResourceIgnored, |statement| is_deny_or_lacks(statement, "NotResource")),
    (Fault::MintActionCaseSensitive, |statement| {
        keeps_an_action(statement, |action| action != ACTION && action.eq_ignore_ascii_case(ACTION))
    }),
    (Fault::MintActionPrefixIgnored, |statement| {
        keeps_an_action(statement, |action| {
            let prefix = action.strip_suffix('*').and_then(|start| start.strip_prefix("sts:"));
            prefix.is_some_and(|prefix| !prefix.is_empty())
        })
    }),
];

/// How a fault respells the resource of an Allow.
fn respelling(faults: &Faults) -> Option<fn(&str) -> String> {
    match () {
        () if faults.has(Fault::MintQuestionMarkGreedy) => Some(|text| text.replace('?', "*")),
        () if faults.has(Fault::MintQuestionMarkLiteral) => Some(|text| text.replace('?', "${?}")),
        () if faults.has(Fault::MintVariablesLiteral) => Some(|text| text.replace("${", "${$}{")),
        () if faults.has(Fault::MintVariablesMatchAnything) => Some(without_variables),
        () => None,
    }
}

/// The text with a wildcard in place of each policy variable.
fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |text, part| {
        format!("{text}*{}", part.split_once('}').map_or("", |(_, rest)| rest))
    })
}

fn is_deny_or_lacks(statement: &mut Statement, element: &str) -> bool {
    !is_allow(statement) || !statement.contains_key(element)
}

/// Whether a statement is no Allow, or has an action that isn't `lost`.
fn keeps_an_action(statement: &mut Statement, lost: fn(&str) -> bool) -> bool {
    let actions = texts(statement, "Action");
    let all_lost = !actions.is_empty() && actions.iter().all(|action| lost(action));
    !is_allow(statement) || !all_lost
}

/// The texts of an element, which may be one or a list.
fn texts<'s>(statement: &'s mut Statement, element: &str) -> Vec<&'s mut String> {
    let values = match statement.get_mut(element) {
        Some(Value::Array(values)) => values.iter_mut().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    };
    let text = |value: &'s mut Value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    values.into_iter().filter_map(text).collect()
}
