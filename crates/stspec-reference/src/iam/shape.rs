//! Validation of IAM parameters, and the message about those that do not fit their shapes.

use std::collections::BTreeMap;

use super::error::IamError;
use super::shapes::{TAG_KEY, TAG_VALUE};
use crate::state::directory::TAGS_MAX;
use crate::wire::request::Params;

/// A parameter of an operation.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) shape: &'static Shape,
}

/// What a parameter may hold.
#[derive(Debug)]
pub(super) enum Shape {
    /// Text of so many characters, all of them of one kind.
    Text { min: usize, max: usize, pattern: Option<Pattern> },
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number from one bound to the other.
    Integer { min: i64, max: i64 },
    /// `true` or `false`.
    Flag,
    /// A list of keys and values.
    Tags,
    /// A list of tag keys.
    TagKeys,
}

/// A pattern as the message quotes it, and the test of it.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: &'static str,
    pub(super) fits: fn(&str) -> bool,
}

/// A tag as sent.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct SentTag<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) value: Option<&'a str>,
}

/// Checks every member of an operation and gathers all violations in one message.
pub(super) fn validate(members: &[Member], params: &Params) -> Result<(), IamError> {
    let mut violations = Vec::new();
    for member in members {
        let place = lower_camel(member.name);
        match member.shape {
            Shape::Tags => check_tags(&place, member.required, params, &mut violations),
            Shape::TagKeys => check_tag_keys(&place, member, params, &mut violations),
            shape => match params.get(member.name) {
                Some(value) => check(&place, shape, value, &mut violations)?,
                None if member.required => violations.push(missing(&place)),
                None => {}
            },
        }
    }
    if violations.is_empty() {
        return Ok(());
    }
    let plural = if violations.len() == 1 { "" } else { "s" };
    let count = violations.len();
    let list = violations.join("; ");
    Err(IamError::Validation(format!("{count} validation error{plural} detected: {list}")))
}

/// The entries of a list of texts with their numbers, in the order of the numbers.
pub(super) fn members_of<'a>(params: &'a Params, name: &str) -> Vec<(u32, &'a str)> {
    let entries: BTreeMap<u32, &str> = entries_of(params, name)
        .filter(|(_, field, _)| field.is_empty())
        .map(|(number, _, value)| (number, value))
        .collect();
    entries.into_iter().collect()
}

/// The entries of `Tags` with their numbers, in the order of the numbers.
pub(super) fn tags_of(params: &Params) -> Vec<(u32, SentTag<'_>)> {
    let mut entries: BTreeMap<u32, SentTag<'_>> = BTreeMap::new();
    for (number, field, value) in entries_of(params, "Tags") {
        let tag = entries.entry(number).or_default();
        match field {
            ".Key" => tag.key = Some(value),
            ".Value" => tag.value = Some(value),
            _ => {}
        }
    }
    entries.into_iter().collect()
}

/// Number, field and value of each parameter `<name>.member.<number><field>`.
fn entries_of<'a>(params: &'a Params, name: &str) -> impl Iterator<Item = (u32, &'a str, &'a str)> {
    let prefix = format!("{name}.member.");
    params.iter().filter_map(move |(param, value)| {
        let rest = param.strip_prefix(&prefix)?;
        let (number, field) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
        Some((number.parse().ok()?, field, value))
    })
}

fn check_tags(place: &str, required: bool, params: &Params, violations: &mut Vec<String>) {
    let tags = tags_of(params);
    check_count(place, required, tags.len(), violations);
    for (number, tag) in tags {
        let fields = [("key", tag.key, &TAG_KEY), ("value", tag.value, &TAG_VALUE)];
        for (field, value, shape) in fields {
            let place = format!("{place}.{number}.member.{field}");
            match (value, shape) {
                (Some(value), Shape::Text { min, max, pattern }) => {
                    check_text(&place, value, (*min, *max), pattern.as_ref(), violations);
                }
                _ => violations.push(missing(&place)),
            }
        }
    }
}

