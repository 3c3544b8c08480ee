//! May this caller do that? One question, put to `stspec-iam` with the policies in force now.

use std::sync::Arc;

use stspec_iam::{self as iam, Context, Decision, LabelledPolicy, Policies, Policy, Principal};

use crate::auth::Authentication;
use crate::auth::identity::{Entity, Identity, root_arn};
use crate::authz::context::ContextEdit;
use crate::authz::explain::Explain;
use crate::call::Call;
use crate::model::caller::{Caller, Session, SessionKind};
use crate::state::State;
use crate::state::directory::Directory;

pub(crate) mod context;
pub(crate) mod explain;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Who wants to; `None` if the request isn't signed.
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

/// Changes the policies that apply before a decision.
pub(crate) type PolicyEdit =
    Box<dyn Fn(&PendingDecision<'_>, &mut ApplicablePolicies<'_>) + Send + Sync>;

/// What the policies allow.
pub(crate) struct Authorization {
    /// Who learns of each decision.
    pub(crate) explain: Option<Explain>,
    /// What changes the policies before a decision; AWS changes nothing.
    pub(crate) policies: Vec<PolicyEdit>,
    /// What changes them before the permission to mint is decided.
    pub(crate) minting: Vec<PolicyEdit>,
    /// What changes them before the permission to pass tags is decided.
    pub(crate) tagging: Vec<PolicyEdit>,
    /// How several session policies make one decision.
    pub(crate) combine: fn(&PendingDecision<'_>, ApplicablePolicies<'_>) -> Decision,
    /// What changes the context keys of a caller.
    pub(crate) context: Vec<ContextEdit>,
    /// The ARN by which a denial names its caller.
    pub(crate) denied_arn: fn(&Identity<'_>, &State) -> String,
}

impl Default for Authorization {
    fn default() -> Self {
        Self {
            explain: None,
            policies: Vec::new(),
            minting: Vec::new(),
            tagging: Vec::new(),
            combine: |pending, policies| pending.evaluate(&policies),
            context: Vec::new(),
            denied_arn: |caller, state| caller.arn(state),
        }
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
        let pending = PendingDecision { authorization: self, call, directory, question };
        (self.combine)(&pending, pending.policies(&self.policies))
    }

    /// The same for a permission of a user who mints, with edits of its own: [`Self::minting`] or
    /// [`Self::tagging`].
    pub(crate) fn decide_with(
        &self,
        edits: &[PolicyEdit],
        call: &Call<'_>,
        directory: &Directory,
        question: &Question<'_>,
    ) -> Decision {
        let pending = PendingDecision { authorization: self, call, directory, question };
        pending.evaluate(&pending.policies(edits))
    }

    fn evaluate(
        &self,
        call: &Call<'_>,
        question: &Question<'_>,
        applicable: &ApplicablePolicies<'_>,
    ) -> Decision {
        let policies = Policies {
            identity: applicable.identity.iter().map(labelled).collect(),
            boundary: applicable.boundary.as_ref().map(labelled),
            session: applicable
                .session
                .as_ref()
                .map(|session| session.iter().map(labelled).collect()),
            resource: applicable.resource.as_ref().map(labelled),
        };
        let principal = principal(call.state, question.caller);
        // Gathering the keys costs more than most policies, which ask for none of them.
        let needed = policies.need_context();
        let context =
            if needed { self.context(call, &principal, question) } else { Context::new() };
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

/// One decision before it is made.
pub(crate) struct PendingDecision<'a> {
    /// Who decides.
    authorization: &'a Authorization,
    /// The request.
    pub(crate) call: &'a Call<'a>,
    /// The users, roles and policies.
    directory: &'a Directory,
    /// What is asked.
    pub(crate) question: &'a Question<'a>,
}

impl<'a> PendingDecision<'a> {
    /// The policies that apply, after these edits.
    fn policies(&self, edits: &[PolicyEdit]) -> ApplicablePolicies<'a> {
        let mut policies = ApplicablePolicies::of(self.call.state, self.directory, self.question);
        for edit in edits {
            edit(self, &mut policies);
        }
        policies
    }

    /// Decides by these policies.
    pub(crate) fn evaluate(&self, policies: &ApplicablePolicies<'_>) -> Decision {
        self.authorization.evaluate(self.call, self.question, policies)
    }

    /// Decides another question by its own policies, as they are.
    pub(crate) fn decide_unedited(&self, question: &Question<'_>) -> Decision {
        let pending = PendingDecision { question, ..*self };
        pending.evaluate(&pending.policies(&[]))
    }
}

/// How a decision mentions the policy that a call passed as text.
pub(crate) const INLINE: &str = "inline session policy";

/// A policy with the name by which a decision mentions it.
pub(crate) type Labelled<'a> = (&'a str, Arc<Policy>);

/// The policies that speak about one question.
#[derive(Debug)]
pub(crate) struct ApplicablePolicies<'a> {
    /// Those of the user or role, or of the issuer of a session.
    pub(crate) identity: Vec<Labelled<'a>>,
    /// The permissions boundary of the same.
    pub(crate) boundary: Option<Labelled<'a>>,
    /// Those that were passed to the session; `None` if none was.
    pub(crate) session: Option<Vec<Labelled<'a>>>,
    /// The resource's own.
    pub(crate) resource: Option<Labelled<'a>>,
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

/// A session's policies; `None` if none was passed.
///
/// A managed policy that was deleted since grants nothing, and neither does a document that can't
/// be parsed.
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

fn labelled<'a>((label, policy): &'a Labelled<'_>) -> LabelledPolicy<'a> {
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
