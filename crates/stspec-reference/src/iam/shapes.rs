//! The shapes of IAM parameters.
//!
//! Source of every bound and pattern: the IAM service model, version 2010-05-08.

use super::shape::{Pattern, Shape};

pub(super) const NEW_NAME: Shape = Shape::Text { min: 1, max: 64, pattern: Some(NAME) };
pub(super) const EXISTING_NAME: Shape = Shape::Text { min: 1, max: 128, pattern: Some(NAME) };
pub(super) const ARN: Shape = Shape::Text { min: 20, max: 2048, pattern: None };
pub(super) const DOCUMENT: Shape = Shape::Text {
    min: 1,
    max: 131_072,
    pattern: Some(Pattern {
        regex: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
        fits: |text| text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')),
    }),
};
pub(super) const PATH: Shape = Shape::Text {
    min: 1,
    max: 512,
    pattern: Some(Pattern {
        regex: r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)",
        fits: |text| {
            let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
            text == "/" || inner.is_some_and(|inner| !inner.is_empty() && is_visible(inner))
        },
    }),
};
pub(super) const POLICY_PATH: Shape = Shape::Text {
    min: 1,
    max: 512,
    pattern: Some(Pattern {
        regex: r"((/[A-Za-z0-9\.,\+@=_-]+)*)/",
        fits: |text| {
            let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
            let is_segment = |part: &str| !part.is_empty() && part.chars().all(is_name_char);
            text == "/" || inner.is_some_and(|inner| inner.split('/').all(is_segment))
        },
    }),
};
pub(super) const PATH_PREFIX: Shape = Shape::Text {
    min: 1,
    max: 512,
    pattern: Some(Pattern {
        regex: r"\u002F[\u0021-\u007F]*",
        fits: |text| {
            let mut chars = text.chars();
            chars.next() == Some('/') && chars.all(|c| matches!(c, '!'..='\u{7f}'))
        },
    }),
};
pub(super) const MARKER: Shape = Shape::Text {
    min: 1,
    max: 320,
    pattern: Some(Pattern {
        regex: r"[\u0020-\u00FF]+",
        fits: |text| text.chars().all(|c| matches!(c, ' '..='\u{ff}')),
    }),
};
pub(super) const MAX_ITEMS: Shape = Shape::Integer { min: 1, max: 1000 };
pub(super) const KEY_ID: Shape = Shape::Text {
    min: 16,
    max: 128,
    pattern: Some(Pattern { regex: r"[\w]+", fits: |text| text.chars().all(is_word_char) }),
};
pub(super) const STATUS: Shape = Shape::Word(&["Active", "Inactive"]);
pub(super) const SCOPE: Shape = Shape::Word(&["All", "AWS", "Local"]);
pub(super) const USAGE: Shape = Shape::Word(&["PermissionsPolicy", "PermissionsBoundary"]);
pub(super) const FLAG: Shape = Shape::Flag;
pub(super) const TAGS: Shape = Shape::Tags;
pub(super) const TAG_KEYS: Shape = Shape::TagKeys;
pub(super) const DESCRIPTION: Shape = Shape::Text { min: 0, max: 1000, pattern: None };
pub(super) const ROLE_SECONDS: Shape = Shape::Integer { min: 3600, max: 43_200 };
pub(super) const VERSION_ID: Shape = Shape::Text {
    min: 0,
    max: usize::MAX,
    pattern: Some(Pattern {
        regex: r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?",
        fits: |text| {
            let Some(rest) = text.strip_prefix('v') else { return false };
            let (number, suffix) = rest.split_once('.').unwrap_or((rest, ""));
            number.starts_with(|c| matches!(c, '1'..='9'))
                && number.chars().all(|c| c.is_ascii_digit())
                && suffix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        },
    }),
};

const NAME: Pattern =
    Pattern { regex: r"[\w+=,.@-]+", fits: |text| text.chars().all(is_name_char) };
pub(super) const TAG_KEY: Shape = Shape::Text {
    min: 1,
    max: 128,
    pattern: Some(Pattern {
        regex: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
        fits: |text| text.chars().all(is_tag_char),
    }),
};
pub(super) const TAG_VALUE: Shape = Shape::Text {
    min: 0,
    max: 256,
    pattern: Some(Pattern {
        regex: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
        fits: |text| text.chars().all(is_tag_char),
    }),
};

fn is_word_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

fn is_name_char(char: char) -> bool {
    is_word_char(char) || "+=,.@-".contains(char)
}

/// Letters, separators and numbers of any script, and some punctuation.
fn is_tag_char(char: char) -> bool {
    char.is_alphanumeric()
        || (char.is_whitespace() && !char.is_control())
        || "_.:/=+-@".contains(char)
}

fn is_visible(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '!'..='~'))
}
