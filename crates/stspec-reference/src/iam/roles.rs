//! Roles and their inline policies.

use super::{Handled, IamCall, IamContext, date, document, page, write_boundary, write_tags};
use crate::state::directory::{NewRole, Role};
use crate::wire::xml::Writer;

/// Longest session of a role whose creator says nothing, in seconds.
///
/// Source: IAM API Reference, `CreateRole`, `MaxSessionDuration`.
const SESSION_SECONDS_DEFAULT: u32 = 3600;

pub(super) fn create(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let new = NewRole {
        name: call.required("RoleName").to_owned(),
        path: call.get("Path").unwrap_or("/").to_owned(),
        description: call.get("Description").map(str::to_owned),
        session_seconds_max: call.integer("MaxSessionDuration").unwrap_or(SESSION_SECONDS_DEFAULT),
        tags: call.tags(),
        trust: call.required("AssumeRolePolicyDocument").to_owned(),
        boundary_arn: call.get("PermissionsBoundary").map(str::to_owned),
    };
    let role = context.directory.create_role(new, context.ids, context.now)?;
    write_role(xml, "Role", role, Detail::Full);
    Ok(())
}

pub(super) fn get(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    write_role(
        xml,
        "Role",
        context.directory.existing_role(call.required("RoleName"))?,
        Detail::Full,
    );
    Ok(())
}

pub(super) fn list(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let prefix = call.get("PathPrefix").unwrap_or("/");
    let roles = context.directory.roles().filter(|role| role.path.starts_with(prefix));
    let keyed = roles.map(|role| (role.name.clone(), role));
    page::write(call, xml, "Roles", keyed, |xml, role| {
        write_role(xml, "member", role, Detail::Brief);
    })
}

pub(super) fn delete(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.delete_role(call.required("RoleName"))
}

pub(super) fn update_trust(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    context.directory.update_trust(call.required("RoleName"), call.required("PolicyDocument"))
}

pub(super) fn put_policy(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    let (policy_name, text) = (call.required("PolicyName"), call.required("PolicyDocument"));
    context.directory.put_role_policy(call.required("RoleName"), policy_name, text)
}

pub(super) fn get_policy(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let (role_name, policy_name) = (call.required("RoleName"), call.required("PolicyName"));
    let policy = context.directory.role_policy(role_name, policy_name)?;
    xml.leaf("RoleName", role_name)
        .leaf("PolicyName", policy_name)
        .leaf("PolicyDocument", document(policy.text()));
    Ok(())
}

pub(super) fn list_policies(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let role = context.directory.existing_role(call.required("RoleName"))?;
    let keyed = role.inline_policies.keys().map(|name| (name.clone(), name));
    page::write(call, xml, "PolicyNames", keyed, |xml, name| {
        xml.leaf("member", name);
    })
}

pub(super) fn delete_policy(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    context.directory.delete_role_policy(call.required("RoleName"), call.required("PolicyName"))
}

/// How much of a role is written.
///
/// Source: IAM API Reference, `ListRoles`: it leaves out tags and boundaries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Full,
    Brief,
}

fn write_role(xml: &mut Writer, element: &'static str, role: &Role, detail: Detail) {
    xml.open(element)
        .leaf("Path", &role.path)
        .leaf("RoleName", &role.name)
        .leaf("RoleId", &role.id)
        .leaf("Arn", &role.arn)
        .leaf("CreateDate", date(role.created_at))
        .leaf("AssumeRolePolicyDocument", document(role.trust.text()))
        .leaf_if("Description", role.description.as_deref())
        .leaf("MaxSessionDuration", role.session_seconds_max.to_string());
    if detail == Detail::Full {
        write_boundary(xml, role.boundary_arn.as_deref());
        write_tags(xml, &role.tags);
    }
    xml.close(element);
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, form, leaf};

    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
    const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

    fn create(name: &str) -> String {
        let trust = form(TRUST);
        format!("Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={trust}")
    }

    fn with_role() -> Account {
        let mut account = Account::empty();
        account.ok(&create("r"));
        account
    }

    #[test]
    fn a_created_role_is_found_with_its_trust_policy() {
        let mut account = Account::empty();
        account.ok(&format!("{}&Path=/x/&MaxSessionDuration=7200&Description=a%26b", create("r")));
        let body = account.ok("Action=GetRole&RoleName=r");
        assert_eq!(leaf(&body, "Arn"), "arn:aws:iam::123456789012:role/x/r");
        assert_eq!(leaf(&body, "MaxSessionDuration"), "7200");
        assert_eq!(leaf(&body, "Description"), "a&amp;b");
        assert!(leaf(&body, "AssumeRolePolicyDocument").contains("sts%3AAssumeRole"), "{body}");
        let message = "Role with name R already exists.";
        account.check_refused(&create("R"), 409, "EntityAlreadyExists", message);
    }

    #[test]
    fn a_trust_policy_names_a_principal() {
        let mut account = with_role();
        let params =
            format!("Action=UpdateAssumeRolePolicy&RoleName=r&PolicyDocument={}", form(ALLOW));
        account.check_refused(&params, 400, "MalformedPolicyDocument", "");
        let other = form(&TRUST.replace("123456789012", "210987654321"));
        account.ok(&format!("Action=UpdateAssumeRolePolicy&RoleName=r&PolicyDocument={other}"));
        assert!(account.ok("Action=GetRole&RoleName=r").contains("210987654321"));
    }

    #[test]
    fn a_role_with_inline_policies_is_not_deleted() {
        let mut account = with_role();
        let policy = "RoleName=r&PolicyName=p";
        account.ok(&format!("Action=PutRolePolicy&{policy}&PolicyDocument={}", form(ALLOW)));
        assert_eq!(leaf(&account.ok("Action=ListRolePolicies&RoleName=r"), "member"), "p");
        assert!(account.ok(&format!("Action=GetRolePolicy&{policy}")).contains("GetObject"));
        let delete = "Action=DeleteRole&RoleName=r";
        account.check_refused(delete, 409, "DeleteConflict", "must delete policies first");
        account.ok(&format!("Action=DeleteRolePolicy&{policy}"));
        let message = "The role policy with name p cannot be found.";
        account.check_refused(
            &format!("Action=GetRolePolicy&{policy}"),
            404,
            "NoSuchEntity",
            message,
        );
        account.ok(delete);
        account.check_refused(delete, 404, "NoSuchEntity", "The role with name r cannot be found.");
    }

    #[test]
    fn roles_are_listed_in_pages() {
        let mut account = with_role();
        account.ok(&create("s"));
        let first = account.ok("Action=ListRoles&MaxItems=1");
        assert_eq!(leaf(&first, "RoleName"), "r");
        let second = account.ok(&format!("Action=ListRoles&Marker={}", leaf(&first, "Marker")));
        assert_eq!(leaf(&second, "RoleName"), "s");
    }
}
