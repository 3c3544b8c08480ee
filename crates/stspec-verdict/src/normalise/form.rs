//! The form of an opaque value: all of it that may be compared between runs.

/// Returns the form of a text that should be opaque: `uuid`, `hex`, `base64`, `base64url`, `text` or
/// `empty`.
pub(super) fn of(text: &str) -> &'static str {
    if text.is_empty() {
        "empty"
    } else if is_uuid(text) {
        "uuid"
    } else if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "hex"
    } else if is_base64(text, "+/") {
        "base64"
    } else if is_base64(text, "-_") {
        "base64url"
    } else {
        "text"
    }
}

/// Returns the four letters that mark the kind of an IAM identifier, such as `ASIA`, if the text is
/// one: four upper-case letters that start with `A`, then upper-case letters and digits.
///
/// Source: IAM User Guide, Unique identifiers.
pub(super) fn identifier_kind(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_at_checked(4)?;
    let upper = |byte: u8| byte.is_ascii_uppercase();
    let is_kind = kind.starts_with('A') && kind.bytes().all(upper);
    (is_kind && rest.bytes().all(|byte| upper(byte) || byte.is_ascii_digit())).then_some(kind)
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether a text is base64 with these two letters beside the alphanumeric ones.
fn is_base64(text: &str, letters: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len() - digits.len() <= 2
        && digits.chars().all(|letter| letter.is_ascii_alphanumeric() || letters.contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(of(text), expected, "{text}");
    }

    #[test]
    fn each_form_differs_from_the_next() {
        check("", "empty");
        check("c6104cbe-af31-11e0-8154-cbc7ccf896c7", "uuid");
        check("c6104cbeaf31", "hex");
        check("wJalrXUtnFEMI/K7+MDENG==", "base64");
        check("wJalr-XUtn_FEMI", "base64url");
        check("wJalr XUtn", "text");
        check("wJalr+XUtn-", "text");
        check("wJalr===", "text");
        check("c6104cbe-af31-11e0-8154-cbc7ccf896cg", "base64url");
    }

    #[test]
    fn an_identifier_tells_its_kind() {
        assert_eq!(identifier_kind("ASIAQWERTYUIOPASDFGH"), Some("ASIA"));
        assert_eq!(identifier_kind("AIDAQ2"), Some("AIDA"));
        assert_eq!(identifier_kind("BSIAQWERTYUIOPASDFGH"), None);
        assert_eq!(identifier_kind("ASIAqwerty"), None);
        assert_eq!(identifier_kind("éASI"), None);
    }
}
