//! Takes secrets out of text, in every form in which they may occur there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

mod forms;

/// The text that replaces a secret.
pub const REDACTED: &str = "<redacted>";

/// Shortest secret that can be registered, in bytes.
///
/// Source: ours. Anything shorter would be found in harmless text. A secret access key has 40
/// characters (`RSP-SECRET`), a session token hundreds.
pub const SECRET_BYTES_MIN: usize = 8;

/// How much of a form is used to look for it.
const PREFIX_BYTES: usize = 8;

/// The secrets of a run: secret access keys and session tokens.
///
/// A secret is found in plain and in URL-, XML-, JSON-, base64- and hex-encoded form, alone or within
/// other text. Debug output shows only how many there are.
#[derive(Clone, Default)]
pub struct Redactor {
    // Both shared, because the record that holds them is copied.
    secrets: Arc<BTreeSet<String>>,
    /// Made when they are first needed, as most runs register thousands of secrets and look once.
    forms: OnceLock<Arc<Forms>>,
}

/// Every form of every secret by its first bytes, longest first.
type Forms = BTreeMap<[u8; PREFIX_BYTES], Vec<String>>;

impl Redactor {
    /// Adds a secret. Returns whether it will be redacted, which one that is too short never is.
    pub fn register(&mut self, secret: &str) -> bool {
        if secret.len() < SECRET_BYTES_MIN {
            return false;
        }
        if !self.secrets.contains(secret) {
            Arc::make_mut(&mut self.secrets).insert(secret.to_owned());
            self.forms.take();
        }
        true
    }

    fn forms(&self) -> &Forms {
        self.forms.get_or_init(|| {
            let mut forms = Forms::new();
            for form in self.secrets.iter().flat_map(|secret| forms::of(secret)) {
                if let Some(prefix) = form.as_bytes().first_chunk::<PREFIX_BYTES>() {
                    forms.entry(*prefix).or_default().push(form);
                }
            }
            for namesakes in forms.values_mut() {
                namesakes.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
                namesakes.dedup();
            }
            Arc::new(forms)
        })
    }

