//! How much a session takes up: the only thing that the revision of September 2026 changed.

use crate::model::account::Revision;
use crate::model::caller::Terms;
use crate::sts::constraint::{Violations, integer};
use crate::sts::error::StsError;
use crate::sts::reply::{Field, Value};
use crate::sts::session::packed_size;
use crate::wire::request::Params;

/// Most bytes that an assembled session token may have, and that it can be padded to.
///
/// Source: `docs/evidence/get-federation-token.md`, PACK-2026 and GFT-MINTOKEN.
const TOKEN_BYTES_MAX: usize = 4096;
const TOKEN_BYTES_MIN_MAX: i32 = 4096;

/// Most bytes that a token may have where only what was passed is limited.
///
/// Source: ours, half of the head of a request that the server reads; white space packs to nothing
/// and `AssumeRole` takes a `Policy` of any length, so something has to bound the token.
const SERIALISED_BYTES_MAX: usize = 32 * 1024;

/// Reads `MinimumSessionTokenSize`, which is an unknown parameter before it came to be.
pub(crate) fn token_bytes_min(
    params: &Params,
    revision: Revision,
) -> Result<Option<i32>, StsError> {
    match revision {
        Revision::BeforeSeptember2026 => Ok(None),
        Revision::FromSeptember2026 => integer(params.get("MinimumSessionTokenSize")),
    }
}

/// Checks `MinimumSessionTokenSize` against the bounds of its shape.
pub(crate) fn check_token_bytes_min(size: Option<i32>, violations: &mut Violations<'_>) {
    if let Some(size) = size {
        violations.check_range(size, "minimumSessionTokenSize", 0, TOKEN_BYTES_MIN_MAX);
    }
}

/// The size of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// What was passed, in percent of an allotment, counted before minting.
    Packed(i64),
    /// That of the token, in bytes, known once it is minted.
    Token,
}

impl Size {
    /// Measures what is passed to a session, where that is what has a limit.
    pub(crate) fn of(terms: &Terms, revision: Revision) -> Result<Self, StsError> {
        match revision {
            Revision::BeforeSeptember2026 => packed_size::checked(terms).map(Self::Packed),
            Revision::FromSeptember2026 => Ok(Self::Token),
        }
    }

    /// What the answer says about it, if the token is small enough.
    ///
    /// `PackedPolicySize` repeats the utilisation since it was deprecated
    /// (`docs/evidence/get-federation-token.md`, RSP-PACKED-2026). That the size is that of the
    /// token's text is our reading.
    pub(crate) fn into_fields(self, session_token: &str) -> Result<Vec<Field>, StsError> {
        let percent = match self {
            Self::Packed(_) if session_token.len() > SERIALISED_BYTES_MAX => {
                // Source of the text: `docs/evidence/get-federation-token.md`, PACK-MSG-TOKEN.
                let message = "Serialized token too large for session";
                return Err(StsError::new(400, "PackedPolicyTooLarge", message));
            }
            Self::Packed(percent) => return Ok(vec![("PackedPolicySize", Value::Number(percent))]),
            Self::Token => utilisation(session_token)?,
        };
        let mut fields = vec![("PackedPolicySize", Value::Number(percent))];
        fields.extend(token_fields(session_token)?);
        Ok(fields)
    }
}

/// What an answer without `PackedPolicySize` says about the size, which is nothing before.
pub(crate) fn fields_of_token(
    session_token: &str,
    revision: Revision,
) -> Result<Vec<Field>, StsError> {
    match revision {
        Revision::BeforeSeptember2026 => Ok(Vec::new()),
        Revision::FromSeptember2026 => token_fields(session_token),
    }
}

fn token_fields(session_token: &str) -> Result<Vec<Field>, StsError> {
    let bytes = i64::try_from(session_token.len()).unwrap_or(i64::MAX);
    Ok(vec![
        ("SessionTokenSize", Value::Number(bytes)),
        ("SessionTokenUtilization", Value::Number(utilisation(session_token)?)),
    ])
}

/// How many percent of a token's most bytes it takes, if at most a hundred.
fn utilisation(session_token: &str) -> Result<i64, StsError> {
    let bytes = session_token.len();
    if bytes > TOKEN_BYTES_MAX {
        return Err(too_large(bytes));
    }
    Ok(i64::try_from(bytes * 100 / TOKEN_BYTES_MAX).unwrap_or(100))
}

/// The wording is unrecorded; that it gives both numbers in bytes is documented
/// (`docs/evidence/get-federation-token.md`, PACK-MSG-2026).
fn too_large(bytes: usize) -> StsError {
    StsError::new(
        400,
        "PackedPolicyTooLarge",
        format!(
            "Session token size of {bytes} bytes exceeds the maximum of {TOKEN_BYTES_MAX} bytes"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: usize, expected: Option<i64>) {
        assert_eq!(utilisation(&"t".repeat(bytes)).ok(), expected, "{bytes}");
    }

    #[test]
    fn a_token_of_4096_bytes_is_the_largest() {
        check(0, Some(0));
        check(40, Some(0));
        check(41, Some(1));
        check(4096, Some(100));
        check(4097, None);
    }

    #[test]
    fn only_what_is_passed_counts_before() {
        let revision = Revision::BeforeSeptember2026;
        let size = Size::of(&Terms::default(), revision).unwrap();
        let expected = vec![("PackedPolicySize", Value::Number(0))];
        assert_eq!(size.into_fields(&"t".repeat(5000)), Ok(expected));
        assert_eq!(fields_of_token(&"t".repeat(5000), revision), Ok(Vec::new()));
    }
}
