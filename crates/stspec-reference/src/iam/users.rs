//! Users and their tags.

use super::{Handled, IamCall, IamContext, date, page, write_boundary, write_tags};
use crate::model::caller::{Caller, UserName};
use crate::state::directory::{Directory, NewUser, User};
use crate::wire::xml::Writer;

pub(super) fn create(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let new = NewUser {
        name: UserName(call.required("UserName").to_owned()),
        path: call.get("Path").unwrap_or("/").to_owned(),
        tags: call.tags(),
        boundary_arn: call.get("PermissionsBoundary").map(str::to_owned),
    };
    let user = context.directory.create_user(new, context.ids, context.now)?;
    write_user(xml, "User", user, Detail::Full);
    Ok(())
}

pub(super) fn get(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    if call.get("UserName").is_none() && *call.caller() == Caller::Root {
        write_root(xml, context.directory);
        return Ok(());
    }
    let user = context.directory.existing_user(&call.user_name()?)?;
    write_user(xml, "User", user, Detail::Full);
    Ok(())
}

pub(super) fn list(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let prefix = call.get("PathPrefix").unwrap_or("/");
    let users = context.directory.users().filter(|user| user.path.starts_with(prefix));
    let keyed = users.map(|user| (user.name.0.clone(), user));
    page::write(call, xml, "Users", keyed, |xml, user| {
        write_user(xml, "member", user, Detail::Brief);
    })
}

pub(super) fn delete(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.delete_user(&call.user_name()?)
}

pub(super) fn tag(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.tag_user(&call.user_name()?, call.tags())
}

pub(super) fn untag(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.untag_user(&call.user_name()?, call.texts("TagKeys"))
}

pub(super) fn list_tags(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let user = context.directory.existing_user(&call.user_name()?)?;
    // The key of a tag may be longer than a marker, so its place in the list stands for it.
    let keyed = user.tags.iter().enumerate().map(|(place, tag)| (format!("{place:04}"), tag));
    page::write(call, xml, "Tags", keyed, |xml, (key, value)| {
        xml.open("member").leaf("Key", key).leaf("Value", value).close("member");
    })
}

/// How much of a user is written.
///
/// Source: IAM API Reference, `ListUsers`: it leaves out tags and boundaries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Full,
    Brief,
}

fn write_user(xml: &mut Writer, element: &'static str, user: &User, detail: Detail) {
    xml.open(element)
        .leaf("Path", &user.path)
        .leaf("UserName", &user.name.0)
        .leaf("UserId", &user.id)
        .leaf("Arn", &user.arn)
        .leaf("CreateDate", date(user.created_at));
    if detail == Detail::Full {
        write_boundary(xml, user.boundary_arn.as_deref());
        write_tags(xml, &user.tags);
    }
    xml.close(element);
}

