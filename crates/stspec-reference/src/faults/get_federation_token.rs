//! Mistakes about `GetFederationToken`: who calls it, its `Name`, the order of its checks and
//! `FederatedUser`.

use std::borrow::Cow;

use super::edit::{FOREIGN_ACCOUNT, edit_federation, edit_text, remove};
use super::entry::entries;
use crate::auth::identity::federated_user_arn;
use crate::model::caller::{SessionKind, SessionOwner};
use crate::parts::Parts;
use crate::sts::StsCall;
use crate::sts::callers::Admission;
use crate::sts::constraint::TextShape;
use crate::sts::error::StsError;
use crate::sts::get_federation_token::{Input, Rules, check_permission};
use crate::sts::members::{Member, Members};

entries! {
    "federated-session-mints",
        "Federated sessions may call GetFederationToken where their issuer may.",
        |parts| {
            rules(parts).callers.federated_session = Admission::Admitted;
            rules(parts).permissions_of = |caller| Cow::Owned(caller.issuer());
        };
    "role-session-mints",
        "Credentials of AssumeRole may call GetFederationToken where the role may.",
        |parts| rules(parts).callers.role_session = Admission::Admitted;
    "root-refused",
        "Root may not call GetFederationToken.",
        |parts| rules(parts).callers.root =
            Admission::Refused("Root may not call GetFederationToken");
    "session-credentials-mint",
        "Credentials of GetSessionToken may call GetFederationToken.",
        |parts| {
            rules(parts).callers.session_token_session = Admission::Admitted;
            rules(parts).permissions_of = |caller| Cow::Owned(caller.issuer());
        };
    "user-refused",
        "IAM users may not call GetFederationToken, while root may.",
        |parts| rules(parts).callers.user = Admission::RefusedAsSession;

    "empty-name-two-violations",
        "An empty Name is said to violate the pattern, too.",
        |parts| rules(parts).name.shape.matches = |text| !text.is_empty() && is_name(text);
    "name-letter-first",
        "A Name that starts with something else than a letter is refused.",
        |parts| {
            let name = &mut rules(parts).name;
            name.further_shapes.push(TextShape {
                matches: |text| text.starts_with(|char: char| char.is_ascii_alphabetic()),
                chars_min: 0,
                chars_max: usize::MAX,
                ..name.shape
            });
        };
    "name-lowercased",
        "Name is changed to lower case.",
        |parts| {
            parts.sts.mint.edits.push(Box::new(|_, new| {
                if let SessionKind::Federated { name, .. } = &mut new.kind {
                    *name = name.to_lowercase();
                }
            }));
            edit_federation(parts, lowercase_federated_user);
        };
    "name-marks-refused",
        "A Name with an equals sign, comma, dot or at sign is refused.",
        |parts| rules(parts).name.shape.matches =
            |text| is_name(text) && !text.contains(['=', ',', '.', '@']);
    "name-maximum-ignored",
        "A Name of more than 32 characters is accepted.",
        |parts| rules(parts).name.shape.chars_max = usize::MAX;
    "name-maximum-off-by-one",
        "A Name of exactly 32 characters is refused.",
        |parts| rules(parts).name.shape.chars_max -= 1;
    "name-minimum-ignored",
        "A Name of fewer than 2 characters is accepted.",
        |parts| rules(parts).name.shape.chars_min = 0;
    "name-minimum-off-by-one",
        "A Name of exactly 2 characters is refused.",
        |parts| rules(parts).name.shape.chars_min += 1;
    "name-optional",
        "Name may be left out.",
        |parts| rules(parts).name.default = Some("unnamed");
    "name-pattern-ignored",
        "Name may hold any character.",
        |parts| rules(parts).name.shape.matches = |_| true;
    "name-plus-refused",
        "A Name with a plus sign is refused.",
        |parts| rules(parts).name.shape.matches = |text| is_name(text) && !text.contains('+');
    "name-unicode-accepted",
        "A Name may hold letters and digits beyond ASCII.",
        |parts| rules(parts).name.shape.matches =
            |text| text.chars().all(|char| char.is_alphanumeric() || is_name_char(char));

    "get-refused",
        "GetFederationToken may not be called by GET.",
        |parts| parts.sts.checks.before_operation.push(refuse_get);
    "permission-before-validation",
        "The permission to mint is asked for before the parameters are looked at.",
        |parts| parts.sts.checks.before_operation.push(check_permission_early);
    "policy-checked-first",
        "A malformed Policy is refused before violated constraints are reported.",
        |parts| parts.sts.checks.before_operation.push(check_policy_early);
    "unknown-parameters-refused",
        "A parameter that GetFederationToken doesn't know is refused.",
        |parts| parts.sts.checks.before_operation.push(refuse_unknown_parameters);
    "validation-before-authentication",
        "The parameters are looked at before the caller is known.",
        |parts| parts.sts.checks.before_caller.push(|call| {
            if call.operation.name != "GetFederationToken" {
                return Ok(());
            }
            let revision = call.call.state.revision;
            Input::read(call.params, call.rules, revision, &SessionOwner::Root).map(drop)
        });

    "answer-with-policy",
        "The answer repeats the session policy.",
        |parts| edit_federation(parts, |call, members| {
            members.extend(call.params.get("Policy").map(|policy| Member::new("Policy", policy)));
        });
    "answer-without-federated-user",
        "The answer of GetFederationToken lacks FederatedUser.",
        |parts| edit_federation(parts, |_, members| remove(members, "FederatedUser"));
    "federated-arn-with-iam-service",
        "FederatedUser's Arn names the service iam instead of sts.",
        |parts| edit_federation(parts, |_, members| {
            edit_text(members, "FederatedUser", "Arn", |arn| arn.replacen(":sts:", ":iam:", 1));
        });
    "federated-id-from-user-id",
        "FederatedUserId starts with the issuer's unique id instead of the account id.",
        |parts| edit_federation(parts, |call, members| {
            if let Some(user) = call.caller.user() {
                let account = call.state.account.as_str();
                let edit = |id: &str| id.replacen(account, &user.id, 1);
                edit_text(members, "FederatedUser", "FederatedUserId", edit);
            }
        });
    "federated-user-in-foreign-account",
        "FederatedUser is shown in account 000000000000.",
        |parts| edit_federation(parts, |call, members| {
            let account = call.state.account.as_str();
            let edit = |text: &str| text.replacen(account, FOREIGN_ACCOUNT, 1);
            edit_text(members, "FederatedUser", "FederatedUserId", edit);
            edit_text(members, "FederatedUser", "Arn", edit);
        });
}

