//! The principals that can make a request.

/// Who calls: a principal with its account, its ARN and, for sessions, the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        /// Twelve digits.
        account: String,
        /// `arn:<partition>:iam::<account>:root`.
        arn: String,
    },
    /// An IAM user with long-term credentials.
    User {
        /// Twelve digits.
        account: String,
        /// `arn:<partition>:iam::<account>:user/<path and name>`.
        arn: String,
    },
    /// A session minted by `GetFederationToken`.
    Federated {
        /// Twelve digits; the issuer's account.
        account: String,
        /// `arn:<partition>:sts::<account>:federated-user/<name>`.
        arn: String,
        /// Who called `GetFederationToken`.
        issuer: Issuer,
    },
    /// A session minted by `GetSessionToken`; it acts as its issuer.
    SessionToken {
        /// Twelve digits; the issuer's account.
        account: String,
        /// Who called `GetSessionToken`.
        issuer: Issuer,
    },
    /// A session minted by `AssumeRole`.
    AssumedRole {
        /// Twelve digits; the role's account.
        account: String,
        /// `arn:<partition>:sts::<account>:assumed-role/<role>/<session>`.
        session_arn: String,
        /// `arn:<partition>:iam::<account>:role/<path and name>`.
        role_arn: String,
    },
    /// A request without a signature.
    Anonymous,
}

/// Who minted a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// The root user of the session's account.
    Root {
        /// `arn:<partition>:iam::<account>:root`.
        arn: String,
    },
    /// An IAM user of the session's account.
    User {
        /// `arn:<partition>:iam::<account>:user/<path and name>`.
        arn: String,
    },
}

impl Principal {
    /// The account of the principal; an anonymous request has none.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Principal::Root { account, .. }
            | Principal::User { account, .. }
            | Principal::Federated { account, .. }
            | Principal::SessionToken { account, .. }
            | Principal::AssumedRole { account, .. } => Some(account),
            Principal::Anonymous => None,
        }
    }

    /// The ARN as `GetCallerIdentity` and denial messages print it: the session's own, but the
    /// issuer's for `GetSessionToken`.
    #[must_use]
    pub fn arn(&self) -> Option<&str> {
        match self {
            Principal::AssumedRole { session_arn, .. } => Some(session_arn),
            _ => self.context_arn(),
        }
    }

    /// The value of `aws:PrincipalArn`: like [`Principal::arn`], but the role's for a role session.
    #[must_use]
    pub fn context_arn(&self) -> Option<&str> {
        match self {
            Principal::Root { arn, .. }
            | Principal::User { arn, .. }
            | Principal::Federated { arn, .. }
            | Principal::SessionToken {
                issuer: Issuer::Root { arn } | Issuer::User { arn }, ..
            }
            | Principal::AssumedRole { role_arn: arn, .. } => Some(arn),
            Principal::Anonymous => None,
        }
    }

    /// The value of `aws:PrincipalType`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Principal::Root { .. }
            | Principal::SessionToken { issuer: Issuer::Root { .. }, .. } => "Account",
            Principal::User { .. }
            | Principal::SessionToken { issuer: Issuer::User { .. }, .. } => "User",
            Principal::Federated { .. } => "FederatedUser",
            Principal::AssumedRole { .. } => "AssumedRole",
            Principal::Anonymous => "Anonymous",
        }
    }

    /// Whether the credentials are temporary.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Principal::Federated { .. }
            | Principal::SessionToken { .. }
            | Principal::AssumedRole { .. } => true,
            Principal::Root { .. } | Principal::User { .. } | Principal::Anonymous => false,
        }
    }

    /// The names by which a resource policy can match this principal.
    pub(crate) fn names(&self) -> Names<'_> {
        let (own, issuer) = match self {
            Principal::User { arn, .. }
            | Principal::SessionToken { issuer: Issuer::User { arn }, .. }
            | Principal::Federated { arn, issuer: Issuer::Root { .. }, .. } => (Some(arn), None),
            Principal::Federated { arn, issuer: Issuer::User { arn: issuer }, .. }
            | Principal::AssumedRole { session_arn: arn, role_arn: issuer, .. } => {
                (Some(arn), Some(issuer))
            }
            Principal::Root { .. }
            | Principal::SessionToken { issuer: Issuer::Root { .. }, .. }
            | Principal::Anonymous => (None, None),
        };
        Names {
            own: own.map(String::as_str),
            issuer: issuer.map(String::as_str),
            account: self.account(),
        }
    }
}

/// The names of one principal, from the narrowest to the widest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    /// The ARN of the user or session itself; the root user has only its account.
    pub(crate) own: Option<&'a str>,
    /// The user or role behind a session, if it differs from `own`.
    pub(crate) issuer: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
}
