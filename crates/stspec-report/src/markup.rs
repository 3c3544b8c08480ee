//! Foreign text inside of XML, HTML and Markdown.

/// Escapes a text for XML and HTML, in content and in quoted attributes, always by name where there is
/// one: a secret in this form is one that the scan of the finished text knows.
///
/// What XML 1.0 can't hold in any spelling, most control characters and two noncharacters, is spelt out
/// like `\u{1b}`; line ends in attributes keep their place by their numbers.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                escaped.extend(character.escape_unicode());
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A text as a code span of Markdown, in which nothing but backticks means anything.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let blank = if touches { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// A block of code in Markdown that no line of it can end.
pub(crate) fn code_block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Prose in Markdown without anything that means something there.
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
    fn markup_and_line_ends_are_escaped() {
        assert_eq!(
            escape("<a b=\"c\">&'\n\r\té€"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&apos;&#10;&#13;&#9;é€"
        );
    }

    #[test]
    fn what_xml_cannot_hold_is_spelt_out() {
        let text = "\0\u{1b}[0m\u{7f}\u{85}\u{fffe}\u{ffff}\u{fffd}";
        assert_eq!(escape(text), "\\u{0}\\u{1b}[0m\\u{7f}\\u{85}\\u{fffe}\\u{ffff}\u{fffd}");
    }

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
