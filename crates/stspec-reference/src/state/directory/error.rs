//! Why the directory refused something, in IAM's words.

use thiserror::Error;

/// A refusal of the directory; the text is the message that IAM answers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum DirectoryError {
    /// Something that was named does not exist.
    #[error("{0}")]
    NoSuchEntity(String),
    /// Something of that name exists already.
    #[error("{0}")]
    EntityAlreadyExists(String),
    /// A quota is used up.
    #[error("{0}")]
    LimitExceeded(String),
    /// Something still hangs on what should be deleted.
    #[error("{0}")]
    DeleteConflict(String),
    /// A policy document is not one, or not of the right kind.
    #[error("{0}")]
    MalformedPolicyDocument(String),
    /// The values contradict each other.
    #[error("{0}")]
    InvalidInput(String),
    /// A value is outside its shape.
    #[error("{0}")]
    ValidationError(String),
    /// The AWS-managed policies belong to AWS.
    #[error("{0}")]
    AccessDenied(String),
}

impl DirectoryError {
    /// The `Code` of the error answer.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoSuchEntity(_) => "NoSuchEntity",
            Self::EntityAlreadyExists(_) => "EntityAlreadyExists",
            Self::LimitExceeded(_) => "LimitExceeded",
            Self::DeleteConflict(_) => "DeleteConflict",
            Self::MalformedPolicyDocument(_) => "MalformedPolicyDocument",
            Self::InvalidInput(_) => "InvalidInput",
            Self::ValidationError(_) => "ValidationError",
            Self::AccessDenied(_) => "AccessDenied",
        }
    }

    /// The HTTP status of the error answer.
    ///
    /// Source: IAM service model, `httpStatusCode` of each error shape.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::NoSuchEntity(_) => 404,
            Self::EntityAlreadyExists(_) | Self::LimitExceeded(_) | Self::DeleteConflict(_) => 409,
            Self::MalformedPolicyDocument(_) | Self::InvalidInput(_) | Self::ValidationError(_) => {
                400
            }
            Self::AccessDenied(_) => 403,
        }
    }

    /// A quota is used up: the account or one of its members holds the most it may.
    pub(super) fn quota(name: &str, limit: usize) -> Self {
        Self::LimitExceeded(format!("Cannot exceed quota for {name}: {limit}"))
    }

    /// Something of this kind and name does not exist.
    pub(super) fn unknown(kind: &str, name: &str) -> Self {
        Self::NoSuchEntity(format!("The {kind} with name {name} cannot be found."))
    }

    /// Something has to go before this can be deleted.
    pub(super) fn in_use(remedy: &str) -> Self {
        Self::DeleteConflict(format!("Cannot delete entity, must {remedy} first."))
    }
}
