//! What a step may refer to: the account's things, earlier steps and sessions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Reader, nearest_or_all};
use crate::diagnostic::{Code, Span};
use crate::error::BadTemplate;
use crate::model::{Account, Principal};
use crate::name::Name;
use crate::nearest::nearest;
use crate::template::{Placeholder, Template};
use crate::yaml::{Node, NodeKind, ScalarKind};

/// The accounts by name; one whose file has faults is `None`, so that nobody reports its users too.
pub(crate) type Accounts = BTreeMap<String, Option<Account>>;

/// What an account consists of, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Things {
    pub(super) policies: Vec<Name>,
    pub(super) users: Vec<Name>,
    pub(super) roles: Vec<Name>,
    pub(super) buckets: Vec<Name>,
}

impl Things {
    fn of(account: &Account) -> Self {
        Self {
            policies: account.policies.iter().map(|policy| policy.name.clone()).collect(),
            users: account.users.iter().map(|user| user.name.clone()).collect(),
            roles: account.roles.iter().map(|role| role.name.clone()).collect(),
            buckets: account.buckets.iter().map(|bucket| bucket.name.clone()).collect(),
        }
    }
}

/// What is known at one place of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    things: Things,
    /// The account has faults of its own, so its things can't be checked.
    account_is_broken: bool,
    steps: Vec<Name>,
    sessions: Vec<Name>,
    /// Sessions may sign and have no access key id to refer to, as each load user has its own.
    sessions_only_sign: bool,
    /// The scenario is played in copies, so that `${copy}` means something.
    in_copies: bool,
}

impl Scope {
    /// The scope of an account's file, or of a scenario that uses the account.
    pub(super) fn of_things(things: Things) -> Self {
        Self { things, ..Self::default() }
    }

    /// The scope of something that uses the account called `text`.
    pub(super) fn of_account(
        reader: &mut Reader<'_>,
        node: Option<&Node>,
        accounts: &Accounts,
    ) -> (Option<Name>, Self) {
        let broken = Self { account_is_broken: true, ..Self::default() };
        let Some(node) = node else { return (None, Self::default()) };
        let Some(name) = reader.name(node) else { return (None, broken) };
        match accounts.get(name.as_str()) {
            Some(Some(account)) => (Some(name), Self::of_things(Things::of(account))),
            Some(None) => (Some(name), broken),
            None => {
                let known: Vec<&str> = accounts.keys().map(String::as_str).collect();
                let message = format!("there is no account `{name}`");
                let text = name.as_str();
                reader.report(
                    Code::UnknownAccount,
                    node.span,
                    message,
                    nearest_or_all(text, &known),
                );
                (None, broken)
            }
        }
    }

    pub(super) fn add_step(&mut self, id: Name) {
        self.steps.push(id);
    }

    pub(super) fn add_session(&mut self, name: Name) {
        self.sessions.push(name);
    }

    /// Makes `${copy}` known.
    pub(super) fn allow_copies(&mut self) {
        self.in_copies = true;
    }

    /// Makes sessions unknown to templates.
    pub(super) fn let_sessions_only_sign(&mut self) {
        self.sessions_only_sign = true;
    }

    pub(super) fn has_session(&self, name: &Name) -> bool {
        self.sessions.contains(name)
    }

    /// Everything that a template may refer to here; steps with their result.
    fn placeholders(&self) -> Vec<String> {
        let mut known = Vec::new();
        let Things { policies, users, roles, buckets } = &self.things;
        for named in policies.iter().chain(users).chain(roles) {
            known.extend(["name", "arn"].map(|member| format!("{named}.{member}")));
        }
        known.extend(users.iter().map(|user| format!("{user}.access_key_id")));
        for bucket in buckets {
            known.extend([bucket.to_string(), format!("{bucket}.arn")]);
        }
        let named = self.sessions.iter().filter(|_| !self.sessions_only_sign);
        known.extend(named.map(|name| format!("session.{name}.access_key_id")));
        known.extend(self.steps.iter().map(|id| format!("step.{id}.result")));
        known.extend(FIXED_REFERENCES.map(str::to_owned));
        if self.in_copies {
            known.extend(["copy", "copy.next"].map(str::to_owned));
        }
        known
    }

    fn knows(&self, placeholder: &Placeholder) -> bool {
        match placeholder {
            Placeholder::Resource { .. } if self.account_is_broken => true,
            Placeholder::Step { id, .. } => self.steps.contains(id),
            Placeholder::Resource { .. }
            | Placeholder::SessionAccessKeyId(_)
            | Placeholder::Target(_)
            | Placeholder::Replica(_)
            | Placeholder::RunId => self.placeholders().contains(&placeholder.to_string()),
        }
    }
}

/// What a template may refer to everywhere.
const FIXED_REFERENCES: [&str; 5] =
    ["target.account", "target.partition", "target.region", "target.disabled_region", "run.id"];

/// A template whose references are known.
pub(super) fn read_template(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
) -> Option<Template> {
    let text = reader.text(node)?;
    check_template(reader, text, node.span, scope)
}