fn check_tag_keys(place: &str, member: &Member, params: &Params, violations: &mut Vec<String>) {
    let keys = members_of(params, member.name);
    check_count(place, member.required, keys.len(), violations);
    if let Shape::Text { min, max, pattern } = &TAG_KEY {
        for (number, key) in keys {
            let place = format!("{place}.{number}.member");
            check_text(&place, key, (*min, *max), pattern.as_ref(), violations);
        }
    }
}

fn check_count(place: &str, required: bool, count: usize, violations: &mut Vec<String>) {
    if required && count == 0 {
        violations.push(missing(place));
    }
    if count > TAGS_MAX {
        violations.push(format!(
            "Value at '{place}' failed to satisfy constraint: Member must have length less than or \
             equal to {TAGS_MAX}"
        ));
    }
}

fn check(
    place: &str,
    shape: &Shape,
    value: &str,
    violations: &mut Vec<String>,
) -> Result<(), IamError> {
    match shape {
        Shape::Text { min, max, pattern } => {
            check_text(place, value, (*min, *max), pattern.as_ref(), violations);
        }
        Shape::Word(words) if !words.contains(&value) => violations.push(violation(
            place,
            value,
            &format!("Member must satisfy enum value set: [{}]", words.join(", ")),
        )),
        Shape::Integer { min, max } => {
            let number = parse_integer(value)?;
            if number < *min {
                let demand = format!("Member must have value greater than or equal to {min}");
                violations.push(violation(place, value, &demand));
            }
            if number > *max {
                let demand = format!("Member must have value less than or equal to {max}");
                violations.push(violation(place, value, &demand));
            }
        }
        Shape::Flag if !matches!(value, "true" | "false") => {
            return Err(IamError::MalformedInput(""));
        }
        Shape::Word(_) | Shape::Flag | Shape::Tags | Shape::TagKeys => {}
    }
    Ok(())
}

/// Checks the pattern first and the length after it.
///
/// Source: `docs/evidence/get-federation-token.md`, VAL-ORDER-1MEMBER and VAL-LEN-CODEPOINTS.
fn check_text(
    place: &str,
    value: &str,
    (min, max): (usize, usize),
    pattern: Option<&Pattern>,
    violations: &mut Vec<String>,
) {
    // A pattern that ends in `+` is broken by the empty text too.
    let fits = |pattern: &Pattern| {
        (pattern.fits)(value) && !(value.is_empty() && pattern.regex.ends_with('+'))
    };
    if let Some(pattern) = pattern.filter(|pattern| !fits(pattern)) {
        let demand = format!("Member must satisfy regular expression pattern: {}", pattern.regex);
        violations.push(violation(place, value, &demand));
    }
    let chars = value.chars().count();
    if chars > max {
        let demand = format!("Member must have length less than or equal to {max}");
        violations.push(violation(place, value, &demand));
    }
    if chars < min {
        let demand = format!("Member must have length greater than or equal to {min}");
        violations.push(violation(place, value, &demand));
    }
}

/// Reads a number as the front end does.
///
/// Source: `docs/evidence/get-federation-token.md`, VAL-INT-BAD and VAL-INT-LAX (observed on STS).
fn parse_integer(text: &str) -> Result<i64, IamError> {
    if text.is_empty() {
        return Err(IamError::MalformedInput("missing value for decimal type"));
    }
    text.parse::<i32>().map(i64::from).map_err(|_| IamError::MalformedInput(""))
}

fn violation(place: &str, value: &str, demand: &str) -> String {
    format!("Value '{value}' at '{place}' failed to satisfy constraint: {demand}")
}

fn missing(place: &str) -> String {
    format!("Value null at '{place}' failed to satisfy constraint: Member must not be null")
}

