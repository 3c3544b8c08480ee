//! One run of calls under one account.

use super::advance::read_steps;
use super::change::check_changes;
use super::controls::check_controls;
use super::expectation::read_true;
use super::rule::read_capabilities;
use super::scope::{Accounts, Scope};
use super::step::{RuleFacts, StepRead};
use super::table::read_table;
use super::{Fields, Reader};
use crate::diagnostic::{Code, Span};
use crate::keys::{COPIES_MAX, SCENARIO};
use crate::model::{Capability, Controls, Role, Scenario};
use crate::name::ScenarioName;
use crate::yaml::Node;

/// A scenario with the place of its name.
pub(super) fn read_scenario(
    reader: &mut Reader<'_>,
    node: &Node,
    facts: RuleFacts,
    accounts: &Accounts,
) -> Option<(Scenario, Span)> {
    let fields = reader.fields(node, &SCENARIO)?;
    let name_node = fields.get("name");
    let span = name_node.map_or(fields.span, |node| node.span);
    let name = name_node.and_then(|node| read_name(reader, node));
    let (account, mut scope) = Scope::of_account(reader, fields.get("account"), accounts);
    let fresh = read_fresh(reader, &fields);
    let copies = read_copies(reader, &fields, &mut scope);
    let requires = fields.get("requires").map(|node| read_capabilities(reader, node));
    let requires = requires.unwrap_or_default();
    let enforcement = facts.enforcement || requires.contains(&Capability::IamEnforcement);
    let facts = RuleFacts { enforcement, ..facts };
    let errors_before = reader.error_count();
    let (controls, steps) = match (fields.get("table"), fields.get("steps")) {
        (Some(table), None) => (Controls::Neighbours, read_table(reader, table, facts, &mut scope)),
        (None, Some(steps)) => (Controls::Steps, read_steps(reader, steps, facts, &mut scope)),
        (table, _) => {
            let message = match table {
                Some(_) => "a scenario has a table or steps, and this has both",
                None => "a scenario has a table or steps, and this has neither",
            };
            reader.report(Code::TableOrSteps, span, message, None);
            return None;
        }
    };
    check_ids(reader, &steps);
    check_changes(reader, &steps, fresh);
    // Half-read steps would look as if they had no controls.
    if reader.error_count() == errors_before {
        check_controls(reader, &steps, controls, facts);
        check_probe(reader, &steps, span);
    }
    let steps = steps.into_iter().map(|read| read.step).collect();
    Some((Scenario { name: name?, account, fresh, requires, copies, controls, steps }, span))
}

fn read_name(reader: &mut Reader<'_>, node: &Node) -> Option<ScenarioName> {
    let text = reader.text(node)?;
    ScenarioName::parse(text)
        .map_err(|error| reader.report(Code::BadName, node.span, error.to_string(), None))
        .ok()
}

/// Whether the account is the scenario's own.
fn read_fresh(reader: &mut Reader<'_>, fields: &Fields<'_>) -> bool {
    let Some(node) = fields.get("fresh") else { return false };
    if fields.get("account").is_none() {
        let message = "a scenario that is `fresh` needs the key `account`";
        reader.report(Code::MissingKey, node.span, message, None);
    }
    read_true(reader, node).is_some()
}

/// How many copies are played; `${copy}` is known where somebody asked for some.
fn read_copies(reader: &mut Reader<'_>, fields: &Fields<'_>, scope: &mut Scope) -> u32 {
    let Some(node) = fields.get("copies") else { return 1 };
    scope.allow_copies();
    let copies = reader.integer(node, 2..=COPIES_MAX);
    copies.and_then(|copies| u32::try_from(copies).ok()).unwrap_or(1)
}

fn check_probe(reader: &mut Reader<'_>, steps: &[StepRead], span: Span) {
    if !steps.iter().any(|read| read.step.role == Role::Probe) {
        let help = Some("the step that tests the rule has `role: probe`, or none".to_owned());
        reader.report(Code::NoProbe, span, "this scenario has no probe", help);
    }
}

fn check_ids(reader: &mut Reader<'_>, steps: &[StepRead]) {
    for (index, read) in steps.iter().enumerate() {
        let earlier = steps.get(..index).unwrap_or_default();
        if earlier.iter().any(|other| other.step.id == read.step.id) {
            let message = format!("the id `{}` is taken in this scenario", read.step.id);
            reader.report(Code::DuplicateId, read.span, message, None);
        }
    }
}