    /// Returns how many secrets are registered.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.secrets.len()
    }

    /// Replaces every secret in a text by [`REDACTED`].
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = String::new();
        let mut done = 0;
        for found in self.matches(text) {
            clean.push_str(text.get(done..found.start).unwrap_or_default());
            clean.push_str(REDACTED);
            done = found.end;
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        clean.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// Counts how often a secret occurs in a text, in any form.
    #[must_use]
    pub fn scan(&self, text: &str) -> usize {
        self.matches(text).len()
    }

    /// Returns the positions of secrets in a text, from left to right, without overlap.
    fn matches(&self, text: &str) -> Vec<Range<usize>> {
        let (forms, mut matches) = (self.forms(), Vec::new());
        let mut free_from = 0;
        for (start, window) in text.as_bytes().windows(PREFIX_BYTES).enumerate() {
            if start < free_from {
                continue;
            }
            let Some(prefix) = window.first_chunk::<PREFIX_BYTES>() else { continue };
            let Some(forms) = forms.get(prefix) else { continue };
            let Some(rest) = text.as_bytes().get(start..) else { continue };
            if let Some(form) = forms.iter().find(|form| rest.starts_with(form.as_bytes())) {
                free_from = start + form.len();
                matches.push(start..free_from);
            }
        }
        matches
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redactor").field("registered", &self.registered()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalr+UtnFEMI/K7MDENG+bPxRfiCY\"<EXAMPLE>";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        assert!(redactor.register(SECRET));
        redactor
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(redactor().redact(text), expected);
    }

    /// Checks that a form of the secret is taken out of the midst of other text.
    #[track_caller]
    fn check_form(form: &str) {
        assert_ne!(form, "", "the form must not be empty");
        check(&format!("a={form}&b"), "a=<redacted>&b");
        assert_eq!(redactor().scan(&format!("{form} {form}")), 2);
        assert_eq!(redactor().scan(&redactor().redact(form)), 0);
    }

    #[test]
    fn a_secret_is_taken_out_in_plain() {
        check_form(SECRET);
    }

    #[test]
    fn a_secret_is_taken_out_url_encoded() {
        check_form("wJalr%2BUtnFEMI%2FK7MDENG%2BbPxRfiCY%22%3CEXAMPLE%3E");
        check_form("wJalr%2bUtnFEMI%2fK7MDENG%2bbPxRfiCY%22%3cEXAMPLE%3e");
    }

    #[test]
    fn a_secret_is_taken_out_url_encoded_twice() {
        check_form("wJalr%252BUtnFEMI%252FK7MDENG%252BbPxRfiCY%2522%253CEXAMPLE%253E");
    }

    #[test]
    fn a_secret_is_taken_out_url_encoded_with_slashes_kept() {
        check_form("wJalr%2BUtnFEMI/K7MDENG%2BbPxRfiCY%22%3CEXAMPLE%3E");
    }

    #[test]
    fn a_secret_is_taken_out_of_xml() {
        check_form("wJalr+UtnFEMI/K7MDENG+bPxRfiCY&quot;&lt;EXAMPLE&gt;");
        check_form("wJalr+UtnFEMI/K7MDENG+bPxRfiCY\"&lt;EXAMPLE&gt;");
        check_form("wJalr+UtnFEMI/K7MDENG+bPxRfiCY&#34;&#60;EXAMPLE&#62;");
    }

    #[test]
    fn a_secret_is_taken_out_of_html_that_keeps_apostrophes() {
        let mut redactor = Redactor::default();
        redactor.register("it's<a>\"secret\"");
        assert_eq!(redactor.redact("[it's&lt;a&gt;&quot;secret&quot;]"), "[<redacted>]");
    }

    #[test]
    fn a_secret_is_taken_out_of_json() {
        check_form(r#"wJalr+UtnFEMI/K7MDENG+bPxRfiCY\"<EXAMPLE>"#);
        check_form(r#"wJalr+UtnFEMI\/K7MDENG+bPxRfiCY\"<EXAMPLE>"#);
        check_form(r#"wJalr+UtnFEMI/K7MDENG+bPxRfiCY\"\u003cEXAMPLE\u003e"#);
    }

    #[test]
    fn a_secret_is_taken_out_of_a_dump_of_bytes() {
        let bytes: Vec<String> = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        check_form(&bytes.join(" "));
        check_form(&bytes.join("").to_uppercase());
    }

    #[test]
    fn a_secret_is_taken_out_of_base64_wherever_it_starts() {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        for before in ["", "k", "ke", "key:", "key: "] {
            for after in ["", "!", "!!", "!!!"] {
                let text = format!("{before}{SECRET}{after}");
                assert_eq!(redactor().scan(&STANDARD.encode(&text)), 1, "{text}");
                assert_eq!(redactor().scan(&URL_SAFE_NO_PAD.encode(&text)), 1, "{text}");
            }
        }
    }

    #[test]
    fn text_without_a_secret_is_left_alone() {
        check("", "");
        check("wJalr+UtnFEMI", "wJalr+UtnFEMI");
        check("é €", "é €");
        assert!(matches!(redactor().redact("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn text_around_a_secret_keeps_its_letters() {
        check(&format!("é{SECRET}€"), "é<redacted>€");
        check(&format!("{SECRET}{SECRET}"), "<redacted><redacted>");
    }

    #[test]
    fn the_longer_of_two_secrets_wins_where_one_starts_like_the_other() {
        let mut redactor = redactor();
        redactor.register(&format!("{SECRET}-longer"));
        assert_eq!(redactor.redact(&format!("[{SECRET}-longer]")), "[<redacted>]");
        assert_eq!(redactor.redact(&format!("[{SECRET}]")), "[<redacted>]");
    }

    #[test]
    fn what_is_too_short_is_not_taken_and_says_so() {
        let mut redactor = Redactor::default();
        assert!(!redactor.register("1234567"));
        assert!(redactor.register("12345678"));
        assert_eq!(redactor.redact("1234567 12345678"), "1234567 <redacted>");
    }

    #[test]
    fn a_secret_counts_once_however_often_it_is_registered() {
        let mut redactor = redactor();
        assert!(redactor.register(SECRET));
        assert_eq!(redactor.registered(), 1);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        assert_eq!(format!("{:?}", redactor()), "Redactor { registered: 1 }");
    }
}
