//! A file below `scenarios/accounts`.

use super::Reader;
use super::scope::{Scope, read_json};
use crate::diagnostic::Code;
use crate::keys::{ACCOUNT, BUCKET, USER};
use crate::model::{Account, Bucket, User};
use crate::name::Name;
use crate::template::RESERVED_NAMES;
use crate::yaml::{Entry, Node};

/// An account; `stem` is what its name has to be.
pub(crate) fn read_account(reader: &mut Reader<'_>, node: &Node, stem: &str) -> Option<Account> {
    let fields = reader.fields(node, &ACCOUNT)?;
    let name = reader.own_name(&fields, "account", stem);
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let users = fields.get("users").and_then(|node| reader.map(node)).unwrap_or_default();
    let buckets = fields.get("buckets").and_then(|node| reader.map(node)).unwrap_or_default();
    let user_names = read_names(reader, users, &[]);
    let bucket_names = read_names(reader, buckets, &user_names);
    let scope = Scope::of_things(
        user_names.iter().flatten().cloned().collect(),
        bucket_names.iter().flatten().cloned().collect(),
    );
    let users = users.iter().zip(user_names).filter_map(|(entry, name)| {
        let policies = read_policies(reader, &entry.value, &scope);
        Some(User { name: name?, policies })
    });
    let users = users.collect();
    let buckets = buckets.iter().zip(bucket_names).filter_map(|(entry, name)| {
        let (objects, policy) = read_bucket(reader, &entry.value, &scope);
        Some(Bucket { name: name?, objects, policy })
    });
    let buckets = buckets.collect();
    Some(Account { name: name?, says: says?, users, buckets })
}

/// The names of users or buckets, none of which is taken.
fn read_names(
    reader: &mut Reader<'_>,
    entries: &[Entry],
    taken: &[Option<Name>],
) -> Vec<Option<Name>> {
    let names = entries.iter().map(|entry| {
        let name = reader.name_in(&entry.key, entry.key_span)?;
        if RESERVED_NAMES.contains(&name.as_str()) {
            let message = format!("the name `{name}` has a meaning of its own");
            reader.report(Code::BadName, entry.key_span, message, None);
        }
        if taken.iter().flatten().any(|other| *other == name) {
            let message = format!("the account has a user called `{name}` already");
            reader.report(Code::DuplicateId, entry.key_span, message, None);
        }
        Some(name)
    });
    names.collect()
}

fn read_policies(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
) -> Vec<(Name, serde_json::Value)> {
    let Some(fields) = reader.fields(node, &USER) else { return Vec::new() };
    let entries = fields.get("policies").and_then(|node| reader.map(node)).unwrap_or_default();
    let policies = entries.iter().filter_map(|entry| {
        let name = reader.name_in(&entry.key, entry.key_span);
        let policy = read_json(reader, &entry.value, scope);
        Some((name?, policy?))
    });
    policies.collect()
}

type Objects = Vec<(String, String)>;

fn read_bucket(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
) -> (Objects, Option<serde_json::Value>) {
    let Some(fields) = reader.fields(node, &BUCKET) else { return (Vec::new(), None) };
    let objects = fields.get("objects").and_then(|node| reader.map(node)).unwrap_or_default();
    let objects = objects.iter().filter_map(|entry| {
        reader.text(&entry.value).map(|text| (entry.key.clone(), text.to_owned()))
    });
    let objects = objects.collect();
    (objects, fields.get("policy").and_then(|node| read_json(reader, node, scope)))
}
