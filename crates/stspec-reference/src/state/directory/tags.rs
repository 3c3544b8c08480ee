//! Tags of a user, a role or a policy.

use std::collections::BTreeMap;

use super::DirectoryError;

/// Most tags that one resource holds.
///
/// Source: IAM User Guide, "IAM and AWS STS quotas", tags.
pub(crate) const TAGS_MAX: usize = 50;

/// Tags with the key as it was written; keys that differ only in case are the same key.
// INVARIANT: each value sits under its key in lower case; there are at most `TAGS_MAX`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags(BTreeMap<String, (String, String)>);

impl Tags {
    /// Tags for a new resource.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Result<Self, DirectoryError> {
        let mut tags = Self::default();
        tags.put(pairs)?;
        Ok(tags)
    }

    /// Adds tags, replacing those with the same key.
    pub(crate) fn put(&mut self, pairs: Vec<(String, String)>) -> Result<(), DirectoryError> {
        let count = pairs.len();
        let added: BTreeMap<_, _> =
            pairs.into_iter().map(|(key, value)| (key.to_lowercase(), (key, value))).collect();
        if added.len() < count {
            return Err(DirectoryError::InvalidInput(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                    .to_owned(),
            ));
        }
        if added.keys().any(|key| key.starts_with("aws:")) {
            return Err(DirectoryError::InvalidInput(
                "Tag keys that start with aws: are reserved for system use.".to_owned(),
            ));
        }
        let new_keys = added.keys().filter(|key| !self.0.contains_key(*key)).count();
        if self.0.len() + new_keys > TAGS_MAX {
            return Err(DirectoryError::quota("TagsPerResource", TAGS_MAX));
        }
        self.0.extend(added);
        Ok(())
    }

    /// Removes the tags with these keys; a key that is not there is no fault.
    pub(crate) fn remove<'a>(&mut self, keys: impl IntoIterator<Item = &'a str>) {
        for key in keys {
            self.0.remove(&key.to_lowercase());
        }
    }

    /// Keys as written and values, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(keys: &[&str]) -> Vec<(String, String)> {
        keys.iter().map(|key| ((*key).to_owned(), "v".to_owned())).collect()
    }

    #[test]
    fn a_key_in_another_case_replaces_the_tag() {
        let mut subject = Tags::new(tags(&["Team"])).unwrap();
        subject.put(vec![("TEAM".to_owned(), "blue".to_owned())]).unwrap();
        assert_eq!(subject.iter().collect::<Vec<_>>(), [("TEAM", "blue")]);
        subject.remove(["team"]);
        assert_eq!(subject.iter().count(), 0);
    }

    #[test]
    fn keys_equal_but_for_case_are_refused_in_one_call() {
        assert_eq!(Tags::new(tags(&["a", "A"])).unwrap_err().code(), "InvalidInput");
        assert_eq!(Tags::new(tags(&["aws:x"])).unwrap_err().code(), "InvalidInput");
    }

    #[test]
    fn the_fifty_first_tag_is_refused_and_a_replacement_is_not() {
        let keys: Vec<String> = (0..TAGS_MAX).map(|number| format!("k{number}")).collect();
        let mut subject =
            Tags::new(keys.iter().map(|key| (key.clone(), String::new())).collect()).unwrap();
        subject.put(tags(&["k1"])).unwrap();
        assert_eq!(subject.put(tags(&["other"])).unwrap_err().code(), "LimitExceeded");
    }
}
