//! What AWS documents of `AssumeRole`, as values.

use crate::sts::callers::{Admission, CallerRule};
use crate::sts::constraint::{TextShape, code_points};
use crate::sts::session;
use crate::sts::session::duration::RoleDurationRule;
use crate::sts::session::parameters::ARN;

/// Source: botocore's service model, `roleSessionNameType`.
const SESSION_NAME: TextShape = TextShape {
    pattern: r"[\w+=,.@-]*",
    matches: |text| {
        text.chars().all(|char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char))
    },
    chars_min: 2,
    chars_max: 64,
    length: code_points,
};

/// Source: botocore's service model, `externalIdType`.
const EXTERNAL_ID: TextShape = TextShape {
    pattern: r"[\w+=,.@:\/-]*",
    matches: |text| {
        text.chars().all(|char| char.is_ascii_alphanumeric() || "_+=,.@:/-".contains(char))
    },
    chars_min: 2,
    chars_max: 1224,
    length: code_points,
};

/// The rules of the operation.
pub(crate) struct Rules {
    /// Who may call it. A session of root is refused as root is, see [`ROOT_REFUSED`].
    ///
    /// Source: `docs/evidence/get-federation-token.md`, OP-AssumeRole (root) and FED-STS-ASSUME;
    /// the text for federated sessions is unrecorded and taken over from `GetFederationToken`.
    pub(crate) callers: CallerRule,
    /// The shape of `RoleArn`.
    pub(crate) role_arn: TextShape,
    /// The shape of `RoleSessionName`.
    pub(crate) session_name: TextShape,
    /// The shape of `ExternalId`.
    pub(crate) external_id: TextShape,
    /// How long a session may last.
    pub(crate) duration: RoleDurationRule,
    /// What may be passed to a session.
    pub(crate) session: session::Rules,
}

/// How root is refused, with long-term credentials or in a session.
pub(crate) const ROOT_REFUSED: &str = "Roles may not be assumed by root accounts.";

impl Default for Rules {
    fn default() -> Self {
        Self {
            callers: CallerRule {
                root: Admission::Refused(ROOT_REFUSED),
                federated_session: Admission::RefusedAsSession,
                ..CallerRule::EVERYBODY
            },
            role_arn: ARN,
            session_name: SESSION_NAME,
            external_id: EXTERNAL_ID,
            duration: RoleDurationRule::default(),
            session: session::Rules::default(),
        }
    }
}
