//! Whether issued credentials are unique, in bounded memory.

use std::hash::{DefaultHasher, Hash, Hasher};

use stspec_measure::CredentialsSeen;
use stspec_verdict::Issued;

/// Most slots for fingerprints: 32 MiB.
///
/// Source: ours; half of what an hour's soak may take, and enough for 1.5 million credentials before any is
/// left out.
const SLOTS_MAX: usize = 1 << 22;

/// How many slots there are at first.
const SLOTS_FIRST: usize = 1 << 12;

/// Fingerprints of access key ids and secret access keys.
///
/// A fingerprint has 64 bits, so two different credentials are taken for equal once in some ten million runs
/// of a million credentials. When the slots are used up, fingerprints that don't end in another zero
/// bit are dropped and from then on left out: equal credentials are noticed, or not, with the same
/// probability wherever in the run they are.
#[derive(Debug)]
pub(crate) struct SeenCredentials {
    /// Open addressing; 0 is an empty slot.
    slots: Vec<u64>,
    slots_max: usize,
    used: usize,
    /// How many zero bits a fingerprint must end in to be kept.
    left_out_bits: u32,
    seen: u64,
    repeated: u64,
}

impl SeenCredentials {
    pub(crate) fn new() -> Self {
        Self::with_slots(SLOTS_FIRST, SLOTS_MAX)
    }

    fn with_slots(slots: usize, slots_max: usize) -> Self {
        assert!(slots.is_power_of_two() && slots <= slots_max, "slots are a power of two");
        let slots = vec![0; slots];
        Self { slots, slots_max, used: 0, left_out_bits: 0, seen: 0, repeated: 0 }
    }

    /// Remembers credentials; returns which part of them was issued before, if any.
    pub(crate) fn insert(&mut self, issued: &Issued<'_>) -> Option<&'static str> {
        self.seen += 1;
        let id_is_repeated = self.remember(fingerprint("id", issued.access_key_id));
        let secret_is_repeated = self.remember(fingerprint("secret", issued.secret_access_key));
        let repeated = match (id_is_repeated, secret_is_repeated) {
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
    fn remember(&mut self, fingerprint: u64) -> bool {
        if fingerprint.trailing_zeros() < self.left_out_bits {
            return false;
        }
        if self.used >= self.slots.len() / 4 * 3 {
            self.make_room();
            return self.remember(fingerprint);
        }
        let is_known = put(&mut self.slots, fingerprint);
        self.used += usize::from(!is_known);
        is_known
    }

    fn make_room(&mut self) {
        let mut kept = Vec::with_capacity(self.used);
        let slots = if self.slots.len() < self.slots_max {
            self.slots.len() * 2
        } else {
            self.left_out_bits += 1;
            self.slots.len()
        };
        let stays = |fingerprint: &&u64| {
            **fingerprint != 0 && fingerprint.trailing_zeros() >= self.left_out_bits
        };
        kept.extend(self.slots.iter().filter(stays).copied());
        self.used = kept.len();
        self.slots.clear();
        self.slots.resize(slots, 0);
        for fingerprint in kept {
            put(&mut self.slots, fingerprint);
        }
    }
}

/// Puts a fingerprint into its slot; true if it was there.
fn put(slots: &mut [u64], fingerprint: u64) -> bool {
    let count = u64::try_from(slots.len()).unwrap_or(u64::MAX);
    // The last bits decide what is left out, so the first ones find the slot.
    let first = (u128::from(fingerprint) * u128::from(count)) >> 64;
    let first = usize::try_from(first).unwrap_or(0);
    let (before, after) = slots.split_at_mut(first);
    for slot in after.iter_mut().chain(before) {
        if *slot == fingerprint {
            return true;
        }
        if *slot == 0 {
            *slot = fingerprint;
            return false;
        }
    }
    false
}

/// Never 0, which is an empty slot.
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
    fn fill(seen: &mut SeenCredentials, count: u32) -> usize {
        let repeated = (0..count).filter(|number| {
            let (id, secret) = (format!("ASIA{number}"), format!("s{number}"));
            seen.insert(&issued(&id, &secret)).is_some()
        });
        repeated.count()
    }

    #[test]
    fn different_credentials_are_not_taken_for_equal() {
        let mut seen = SeenCredentials::new();
        assert_eq!(fill(&mut seen, 100_000), 0);
        assert_eq!(seen.record(), CredentialsSeen { seen: 100_000, repeated: 0, one_of: 1 });
    }

    #[test]
    fn every_repetition_is_noticed_while_there_is_room() {
        let mut seen = SeenCredentials::new();
        fill(&mut seen, 20_000);
        assert_eq!(fill(&mut seen, 20_000), 20_000);
        assert_eq!(seen.record().repeated, 20_000);
    }

    #[test]
    fn the_part_that_was_repeated_is_named() {
        let mut seen = SeenCredentials::new();
        assert_eq!(seen.insert(&issued("a", "b")), None);
        assert_eq!(seen.insert(&issued("a", "c")), Some("access key id"));
        assert_eq!(seen.insert(&issued("d", "b")), Some("secret access key"));
        assert_eq!(seen.insert(&issued("b", "a")), None, "an id is no secret");
        let both = seen.insert(&issued("a", "b"));
        assert_eq!(both, Some("access key id and secret access key"));
    }

    #[test]
    fn without_room_a_certain_share_is_noticed() {
        let mut seen = SeenCredentials::with_slots(1 << 8, 1 << 12);
        assert_eq!(fill(&mut seen, 20_000), 0);
        let one_of = seen.record().one_of;
        assert_eq!(one_of, 16, "40,000 fingerprints in 3,072 slots");
        let noticed = fill(&mut seen, 20_000);
        // Either of two fingerprints is enough.
        let expected = 20_000 * 2 / 16 - 20_000 / 256;
        assert!(noticed.abs_diff(expected) < expected / 8, "{noticed} of {expected}");
        assert!(seen.slots.len() <= 1 << 12);
    }
}
