//! Mistakes about what a session policy means.

use serde_json::Value;

use super::allow_all;
use super::edit::{
    Object, edit, edit_documents, edit_lists, is_allow, map_texts, rename, retain_texts, values,
    without_condition,
};
use crate::auth::identity::{Entity, Identity};
use crate::authz::{ApplicablePolicies, INLINE, Labelled, Question};
use crate::faults::{Fault, Faults};
use crate::state::State;

/// What a variable in a policy document begins with.
const VARIABLE: &str = "${";

/// How a policy document writes a question mark that stands for itself.
const LITERAL_MARK: &str = "${?}";

/// The condition key of a tag, without the tag's own.
const PRINCIPAL_TAG: &str = "aws:PrincipalTag/";

/// Rewrites the session policies as a faulty server reads them.
pub(super) fn distort(
    state: &State,
    caller: &Identity<'_>,
    question: &Question<'_>,
    in_force: &mut ApplicablePolicies<'_>,
) {
    let faults = &state.faults;
    let of_root = matches!(caller.entity(), Entity::Root);
    if of_root && faults.has(Fault::RootSessionUnlimited) {
        in_force.session = Some(vec![allow_all()]);
    }
    match &mut in_force.session {
        None if faults.has(Fault::NoPolicyInheritsIssuer) => {
            in_force.session = Some(vec![allow_all()]);
        }
        Some(session) if faults.has(Fault::SessionPolicyIgnored) => *session = vec![allow_all()],
        Some(_) if faults.has(Fault::SessionPolicyEscalates) => {
            in_force.identity = vec![allow_all()];
            in_force.boundary = None;
        }
        Some(session) => {
            lose_managed(faults, session);
            lose_statements(faults, session);
            lose_conditions(faults, session);
            misread_elements(faults, question, session);
            misread_operators(faults, session);
            misread_variables(faults, caller, session);
        }
        None => {}
    }
}

fn lose_managed(faults: &Faults, session: &mut Vec<Labelled<'_>>) {
    if faults.has(Fault::ManagedSessionPoliciesIgnored) {
        session.retain(|(label, _)| *label == INLINE);
    }
    if faults.has(Fault::ManagedSessionDenyIgnored) {
        let (inline, mut managed): (Vec<_>, Vec<_>) =
            session.drain(..).partition(|(label, _)| *label == INLINE);
        edit(&mut managed, is_allow);
        session.extend(inline.into_iter().chain(managed));
    }
}

fn lose_statements(faults: &Faults, session: &mut Vec<Labelled<'_>>) {
    if faults.has(Fault::SessionDenyIgnored) {
        edit(session, is_allow);
    }
    if faults.has(Fault::SessionFirstStatementOnly) {
        edit_lists(session, |statements| statements.truncate(1));
    }
    if faults.has(Fault::SessionDenyBeforeAllowIgnored) {
        edit_lists(session, |statements| {
            let mut allows = statements
                .iter_mut()
                .map(|statement| statement.as_object_mut().is_some_and(is_allow));
            let Some(last) = allows.by_ref().collect::<Vec<_>>().into_iter().rposition(|it| it)
            else {
                return;
            };
            let mut index = 0;
            statements.retain_mut(|statement| {
                index += 1;
                index > last || statement.as_object_mut().is_some_and(is_allow)
            });
        });
    }
}

fn lose_conditions(faults: &Faults, session: &mut Vec<Labelled<'_>>) {
    if faults.has(Fault::SessionConditionsIgnored) {
        edit(session, without_condition);
    }
    if faults.has(Fault::SessionFirstConditionOnly) {
        edit(session, |statement| {
            if let Some(Value::Object(operators)) = statement.get_mut("Condition") {
                keep_first(operators);
                if let Some(Value::Object(keys)) = operators.values_mut().next() {
                    keep_first(keys);
                }
            }
            true
        });
    }
}

fn keep_first(object: &mut Object) {
    let first = object.keys().next().cloned();
    object.retain(|key, _| Some(key) == first.as_ref());
}

