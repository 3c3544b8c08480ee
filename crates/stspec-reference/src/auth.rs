//! Who sent this? In the order of AWS: scope, key or session, expiry, time, signature.
//!
//! Source: `docs/evidence/get-federation-token.md`, AUTH-PRECEDENCE.

pub(crate) mod identity;

use jiff::SignedDuration;

use crate::auth::identity::Identity;
use crate::call::Call;
use crate::faults::Fault;
use crate::faults::TOKEN_MARK;
use crate::model::caller::{Caller, Session, SessionOwner};
use crate::model::service::Service;
use crate::session_token::TokenError;
use crate::sigv4::{Expected, Form, Presented, Refusal, Region, skew_seconds};
use crate::state::directory::{AccessKeyStatus, Directory};
use crate::wire::request::Request;

/// Why a request isn't believed to come from anybody. Each service words it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denial {
    /// The signature, its scope or its time is wrong, or can't be read.
    Signature(Refusal),
    /// There is no such access key, or it doesn't belong with this session token.
    UnknownKey,
    /// The session token can't be read as one.
    UnreadableToken,
    /// The session is over.
    Expired,
}

/// How far a clock may be off under `clock-window-five-minutes`, in seconds.
const SKEW_SECONDS_HASTY: i64 = 300;

/// The caller; nobody where the request isn't signed at all.
pub(crate) fn authenticate<'d>(
    call: &Call<'_>,
    directory: &'d Directory,
    service: Service,
) -> Result<Option<Identity<'d>>, Denial> {
    let presented =
        call.presented.as_ref().map_err(|refusal| Denial::Signature(refusal.clone()))?;
    let Some(presented) = presented.as_ref().filter(|presented| is_seen(call, presented, service))
    else {
        return Ok(None);
    };
    let expected = expected(call, presented, service);
    if call.state.faults.has(Fault::KeyBeforeScope) {
        recognise(call, presented, directory)?;
    }
    presented.check_scope(&expected).map_err(Denial::Signature)?;
    let Some(signer) = recognise(call, presented, directory)? else {
        return Ok(Identity::of(Caller::Root, directory));
    };
    if is_over(call, presented, &signer.caller) {
        if call.state.faults.has(Fault::SignatureBeforeExpiry) {
            check_signature(call, presented, &signer.secret, false, &expected)?;
        }
        return Err(Denial::Expired);
    }
    // Gone since the session was minted, or made anew under the same name.
    let caller = survivor(call, signer.caller, directory);
    let identity = Identity::of(caller, directory).ok_or(Denial::UnknownKey)?;
    check_issuer_keys(call, &identity, directory)?;
    check_time(call, presented, &expected)?;
    let cached = identity.session().is_none();
    check_signature(call, presented, &signer.secret, cached, &expected)?;
    Ok(Some(identity))
}

/// Whether a signature is looked at, wherever it stands; only a fault overlooks any.
fn is_seen(call: &Call<'_>, presented: &Presented, service: Service) -> bool {
    let overlooked = service == Service::Sts && call.state.faults.has(Fault::PresignedRefused);
    !overlooked || presented.form == Form::Header
}

/// How much sooner a session is over under `session-ends-early`.
const EARLY: SignedDuration = SignedDuration::from_mins(1);

/// Whether the caller is a session whose time is up.
fn is_over(call: &Call<'_>, presented: &Presented, caller: &Caller) -> bool {
    let faults = &call.state.faults;
    let Caller::Session(session) = caller else { return false };
    if faults.has(Fault::ExpiredSessionAccepted) {
        return false;
    }
    let early = faults.has(Fault::SessionEndsEarly).then_some(EARLY);
    let extended = call.state.extended(&presented.access_key_id, session, call.now);
    call.now.saturating_add(early.unwrap_or_default()).unwrap_or(call.now) >= extended
}

