//! Minting temporary credentials. Nothing is stored: the session token holds the session.

use jiff::{SignedDuration, Timestamp};

use crate::model::caller::{Session, SessionKind, SessionOwner};
use crate::model::entropy::{Entropy, KeyKind, new_access_key_id, new_secret_access_key};
use crate::sts::StsCall;
use crate::sts::members::Member;

/// How credentials are minted.
pub(crate) struct MintRules {
    /// The access key of a new session.
    pub(crate) keys: fn(&Entropy) -> AccessKey,
    /// What changes a session before it is minted; AWS changes nothing.
    pub(crate) edits: Vec<SessionEdit>,
    /// What learns of each session that was minted.
    pub(crate) observers: Vec<MintObserver>,
}

/// Changes a session before it is minted.
pub(crate) type SessionEdit = Box<dyn Fn(&StsCall<'_>, &mut NewSession) + Send + Sync>;

/// Learns of a session that was minted.
pub(crate) type MintObserver = Box<dyn Fn(&StsCall<'_>, &Minted) + Send + Sync>;

/// An access key id and its secret.
pub(crate) struct AccessKey {
    /// `ASIA…`.
    pub(crate) id: String,
    /// 40 characters.
    pub(crate) secret: String,
}

impl Default for MintRules {
    fn default() -> Self {
        Self { keys: temporary_key, edits: Vec::new(), observers: Vec::new() }
    }
}

/// A fresh temporary access key.
pub(crate) fn temporary_key(entropy: &Entropy) -> AccessKey {
    AccessKey {
        id: new_access_key_id(KeyKind::Temporary, entropy),
        secret: new_secret_access_key(entropy),
    }
}

/// What to mint.
pub(crate) struct NewSession {
    /// Whose powers it holds.
    pub(crate) issuer: SessionOwner,
    /// Which operation mints it.
    pub(crate) kind: SessionKind,
    /// How long it lasts.
    pub(crate) seconds: i32,
    /// Fewest bytes of the session token.
    pub(crate) token_bytes_min: Option<usize>,
}

/// A session with its credentials.
pub(crate) struct Minted {
    /// The access key id.
    pub(crate) access_key_id: String,
    /// The session, with the secret access key.
    pub(crate) session: Session,
    /// The sealed session.
    pub(crate) session_token: String,
}

/// Mints a session that begins now.
pub(crate) fn mint(call: &StsCall<'_>, mut new: NewSession) -> Minted {
    let rules = &call.rules.mint;
    for edit in &rules.edits {
        edit(call, &mut new);
    }
    let key = (rules.keys)(&call.state.entropy);
    let issued_at = whole_seconds(call.call.now);
    let lasts = SignedDuration::from_secs(i64::from(new.seconds));
    let session = Session {
        issuer: new.issuer,
        kind: new.kind,
        secret_access_key: key.secret,
        issued_at,
        expires_at: issued_at.saturating_add(lasts).unwrap_or(Timestamp::MAX),
    };
    let session_token = call.state.tokens.seal(&key.id, &session, new.token_bytes_min);
    let minted = Minted { access_key_id: key.id, session, session_token };
    for observe in &rules.observers {
        observe(call, &minted);
    }
    minted
}

impl Minted {
    /// The `Credentials` of an answer.
    pub(crate) fn into_member(self) -> Member {
        let members = vec![
            Member::new("AccessKeyId", self.access_key_id),
            Member::new("SecretAccessKey", self.session.secret_access_key),
            Member::new("SessionToken", self.session_token),
            Member::new("Expiration", self.session.expires_at),
        ];
        Member::group("Credentials", members)
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
