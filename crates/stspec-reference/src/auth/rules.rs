//! What AWS checks of a signed request, as values.

use jiff::Timestamp;

use super::identity::Identity;
use super::{Attempt, Denial, Signer};
use crate::call::Call;
use crate::model::caller::{Caller, Session};
use crate::model::service::Service;
use crate::sigv4::{Expected, Presented, Refusal, Region, skew_seconds};
use crate::state::directory::Directory;

/// What is checked of a signed request. The lists are empty: AWS checks nothing more.
pub(crate) struct Authentication {
    /// Whether a signature is read, wherever it is: AWS reads all of them.
    pub(crate) is_read: fn(&Presented, Service) -> bool,
    /// What a signature for a service has to claim.
    pub(crate) expected: for<'a> fn(&'a Call<'_>, &'a Presented, Service) -> Expected<'a>,
    /// The session token of a request.
    pub(crate) session_token: for<'a> fn(&Call<'_>, &'a Presented) -> Option<&'a str>,
    /// Whether a long-term key may be used.
    pub(crate) long_term: fn(LongTermUse) -> bool,
    /// Checks before the scope of the signature.
    pub(crate) before_scope: Vec<AttemptCheck>,
    /// Changes who signs.
    pub(crate) signers: Vec<SignerEdit>,
    /// Changes when a session ends.
    pub(crate) ends: Vec<EndEdit>,
    /// Checks of an expired session, before it is refused.
    pub(crate) of_expired: Vec<SignerCheck>,
    /// Changes who calls.
    pub(crate) callers: Vec<fn(&mut Caller, &Directory)>,
    /// Checks of who calls.
    pub(crate) of_identity: Vec<IdentityCheck>,
    /// Changes how the time of signing is judged.
    pub(crate) times: Vec<fn(&mut Result<(), Refusal>)>,
    /// Changes how a signature is judged, given the secret.
    pub(crate) signatures: Vec<SignatureEdit>,
}

/// How a request uses a long-term key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LongTermUse {
    /// Whether the key is active.
    pub(crate) is_active: bool,
    /// Whether the request also has a session token.
    pub(crate) has_token: bool,
}

/// A further check of a signed request.
pub(crate) type AttemptCheck = fn(&Attempt<'_>) -> Result<(), Denial>;

/// A further check of who signs.
pub(crate) type SignerCheck = fn(&Attempt<'_>, &Signer) -> Result<(), Denial>;

/// A further check of who calls.
pub(crate) type IdentityCheck = fn(&Identity<'_>, &Directory) -> Result<(), Denial>;

/// Changes who signs.
pub(crate) type SignerEdit = Box<dyn Fn(&Attempt<'_>, &mut Result<Signer, Denial>) + Send + Sync>;

/// Changes how a signature is judged, given the secret.
pub(crate) type SignatureEdit =
    Box<dyn Fn(&Attempt<'_>, &str, &mut Result<(), Refusal>) + Send + Sync>;

/// Changes when a session ends.
pub(crate) type EndEdit = Box<dyn Fn(&Attempt<'_>, &Session, &mut Timestamp) + Send + Sync>;

impl Default for Authentication {
    fn default() -> Self {
        Self {
            is_read: |_, _| true,
            expected,
            session_token,
            long_term: |key| key.is_active && !key.has_token,
            before_scope: Vec::new(),
            signers: Vec::new(),
            ends: Vec::new(),
            of_expired: Vec::new(),
            callers: Vec::new(),
            of_identity: Vec::new(),
            times: Vec::new(),
            signatures: Vec::new(),
        }
    }
}

/// What a signature for a service has to claim: STS is regional, IAM and S3 take any region.
pub(crate) fn expected<'a>(
    call: &'a Call<'_>,
    presented: &'a Presented,
    service: Service,
) -> Expected<'a> {
    let region = match service {
        Service::Sts => Region::Exactly(endpoint_region(call, presented)),
        Service::Iam | Service::S3 => Region::Any,
    };
    let skew_seconds = skew_seconds(service.name());
    Expected { service: service.name(), region, now: call.now, skew_seconds }
}

/// The region of the STS endpoint that is called: the server's own, or one in which STS is switched
/// off, whose endpoint only refuses.
fn endpoint_region<'a>(call: &'a Call<'_>, presented: &Presented) -> &'a str {
    let disabled = call.state.disabled_regions.get(presented.scope.region());
    disabled.unwrap_or(&call.state.region)
}

/// The session token of a request; an empty one counts as none.
pub(crate) fn session_token<'a>(_: &Call<'_>, presented: &'a Presented) -> Option<&'a str> {
    presented.session_token.as_deref().filter(|token| !token.is_empty())
}
