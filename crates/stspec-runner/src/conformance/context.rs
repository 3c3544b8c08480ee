//! What every scenario of a run shares.

use stspec_scenario::{Library, Rule, Scenario};
use stspec_verdict::NotSent;

use crate::account::declared::Broken;
use crate::account::needed::Accounts;
use crate::options::{Pace, Purpose};
use crate::run_context::RunContext;

/// What every scenario of a run shares.
#[derive(Clone, Copy)]
pub(crate) struct PlayContext<'a> {
    pub(crate) run: &'a RunContext,
    pub(crate) library: &'a Library,
    /// The accounts that scenarios share.
    pub(crate) accounts: &'a Accounts,
    /// What the target is declared to have, and has not.
    pub(crate) broken: &'a Broken,
    pub(crate) pace: Pace,
    pub(crate) purpose: Purpose,
}

/// The names of rule and scenario, as ids of checks begin.
pub(crate) fn about(rule: &Rule, scenario: &Scenario) -> String {
    format!("{}/{}", rule.id, scenario.name.slug())
}

pub(crate) fn internal(reason: &str) -> NotSent {
    NotSent::Internal { reason: reason.to_owned() }
}
