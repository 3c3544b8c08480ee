//! Mistakes about how S3 keeps bucket policies and words denials.

use serde_json::{Map, Value, json};

use super::entry::entries;

entries! {
    "bucket-policy-outlives-deletion",
        "The deletion of a bucket policy succeeds and changes nothing.",
        |parts| parts.s3.deletes_policies = false;
    "denial-without-reason",
        "S3 doesn't say why somebody is denied.",
        |parts| parts.s3.denial_message = |denial, _| denial.to_owned();
    "resource-policy-principal-wildcards",
        "A wildcard within a principal's ARN in a bucket policy matches any text.",
        |parts| parts.s3.stored_policy = |text| {
            with_wildcard_principals(text).map_or_else(|| text.into(), Into::into)
        };
}

/// The same bucket policy with each statement whose principals have wildcards in their ARNs spread to
/// everybody whose ARN matches; `None` if it is not a policy at all.
fn with_wildcard_principals(text: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let statements = match document.get_mut("Statement")? {
        Value::Array(statements) => statements.iter_mut().collect(),
        single => vec![single],
    };
    for statement in statements.into_iter().filter_map(Value::as_object_mut) {
        spread(statement);
    }
    Some(document.to_string())
}

/// A condition says what the principal can't.
fn spread(statement: &mut Map<String, Value>) {
    let named = statement.get("Principal").and_then(|principal| principal.get("AWS"));
    let has_wildcard = |name: &str| name != "*" && name.contains(['*', '?']);
    let Some(name) = named.and_then(Value::as_str).filter(|name| has_wildcard(name)) else {
        return;
    };
    let condition = json!({"ArnLike": {"aws:PrincipalArn": name}});
    statement.insert("Principal".to_owned(), Value::from("*"));
    statement.insert("Condition".to_owned(), condition);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(principal: &str, is_spread: bool) {
        let text = format!(r#"{{"Statement":{{"Effect":"Allow","Principal":{principal}}}}}"#);
        let widened = with_wildcard_principals(&text).unwrap();
        assert_eq!(
            widened.contains(r#""Principal":"*""#) && widened.contains("ArnLike"),
            is_spread
        );
    }

    #[test]
    fn only_wildcards_within_an_arn_are_spread() {
        check(r#"{"AWS":"arn:aws:sts::123456789012:federated-user/wild-*"}"#, true);
        check(r#"{"AWS":"arn:aws:sts::123456789012:federated-user/wild-one"}"#, false);
        check(r#"{"AWS":"*"}"#, false);
        check(r#""*""#, false);
    }
}
