//! May this caller do that? One question, put to `stspec-iam` with the policies in force now.

use std::sync::Arc;

use stspec_iam::{self as iam, Context, Decision, LabelledPolicy, Policies, Policy, Principal};

use crate::auth::Authentication;
use crate::auth::identity::{Entity, Identity, root_arn};
use crate::authz::context::ContextEdit;
use crate::authz::explain::Explain;
use crate::call::Call;
use crate::faults::Fault;
use crate::model::caller::{Caller, Session, SessionKind};
use crate::state::State;
use crate::state::directory::Directory;

pub(crate) mod context;
mod distort;
pub(crate) mod explain;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Who wants to; nobody known where the request isn't signed.
    pub(crate) caller: Option<&'a Identity<'a>>,
    /// What it wants to do, such as `s3:GetObject`.
    pub(crate) action: &'a str,
    /// The ARN of what it wants to do that to, or `*`.
    pub(crate) resource: &'a str,
    /// The resource's own policy with a label.
    pub(crate) resource_policy: Option<(&'a str, &'a Arc<Policy>)>,
    /// Tags that the request passes.
    pub(crate) request_tags: &'a [(String, String)],
    /// Context keys of the service that is asked.
    pub(crate) service_keys: &'a [(&'a str, String)],
}

/// Who calls, and what they may do: what every service asks first.
#[derive(Default)]
pub(crate) struct Access {
    /// Who calls.
    pub(crate) authentication: Authentication,
    /// What they may do.
    pub(crate) authorization: Authorization,
}

/// What the policies allow.
pub(crate) struct Authorization {
    /// Who learns of each decision.
    pub(crate) explain: Option<Explain>,
    /// What changes the context keys of a caller; AWS changes nothing.
    pub(crate) context: Vec<ContextEdit>,
    /// The ARN by which a denial names its caller.
    pub(crate) denied_arn: fn(&Identity<'_>, &State) -> String,
}

impl Default for Authorization {
    fn default() -> Self {
        Self { explain: None, context: Vec::new(), denied_arn: |caller, state| caller.arn(state) }
    }
}

impl Authorization {
    /// Decides by the caller's policies, boundary and session policies, and the resource's policy.
    pub(crate) fn decide(
        &self,
        call: &Call<'_>,
        directory: &Directory,
        question: &Question<'_>,
    ) -> Decision {
        let mut in_force = ApplicablePolicies::of(call.state, directory, question);
        if let Some(caller) = self.needs_issuer(call, directory, question) {
            distort::lose_session_grants(call.state, caller, &mut in_force);
        }
        if let Some(frozen) = frozen(call) {
            in_force.identity = frozen;
        }
        distort::for_sessions(call.state, question, &mut in_force);
        if call.state.faults.has(Fault::SessionPoliciesIntersect) {
            return distort::decide_one_by_one(in_force, |in_force| {
                self.evaluate(call, question, in_force)
            });
        }
        self.evaluate(call, question, &in_force)
    }

    /// The same for the permission to mint, with the mistakes that a server can make there.
    pub(crate) fn decide_minting(
        &self,
        call: &Call<'_>,
        directory: &Directory,
        question: &Question<'_>,
    ) -> Decision {
        let mut in_force = ApplicablePolicies::of(call.state, directory, question);
        distort::for_minting(call.state, &mut in_force);
        self.evaluate(call, question, &in_force)
    }

    /// The same for the permission to pass tags.
    pub(crate) fn decide_tagging(
        &self,
        call: &Call<'_>,
        directory: &Directory,
        question: &Question<'_>,
    ) -> Decision {
        let mut in_force = ApplicablePolicies::of(call.state, directory, question);
        distort::for_tagging(call.state, &mut in_force);
        self.evaluate(call, question, &in_force)
    }

    /// The session whose grants a fault makes depend on its issuer, who may not do the same.
    fn needs_issuer<'a>(
        &self,
        call: &Call<'_>,
        directory: &Directory,
        question: &Question<'a>,
    ) -> Option<&'a Identity<'a>> {
        let depends = call.state.faults.has(Fault::ResourcePolicySessionNeedsIssuer);
        let caller =
            question.caller.filter(|caller| depends && caller.federated_name().is_some())?;
        let issuer = caller.issuer();
        let asked = Question { caller: Some(&issuer), resource_policy: None, ..*question };
        (!self
            .evaluate(call, &asked, &ApplicablePolicies::of(call.state, directory, &asked))
            .allowed())
        .then_some(caller)
    }

    fn evaluate(
        &self,
        call: &Call<'_>,
        question: &Question<'_>,
        in_force: &ApplicablePolicies<'_>,
    ) -> Decision {
        let policies = Policies {
            identity: in_force.identity.iter().map(named).collect(),
            boundary: in_force.boundary.as_ref().map(named),
            session: in_force.session.as_ref().map(|session| session.iter().map(named).collect()),
            resource: in_force.resource.as_ref().map(named),
        };
        let principal = principal(call.state, question.caller);
        // Gathering the keys costs more than most policies, which ask for none of them.
        let asked = policies.need_context();
        let context = if asked { self.context(call, &principal, question) } else { Context::new() };
        let request = iam::Request {
            principal: &principal,
            action: question.action,
            resource: question.resource,
            resource_account: Some(call.state.account.as_str()),
            context: &context,
        };
        // Only an explanation lists the statements that matched.
        let Some(explain) = &self.explain else { return iam::decide(&request, &policies) };
        let decision = iam::evaluate(&request, &policies);
        explain.tell(call, question, &decision);
        decision
    }