fn misread_elements(faults: &Faults, question: &Question<'_>, session: &mut Vec<Labelled<'_>>) {
    let (action, resource) = (question.action, question.resource);
    let slashes = |text: &str| text.matches('/').count();
    edit(session, |statement| {
        if faults.has(Fault::SessionNotActionInverted) {
            rename(statement, "NotAction", "Action");
        }
        if faults.has(Fault::SessionNotResourceInverted) {
            rename(statement, "NotResource", "Resource");
        }
        if faults.has(Fault::SessionFirstElementOnly) {
            for element in ["Action", "Resource"] {
                if let Some(Value::Array(values)) = statement.get_mut(element) {
                    values.truncate(1);
                }
            }
        }
        if faults.has(Fault::SessionQuestionMarkLiteral) {
            map_texts(statement, "Resource", |text| question_marks_as(text, LITERAL_MARK));
        }
        if faults.has(Fault::SessionQuestionMarkOptional) {
            map_texts(statement, "Resource", |text| question_marks_as(text, "*"));
            map_texts(statement, "Action", |text| text.replace('?', "*"));
        }
        if faults.has(Fault::SessionResourcesIgnoreCase) {
            map_texts(statement, "Resource", |text| {
                let same = text.eq_ignore_ascii_case(resource);
                (if same { resource } else { text }).to_owned()
            });
        }
        let stops = faults.has(Fault::SessionStarWithinSlashes);
        let cased = faults.has(Fault::SessionActionCaseSensitive);
        let reaches =
            |text: &str| text == "*" || !text.contains('*') || slashes(text) == slashes(resource);
        let spelled = |text: &str| text == action || !text.eq_ignore_ascii_case(action);
        (!stops || retain_texts(statement, "Resource", reaches))
            && (!cased || retain_texts(statement, "Action", spelled))
    });
}

fn misread_operators(faults: &Faults, session: &mut Vec<Labelled<'_>>) {
    let read_as = if faults.has(Fault::SessionStringEqualsLike) {
        "StringLike"
    } else if faults.has(Fault::SessionStringEqualsIgnoresCase) {
        "StringEqualsIgnoreCase"
    } else {
        return;
    };
    edit(session, |statement| {
        if let Some(Value::Object(operators)) = statement.get_mut("Condition") {
            rename(operators, "StringEquals", read_as);
        }
        true
    });
}

fn misread_variables(faults: &Faults, caller: &Identity<'_>, session: &mut Vec<Labelled<'_>>) {
    let tags = caller.session().and_then(|session| session.kind.terms()).map(|terms| &terms.tags);
    let spelled = |key: &str| tags.is_some_and(|tags| tags.iter().any(|(tag, _)| tag == key));
    let passed = |key: &str| {
        tags.is_some_and(|tags| tags.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(key)))
    };
    if faults.has(Fault::SessionVariablesAlways) {
        edit_documents(session, |document| {
            document.insert("Version".to_owned(), Value::from("2012-10-17"));
            true
        });
    }
    edit(session, |statement| {
        if faults.has(Fault::SessionVariablesLiteral) {
            map_texts(statement, "Resource", |text| text.replace(VARIABLE, "${$}{"));
        }
        if faults.has(Fault::SessionVariablesWild) {
            map_texts(statement, "Resource", |text| each_variable(text, |_| Some("*".to_owned())));
        }
        if faults.has(Fault::SessionMissingVariableEmpty) {
            let emptied = |text: &str| {
                each_variable(text, |inside| {
                    let tag = inside.strip_prefix(PRINCIPAL_TAG)?;
                    (!tag.contains(',') && !spelled(tag)).then(String::new)
                })
            };
            map_texts(statement, "Resource", emptied);
            map_expected(statement, emptied);
        }
        if faults.has(Fault::SessionVariableDefaultIgnored) {
            map_texts(statement, "Resource", |text| {
                each_variable(text, |inside| {
                    let (key, _) = inside.split_once(',')?;
                    Some(format!("{VARIABLE}{key}}}"))
                })
            });
        }
        if faults.has(Fault::SessionTagKeysCaseSensitive) {
            lose_misspelt_tags(statement, |key| !spelled(key) && passed(key));
        }
        true
    });
}

/// Replaces each question mark that is a wildcard.
fn question_marks_as(text: &str, other: &str) -> String {
    let parts: Vec<String> =
        text.split(LITERAL_MARK).map(|part| part.replace('?', other)).collect();
    parts.join(LITERAL_MARK)
}

/// Replaces each variable with a colon in it, where `replace` has something else for what is inside.
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

/// Makes conditions ask for a tag that nobody has, where they spell one otherwise than it was passed.
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
