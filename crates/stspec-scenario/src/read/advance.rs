//! The steps of a scenario in order, and the time that passes between them.

use super::step::{RuleFacts, StepRead, read_step};
use super::{Reader, parse_seconds};
use crate::diagnostic::{Code, Span};
use crate::keys::{ADVANCE, ADVANCE_SECONDS_MAX};
use crate::model::Client;
use crate::read::scope::Scope;
use crate::yaml::{Node, NodeKind};

/// The steps, each with how much time passes before it.
pub(super) fn read_steps(
    reader: &mut Reader<'_>,
    node: &Node,
    facts: RuleFacts,
    scope: &mut Scope,
) -> Vec<StepRead> {
    let mut steps = Vec::new();
    let mut passed = 0;
    let mut pending: Option<(u32, Span)> = None;
    for item in reader.list(node).unwrap_or_default() {
        if is_advance(item) {
            let seconds = read_advance(reader, item).unwrap_or_default();
            let (before, _) = pending.unwrap_or((0, item.span));
            pending = Some((before.saturating_add(seconds), item.span));
            continue;
        }
        let Some(mut read) = read_step(reader, item, facts, scope) else { continue };
        read.step.after_seconds = pending.take().map_or(0, |(seconds, _)| seconds);
        passed += read.step.after_seconds;
        if passed > 0 && read.step.client == Client::Sdk {
            let message = "an SDK signs by its own clock, which `advance` does not move";
            let help = Some("write `client: raw`, or leave `client` out".to_owned());
            reader.report(Code::SdkCannot, read.span, message, help);
        }
        steps.push(read);
    }
    if let Some((_, span)) = pending {
        let help = Some("add the step that is sent afterwards, or remove it".to_owned());
        reader.report(Code::BadValue, span, "nothing is sent after this time has passed", help);
    }
    steps
}

fn is_advance(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Map(entries) if entries.iter().any(|e| e.key == "advance"))
}

fn read_advance(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    let fields = reader.fields(node, &ADVANCE)?;
    if let Some(id) = fields.get("id") {
        reader.name(id);
    }
    let node = fields.get("advance")?;
    let text = reader.text(node)?;
    let seconds = parse_seconds(text).filter(|seconds| (1..=ADVANCE_SECONDS_MAX).contains(seconds));
    if seconds.is_none() {
        let message = format!("`{text}` is no length of time up to 48 hours");
        let help = "write seconds, minutes or hours: `901s`".to_owned();
        reader.report(Code::BadValue, node.span, message, Some(help));
    }
    u32::try_from(seconds?).ok()
}
