//! Access keys of users.

use super::{Handled, IamCall, IamContext, date, page};
use crate::state::directory::{AccessKey, AccessKeyStatus};
use crate::wire::xml::Writer;

pub(super) fn create(
    call: &IamCall<'_>,
    context: &mut IamContext<'_>,
    xml: &mut Writer,
) -> Handled {
    let key = context.directory.create_access_key(&call.user_name()?, context.ids, context.now)?;
    xml.open("AccessKey");
    write_key(xml, key);
    xml.leaf("SecretAccessKey", &key.secret).close("AccessKey");
    Ok(())
}

pub(super) fn list(call: &IamCall<'_>, context: &mut IamContext<'_>, xml: &mut Writer) -> Handled {
    let name = call.user_name()?;
    context.directory.existing_user(&name)?;
    let keyed = context.directory.access_keys_of(&name).map(|key| (key.id.clone(), key));
    page::write(call, xml, "AccessKeyMetadata", keyed, |xml, key| {
        xml.open("member");
        write_key(xml, key);
        xml.close("member");
    })
}

pub(super) fn update(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    let status = match call.required("Status") {
        "Active" => AccessKeyStatus::Active,
        _ => AccessKeyStatus::Inactive,
    };
    let id = call.required("AccessKeyId");
    context.directory.set_access_key_status(&call.user_name()?, id, status)
}

pub(super) fn delete(call: &IamCall<'_>, context: &mut IamContext<'_>, _: &mut Writer) -> Handled {
    context.directory.delete_access_key(&call.user_name()?, call.required("AccessKeyId"))
}

fn write_key(xml: &mut Writer, key: &AccessKey) {
    xml.leaf("UserName", &key.owner.0)
        .leaf("AccessKeyId", &key.id)
        .leaf("Status", key.status.name())
        .leaf("CreateDate", date(key.created_at));
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Account, leaf, text, user};

    #[test]
    fn the_secret_is_shown_once() {
        let mut account = Account::with_bob();
        let created = account.ok("Action=CreateAccessKey&UserName=bob");
        let id = leaf(&created, "AccessKeyId").to_owned();
        let secret = leaf(&created, "SecretAccessKey").to_owned();
        assert_eq!(account.directory.access_key(&id).unwrap().secret, secret);
        let listed = account.ok("Action=ListAccessKeys&UserName=bob");
        assert!(listed.contains(&id) && !listed.contains(&secret), "{listed}");
    }

    #[test]
    fn a_user_holds_two_keys() {
        let mut account = Account::with_bob();
        let create = "Action=CreateAccessKey&UserName=bob";
        account.ok(create);
        account.ok(create);
        let message = "Cannot exceed quota for AccessKeysPerUser: 2";
        account.check_refused(create, 409, "LimitExceeded", message);
        let first = account.ok("Action=ListAccessKeys&UserName=bob&MaxItems=1");
        let marker = leaf(&first, "Marker");
        let second = account.ok(&format!("Action=ListAccessKeys&UserName=bob&Marker={marker}"));
        assert_ne!(leaf(&first, "AccessKeyId"), leaf(&second, "AccessKeyId"));
    }

    #[test]
    fn a_key_is_switched_off_and_on() {
        let mut account = Account::with_bob();
        let created = text(&account.call_as(&user("bob"), "Action=CreateAccessKey"));
        let id = leaf(&created, "AccessKeyId");
        for status in ["Inactive", "Active"] {
            account.ok(&format!(
                "Action=UpdateAccessKey&UserName=bob&AccessKeyId={id}&Status={status}"
            ));
            assert_eq!(leaf(&account.ok("Action=ListAccessKeys&UserName=bob"), "Status"), status);
        }
        let wrong = format!("Action=UpdateAccessKey&UserName=bob&AccessKeyId={id}&Status=Off");
        account.check_refused(&wrong, 400, "ValidationError", "enum value set: [Active, Inactive]");
    }

    #[test]
    fn nobody_deletes_the_key_of_another_user() {
        let mut account = Account::with_bob();
        account.ok("Action=CreateUser&UserName=ann");
        let id = leaf(&account.ok("Action=CreateAccessKey&UserName=ann"), "AccessKeyId").to_owned();
        let message = format!("The Access Key with id {id} cannot be found.");
        let params = format!("Action=DeleteAccessKey&UserName=bob&AccessKeyId={id}");
        account.check_refused(&params, 404, "NoSuchEntity", &message);
        account.ok(&format!("Action=DeleteAccessKey&UserName=ann&AccessKeyId={id}"));
        let again = format!("Action=DeleteAccessKey&UserName=ann&AccessKeyId={id}");
        account.check_refused(&again, 404, "NoSuchEntity", &message);
    }

    #[test]
    fn root_names_the_user() {
        let message = "Must specify userName when calling with non-User credentials";
        let mut account = Account::empty();
        account.check_refused("Action=CreateAccessKey", 400, "ValidationError", message);
        let unknown = "The user with name bob cannot be found.";
        account.check_refused("Action=ListAccessKeys&UserName=bob", 404, "NoSuchEntity", unknown);
    }
}
