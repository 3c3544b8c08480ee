//! Makes foreign text fit for a line of a report.

/// Longest text that is shown whole, in characters; the JSON report has all of it.
///
/// Source: ours. A validation error that quotes a whole session policy would fill the screen.
pub(crate) const TEXT_CHARS_MAX: usize = 300;

/// Longest text that is shown whole in reports with room, in characters.
///
/// Source: ours. A session policy of the longest plain text, 2,048 characters, is whole also beside other
/// parameters; one of the millions that some rules send is not.
const LONG_TEXT_CHARS_MAX: usize = 4_096;

/// Returns a text in one line without control characters, so that a target can't control a terminal,
/// shortened if it is too long.
#[must_use]
pub fn line(text: &str) -> String {
    in_one_line(&shorten(text))
}

/// As [`line`], for reports in which people scroll.
pub(crate) fn long_line(text: &str) -> String {
    in_one_line(&cut(text, LONG_TEXT_CHARS_MAX))
}

fn in_one_line(shown: &str) -> String {
    shown.chars().fold(String::with_capacity(shown.len()), |mut line, character| {
        if character.is_control() || is_invisible(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
        line
    })
}

/// Cuts a text that is too long and says how long it was.
pub(crate) fn shorten(text: &str) -> String {
    cut(text, TEXT_CHARS_MAX)
}

fn cut(text: &str, chars_max: usize) -> String {
    let chars = text.chars().count();
    if chars <= chars_max {
        return text.to_owned();
    }
    let head: String = text.chars().take(chars_max).collect();
    format!("{head}… ({chars} characters)")
}

/// Writes a number with the word that it counts.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{number} {word}")
}

/// Whether a character reorders or hides others, or is not allowed in XML.
///
/// Source: Unicode, bidirectional formatting characters and line separators; XML 1.0, `Char`.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(line(text), expected);
    }

    #[test]
    fn ordinary_text_is_kept() {
        check("`é` \"x\" – 1", "`é` \"x\" – 1");
    }

    #[test]
    fn what_would_steer_a_terminal_is_spelt_out() {
        check("a\nb\u{1b}[31m\u{202e}c", "a\\nb\\u{1b}[31m\\u{202e}c");
    }

    #[test]
    fn text_at_the_limit_is_whole_and_one_character_more_is_cut() {
        let whole = "é".repeat(TEXT_CHARS_MAX);
        check(&whole, &whole);
        check(&format!("{whole}!"), &format!("{whole}… (301 characters)"));
    }

    #[test]
    fn where_there_is_room_more_is_whole() {
        assert_eq!(long_line(&"x".repeat(4_096)).len(), 4_096);
        assert!(long_line(&"x".repeat(4_097)).ends_with("x… (4097 characters)"));
        assert_eq!(long_line("a\u{1b}b"), "a\\u{1b}b");
    }

    #[test]
    fn numbers_agree_with_their_words() {
        assert_eq!(counted(1, "rule", "rules"), "1 rule");
        assert_eq!(counted(0, "rule", "rules"), "0 rules");
    }
}