/// The caller as it is, but for a session whose issuer is gone: a fault lets it live on by its own
/// policy alone.
fn survivor(call: &Call<'_>, caller: Caller, directory: &Directory) -> Caller {
    let outlives = call.state.faults.has(Fault::SessionOutlivesUser);
    match caller {
        Caller::Session(session) if outlives && is_gone(&session.issuer, directory) => {
            Caller::Session(Session { issuer: SessionOwner::Root, ..session })
        }
        caller => caller,
    }
}

fn is_gone(issuer: &SessionOwner, directory: &Directory) -> bool {
    matches!(issuer, SessionOwner::User { name, .. } if directory.user(name).is_none())
}

/// Somebody whose signature is still to be checked.
struct Signer {
    caller: Caller,
    secret: String,
}

fn expected<'a>(call: &'a Call<'_>, presented: &'a Presented, service: Service) -> Expected<'a> {
    let faults = &call.state.faults;
    let region = match service {
        Service::Sts if !faults.has(Fault::ScopeRegionUnchecked) => {
            Region::Exactly(endpoint_region(call, presented))
        }
        Service::Sts | Service::Iam | Service::S3 => Region::Any,
    };
    let hasty = service == Service::Sts && faults.has(Fault::ClockWindowFiveMinutes);
    let any_service = service == Service::Sts && faults.has(Fault::ScopeServiceUnchecked);
    Expected {
        service: if any_service { presented.scope.service() } else { service.name() },
        region,
        now: call.now,
        skew_seconds: if hasty { SKEW_SECONDS_HASTY } else { skew_seconds(service.name()) },
    }
}

/// The region of the STS endpoint that is asked: the server's own, or one that it stands for only
/// to refuse there.
fn endpoint_region<'a>(call: &'a Call<'_>, presented: &Presented) -> &'a str {
    let disabled = call.state.disabled_regions.get(presented.scope.region());
    disabled.unwrap_or(&call.state.region)
}

/// Finds the key or opens the session; nothing where a fault takes the unknown for root.
fn recognise(
    call: &Call<'_>,
    presented: &Presented,
    directory: &Directory,
) -> Result<Option<Signer>, Denial> {
    let (state, id) = (call.state, presented.access_key_id.as_str());
    let token = presented.session_token.as_deref().filter(|token| !token.is_empty());
    let in_query = call.request.header("x-amz-security-token").is_none();
    let token = token.filter(|_| !(in_query && state.faults.has(Fault::QueryTokenIgnored)));
    let long_term = if id == state.root.access_key_id {
        Some((Caller::Root, state.root.secret_access_key.clone()))
    } else {
        directory.access_key(id).map(|key| (Caller::User(key.owner.clone()), key.secret.clone()))
    };
    let inactive =
        directory.access_key(id).is_some_and(|key| key.status != AccessKeyStatus::Active)
            && !state.faults.has(Fault::InactiveKeyAccepted);
    match (long_term, token) {
        (Some((caller, secret)), None) if !inactive => Ok(Some(Signer { caller, secret })),
        (Some((caller, secret)), Some(_)) if state.faults.has(Fault::LongTermTokenIgnored) => {
            Ok(Some(Signer { caller, secret }))
        }
        // Long-term keys have no session token, and an inactive key has nothing.
        (Some(_), _) => Err(Denial::UnknownKey),
        (None, Some(token)) => open(call, id, token).map(Some),
        (None, None) => match state.remembered(id) {
            Some(session) if state.faults.has(Fault::SessionTokenOptional) => {
                let secret = session.secret_access_key.clone();
                Ok(Some(Signer { caller: Caller::Session(session), secret }))
            }
            _ if state.faults.has(Fault::UnknownKeyAccepted) && !id.starts_with("ASIA") => Ok(None),
            _ => Err(Denial::UnknownKey),
        },
    }
}

