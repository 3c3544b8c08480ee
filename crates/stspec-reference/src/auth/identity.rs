//! Who a caller is: ARN, unique id and the user behind it.

use crate::model::caller::{Caller, Session, SessionKind, SessionOwner};
use crate::state::State;
use crate::state::directory::{Directory, Role, User};

/// A caller with what the directory knows of it at this moment.
// INVARIANT: `entity` is the caller itself or the issuer of its session.
#[derive(Debug, Clone)]
pub(crate) struct Identity<'d> {
    caller: Caller,
    entity: Entity<'d>,
}

/// Whose policies, boundary and tags a caller has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entity<'d> {
    /// The account's root user, who has none.
    Root,
    /// An IAM user.
    User(&'d User),
    /// A role.
    Role(&'d Role),
}

impl<'d> Identity<'d> {
    /// Looks a caller up, by name and by unique id; nothing where the user or role is gone.
    pub(crate) fn of(caller: Caller, directory: &'d Directory) -> Option<Self> {
        let entity = match &caller {
            Caller::Root | Caller::Session(Session { issuer: SessionOwner::Root, .. }) => {
                Entity::Root
            }
            Caller::User(name) => Entity::User(directory.user(name)?),
            Caller::Session(Session { issuer: SessionOwner::User { name, id }, .. }) => {
                Entity::User(directory.user(name).filter(|user| user.id == *id)?)
            }
            Caller::Session(Session { issuer: SessionOwner::Role { name, id }, .. }) => {
                Entity::Role(directory.role(name).filter(|role| role.id == *id)?)
            }
        };
        Some(Self { caller, entity })
    }

    /// The caller as authenticated.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The session, where the caller has temporary credentials.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.caller {
            Caller::Session(session) => Some(session),
            Caller::Root | Caller::User(_) => None,
        }
    }

    /// The name of a federated session.
    pub(crate) fn federated_name(&self) -> Option<&str> {
        match &self.session()?.kind {
            SessionKind::Federated { name, .. } => Some(name),
            SessionKind::SessionToken | SessionKind::AssumedRole { .. } => None,
        }
    }

    /// Whose policies apply to the caller.
    pub(crate) fn entity(&self) -> Entity<'d> {
        self.entity
    }

    /// The user that calls, or that issued the session; nothing for root and roles.
    pub(crate) fn user(&self) -> Option<&'d User> {
        match self.entity {
            Entity::User(user) => Some(user),
            Entity::Root | Entity::Role(_) => None,
        }
    }

    /// The same with long-term credentials: the caller itself, or the issuer of its session. A
    /// role has none and stays the session that it is.
    pub(crate) fn issuer(&self) -> Self {
        let caller = match self.entity {
            Entity::Root => Caller::Root,
            Entity::User(user) => Caller::User(user.name.clone()),
            Entity::Role(_) => self.caller.clone(),
        };
        Self { caller, entity: self.entity }
    }

    /// As a session's issuer.
    pub(crate) fn as_issuer(&self) -> SessionOwner {
        match self.entity {
            Entity::Root => SessionOwner::Root,
            Entity::User(user) => {
                SessionOwner::User { name: user.name.clone(), id: user.id.clone() }
            }
            Entity::Role(role) => {
                SessionOwner::Role { name: role.name.clone(), id: role.id.clone() }
            }
        }
    }

    /// The ARN that policies and messages know the caller by.
    pub(crate) fn arn(&self, state: &State) -> String {
        match (self.session().map(|session| &session.kind), self.entity) {
            (Some(SessionKind::Federated { name, .. }), _) => {
                federated_user_arn(state, state.account.as_str(), name)
            }
            (Some(SessionKind::AssumedRole { session_name, .. }), Entity::Role(role)) => {
                assumed_role_arn(state, role, session_name)
            }
            (_, Entity::Root) => root_arn(state),
            (_, Entity::User(user)) => user.arn.clone(),
            (_, Entity::Role(role)) => role.arn.clone(),
        }
    }

    /// The unique id: `aws:userid`.
    pub(crate) fn user_id(&self, state: &State) -> String {
        match (self.session().map(|session| &session.kind), self.entity) {
            (Some(SessionKind::Federated { name, .. }), _) => format!("{}:{name}", state.account),
            (Some(SessionKind::AssumedRole { session_name, .. }), Entity::Role(role)) => {
                assumed_role_id(role, session_name)
            }
            (_, Entity::Root) => state.account.to_string(),
            (_, Entity::User(user)) => user.id.clone(),
            (_, Entity::Role(role)) => role.id.clone(),
        }
    }
}

/// The ARN of a role session: without the role's path.
///
/// Source: IAM User Guide, "IAM identifiers", "IAM ARNs".
pub(crate) fn assumed_role_arn(state: &State, role: &Role, session_name: &str) -> String {
    let (partition, account) = (state.partition.as_str(), &state.account);
    format!("arn:{partition}:sts::{account}:assumed-role/{}/{session_name}", role.name)
}

/// The unique id of a role session.
///
/// Source: STS API Reference, `AssumedRoleUser`, `AssumedRoleId`.
pub(crate) fn assumed_role_id(role: &Role, session_name: &str) -> String {
    format!("{}:{session_name}", role.id)
}

/// The ARN of a federated user.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-FEDUSER-ARN.
pub(crate) fn federated_user_arn(state: &State, account: &str, name: &str) -> String {
    format!("arn:{}:sts::{account}:federated-user/{name}", state.partition.as_str())
}

/// The ARN of the account's root user.
pub(crate) fn root_arn(state: &State) -> String {
    format!("arn:{}:iam::{}:root", state.partition.as_str(), state.account)
}
