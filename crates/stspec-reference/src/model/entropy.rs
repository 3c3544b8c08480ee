//! Random bytes from the operating system, and the credentials made of them.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes that are fetched from the operating system at once.
///
/// Source: ours. Minting takes 64 bytes, so this saves 63 of 64 system calls and still fits a page.
const BUFFER_BYTES: usize = 4096;

/// Characters of an access key id after its prefix.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-AKID (20 characters in all).
pub(crate) const ID_CHARS: usize = 16;

/// What an access key id is spelt with: base32, as AWS's own are.
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes of a secret access key, which make 40 characters of base64.
///
/// Source: `docs/evidence/get-federation-token.md`, RSP-SECRET.
const SECRET_BYTES: usize = 30;

/// A source of random bytes that is shared by all connections.
///
/// Nothing is drawn twice: what was handed out is wiped from the buffer.
pub(crate) struct Entropy(Mutex<Buffer>);

// INVARIANT: the first `left` bytes are fresh, the others were handed out.
struct Buffer {
    bytes: [u8; BUFFER_BYTES],
    left: usize,
}

impl Entropy {
    /// A source with an empty buffer.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Buffer { bytes: [0; BUFFER_BYTES], left: 0 }))
    }

    /// Draws some bytes, at most 4096.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        const { assert!(N <= BUFFER_BYTES, "more than the buffer holds") };
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.left < N {
            getrandom::fill(&mut buffer.bytes).expect("the operating system gives random bytes");
            buffer.left = BUFFER_BYTES;
        }
        let mut drawn = [0; N];
        let end = buffer.left;
        buffer.left = end - N;
        let start = buffer.left;
        let fresh = buffer.bytes.get_mut(start..end).expect("the fresh bytes are in the buffer");
        drawn.swap_with_slice(fresh);
        drawn
    }
}

/// Which credentials an access key id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A user's or the root user's own, `AKIA…`.
    LongTerm,
    /// A session's, `ASIA…`.
    Temporary,
}

impl KeyKind {
    /// The first four characters.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::LongTerm => "AKIA",
            Self::Temporary => "ASIA",
        }
    }
}

/// A new access key id: 20 upper-case letters and digits, 80 bits of them random.
pub(crate) fn new_access_key_id(kind: KeyKind, entropy: &Entropy) -> String {
    spelt_id(kind.prefix(), entropy.bytes())
}

/// An id in the form of AWS's: a prefix of four letters, then one letter or digit for each byte.
pub(crate) fn spelt_id(prefix: &str, bytes: [u8; ID_CHARS]) -> String {
    let letter = |byte: &u8| ID_ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
    let mut id = String::with_capacity(prefix.len() + ID_CHARS);
    id.push_str(prefix);
    id.extend(bytes.iter().filter_map(letter));
    id
}

/// Whether this could be the access key id of a session.
pub(crate) fn has_temporary_form(id: &str) -> bool {
    id.strip_prefix(KeyKind::Temporary.prefix()).is_some_and(|rest| {
        rest.len() == ID_CHARS && rest.bytes().all(|byte| ID_ALPHABET.contains(&byte))
    })
}

/// A new secret access key: 40 characters of the base64 alphabet, 240 bits.
pub(crate) fn new_secret_access_key(entropy: &Entropy) -> String {
    STANDARD.encode(entropy.bytes::<SECRET_BYTES>())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn access_key_ids_have_the_form_of_aws_and_use_the_whole_alphabet() {
        let entropy = Entropy::new();
        let mut letters = HashSet::new();
        for kind in [KeyKind::Temporary, KeyKind::LongTerm] {
            for _ in 0..200 {
                let id = new_access_key_id(kind, &entropy);
                assert_eq!(id.len(), 20);
                assert!(id.starts_with(kind.prefix()));
                letters.extend(id[4..].bytes());
            }
        }
        assert_eq!(letters, ID_ALPHABET.iter().copied().collect());
    }

    #[test]
    fn secrets_are_forty_characters_and_distinct() {
        let entropy = Entropy::new();
        let secrets: HashSet<String> = (0..1000).map(|_| new_secret_access_key(&entropy)).collect();
        assert_eq!(secrets.len(), 1000);
        assert!(secrets.iter().all(|secret| secret.len() == 40 && !secret.contains('=')));
    }

    #[test]
    fn nothing_is_drawn_twice_and_what_was_drawn_is_wiped() {
        let entropy = Entropy::new();
        let drawn: HashSet<[u8; 13]> = (0..2000).map(|_| entropy.bytes()).collect();
        assert_eq!(drawn.len(), 2000);
        let buffer = entropy.0.lock().unwrap();
        assert!(buffer.left > 0 && buffer.left < BUFFER_BYTES);
        assert!(buffer.bytes[buffer.left..].iter().all(|byte| *byte == 0));
        assert!(buffer.bytes[..buffer.left].iter().any(|byte| *byte != 0));
    }
}
