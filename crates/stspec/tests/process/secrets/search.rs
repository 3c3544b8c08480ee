//! Looks for secrets in files, in any encoding; written from scratch, so that no mistake of the redactor's
//! is repeated here.

use std::collections::HashMap;

/// How many bytes of a secret are looked for, from its middle: so a part of one is found, too.
const CORE_BYTES: usize = 24;

/// How many bytes of an encoded core are hashed.
const WINDOW: usize = 12;

/// Secrets shorter than this are none: placeholders that tests of rules send on purpose.
const SECRET_BYTES_MIN: usize = 32;

/// Everything that is looked for.
pub(crate) struct Search {
    /// Encoded cores with the names of their encodings, by their first bytes.
    forms: HashMap<[u8; WINDOW], Vec<(Vec<u8>, &'static str)>>,
    /// Which first bytes there are at all, by a hash of few bits.
    likely: Vec<bool>,
}

impl Search {
    pub(crate) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut search = Self { forms: HashMap::new(), likely: vec![false; 1 << 20] };
        for secret in secrets.into_iter().filter(|secret| secret.len() >= SECRET_BYTES_MIN) {
            for (form, name) in forms(core(secret)) {
                let window: [u8; WINDOW] = *form.first_chunk().expect("forms are longer");
                search.likely[slot(&window)] = true;
                search.forms.entry(window).or_default().push((form, name));
            }
        }
        search
    }

    /// The encodings in which secrets stand in these bytes, each with what stands there.
    pub(crate) fn finds(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (at, window) in bytes.array_windows::<WINDOW>().enumerate() {
            if !self.likely[slot(window)] {
                continue;
            }
            for (form, name) in self.forms.get(window).into_iter().flatten() {
                if bytes[at..].starts_with(form) {
                    let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
                    found.push(format!("{name}: {}", String::from_utf8_lossy(around)));
                }
            }
        }
        found
    }
}

/// A few bits of the first bytes; what the multiplier is does not matter, but that it is odd.
fn slot(window: &[u8; WINDOW]) -> usize {
    let first = u64::from_le_bytes(*window.first_chunk().expect("eight bytes"));
    usize::try_from(first.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44).expect("twenty bits")
}

/// What stands in the middle of a secret: tokens begin alike.
fn core(secret: &str) -> &[u8] {
    let start = (secret.len() - CORE_BYTES) / 2;
    &secret.as_bytes()[start..start + CORE_BYTES]
}

fn forms(core: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let escaped = |kept: &str, escape: &dyn Fn(u8) -> String| -> Vec<u8> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
        let each = core
            .iter()
            .map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { escape(*byte) });
        each.collect::<String>().into_bytes()
    };
    let upper = |byte: u8| format!("%{byte:02X}");
    let lower = |byte: u8| format!("%{byte:02x}");
    let all = |form: &dyn Fn(u8) -> String| -> Vec<u8> {
        core.iter().map(|byte| form(*byte)).collect::<String>().into_bytes()
    };
    let mut forms = vec![
        (core.to_vec(), "as it stands"),
        (escaped("-._~", &upper), "URL"),
        (escaped("-._~", &lower), "URL in lower case"),
        (escaped("-._~/", &upper), "URL with slashes"),
        (escaped("-._~", &|byte| format!("%25{byte:02X}")), "URL twice"),
        (escaped("-._~", &|byte| format!("%25{byte:02x}")), "URL twice in lower case"),
        (escaped("+=", &|byte| format!("\\{}", char::from(byte))), "JSON with slashes escaped"),
        (escaped("/", &|byte| format!("\\u{byte:04x}")), "JSON by number"),
        (escaped("", &|byte| format!("&#{byte};")), "XML by number"),
        (escaped("", &|byte| format!("&#x{byte:X};")), "XML by hexadecimal number"),
        (all(&|byte| format!("{byte:02x}")), "hexadecimal"),
        (all(&|byte| format!("{byte:02X}")), "hexadecimal in upper case"),
        (all(&|byte| format!("{byte:02x} ")), "bytes"),
        (all(&|byte| format!("{byte:02X} ")), "bytes in upper case"),
    ];
    for (alphabet, name) in [(STANDARD, "base64"), (URL_SAFE, "base64url")] {
        forms.extend((0..3).map(|before| (base64(core, before, alphabet), name)));
    }
    forms
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The letters that these bytes alone decide where so many bytes stand before them in their group.
fn base64(bytes: &[u8], before: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let bits: Vec<u8> = std::iter::repeat_n(0, before)
        .chain(bytes.iter().copied())
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let letters = bits.as_chunks::<6>().0.iter();
    let letters =
        letters.map(|six| six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit)));
    letters.skip((before * 8).div_ceil(6)).map(|value| alphabet[value]).collect()
}

#[test]
fn a_secret_is_found_in_every_encoding_that_others_write() {
    let secret = "stspec+secret/of=this/test+000/1234=56789";
    let search = Search::of([secret]);
    let found = |text: &str| !search.finds(text.as_bytes()).is_empty();
    assert!(found(&format!("a {secret} b")) && !found("stspec+secret/of=this") && !found(""));
    let url = "stspec%2Bsecret%2Fof%3Dthis%2Ftest%2B000%2F1234%3D56789";
    assert!(found(url) && found(&url.to_lowercase()) && found(&url.replace('%', "%25")));
    assert!(found(&url.replace("%2F", "/")));
    assert!(found(&secret.replace('/', "\\/")));
    assert!(found(&secret.replace('/', "&#47;").replace('+', "&#43;").replace('=', "&#61;")));
    let bytes: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(
        found(&bytes.concat()) && found(&bytes.join(" ")) && found(&bytes.concat().to_uppercase())
    );
    // Written by coreutils' base64: alone, behind one, and behind two letters.
    for text in [
        "c3RzcGVjK3NlY3JldC9vZj10aGlzL3Rlc3QrMDAwLzEyMzQ9NTY3ODk=",
        "eHN0c3BlYytzZWNyZXQvb2Y9dGhpcy90ZXN0KzAwMC8xMjM0PTU2Nzg5",
        "eHlzdHNwZWMrc2VjcmV0L29mPXRoaXMvdGVzdCswMDAvMTIzND01Njc4OQ==",
    ] {
        assert!(found(text), "{text}");
        assert!(found(&text.replace('/', "_").replace('+', "-")), "{text}");
    }
}
