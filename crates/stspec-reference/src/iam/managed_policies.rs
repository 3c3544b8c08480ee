//! Managed policies and their versions.

use super::{Handled, IamCall, IamContext, date, document, page, write_tags};
use crate::state::directory::{Directory, ManagedPolicy, NewPolicy, PolicyOwner, PolicyVersion};
use crate::wire::xml::Writer;

pub(super) fn create(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let new = NewPolicy {
        name: call.required("PolicyName").to_owned(),
        path: call.get("Path").unwrap_or("/").to_owned(),
        description: call.get("Description").map(str::to_owned),
        tags: call.tags(),
        document: call.required("PolicyDocument").to_owned(),
    };
    let arn = context.directory.create_policy(new, context.ids, context.now)?.arn.clone();
    let policy = context.directory.existing_policy(&arn)?;
    write_policy(xml, "Policy", policy, context.directory, Detail::Brief);
    Ok(())
}

pub(super) fn get(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let policy = context.directory.existing_policy(call.required("PolicyArn"))?;
    write_policy(xml, "Policy", policy, context.directory, Detail::Full);
    Ok(())
}

pub(super) fn list(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let directory = &*context.directory;
    let prefix = call.get("PathPrefix").unwrap_or("/");
    let policies = directory.managed_policies().filter(|policy| {
        policy.path.starts_with(prefix) && in_scope(call, policy) && in_use(call, policy, directory)
    });
    let keyed = policies.map(|policy| (policy.sort_key(), policy));
    page::write(call, xml, "Policies", keyed, |xml, policy| {
        write_policy(xml, "member", policy, directory, Detail::Brief);
    })
}

pub(super) fn delete(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.delete_policy(call.required("PolicyArn"))
}

pub(super) fn create_version(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let (arn, text) = (call.required("PolicyArn"), call.required("PolicyDocument"));
    let id = context.directory.create_policy_version(arn, text, context.now)?;
    if call.flag("SetAsDefault") {
        context.directory.set_default_policy_version(arn, &id, context.now)?;
    }
    let policy = context.directory.existing_policy(arn)?;
    write_version(xml, "PolicyVersion", policy, policy.version(&id)?);
    xml.close("PolicyVersion");
    Ok(())
}

pub(super) fn get_version(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let policy = context.directory.existing_policy(call.required("PolicyArn"))?;
    let version = policy.version(call.required("VersionId"))?;
    write_version(xml, "PolicyVersion", policy, version);
    xml.leaf("Document", document(version.policy.text())).close("PolicyVersion");
    Ok(())
}

pub(super) fn list_versions(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let policy = context.directory.existing_policy(call.required("PolicyArn"))?;
    // Newest first, whatever the numbers look like as text.
    let keyed =
        policy.versions().enumerate().map(|(place, version)| (format!("{place:04}"), version));
    page::write(call, xml, "Versions", keyed, |xml, version| {
        write_version(xml, "member", policy, version);
        xml.close("member");
    })
}

pub(super) fn set_default_version(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    let (arn, id) = (call.required("PolicyArn"), call.required("VersionId"));
    context.directory.set_default_policy_version(arn, id, context.now)
}

pub(super) fn delete_version(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    _: &mut Writer,
) -> Handled {
    context.directory.delete_policy_version(call.required("PolicyArn"), call.required("VersionId"))
}

fn in_scope(call: &IamCall<'_>, policy: &ManagedPolicy) -> bool {
    match call.get("Scope") {
        Some("AWS") => policy.owner == PolicyOwner::Aws,
        Some("Local") => policy.owner == PolicyOwner::Customer,
        _ => true,
    }
}

fn in_use(call: &IamCall<'_>, policy: &ManagedPolicy, directory: &Directory) -> bool {
    let attached = || directory.attachment_count(&policy.arn) > 0;
    let bounds = || directory.boundary_usage_count(&policy.arn) > 0;
    let is_used = match call.get("PolicyUsageFilter") {
        Some("PermissionsPolicy") => attached(),
        Some("PermissionsBoundary") => bounds(),
        _ => true,
    };
    is_used && (!call.flag("OnlyAttached") || attached() || bounds())
}

/// How much of a policy is written.
///
/// Source: IAM API Reference, `ListPolicies`: it leaves out descriptions and tags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Full,
    Brief,
}

