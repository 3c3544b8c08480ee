//! Who calls STS, and how it words that it could not find out.

use super::UnsignedCall;
use super::error::StsError;
use crate::auth::Denial;
use crate::auth::identity::Identity;
use crate::authz::Access;
use crate::call::Call;
use crate::model::service::Service;
use crate::state::directory::Directory;

/// The caller of a signed operation.
pub(crate) fn caller<'d>(
    call: &UnsignedCall<'_>,
    access: &Access,
    directory: &'d Directory,
) -> Result<Identity<'d>, StsError> {
    let rules = &call.rules.requests;
    let denied = |denial| (rules.denied)(call.call, denial);
    let caller = access.authentication.authenticate(call.call, directory, Service::Sts);
    let caller = caller.map_err(denied)?;
    caller.or_else(|| (rules.anonymous)(directory)).ok_or_else(|| {
        let message = "Request is missing Authentication Token";
        StsError::new(403, "MissingAuthenticationToken", message)
    })
}

/// How STS words a failed authentication: with a final period, unlike IAM.
///
/// Source: `docs/evidence/get-federation-token.md`, AUTH-BADKEY and the rows beside it.
pub(crate) fn denied(_: &Call<'_>, denial: Denial) -> StsError {
    match denial {
        Denial::Signature(refusal) => {
            StsError::new(refusal.status(), refusal.code(), refusal.message())
        }
        Denial::Expired => {
            let message = "The security token included in the request is expired";
            StsError::new(403, "ExpiredToken", message)
        }
        Denial::UnknownKey | Denial::UnreadableToken => {
            let message = "The security token included in the request is invalid.";
            StsError::new(403, "InvalidClientTokenId", message)
        }
    }
}
