//! One call with what is expected of its answer.

use super::expectation::read_outcomes;
use super::param::read_params;
use super::scope::{Scope, read_principal};
use super::wire::{read_send, read_sign};
use super::{Fields, Reader};
use crate::diagnostic::{Code, Span};
use crate::error::UnknownOperation;
use crate::keys::{HOLD_MAX, STEP};
use crate::model::{Call, Client, Level, Param, Role, SigningOptions, Step, WireOptions};
use crate::name::Name;
use crate::operation::SDK_OPERATIONS;
use crate::template::Part;
use crate::yaml::Node;

/// A step with the place that diagnostics about the whole of it point to: its id.
#[derive(Debug)]
pub(super) struct StepRead {
    pub(super) step: Step,
    pub(super) span: Span,
}

/// What of a rule matters to its steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleFacts {
    /// Steps of an observing rule may expect nothing.
    pub(super) level: Option<Level>,
    /// The rule requires `iam.enforcement`.
    pub(super) enforcement: bool,
    /// What generated cases are drawn with, instead of what the file says.
    pub(super) seed: Option<u64>,
}

/// A step of `steps:`; its id and session are known to the steps after it.
pub(super) fn read_step(
    reader: &mut Reader<'_>,
    node: &Node,
    facts: RuleFacts,
    scope: &mut Scope,
) -> Option<StepRead> {
    let fields = reader.fields(node, &STEP)?;
    read_fields(reader, &fields, facts, scope)
}

/// A case of a table that was laid over the table's keys; `call` was checked with the table.
pub(super) fn read_case(
    reader: &mut Reader<'_>,
    node: &Node,
    facts: RuleFacts,
    scope: &mut Scope,
) -> Option<StepRead> {
    let fields = reader.fields_of_part(node, &STEP)?;
    reader.require(&fields, "id", "a case");
    reader.require(&fields, "as", "a case, or its table,");
    read_fields(reader, &fields, facts, scope)
}

fn read_fields(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    facts: RuleFacts,
    scope: &mut Scope,
) -> Option<StepRead> {
    let id_node = fields.get("id");
    let id = id_node.and_then(|node| reader.name(node));
    let span = id_node.map_or(fields.span, |node| node.span);
    let role = fields.get("role").map_or(Some(Role::Probe), |n| reader.word(n, Code::UnknownWord));
    let principal = fields.get("as").and_then(|node| read_principal(reader, node, scope));
    let call = fields.get("call").and_then(|node| read_call(reader, node));
    let client =
        fields.get("client").map_or(Some(Client::Raw), |n| reader.word(n, Code::UnknownWord));
    let params = fields.get("params").map(|node| read_params(reader, node, scope));
    let sign = fields.get("sign").map(|node| read_sign(reader, node, scope)).unwrap_or_default();
    let send = fields.get("send").map(|node| read_send(reader, node)).unwrap_or_default();
    if !fields.entries.iter().any(|entry| matches!(entry.key.as_str(), "expect" | "accept"))
        && facts.level != Some(Level::Observe)
    {
        let help = Some("add `expect: {status: …}`".to_owned());
        reader.report(Code::NoExpectation, span, "this step expects nothing", help);
    }
    // An expectation may compare one part of the answer with another, so the step knows itself.
    if let Some(id) = &id {
        scope.add_step(id.clone());
    }
    let outcomes = read_outcomes(reader, fields, scope);
    let hold = read_hold(reader, fields, role);
    if client == Some(Client::Sdk) {
        check_sdk(reader, fields, (call, params.as_deref().unwrap_or_default()), (&sign, &send));
    }
    let session = read_captured(reader, fields, call, scope);
    let step = Step {
        id: id?,
        after_seconds: 0,
        role: role?,
        principal: principal?,
        call: call?,
        client: client?,
        params: params.unwrap_or_default(),
        sign,
        send,
        outcomes,
        session,
        hold,
    };
    Some(StepRead { step, span })
}

/// An operation, as `call:` says.
pub(super) fn read_call(reader: &mut Reader<'_>, node: &Node) -> Option<Call> {
    let text = reader.text(node)?;
    Call::parse(text)
        .map_err(|error| {
            let message = error.to_string();
            let UnknownOperation { nearest, .. } = error;
            let help = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "write `service.Operation`, such as `sts.GetFederationToken`".to_owned(),
            };
            reader.report(Code::UnknownOperation, node.span, message, Some(help));
        })
        .ok()
}

fn read_hold(reader: &mut Reader<'_>, fields: &Fields<'_>, role: Option<Role>) -> u32 {
    let Some(node) = fields.get("hold") else { return 1 };
    if role.is_some_and(|role| role != Role::Probe) {
        let help = Some("controls are retried by the runner as they need".to_owned());
        reader.report(Code::BadValue, node.span, "only a probe can be held", help);
    }
    let hold = reader.integer(node, 1..=HOLD_MAX);
    hold.and_then(|hold| u32::try_from(hold).ok()).unwrap_or(1)
}

/// What the credentials in the answer are called from here on.
pub(super) fn read_captured(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    call: Option<Call>,
    scope: &mut Scope,
) -> Option<Name> {
    let node = fields.get("session")?;
    let name = reader.name(node)?;
    if let Some(call) = call.filter(|call| !call.issues_session()) {
        let message = format!("`{call}` answers without credentials");
        reader.report(Code::NoCredentials, node.span, message, None);
    }
    if scope.has_session(&name) {
        let message = format!("an earlier step captures the session `{name}` already");
        reader.report(Code::DuplicateId, node.span, message, None);
    }
    scope.add_session(name.clone());
    Some(name)
}

fn check_sdk(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    (call, params): (Option<Call>, &[(String, Param)]),
    (sign, send): (&SigningOptions, &WireOptions),
) {
    let mut refuse = |key: &str, message: String| {
        let span = fields.get(key).map_or(fields.span, |node| node.span);
        let help = Some("write `client: raw`, or leave `client` out".to_owned());
        reader.report(Code::SdkCannot, span, message, help);
    };
    if let Some((key, message)) = call.and_then(|call| not_for_sdk(call, params)) {
        refuse(key, message);
    }
    if *sign != SigningOptions::default() {
        refuse("sign", "an SDK makes no mistakes in signing".to_owned());
    }
    if *send != WireOptions::default() {
        refuse("send", "an SDK makes no mistakes on the wire".to_owned());
    }
}

/// Why the SDK can't be made to send a call with these parameters, if so, and the key that says what it can't.
pub(super) fn not_for_sdk(
    call: Call,
    params: &[(String, Param)],
) -> Option<(&'static str, String)> {
    let Some(known) = call.sdk_parameters() else {
        let operations = SDK_OPERATIONS.map(|(operation, _)| operation).join(", ");
        return Some(("call", format!("the SDK sends {operations}, and not `{call}`")));
    };
    let refused = |(name, param): &(String, Param)| match param {
        _ if !known.contains(&name.as_str()) => {
            Some(format!("the SDK's `{call}` has no parameter `{name}`"))
        }
        Param::All(_) => Some(format!("the SDK sends the parameter `{name}` once only")),
        Param::Text(template) if name == "DurationSeconds" => match template.parts() {
            [Part::Literal(text)] if text.parse::<i32>().is_err() => Some(format!(
                "the SDK sends whole seconds of 32 bits as `{name}`, and not `{text}`"
            )),
            _ => None,
        },
        _ => None,
    };
    params.iter().find_map(refused).map(|message| ("params", message))
}
