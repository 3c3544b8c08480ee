//! What several mistakes share: finding a member of an answer and changing it.

use crate::parts::Parts;
use crate::sts::StsCall;
use crate::sts::members::{Member, Members, Value};

/// The account of mistakes that show another account.
pub(super) const FOREIGN_ACCOUNT: &str = "000000000000";

/// Changes the results of `GetFederationToken` alone.
pub(super) fn edit_federation(parts: &mut Parts, edit: fn(&StsCall<'_>, &mut Members)) {
    parts.sts.answers.edit_members(move |call, members| {
        if call.operation.name == "GetFederationToken" {
            edit(call, members);
        }
    });
}

/// The members of the structure with this name.
pub(super) fn group<'a>(members: &'a mut Members, name: &str) -> Option<&'a mut Members> {
    match &mut find(members, name)?.value {
        Value::Group(members) => Some(members),
        Value::Text(_) | Value::Number(_) | Value::Time(_) => None,
    }
}

/// The member with this name.
pub(super) fn find<'a>(members: &'a mut Members, name: &str) -> Option<&'a mut Member> {
    members.iter_mut().find(|member| member.name == name)
}

/// Changes a text in a structure.
pub(super) fn edit_text(
    members: &mut Members,
    group_name: &str,
    name: &str,
    edit: impl Fn(&str) -> String,
) {
    let member = group(members, group_name).and_then(|members| find(members, name));
    if let Some(Member { value: Value::Text(text), .. }) = member {
        *text = edit(text);
    }
}

/// Removes the member with this name.
pub(super) fn remove(members: &mut Members, name: &str) {
    members.retain(|member| member.name != name);
}