    /// The context keys of one request.
    fn context(&self, call: &Call<'_>, principal: &Principal, question: &Question<'_>) -> Context {
        let mut context = context::of(call, principal, question);
        if let Some(caller) = question.caller {
            for edit in &self.context {
                edit(call, caller, &mut context);
            }
        }
        context
    }

    /// What AWS says to somebody who is refused, without the reason.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, MSG-BASE and MSG-RES-OPTIONAL: an action
    /// that has no resource, or every resource, is printed alone.
    pub(crate) fn denial(&self, state: &State, question: &Question<'_>) -> String {
        let who = question
            .caller
            .map_or_else(|| "anonymous".to_owned(), |caller| (self.denied_arn)(caller, state));
        let action = question.action;
        let denial = format!("User: {who} is not authorized to perform: {action}");
        match question.resource {
            arn if arn == "*" || arn.ends_with(":s3:::*") => denial,
            arn if action.starts_with("s3:") => format!("{denial} on resource: \"{arn}\""),
            arn => format!("{denial} on resource: {arn}"),
        }
    }
}

/// Keeps the issuer's policies as they are now for a session that is minted, where a fault does so.
pub(crate) fn freeze(call: &Call<'_>, directory: &Directory, issuer: &Identity<'_>, id: &str) {
    if let Entity::User(user) = issuer.entity() {
        call.state.freeze(id, || {
            directory.policies_of(user).map(|(_, policy)| Arc::clone(policy)).collect()
        });
    }
}

/// The issuer's policies that a fault kept for the calling session.
fn frozen<'a>(call: &Call<'_>) -> Option<Vec<Labelled<'a>>> {
    let frozen = call.state.frozen(&call.presented()?.access_key_id)?;
    Some(frozen.into_iter().map(|policy| ("frozen", policy)).collect())
}

/// How a decision mentions the policy that a call passed as text.
const INLINE: &str = "inline session policy";

/// A policy with the name by which a decision mentions it.
type Labelled<'a> = (&'a str, Arc<Policy>);

/// The policies that speak about one question.
#[derive(Debug)]
struct ApplicablePolicies<'a> {
    identity: Vec<Labelled<'a>>,
    boundary: Option<Labelled<'a>>,
    session: Option<Vec<Labelled<'a>>>,
    resource: Option<Labelled<'a>>,
}

impl<'a> ApplicablePolicies<'a> {
    /// Looks up what is live and parses what the session token froze.
    fn of(state: &State, directory: &'a Directory, question: &Question<'a>) -> Self {
        let entity = question.caller.map_or(Entity::Root, Identity::entity);
        let session = question.caller.and_then(Identity::session);
        let (identity, boundary) = match entity {
            Entity::Root => (Vec::new(), None),
            Entity::User(user) => {
                (directory.policies_of(user).map(shared).collect(), directory.boundary_of(user))
            }
            Entity::Role(role) => {
                (role.policies().map(shared).collect(), directory.boundary_of_role(role))
            }
        };
        Self {
            identity,
            boundary: boundary.map(shared),
            session: session.and_then(|session| session_policies(state, directory, session)),
            resource: question.resource_policy.map(shared),
        }
    }
}

fn shared<'a>((label, policy): (&'a str, &'a Arc<Policy>)) -> Labelled<'a> {
    (label, Arc::clone(policy))
}

/// A session's policies: nothing where none was passed.
///
/// A managed policy that was deleted since grants nothing, and neither does a document that only
/// a fault let in.
fn session_policies<'a>(
    state: &State,
    directory: &'a Directory,
    session: &'a Session,
) -> Option<Vec<Labelled<'a>>> {
    let terms = session.kind.terms().filter(|terms| terms.has_policies())?;
    let inline = terms.policy.iter().filter_map(|text| state.session_policy(text).ok());
    let inline = inline.map(|policy| (INLINE, policy));
    let managed = terms.policy_arns.iter().filter_map(|arn| {
        directory.managed_policy(arn).map(|policy| shared((arn, policy.in_force())))
    });
    Some(inline.chain(managed).collect())
}

fn named<'a>((label, policy): &'a Labelled<'_>) -> LabelledPolicy<'a> {
    LabelledPolicy::new(label, policy)
}

fn principal(state: &State, caller: Option<&Identity<'_>>) -> Principal {
    let Some(caller) = caller else { return Principal::Anonymous };
    let account = state.account.to_string();
    let issuer = || match caller.user() {
        Some(user) => iam::Issuer::User { arn: user.arn.clone() },
        None => iam::Issuer::Root { arn: root_arn(state) },
    };
    match caller.caller() {
        Caller::Root => Principal::Root { account, arn: root_arn(state) },
        Caller::User(_) => Principal::User { account, arn: caller.arn(state) },
        Caller::Session(Session { kind: SessionKind::Federated { .. }, .. }) => {
            Principal::Federated { account, arn: caller.arn(state), issuer: issuer() }
        }
        Caller::Session(Session { kind: SessionKind::SessionToken, .. }) => {
            Principal::SessionToken { account, issuer: issuer() }
        }
        Caller::Session(Session { kind: SessionKind::AssumedRole { .. }, .. }) => {
            let session_arn = caller.arn(state);
            let role_arn = match caller.entity() {
                Entity::Role(role) => role.arn.clone(),
                Entity::Root | Entity::User(_) => session_arn.clone(),
            };
            Principal::AssumedRole { account, session_arn, role_arn }
        }
    }
}
