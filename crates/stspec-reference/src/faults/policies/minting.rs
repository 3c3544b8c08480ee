//! Mistakes about who may call `GetFederationToken`.

use serde_json::Value;

use super::edit::{
    Object, edit, has_no_condition, is_allow, is_deny_or_for_any_resource, map_texts, values,
    without_condition,
};
use super::{allow_all, identity_statements};
use crate::authz::ApplicablePolicies;
use crate::faults::entry::entries;
use crate::parts::Parts;

/// The action as everybody writes it.
const ACTION: &str = "sts:GetFederationToken";

entries! {
    "mint-action-case-sensitive",
        "An Allow to mint counts only where its action is spelt in the usual case.",
        |parts| edit_statements(parts, |statement| {
            keeps_an_action(statement, |action| {
                action != ACTION && action.eq_ignore_ascii_case(ACTION)
            })
        });
    "mint-action-prefix-ignored",
        "An Allow to mint doesn't count where a wildcard ends the operation's name.",
        |parts| edit_statements(parts, |statement| {
            keeps_an_action(statement, |action| {
                let prefix = action.strip_suffix('*').and_then(|start| start.strip_prefix("sts:"));
                prefix.is_some_and(|prefix| !prefix.is_empty())
            })
        });
    "mint-boundary-grants",
        "An Allow in a user's boundary lets it mint.",
        |parts| edit_policies(parts, |policies| {
            policies.identity.extend(policies.boundary.clone());
        });
    "mint-boundary-ignored",
        "A user's boundary doesn't bound its minting.",
        |parts| edit_policies(parts, |policies| policies.boundary = None);
    "mint-condition-ignored",
        "Conditions of an Allow or a Deny to mint are ignored.",
        |parts| edit_statements(parts, without_condition);
    "mint-condition-never-met",
        "An Allow to mint that has a condition never counts.",
        |parts| edit_statements(parts, has_no_condition);
    "mint-deny-ignored",
        "A Deny on sts:GetFederationToken is ignored where an Allow stands beside it.",
        |parts| edit_statements(parts, is_allow);
    "mint-managed-policies-ignored",
        "Managed policies say nothing about who may mint.",
        |parts| edit_policies(parts, |policies| {
            policies.identity.retain(|(label, _)| !label.starts_with("arn:"));
        });
    "mint-not-action-ignored",
        "An Allow with NotAction never counts for minting.",
        |parts| edit_statements(parts, |statement| is_deny_or_lacks(statement, "NotAction"));
    "mint-not-resource-ignored",
        "An Allow with NotResource never counts for minting.",
        |parts| edit_statements(parts, |statement| is_deny_or_lacks(statement, "NotResource"));
    "mint-question-mark-greedy",
        "A question mark in the resource of an Allow to mint matches any text.",
        |parts| respell_resources(parts, |text| text.replace('?', "*"));
    "mint-question-mark-literal",
        "A question mark in the resource of an Allow to mint matches only a question mark.",
        |parts| respell_resources(parts, |text| text.replace('?', "${?}"));
    "mint-resource-ignored",
        "An Allow of sts:GetFederationToken for one federated user suffices for any.",
        |parts| edit_statements(parts, |statement| {
            if is_allow(statement) {
                statement.remove("NotResource");
                statement.insert("Resource".to_owned(), Value::from("*"));
            }
            true
        });
    "mint-resource-star-only",
        "An Allow of sts:GetFederationToken counts only where its resource is `*`.",
        |parts| edit_statements(parts, is_deny_or_for_any_resource);
    "mint-variables-literal",
        "Policy variables in the resource of an Allow to mint stand for themselves.",
        |parts| respell_resources(parts, |text| text.replace("${", "${$}{"));
    "mint-variables-match-anything",
        "Policy variables in the resource of an Allow to mint stand for any text.",
        |parts| respell_resources(parts, without_variables);
    "permission-unchecked",
        "A user needs no Allow of sts:GetFederationToken.",
        |parts| edit_policies(parts, |policies| policies.identity.push(allow_all()));
}

fn edit_policies(parts: &mut Parts, edit: fn(&mut ApplicablePolicies<'_>)) {
    parts.access.authorization.minting.push(Box::new(move |_, policies| edit(policies)));
}

fn edit_statements(parts: &mut Parts, keep: fn(&mut Object) -> bool) {
    parts.access.authorization.minting.push(identity_statements(keep));
}

/// Changes how the resources of each Allow are spelt.
fn respell_resources(parts: &mut Parts, respell: fn(&str) -> String) {
    parts.access.authorization.minting.push(Box::new(move |_, policies| {
        edit(&mut policies.identity, |statement| {
            if is_allow(statement) {
                map_texts(statement, "Resource", respell);
            }
            true
        });
    }));
}

/// The text with a wildcard in place of each policy variable.
fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |text, part| {
        format!("{text}*{}", part.split_once('}').map_or("", |(_, rest)| rest))
    })
}

fn is_deny_or_lacks(statement: &mut Object, element: &str) -> bool {
    !is_allow(statement) || !statement.contains_key(element)
}

/// Whether a statement is a Deny, or has an action that isn't `lost`.
fn keeps_an_action(statement: &mut Object, lost: fn(&str) -> bool) -> bool {
    let actions = values(statement, "Action");
    let all_lost =
        !actions.is_empty() && actions.iter().filter_map(|action| action.as_str()).all(lost);
    !is_allow(statement) || !all_lost
}