fn write_policy(
    xml: &mut Writer,
    element: &'static str,
    policy: &ManagedPolicy,
    directory: &Directory,
    detail: Detail,
) {
    xml.open(element)
        .leaf("PolicyName", &policy.name)
        .leaf("PolicyId", &policy.id)
        .leaf("Arn", &policy.arn)
        .leaf("Path", &policy.path)
        .leaf("DefaultVersionId", &policy.default_version().id)
        .leaf("AttachmentCount", directory.attachment_count(&policy.arn).to_string())
        .leaf(
            "PermissionsBoundaryUsageCount",
            directory.boundary_usage_count(&policy.arn).to_string(),
        )
        .leaf("IsAttachable", "true");
    if detail == Detail::Full {
        xml.leaf_if("Description", policy.description.as_deref());
    }
    xml.leaf("CreateDate", date(policy.created_at)).leaf("UpdateDate", date(policy.updated_at));
    if detail == Detail::Full {
        write_tags(xml, &policy.tags);
    }
    xml.close(element);
}

/// Opens an element with what every operation tells about a version; the caller closes it.
fn write_version(
    xml: &mut Writer,
    element: &'static str,
    policy: &ManagedPolicy,
    version: &PolicyVersion,
) {
    let is_default = version.id == policy.default_version().id;
    xml.open(element)
        .leaf("VersionId", &version.id)
        .leaf("IsDefaultVersion", is_default.to_string())
        .leaf("CreateDate", date(version.created_at));
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, form, leaf};
    use crate::model::caller::UserName;

    const ARN: &str = "arn:aws:iam::123456789012:policy/team/p";

    fn allow(action: &str) -> String {
        form(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
        ))
    }

    fn with_policy() -> Account {
        let mut account = Account::with_bob();
        let text = allow("s3:GetObject");
        account.ok(&format!(
            "Action=CreatePolicy&PolicyName=p&Path=/team/&Description=a%3Cb&PolicyDocument={text}"
        ));
        account
    }

    #[test]
    fn a_created_policy_is_found_under_its_arn() {
        let mut account = with_policy();
        let body = account.ok(&format!("Action=GetPolicy&PolicyArn={ARN}"));
        assert_eq!(leaf(&body, "Arn"), ARN);
        assert_eq!(leaf(&body, "Description"), "a&lt;b");
        assert_eq!(leaf(&body, "DefaultVersionId"), "v1");
        assert_eq!(leaf(&body, "AttachmentCount"), "0");
        let again = format!("Action=CreatePolicy&PolicyName=P&PolicyDocument={}", allow("s3:*"));
        let message = "A policy called P already exists. Duplicate names are not allowed.";
        account.check_refused(&again, 409, "EntityAlreadyExists", message);
    }

    #[test]
    fn an_attached_policy_is_counted_and_not_deleted() {
        let mut account = with_policy();
        let delete = format!("Action=DeletePolicy&PolicyArn={ARN}");
        for (put, remove, count) in [
            (
                format!("Action=AttachUserPolicy&UserName=bob&PolicyArn={ARN}"),
                format!("Action=DetachUserPolicy&UserName=bob&PolicyArn={ARN}"),
                "AttachmentCount",
            ),
            (
                format!("Action=PutUserPermissionsBoundary&UserName=bob&PermissionsBoundary={ARN}"),
                "Action=DeleteUserPermissionsBoundary&UserName=bob".to_owned(),
                "PermissionsBoundaryUsageCount",
            ),
        ] {
            account.ok(&put);
            let body = account.ok(&format!("Action=GetPolicy&PolicyArn={ARN}"));
            assert_eq!(leaf(&body, count), "1");
            account.check_refused(&delete, 409, "DeleteConflict", "attached to entities");
            account.ok(&remove);
        }
        account.ok(&delete);
        account.check_refused(&delete, 404, "NoSuchEntity", "was not found.");
    }

    #[test]
    fn a_new_default_version_is_in_force_at_once_for_those_it_is_attached_to() {
        let mut account = with_policy();
        account.ok(&format!("Action=AttachUserPolicy&UserName=bob&PolicyArn={ARN}"));
        let text = allow("s3:PutObject");
        let create = format!("Action=CreatePolicyVersion&PolicyArn={ARN}&PolicyDocument={text}");
        assert_eq!(leaf(&account.ok(&create), "IsDefaultVersion"), "false");
        let in_force = |account: &Account| {
            let bob = account.directory.user(&UserName("bob".to_owned())).unwrap();
            account.directory.policies_of(bob).next().unwrap().1.text().to_owned()
        };
        assert!(in_force(&account).contains("GetObject"));
        account.ok(&format!("Action=SetDefaultPolicyVersion&PolicyArn={ARN}&VersionId=v2"));
        assert!(in_force(&account).contains("PutObject"));
    }

    #[test]
    fn versions_are_numbered_on_listed_newest_first_and_five_at_most() {
        let mut account = with_policy();
        let text = allow("s3:PutObject");
        let create = format!(
            "Action=CreatePolicyVersion&PolicyArn={ARN}&PolicyDocument={text}&SetAsDefault=true"
        );
        for number in 2..=5 {
            assert_eq!(leaf(&account.ok(&create), "VersionId"), format!("v{number}"));
        }
        account.check_refused(&create, 409, "LimitExceeded", "up to 5 versions");
        let delete = format!("Action=DeletePolicyVersion&PolicyArn={ARN}&VersionId");
        account.check_refused(&format!("{delete}=v5"), 409, "DeleteConflict", "default version");
        account.ok(&format!("{delete}=v4"));
        account.check_refused(&format!("{delete}=v4"), 404, "NoSuchEntity", "version v4");
        assert_eq!(leaf(&account.ok(&create), "VersionId"), "v6");
        let first = account.ok(&format!("Action=ListPolicyVersions&PolicyArn={ARN}&MaxItems=2"));
        assert!(first.find("v6") < first.find("v5") && first.contains("v5"), "{first}");
        let marker = leaf(&first, "Marker");
        let rest =
            account.ok(&format!("Action=ListPolicyVersions&PolicyArn={ARN}&Marker={marker}"));
        assert!(rest.contains("v3") && rest.contains("v1") && !rest.contains("v5"), "{rest}");
        let got = account.ok(&format!("Action=GetPolicyVersion&PolicyArn={ARN}&VersionId=v1"));
        assert!(leaf(&got, "Document").contains("GetObject"), "{got}");
        let delete = format!("Action=DeletePolicy&PolicyArn={ARN}");
        account.check_refused(&delete, 409, "DeleteConflict", "more than one version");
    }

    #[test]
    fn lists_select_by_scope_path_and_use() {
        let mut account = with_policy();
        let local = account.ok("Action=ListPolicies&Scope=Local");
        assert_eq!(local.matches("<PolicyName>").count(), 1, "{local}");
        let aws = account.ok("Action=ListPolicies&Scope=AWS");
        assert!(aws.contains(">AdministratorAccess<") && !aws.contains(ARN), "{aws}");
        let below = account.ok("Action=ListPolicies&PathPrefix=/team/");
        assert_eq!(below.matches("<PolicyName>").count(), 1, "{below}");
        let unused = account.ok("Action=ListPolicies&OnlyAttached=true");
        assert_eq!(unused.matches("<PolicyName>").count(), 0, "{unused}");
        account.check_refused("Action=ListPolicies&OnlyAttached=yes", 400, "MalformedInput", "");
    }

    #[test]
    fn pages_of_all_policies_cover_each_of_them_once() {
        let mut account = with_policy();
        let mut names = Vec::new();
        let mut params = "Action=ListPolicies&MaxItems=4".to_owned();
        loop {
            let body = account.ok(&params);
            let tails = body.split("<PolicyName>").skip(1);
            names.extend(tails.map(|tail| tail.split_once('<').unwrap().0.to_owned()));
            if leaf(&body, "IsTruncated") == "false" {
                break;
            }
            params = format!("Action=ListPolicies&MaxItems=4&Marker={}", leaf(&body, "Marker"));
        }
        assert_eq!(names.len(), account.directory.managed_policies().count());
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn the_policies_of_aws_are_not_changed() {
        let mut account = Account::empty();
        let params = "Action=DeletePolicy&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess";
        account.check_refused(params, 403, "AccessDenied", "managed by AWS");
    }

    #[test]
    fn a_document_over_the_quota_is_refused() {
        let text = allow(&format!("s3:{}", "x".repeat(6144)));
        let params = format!("Action=CreatePolicy&PolicyName=p&PolicyDocument={text}");
        let message = "Cannot exceed quota for PolicySize: 6144";
        Account::empty().check_refused(&params, 409, "LimitExceeded", message);
    }
}
