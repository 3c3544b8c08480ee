//! Mistakes about what a session policy means.

use serde_json::Value;
use stspec_iam::Decision;

use super::edit::{
    Object, edit, edit_documents, edit_lists, is_allow, map_texts, rename, retain_texts, values,
    without_condition,
};
use super::{allow_all, edit_for_sessions};
use crate::auth::identity::{Entity, Identity};
use crate::authz::context::session_tags;
use crate::authz::{ApplicablePolicies, INLINE, Labelled, PendingDecision};
use crate::faults::entry::entries;
use crate::parts::Parts;

/// What a variable in a policy document begins with.
const VARIABLE: &str = "${";

/// How a policy document writes a question mark that is meant literally.
const LITERAL_MARK: &str = "${?}";

/// The condition key of a tag, without the tag's own.
const PRINCIPAL_TAG: &str = "aws:PrincipalTag/";

entries! {
    "managed-session-deny-ignored",
        "A Deny in a managed session policy is ignored.",
        |parts| edit_policies(parts, |_, _, session| {
            let (inline, mut managed): (Vec<_>, Vec<_>) =
                session.drain(..).partition(|(label, _)| *label == INLINE);
            edit(&mut managed, is_allow);
            session.extend(inline.into_iter().chain(managed));
        });
    "managed-session-policies-ignored",
        "A managed session policy is accepted and grants nothing.",
        |parts| edit_policies(parts, |_, _, session| {
            session.retain(|(label, _)| *label == INLINE);
        });
    "no-policy-inherits-issuer",
        "A session without a session policy has all powers of its issuer.",
        |parts| edit_for_sessions(parts, |_, _, policies| {
            policies.session.get_or_insert_with(|| vec![allow_all()]);
        });
    "root-session-unlimited",
        "A session that root minted may do everything.",
        |parts| edit_for_sessions(parts, |_, caller, policies| {
            if matches!(caller.entity(), Entity::Root) {
                policies.session = Some(vec![allow_all()]);
            }
        });
    "session-policies-intersect",
        "A session with several session policies may do only what all of them allow.",
        |parts| parts.access.authorization.combine = decide_one_by_one;
    "session-policy-escalates",
        "The session policy alone decides what a federated session may do.",
        |parts| edit_for_sessions(parts, |_, _, policies| {
            if policies.session.is_some() {
                policies.identity = vec![allow_all()];
                policies.boundary = None;
            }
        });
    "session-policy-ignored",
        "A session with a session policy has all powers of its issuer.",
        |parts| edit_policies(parts, |_, _, session| *session = vec![allow_all()]);
    "sessions-always-denied",
        "S3 refuses whatever a federated session asks.",
        |parts| edit_for_sessions(parts, |_, _, policies| {
            policies.session = Some(Vec::new());
            policies.resource = None;
        });

    "session-conditions-ignored",
        "Conditions in a session policy are ignored.",
        |parts| edit_statements(parts, without_condition);
    "session-deny-before-allow-ignored",
        "A Deny in a session policy is ignored where an Allow follows it.",
        |parts| edit_policies(parts, |_, _, session| edit_lists(session, drop_denies_before_allows));
    "session-deny-ignored",
        "A Deny in a session policy is ignored.",
        |parts| edit_statements(parts, is_allow);
    "session-first-condition-only",
        "Of a statement's conditions in a session policy only the first counts.",
        |parts| edit_statements(parts, |statement| {
            if let Some(Value::Object(operators)) = statement.get_mut("Condition") {
                keep_first(operators);
                if let Some(Value::Object(keys)) = operators.values_mut().next() {
                    keep_first(keys);
                }
            }
            true
        });
    "session-first-statement-only",
        "Of a session policy's statements only the first counts.",
        |parts| edit_policies(parts, |_, _, session| {
            edit_lists(session, |statements| statements.truncate(1));
        });

    "session-action-case-sensitive",
        "A session policy's actions are compared with regard to case.",
        |parts| edit_policies(parts, |pending, _, session| {
            let action = pending.question.action;
            let is_spelt = |text: &str| text == action || !text.eq_ignore_ascii_case(action);
            edit(session, |statement| retain_texts(statement, "Action", is_spelt));
        });
    "session-first-element-only",
        "Of a list of actions or resources in a session policy only the first counts.",
        |parts| edit_statements(parts, |statement| {
            for element in ["Action", "Resource"] {
                if let Some(Value::Array(values)) = statement.get_mut(element) {
                    values.truncate(1);
                }
            }
            true
        });
    "session-not-action-inverted",
        "NotAction in a session policy is read as Action.",
        |parts| edit_statements(parts, |statement| {
            rename(statement, "NotAction", "Action");
            true
        });
    "session-not-resource-inverted",
        "NotResource in a session policy is read as Resource.",
        |parts| edit_statements(parts, |statement| {
            rename(statement, "NotResource", "Resource");
            true
        });
    "session-question-mark-literal",
        "A question mark in a session policy's resource matches only a question mark.",
        |parts| edit_resources(parts, |_, text| question_marks_as(text, LITERAL_MARK));
    "session-question-mark-optional",
        "A question mark in a session policy matches any number of characters.",
        |parts| edit_statements(parts, |statement| {
            map_texts(statement, "Resource", |text| question_marks_as(text, "*"));
            map_texts(statement, "Action", |text| text.replace('?', "*"));
            true
        });
    "session-resources-ignore-case",
        "A session policy's resources are compared ignoring case.",
        |parts| edit_resources(parts, |resource, text| {
            (if text.eq_ignore_ascii_case(resource) { resource } else { text }).to_owned()
        });
    "session-star-within-slashes",
        "A star in a session policy's resource stops at slashes.",
        |parts| edit_policies(parts, |pending, _, session| {
            let slashes = |text: &str| text.matches('/').count();
            let depth = slashes(pending.question.resource);
            let reaches =
                |text: &str| text == "*" || !text.contains('*') || slashes(text) == depth;
            edit(session, |statement| retain_texts(statement, "Resource", reaches));
        });

    "session-string-equals-ignores-case",
        "StringEquals in a session policy ignores case.",
        |parts| edit_statements(parts, |statement| {
            read_string_equals_as(statement, "StringEqualsIgnoreCase")
        });
    "session-string-equals-like",
        "StringEquals in a session policy knows wildcards.",
        |parts| edit_statements(parts, |statement| read_string_equals_as(statement, "StringLike"));

    "session-missing-variable-empty",
        "A variable without a value in a session policy is replaced by the empty text.",
        |parts| edit_policies(parts, empty_missing_variables);
    "session-tag-keys-case-sensitive",
        "A session policy finds a session tag only by the very spelling of its key.",
        |parts| edit_policies(parts, |_, caller, session| {
            let tags = session_tags(caller);
            let is_misspelt = |key: &str| {
                !has_tag(tags, key) && tags.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(key))
            };
            edit(session, |statement| {
                lose_misspelt_tags(statement, is_misspelt);
                true
            });
        });
    "session-variable-default-ignored",
        "A default that a session policy gives to a variable is ignored.",
        |parts| edit_resources(parts, |_, text| {
            each_variable(text, |inside| {
                let (key, _) = inside.split_once(',')?;
                Some(format!("{VARIABLE}{key}}}"))
            })
        });
    "session-variables-always",
        "Variables in a session policy are expanded in every version.",
        |parts| edit_policies(parts, |_, _, session| {
            edit_documents(session, |document| {
                document.insert("Version".to_owned(), Value::from("2012-10-17"));
                true
            });
        });
    "session-variables-literal",
        "Variables in a session policy are never expanded.",
        |parts| edit_resources(parts, |_, text| text.replace(VARIABLE, "${$}{"));
    "session-variables-wild",
        "A variable in a session policy's resource stands for any text.",
        |parts| edit_resources(parts, |_, text| each_variable(text, |_| Some("*".to_owned())));
}

