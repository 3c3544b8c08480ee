//! Whether a role's trust policy lets a principal assume the role.

use crate::{
    compose::Boundary,
    context::Context,
    evaluate::{Collector, find_in_resource},
    policies::LabelledPolicy,
    policy::Policy,
    principal::Principal,
    request::Request,
};

/// The action that trust policies are evaluated for here.
const ASSUME_ROLE: &str = "sts:AssumeRole";

/// Whether the trust policy allows the principal `sts:AssumeRole` and does not deny it.
///
/// This is the role's side only. To include the caller's side, pass the trust policy to
/// [`evaluate`](crate::evaluate) as the resource policy: a grant to an account or across accounts
/// needs the caller's own policies as well.
#[must_use]
pub fn trust_allows(trust: &Policy, principal: &Principal, context: &Context) -> bool {
    let request =
        Request { principal, action: ASSUME_ROLE, resource: "*", resource_account: None, context };
    let labelled = LabelledPolicy::new("trust", trust);
    let finding = find_in_resource(labelled, &request, Boundary::Absent, &mut Collector::Nothing);
    finding.grant.is_some() && !finding.denies
}
