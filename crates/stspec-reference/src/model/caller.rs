//! Who a verified request comes from.

use jiff::Timestamp;

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The account's root user with its long-term keys.
    Root,
    /// An IAM user with one of its long-term keys.
    User(UserName),
    /// Somebody with temporary credentials.
    Session(Session),
}

/// The name of an IAM user, as created.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserName(pub(crate) String);

/// What a session token seals: everything about a session that was settled when it was minted.
///
/// The issuer's policies, boundary and tags are not in it; they are looked up at each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Who minted it.
    pub(crate) issuer: SessionOwner,
    /// Which operation minted it, with what only that kind of session has.
    pub(crate) kind: SessionKind,
    /// The secret access key that signs with it; 40 characters.
    pub(crate) secret_access_key: String,
    /// When it was minted, in whole seconds.
    pub(crate) issued_at: Timestamp,
    /// From when on it is refused, in whole seconds.
    pub(crate) expires_at: Timestamp,
}

/// Whose powers a session holds: who minted it, but for `AssumeRole` the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionOwner {
    /// The account's root user.
    Root,
    /// An IAM user.
    User {
        /// Its name.
        name: UserName,
        /// Its unique id (`AIDA…`): a user created again under the same name is another issuer.
        id: String,
    },
    /// A role that was assumed.
    Role {
        /// Its name.
        name: String,
        /// Its unique id (`AROA…`): a role created again under the same name is another issuer.
        id: String,
    },
}

/// Which operation minted a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionKind {
    /// `GetFederationToken`.
    Federated {
        /// The `Name` of the call.
        name: String,
        /// What the call passed.
        terms: SessionParameters,
    },
    /// `GetSessionToken`: the issuer's own powers, without IAM and most of STS.
    SessionToken,
    /// `AssumeRole`: the powers of the role.
    AssumedRole {
        /// The `RoleSessionName` of the call.
        session_name: String,
        /// What the call passed.
        terms: SessionParameters,
    },
}

/// What the call that mints a session passes to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SessionParameters {
    /// The inline session policy as it was passed.
    pub(crate) policy: Option<String>,
    /// ARNs of managed session policies.
    pub(crate) policy_arns: Vec<String>,
    /// Session tags.
    pub(crate) tags: Vec<(String, String)>,
}

impl SessionKind {
    /// What was passed to the session; `GetSessionToken` takes nothing.
    pub(crate) fn terms(&self) -> Option<&SessionParameters> {
        match self {
            Self::Federated { terms, .. } | Self::AssumedRole { terms, .. } => Some(terms),
            Self::SessionToken => None,
        }
    }
}

impl SessionParameters {
    /// Whether a session policy was passed, inline or managed.
    pub(crate) fn has_policies(&self) -> bool {
        self.policy.is_some() || !self.policy_arns.is_empty()
    }

    /// Whether nothing was passed at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_policies() && self.tags.is_empty()
    }
}
