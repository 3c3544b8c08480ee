//! Which keys of a bucket a list shows.

use std::ops::Bound;

use super::{Bucket, Object};

/// What a list asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Only keys that start so.
    pub(crate) prefix: String,
    /// Rolls keys up to the first occurrence of this after the prefix; empty for not at all.
    pub(crate) delimiter: String,
    /// Only what comes after this key, or after all keys rolled up under this one.
    pub(crate) after: String,
    /// Most entries.
    pub(crate) entries_max: usize,
}

/// What a list shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listing<'a> {
    /// Objects and rolled-up keys together, sorted.
    pub(crate) entries: Vec<Entry<'a>>,
    /// Whether there is more after the last entry.
    pub(crate) is_truncated: bool,
}

/// A line of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// An object with its key.
    Object(&'a str, &'a Object),
    /// The common prefix of keys that are rolled up.
    CommonPrefix(&'a str),
}

impl Entry<'_> {
    /// The key or the common prefix, which is what the next page comes after.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Object(key, _) | Self::CommonPrefix(key) => key,
        }
    }
}

impl Bucket {
    /// The keys that a selection shows.
    pub(crate) fn list(&self, selection: &Selection) -> Listing<'_> {
        let mut entries: Vec<Entry<'_>> = Vec::new();
        let start = selection.after.as_str().max(selection.prefix.as_str());
        let range = (Bound::Included(start), Bound::Unbounded);
        let candidates = self.objects().range::<str, _>(range);
        for (key, object) in candidates.take_while(|(key, _)| key.starts_with(&selection.prefix)) {
            let common = common_prefix(key, selection);
            let is_shown_before = match common {
                Some(common) => {
                    common == selection.after
                        || entries.last().is_some_and(|last| last.key() == common)
                }
                None => *key == selection.after,
            };
            if is_shown_before {
                continue;
            }
            if entries.len() >= selection.entries_max {
                return Listing { is_truncated: !entries.is_empty(), entries };
            }
            entries.push(common.map_or(Entry::Object(key, object), Entry::CommonPrefix));
        }
        Listing { entries, is_truncated: false }
    }
}

/// What a key is rolled up under: all of it up to the first delimiter after the prefix.
fn common_prefix<'a>(key: &'a str, selection: &Selection) -> Option<&'a str> {
    if selection.delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(&selection.prefix)?;
    let (before, _) = rest.split_once(&selection.delimiter)?;
    key.get(..selection.prefix.len() + before.len() + selection.delimiter.len())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::{BucketName, ObjectStore, Upload};
    use super::*;
    use crate::state::directory::test_support::now;

    const KEYS: [&str; 7] = ["a", "b/1", "b/2", "b/c/3", "c", "d/é", "e"];

    fn shown(selection: &Selection) -> (Vec<String>, bool) {
        let name = BucketName::new("bucket").unwrap();
        let mut store = ObjectStore::default();
        store.create_bucket(&name, "us-east-1".to_owned(), now()).unwrap();
        for key in KEYS {
            let object = Object::new(Upload::of(Bytes::new(), ""), now());
            store.put_object(&name, key, object).unwrap();
        }
        let listing = store.bucket(&name).unwrap().list(selection);
        let keys = listing.entries.iter().map(|entry| entry.key().to_owned()).collect();
        (keys, listing.is_truncated)
    }

    fn selection(prefix: &str, delimiter: &str, after: &str, entries_max: usize) -> Selection {
        let (prefix, delimiter, after) = (prefix.into(), delimiter.into(), after.into());
        Selection { prefix, delimiter, after, entries_max }
    }

    #[track_caller]
    fn check(selection: &Selection, keys: &[&str], is_truncated: bool) {
        let (shown, truncated) = shown(selection);
        assert_eq!(shown, keys);
        assert_eq!(truncated, is_truncated);
    }

    #[test]
    fn a_prefix_selects_and_a_delimiter_rolls_up() {
        check(&selection("", "", "", 100), &KEYS, false);
        check(&selection("b/", "", "", 100), &["b/1", "b/2", "b/c/3"], false);
        check(&selection("", "/", "", 100), &["a", "b/", "c", "d/", "e"], false);
        check(&selection("b/", "/", "", 100), &["b/1", "b/2", "b/c/"], false);
        check(&selection("x", "/", "", 100), &[], false);
    }

    #[test]
    fn a_list_is_full_only_if_something_follows() {
        check(&selection("", "", "", 7), &KEYS, false);
        check(&selection("", "", "", 1), &["a"], true);
        check(&selection("", "/", "", 2), &["a", "b/"], true);
        check(&selection("d", "/", "", 1), &["d/"], false);
        check(&selection("", "", "", 0), &[], false);
    }

    #[test]
    fn a_list_goes_on_after_a_key_or_a_common_prefix() {
        check(&selection("", "", "b/1", 2), &["b/2", "b/c/3"], true);
        check(&selection("", "/", "b/", 2), &["c", "d/"], true);
        check(&selection("", "/", "b/1", 2), &["b/", "c"], true);
        check(&selection("", "", "zz", 2), &[], false);
    }
}
