//! Mistakes about what a call passes to its session: policies and tags.

use std::borrow::Cow;

use serde_json::Value;
use stspec_iam::{GrammarError, Policy, PolicyKind};

use super::entry::entries;
use crate::parts::Parts;
use crate::state::State;
use crate::sts::error::StsError;
use crate::sts::session;
use crate::sts::session::parameters::{PolicyParameterRule, TagsRule, policy_char, tag_char};
use crate::sts::session::policy::{exists, session_grammar};

/// The marks that tags may hold, under a mistake that refuses them.
const MARKS: [char; 5] = [':', '/', '=', '+', '@'];

entries! {
    "policy-characters-unchecked",
        "Policy may hold characters beyond U+00FF.",
        |parts| policy(parts).shape.matches = |text| {
            !text.is_empty() && text.chars().all(|char| policy_char(char) || char > '\u{ff}')
        };
    "policy-control-characters-dropped",
        "Control characters are dropped from Policy instead of refused.",
        |parts| policy(parts).read = |text| {
            let dropped = |char: char| char.is_ascii_control() && !policy_char(char);
            Some(Cow::Owned(text.replace(dropped, "")))
        };
    "policy-empty-accepted",
        "An empty Policy is accepted, as if none was passed.",
        |parts| policy(parts).read = |text| (!text.is_empty()).then_some(Cow::Borrowed(text));
    "policy-latin1-refused",
        "Policy may hold no characters from U+007F on.",
        |parts| policy(parts).shape.matches = |text| {
            let allowed = |char| matches!(char, '\t' | '\n' | '\r' | ' '..='~');
            !text.is_empty() && text.chars().all(allowed)
        };
    "policy-length-ignored",
        "A Policy of more than 2048 characters is accepted.",
        |parts| policy(parts).shape.chars_max = usize::MAX;
    "policy-length-in-bytes",
        "The length of Policy is measured in UTF-8 bytes instead of characters.",
        |parts| policy(parts).shape.length = str::len;
    "policy-length-off-by-one",
        "A Policy of exactly 2048 characters is refused.",
        |parts| policy(parts).shape.chars_max -= 1;
    "policy-line-breaks-refused",
        "Policy may hold no tabs and line breaks.",
        |parts| policy(parts).shape.matches =
            |text| !text.is_empty() && text.chars().all(|char| matches!(char, ' '..='\u{ff}'));
    "policy-required",
        "Policy may not be left out.",
        |parts| policy(parts).required = true;
    "policy-white-space-ignored",
        "White space doesn't count towards the length of Policy.",
        |parts| policy(parts).shape.length =
            |text| text.chars().filter(|char| !char.is_whitespace()).count();

    "policy-any-json-accepted",
        "A Policy that is JSON, but no object, is accepted.",
        |parts| accept(parts, |state, text| match session_grammar(state, text) {
            Err(error @ (GrammarError::NotJson | GrammarError::PrincipalForbidden)) => Err(error),
            Err(_) if !is_object(text) && is_json(text) => Ok(()),
            other => other,
        });
    "policy-effect-any-case",
        "The Effect of a statement of Policy may be written in any case.",
        |parts| accept(parts, |state, text| match session_grammar(state, text) {
            Err(GrammarError::NotJson) => Err(GrammarError::NotJson),
            Err(_) if is_policy(&text.replace("allow", "Allow").replace("DENY", "Deny")) => Ok(()),
            other => other,
        });
    "policy-grammar-unchecked",
        "Any JSON object that names no Principal is accepted as Policy.",
        |parts| accept(parts, |state, text| match session_grammar(state, text) {
            Err(error @ (GrammarError::NotJson | GrammarError::PrincipalForbidden)) => Err(error),
            Err(_) if is_object(text) => Ok(()),
            other => other,
        });
    "policy-json-unchecked",
        "A Policy that is no JSON is accepted.",
        |parts| accept(parts, |state, text| match session_grammar(state, text) {
            Err(GrammarError::NotJson) => Ok(()),
            other => other,
        });
    "policy-principal-accepted",
        "A Policy that names a Principal is accepted.",
        |parts| accept(parts, |state, text| match session_grammar(state, text) {
            Err(GrammarError::PrincipalForbidden) => Ok(()),
            other => other,
        });
    "policy-trailing-text-ignored",
        "Text behind the JSON of Policy is ignored.",
        |parts| accept(parts, |state, text| match session_grammar(state, text) {
            Err(GrammarError::NotJson) if first_value(text).is_some_and(|cut| is_policy(&cut)) => {
                Ok(())
            }
            other => other,
        });

    "policy-not-elements-refused",
        "A Policy with NotAction or NotResource is refused.",
        |parts| accept(parts, |state, text| {
            refuse_if(state, text, |document| statements(document).iter().any(is_negated))
        });
    "policy-single-statement-refused",
        "A Policy whose Statement is an object instead of a list is refused.",
        |parts| accept(parts, |state, text| {
            refuse_if(state, text, |document| document.get("Statement").is_some_and(Value::is_object))
        });
    "policy-version-2008-refused",
        "A Policy of version 2008-10-17 is refused.",
        |parts| accept(parts, |state, text| {
            refuse_if(state, text, |document| {
                document.get("Version").is_some_and(|version| version == "2008-10-17")
            })
        });
    "policy-version-required",
        "A Policy without Version is refused.",
        |parts| accept(parts, |state, text| {
            refuse_if(state, text, |document| document.get("Version").is_none())
        });

    "policy-arn-foreign-accepted",
        "Managed session policies of other accounts are accepted.",
        |parts| every(parts, |rules| rules.policy.attachable = |state, directory, arn| {
            exists(state, directory, arn) || is_foreign(state, arn)
        });
    "policy-arn-length-unchecked",
        "The ARN of a managed session policy may have any length.",
        |parts| every(parts, |rules| {
            let arn = &mut rules.parameters.policy_arns.arn;
            (arn.chars_min, arn.chars_max) = (0, usize::MAX);
        });
    "policy-arn-missing-accepted",
        "Managed session policies that don't exist are accepted.",
        |parts| every(parts, |rules| rules.policy.attachable = |state, directory, arn| {
            exists(state, directory, arn) || !is_foreign(state, arn)
        });
    "policy-arns-maximum-ignored",
        "More than 10 managed session policies are accepted.",
        |parts| every(parts, |rules| rules.parameters.policy_arns.count_max = usize::MAX);
    "policy-arns-maximum-off-by-one",
        "Exactly 10 managed session policies are refused.",
        |parts| every(parts, |rules| rules.parameters.policy_arns.count_max -= 1);
    "policy-arns-refused",
        "Managed session policies are refused.",
        |parts| every(parts, |rules| rules.policy.attachable = |_, _, _| false);

    "tag-aws-prefix-accepted",
        "Session tag keys may start with `aws:`.",
        |parts| tags(parts, |rule| rule.key_reserved = |_| false);
    "tag-aws-prefix-in-value-accepted",
        "Session tag values may start with `aws:`.",
        |parts| tags(parts, |rule| rule.value_reserved = |_| false);
    "tag-characters-unchecked",
        "Session tags may hold any character.",
        |parts| tags(parts, |rule| {
            rule.key.matches = |text| !text.is_empty();
            rule.value.matches = |_| true;
        });
    "tag-duplicates-accepted",
        "A session tag key may be given twice.",
        |parts| tags(parts, |rule| rule.check = |rule, tags| rule.check_reserved(tags));
    "tag-duplicates-code",
        "Duplicate session tag keys are refused with InvalidInput, as IAM does it.",
        |parts| parts.sts.answers.edit_errors(|_, error| {
            let duplicates = |text: &String| text.starts_with("Duplicate tag keys found.");
            if error.message.as_ref().is_some_and(duplicates) {
                error.code = "InvalidInput";
            }
        });
    "tag-key-empty-accepted",
        "A session tag key may be empty.",
        |parts| tags(parts, |rule| {
            (rule.key.pattern, rule.key.matches) = (rule.value.pattern, rule.value.matches);
            rule.key.chars_min = 0;
        });
    "tag-key-length-ignored",
        "A session tag key of more than 128 characters is accepted.",
        |parts| tags(parts, |rule| rule.key.chars_max = usize::MAX);
    "tag-key-length-off-by-one",
        "A session tag key of exactly 128 characters is refused.",
        |parts| tags(parts, |rule| rule.key.chars_max -= 1);
    "tag-key-optional",
        "A session tag may lack its key.",
        |parts| tags(parts, |rule| rule.key_required = false);
    "tag-keys-case-sensitive",
        "Session tag keys that differ in case only are accepted.",
        |parts| tags(parts, |rule| rule.folded_key = str::to_owned);
    "tag-length-in-bytes",
        "The length of session tags is measured in UTF-8 bytes instead of characters.",
        |parts| tags(parts, |rule| (rule.key.length, rule.value.length) = (str::len, str::len));
    "tag-marks-refused",
        "Session tags may hold none of `:`, `/`, `=`, `+` and `@`.",
        |parts| tags(parts, |rule| {
            rule.value.matches = |text| text.chars().all(tag_char) && !text.contains(MARKS);
            rule.key.matches =
                |text| !text.is_empty() && text.chars().all(tag_char) && !text.contains(MARKS);
        });
    "tag-unicode-refused",
        "Session tags may hold ASCII characters only.",
        |parts| tags(parts, |rule| {
            rule.value.matches = |text| text.chars().all(tag_char) && text.is_ascii();
            rule.key.matches =
                |text| !text.is_empty() && text.chars().all(tag_char) && text.is_ascii();
        });
    "tag-value-empty-refused",
        "A session tag value may not be empty.",
        |parts| tags(parts, |rule| rule.value.chars_min = 1);
    "tag-value-length-ignored",
        "A session tag value of more than 256 characters is accepted.",
        |parts| tags(parts, |rule| rule.value.chars_max = usize::MAX);
    "tag-value-length-off-by-one",
        "A session tag value of exactly 256 characters is refused.",
        |parts| tags(parts, |rule| rule.value.chars_max -= 1);
    "tag-value-optional",
        "A session tag may lack its value.",
        |parts| tags(parts, |rule| rule.value_required = false);
    "tags-maximum-ignored",
        "More than 50 session tags are accepted.",
        |parts| tags(parts, |rule| rule.count_max = usize::MAX);
    "tags-maximum-off-by-one",
        "Exactly 50 session tags are refused.",
        |parts| tags(parts, |rule| rule.count_max -= 1);
    "tags-refused",
        "Session tags are refused.",
        |parts| tags(parts, |rule| rule.check = |_, tags| match tags {
            [] => Ok(()),
            _ => Err(StsError::validation("Session tags are not supported")),
        });
}

