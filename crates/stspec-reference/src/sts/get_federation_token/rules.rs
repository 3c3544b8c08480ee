//! What AWS documents of `GetFederationToken`, as values.

use std::borrow::Cow;

use crate::auth::identity::Identity;
use crate::sts::callers::CallerRule;
use crate::sts::constraint::{TextShape, code_points};
use crate::sts::session;
use crate::sts::session::duration::DurationRule;

/// Fewest characters of `Name`.
///
/// Source: STS API Reference, `GetFederationToken`, `Name`.
const NAME_CHARS_MIN: usize = 2;

/// Most characters of `Name`.
///
/// Source: STS API Reference, `GetFederationToken`, `Name`.
const NAME_CHARS_MAX: usize = 32;

/// Most characters of `Policy`, white space included.
///
/// Source: botocore's service model, `sessionPolicyDocumentType`.
const POLICY_CHARS_MAX: usize = 2048;

/// The rules of the operation.
pub(crate) struct Rules {
    /// Who may call it. Temporary credentials don't mint, whatever else they may do.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, CALL-ROLE and CALL-ROOT.
    pub(crate) callers: CallerRule,
    /// Whose permissions are checked: those of the caller.
    pub(crate) permissions_of: for<'c, 'd> fn(&'c Identity<'d>) -> Cow<'c, Identity<'d>>,
    /// The parameter `Name`.
    pub(crate) name: NameRule,
    /// How long a session may last.
    pub(crate) duration: DurationRule,
    /// What may be passed to a session.
    pub(crate) session: session::Rules,
}

/// The parameter `Name`.
pub(crate) struct NameRule {
    /// Its shape.
    pub(crate) shape: TextShape,
    /// Shapes that it has to fit before that one; AWS documents none.
    pub(crate) further_shapes: Vec<TextShape>,
    /// The name of a session if the call passes none; `None` if it has to.
    pub(crate) default: Option<&'static str>,
}

impl Default for Rules {
    fn default() -> Self {
        let mut session = session::Rules::default();
        session.parameters.policy.shape.chars_max = POLICY_CHARS_MAX;
        Self {
            callers: CallerRule::LONG_TERM,
            permissions_of: |caller| Cow::Borrowed(caller),
            name: NameRule::default(),
            duration: DurationRule::default(),
            session,
        }
    }
}

impl Default for NameRule {
    fn default() -> Self {
        let shape = TextShape {
            pattern: r"[\w+=,.@-]*",
            matches: |text| text.chars().all(name_char),
            chars_min: NAME_CHARS_MIN,
            chars_max: NAME_CHARS_MAX,
            length: code_points,
        };
        Self { shape, further_shapes: Vec::new(), default: None }
    }
}

/// `\w` is ASCII here, as in Java (`docs/evidence/get-federation-token.md`, GFT-NAME-NONASCII).
fn name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '+' | '=' | ',' | '.' | '@' | '-')
}
