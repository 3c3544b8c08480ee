//! One statement of a policy: how it is read, and which requests it covers.

use std::collections::BTreeMap;

use crate::{
    action::Actions,
    condition::{Condition, read_conditions},
    error::{GrammarError, MalformedPolicy},
    json::{Json, JsonPath},
    policy_kind::PolicyKind,
    principal_element::PrincipalElement,
    request::Request,
    resource::Resources,
    sense::Sense,
    template::Version,
};

/// What a statement does to the requests it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`, which always wins.
    Deny,
}

/// A compiled statement.
#[derive(Debug)]
pub(crate) struct Statement {
    sid: Option<String>,
    effect: Effect,
    principal: Option<PrincipalElement>,
    actions: Actions,
    /// `None` in trust policies: the role itself is the resource.
    resources: Option<Resources>,
    conditions: Vec<Condition>,
}

impl Statement {
    pub(crate) fn read(
        json: &Json,
        kind: PolicyKind,
        version: Version,
        path: &JsonPath,
    ) -> Result<Statement, MalformedPolicy> {
        let members = json.object(path)?;
        if let Some(key) = members.keys().find(|key| !ELEMENTS.contains(&key.as_str())) {
            return Err(path.member(key).syntax("unknown element"));
        }
        let principal = read_principal(one_of(members, &PRINCIPAL, path)?, kind, path)?;
        let effect = read_effect(members.get("Effect"), path)?;
        let actions = read_actions(one_of(members, &ACTION, path)?, path)?;
        let resource = one_of(members, &RESOURCE, path)?;
        let resources = match kind {
            PolicyKind::Trust => refuse_resources(resource, path)?,
            _ => Some(read_resources(resource, version, path)?),
        };
        let conditions = match members.get("Condition") {
            Some(value) => read_conditions(value, version, &path.member("Condition"))?,
            None => Vec::new(),
        };
        let sid = members.get("Sid").map(|value| read_sid(value, kind, path)).transpose()?;
        Ok(Statement { sid, effect, principal, actions, resources, conditions })
    }

    pub(crate) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    pub(crate) fn effect(&self) -> Effect {
        self.effect
    }

    pub(crate) fn principal(&self) -> Option<&PrincipalElement> {
        self.principal.as_ref()
    }

    /// Whether a condition or a variable reads a context key.
    pub(crate) fn needs_context(&self) -> bool {
        !self.conditions.is_empty() || self.resources.as_ref().is_some_and(Resources::need_context)
    }

    /// Whether action, resource and conditions match; `compose` judges the principal.
    pub(crate) fn covers(&self, request: &Request) -> bool {
        self.actions.cover(request.action)
            && self
                .resources
                .as_ref()
                .is_none_or(|resources| resources.cover(request.resource, request.context))
            && self.conditions.iter().all(|condition| condition.holds(request.context))
    }
}

/// The elements a statement may have.
///
/// Source: IAM User Guide, Grammar of the IAM JSON policy language.
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    PRINCIPAL[0],
    PRINCIPAL[1],
    ACTION[0],
    ACTION[1],
    RESOURCE[0],
    RESOURCE[1],
    "Condition",
];
const PRINCIPAL: [&str; 2] = ["Principal", "NotPrincipal"];
const ACTION: [&str; 2] = ["Action", "NotAction"];
const RESOURCE: [&str; 2] = ["Resource", "NotResource"];

/// An element or its negation, as it was found.
#[derive(Debug, Clone, Copy)]
struct Found<'j> {
    name: &'j str,
    sense: Sense,
    value: &'j Json,
}

/// Finds an element or its negation; a statement may not have both.
fn one_of<'j>(
    members: &'j BTreeMap<String, Json>,
    [name, opposite]: &[&'static str; 2],
    path: &JsonPath,
) -> Result<Option<Found<'j>>, MalformedPolicy> {
    match (members.get(*name), members.get(*opposite)) {
        (Some(_), Some(_)) => Err(path.member(opposite).syntax(format_args!("excludes `{name}`"))),
        (Some(value), None) => Ok(Some(Found { name, sense: Sense::Positive, value })),
        (None, Some(value)) => Ok(Some(Found { name: opposite, sense: Sense::Negated, value })),
        (None, None) => Ok(None),
    }
}

fn read_principal(
    found: Option<Found>,
    kind: PolicyKind,
    path: &JsonPath,
) -> Result<Option<PrincipalElement>, MalformedPolicy> {
    let forbidden = matches!(kind, PolicyKind::Identity | PolicyKind::Session);
    match found {
        None if forbidden => Ok(None),
        None => Err(path.syntax("`Principal` is missing")),
        Some(found) if forbidden => Err(path
            .member(found.name)
            .error(GrammarError::PrincipalForbidden, "belongs to resource policies only")),
        Some(Found { name, sense, value }) => {
            PrincipalElement::read(value, sense, &path.member(name)).map(Some)
        }
    }
}

fn read_effect(value: Option<&Json>, path: &JsonPath) -> Result<Effect, MalformedPolicy> {
    let value = value.ok_or_else(|| path.syntax("`Effect` is missing"))?;
    let path = path.member("Effect");
    match value.string(&path)? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(path.syntax(format_args!("`{other}` is neither `Allow` nor `Deny`"))),
    }
}

fn read_actions(found: Option<Found>, path: &JsonPath) -> Result<Actions, MalformedPolicy> {
    let Some(Found { name, sense, value }) = found else {
        return Err(path.error(GrammarError::ActionMissing, "`Action` is missing"));
    };
    Actions::read(value, sense, &path.member(name))
}

fn read_resources(
    found: Option<Found>,
    version: Version,
    path: &JsonPath,
) -> Result<Resources, MalformedPolicy> {
    let Some(Found { name, sense, value }) = found else {
        return Err(path.error(GrammarError::ResourceMissing, "`Resource` is missing"));
    };
    Resources::read(value, sense, version, &path.member(name))
}

fn refuse_resources(
    found: Option<Found>,
    path: &JsonPath,
) -> Result<Option<Resources>, MalformedPolicy> {
    match found {
        None => Ok(None),
        Some(found) => Err(path
            .member(found.name)
            .syntax("is not allowed in a trust policy, whose resource is the role")),
    }
}

/// Source of the character set: IAM User Guide, JSON policy elements, Sid. Resource policies are
/// the services' own, and some allow more.
fn read_sid(value: &Json, kind: PolicyKind, path: &JsonPath) -> Result<String, MalformedPolicy> {
    let path = path.member("Sid");
    let sid = value.string(&path)?;
    let iam_checks = matches!(kind, PolicyKind::Identity | PolicyKind::Session);
    if iam_checks && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(path.syntax(format_args!("`{sid}` contains more than letters and digits")));
    }
    Ok(sid.to_owned())
}
