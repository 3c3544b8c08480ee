//! IAM's error answers.

use thiserror::Error;

use super::NAMESPACE;
use crate::state::directory::DirectoryError;
use crate::wire::answer::Answer;
use crate::wire::xml::Writer;

/// The namespace of an answer to an operation that IAM does not know.
///
/// Source: `docs/evidence/get-federation-token.md`, WIRE-BADACTION (observed on STS, which shares
/// the front end).
const ERROR_NAMESPACE: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// Why IAM refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum IamError {
    /// The directory refused.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Parameters are outside their shapes.
    #[error("{0}")]
    Validation(String),
    /// A number or a flag is not one.
    #[error("{0}")]
    MalformedInput(&'static str),
    /// There is no such operation in this version.
    #[error("Could not find operation {operation} for version {version}")]
    InvalidAction {
        /// `Action` as sent.
        operation: String,
        /// `Version` as sent.
        version: String,
    },
    /// One request too many.
    #[error("Rate exceeded")]
    Throttled,
    /// Refused before the service looked at it, for reasons of identity or permission.
    #[error("{message}")]
    Forbidden {
        /// The `Code`, such as `AccessDenied` or `InvalidClientTokenId`.
        code: &'static str,
        /// The message.
        message: String,
    },
}

impl IamError {
    /// The `Code` of the error answer.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Directory(refusal) => refusal.code(),
            Self::Validation(_) => "ValidationError",
            Self::MalformedInput(_) => "MalformedInput",
            Self::InvalidAction { .. } => "InvalidAction",
            Self::Throttled => "Throttling",
            Self::Forbidden { code, .. } => code,
        }
    }

    /// The HTTP status of the error answer.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Directory(refusal) => refusal.status(),
            Self::Validation(_)
            | Self::MalformedInput(_)
            | Self::InvalidAction { .. }
            | Self::Throttled => 400,
            Self::Forbidden { .. } => 403,
        }
    }
}

/// The answer that says why a request is refused.
pub(crate) fn refuse(error: &IamError, request_id: &str) -> Answer {
    let namespace = match error {
        IamError::InvalidAction { .. } => ERROR_NAMESPACE,
        _ => NAMESPACE,
    };
    let message = error.to_string();
    let mut xml = Writer::new();
    xml.open_in("ErrorResponse", namespace)
        .open("Error")
        .leaf("Type", "Sender")
        .leaf("Code", error.code())
        .leaf_if("Message", (!message.is_empty()).then_some(&message))
        .close("Error")
        .leaf("RequestId", request_id)
        .close("ErrorResponse");
    Answer::with_body(error.status(), "text/xml", xml.finish())
        .header("x-amzn-requestid", request_id)
}
