//! What a scenario is played on: its account, or what keeps it from being played.

use std::sync::Arc;

use stspec_scenario::{Capability, Presence, Rule, Scenario};
use stspec_verdict::NotSent;

use crate::account::provision::{capabilities, provision, settle};
use crate::account::provisioned::{NotProvisioned, Ownership, Provisioned};
use crate::conformance::context::{PlayContext, about, internal};
use crate::event::AwaitedChange;
use crate::options::Pace;

/// Finds the scenario's account, or makes one for it alone; fails with what keeps every step from being
/// sent.
pub(crate) async fn set_up(
    context: PlayContext<'_>,
    rule: &Rule,
    scenario: &Scenario,
    number: usize,
) -> Result<Option<Arc<Provisioned>>, NotSent> {
    let connection = &context.run.connection;
    let absent = |capability: &&Capability| connection.presence(**capability) == Presence::Absent;
    if let Some(capability) = rule.requires.iter().chain(&scenario.requires).find(absent) {
        return Err(NotSent::Capability(*capability));
    }
    if let Some(broken) = find_broken(context, rule, scenario) {
        return Err(broken);
    }
    let seconds = scenario.seconds();
    let may_pass = context.pace == Pace::Slow
        || connection.presence(Capability::ClockSet) == Presence::Present;
    if seconds > 0 && !may_pass {
        return Err(NotSent::Slow { seconds });
    }
    let Some(name) = &scenario.account else { return Ok(None) };
    let made = if scenario.fresh {
        match context.library.account(name) {
            None => None,
            Some(account) => {
                let made = provision(account, Ownership::Exclusive(number), context.run).await;
                if let Ok(account) = &made {
                    let about = about(rule, scenario);
                    context.run.settling.announce(AwaitedChange::AccountOf { scenario: about });
                    settle(account, context.run).await;
                }
                Some(made.map(Arc::new))
            }
        }
    } else {
        context.accounts.get(name).cloned()
    };
    match made {
        Some(Ok(account)) => Ok(Some(account)),
        Some(Err(failure)) if connection.presence(failure.capability) == Presence::Absent => {
            Err(NotSent::Capability(failure.capability))
        }
        Some(Err(NotProvisioned { reason, capability, refused: true }))
            if connection.presence(capability) == Presence::Present =>
        {
            Err(NotSent::Broken { capability, reason })
        }
        Some(Err(failure)) => {
            Err(NotSent::Provisioning { account: name.clone(), reason: failure.reason })
        }
        None => Err(internal(&format!("account `{name}` was not planned"))),
    }
}

/// What a scenario needs, the target is declared to have, and was found not to have.
fn find_broken(context: PlayContext<'_>, rule: &Rule, scenario: &Scenario) -> Option<NotSent> {
    let account = scenario.account.as_ref().and_then(|name| context.library.account(name));
    let made_of = account.map(capabilities).unwrap_or_default();
    let timed = (scenario.seconds() > 0).then_some(Capability::ClockSet);
    let needed = rule.requires.iter().chain(&scenario.requires).chain(&made_of).chain(&timed);
    let mut found =
        needed.filter_map(|capability| Some((*capability, context.broken.get(capability)?)));
    let (capability, reason) = found.next()?;
    Some(NotSent::Broken { capability, reason: reason.clone() })
}
