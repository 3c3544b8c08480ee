//! Inline and attached policies of users, and their permissions boundary.

use super::{Handled, IamCall, IamContext, document, page};
use crate::state::directory::ManagedPolicy;
use crate::wire::xml::Writer;

pub(super) fn put(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    let (policy_name, text) = (call.required("PolicyName"), call.required("PolicyDocument"));
    context.directory.put_user_policy(&call.user_name()?, policy_name, text)
}

pub(super) fn get(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let (user_name, policy_name) = (call.user_name()?, call.required("PolicyName"));
    let policy = context.directory.user_policy(&user_name, policy_name)?;
    xml.leaf("UserName", &user_name.0)
        .leaf("PolicyName", policy_name)
        .leaf("PolicyDocument", document(policy.text()));
    Ok(())
}

pub(super) fn list(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let user = context.directory.existing_user(&call.user_name()?)?;
    let keyed = user.inline_policies.keys().map(|name| (name.clone(), name));
    page::write(call, xml, "PolicyNames", keyed, |xml, name| {
        xml.leaf("member", name);
    })
}

pub(super) fn delete(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.delete_user_policy(&call.user_name()?, call.required("PolicyName"))
}

pub(super) fn attach(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.attach_user_policy(&call.user_name()?, call.required("PolicyArn"))
}

pub(super) fn detach(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.detach_user_policy(&call.user_name()?, call.required("PolicyArn"))
}

pub(super) fn list_attached(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let user = context.directory.existing_user(&call.user_name()?)?;
    let prefix = call.get("PathPrefix").unwrap_or("/");
    let attached =
        user.attached_arns.iter().filter_map(|arn| context.directory.managed_policy(arn));
    let below = attached.filter(|policy| policy.path.starts_with(prefix));
    let keyed = below.map(|policy| (policy.sort_key(), policy));
    page::write(call, xml, "AttachedPolicies", keyed, |xml, policy: &ManagedPolicy| {
        xml.open("member")
            .leaf("PolicyName", &policy.name)
            .leaf("PolicyArn", &policy.arn)
            .close("member");
    })
}

pub(super) fn put_boundary(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    context.directory.put_user_boundary(&call.user_name()?, call.required("PermissionsBoundary"))
}

pub(super) fn delete_boundary(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    context.directory.delete_user_boundary(&call.user_name()?)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, form, leaf};
    use crate::model::caller::UserName;

    const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

    fn put(name: &str, text: &str) -> String {
        let text = form(text);
        format!("Action=PutUserPolicy&UserName=bob&PolicyName={name}&PolicyDocument={text}")
    }

    #[test]
    fn an_inline_policy_comes_back_percent_encoded_as_it_was_put() {
        let mut account = Account::with_bob();
        account.ok(&put("p", ALLOW));
        let body = account.ok("Action=GetUserPolicy&UserName=bob&PolicyName=p");
        let encoded = leaf(&body, "PolicyDocument");
        assert!(encoded.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{encoded}");
        let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
        assert_eq!(decoded, ALLOW);
    }

    #[test]
    fn inline_policies_are_listed_in_pages_and_deleted_once() {
        let mut account = Account::with_bob();
        account.ok(&put("b", ALLOW));
        account.ok(&put("a", ALLOW));
        let first = account.ok("Action=ListUserPolicies&UserName=bob&MaxItems=1");
        assert_eq!(leaf(&first, "member"), "a");
        let marker = leaf(&first, "Marker");
        let second = account.ok(&format!("Action=ListUserPolicies&UserName=bob&Marker={marker}"));
        assert_eq!(leaf(&second, "member"), "b");
        account.ok("Action=DeleteUserPolicy&UserName=bob&PolicyName=a");
        let message = "The user policy with name a cannot be found.";
        for action in ["DeleteUserPolicy", "GetUserPolicy"] {
            let params = format!("Action={action}&UserName=bob&PolicyName=a");
            account.check_refused(&params, 404, "NoSuchEntity", message);
        }
    }

    #[test]
    fn a_document_that_is_no_identity_policy_is_refused() {
        let mut account = Account::with_bob();
        account.check_refused(&put("p", "hello"), 400, "MalformedPolicyDocument", "Syntax errors");
        let trust = ALLOW.replace("\"Resource\"", "\"Principal\":\"*\",\"Resource\"");
        account.check_refused(&put("p", &trust), 400, "MalformedPolicyDocument", "principal");
    }

    #[test]
    fn all_inline_policies_share_one_quota_that_white_space_does_not_fill() {
        let padded = |chars: usize| {
            let spare = chars - ALLOW.len();
            ALLOW.replace("s3:GetObject", &format!("s3:GetObject{}", "x".repeat(spare)))
        };
        let mut account = Account::with_bob();
        account.ok(&put("a", &padded(1024)));
        account.ok(&put("b", &format!("{}{}", padded(1024), " ".repeat(500))));
        account.ok(&put("b", &padded(1024)));
        let message = "Maximum policy size of 2048 bytes exceeded for user bob";
        account.check_refused(&put("b", &padded(1025)), 409, "LimitExceeded", message);
    }

    #[test]
    fn attaching_twice_is_attaching_once_and_detaching_twice_is_refused() {
        let mut account = Account::with_bob();
        let policy = "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
        account.ok(&format!("Action=AttachUserPolicy&{policy}"));
        account.ok(&format!("Action=AttachUserPolicy&{policy}"));
        let listed = account.ok("Action=ListAttachedUserPolicies&UserName=bob");
        assert_eq!(listed.matches("<PolicyName>AmazonS3ReadOnlyAccess</PolicyName>").count(), 1);
        let bob = account.directory.user(&UserName("bob".to_owned())).unwrap();
        let labels: Vec<_> = account.directory.policies_of(bob).map(|(label, _)| label).collect();
        assert_eq!(labels, ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]);
        let detach = format!("Action=DetachUserPolicy&{policy}");
        account.ok(&detach);
        account.check_refused(&detach, 404, "NoSuchEntity", "was not found.");
    }

    #[test]
    fn the_eleventh_attached_policy_is_refused() {
        let mut account = Account::with_bob();
        let text = form(ALLOW);
        for number in 0..=10 {
            account.ok(&format!("Action=CreatePolicy&PolicyName=p{number}&PolicyDocument={text}"));
        }
        let attach = |number| {
            let arn = format!("arn:aws:iam::123456789012:policy/p{number}");
            format!("Action=AttachUserPolicy&UserName=bob&PolicyArn={arn}")
        };
        for number in 0..10 {
            account.ok(&attach(number));
        }
        let message = "Cannot exceed quota for PoliciesPerUser: 10";
        account.check_refused(&attach(10), 409, "LimitExceeded", message);
        account.ok(&attach(9));
    }

    #[test]
    fn a_boundary_is_put_replaced_and_deleted_twice() {
        let mut account = Account::with_bob();
        for name in ["ReadOnlyAccess", "IAMFullAccess"] {
            account.ok(&format!("Action=PutUserPermissionsBoundary&UserName=bob&PermissionsBoundary=arn:aws:iam::aws:policy/{name}"));
            let bob = account.directory.user(&UserName("bob".to_owned())).unwrap();
            let (label, _) = account.directory.boundary_of(bob).unwrap();
            assert!(label.ends_with(name), "{label}");
        }
        for _ in 0..2 {
            account.ok("Action=DeleteUserPermissionsBoundary&UserName=bob");
        }
        assert!(!account.ok("Action=GetUser&UserName=bob").contains("PermissionsBoundary"));
    }
}
