//! Whether credentials were handed out before, in bounded memory.

use std::hash::{DefaultHasher, Hash, Hasher};

use stspec_measure::CredentialsSeen;
use stspec_verdict::Issued;

/// Most places for fingerprints: 32 MiB.
///
/// Source: ours; half of what an hour's soak may take, and enough for 1.5 million credentials before any is
/// left out.
const PLACES_MAX: usize = 1 << 22;

/// How many places there are at first.
const PLACES_FIRST: usize = 1 << 12;

/// Fingerprints of access key ids and secret access keys.
///
/// A fingerprint has 64 bits, so two different credentials are taken for equal once in some ten million runs
/// of a million credentials. When the places are used up, fingerprints that don't end in another zero
/// bit are dropped and from then on left out: equal credentials are noticed, or not, with the same
/// probability wherever in the run they are.
#[derive(Debug)]
pub(crate) struct Distinct {
    /// Open addressing; 0 is an empty place.
    places: Vec<u64>,
    places_max: usize,
    used: usize,
    /// How many zero bits a fingerprint must end in to be kept.
    left_out_bits: u32,
    seen: u64,
    repeated: u64,
}

impl Distinct {
    pub(crate) fn new() -> Self {
        Self::with_places(PLACES_FIRST, PLACES_MAX)
    }

    fn with_places(places: usize, places_max: usize) -> Self {
        assert!(places.is_power_of_two() && places <= places_max, "places are a power of two");
        let places = vec![0; places];
        Self { places, places_max, used: 0, left_out_bits: 0, seen: 0, repeated: 0 }
    }

    /// Notes credentials, and tells which part of them was handed out before, if any.
    pub(crate) fn note(&mut self, issued: &Issued<'_>) -> Option<&'static str> {
        self.seen += 1;
        let id_is_known = self.insert(fingerprint("id", issued.access_key_id));
        let secret_is_known = self.insert(fingerprint("secret", issued.secret_access_key));
        let repeated = match (id_is_known, secret_is_known) {
            (true, true) => "access key id and secret access key",
            (true, false) => "access key id",
            (false, true) => "secret access key",
            (false, false) => return None,
        };
        self.repeated += 1;
        Some(repeated)
    }

    pub(crate) fn record(&self) -> CredentialsSeen {
        CredentialsSeen {
            seen: self.seen,
            repeated: self.repeated,
            one_of: 1_u64.checked_shl(self.left_out_bits).unwrap_or(u64::MAX),
        }
    }

    /// Keeps a fingerprint; true if it was there.
    fn insert(&mut self, fingerprint: u64) -> bool {
        if fingerprint.trailing_zeros() < self.left_out_bits {
            return false;
        }
        if self.used >= self.places.len() / 4 * 3 {
            self.make_room();
            return self.insert(fingerprint);
        }
        let is_known = put(&mut self.places, fingerprint);
        self.used += usize::from(!is_known);
        is_known
    }

    fn make_room(&mut self) {
        let mut kept = Vec::with_capacity(self.used);
        let places = if self.places.len() < self.places_max {
            self.places.len() * 2
        } else {
            self.left_out_bits += 1;
            self.places.len()
        };
        let stays = |fingerprint: &&u64| {
            **fingerprint != 0 && fingerprint.trailing_zeros() >= self.left_out_bits
        };
        kept.extend(self.places.iter().filter(stays).copied());
        self.used = kept.len();
        self.places.clear();
        self.places.resize(places, 0);
        for fingerprint in kept {
            put(&mut self.places, fingerprint);
        }
    }
}

/// Puts a fingerprint into its place; true if it was there.
fn put(places: &mut [u64], fingerprint: u64) -> bool {
    let count = u64::try_from(places.len()).unwrap_or(u64::MAX);
    // The last bits decide what is left out, so the first ones find the place.
    let first = (u128::from(fingerprint) * u128::from(count)) >> 64;
    let first = usize::try_from(first).unwrap_or(0);
    let (before, after) = places.split_at_mut(first);
    for place in after.iter_mut().chain(before) {
        if *place == fingerprint {
            return true;
        }
        if *place == 0 {
            *place = fingerprint;
            return false;
        }
    }
    false
}

/// Never 0, which is an empty place.
fn fingerprint(kind: &str, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, text).hash(&mut hasher);
    hasher.finish().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued<'a>(id: &'a str, secret: &'a str) -> Issued<'a> {
        Issued { access_key_id: id, secret_access_key: secret, session_token: "t" }
    }

    /// Notes credentials `0..count` and says how many were taken for repeated.
    fn fill(distinct: &mut Distinct, count: u32) -> usize {
        let repeated = (0..count).filter(|number| {
            let (id, secret) = (format!("ASIA{number}"), format!("s{number}"));
            distinct.note(&issued(&id, &secret)).is_some()
        });
        repeated.count()
    }

    #[test]
    fn different_credentials_are_not_taken_for_equal() {
        let mut distinct = Distinct::new();
        assert_eq!(fill(&mut distinct, 100_000), 0);
        assert_eq!(distinct.record(), CredentialsSeen { seen: 100_000, repeated: 0, one_of: 1 });
    }

    #[test]
    fn every_repetition_is_noticed_while_there_is_room() {
        let mut distinct = Distinct::new();
        fill(&mut distinct, 20_000);
        assert_eq!(fill(&mut distinct, 20_000), 20_000);
        assert_eq!(distinct.record().repeated, 20_000);
    }

    #[test]
    fn the_part_that_was_repeated_is_named() {
        let mut distinct = Distinct::new();
        assert_eq!(distinct.note(&issued("a", "b")), None);
        assert_eq!(distinct.note(&issued("a", "c")), Some("access key id"));
        assert_eq!(distinct.note(&issued("d", "b")), Some("secret access key"));
        assert_eq!(distinct.note(&issued("b", "a")), None, "an id is no secret");
        let both = distinct.note(&issued("a", "b"));
        assert_eq!(both, Some("access key id and secret access key"));
    }

    #[test]
    fn without_room_a_known_share_is_noticed() {
        let mut distinct = Distinct::with_places(1 << 8, 1 << 12);
        assert_eq!(fill(&mut distinct, 20_000), 0);
        let one_of = distinct.record().one_of;
        assert_eq!(one_of, 16, "40,000 fingerprints in 3,072 places");
        let noticed = fill(&mut distinct, 20_000);
        // Either of two fingerprints is enough.
        let expected = 20_000 * 2 / 16 - 20_000 / 256;
        assert!(noticed.abs_diff(expected) < expected / 8, "{noticed} of {expected}");
        assert!(distinct.places.len() <= 1 << 12);
    }
}
