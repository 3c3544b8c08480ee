//! Who a caller is: ARN, unique id and the user behind it.

use crate::caller::{Caller, Issuer, Session, SessionKind};
use crate::directory::{Directory, User};
use crate::state::State;

/// A caller with what the directory knows of it at this moment.
// INVARIANT: `user` is the caller itself or the issuer of its session; it is missing exactly where
// that is root.
#[derive(Debug, Clone)]
pub(crate) struct Identity<'d> {
    caller: Caller,
    user: Option<&'d User>,
}

impl<'d> Identity<'d> {
    /// Looks a caller up, by name and by unique id; nothing where the user is gone.
    pub(crate) fn of(caller: Caller, directory: &'d Directory) -> Option<Self> {
        let user = match &caller {
            Caller::Root | Caller::Session(Session { issuer: Issuer::Root, .. }) => None,
            Caller::User(name) => Some(directory.user(name)?),
            Caller::Session(Session { issuer: Issuer::User { name, id }, .. }) => {
                Some(directory.user(name).filter(|user| user.id == *id)?)
            }
        };
        Some(Self { caller, user })
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
            SessionKind::SessionToken => None,
        }
    }

    /// The user that calls, or that issued the session; nothing for root.
    pub(crate) fn user(&self) -> Option<&'d User> {
        self.user
    }

    /// The same with long-term credentials: the caller itself, or the issuer of its session.
    pub(crate) fn issuer(&self) -> Self {
        let caller = self.user.map_or(Caller::Root, |user| Caller::User(user.name.clone()));
        Self { caller, user: self.user }
    }

    /// As a session's issuer.
    pub(crate) fn as_issuer(&self) -> Issuer {
        self.user.map_or(Issuer::Root, |user| Issuer::User {
            name: user.name.clone(),
            id: user.id.clone(),
        })
    }

    /// The ARN that policies and messages know the caller by.
    pub(crate) fn arn(&self, state: &State) -> String {
        match (self.federated_name(), self.user) {
            (Some(name), _) => federated_user_arn(state, state.account.as_str(), name),
            (None, Some(user)) => user.arn.clone(),
            (None, None) => root_arn(state),
        }
    }

    /// The unique id: `aws:userid`.
    pub(crate) fn user_id(&self, state: &State) -> String {
        match (self.federated_name(), self.user) {
            (Some(name), _) => format!("{}:{name}", state.account),
            (None, Some(user)) => user.id.clone(),
            (None, None) => state.account.to_string(),
        }
    }
}

/// The ARN of a federated user.
///
/// Source: `facts/sts.md`, RSP-FEDUSER-ARN.
pub(crate) fn federated_user_arn(state: &State, account: &str, name: &str) -> String {
    format!("arn:{}:sts::{account}:federated-user/{name}", state.partition.as_str())
}

/// The ARN of the account's root user.
pub(crate) fn root_arn(state: &State) -> String {
    format!("arn:{}:iam::{}:root", state.partition.as_str(), state.account)
}
