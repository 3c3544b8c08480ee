//! Evaluation of one request against the policies in force.

use crate::{
    compose::{self, Boundary, Finding, Findings, ResourceFinding, Side},
    decision::{Category, Decision, Matched},
    policy::PolicyKind,
    principal::Principal,
    request::{Named, Policies, Request},
    statement::{Effect, Statement},
};

/// Decides one request: which statements match is found per category, then the categories are
/// weighed against each other.
///
/// Where `policies.resource` is a trust policy, the action is taken for one that assumes the role:
/// the trust policy has to allow, whatever the caller's own policies say.
#[must_use]
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    let mut matched = Vec::new();
    let findings = Findings {
        identity: find(Category::Identity, &policies.identity, request, &mut matched),
        boundary: policies
            .boundary
            .map(|boundary| find(Category::Boundary, &[boundary], request, &mut matched)),
        session: policies
            .session
            .as_ref()
            .map(|session| find(Category::Session, session, request, &mut matched)),
        resource: policies.resource.map_or_else(ResourceFinding::default, |resource| {
            find_in_resource(resource, request, boundary_of(policies), &mut matched)
        }),
    };
    let reason = compose::compose(request.principal, side(request, policies), &findings);
    Decision { action: request.action.to_owned(), reason, matched }
}

/// Searches a category whose policies apply to the caller as they stand.
fn find(
    category: Category,
    policies: &[Named],
    request: &Request,
    matched: &mut Vec<Matched>,
) -> Finding {
    let mut finding = Finding::default();
    for named in policies {
        for (index, statement) in named.policy.statements().iter().enumerate() {
            if !statement.covers(request) {
                continue;
            }
            match statement.effect() {
                Effect::Allow => finding.allows = true,
                Effect::Deny => finding.denies = true,
            }
            matched.push(record(category, named, index, statement));
        }
    }
    finding
}

/// Searches a policy whose statements each say to whom they apply.
pub(crate) fn find_in_resource(
    named: Named,
    request: &Request,
    boundary: Boundary,
    matched: &mut Vec<Matched>,
) -> ResourceFinding {
    let mut finding = ResourceFinding::default();
    for (index, statement) in named.policy.statements().iter().enumerate() {
        // A policy parsed as an identity policy has no principals and so grants nothing here.
        let Some(element) = statement.principal() else { continue };
        if !statement.covers(request) {
            continue;
        }
        let applies = match statement.effect() {
            Effect::Allow => {
                let grant = compose::grant(element, request.principal);
                finding.grant = match (finding.grant, grant) {
                    (Some(left), Some(right)) => Some(compose::least_limited(left, right)),
                    (left, right) => left.or(right),
                };
                grant.is_some()
            }
            Effect::Deny => {
                let hits = compose::deny_hits(element, request.principal, boundary);
                finding.denies |= hits;
                hits
            }
        };
        if applies {
            matched.push(record(Category::Resource, &named, index, statement));
        }
    }
    finding
}

fn record(category: Category, named: &Named, index: usize, statement: &Statement) -> Matched {
    Matched {
        category,
        label: named.label.to_owned(),
        index,
        sid: statement.sid().map(str::to_owned),
        effect: statement.effect(),
    }
}

fn boundary_of(policies: &Policies) -> Boundary {
    if policies.boundary.is_some() { Boundary::Attached } else { Boundary::Absent }
}

fn side(request: &Request, policies: &Policies) -> Side {
    let foreign = match (request.resource_account, request.principal) {
        (_, Principal::Anonymous) | (None, _) => false,
        (Some(owner), principal) => principal.account() != Some(owner),
    };
    let trust = policies.resource.is_some_and(|named| named.policy.kind() == PolicyKind::Trust);
    match (foreign, trust) {
        (true, _) => Side::CrossAccount,
        (false, true) => Side::Trust,
        (false, false) => Side::SameAccount,
    }
}
