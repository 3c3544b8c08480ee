//! What the documentation says about parameters of GetFederationToken, as bounds and questions.

/// An inclusive range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: usize,
    pub(super) max: usize,
}

/// Characters of `Name`.
///
/// Source: STS API Reference, GetFederationToken, `Name`; botocore 1.44.5, `userNameType`.
pub(super) const NAME_CHARS: Bounds = Bounds { min: 2, max: 32 };

/// Seconds of `DurationSeconds`.
///
/// Source: STS API Reference, GetFederationToken, `DurationSeconds`; botocore 1.44.5,
/// `durationSecondsType`.
pub(super) const DURATION_SECONDS: Bounds = Bounds { min: 900, max: 129_600 };

/// Characters of `Policy`.
///
/// Source: STS API Reference, GetFederationToken, `Policy`; botocore 1.44.5,
/// `sessionPolicyDocumentType`.
pub(super) const POLICY_CHARS: Bounds = Bounds { min: 1, max: 2048 };

/// Most members of `Tags`.
///
/// Source: STS API Reference, GetFederationToken, `Tags`; botocore 1.44.5, `tagListType`.
pub(super) const TAGS_MAX: usize = 50;

/// Characters of a tag's key.
///
/// Source: STS API Reference, Tag, `Key`; botocore 1.44.5, `tagKeyType`.
pub(super) const TAG_KEY_CHARS: Bounds = Bounds { min: 1, max: 128 };

/// Characters of a tag's value.
///
/// Source: STS API Reference, Tag, `Value`; botocore 1.44.5, `tagValueType`.
pub(super) const TAG_VALUE_CHARS: Bounds = Bounds { min: 0, max: 256 };

/// Whether a name keeps to its length and to `[\w+=,.@-]*`, where `\w` is of ASCII.
pub(super) fn accepts_name(name: &str) -> bool {
    let legal = |char: char| char.is_ascii_alphanumeric() || "_+=,.@-".contains(char);
    NAME_CHARS.hold(name) && name.chars().all(legal)
}

/// Whether an IAM user may ask for so many seconds.
pub(super) fn accepts_duration(seconds: i64) -> bool {
    usize::try_from(seconds)
        .is_ok_and(|seconds| (DURATION_SECONDS.min..=DURATION_SECONDS.max).contains(&seconds))
}

/// Whether a policy keeps to its length and to `[\u0009\u000A\u000D\u0020-\u00FF]+`; its grammar is
/// not asked.
pub(super) fn accepts_policy_text(policy: &str) -> bool {
    let legal = |char: char| matches!(char, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    POLICY_CHARS.hold(policy) && policy.chars().all(legal)
}

/// Whether tags keep to their number, lengths and characters, `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, and no two
/// keys are the same ignoring case.
///
/// Source of the last: IAM User Guide, `id_session-tags`, "tag keys are not case sensitive".
pub(super) fn accepts_tags(tags: &[(String, String)]) -> bool {
    // Of `\p{Z}` only the blank is drawn.
    let legal = |char: char| char.is_alphanumeric() || "_.:/=+-@ ".contains(char);
    let each = |(key, value): &(String, String)| {
        TAG_KEY_CHARS.hold(key)
            && TAG_VALUE_CHARS.hold(value)
            && key.chars().chain(value.chars()).all(legal)
    };
    let mut keys: Vec<String> = tags.iter().map(|(key, _)| key.to_lowercase()).collect();
    keys.sort();
    keys.dedup();
    tags.len() <= TAGS_MAX && keys.len() == tags.len() && tags.iter().all(each)
}

impl Bounds {
    fn hold(self, text: &str) -> bool {
        (self.min..=self.max).contains(&text.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_bounds_and_an_alphabet() {
        for name in ["ab", "a_+=,.@-Z9", "--", &"n".repeat(32)] {
            assert!(accepts_name(name), "{name}");
        }
        for name in ["", "a", "a b", "a/b", "aé", "a:b", &"n".repeat(33)] {
            assert!(!accepts_name(name), "{name}");
        }
    }

    #[test]
    fn durations_have_bounds() {
        assert!([900, 901, 129_600].into_iter().all(accepts_duration));
        assert!(![i64::MIN, -900, 0, 899, 129_601].into_iter().any(accepts_duration));
    }

    #[test]
    fn policies_are_measured_in_characters() {
        assert!(accepts_policy_text(&"é".repeat(2048)));
        assert!(!accepts_policy_text(&"e".repeat(2049)));
        assert!(!accepts_policy_text("") && !accepts_policy_text("Ā"));
    }

    #[track_caller]
    fn check_tags(tags: &[(&str, &str)], accepted: bool) {
        let tags: Vec<(String, String)> =
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(accepts_tags(&tags), accepted, "{tags:?}");
    }

    #[test]
    fn tags_have_bounds_an_alphabet_and_keys_of_their_own() {
        check_tags(&[], true);
        check_tags(&[("k", ""), ("é中 /", "v")], true);
        check_tags(&[("", "v")], false);
        check_tags(&[("k", "v*")], false);
        check_tags(&[("k", "v"), ("K", "v")], false);
        check_tags(&[(&"k".repeat(128), &"v".repeat(256))], true);
        check_tags(&[(&"k".repeat(129), "v")], false);
        check_tags(&[("k", &"v".repeat(257))], false);
        check_tags(&[("k", "v"); 51], false);
    }
}