/// The root user has the account's number as its id, and no name of its own.
fn write_root(xml: &mut Writer, directory: &Directory) {
    xml.open("User")
        .leaf("UserId", &directory.context().account)
        .leaf("Arn", directory.context().iam_arn("root"))
        .leaf("CreateDate", date(directory.created_at()))
        .close("User");
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, leaf, text, user};

    #[test]
    fn a_created_user_is_found_with_all_it_was_created_with() {
        let mut account = Account::empty();
        account.ok("Action=CreateUser&UserName=bob&Path=/team/&Tags.member.1.Key=k&Tags.member.1.Value=a%20b&PermissionsBoundary=arn:aws:iam::aws:policy/ReadOnlyAccess");
        let body = account.ok("Action=GetUser&UserName=bob");
        assert_eq!(leaf(&body, "Arn"), "arn:aws:iam::123456789012:user/team/bob");
        assert!(leaf(&body, "UserId").starts_with("AIDA"));
        assert_eq!(leaf(&body, "CreateDate"), "2026-11-21T20:00:00Z");
        assert_eq!(leaf(&body, "Value"), "a b");
        let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        assert_eq!(leaf(&body, "PermissionsBoundaryArn"), boundary);
    }

    #[test]
    fn names_are_unique_whatever_their_case() {
        let mut account = Account::with_bob();
        let message = "User with name BOB already exists.";
        account.check_refused(
            "Action=CreateUser&UserName=BOB",
            409,
            "EntityAlreadyExists",
            message,
        );
    }

    #[test]
    fn a_user_created_again_has_another_id() {
        let mut account = Account::with_bob();
        let first = account.ok("Action=GetUser&UserName=bob");
        account.ok("Action=DeleteUser&UserName=bob");
        account.ok("Action=CreateUser&UserName=bob");
        let second = account.ok("Action=GetUser&UserName=bob");
        assert_ne!(leaf(&first, "UserId"), leaf(&second, "UserId"));
    }

    #[test]
    fn without_a_name_the_caller_is_meant() {
        let mut account = Account::with_bob();
        let own = text(&account.call_as(&user("bob"), "Action=GetUser"));
        assert_eq!(leaf(&own, "UserName"), "bob");
        let root = account.ok("Action=GetUser");
        assert_eq!(leaf(&root, "Arn"), "arn:aws:iam::123456789012:root");
        assert_eq!(leaf(&root, "UserId"), "123456789012");
    }

    #[test]
    fn a_user_with_keys_or_policies_is_not_deleted() {
        let mut account = Account::with_bob();
        let delete = "Action=DeleteUser&UserName=bob";
        let key =
            leaf(&account.ok("Action=CreateAccessKey&UserName=bob"), "AccessKeyId").to_owned();
        account.check_refused(delete, 409, "DeleteConflict", "must delete access keys first");
        account.ok(&format!("Action=DeleteAccessKey&UserName=bob&AccessKeyId={key}"));
        let policy = "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess";
        account.ok(&format!("Action=AttachUserPolicy&{policy}"));
        account.check_refused(delete, 409, "DeleteConflict", "must detach all policies first");
        account.ok(&format!("Action=DetachUserPolicy&{policy}"));
        account.ok(delete);
        account.check_refused(
            delete,
            404,
            "NoSuchEntity",
            "The user with name bob cannot be found.",
        );
    }

    #[test]
    fn a_list_goes_on_where_the_page_ended_though_its_users_are_gone() {
        let mut account = Account::empty();
        for name in ["ann", "bob", "cid", "dot", "eve"] {
            account.ok(&format!("Action=CreateUser&UserName={name}"));
        }
        let first = account.ok("Action=ListUsers&MaxItems=2");
        assert_eq!(leaf(&first, "IsTruncated"), "true");
        assert!(first.contains(">ann<") && first.contains(">bob<") && !first.contains(">cid<"));
        account.ok("Action=DeleteUser&UserName=ann");
        account.ok("Action=DeleteUser&UserName=bob");
        let marker = leaf(&first, "Marker");
        let second = account.ok(&format!("Action=ListUsers&MaxItems=3&Marker={marker}"));
        assert_eq!(leaf(&second, "IsTruncated"), "false");
        assert!(second.contains(">cid<") && second.contains(">eve<"));
        assert!(!second.contains("<Marker>"));
        account.check_refused("Action=ListUsers&Marker=!", 400, "ValidationError", "Marker");
    }

    #[test]
    fn a_path_prefix_selects_users_and_hides_their_tags() {
        let mut account = Account::with_bob();
        account.ok(
            "Action=CreateUser&UserName=ann&Path=/team/&Tags.member.1.Key=k&Tags.member.1.Value=v",
        );
        let body = account.ok("Action=ListUsers&PathPrefix=/team/");
        assert!(body.contains(">ann<") && !body.contains(">bob<") && !body.contains("<Tags>"));
    }

    #[test]
    fn tags_come_and_go_and_come_in_pages() {
        let mut account = Account::with_bob();
        account.ok("Action=TagUser&UserName=bob&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value=%C3%A9");
        let first = account.ok("Action=ListUserTags&UserName=bob&MaxItems=1");
        assert_eq!(leaf(&first, "Key"), "a");
        let marker = leaf(&first, "Marker");
        let second = account.ok(&format!("Action=ListUserTags&UserName=bob&Marker={marker}"));
        assert_eq!(leaf(&second, "Value"), "é");
        account.ok("Action=UntagUser&UserName=bob&TagKeys.member.1=A");
        let rest = account.ok("Action=ListUserTags&UserName=bob");
        assert!(!rest.contains("<Key>a</Key>") && rest.contains("<Key>b</Key>"));
        let twice = "Action=TagUser&UserName=bob&Tags.member.1.Key=x&Tags.member.1.Value=&Tags.member.2.Key=X&Tags.member.2.Value=";
        account.check_refused(twice, 400, "InvalidInput", "Duplicate tag keys found.");
    }

    #[test]
    fn a_boundary_that_does_not_exist_creates_nobody() {
        let mut account = Account::empty();
        let params =
            "Action=CreateUser&UserName=bob&PermissionsBoundary=arn:aws:iam::aws:policy/Nope";
        account.check_refused(params, 404, "NoSuchEntity", "does not exist or is not attachable");
        assert_eq!(account.directory.users().count(), 0);
    }
}
