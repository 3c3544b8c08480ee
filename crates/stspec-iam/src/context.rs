//! The context keys of one request.

use std::{borrow::Cow, collections::BTreeMap};

use crate::principal::{Issuer, Principal};

/// Context keys of one request: names compare ignoring case, each holds one or more values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
// INVARIANT: keys are folded (see `folded`).
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// An empty context.
    #[must_use]
    pub fn new() -> Context {
        Context::default()
    }

    /// The keys that follow from the principal alone.
    ///
    /// These are `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:userid` and
    /// `aws:username` if the principal determines them, and for temporary credentials
    /// `aws:MultiFactorAuthPresent` as `false`. The caller of this crate adds what needs a clock, a
    /// store or a socket: `aws:TokenIssueTime`, `aws:PrincipalTag/…`, a user's `aws:userid`,
    /// `aws:SourceIp`. If issuer tags are inserted first and session tags second, the session tag
    /// wins.
    ///
    /// Source: `docs/evidence/iam.md`, IAM-CTX-01 to IAM-CTX-09.
    #[must_use]
    pub fn of(principal: &Principal) -> Context {
        let mut context = Context::new();
        context.insert("aws:PrincipalType", principal.kind());
        let Some(account) = principal.account() else { return context };
        context.insert("aws:PrincipalAccount", account);
        if let Some(arn) = principal.context_arn() {
            context.insert("aws:PrincipalArn", arn);
        }
        match principal {
            Principal::Root { .. }
            | Principal::SessionToken { issuer: Issuer::Root { .. }, .. } => {
                context.insert("aws:userid", account);
            }
            Principal::User { arn, .. }
            | Principal::SessionToken { issuer: Issuer::User { arn }, .. } => {
                context.insert("aws:username", last_part(arn));
            }
            Principal::Federated { arn, .. } => {
                context.insert("aws:userid", format!("{account}:{}", last_part(arn)));
            }
            Principal::AssumedRole { .. } | Principal::Anonymous => {}
        }
        if principal.is_temporary() {
            context.insert("aws:MultiFactorAuthPresent", "false");
        }
        context
    }

    /// Sets a key to one value, replacing earlier values.
    pub fn insert(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(folded(key).into_owned(), vec![value.into()]);
    }

    /// Sets a key to several values; without values, the key counts as absent.
    pub fn insert_many<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        let key = folded(key).into_owned();
        if values.is_empty() {
            self.values.remove(&key);
        } else {
            self.values.insert(key, values);
        }
    }

    /// The values of a key, never an empty slice.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.values.get(folded(key).as_ref()).map(Vec::as_slice)
    }

    /// The values of a key that is folded already, none if it is absent.
    pub(crate) fn values(&self, folded_key: &str) -> &[String] {
        self.values.get(folded_key).map_or(&[], Vec::as_slice)
    }
}

/// The canonical spelling of a key.
pub(crate) fn folded(key: &str) -> Cow<'_, str> {
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(if key.is_ascii() { key.to_ascii_lowercase() } else { key.to_lowercase() })
    }
}

/// What follows the last slash: the name in a user's or federated user's ARN.
fn last_part(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_ignoring_case() {
        let mut context = Context::new();
        context.insert("aws:PrincipalTag/Größe", "1");
        assert_eq!(context.get("AWS:principaltag/GRÖßE"), Some(["1".to_owned()].as_slice()));
        context.insert("aws:principaltag/größe", "2");
        assert_eq!(context.get("aws:PrincipalTag/Größe"), Some(["2".to_owned()].as_slice()));
    }

    #[test]
    fn a_key_without_values_is_absent() {
        let mut context = Context::new();
        context.insert_many("aws:TagKeys", ["a", "b"]);
        assert_eq!(context.get("aws:tagkeys").map(<[String]>::len), Some(2));
        context.insert_many::<String>("aws:TagKeys", []);
        assert_eq!(context.get("aws:TagKeys"), None);
    }

    #[test]
    fn a_federated_session_shows_itself_and_not_its_issuer() {
        let context = Context::of(&Principal::Federated {
            account: "123456789012".into(),
            arn: "arn:aws:sts::123456789012:federated-user/Carol".into(),
            issuer: Issuer::User { arn: "arn:aws:iam::123456789012:user/broker".into() },
        });
        let expected = [
            ("aws:PrincipalArn", "arn:aws:sts::123456789012:federated-user/Carol"),
            ("aws:userid", "123456789012:Carol"),
            ("aws:PrincipalType", "FederatedUser"),
            ("aws:PrincipalAccount", "123456789012"),
            ("aws:MultiFactorAuthPresent", "false"),
        ];
        for (key, value) in expected {
            assert_eq!(context.get(key), Some([value.to_owned()].as_slice()), "{key}");
        }
        assert_eq!(context.get("aws:username"), None);
        assert_eq!(context.get("aws:MultiFactorAuthAge"), None);
    }

    #[test]
    fn a_user_with_long_term_keys_has_a_name_and_no_mfa_key() {
        let context = Context::of(&Principal::User {
            account: "123456789012".into(),
            arn: "arn:aws:iam::123456789012:user/team/alice".into(),
        });
        assert_eq!(context.get("aws:username"), Some(["alice".to_owned()].as_slice()));
        assert_eq!(context.get("aws:MultiFactorAuthPresent"), None);
    }

    #[test]
    fn a_role_session_shows_the_arn_of_its_role() {
        let context = Context::of(&Principal::AssumedRole {
            account: "123456789012".into(),
            session_arn: "arn:aws:sts::123456789012:assumed-role/r/s".into(),
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
        });
        let expected = ["arn:aws:iam::123456789012:role/r".to_owned()];
        assert_eq!(context.get("aws:PrincipalArn"), Some(expected.as_slice()));
    }
}
