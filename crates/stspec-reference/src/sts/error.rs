//! Errors as STS words them.

/// The namespace of STS answers.
pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The namespace of errors about the action itself.
///
/// Source: `docs/evidence/get-federation-token.md`, WIRE-BADACTION.
const ERROR_NAMESPACE: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// A refusal by STS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StsError {
    /// The status code.
    pub(crate) status: u16,
    /// Who caused the error: `Sender` or `Receiver`.
    pub(crate) error_type: &'static str,
    /// The error code as it goes on the wire.
    pub(crate) code: &'static str,
    /// The message; some errors have none.
    pub(crate) message: Option<String>,
    /// The namespace of the error document.
    pub(crate) namespace: &'static str,
    /// Further members of the error; AWS shows none today.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl StsError {
    /// An error with a message.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let error_type = if status >= 500 { "Receiver" } else { "Sender" };
        let message = Some(message.into());
        Self { status, error_type, code, message, namespace: NAMESPACE, details: Vec::new() }
    }

    /// The caller is authenticated, but may not do this.
    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// A parameter has a value that its shape excludes.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// A parameter's text can't be read as its type.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, VAL-INT-BAD: only an empty value gets a
    /// message.
    pub(crate) fn malformed_input(message: Option<&str>) -> Self {
        let message = message.map(str::to_owned);
        Self { message, ..Self::new(400, "MalformedInput", "") }
    }

    /// This version of the API has no such operation.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, WIRE-EMPTYACTION, WIRE-BADACTION,
    /// WIRE-NOVERSION.
    pub(crate) fn invalid_action(action: &str, version: Option<&str>) -> Self {
        let version = version.unwrap_or("NO_VERSION_SPECIFIED");
        let message = format!("Could not find operation {action} for version {version}");
        Self { namespace: ERROR_NAMESPACE, ..Self::new(400, "InvalidAction", message) }
    }
}