/// `UserName` as messages write it: `userName`.
fn lower_camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, parse_error};

    #[track_caller]
    fn check(params: &str, message: &str) {
        Account::with_bob().check_refused(params, 400, "ValidationError", message);
    }

    #[test]
    fn all_violations_are_gathered_in_one_message() {
        check(
            "Action=UpdateAccessKey&UserName=a%20b&AccessKeyId=short",
            "<Message>3 validation errors detected: Value &#39;a b&#39; at &#39;userName&#39; failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+; Value \
             &#39;short&#39; at &#39;accessKeyId&#39; failed to satisfy constraint: Member must have length \
             greater than or equal to 16; Value null at &#39;status&#39; failed to satisfy constraint: \
             Member must not be null</Message>",
        );
    }

    #[test]
    fn a_new_name_has_one_to_sixty_four_characters() {
        let create = |name: &str| format!("Action=CreateUser&UserName={name}");
        Account::empty().ok(&create(&"x".repeat(64)));
        check(&create(&"x".repeat(65)), "length less than or equal to 64");
        check(&create(""), "2 validation errors detected");
        check("Action=CreateUser", "1 validation error detected: Value null at &#39;userName&#39;");
        check(&create("a%26b%3Cc"), "Value &#39;a&amp;b&lt;c&#39; at");
    }

    #[test]
    fn page_sizes_run_from_one_to_a_thousand() {
        check("Action=ListUsers&MaxItems=0", "value greater than or equal to 1");
        check("Action=ListUsers&MaxItems=1001", "value less than or equal to 1000");
        let mut account = Account::empty();
        account.ok("Action=ListUsers&MaxItems=1");
        account.ok("Action=ListUsers&MaxItems=1000");
        account.check_refused("Action=ListUsers&MaxItems=ten", 400, "MalformedInput", "");
    }

    #[test]
    fn paths_start_and_end_with_a_slash() {
        let mut account = Account::empty();
        for (number, path) in ["/", "/a/", "/a//b/", "/~!/"].iter().enumerate() {
            account.ok(&format!("Action=CreateUser&UserName=u{number}&Path={path}"));
        }
        for path in ["a", "/a", "a/", "//", "/%20/"] {
            check(&format!("Action=CreateUser&UserName=u&Path={path}"), "regular expression");
        }
    }

    #[test]
    fn version_ids_are_a_v_and_a_number() {
        let params = |id: &str| {
            let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
            format!("Action=GetPolicyVersion&PolicyArn={arn}&VersionId={id}")
        };
        Account::empty().ok(&params("v1"));
        Account::empty().check_refused(&params("v2.a-b"), 404, "NoSuchEntity", "v2.a-b");
        for id in ["1", "v", "v0", "v1x", "v1._"] {
            check(&params(id), "regular expression");
        }
    }

    #[test]
    fn a_tag_needs_key_and_value() {
        let tag = "Action=TagUser&UserName=bob";
        check(tag, "Value null at &#39;tags&#39;");
        check(&format!("{tag}&Tags.member.1.Key=k"), "null at &#39;tags.1.member.value&#39;");
        check(&format!("{tag}&Tags.member.7.Value=v"), "null at &#39;tags.7.member.key&#39;");
        let long = "x".repeat(129);
        check(&format!("{tag}&Tags.member.1.Key={long}&Tags.member.1.Value="), "equal to 128");
        Account::with_bob().ok(&format!("{tag}&Tags.member.1.Key=%C3%A9%20x&Tags.member.1.Value="));
    }

    #[test]
    fn unknown_actions_and_versions_are_named() {
        let error = |params| parse_error(params).to_string();
        let find = "Could not find operation";
        assert_eq!(
            error("Action=Foo&Version=2010-05-08"),
            format!("{find} Foo for version 2010-05-08")
        );
        assert_eq!(
            error("Action=GetUser"),
            format!("{find} GetUser for version NO_VERSION_SPECIFIED")
        );
        assert_eq!(
            error("Action=getuser&Version=2010-05-08"),
            format!("{find} getuser for version 2010-05-08")
        );
    }
}
