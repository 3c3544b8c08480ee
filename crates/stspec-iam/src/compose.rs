//! How the categories of policies combine: the decision table of `docs/evidence/iam.md`,
//! IAM-TABLE-01 to IAM-TABLE-10.
//!
//! Each choice that AWS does not document is made here once, labelled "inferred", so that a
//! recording on AWS can change it.

use crate::{
    decision::{Category, Reason},
    principal::{Issuer, Principal},
    principal_element::{PrincipalElement, Reach},
    sense::Sense,
};

/// What the statements of each category say about one request.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) identity: Finding,
    /// `None` without a boundary.
    pub(crate) boundary: Option<Finding>,
    /// `None` if no session policy was passed.
    pub(crate) session: Option<Finding>,
    pub(crate) resource: ResourceFinding,
}

/// What one category says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Finding {
    pub(crate) allows: bool,
    pub(crate) denies: bool,
}

/// What the resource policy says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ResourceFinding {
    /// How the least limited of its grants matches the caller.
    pub(crate) grant: Option<Reach>,
    pub(crate) denies: bool,
}

/// Who owns the resource, and of what kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The caller's own account owns the resource.
    SameAccount,
    /// Another account owns the resource: both sides have to allow.
    CrossAccount,
    /// The resource is a role of the caller's account, whose trust policy has to allow.
    Trust,
}

/// The order in which categories are reported if several deny.
///
/// Inferred: AWS documents that it reports one (MSG-ONE), not which.
const REPORT_ORDER: [Category; 4] =
    [Category::Identity, Category::Boundary, Category::Session, Category::Resource];

/// Weighs the findings: an explicit deny anywhere wins, then every category that limits has to allow.
pub(crate) fn compose(caller: &Principal, side: Side, findings: &Findings) -> Reason {
    if let Some(category) = REPORT_ORDER.into_iter().find(|category| findings.denies(*category)) {
        return Reason::ExplicitDeny(category);
    }
    let limits = limits(caller, side, findings.resource.grant);
    let missing = REPORT_ORDER
        .into_iter()
        .find(|category| limits.contains(category) && !findings.passes(*category, caller));
    missing.map_or(Reason::Allowed, Reason::ImplicitDeny)
}

/// The categories whose implicit deny blocks, by how the resource policy grants.
fn limits(caller: &Principal, side: Side, grant: Option<Reach>) -> &'static [Category] {
    if *caller == Principal::Anonymous {
        return WITHOUT_CALLER;
    }
    match (side, grant) {
        (Side::SameAccount, None) => NOTHING_GRANTED,
        (Side::Trust, None) => ROLE_NOT_TRUSTING,
        (Side::SameAccount | Side::Trust, Some(reach)) => limits_of_grant(reach),
        (Side::CrossAccount, _) => ANOTHER_ACCOUNT,
    }
}

fn limits_of_grant(reach: Reach) -> &'static [Category] {
    match reach {
        Reach::Own => GRANT_TO_CALLER,
        Reach::Issuer => GRANT_TO_ISSUER,
        Reach::Account => GRANT_TO_ACCOUNT,
        Reach::Everyone => GRANT_TO_EVERYONE,
    }
}

/// Row 1: documented.
const NOTHING_GRANTED: &[Category] = &[Category::Identity, Category::Boundary, Category::Session];

/// Row 2: documented.
const GRANT_TO_CALLER: &[Category] = &[];

/// Row 3: the limits are documented, that the identity policy is not one of them is inferred.
const GRANT_TO_ISSUER: &[Category] = &[Category::Boundary, Category::Session];

/// Row 4: documented as delegation, inferred for sessions.
const GRANT_TO_ACCOUNT: &[Category] = &[Category::Identity, Category::Boundary, Category::Session];

/// Rows 5 and 6: documented for users and roles, inferred for federated sessions. Row 7 needs none:
/// `aws:PrincipalArn` is the session's ARN, so a condition on its issuer's does not hold.
const GRANT_TO_EVERYONE: &[Category] = &[];

/// Row 8: that both sides have to allow is documented, that a session is limited is inferred.
const ANOTHER_ACCOUNT: &[Category] =
    &[Category::Identity, Category::Boundary, Category::Session, Category::Resource];

/// A role is assumed only if its trust policy allows it: documented.
const ROLE_NOT_TRUSTING: &[Category] =
    &[Category::Identity, Category::Boundary, Category::Session, Category::Resource];

/// Only the resource's policy can allow an unsigned request: documented.
const WITHOUT_CALLER: &[Category] = &[Category::Resource];

/// How an `Allow` of a resource policy matches the caller; `None` if it does not.
pub(crate) fn grant(element: &PrincipalElement, caller: &Principal) -> Option<Reach> {
    match element.sense() {
        Sense::Positive => element.reaches(caller).reduce(least_limited),
        // Inferred: everyone but the listed principals; one matching name is enough.
        Sense::Negated => match element.reaches(caller).next() {
            Some(_) => None,
            None => Some(Reach::Everyone),
        },
    }
}

/// Of two ways to match a caller, the one whose grant is limited less.
pub(crate) fn least_limited(left: Reach, right: Reach) -> Reach {
    if limits_of_grant(right).len() < limits_of_grant(left).len() { right } else { left }
}

/// Whether a `Deny` of a resource policy hits the caller.
///
/// Row 9: any match is enough; documented for the session and its issuer, inferred for the account.
/// Row 10: with `NotPrincipal` and a boundary always, documented for users and roles. Without a
/// boundary, the caller is spared only if the list names each of its layers (inferred: AWS advises to
/// list account, role and session, and says that services may look at one before the other).
pub(crate) fn deny_hits(
    element: &PrincipalElement,
    caller: &Principal,
    boundary: Boundary,
) -> bool {
    match (element.sense(), boundary) {
        (Sense::Positive, _) => element.reaches(caller).next().is_some(),
        (Sense::Negated, Boundary::Attached) => true,
        (Sense::Negated, Boundary::Absent) => !element.names_every_layer(caller),
    }
}

/// Whether a permissions boundary is attached to the caller, its issuer or its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Boundary {
    Attached,
    Absent,
}

impl Findings {
    fn denies(&self, category: Category) -> bool {
        match category {
            Category::Identity => self.identity.denies,
            Category::Boundary => self.boundary.is_some_and(|finding| finding.denies),
            Category::Session => self.session.is_some_and(|finding| finding.denies),
            Category::Resource => self.resource.denies,
        }
    }

    /// Whether the category lets the request through.
    fn passes(&self, category: Category, caller: &Principal) -> bool {
        match category {
            // The root user may do everything, and so may what it issues (inferred for sessions).
            Category::Identity => self.identity.allows || acts_as_root(caller),
            Category::Boundary => self.boundary.is_none_or(|finding| finding.allows),
            // Without a session policy a federated session may do nothing, while other sessions
            // keep what their issuer has (documented; inferred for sessions of root).
            Category::Session => match self.session {
                Some(finding) => finding.allows,
                None => !matches!(caller, Principal::Federated { .. }),
            },
            Category::Resource => self.resource.grant.is_some(),
        }
    }
}

fn acts_as_root(caller: &Principal) -> bool {
    matches!(
        caller,
        Principal::Root { .. }
            | Principal::SessionToken { issuer: Issuer::Root { .. }, .. }
            | Principal::Federated { issuer: Issuer::Root { .. }, .. }
    )
}