/// As [`read_template`], and an integer is taken as text.
pub(super) fn read_value(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Template> {
    let text = reader.text_or_integer(node)?;
    check_template(reader, text, node.span, scope)
}

/// Text that may not refer to anything.
pub(super) fn read_literal(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    if Template::parse(text).is_ok_and(|template| template.as_literal().is_some()) {
        return Some(text.to_owned());
    }
    let message = format!("`{text}` refers to something, and nothing is filled in here");
    reader.report(Code::BadReference, node.span, message, None);
    None
}

/// A document; strings in it are templates.
pub(super) fn read_json(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Value> {
    match &node.kind {
        NodeKind::Scalar(scalar) => match scalar.kind() {
            ScalarKind::Integer(integer) => Some(Value::from(integer)),
            ScalarKind::Bool(boolean) => Some(Value::Bool(boolean)),
            ScalarKind::Null => Some(Value::Null),
            ScalarKind::Text | ScalarKind::Number | ScalarKind::Ambiguous => {
                let template = read_template(reader, node, scope)?;
                Some(Value::String(template.source().to_owned()))
            }
        },
        NodeKind::List(items) => {
            Some(items.iter().filter_map(|item| read_json(reader, item, scope)).collect())
        }
        NodeKind::Map(entries) => {
            let mut members = Map::new();
            for entry in entries {
                if let Some(value) = read_json(reader, &entry.value, scope) {
                    members.insert(entry.key.clone(), value);
                }
            }
            Some(Value::Object(members))
        }
    }
}

/// Who signs, as `as:` says.
pub(super) fn read_principal(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
) -> Option<Principal> {
    let text = reader.text(node)?;
    match text {
        "root" => return Some(Principal::Root),
        "admin" => return Some(Principal::Admin),
        "anonymous" => return Some(Principal::Anonymous),
        _ => {}
    }
    if let Some(session) = text.strip_prefix("session.") {
        let name = reader.name_in(session, node.span)?;
        return check_session(reader, name, node.span, scope).map(Principal::Session);
    }
    let user = Name::parse(text).ok();
    if let Some(user) =
        user.filter(|user| scope.account_is_broken || scope.things.users.contains(user))
    {
        return Some(Principal::User(user));
    }
    let sessions: Vec<String> =
        scope.sessions.iter().map(|session| format!("session.{session}")).collect();
    let mut known: Vec<&str> = scope.things.users.iter().map(Name::as_str).collect();
    known.extend(sessions.iter().map(String::as_str));
    known.extend(["root", "admin", "anonymous"]);
    let message = format!("there is no principal `{text}` here");
    reader.report(Code::UnknownPrincipal, node.span, message, nearest_or_all(text, &known));
    None
}

/// A session that an earlier step captured.
pub(super) fn check_session(
    reader: &mut Reader<'_>,
    name: Name,
    span: Span,
    scope: &Scope,
) -> Option<Name> {
    if scope.has_session(&name) {
        return Some(name);
    }
    let message = format!("no earlier step captures the session `{name}`");
    let help = match nearest(name.as_str(), scope.sessions.iter().map(Name::as_str)) {
        Some(nearest) => format!("did you mean `session.{nearest}`?"),
        None => format!("capture it with `session: {name}` in a step before this one"),
    };
    reader.report(Code::UnknownSession, span, message, Some(help));
    None
}

fn check_template(
    reader: &mut Reader<'_>,
    text: &str,
    span: Span,
    scope: &Scope,
) -> Option<Template> {
    let unknown = match Template::parse(text) {
        Ok(template) => {
            let unknown =
                template.placeholders().find(|placeholder| !scope.knows(placeholder)).cloned();
            let Some(unknown) = unknown else { return Some(template) };
            unknown.to_string()
        }
        Err(
            BadTemplate::Unknown { placeholder } | BadTemplate::CaseOutsideTable { placeholder },
        ) => placeholder,
        Err(error @ BadTemplate::Unclosed) => {
            reader.report(Code::BadReference, span, error.to_string(), None);
            return None;
        }
    };
    if unknown.starts_with("case.") {
        let message = format!("`${{{unknown}}}` stands outside of a table");
        let help = Some("only the cases of a `table:` have keys of their own".to_owned());
        reader.report(Code::BadReference, span, message, help);
        return None;
    }
    let known = scope.placeholders();
    if let Some(remedy) = remedy(&unknown) {
        let message = format!("`${{{unknown}}}` has no meaning here");
        reader.report(Code::BadReference, span, message, Some(remedy.to_owned()));
        return None;
    }
    let help = nearest(&unknown, known.iter().map(String::as_str))
        .map(|nearest| format!("did you mean `${{{nearest}}}`?"));
    let message = format!("`${{{unknown}}}` refers to nothing that is known here");
    reader.report(Code::BadReference, span, message, help);
    None
}

/// Where a placeholder that counts something has its place.
fn remedy(placeholder: &str) -> Option<&'static str> {
    match placeholder {
        "n" => Some("it numbers the members of `{count: …, each: …}`"),
        "copy" | "copy.next" => Some("add `copies:` to the scenario"),
        _ => None,
    }
}
