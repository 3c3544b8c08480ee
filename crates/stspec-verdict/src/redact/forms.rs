//! The forms in which a secret may occur in other text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Returns the secret itself and every encoded form that differs from it.
pub(super) fn of(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned()]);
    for hex in [Hex::Upper, Hex::Lower] {
        for kept in ["", "/"] {
            let url = url_encoded(secret, kept, hex);
            // A query string inside a canonical request is encoded once more.
            forms.insert(url_encoded(&url, "", hex));
            forms.insert(url);
        }
    }
    forms.extend(xml_escaped(secret));
    forms.extend(json_escaped(secret));
    for hex in [Hex::Upper, Hex::Lower] {
        // S3 spells out the bytes of a canonical request, which holds the session token.
        forms.insert(hex_encoded(secret, " ", hex));
        forms.insert(hex_encoded(secret, "", hex));
    }
    for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        forms.extend((0..3).map(|before| base64_inside(secret, before, alphabet)));
    }
    forms
}

/// Which letters are used for the digits from ten on.
#[derive(Clone, Copy)]
enum Hex {
    Upper,
    Lower,
}

fn url_encoded(text: &str, kept: &str, hex: Hex) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        let character = char::from(byte);
        let plain = character.is_ascii_alphanumeric() || "-._~".contains(character);
        // Writing to a string never fails.
        let _ = match hex {
            _ if plain || kept.contains(character) => write!(encoded, "{character}"),
            Hex::Upper => write!(encoded, "%{byte:02X}"),
            Hex::Lower => write!(encoded, "%{byte:02x}"),
        };
    }
    encoded
}

fn hex_encoded(text: &str, between: &str, hex: Hex) -> String {
    let bytes: Vec<String> = text
        .bytes()
        .map(|byte| match hex {
            Hex::Upper => format!("{byte:02X}"),
            Hex::Lower => format!("{byte:02x}"),
        })
        .collect();
    bytes.join(between)
}

/// Escapes what XML must escape, with and without quotes, by name and by number. HTML in double quotes
/// keeps apostrophes.
fn xml_escaped(text: &str) -> [String; 4] {
    let markup = [("&", "&amp;", "&#38;"), ("<", "&lt;", "&#60;"), (">", "&gt;", "&#62;")];
    let quotes = [("\"", "&quot;", "&#34;"), ("'", "&apos;", "&#39;")];
    let by_name =
        markup.iter().fold(text.to_owned(), |text, (raw, name, _)| text.replace(raw, name));
    let all_by_name =
        quotes.iter().fold(by_name.clone(), |text, (raw, name, _)| text.replace(raw, name));
    let by_number = markup
        .iter()
        .chain(&quotes)
        .fold(text.to_owned(), |text, (raw, _, number)| text.replace(raw, number));
    let with_apostrophes = by_name.replace('"', "&quot;");
    [by_name, with_apostrophes, all_by_name, by_number]
}

/// Escapes what JSON must escape, with slashes or markup escaped besides.
fn json_escaped(text: &str) -> [String; 3] {
    let quoted = serde_json::Value::from(text).to_string();
    let plain = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let plain = plain.unwrap_or(&quoted).to_owned();
    let slashes = plain.replace('/', "\\/");
    let markup = plain.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    [plain, slashes, markup]
}

/// Returns the part of a base64 text that the secret alone decides, when it starts `before` bytes
/// after a group of three: this part is there with any text before and after it.
fn base64_inside(secret: &str, before: usize, alphabet: &GeneralPurpose) -> String {
    let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.bytes()).collect();
    let encoded = alphabet.encode(&bytes);
    // The first characters contain bits of the text before, the last ones bits of the text after.
    let skipped = match before {
        0 => 0,
        1 => 2,
        _ => 3,
    };
    let decided = bytes.len() * 8 / 6;
    encoded.get(skipped..decided).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_keeps_only_what_the_secret_decides() {
        let mut inside = STANDARD_NO_PAD.encode(b"xysecret-value");
        inside.drain(..3);
        assert!(inside.starts_with(&base64_inside("secret-value", 2, &STANDARD_NO_PAD)));
    }

    #[test]
    fn a_secret_without_special_characters_has_few_forms() {
        // Itself, three alignments of base64, and hexadecimal in two cases, with and without blanks.
        assert_eq!(of("abcdefghijkl").len(), 1 + 3 + 4);
    }
}
