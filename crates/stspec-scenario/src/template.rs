//! Text with `${…}` references, and what may be referred to.

mod placeholder;

use std::fmt;

use serde_json::Value;

pub(crate) use self::placeholder::RESERVED_NAMES;
pub use self::placeholder::{Member, Placeholder, ReplicaFact, TargetFact};
use crate::error::{BadTemplate, Unresolved};

/// Text in which `${…}` refers to something that is known only when the step is sent.
///
/// Policy variables of IAM look the same and stay as they are: whatever has a colon between the
/// braces (`${aws:username}`), and `${*}`, `${?}`, `${$}`.
// INVARIANT: `parts` are the parts of `source` in order, without two literals in a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text that stands for itself.
    Literal(String),
    /// `${…}`.
    Placeholder(Placeholder),
}

impl Template {
    /// Reads a template.
    ///
    /// ```
    /// use stspec_scenario::Template;
    /// let template = Template::parse("${bucket.arn}/${aws:userid}/*")?;
    /// assert_eq!(template.parts().len(), 2);
    /// # Ok::<(), stspec_scenario::BadTemplate>(())
    /// ```
    pub fn parse(source: &str) -> Result<Self, BadTemplate> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some((before, braced)) = rest.split_once("${") {
            let (inside, after) = braced.split_once('}').ok_or(BadTemplate::Unclosed)?;
            literal.push_str(before);
            if is_policy_variable(inside) {
                literal.push_str("${");
                literal.push_str(inside);
                literal.push('}');
            } else {
                push_literal(&mut parts, std::mem::take(&mut literal));
                parts.push(Part::Placeholder(Placeholder::parse(inside)?));
            }
            rest = after;
        }
        literal.push_str(rest);
        push_literal(&mut parts, literal);
        Ok(Self { source: source.to_owned(), parts })
    }

    /// A template of one literal; `${` in it stands for itself.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let mut parts = Vec::new();
        push_literal(&mut parts, text.to_owned());
        Self { source: text.to_owned(), parts }
    }

    /// The pieces in order; none for the empty text.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The text as it stands in the file.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text, if it refers to nothing.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// What the template refers to, in order of appearance.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Placeholder(placeholder) => Some(placeholder),
        })
    }

    /// The text with every reference replaced by what `lookup` has for it.
    pub fn resolve(
        &self,
        mut lookup: impl FnMut(&Placeholder) -> Option<String>,
    ) -> Result<String, Unresolved> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Placeholder(placeholder) => match lookup(placeholder) {
                    Some(value) => text.push_str(&value),
                    None => return Err(Unresolved { placeholder: placeholder.clone() }),
                },
            }
        }
        Ok(text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.source)
    }
}

/// The document with every string in it resolved as a template; keys stay as they are.
///
/// A string that is no template stands for itself; a loaded file holds none.
pub fn resolve_json(
    value: &Value,
    lookup: &mut dyn FnMut(&Placeholder) -> Option<String>,
) -> Result<Value, Unresolved> {
    Ok(match value {
        Value::String(text) => match Template::parse(text) {
            Ok(template) => Value::String(template.resolve(lookup)?),
            Err(_) => value.clone(),
        },
        Value::Array(items) => Value::Array(
            items.iter().map(|item| resolve_json(item, lookup)).collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let mut resolved = serde_json::Map::new();
            for (key, member) in members {
                resolved.insert(key.clone(), resolve_json(member, lookup)?);
            }
            Value::Object(resolved)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

/// A text with each `${case.KEY}` replaced by what `lookup` has for `KEY`, or by nothing.
pub(crate) fn substitute_case(
    text: &str,
    mut lookup: impl FnMut(&str) -> Option<String>,
) -> String {
    let mut substituted = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${case.") {
        substituted.push_str(before);
        if let Some((key, after)) = after.split_once('}') {
            substituted.push_str(&lookup(key).unwrap_or_default());
            rest = after;
        } else {
            substituted.push_str("${case.");
            rest = after;
        }
    }
    substituted.push_str(rest);
    substituted
}

fn is_policy_variable(inside: &str) -> bool {
    inside.contains(':') || matches!(inside, "*" | "?" | "$")
}

fn push_literal(parts: &mut Vec<Part>, literal: String) {
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, resolved: &str) {
        let template = Template::parse(source).unwrap();
        let found = template.resolve(|placeholder| Some(format!("<{placeholder}>")));
        assert_eq!(found.as_deref(), Ok(resolved), "{source}");
        assert_eq!(template.to_string(), source);
    }

    #[test]
    fn references_resolve() {
        check("", "");
        check("plain $ text", "plain $ text");
        check("${bucket.arn}/*", "<bucket.arn>/*");
        check("${federator.name}", "<federator.name>");
        check("a${run.id}b${target.account}c", "a<run.id>b<target.account>c");
        check(
            "${step.mint.result.Credentials.Expiration}",
            "<step.mint.result.Credentials.Expiration>",
        );
        check("${session.bare.access_key_id}", "<session.bare.access_key_id>");
    }

    #[test]
    fn policy_variables_stay() {
        check("${aws:username}", "${aws:username}");
        check("${*}${?}${$}", "${*}${?}${$}");
        check(
            "${bucket}/${aws:PrincipalTag/team, 'none'}/*",
            "<bucket>/${aws:PrincipalTag/team, 'none'}/*",
        );
    }

    #[test]
    fn a_literal_never_refers() {
        let template = Template::literal("${bucket}");
        assert_eq!(template.as_literal(), Some("${bucket}"));
        assert_eq!(Template::parse("${bucket}").unwrap().as_literal(), None);
    }

    #[test]
    fn malformed_references_are_refused() {
        assert_eq!(Template::parse("${bucket"), Err(BadTemplate::Unclosed));
        for placeholder in [
            "",
            "Bucket",
            "bucket.size",
            "run.name",
            "step.mint",
            "step.mint.colour",
            "env.HOME",
            "session.a.secret",
        ] {
            let expected = BadTemplate::Unknown { placeholder: placeholder.to_owned() };
            assert_eq!(Template::parse(&format!("${{{placeholder}}}")), Err(expected));
        }
        let expected = BadTemplate::CaseOutsideTable { placeholder: "case.x".to_owned() };
        assert_eq!(Template::parse("${case.x}"), Err(expected));
    }

    #[test]
    fn a_reference_without_value_is_named() {
        let unresolved = Template::parse("${bucket}").unwrap().resolve(|_| None).unwrap_err();
        assert_eq!(unresolved.to_string(), "`${bucket}` has no value");
    }

    #[test]
    fn json_strings_are_templates_and_keys_are_not() {
        let value = serde_json::json!({"${a}": ["${b}", 1, null, true]});
        let resolved =
            resolve_json(&value, &mut |placeholder| Some(placeholder.to_string())).unwrap();
        assert_eq!(resolved, serde_json::json!({"${a}": ["b", 1, null, true]}));
    }

    #[test]
    fn case_keys_are_substituted_before_anything_else() {
        let lookup = |key: &str| (key == "x").then(|| "${bucket}".to_owned());
        assert_eq!(substitute_case("a${case.x}b${case.x}", lookup), "a${bucket}b${bucket}");
        assert_eq!(substitute_case("a${case.y}b${case.", lookup), "ab${case.");
    }
}
