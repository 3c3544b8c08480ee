//! Minting temporary credentials. Nothing is stored: the session token holds the session.

use jiff::{SignedDuration, Timestamp};

use crate::faults::Fault;
use crate::model::caller::{Issuer, Session, SessionKind};
use crate::model::entropy::{Entropy, KeyKind, new_access_key_id, new_secret_access_key};
use crate::sts::StsCall;
use crate::sts::reply::{Field, Value};

/// What every session gets under `static-credentials`.
const STATIC_ACCESS_KEY_ID: &str = "ASIASTSPECSTATICKEYS";
const STATIC_SECRET_ACCESS_KEY: &str = "stspec/static/secret/of/every/session/01";

/// What precedes every session token under `session-token-not-base64`.
pub(crate) const TOKEN_MARK: &str = "token:";

/// Fresh temporary credentials.
pub(crate) struct Credentials {
    /// `ASIA…`.
    pub(crate) access_key_id: String,
    secret_access_key: String,
    /// The sealed session.
    pub(crate) session_token: String,
    expires_at: Timestamp,
}

/// What to mint.
pub(crate) struct Order {
    /// Who asks.
    pub(crate) issuer: Issuer,
    /// What for.
    pub(crate) kind: SessionKind,
    /// For how long.
    pub(crate) seconds: i32,
    /// Fewest bytes of the session token.
    pub(crate) token_bytes_min: Option<usize>,
}

/// Mints credentials that begin now.
pub(crate) fn mint(call: &StsCall<'_>, order: Order) -> Credentials {
    let faults = &call.state.faults;
    let (access_key_id, secret_access_key) = if faults.has(Fault::StaticCredentials) {
        (STATIC_ACCESS_KEY_ID.to_owned(), STATIC_SECRET_ACCESS_KEY.to_owned())
    } else {
        let long_term = faults.has(Fault::AccessKeyAkia);
        let kind = if long_term { KeyKind::LongTerm } else { KeyKind::Temporary };
        let entropy = &call.state.entropy;
        (new_access_key_id(kind, entropy), secret(entropy, faults.has(Fault::SecretShort)))
    };
    let issued_at = whole_seconds(call.call.now);
    let lasts = SignedDuration::from_secs(i64::from(order.seconds));
    let expires_at = issued_at.saturating_add(lasts).unwrap_or(Timestamp::MAX);
    let session = Session {
        issuer: order.issuer,
        kind: order.kind,
        secret_access_key: secret_access_key.clone(),
        issued_at,
        expires_at,
    };
    call.state.remember(&access_key_id, &session);
    let session_token = call.state.tokens.seal(&access_key_id, &session, order.token_bytes_min);
    Credentials { access_key_id, secret_access_key, session_token, expires_at }
}

impl Credentials {
    /// The `Credentials` of an answer.
    pub(crate) fn into_field(self, call: &StsCall<'_>) -> Field {
        let faults = &call.state.faults;
        let late = i64::from(faults.has(Fault::ExpirationTooLate));
        let printed = self.expires_at.saturating_add(SignedDuration::from_hours(late));
        let empty = faults.has(Fault::SessionTokenEmpty);
        let mut token = if empty { String::new() } else { self.session_token };
        if faults.has(Fault::SessionTokenNotBase64) {
            token.insert_str(0, TOKEN_MARK);
        }
        let parts = vec![
            ("AccessKeyId", self.access_key_id.into()),
            ("SecretAccessKey", self.secret_access_key.into()),
            ("SessionToken", token.into()),
            ("Expiration", Value::Time(printed.unwrap_or(self.expires_at))),
        ];
        ("Credentials", Value::Group(parts))
    }
}

fn secret(entropy: &Entropy, short: bool) -> String {
    let mut secret = new_secret_access_key(entropy);
    if short {
        secret.truncate(20);
    }
    secret
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
