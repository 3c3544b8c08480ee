//! The bytes inside a token: a session, written field by field.
//!
//! Lengths and counts are LEB128, texts are UTF-8 behind their length, times are whole seconds.
//! Bytes after the last field are padding and are zero.

use jiff::Timestamp;

use crate::model::caller::{Session, SessionKind, SessionOwner, SessionParameters, UserName};

/// First byte of an issuer.
const ISSUER_ROOT: u8 = 0;
const ISSUER_USER: u8 = 1;
const ISSUER_ROLE: u8 = 2;

/// First byte of a kind.
const KIND_SESSION_TOKEN: u8 = 0;
const KIND_FEDERATED: u8 = 1;
const KIND_ASSUMED_ROLE: u8 = 2;

/// Bytes reserved for a payload, so that one of ordinary size is written without growing.
const PAYLOAD_BYTES_USUAL: usize = 512;

/// Writes a session behind a header.
pub(super) fn encode_behind(header: &[&[u8]], session: &Session) -> Vec<u8> {
    let mut out = Vec::with_capacity(PAYLOAD_BYTES_USUAL);
    for part in header {
        out.extend_from_slice(part);
    }
    push_text(&mut out, &session.secret_access_key);
    out.extend_from_slice(&session.issued_at.as_second().to_be_bytes());
    out.extend_from_slice(&session.expires_at.as_second().to_be_bytes());
    match &session.issuer {
        SessionOwner::Root => out.push(ISSUER_ROOT),
        SessionOwner::User { name, id } => {
            out.push(ISSUER_USER);
            push_text(&mut out, &name.0);
            push_text(&mut out, id);
        }
        SessionOwner::Role { name, id } => {
            out.push(ISSUER_ROLE);
            push_text(&mut out, name);
            push_text(&mut out, id);
        }
    }
    match &session.kind {
        SessionKind::SessionToken => out.push(KIND_SESSION_TOKEN),
        SessionKind::Federated { name, terms } => {
            out.push(KIND_FEDERATED);
            push_text(&mut out, name);
            push_terms(&mut out, terms);
        }
        SessionKind::AssumedRole { session_name, terms } => {
            out.push(KIND_ASSUMED_ROLE);
            push_text(&mut out, session_name);
            push_terms(&mut out, terms);
        }
    }
    out
}

/// Reads a session; `None` where the bytes are not what [`encode_behind`] writes.
pub(super) fn decode(bytes: &[u8]) -> Option<Session> {
    let mut rest = bytes;
    let session = Session {
        secret_access_key: text(&mut rest)?,
        issued_at: time(&mut rest)?,
        expires_at: time(&mut rest)?,
        issuer: issuer(&mut rest)?,
        kind: kind(&mut rest)?,
    };
    rest.iter().all(|byte| *byte == 0).then_some(session)
}

fn issuer(rest: &mut &[u8]) -> Option<SessionOwner> {
    match byte(rest)? {
        ISSUER_ROOT => Some(SessionOwner::Root),
        ISSUER_USER => Some(SessionOwner::User { name: UserName(text(rest)?), id: text(rest)? }),
        ISSUER_ROLE => Some(SessionOwner::Role { name: text(rest)?, id: text(rest)? }),
        _ => None,
    }
}

fn kind(rest: &mut &[u8]) -> Option<SessionKind> {
    match byte(rest)? {
        KIND_SESSION_TOKEN => Some(SessionKind::SessionToken),
        KIND_FEDERATED => Some(SessionKind::Federated { name: text(rest)?, terms: terms(rest)? }),
        KIND_ASSUMED_ROLE => {
            Some(SessionKind::AssumedRole { session_name: text(rest)?, terms: terms(rest)? })
        }
        _ => None,
    }
}

fn terms(rest: &mut &[u8]) -> Option<SessionParameters> {
    Some(SessionParameters {
        policy: match length(rest)? {
            0 => None,
            1 => Some(text(rest)?),
            _ => return None,
        },
        policy_arns: list(rest, text)?,
        tags: list(rest, |rest| Some((text(rest)?, text(rest)?)))?,
    })
}

/// Reads a count and as many items; what is not there can't be reserved for.
fn list<T>(rest: &mut &[u8], item: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let count = length(rest)?;
    if count > rest.len() { None } else { (0..count).map(|_| item(rest)).collect() }
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = length(rest)?;
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(taken.to_vec()).ok()
}

fn time(rest: &mut &[u8]) -> Option<Timestamp> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Timestamp::from_second(i64::from_be_bytes(*taken)).ok()
}

fn length(rest: &mut &[u8]) -> Option<usize> {
    let mut value: usize = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = byte(rest)?;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (byte, after) = rest.split_first()?;
    *rest = after;
    Some(*byte)
}

fn push_terms(out: &mut Vec<u8>, terms: &SessionParameters) {
    push_length(out, usize::from(terms.policy.is_some()));
    if let Some(policy) = &terms.policy {
        push_text(out, policy);
    }
    push_length(out, terms.policy_arns.len());
    for arn in &terms.policy_arns {
        push_text(out, arn);
    }
    push_length(out, terms.tags.len());
    for (key, value) in &terms.tags {
        push_text(out, key);
        push_text(out, value);
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_length(value: usize, expected: &[u8]) {
        let mut out = Vec::new();
        push_length(&mut out, value);
        assert_eq!(out, expected);
        assert_eq!(length(&mut out.as_slice()), Some(value));
    }

    #[test]
    fn lengths_take_a_byte_for_seven_bits() {
        check_length(0, &[0]);
        check_length(127, &[0x7f]);
        check_length(128, &[0x80, 1]);
        check_length(2048, &[0x80, 0x10]);
    }

    #[test]
    fn a_length_without_an_end_or_past_the_end_is_refused() {
        assert_eq!(length(&mut [0xff; 20].as_slice()), None);
        assert_eq!(length(&mut [0x80].as_slice()), None);
        assert_eq!(text(&mut [5, b'a'].as_slice()), None);
        assert_eq!(list(&mut [0xff, 0xff, 0x7f].as_slice(), text), None);
    }

    #[test]
    fn a_session_that_is_cut_or_followed_by_something_is_refused() {
        let session = Session {
            issuer: SessionOwner::User { name: UserName("u".into()), id: "AIDA".into() },
            kind: SessionKind::SessionToken,
            secret_access_key: "s".repeat(40),
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        };
        let mut bytes = encode_behind(&[], &session);
        for length in 0..bytes.len() {
            assert_eq!(decode(&bytes[..length]), None);
        }
        bytes.extend_from_slice(&[0; 9]);
        assert_eq!(decode(&bytes), Some(session));
        bytes.push(1);
        assert_eq!(decode(&bytes), None);
    }
}