fn open(call: &Call<'_>, access_key_id: &str, token: &str) -> Result<Signer, Denial> {
    let state = call.state;
    let marked = state.faults.has(Fault::SessionTokenNotBase64);
    let token = token.strip_prefix(TOKEN_MARK).filter(|_| marked).unwrap_or(token);
    let session = match state.tokens.open(access_key_id, token) {
        Ok(session) => session,
        Err(error) => match (state.remembered(access_key_id), error) {
            (Some(session), _) if state.faults.has(Fault::SessionTokenUnbound) => session,
            (_, TokenError::Unparsable) => return Err(Denial::UnreadableToken),
            (_, TokenError::NotOurs) => return Err(Denial::UnknownKey),
        },
    };
    let secret = session.secret_access_key.clone();
    Ok(Signer { caller: Caller::Session(state.as_last_of_name(session)), secret })
}

/// A session outlives the key that minted it, unless a fault ties it to its issuer's keys.
///
/// Source: `docs/evidence/get-federation-token.md`, FED-KEYDEL.
fn check_issuer_keys(
    call: &Call<'_>,
    identity: &Identity<'_>,
    directory: &Directory,
) -> Result<(), Denial> {
    let tied = call.state.faults.has(Fault::KeyDeactivationEndsSession);
    match identity.user().filter(|_| tied && identity.federated_name().is_some()) {
        Some(user)
            if directory
                .access_keys_of(&user.name)
                .all(|key| key.status != AccessKeyStatus::Active) =>
        {
            Err(Denial::UnknownKey)
        }
        Some(_) | None => Ok(()),
    }
}

fn check_time(
    call: &Call<'_>,
    presented: &Presented,
    expected: &Expected<'_>,
) -> Result<(), Denial> {
    let faults = &call.state.faults;
    match presented.check_time(expected) {
        Err(Refusal::Stale { .. }) if faults.has(Fault::StaleDateAccepted) => Ok(()),
        Err(Refusal::Future { .. }) if faults.has(Fault::FutureDateAccepted) => Ok(()),
        Err(Refusal::PresignedExpired { .. }) if faults.has(Fault::PresignedExpiryIgnored) => {
            Ok(())
        }
        checked => checked.map_err(Denial::Signature),
    }
}

fn check_signature(
    call: &Call<'_>,
    presented: &Presented,
    secret: &str,
    cached: bool,
    expected: &Expected<'_>,
) -> Result<(), Denial> {
    let (state, faults) = (call.state, &call.state.faults);
    if faults.has(Fault::SignatureUnchecked) {
        return Ok(());
    }
    let checked = if cached {
        presented.check_signature_cached(call.request, secret, expected, &state.signing_keys)
    } else {
        presented.check_signature(call.request, secret, expected)
    };
    match checked {
        Err(Refusal::Mismatch { .. }) if faults.has(Fault::AppendedParametersAccepted) => {
            let shortened = without_last_parameter(call.request);
            presented.check_signature(&shortened, secret, expected).map_err(Denial::Signature)
        }
        Err(Refusal::Mismatch { .. })
            if faults.has(Fault::UnsignedPayloadAccepted)
                && call.request.header("x-amz-content-sha256") == Some("UNSIGNED-PAYLOAD") =>
        {
            let as_s3 = Expected { service: Service::S3.name(), ..*expected };
            presented.check_signature(call.request, secret, &as_s3).map_err(Denial::Signature)
        }
        Err(Refusal::Mismatch { .. }) if faults.has(Fault::AppendedQueryAccepted) => {
            let shortened = without_last_query_parameter(call.request);
            presented.check_signature(&shortened, secret, expected).map_err(Denial::Signature)
        }
        checked => checked.map_err(Denial::Signature),
    }
}

/// The request as it was before somebody appended a parameter to its body.
fn without_last_parameter(request: &Request) -> Request {
    let end = request.body.iter().rposition(|byte| *byte == b'&').unwrap_or(0);
    Request { body: request.body.slice(..end), ..request.clone() }
}

/// The request as it was before somebody appended a parameter to its query string.
fn without_last_query_parameter(request: &Request) -> Request {
    let end = request.query.rfind('&').unwrap_or(0);
    let query = request.query.get(..end).unwrap_or_default().to_owned();
    Request { query, ..request.clone() }
}
