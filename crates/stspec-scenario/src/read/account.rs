//! A file below `scenarios/accounts`.

use serde_json::Value;

use super::scope::{Scope, Things, read_json, read_template};
use super::{Fields, Reader, nearest_or_all};
use crate::diagnostic::Code;
use crate::keys::{ACCOUNT, BUCKET, IAM_ROLE, USER};
use crate::model::{Account, Bucket, IamRole, ManagedPolicy, PolicyName, User};
use crate::name::Name;
use crate::template::{RESERVED_NAMES, Template};
use crate::yaml::{Entry, Node};

/// An account; `stem` is what its name has to be.
///
/// A document may refer to what stands on the target before it is sent: managed policies to
/// buckets and to the policies above them, trust policies to users as well, the policies inside of
/// users, roles and buckets to everything.
pub(crate) fn read_account(reader: &mut Reader<'_>, node: &Node, stem: &str) -> Option<Account> {
    let fields = reader.fields(node, &ACCOUNT)?;
    let name = reader.own_name(&fields, "account", stem);
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let policies = read_things(reader, &fields, "policies", &[]);
    let users = read_things(reader, &fields, "users", &[&policies]);
    let roles = read_things(reader, &fields, "roles", &[&policies, &users]);
    let buckets = read_things(reader, &fields, "buckets", &[&policies, &users, &roles]);
    let all = Things {
        policies: names(&policies),
        users: names(&users),
        roles: names(&roles),
        buckets: names(&buckets),
    };
    let scopes = Scopes::of(all);
    Some(Account {
        name: name?,
        says: says?,
        policies: read_managed_policies(reader, &policies, &scopes.names),
        users: read_each(&users, |name, node| read_user(reader, name, node, &scopes)),
        roles: read_each(&roles, |name, node| read_role(reader, name, node, &scopes)),
        buckets: read_each(&buckets, |name, node| read_bucket(reader, name, node, &scopes)),
    })
}

/// What may be referred to at each stage of making an account.
struct Scopes {
    names: Things,
    /// When users come to be.
    users: Scope,
    /// When roles come to be.
    trust: Scope,
    /// When everything stands.
    end: Scope,
}

impl Scopes {
    fn of(names: Things) -> Self {
        let Things { policies, users, buckets, .. } = names.clone();
        let for_users = Things { policies, buckets, ..Things::default() };
        let for_trust = Things { users, ..for_users.clone() };
        Self {
            users: Scope::of_things(for_users),
            trust: Scope::of_things(for_trust),
            end: Scope::of_things(names.clone()),
            names,
        }
    }
}

/// The entries below a key, with their names.
type Entries<'n> = Vec<(Option<Name>, &'n Entry)>;

/// The policies, users, roles or buckets, whose names are not taken yet.
fn read_things<'n>(
    reader: &mut Reader<'_>,
    fields: &Fields<'n>,
    key: &str,
    taken: &[&Entries<'_>],
) -> Entries<'n> {
    let entries = fields.get(key).and_then(|node| reader.map(node)).unwrap_or_default();
    let things = entries.iter().map(|entry| {
        let name = reader.name_in(&entry.key, entry.key_span);
        if let Some(name) = &name {
            check_name(reader, name, entry, taken);
        }
        (name, entry)
    });
    things.collect()
}

fn check_name(reader: &mut Reader<'_>, name: &Name, entry: &Entry, taken: &[&Entries<'_>]) {
    if RESERVED_NAMES.contains(&name.as_str()) {
        let message = format!("the name `{name}` has a meaning of its own");
        reader.report(Code::BadName, entry.key_span, message, None);
    }
    let mut others = taken.iter().flat_map(|things| things.iter());
    if others.any(|(other, _)| other.as_ref() == Some(name)) {
        let message = format!("something else in the account is called `{name}` already");
        reader.report(Code::DuplicateId, entry.key_span, message, None);
    }
}

fn names(entries: &Entries<'_>) -> Vec<Name> {
    entries.iter().filter_map(|(name, _)| name.clone()).collect()
}

