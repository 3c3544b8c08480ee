//! Mistakes about who sends a request: keys, session tokens, scopes, times and signatures.

use jiff::{SignedDuration, Timestamp};

use super::credentials::TOKEN_MARK;
use super::entry::entries;
use super::memory::Memory;
use crate::auth::identity::Identity;
use crate::auth::{Attempt, Denial, Signer, expected, session_token};
use crate::model::caller::{Caller, Session, SessionOwner};
use crate::model::service::Service;
use crate::parts::Parts;
use crate::sigv4::{Expected, Form, Refusal, Region};
use crate::state::directory::{AccessKeyStatus, Directory};
use crate::wire::request::Request;

entries! {
    "inactive-key-accepted",
        "An inactive access key works as an active one does.",
        |parts| parts.access.authentication.long_term = |key| !key.has_token;
    "long-term-token-ignored",
        "A session token beside a long-term key is ignored.",
        |parts| parts.access.authentication.long_term = |key| key.is_active || key.has_token;
    "query-token-ignored",
        "A session token in the query string isn't looked at.",
        |parts| parts.access.authentication.session_token = |call, presented| {
            let in_header = call.request.header("x-amz-security-token").is_some();
            session_token(call, presented).filter(|_| in_header)
        };
    "session-token-not-base64",
        "The answer's SessionToken starts with `token:`.",
        |parts| {
            super::credentials::mark_tokens(parts);
            parts.access.authentication.session_token = |call, presented| {
                let token = session_token(call, presented)?;
                Some(token.strip_prefix(TOKEN_MARK).unwrap_or(token))
            };
        };
    "unknown-key-accepted",
        "An access key id that doesn't exist acts as root.", accept_unknown_keys;

    "key-before-scope",
        "The access key is looked up before the credential scope is held against the endpoint.",
        |parts| parts.access.authentication.before_scope.push(|attempt| {
            attempt.find_signer().map(drop)
        });
    "scope-region-unchecked",
        "A request that is signed for another region is accepted.",
        |parts| parts.access.authentication.expected = |call, presented, service| {
            Expected { region: Region::Any, ..expected(call, presented, service) }
        };
    "scope-service-unchecked",
        "A request that is signed for another service is accepted.",
        |parts| parts.access.authentication.expected = |call, presented, service| {
            let expected = expected(call, presented, service);
            match service {
                Service::Sts => Expected { service: presented.scope.service(), ..expected },
                Service::Iam | Service::S3 => expected,
            }
        };

    "expired-session-accepted",
        "A session may be used after its end.",
        |parts| edit_ends(parts, |end| *end = Timestamp::MAX);
    "session-ends-early",
        "A session ends a minute before its Expiration.",
        |parts| edit_ends(parts, |end| {
            *end = end.saturating_sub(SignedDuration::from_mins(1)).unwrap_or(*end);
        });
    "session-extended-by-use",
        "A session lives on for as long as it is used before its time is up again.", extend_by_use;
    "signature-before-expiry",
        "Whether a session is over is asked only after its signature was found right.",
        |parts| parts.access.authentication.of_expired.push(|attempt, signer| {
            attempt.check_signature(&signer.secret, false)
        });
    "session-outlives-user",
        "A federated session of a user that was deleted keeps what its session policy allows.",
        |parts| parts.access.authentication.callers.push(|caller, directory| {
            if let Caller::Session(session) = caller && is_gone(&session.issuer, directory) {
                session.issuer = SessionOwner::Root;
            }
        });
    "key-deactivation-ends-session",
        "A federated session ends once none of its issuer's access keys is active.",
        |parts| parts.access.authentication.of_identity.push(check_owners_keys);

    "clock-window-five-minutes",
        "The clock of a caller of STS may be off by 5 minutes instead of 15.",
        |parts| parts.access.authentication.expected = |call, presented, service| {
            let expected = expected(call, presented, service);
            match service {
                Service::Sts => Expected { skew_seconds: 300, ..expected },
                Service::Iam | Service::S3 => expected,
            }
        };
    "future-date-accepted",
        "A request dated more than 15 minutes ahead is accepted.",
        |parts| accept_time(parts, |checked| {
            if matches!(checked, Err(Refusal::Future { .. })) { *checked = Ok(()); }
        });
    "presigned-expiry-ignored",
        "A presigned request may be sent at any time after it was signed.",
        |parts| accept_time(parts, |checked| {
            if matches!(checked, Err(Refusal::PresignedExpired { .. })) { *checked = Ok(()); }
        });
    "stale-date-accepted",
        "A request dated more than 15 minutes back is accepted.",
        |parts| accept_time(parts, |checked| {
            if matches!(checked, Err(Refusal::Stale { .. })) { *checked = Ok(()); }
        });

    "presigned-refused",
        "A signature in the query string of an STS request isn't looked at.",
        |parts| parts.access.authentication.is_read = |presented, service| {
            service != Service::Sts || presented.form == Form::Header
        };
    "signature-unchecked",
        "The signature isn't compared.",
        |parts| parts.access.authentication.signatures.push(Box::new(|_, _, checked| *checked = Ok(())));
    "appended-parameters-accepted",
        "Parameters that were appended to a body after it was signed are accepted.",
        |parts| check_again(parts, |attempt, secret| {
            check(attempt, &without_last_parameter(attempt.call.request), secret)
        });
    "appended-query-accepted",
        "A parameter that was appended to a query string after it was signed is accepted.",
        |parts| check_again(parts, |attempt, secret| {
            check(attempt, &without_last_query_parameter(attempt.call.request), secret)
        });
    "unsigned-payload-accepted",
        "STS accepts a signature that leaves out the body, as S3 does.",
        |parts| parts.access.authentication.signatures.push(Box::new(|attempt, secret, checked| {
            let request = attempt.call.request;
            let unsigned = request.header("x-amz-content-sha256") == Some("UNSIGNED-PAYLOAD");
            if unsigned && matches!(checked, Err(Refusal::Mismatch { .. })) {
                let as_s3 = Expected { service: Service::S3.name(), ..attempt.expected };
                *checked = attempt.presented.check_signature(request, secret, &as_s3);
            }
        }));
}

