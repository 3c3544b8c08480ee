//! A file below `scenarios/profiles`.

use super::expectation::read_expectations;
use super::param::read_params;
use super::scope::{Accounts, Scope, read_principal};
use super::step::read_call;
use super::{Fields, Reader};
use crate::diagnostic::Code;
use crate::keys::{LOAD_CALL, PROFILE, REQUESTS_MAX, USERS_MAX, WEIGHT_MAX};
use crate::model::{LoadCall, Principal, Profile};
use crate::yaml::Node;

/// A profile; `stem` is what its name has to be.
pub(crate) fn read_profile(
    reader: &mut Reader<'_>,
    node: &Node,
    stem: &str,
    accounts: &Accounts,
) -> Option<Profile> {
    let fields = reader.fields(node, &PROFILE)?;
    let name = reader.own_name(&fields, "profile", stem);
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let (account, scope) = Scope::of_account(reader, fields.get("account"), accounts);
    let users = read_count(reader, &fields, "users", USERS_MAX);
    let requests = read_count(reader, &fields, "requests", REQUESTS_MAX);
    let calls = read_calls(reader, &fields, &scope);
    Some(Profile {
        name: name?,
        says: says?,
        account: account?,
        users: users?,
        requests: requests?,
        calls,
    })
}

fn read_count(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, max: i64) -> Option<u32> {
    let count = reader.integer(fields.get(key)?, 1..=max)?;
    u32::try_from(count).ok()
}

fn read_calls(reader: &mut Reader<'_>, fields: &Fields<'_>, scope: &Scope) -> Vec<LoadCall> {
    let Some(node) = fields.get("calls") else { return Vec::new() };
    let items = reader.list(node).unwrap_or_default();
    if items.is_empty() {
        reader.report(Code::BadValue, node.span, "a profile needs a call", None);
    }
    items.iter().filter_map(|item| read_load_call(reader, item, scope)).collect()
}

fn read_load_call(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<LoadCall> {
    let fields = reader.fields(node, &LOAD_CALL)?;
    let call = fields.get("call").and_then(|node| read_call(reader, node));
    let principal = fields.get("as").and_then(|node| read_signer(reader, node, scope));
    let weight = match fields.get("weight") {
        Some(_) => read_count(reader, &fields, "weight", WEIGHT_MAX),
        None => Some(1),
    };
    let params = fields.get("params").map(|node| read_params(reader, node, scope));
    let expectations = fields.get("expect").map(|node| read_expectations(reader, node, scope));
    Some(LoadCall {
        call: call?,
        principal: principal?,
        weight: weight?,
        params: params.unwrap_or_default(),
        expectations: expectations?,
    })
}

/// Who signs; the administrator only arranges.
fn read_signer(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Principal> {
    let principal = read_principal(reader, node, scope)?;
    if principal == Principal::Admin {
        let message = "a profile can't call as the administrator";
        let help = Some("call as `root` or as a user of the account".to_owned());
        reader.report(Code::AdminBeyondControl, node.span, message, help);
    }
    Some(principal)
}
