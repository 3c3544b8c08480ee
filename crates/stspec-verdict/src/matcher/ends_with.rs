//! `ends_with`: the value ends in this text.

use super::Subject;

pub(super) fn accepts(expected: &str, subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| text.ends_with(expected))
}

pub(super) fn words(expected: &str) -> String {
    format!("ending in `{expected}`")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::EndsWith;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn accepts_the_text_itself_and_anything_before_it() {
        check_accepted(&EndsWith("/stspec".into()), &["/stspec", "federated-user/stspec"]);
        check_refused(&EndsWith("/stspec".into()), &["stspec", "/stspec ", "/STSPEC", ""]);
        check_needs_text(&EndsWith("/stspec".into()));
    }
}
