//! Mistakes that remember what a session was minted with.

use super::entry::entries;
use super::memory::Memory;
use crate::auth::{Attempt, Denial, Signer};
use crate::model::caller::{Caller, Session, SessionKind};
use crate::parts::Parts;
use crate::sts::session::mint::Minted;

entries! {
    "issuer-by-name",
        "A session's powers are those of whoever minted last under its Name.",
        |parts| {
            let last = remember(parts, |minted| shared_name(&minted.session));
            edit_sessions(parts, move |session| {
                let last = shared_name(session).and_then(|name| last.get(&name));
                if let Some(last) = last {
                    session.issuer = last.issuer;
                }
            });
        };
    "session-terms-by-name",
        "A session has the policies and tags that its issuer passed last under its Name.",
        |parts| {
            let last = remember(parts, |minted| name_of_owner(&minted.session));
            edit_sessions(parts, move |session| {
                let last = name_of_owner(session).and_then(|name| last.get(&name));
                if let Some(last) = last {
                    session.kind = last.kind;
                }
            });
        };
    "session-token-optional",
        "A minted access key works without its session token.",
        |parts| believe_remembered(parts, |attempt| !has_token(attempt));
    "session-token-unbound",
        "A minted access key works with another session's token.",
        |parts| believe_remembered(parts, has_token);
}

/// Remembers each session that is minted, under a key.
fn remember(parts: &mut Parts, key: fn(&Minted) -> Option<String>) -> Memory<Session> {
    let sessions = Memory::new();
    let remembered = sessions.clone();
    parts.sts.mint.observers.push(Box::new(move |_, minted| {
        if let Some(key) = key(minted) {
            sessions.insert(key, minted.session.clone());
        }
    }));
    remembered
}

/// Changes each session that was opened with its token.
fn edit_sessions(parts: &mut Parts, edit: impl Fn(&mut Session) + Send + Sync + 'static) {
    parts.access.authentication.signers.push(Box::new(move |_, signer| {
        if let Ok(Signer { caller: Caller::Session(session), .. }) = signer {
            edit(session);
        }
    }));
}

/// Finds the session of a refused access key where it was minted.
fn believe_remembered(parts: &mut Parts, concerns: fn(&Attempt<'_>) -> bool) {
    let sessions = remember(parts, |minted| Some(minted.access_key_id.clone()));
    parts.access.authentication.signers.push(Box::new(
        move |attempt, signer: &mut Result<Signer, Denial>| {
            if signer.is_err()
                && concerns(attempt)
                && let Some(session) = sessions.get(&attempt.presented.access_key_id)
            {
                *signer = Ok(Signer::of(session));
            }
        },
    ));
}

fn has_token(attempt: &Attempt<'_>) -> bool {
    (attempt.rules.session_token)(attempt.call, attempt.presented).is_some()
}

/// The name that sessions of several owners share.
fn shared_name(session: &Session) -> Option<String> {
    match &session.kind {
        SessionKind::Federated { name, .. } => Some(name.clone()),
        SessionKind::SessionToken | SessionKind::AssumedRole { .. } => None,
    }
}

/// The name that sessions of one owner share.
fn name_of_owner(session: &Session) -> Option<String> {
    Some(format!("{:?} {}", session.issuer, shared_name(session)?))
}
