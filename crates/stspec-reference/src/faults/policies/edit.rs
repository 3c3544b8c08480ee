//! Rewriting policies: as JSON, statement by statement.

use std::sync::Arc;

use serde_json::{Map, Value};
use stspec_iam::Policy;

use crate::authz::Labelled;

/// A statement of a policy document, or the document itself.
pub(super) type Object = Map<String, Value>;

/// Rewrites each policy statement by statement, and keeps a statement if `keep` returns true.
pub(super) fn edit(policies: &mut Vec<Labelled<'_>>, mut keep: impl FnMut(&mut Object) -> bool) {
    edit_lists(policies, |statements| {
        statements.retain_mut(|statement| statement.as_object_mut().is_some_and(&mut keep));
    });
}

/// Rewrites the list of statements of each policy; a policy that loses its last one is dropped.
pub(super) fn edit_lists(
    policies: &mut Vec<Labelled<'_>>,
    mut change: impl FnMut(&mut Vec<Value>),
) {
    edit_documents(policies, |document| {
        let Some(statement) = document.get_mut("Statement") else { return false };
        let mut statements = match statement.take() {
            Value::Array(statements) => statements,
            single => vec![single],
        };
        change(&mut statements);
        let some_left = !statements.is_empty();
        *statement = Value::Array(statements);
        some_left
    });
}

/// Rewrites each document, and keeps a policy if `keep` returns true.
pub(super) fn edit_documents(
    policies: &mut Vec<Labelled<'_>>,
    mut keep: impl FnMut(&mut Object) -> bool,
) {
    policies.retain_mut(|(_, policy)| {
        let edited = edited(policy, &mut keep);
        let kept = edited.is_some();
        if let Some(edited) = edited {
            *policy = edited;
        }
        kept
    });
}

fn edited(policy: &Arc<Policy>, keep: &mut impl FnMut(&mut Object) -> bool) -> Option<Arc<Policy>> {
    let mut document: Value = serde_json::from_str(policy.text()).ok()?;
    if !keep(document.as_object_mut()?) {
        return None;
    }
    Policy::parse(&document.to_string(), policy.kind()).ok().map(Arc::new)
}

/// Whether the statement's effect is `Allow`; a function that [`edit`] takes.
pub(super) fn is_allow(statement: &mut Object) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
}

/// Removes the condition of an Allow or a Deny.
pub(super) fn without_condition(statement: &mut Object) -> bool {
    statement.remove("Condition");
    true
}

/// Whether a statement is a Deny, or an Allow without a condition.
pub(super) fn has_no_condition(statement: &mut Object) -> bool {
    !is_allow(statement) || !statement.contains_key("Condition")
}

/// Whether a statement is a Deny, or allows something on `*`.
pub(super) fn is_deny_or_for_any_resource(statement: &mut Object) -> bool {
    !is_allow(statement) || values(statement, "Resource").into_iter().any(|value| is(value, "*"))
}

/// The values under an element, which may be one or a list.
pub(super) fn values<'a>(statement: &'a mut Object, element: &str) -> Vec<&'a mut Value> {
    match statement.get_mut(element) {
        Some(Value::Array(values)) => values.iter_mut().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// Rewrites the texts under an element.
pub(super) fn map_texts(
    statement: &mut Object,
    element: &str,
    mut change: impl FnMut(&str) -> String,
) {
    for value in values(statement, element) {
        if let Some(text) = value.as_str() {
            *value = Value::from(change(text));
        }
    }
}

/// Removes texts from an element, and returns whether any are left.
pub(super) fn retain_texts(
    statement: &mut Object,
    element: &str,
    keep: impl Fn(&str) -> bool,
) -> bool {
    let kept = |value: &Value| value.as_str().is_none_or(&keep);
    match statement.get_mut(element) {
        Some(Value::Array(values)) => {
            values.retain(kept);
            !values.is_empty()
        }
        Some(value) => kept(value),
        None => true,
    }
}

/// Renames an element or an operator.
pub(super) fn rename(object: &mut Object, from: &str, to: &str) {
    if let Some(value) = object.remove(from) {
        object.insert(to.to_owned(), value);
    }
}

/// Whether a value is this text.
pub(super) fn is(value: &Value, text: &str) -> bool {
    value.as_str() == Some(text)
}