/// Edits the policies that were passed to a federated session, if any were.
fn edit_policies(
    parts: &mut Parts,
    edit: fn(&PendingDecision<'_>, &Identity<'_>, &mut Vec<Labelled<'_>>),
) {
    edit_for_sessions(parts, move |pending, caller, policies| {
        if let Some(session) = &mut policies.session {
            edit(pending, caller, session);
        }
    });
}

/// Rewrites the session policies statement by statement.
fn edit_statements(parts: &mut Parts, keep: fn(&mut Object) -> bool) {
    edit_for_sessions(parts, move |_, _, policies| {
        if let Some(session) = &mut policies.session {
            edit(session, keep);
        }
    });
}

/// Rewrites each resource; `change` is given the resource of the request, then the policy's.
fn edit_resources(parts: &mut Parts, change: fn(&str, &str) -> String) {
    edit_for_sessions(parts, move |pending, _, policies| {
        let Some(session) = &mut policies.session else { return };
        edit(session, |statement| {
            map_texts(statement, "Resource", |text| change(pending.question.resource, text));
            true
        });
    });
}

/// Decides by each session policy alone, and allows only what all of them allow.
fn decide_one_by_one(
    pending: &PendingDecision<'_>,
    mut policies: ApplicablePolicies<'_>,
) -> Decision {
    let together = pending.evaluate(&policies);
    for policy in policies.session.take().into_iter().flatten() {
        policies.session = Some(vec![policy]);
        let alone = pending.evaluate(&policies);
        if !alone.allowed() {
            return alone;
        }
    }
    together
}

fn drop_denies_before_allows(statements: &mut Vec<Value>) {
    let allows = |statement: &mut Value| statement.as_object_mut().is_some_and(is_allow);
    let Some(last) = statements.iter_mut().rposition(allows) else { return };
    let mut index = 0;
    statements.retain_mut(|statement| {
        index += 1;
        index > last || allows(statement)
    });
}

fn keep_first(object: &mut Object) {
    let first = object.keys().next().cloned();
    object.retain(|key, _| Some(key) == first.as_ref());
}

fn read_string_equals_as(statement: &mut Object, operator: &str) -> bool {
    if let Some(Value::Object(operators)) = statement.get_mut("Condition") {
        rename(operators, "StringEquals", operator);
    }
    true
}

/// Replaces variables without a default by nothing if no such tag was passed.
fn empty_missing_variables(
    _: &PendingDecision<'_>,
    caller: &Identity<'_>,
    session: &mut Vec<Labelled<'_>>,
) {
    let tags = session_tags(caller);
    let emptied = |text: &str| {
        each_variable(text, |inside| {
            let tag = inside.strip_prefix(PRINCIPAL_TAG)?;
            (!tag.contains(',') && !has_tag(tags, tag)).then(String::new)
        })
    };
    edit(session, |statement| {
        map_texts(statement, "Resource", emptied);
        map_expected(statement, emptied);
        true
    });
}

/// Whether a tag was passed under this very key.
fn has_tag(tags: &[(String, String)], key: &str) -> bool {
    tags.iter().any(|(tag, _)| tag == key)
}

/// Replaces each question mark that is a wildcard.
fn question_marks_as(text: &str, other: &str) -> String {
    let parts: Vec<String> =
        text.split(LITERAL_MARK).map(|part| part.replace('?', other)).collect();
    parts.join(LITERAL_MARK)
}

/// Replaces each variable with a colon in it by what `replace` returns for its name, if anything.
fn each_variable(text: &str, replace: impl Fn(&str) -> Option<String>) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, (inside, after))) = rest
        .split_once(VARIABLE)
        .and_then(|(before, braced)| Some((before, braced.split_once('}')?)))
    {
        written.push_str(before);
        let other = inside.contains(':').then(|| replace(inside)).flatten();
        written.push_str(&other.unwrap_or_else(|| format!("{VARIABLE}{inside}}}")));
        rest = after;
    }
    written + rest
}

/// Rewrites the texts that conditions compare with.
fn map_expected(statement: &mut Object, change: impl Fn(&str) -> String) {
    for operator in values(statement, "Condition") {
        let Some(operators) = operator.as_object_mut() else { continue };
        for keys in operators.values_mut().filter_map(Value::as_object_mut) {
            let names: Vec<String> = keys.keys().cloned().collect();
            for name in names {
                map_texts(keys, &name, &change);
            }
        }
    }
}

/// Makes conditions that misspell a tag ask for a tag that nobody has.
fn lose_misspelt_tags(statement: &mut Object, is_misspelt: impl Fn(&str) -> bool) {
    for operator in values(statement, "Condition") {
        let Some(operators) = operator.as_object_mut() else { continue };
        for keys in operators.values_mut().filter_map(Value::as_object_mut) {
            let misspelt: Vec<String> = keys
                .keys()
                .filter(|key| key.strip_prefix(PRINCIPAL_TAG).is_some_and(&is_misspelt))
                .cloned()
                .collect();
            for key in misspelt {
                rename(keys, &key, &format!("{key}+misspelt"));
            }
        }
    }
}