fn rules(parts: &mut Parts) -> &mut Rules {
    &mut parts.sts.get_federation_token
}

fn is_name(text: &str) -> bool {
    text.chars().all(is_name_char)
}

fn is_name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || "_+=,.@-".contains(char)
}

fn lowercase_federated_user(_: &StsCall<'_>, members: &mut Members) {
    let lowercase_name = |text: &str, separator: char| match text.rsplit_once(separator) {
        Some((prefix, name)) => format!("{prefix}{separator}{}", name.to_lowercase()),
        None => text.to_owned(),
    };
    edit_text(members, "FederatedUser", "FederatedUserId", |id| lowercase_name(id, ':'));
    edit_text(members, "FederatedUser", "Arn", |arn| lowercase_name(arn, '/'));
}

fn is_federation(call: &StsCall<'_>) -> bool {
    call.operation.name == "GetFederationToken"
}

fn refuse_get(call: &StsCall<'_>) -> Result<(), StsError> {
    if is_federation(call) && call.call.request.method == http::Method::GET {
        return Err(StsError::new(400, "InvalidAction", "GetFederationToken takes POST only"));
    }
    Ok(())
}

fn check_permission_early(call: &StsCall<'_>) -> Result<(), StsError> {
    if !is_federation(call) || call.params.iter().any(|(name, _)| name.starts_with("Tags.")) {
        return Ok(());
    }
    let name = call.params.get("Name").unwrap_or_default();
    let arn = federated_user_arn(call.state, call.state.account.as_str(), name);
    check_permission(call, &arn, &[])
}

fn check_policy_early(call: &StsCall<'_>) -> Result<(), StsError> {
    match call.params.get("Policy") {
        Some(text) if is_federation(call) => {
            call.rules.get_federation_token.session.policy.check_document(call.state, text)
        }
        Some(_) | None => Ok(()),
    }
}

fn refuse_unknown_parameters(call: &StsCall<'_>) -> Result<(), StsError> {
    let unknown = call.params.iter().map(|(name, _)| name).find(|name| !is_parameter(name));
    match unknown.filter(|_| is_federation(call)) {
        Some(name) => {
            let message = format!("The parameter {name} is not known");
            Err(StsError::new(400, "InvalidQueryParameter", message))
        }
        None => Ok(()),
    }
}

/// Whether a parameter is one of the operation's, or of every request's.
fn is_parameter(name: &str) -> bool {
    let member = name.split('.').next().unwrap_or_default();
    let members = [
        "Action",
        "Version",
        "Name",
        "Policy",
        "PolicyArns",
        "DurationSeconds",
        "Tags",
        "MinimumSessionTokenSize",
    ];
    members.contains(&member) || member.starts_with("X-Amz-")
}
