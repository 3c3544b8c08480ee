//! How large a session is: the one subject that the revision of September 2026 changed.

use std::ops::RangeInclusive;

use crate::model::account::Revision;
use crate::model::caller::SessionParameters;
use crate::sts::constraint::{Violations, integer};
use crate::sts::error::StsError;
use crate::sts::members::Member;
use crate::sts::session::packed_size;
use crate::wire::request::Params;

/// Most bytes that an assembled session token may have.
///
/// Source: `docs/evidence/get-federation-token.md`, PACK-2026.
const TOKEN_BYTES_MAX: usize = 4096;

/// Most bytes that a session token can be padded to.
///
/// Source: `docs/evidence/get-federation-token.md`, GFT-MINTOKEN.
const TOKEN_BYTES_MIN_MAX: i32 = 4096;

/// Most bytes of a token while only what was passed is limited.
///
/// Source: ours, half of the head of a request that the server reads; white space packs to nothing
/// and `AssumeRole` takes a `Policy` of any length, so the token needs a bound of its own.
const SERIALISED_BYTES_MAX: usize = 32 * 1024;

/// How large a session may be.
pub(crate) struct SizeRules {
    /// What a call may request as `MinimumSessionTokenSize`.
    pub(crate) token_bytes_min: RangeInclusive<i32>,
    /// Most bytes of a token, since September 2026.
    pub(crate) token_bytes_max: usize,
    /// Most percent of the allotment that session parameters may take, before September 2026.
    pub(crate) percent_max: usize,
    /// Most bytes of a token, before September 2026.
    pub(crate) serialised_bytes_max: usize,
}

impl Default for SizeRules {
    fn default() -> Self {
        Self {
            token_bytes_min: 0..=TOKEN_BYTES_MIN_MAX,
            token_bytes_max: TOKEN_BYTES_MAX,
            percent_max: 100,
            serialised_bytes_max: SERIALISED_BYTES_MAX,
        }
    }
}

/// Reads `MinimumSessionTokenSize`, an unknown parameter before September 2026.
pub(crate) fn token_bytes_min(
    params: &Params,
    revision: Revision,
) -> Result<Option<i32>, StsError> {
    match revision {
        Revision::BeforeSeptember2026 => Ok(None),
        Revision::FromSeptember2026 => integer(params.get("MinimumSessionTokenSize")),
    }
}

/// The size of one session before it is minted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// That of its parameters, in percent of an allotment.
    Packed(i64),
    /// That of its token, which is not minted yet.
    Token,
}

/// What an answer says about the size of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    packed_percent: Option<i64>,
    token: Option<TokenSize>,
}

/// The size of a session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TokenSize {
    bytes: i64,
    percent: i64,
}

impl SizeRules {
    /// Checks `MinimumSessionTokenSize` against its bounds.
    pub(crate) fn check_token_bytes_min(&self, size: Option<i32>, violations: &mut Violations<'_>) {
        if let Some(size) = size {
            violations.check_range(size, "minimumSessionTokenSize", &self.token_bytes_min);
        }
    }

    /// Measures session parameters, if they have a limit.
    pub(crate) fn measure(
        &self,
        parameters: &SessionParameters,
        revision: Revision,
    ) -> Result<Size, StsError> {
        match revision {
            Revision::BeforeSeptember2026 => {
                packed_size::checked(parameters, self.percent_max).map(Size::Packed)
            }
            Revision::FromSeptember2026 => Ok(Size::Token),
        }
    }

    /// What the answer says, if the token is small enough.
    ///
    /// `PackedPolicySize` repeats the utilisation since it was deprecated
    /// (`docs/evidence/get-federation-token.md`, RSP-PACKED-2026). That the size is that of the
    /// token's text is our reading.
    pub(crate) fn sizes(&self, size: Size, session_token: &str) -> Result<Sizes, StsError> {
        match size {
            Size::Packed(_) if session_token.len() > self.serialised_bytes_max => {
                // Source of the text: `docs/evidence/get-federation-token.md`, PACK-MSG-TOKEN.
                let message = "Serialized token too large for session";
                Err(StsError::new(400, "PackedPolicyTooLarge", message))
            }
            Size::Packed(percent) => Ok(Sizes { packed_percent: Some(percent), token: None }),
            Size::Token => {
                let token = self.token_size(session_token)?;
                Ok(Sizes { packed_percent: Some(token.percent), token: Some(token) })
            }
        }
    }

    /// What an answer without `PackedPolicySize` says: nothing before September 2026.
    pub(crate) fn token_sizes(
        &self,
        session_token: &str,
        revision: Revision,
    ) -> Result<Sizes, StsError> {
        let token = match revision {
            Revision::BeforeSeptember2026 => None,
            Revision::FromSeptember2026 => Some(self.token_size(session_token)?),
        };
        Ok(Sizes { packed_percent: None, token })
    }

    fn token_size(&self, session_token: &str) -> Result<TokenSize, StsError> {
        let (bytes, maximum) = (session_token.len(), self.token_bytes_max);
        if bytes > maximum {
            return Err(too_large(bytes, maximum));
        }
        let percent = bytes.saturating_mul(100) / TOKEN_BYTES_MAX;
        Ok(TokenSize {
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            percent: i64::try_from(percent).unwrap_or(i64::MAX),
        })
    }
}

impl Sizes {
    /// The members of the answer.
    pub(crate) fn members(self) -> impl Iterator<Item = Member> {
        let packed = self.packed_percent.map(|percent| Member::new("PackedPolicySize", percent));
        let token = self.token.map(|size| {
            [
                Member::new("SessionTokenSize", size.bytes),
                Member::new("SessionTokenUtilization", size.percent),
            ]
        });
        packed.into_iter().chain(token.into_iter().flatten())
    }
}

/// The wording is unrecorded; that it gives both numbers in bytes is documented
/// (`docs/evidence/get-federation-token.md`, PACK-MSG-2026).
fn too_large(bytes: usize, maximum: usize) -> StsError {
    let message =
        format!("Session token size of {bytes} bytes exceeds the maximum of {maximum} bytes");
    StsError::new(400, "PackedPolicyTooLarge", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: usize, expected: Option<i64>) {
        let size = SizeRules::default().token_size(&"t".repeat(bytes));
        assert_eq!(size.ok().map(|size| size.percent), expected, "{bytes}");
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
        let (rules, revision) = (SizeRules::default(), Revision::BeforeSeptember2026);
        let size = rules.measure(&SessionParameters::default(), revision).unwrap();
        let token = "t".repeat(5000);
        let members: Vec<Member> = rules.sizes(size, &token).unwrap().members().collect();
        assert_eq!(members, [Member::new("PackedPolicySize", 0)]);
        assert_eq!(rules.token_sizes(&token, revision).unwrap().members().count(), 0);
    }
}