/// The parameter `Policy` of `GetFederationToken`.
fn policy(parts: &mut Parts) -> &mut PolicyParameterRule {
    &mut parts.sts.get_federation_token.session.parameters.policy
}

/// Edits the rules of every operation that passes parameters to a session.
fn every(parts: &mut Parts, edit: fn(&mut session::Rules)) {
    edit(&mut parts.sts.get_federation_token.session);
    edit(&mut parts.sts.assume_role.session);
}

fn tags(parts: &mut Parts, edit: fn(&mut TagsRule)) {
    edit(&mut parts.sts.get_federation_token.session.parameters.tags);
    edit(&mut parts.sts.assume_role.session.parameters.tags);
}

type Grammar = fn(&State, &str) -> Result<(), GrammarError>;

/// Replaces the grammar of inline session policies.
fn accept(parts: &mut Parts, grammar: Grammar) {
    parts.sts.get_federation_token.session.policy.grammar = grammar;
    parts.sts.assume_role.session.policy.grammar = grammar;
}

fn refuse_if(state: &State, text: &str, refused: fn(&Value) -> bool) -> Result<(), GrammarError> {
    session_grammar(state, text)?;
    let document = serde_json::from_str(text).unwrap_or_default();
    if refused(&document) { Err(GrammarError::Syntax) } else { Ok(()) }
}

fn statements(document: &Value) -> &[Value] {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}

fn is_negated(statement: &Value) -> bool {
    ["NotAction", "NotResource"].iter().any(|name| statement.get(name).is_some())
}

/// Whether an ARN names another account.
fn is_foreign(state: &State, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    account.parse::<u64>().is_ok() && account != state.account.as_str()
}

/// The JSON value with which a text starts.
fn first_value(text: &str) -> Option<String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.next()?.ok().map(|value| value.to_string())
}

fn is_policy(text: &str) -> bool {
    Policy::parse(text, PolicyKind::Session).is_ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|document| document.is_object())
}
