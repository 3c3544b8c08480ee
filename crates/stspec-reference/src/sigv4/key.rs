//! Signing keys: derived from a secret and a scope, kept for a while, compared in constant time.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Scope, TERMINATOR};

/// Most signing keys that a [`KeyCache`] holds; two generations of half as many each.
///
/// Source: ours. A load run signs with a handful of long-term keys, and a provisioning run with
/// some hundred; at about 300 bytes each the cache stays well below a megabyte.
pub(super) const CACHED_KEYS_MAX: usize = 2048;

/// Length of a signature as text.
const SIGNATURE_CHARS: usize = 64;

/// A key that signs for one day, region and service, ready to take a message.
#[derive(Clone)]
pub(crate) struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Derives the key of a secret for a scope.
    pub(super) fn derive(secret: &str, scope: &Scope) -> Self {
        let seed = format!("AWS4{secret}");
        let parts = [scope.date(), scope.region(), scope.service(), TERMINATOR];
        Self(parts.iter().fold(keyed(seed.as_bytes()), |key, part| {
            keyed(&key.chain_update(part.as_bytes()).finalize().into_bytes())
        }))
    }

    /// Whether this key gives the message this signature; takes the same time for every signature
    /// of the right length.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        self.sign(message).as_bytes().ct_eq(signature.as_bytes()).into()
    }

    /// The signature of a message, in lower-case hexadecimal.
    pub(super) fn sign(&self, message: &[u8]) -> String {
        hex_text(self.0.clone().chain_update(message).finalize().into_bytes().as_ref())
    }
}

/// Whether a text has the form of a signature.
pub(super) fn is_signature(text: &str) -> bool {
    text.len() == SIGNATURE_CHARS
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex_text(Sha256::digest(bytes).as_ref())
}

/// A digest in lower-case hexadecimal, several times faster than character by character.
fn hex_text(digest: &[u8]) -> String {
    let mut text = vec![0; 2 * digest.len()];
    hex::encode_to_slice(digest, &mut text).expect("the text is twice as long");
    String::from_utf8(text).expect("hexadecimal digits are ASCII")
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Signing keys that were derived lately, shared by all connections.
///
/// Bounded: when the younger generation is full it becomes the older one, which is dropped. A key
/// that is still in use moves up again, so the busy ones stay.
pub(crate) struct KeyCache {
    hasher: RandomState,
    generations: RwLock<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<u64, Entry>,
    old: HashMap<u64, Entry>,
}

/// A key with what it was derived from: the map is indexed by a hash, so that looking up a key
/// allocates nothing, and a hash may stand for two keys.
#[derive(Clone)]
struct Entry {
    secret: String,
    scope: Scope,
    key: SigningKey,
}

impl KeyCache {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), generations: RwLock::default() }
    }

    /// The key of this secret for this scope, from the cache or derived now.
    pub(super) fn signing_key(&self, secret: &str, scope: &Scope) -> SigningKey {
        let index = self.hasher.hash_one((secret, &scope.0));
        let is_it = |entry: &&Entry| entry.scope == *scope && entry.secret == secret;
        let old = {
            let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = generations.young.get(&index).filter(is_it) {
                return entry.key.clone();
            }
            generations.old.get(&index).filter(is_it).cloned()
        };
        let entry = old.unwrap_or_else(|| Entry {
            secret: secret.to_owned(),
            scope: scope.clone(),
            key: SigningKey::derive(secret, scope),
        });
        let key = entry.key.clone();
        self.keep(index, entry);
        key
    }

    fn keep(&self, index: u64, entry: Entry) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= CACHED_KEYS_MAX / 2 {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(index, entry);
    }

    /// How many keys are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        generations.young.len() + generations.old.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const SECRET: &str = "a secret that nobody else has, forty chr";

    fn scope(region: &str) -> Scope {
        Scope(format!("20261121/{region}/sts/aws4_request"))
    }

    #[test]
    fn a_derived_key_signs_as_the_signer_of_aws_does() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_hours(498_672);
        let theirs = aws_sigv4::sign::v4::generate_signing_key(SECRET, time, "eu-central-1", "sts");
        let expected = aws_sigv4::sign::v4::calculate_signature(theirs, b"message");
        let key = SigningKey::derive(SECRET, &scope("eu-central-1"));
        assert_eq!(key.sign(b"message"), expected);
        assert!(key.verifies(b"message", &expected));
        assert!(!key.verifies(b"messagf", &expected));
        assert!(!key.verifies(b"message", &expected.to_uppercase()));
        assert!(!key.verifies(b"message", &expected[..63]));
        assert!(!key.verifies(b"message", ""));
    }

    #[test]
    fn a_cached_key_is_the_derived_key() {
        let cache = KeyCache::new();
        for _ in 0..3 {
            for (secret, region) in [(SECRET, "a"), (SECRET, "b"), ("other", "a")] {
                let expected = SigningKey::derive(secret, &scope(region)).sign(b"m");
                assert_eq!(cache.signing_key(secret, &scope(region)).sign(b"m"), expected);
            }
        }
        assert_eq!(cache.len(), 3);
    }

    #[test]
    fn the_cache_stays_within_its_bound_and_keeps_what_is_used() {
        let cache = KeyCache::new();
        let busy = scope("busy");
        for number in 0..CACHED_KEYS_MAX * 2 {
            cache.signing_key(SECRET, &scope(&number.to_string()));
            cache.signing_key(SECRET, &busy);
            assert!(cache.len() <= CACHED_KEYS_MAX);
        }
        let index = cache.hasher.hash_one((SECRET, &busy.0));
        let generations = cache.generations.read().unwrap();
        assert!(generations.young.contains_key(&index) || generations.old.contains_key(&index));
    }
}
