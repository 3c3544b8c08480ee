//! The XML that S3 clients send: small documents whose leaves are all that counts.

/// Deepest nesting that is read; the documents of S3 need three levels.
const DEPTH_MAX: usize = 8;

/// The leaves of a document, name and text, in order; `None` where it is not well-formed.
///
/// Attributes are skipped; comments, CDATA and document types are refused, since no client needs them.
pub(super) fn leaves(text: &str) -> Option<Vec<(&str, String)>> {
    let mut leaves = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.trim().trim_start_matches('\u{feff}');
    if let Some(declared) = rest.strip_prefix("<?xml") {
        rest = declared.split_once("?>")?.1.trim_start();
    }
    rest = rest.strip_prefix('<')?;
    loop {
        let (tag, after) = rest.split_once('>')?;
        let (content, next) = after.split_once('<').unwrap_or((after, ""));
        let mut holds_text = false;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop()? != name.trim_end() {
                return None;
            }
        } else if let Some(tag) = tag.strip_suffix('/') {
            leaves.push((element_name(tag)?, String::new()));
        } else {
            let name = element_name(tag)?;
            holds_text = next.starts_with('/');
            if holds_text {
                leaves.push((name, unescape(content)?));
            }
            open.push(name);
        }
        if open.len() > DEPTH_MAX || (!holds_text && !content.trim().is_empty()) {
            return None;
        }
        if open.is_empty() {
            return next.is_empty().then_some(leaves);
        }
        rest = next;
    }
}

fn element_name(tag: &str) -> Option<&str> {
    let name = tag.split_ascii_whitespace().next()?;
    let is_name = name.chars().all(|char| char.is_ascii_alphanumeric()) && tag.starts_with(name);
    is_name.then_some(name)
}

fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';')?;
        let char = match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = entity.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        };
        plain.push(char);
        plain.push_str(after);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[(&str, &str)]>) {
        let leaves = leaves(text);
        let leaves: Option<Vec<_>> = leaves
            .as_ref()
            .map(|leaves| leaves.iter().map(|(name, text)| (*name, text.as_str())).collect());
        assert_eq!(leaves.as_deref(), expected, "{text}");
    }

    #[test]
    fn leaves_are_read_in_order() {
        check(
            "<?xml version='1.0'?>\n<Delete xmlns=\"urn:x\">\n <Object><Key>a &amp; b</Key></Object>\n <Object><Key>&#x41;&#66;</Key></Object><Quiet>true</Quiet></Delete>\n",
            Some(&[("Key", "a & b"), ("Key", "AB"), ("Quiet", "true")]),
        );
        check("<A><B/><C></C></A>", Some(&[("B", ""), ("C", "")]));
        check("<A/>", Some(&[("A", "")]));
        check("<A><B> x </B></A>", Some(&[("B", " x ")]));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            "x",
            "<",
            "<A>",
            "<A></B>",
            "</A>",
            "<A><B></A></B>",
            "<A/><B/>",
            "<A>x<B/></A>",
            "<A>&nope;</A>",
            "<A>&</A>",
            "<!DOCTYPE A><A/>",
            "<A><!-- x --></A>",
            "<A>&#xD800;</A>",
            "<A><A><A><A><A><A><A><A><A>x</A></A></A></A></A></A></A></A></A>",
        ] {
            check(text, None);
        }
    }
}
