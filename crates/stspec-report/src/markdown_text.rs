//! Foreign text in Markdown.

/// A text as a code span, in which only backticks have a meaning.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let blank = if touches { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// A block of code that none of its lines can end.
pub(crate) fn code_block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Prose with all markup escaped.
pub(crate) fn prose(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut prose, character| {
        if "\\`*_{}[]<>#|~&@!$".contains(character) {
            prose.push('\\');
        }
        prose.push(character);
        prose
    })
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_is_longer_fenced_than_what_it_holds() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(code(""), "");
    }

    #[test]
    fn a_code_block_cannot_be_ended_from_within() {
        assert_eq!(code_block("", "a\n```\nb\n"), "````\na\n```\nb\n````\n");
        assert_eq!(code_block("diff", "a"), "```diff\na\n```\n");
    }

    #[test]
    fn prose_means_nothing() {
        assert_eq!(prose("<b> *a* [x](y) @me"), "\\<b\\> \\*a\\* \\[x\\](y) \\@me");
    }
}
