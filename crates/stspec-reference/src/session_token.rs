//! Session tokens: sealed, stateless, and worth nothing with another access key id.
//!
//! A token is `version ‖ key id ‖ nonce ‖ AES-256-GCM-SIV(payload)` in base64, with `version ‖ key
//! id ‖ access key id` as associated data. Whoever has the key ring can open it, so nothing is
//! stored per session. Start at [`KeyRing`].

mod payload;
mod ring_file;
#[cfg(test)]
mod tests;

use std::fmt;

use aes_gcm_siv::aead::{AeadInOut, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::model::caller::Session;
use crate::model::entropy::Entropy;

pub(crate) use ring_file::RingError;

/// Longest token that is looked at, in characters.
///
/// Source: ours. The largest session that the documented bounds of `GetFederationToken` allow (2048
/// characters of policy, 10 ARNs of 2048, 50 tags of 128 and 256) seals into fewer.
pub(crate) const TOKEN_CHARS_MAX: usize = 147_456;

/// The layout of a token that this code writes and reads.
const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// The keys that seal and open session tokens.
///
/// The newest key seals; all open, so that a key can be replaced while its sessions live on.
pub(crate) struct KeyRing {
    newest: RingKey,
    older: Vec<RingKey>,
    entropy: Entropy,
}

struct RingKey {
    id: u32,
    created: Timestamp,
    cipher: Aes256GcmSiv,
}

/// Why a session token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// It has not the form of a token.
    #[error("the session token is malformed")]
    Unparsable,
    /// It was not sealed with a key of this ring for this access key id, or was changed since.
    #[error("the session token was not issued here for this access key id")]
    NotOurs,
}

impl KeyRing {
    /// A ring with one new key, for a server whose sessions need not outlive it.
    pub(crate) fn generate() -> Self {
        let entropy = Entropy::new();
        let cipher = Aes256GcmSiv::new(&entropy.bytes::<KEY_BYTES>().into());
        let id = u32::from_be_bytes(entropy.bytes());
        let newest = RingKey { id, created: Timestamp::UNIX_EPOCH, cipher };
        Self { newest, older: Vec::new(), entropy }
    }

    /// Reads a ring from a file's text.
    ///
    /// `{"keys": [{"id": 7, "created": "2026-11-21T00:00:00Z", "key": "<32 bytes in base64>"}]}`;
    /// the order of the keys says nothing, the one created last seals.
    pub(crate) fn from_json(text: &str) -> Result<Self, RingError> {
        ring_file::read(text)
    }

    fn of(newest: RingKey, older: Vec<RingKey>) -> Self {
        Self { newest, older, entropy: Entropy::new() }
    }

    /// Seals a session into a token for its access key id, of at least `pad_to` characters.
    ///
    /// Fractions of a second in the session's times are lost.
    pub(crate) fn seal(
        &self,
        access_key_id: &str,
        session: &Session,
        pad_to: Option<usize>,
    ) -> String {
        let RingKey { id, cipher, .. } = &self.newest;
        let nonce: [u8; NONCE_BYTES] = self.entropy.bytes();
        let header: [&[u8]; 3] = [&[VERSION], &id.to_be_bytes(), &nonce];
        let mut sealed = payload::encode_behind(&header, session);
        let token_bytes = bytes_for_chars(pad_to.unwrap_or_default());
        sealed.resize(sealed.len().max(token_bytes.saturating_sub(TAG_BYTES)), 0);
        let (_, payload) = sealed.split_at_mut(HEADER_BYTES);
        let tag = cipher
            .encrypt_inout_detached(
                &Nonce::from(nonce),
                &associated_data(*id, access_key_id),
                payload.into(),
            )
            .expect("a session is far smaller than what one nonce can seal");
        sealed.extend_from_slice(&tag);
        STANDARD.encode(sealed)
    }

    /// Opens a token that came with this access key id. Whether it has expired is not asked here.
    pub(crate) fn open(&self, access_key_id: &str, token: &str) -> Result<Session, TokenError> {
        if token.len() > TOKEN_CHARS_MAX {
            return Err(TokenError::Unparsable);
        }
        let bytes = STANDARD.decode(token).map_err(|_| TokenError::Unparsable)?;
        let ([version], rest) = bytes.split_first_chunk().ok_or(TokenError::Unparsable)?;
        let (id, rest) = rest.split_first_chunk().ok_or(TokenError::Unparsable)?;
        let (nonce, rest) = rest.split_first_chunk().ok_or(TokenError::Unparsable)?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(TokenError::Unparsable)?;
        if *version != VERSION {
            return Err(TokenError::Unparsable);
        }
        let id = u32::from_be_bytes(*id);
        let key = self.key(id).ok_or(TokenError::NotOurs)?;
        let mut payload = sealed.to_vec();
        key.cipher
            .decrypt_inout_detached(
                &Nonce::from(*nonce),
                &associated_data(id, access_key_id),
                payload.as_mut_slice().into(),
                &(*tag).into(),
            )
            .map_err(|_| TokenError::NotOurs)?;
        payload::decode(&payload).ok_or(TokenError::Unparsable)
    }

    fn key(&self, id: u32) -> Option<&RingKey> {
        std::iter::once(&self.newest).chain(&self.older).find(|key| key.id == id)
    }
}

impl fmt::Debug for KeyRing {
    /// Shows which keys there are, never a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<u32> = self.older.iter().map(|key| key.id).collect();
        f.debug_struct("KeyRing")
            .field("newest", &self.newest.id)
            .field("older", &older)
            .finish_non_exhaustive()
    }
}

/// What a token is bound to without carrying it.
fn associated_data(key_id: u32, access_key_id: &str) -> Vec<u8> {
    [[VERSION].as_slice(), &key_id.to_be_bytes(), access_key_id.as_bytes()].concat()
}

/// How many bytes make at least this many characters of base64.
fn bytes_for_chars(chars: usize) -> usize {
    chars.div_ceil(4) * 3
}