fn read_each<T>(entries: &Entries<'_>, mut read: impl FnMut(Name, &Node) -> Option<T>) -> Vec<T> {
    let named = entries.iter().filter_map(|(name, entry)| Some((name.clone()?, *entry)));
    named.filter_map(|(name, entry)| read(name, &entry.value)).collect()
}

/// Each may refer to the buckets and to the policies above it.
fn read_managed_policies(
    reader: &mut Reader<'_>,
    entries: &Entries<'_>,
    all: &Things,
) -> Vec<ManagedPolicy> {
    let mut above = Things { buckets: all.buckets.clone(), ..Things::default() };
    read_each(entries, |name, node| {
        let document = read_json(reader, node, &Scope::of_things(above.clone()));
        above.policies.push(name.clone());
        Some(ManagedPolicy { name, document: document? })
    })
}

fn read_user(reader: &mut Reader<'_>, name: Name, node: &Node, scopes: &Scopes) -> Option<User> {
    let fields = reader.fields(node, &USER)?;
    let attach = fields.get("attach").and_then(|node| reader.list(node)).unwrap_or_default();
    let attach = attach.iter().filter_map(|node| read_policy_name(reader, node, scopes));
    let attach = attach.collect();
    let boundary = fields.get("boundary");
    let boundary = boundary.and_then(|node| read_policy_name(reader, node, scopes));
    let tags = fields.get("tags").and_then(|node| reader.map(node)).unwrap_or_default();
    let tags = tags.iter().filter_map(|entry| {
        let value = read_template(reader, &entry.value, &scopes.users)?;
        Some((entry.key.clone(), value))
    });
    let tags = tags.collect();
    let policies = read_inline_policies(reader, &fields, &scopes.end);
    Some(User { name, policies, attach, boundary, tags })
}

/// A managed policy: of this account by its name, or any by its ARN.
fn read_policy_name(reader: &mut Reader<'_>, node: &Node, scopes: &Scopes) -> Option<PolicyName> {
    let template = read_template(reader, node, &scopes.users)?;
    let text = template.source();
    if is_arn(&template) {
        return Some(PolicyName::Arn(template));
    }
    let known = &scopes.names.policies;
    if let Some(name) = known.iter().find(|name| name.as_str() == text) {
        return Some(PolicyName::Own(name.clone()));
    }
    let known: Vec<&str> = known.iter().map(Name::as_str).collect();
    let message = format!("the account has no managed policy `{text}`");
    reader.report(Code::UnknownPolicy, node.span, message, nearest_or_all(text, &known));
    None
}

/// Whether a template becomes an ARN: it says so, or it is the ARN of something.
fn is_arn(template: &Template) -> bool {
    let source = template.source();
    source.starts_with("arn:") || (source.starts_with("${") && source.ends_with(".arn}"))
}

fn read_role(reader: &mut Reader<'_>, name: Name, node: &Node, scopes: &Scopes) -> Option<IamRole> {
    let fields = reader.fields(node, &IAM_ROLE)?;
    let trust = fields.get("trust").and_then(|node| read_json(reader, node, &scopes.trust));
    let policies = read_inline_policies(reader, &fields, &scopes.end);
    Some(IamRole { name, trust: trust?, policies })
}

fn read_inline_policies(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    scope: &Scope,
) -> Vec<(Name, Value)> {
    let entries = fields.get("policies").and_then(|node| reader.map(node)).unwrap_or_default();
    let policies = entries.iter().filter_map(|entry| {
        let name = reader.name_in(&entry.key, entry.key_span);
        let policy = read_json(reader, &entry.value, scope);
        Some((name?, policy?))
    });
    policies.collect()
}

fn read_bucket(
    reader: &mut Reader<'_>,
    name: Name,
    node: &Node,
    scopes: &Scopes,
) -> Option<Bucket> {
    let fields = reader.fields(node, &BUCKET)?;
    let objects = fields.get("objects").and_then(|node| reader.map(node)).unwrap_or_default();
    let objects = objects.iter().filter_map(|entry| {
        reader.text(&entry.value).map(|text| (entry.key.clone(), text.to_owned()))
    });
    let objects = objects.collect();
    let policy = fields.get("policy").and_then(|node| read_json(reader, node, &scopes.end));
    Some(Bucket { name, objects, policy })
}