fn edit_ends(parts: &mut Parts, edit: fn(&mut Timestamp)) {
    parts.access.authentication.ends.push(Box::new(move |_, _, end| edit(end)));
}

/// Counts the time of a session from its last use.
fn extend_by_use(parts: &mut Parts) {
    let ends: Memory<Timestamp> = Memory::new();
    parts.access.authentication.ends.push(Box::new(move |attempt, session, end| {
        let id = &attempt.presented.access_key_id;
        *end = ends.get(id).unwrap_or(*end);
        if attempt.call.now < *end {
            ends.insert(id.clone(), later(session, attempt.call.now).unwrap_or(*end));
        }
    }));
}

fn later(session: &Session, now: Timestamp) -> Option<Timestamp> {
    now.saturating_add(session.expires_at.duration_since(session.issued_at)).ok()
}

/// Takes an unknown long-term key for one of root's.
fn accept_unknown_keys(parts: &mut Parts) {
    let rules = &mut parts.access.authentication;
    rules.signers.push(Box::new(|attempt, signer| {
        if signer.is_err() && is_unknown(attempt) {
            *signer = Ok(Signer { caller: Caller::Root, secret: String::new() });
        }
    }));
    rules.signatures.push(Box::new(|attempt, _, checked| {
        if is_unknown(attempt) {
            *checked = Ok(());
        }
    }));
}

/// Whether the access key is of nobody, and does not claim to be a session's.
fn is_unknown(attempt: &Attempt<'_>) -> bool {
    let id = &attempt.presented.access_key_id;
    let is_of_somebody =
        *id == attempt.call.state.root.access_key_id || attempt.directory.access_key(id).is_some();
    !is_of_somebody && !id.starts_with("ASIA") && attempt.presented.session_token.is_none()
}

fn is_gone(owner: &SessionOwner, directory: &Directory) -> bool {
    matches!(owner, SessionOwner::User { name, .. } if directory.user(name).is_none())
}

/// Refuses the federated sessions of a user whose keys are all inactive.
fn check_owners_keys(identity: &Identity<'_>, directory: &Directory) -> Result<(), Denial> {
    let Some(user) = identity.user().filter(|_| identity.federated_name().is_some()) else {
        return Ok(());
    };
    let mut keys = directory.access_keys_of(&user.name);
    if keys.all(|key| key.status != AccessKeyStatus::Active) {
        return Err(Denial::UnknownKey);
    }
    Ok(())
}

fn accept_time(parts: &mut Parts, edit: fn(&mut Result<(), Refusal>)) {
    parts.access.authentication.times.push(edit);
}

/// Gives a signature that does not match a second chance.
fn check_again(parts: &mut Parts, check: fn(&Attempt<'_>, &str) -> Result<(), Refusal>) {
    parts.access.authentication.signatures.push(Box::new(move |attempt, secret, checked| {
        if matches!(checked, Err(Refusal::Mismatch { .. })) {
            *checked = check(attempt, secret);
        }
    }));
}

fn check(attempt: &Attempt<'_>, request: &Request, secret: &str) -> Result<(), Refusal> {
    attempt.presented.check_signature(request, secret, &attempt.expected)
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
