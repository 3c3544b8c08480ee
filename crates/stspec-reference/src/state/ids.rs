//! Ids that nobody has to guess right: request ids, and the unique ids of IAM's entities.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::entropy::{
    Entropy, ID_CHARS, KeyKind, new_access_key_id, new_secret_access_key, spelt_id,
};
use crate::state::directory;

/// Makes ids without locks.
///
/// Request ids need only be distinct, so they come from a counter that is mixed well. What has to
/// be unpredictable comes from the operating system's generator instead.
#[derive(Debug)]
pub(crate) struct Ids {
    counter: AtomicU64,
}

/// Step of the counter: odd, so that it passes through every value before it repeats one.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
const COUNTER_STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Ids {
    /// Starts at a point that no other run starts at.
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self { counter: AtomicU64::new(getrandom::u64()?) })
    }

    /// A UUID of version 4.
    pub(crate) fn request_id(&self) -> String {
        // The version, and the two bits 10 that mark the variant (RFC 9562, sections 4.1 and 5.4).
        let high = self.next() & !0xf000 | 0x4000;
        let low = self.next() & !(0b11 << 62) | 0b10 << 62;
        let digits = [hex_digits(high), hex_digits(low)].concat();
        let digits = str::from_utf8(&digits).expect("hexadecimal digits are ASCII");
        let (first, rest) = digits.split_at(8);
        let (second, rest) = rest.split_at(4);
        let (third, rest) = rest.split_at(4);
        let (fourth, fifth) = rest.split_at(4);
        [first, second, third, fourth, fifth].join("-")
    }

    /// The id that STS adds since late 2025 (`docs/evidence/get-federation-token.md`,
    /// RSP-EXTREQID).
    pub(crate) fn extended_request_id(&self, region: &str, now: Timestamp) -> String {
        let (milliseconds, random) = (now.as_millisecond(), self.next() >> 32);
        let (milliseconds, random) = (milliseconds.to_string(), hex_digits(random));
        let random = random.get(8..).unwrap_or_default();
        BASE64.encode(
            [b"1:", region.as_bytes(), b":S:", milliseconds.as_bytes(), b":R:", random].concat(),
        )
    }

    /// Random bytes for the answer of a server that talks garbage.
    pub(crate) fn noise(&self, words: usize) -> Vec<u8> {
        (0..words).flat_map(|_| self.next().to_le_bytes()).collect()
    }

    fn next(&self) -> u64 {
        let mut mixed = self.counter.fetch_add(COUNTER_STEP, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A number as 16 hexadecimal digits.
fn hex_digits(number: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    hex::encode_to_slice(number.to_be_bytes(), &mut digits).expect("a byte takes two digits");
    digits
}

/// The ids of the directory's entities, from the operating system's generator.
pub(crate) struct EntityIds<'a>(pub(crate) &'a Entropy);

impl EntityIds<'_> {
    /// All unique ids of IAM look alike but for their first four characters.
    fn unique_id(&self, prefix: &str) -> String {
        spelt_id(prefix, self.0.bytes())
    }
}

impl directory::Ids for EntityIds<'_> {
    fn user_id(&mut self) -> String {
        self.unique_id("AIDA")
    }

    fn access_key_id(&mut self) -> String {
        new_access_key_id(KeyKind::LongTerm, self.0)
    }

    fn secret_access_key(&mut self) -> String {
        new_secret_access_key(self.0)
    }

    fn policy_id(&mut self) -> String {
        self.unique_id("ANPA")
    }

    fn role_id(&mut self) -> String {
        self.unique_id("AROA")
    }
}

/// The ids of an entity that a seed names: the same wherever that seed is applied.
///
/// Each value serves one entity, and so never gives an id twice.
pub(crate) struct NamedIds {
    digest: [u8; ID_CHARS],
    key: Option<(String, String)>,
}

impl NamedIds {
    /// For an entity of an account, such as `user/broker`.
    pub(crate) fn of_entity(account: &str, entity: &str) -> Self {
        let digest = Sha256::digest(format!("stspec seed\n{account}\n{entity}"));
        let mut half = [0; ID_CHARS];
        half.iter_mut().zip(digest).for_each(|(byte, drawn)| *byte = drawn);
        Self { digest: half, key: None }
    }

    /// For an access key whose id and secret are given.
    pub(crate) fn of_key(id: &str, secret: &str) -> Self {
        Self { digest: [0; ID_CHARS], key: Some((id.to_owned(), secret.to_owned())) }
    }
}

impl directory::Ids for NamedIds {
    fn user_id(&mut self) -> String {
        spelt_id("AIDA", self.digest)
    }

    fn access_key_id(&mut self) -> String {
        self.key.as_ref().expect("a seed gives its access keys an id").0.clone()
    }

    fn secret_access_key(&mut self) -> String {
        self.key.as_ref().expect("a seed gives its access keys a secret").1.clone()
    }

    fn policy_id(&mut self) -> String {
        spelt_id("ANPA", self.digest)
    }

    fn role_id(&mut self) -> String {
        spelt_id("AROA", self.digest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn request_ids_are_uuids_of_version_4() {
        let ids = Ids::new().unwrap();
        for _ in 0..100 {
            let id = ids.request_id();
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
            assert!(id.chars().all(|char| char == '-' || char.is_ascii_hexdigit()), "{id}");
        }
    }

    #[test]
    fn request_ids_do_not_repeat() {
        let ids = Ids::new().unwrap();
        let distinct: HashSet<String> = (0..10_000).map(|_| ids.request_id()).collect();
        assert_eq!(distinct.len(), 10_000);
    }

    #[test]
    fn the_extended_id_names_region_and_time() {
        let id = Ids::new().unwrap().extended_request_id("eu-west-1", Timestamp::UNIX_EPOCH);
        let text = String::from_utf8(BASE64.decode(id).unwrap()).unwrap();
        assert!(text.starts_with("1:eu-west-1:S:0:R:"), "{text}");
        assert_eq!(text.len(), "1:eu-west-1:S:0:R:".len() + 8);
    }
}
