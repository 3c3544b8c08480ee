//! The file in which several servers share a key ring.

use std::collections::HashSet;

use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::KeyInit;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::{KEY_BYTES, KeyRing, RingKey};

/// Most keys in a ring.
///
/// Source: ours. A key is needed as long as its last session lives, 36 hours at most, so a ring
/// that is renewed every hour stays below.
pub(crate) const RING_KEYS_MAX: usize = 64;

/// What is wrong with a key ring's file; the place, the fact and the remedy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RingError {
    /// No JSON, or JSON of another shape. It may hold keys, so none of it is quoted.
    #[error(
        "line {line}, column {column} of the key ring is not as expected; write `{{\"keys\": \
         [{{\"id\": 1, \"created\": \"2026-11-21T00:00:00Z\", \"key\": \"<32 bytes in base64>\"}}]}}`"
    )]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// No key at all.
    #[error("`keys` of the key ring is empty; add a key")]
    Empty,
    /// Too many keys.
    #[error("`keys` of the key ring holds {count} keys; keep at most {RING_KEYS_MAX}, the newest")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// A key that is not base64.
    #[error("`keys[{index}].key` of the key ring is not base64; write 32 random bytes in base64")]
    NotBase64 {
        /// Counted from 0.
        index: usize,
    },
    /// A key of another length.
    #[error("`keys[{index}].key` of the key ring holds {bytes} bytes; give it {KEY_BYTES}")]
    KeyLength {
        /// Counted from 0.
        index: usize,
        /// How many bytes it has.
        bytes: usize,
    },
    /// A time that can't be read.
    #[error(
        "`keys[{index}].created` of the key ring is `{text}`; write a time like 2026-11-21T00:00:00Z"
    )]
    Created {
        /// Counted from 0.
        index: usize,
        /// What stands there.
        text: String,
    },
    /// An id that another key has.
    #[error("`keys[{index}].id` of the key ring is `{id}`, as another key's; give each its own")]
    SameId {
        /// Counted from 0.
        index: usize,
        /// The id.
        id: u32,
    },
    /// Two keys of which neither is the newest.
    #[error("two keys of the key ring were created at `{created}`; make one of them newer")]
    SameTime {
        /// The time.
        created: Timestamp,
    },
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    keys: Vec<KeyLine>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyLine {
    id: u32,
    created: String,
    key: String,
}

/// Reads a ring from the text of its file.
pub(super) fn read(text: &str) -> Result<KeyRing, RingError> {
    let file: RingFile = serde_json::from_str(text)
        .map_err(|error| RingError::Json { line: error.line(), column: error.column() })?;
    let count = file.keys.len();
    if count > RING_KEYS_MAX {
        return Err(RingError::TooMany { count });
    }
    let mut ids = HashSet::new();
    let mut keys = Vec::with_capacity(count);
    for (index, line) in file.keys.iter().enumerate() {
        if !ids.insert(line.id) {
            return Err(RingError::SameId { index, id: line.id });
        }
        keys.push(key(index, line)?);
    }
    keys.sort_by_key(|key| key.created);
    let newest = keys.pop().ok_or(RingError::Empty)?;
    match keys.last() {
        Some(other) if other.created == newest.created => {
            Err(RingError::SameTime { created: newest.created })
        }
        _ => Ok(KeyRing::of(newest, keys)),
    }
}

fn key(index: usize, line: &KeyLine) -> Result<RingKey, RingError> {
    let bytes = STANDARD.decode(&line.key).map_err(|_| RingError::NotBase64 { index })?;
    let bytes: [u8; KEY_BYTES] = bytes
        .try_into()
        .map_err(|bytes: Vec<u8>| RingError::KeyLength { index, bytes: bytes.len() })?;
    let created = line
        .created
        .parse()
        .map_err(|_| RingError::Created { index, text: line.created.clone() })?;
    Ok(RingKey { id: line.id, created, cipher: Aes256GcmSiv::new(&bytes.into()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn line(id: u32, created: &str, key: &str) -> String {
        format!(r#"{{"id": {id}, "created": "{created}", "key": "{key}"}}"#)
    }

    #[track_caller]
    fn check(keys: &[String], expected: &str) {
        let text = format!(r#"{{"keys": [{}]}}"#, keys.join(","));
        assert_eq!(read(&text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn the_key_created_last_seals_wherever_it_stands() {
        let [old, new] =
            [line(1, "2026-01-01T00:00:00Z", KEY), line(2, "2026-02-01T00:00:00Z", KEY)];
        for keys in [format!("{old},{new}"), format!("{new},{old}")] {
            let ring = read(&format!(r#"{{"keys": [{keys}]}}"#)).unwrap();
            assert_eq!((ring.newest.id, ring.older.len()), (2, 1));
        }
    }

    #[test]
    fn a_fault_is_reported_with_place_fact_and_remedy() {
        let time = "2026-01-01T00:00:00Z";
        let good = line(1, time, KEY);
        check(&[], "`keys` of the key ring is empty; add a key");
        check(
            &[good.clone(), line(2, time, "AAAA")],
            "`keys[1].key` of the key ring holds 3 bytes; give it 32",
        );
        check(
            &[line(2, time, "ä")],
            "`keys[0].key` of the key ring is not base64; write 32 random bytes in base64",
        );
        check(
            &[line(2, "today", KEY)],
            "`keys[0].created` of the key ring is `today`; write a time like 2026-11-21T00:00:00Z",
        );
        check(
            &[good.clone(), good.clone()],
            "`keys[1].id` of the key ring is `1`, as another key's; give each its own",
        );
        check(
            &[good, line(2, time, KEY)],
            "two keys of the key ring were created at `2026-01-01T00:00:00Z`; make one of them newer",
        );
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let keys = |count: u32| -> Vec<String> {
            (1..=count).map(|n| line(n, &format!("{:04}-01-01T00:00:00Z", 2000 + n), KEY)).collect()
        };
        let ring = read(&format!(r#"{{"keys": [{}]}}"#, keys(64).join(","))).unwrap();
        assert_eq!(ring.older.len(), RING_KEYS_MAX - 1);
        check(&keys(65), "`keys` of the key ring holds 65 keys; keep at most 64, the newest");
    }

    #[test]
    fn a_text_of_another_shape_is_refused_with_line_and_column_and_not_quoted() {
        let text = format!("{{\"keys\": [\n{{\"id\": \"1\", \"key\": \"{KEY}\"}}]}}");
        let error = read(&text).unwrap_err();
        assert!(matches!(error, RingError::Json { line: 2, .. }), "{error:?}");
        assert!(!error.to_string().contains(KEY));
        assert!(matches!(
            read("{\"keys\": [], \"more\": 1}"),
            Err(RingError::Json { line: 1, .. })
        ));
        assert!(matches!(read(""), Err(RingError::Json { .. })));
    }
}
