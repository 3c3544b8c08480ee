//! Evaluation of one request against the applicable policies.

use crate::{
    compose::{self, Boundary, Finding, Findings, ResourceFinding, Side},
    decision::{Category, Decision, Matched},
    policies::{LabelledPolicy, Policies},
    policy_kind::PolicyKind,
    principal::Principal,
    request::Request,
    statement::{Effect, Statement},
};

/// Decides one request: finds the statements that match in each category, then weighs the
/// categories against each other.
///
/// If `policies.resource` is a trust policy, the action is one that assumes the role: the trust
/// policy has to allow it, whatever the caller's own policies say.
#[must_use]
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    weigh(request, policies, Collector::Statements(Vec::new()))
}

/// Decides one request like [`evaluate`], but does not collect the statements that matched: allowing a
/// request allocates nothing.
#[must_use]
pub fn decide(request: &Request, policies: &Policies) -> Decision {
    weigh(request, policies, Collector::Nothing)
}

fn weigh(request: &Request, policies: &Policies, mut matched: Collector) -> Decision {
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
    let matched = match matched {
        Collector::Nothing => Vec::new(),
        Collector::Statements(matched) => matched,
    };
    Decision::new(reason, request.action, matched)
}

/// What is kept of the statements that match.
pub(crate) enum Collector {
    Nothing,
    Statements(Vec<Matched>),
}

impl Collector {
    fn add(
        &mut self,
        category: Category,
        labelled: &LabelledPolicy,
        index: usize,
        statement: &Statement,
    ) {
        let Collector::Statements(matched) = self else { return };
        matched.push(Matched {
            category,
            label: labelled.label.to_owned(),
            index,
            sid: statement.sid().map(str::to_owned),
            effect: statement.effect(),
        });
    }
}

/// Searches a category whose policies always apply to the caller.
fn find(
    category: Category,
    policies: &[LabelledPolicy],
    request: &Request,
    matched: &mut Collector,
) -> Finding {
    let mut finding = Finding::default();
    for labelled in policies {
        for (index, statement) in labelled.policy.statements().iter().enumerate() {
            if !statement.covers(request) {
                continue;
            }
            match statement.effect() {
                Effect::Allow => finding.allows = true,
                Effect::Deny => finding.denies = true,
            }
            matched.add(category, labelled, index, statement);
        }
    }
    finding
}

/// Searches a policy whose statements each name the principals that they apply to.
pub(crate) fn find_in_resource(
    labelled: LabelledPolicy,
    request: &Request,
    boundary: Boundary,
    matched: &mut Collector,
) -> ResourceFinding {
    let mut finding = ResourceFinding::default();
    for (index, statement) in labelled.policy.statements().iter().enumerate() {
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
            matched.add(Category::Resource, &labelled, index, statement);
        }
    }
    finding
}

fn boundary_of(policies: &Policies) -> Boundary {
    if policies.boundary.is_some() { Boundary::Attached } else { Boundary::Absent }
}

fn side(request: &Request, policies: &Policies) -> Side {
    let foreign = match (request.resource_account, request.principal) {
        (_, Principal::Anonymous) | (None, _) => false,
        (Some(owner), principal) => principal.account() != Some(owner),
    };
    let trust =
        policies.resource.is_some_and(|labelled| labelled.policy.kind() == PolicyKind::Trust);
    match (foreign, trust) {
        (true, _) => Side::CrossAccount,
        (false, true) => Side::Trust,
        (false, false) => Side::SameAccount,
    }
}
