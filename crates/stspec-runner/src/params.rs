//! Turns a step's parameters into the name-value pairs that travel.

use serde_json::Value;
use stspec_scenario::{Param, Placeholder, Template, Unresolved, resolve_json};

/// Longest text that `times:` or `pad_to:` makes, in characters: well beyond any limit of the API,
/// well below what a rule file could use to exhaust memory.
const GENERATED_CHARS_MAX: usize = 1 << 20;

/// What a reference stands for at this moment, if anything.
pub(crate) type Lookup<'a> = dyn FnMut(&Placeholder) -> Option<String> + 'a;

/// Flattens parameters to the pairs of the query protocol: `Tags.member.1.Key`.
///
/// Source: botocore 1.44.5, STS model: lists are not flattened, so each level adds `member.N`.
pub(crate) fn flatten(
    params: &[(String, Param)],
    lookup: &mut Lookup<'_>,
) -> Result<Vec<(String, String)>, Unresolved> {
    let mut pairs = Vec::new();
    for (name, param) in params {
        flatten_into(&mut pairs, name.clone(), param, lookup)?;
    }
    Ok(pairs)
}

fn flatten_into(
    pairs: &mut Vec<(String, String)>,
    name: String,
    param: &Param,
    lookup: &mut Lookup<'_>,
) -> Result<(), Unresolved> {
    match param {
        Param::Text(template) => pairs.push((name, template.resolve(lookup)?)),
        Param::Json { value, pad_to } => pairs.push((name, json_text(value, *pad_to, lookup)?)),
        Param::Repeat { text, times } => pairs.push((name, repeated(text, *times, lookup)?)),
        Param::All(templates) => {
            for template in templates {
                pairs.push((name.clone(), template.resolve(&mut *lookup)?));
            }
        }
        Param::List(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten_into(pairs, format!("{name}.member.{}", index + 1), item, lookup)?;
            }
        }
        Param::Struct(members) => {
            for (member, value) in members {
                flatten_into(pairs, format!("{name}.{member}"), value, lookup)?;
            }
        }
    }
    Ok(())
}

fn json_text(
    value: &Value,
    pad_to: Option<usize>,
    lookup: &mut Lookup<'_>,
) -> Result<String, Unresolved> {
    let mut text = resolve_json(value, lookup)?.to_string();
    let missing = pad_to.unwrap_or(0).min(GENERATED_CHARS_MAX).saturating_sub(text.chars().count());
    text.push_str(&" ".repeat(missing));
    Ok(text)
}

fn repeated(
    template: &Template,
    times: usize,
    lookup: &mut Lookup<'_>,
) -> Result<String, Unresolved> {
    let text = template.resolve(lookup)?;
    let times_max = GENERATED_CHARS_MAX / text.chars().count().max(1);
    Ok(text.repeat(times.min(times_max)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(source: &str) -> Param {
        Param::Text(Template::parse(source).unwrap())
    }

    #[track_caller]
    fn check(name: &str, param: Param, expected: &[(&str, &str)]) {
        let mut lookup = |reference: &Placeholder| Some(format!("<{reference}>"));
        let pairs = flatten(&[(name.to_owned(), param)], &mut lookup).unwrap();
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn references_are_resolved() {
        check("Name", text("a-${run.id}"), &[("Name", "a-<run.id>")]);
    }

    #[test]
    fn lists_of_structures_number_their_members_from_one() {
        let tag =
            |key: &str| Param::Struct(vec![("Key".into(), text(key)), ("Value".into(), text("v"))]);
        check(
            "Tags",
            Param::List(vec![tag("a"), tag("b")]),
            &[
                ("Tags.member.1.Key", "a"),
                ("Tags.member.1.Value", "v"),
                ("Tags.member.2.Key", "b"),
                ("Tags.member.2.Value", "v"),
            ],
        );
    }

    #[test]
    fn a_document_is_padded_in_characters() {
        let param = Param::Json { value: json!({"é": "${run.id}"}), pad_to: Some(20) };
        check("Policy", param, &[("Policy", "{\"é\":\"<run.id>\"}    ")]);
    }

    #[test]
    fn a_document_longer_than_its_padding_stays() {
        check(
            "Policy",
            Param::Json { value: json!([1, 2]), pad_to: Some(3) },
            &[("Policy", "[1,2]")],
        );
    }

    #[test]
    fn a_parameter_may_come_twice() {
        let param = Param::All(vec![Template::literal("a"), Template::literal("b")]);
        check("Name", param, &[("Name", "a"), ("Name", "b")]);
    }

    #[test]
    fn a_repeated_text_is_bounded() {
        let param = Param::Repeat { text: Template::literal("é"), times: usize::MAX };
        let pairs = flatten(&[("Name".into(), param)], &mut |_| None).unwrap();
        assert_eq!(pairs[0].1.chars().count(), GENERATED_CHARS_MAX);
    }
}
