//! Whether a target has what its file declares, asked before any rule is.
//!
//! A rule that needs a capability shows nothing on a target without it, and a declared one that does not
//! work is a failure. A user without policies finds out: it has to be known, its signature has to be
//! looked at, and it may do nothing.

use std::collections::{BTreeMap, BTreeSet};

use stspec_scenario::{
    Account, Capability, Endpoints, Library, Name, Presence, Rule, Target, TargetKind, User,
};
use stspec_verdict::Observed;

use crate::account::forecast::{RequestCounts, forecast_requests};
use crate::account::needed::needed_accounts;
use crate::account::provision::{capabilities, provision, settle};
use crate::account::provisioned::{Ownership, Provisioned};
use crate::credentials::Credentials;
use crate::event::AwaitedChange;
use crate::run_context::RunContext;
use crate::target::connection::presence;
use crate::wire::sign::WRONG_SECRET;

/// What is declared and does not work, each with how that was seen.
pub(crate) type Broken = BTreeMap<Capability, String>;

/// The name of the account and of the user that find out.
const ACCOUNT: &str = "declared";
const USER: &str = "powerless";

/// What the user without policies tries, in this order, with the parameters; S3 where there is S3.
const TRIED: [(&str, &[(&str, &str)]); 3] = [
    ("iam.ListUsers", &[]),
    ("sts.GetFederationToken", &[("Name", USER), ("DurationSeconds", "900")]),
    ("s3.ListBuckets", &[]),
];

/// How a run finds out whether declared capabilities work.
#[derive(Debug)]
pub struct CapabilityCheck {
    /// Made for this, and removed at the end.
    pub account: Account,
    /// What is sent, with what makes the account and removes it, if the target answers as it should.
    pub requests: RequestCounts,
}

/// What a run of these rules makes and sends before any of them, to find out whether what the target
/// declares works; nothing where there is nothing to find out.
#[must_use]
pub fn capability_check(
    library: &Library,
    rules: &[&Rule],
    target: &Target,
    endpoints: &Endpoints,
) -> Option<CapabilityCheck> {
    if asked(&needed(library, rules), target, endpoints).is_empty() {
        return None;
    }
    let account = account()?;
    let mut requests = forecast_requests(&account);
    // With the right secret access key, and with a wrong one.
    requests.insert("sts.GetCallerIdentity", 2);
    for (call, _) in tried(target, endpoints) {
        *requests.entry(call).or_default() += 1;
    }
    Some(CapabilityCheck { account, requests })
}

/// Finds out which of the declared capabilities that these rules need do not work.
pub(crate) async fn broken(library: &Library, rules: &[&Rule], context: &RunContext) -> Broken {
    let mut broken = Broken::new();
    let connection = &context.connection;
    let target = &connection.target;
    if target.kind == TargetKind::Embedded {
        return broken;
    }
    let needed = needed(library, rules);
    if needed.contains(&Capability::ClockSet)
        && target.presence(Capability::ClockSet) == Presence::Present
        && connection.clock_control.is_none()
    {
        broken.insert(Capability::ClockSet, "nothing answers at /_stspec/clock".to_owned());
    }
    let asked = asked(&needed, target, &connection.endpoints);
    if asked.is_empty() {
        return broken;
    }
    let Some(account) = account() else { return broken };
    match provision(&account, Ownership::Shared, context).await {
        Ok(made) => {
            context.settling.announce(AwaitedChange::UserWithoutPolicies);
            settle(&made, context).await;
            if context.cancelled.is_cancelled() {
                // The wait was cut short, so whatever is seen now may change yet.
                return broken;
            }
            let seen = see(&made, context).await;
            broken.extend(seen.into_iter().filter(|(capability, _)| asked.contains(capability)));
        }
        Err(failure) if failure.refused && asked.contains(&Capability::IamUsers) => {
            broken.insert(Capability::IamUsers, failure.reason);
        }
        // Whatever kept it from being made will be met by the accounts of rules, and told there.
        Err(_) => {}
    }
    broken
}

/// The declared capabilities among those needed that a user without policies can find out about.
///
/// The embedded reference is not asked: its file describes what stspec itself starts, and faults that
/// are switched on there are for rules to find.
fn asked(needed: &BTreeSet<Capability>, target: &Target, endpoints: &Endpoints) -> Vec<Capability> {
    let presence = |capability| presence(capability, target, endpoints);
    if target.kind == TargetKind::Embedded || presence(Capability::IamUsers) == Presence::Absent {
        return Vec::new();
    }
    [Capability::IamUsers, Capability::Sigv4, Capability::IamEnforcement]
        .into_iter()
        .filter(|capability| needed.contains(capability))
        .filter(|capability| presence(*capability) == Presence::Present)
        .collect()
}

/// What a user without policies tries on this target.
fn tried(
    target: &Target,
    endpoints: &Endpoints,
) -> impl Iterator<Item = (&'static str, &'static [(&'static str, &'static str)])> {
    let has_s3 = presence(Capability::S3, target, endpoints) == Presence::Present;
    TRIED.into_iter().filter(move |(call, _)| has_s3 || !call.starts_with("s3."))
}

/// What rules, their scenarios and accounts need.
fn needed(library: &Library, rules: &[&Rule]) -> BTreeSet<Capability> {
    let scenarios = || rules.iter().flat_map(|rule| &rule.scenarios);
    let own = scenarios().filter_map(|scenario| library.account(scenario.account.as_ref()?));
    let accounts = needed_accounts(library, rules).into_iter().chain(own);
    let timed = scenarios().any(|scenario| scenario.seconds() > 0);
    let mut needed: BTreeSet<Capability> = accounts.flat_map(capabilities).collect();
    needed.extend(rules.iter().flat_map(|rule| &rule.requires));
    needed.extend(scenarios().flat_map(|scenario| &scenario.requires));
    needed.extend(timed.then_some(Capability::ClockSet));
    needed
}

/// An account with a user without policies.
fn account() -> Option<Account> {
    let user = User {
        name: Name::parse(USER).ok()?,
        policies: Vec::new(),
        attach: Vec::new(),
        boundary: None,
        tags: Vec::new(),
    };
    Some(Account {
        name: Name::parse(ACCOUNT).ok()?,
        says: "A user without policies.".to_owned(),
        policies: Vec::new(),
        users: vec![user],
        roles: Vec::new(),
        buckets: Vec::new(),
    })
}

/// What the user without policies sees of the target.
async fn see(made: &Provisioned, context: &RunContext) -> Broken {
    let mut broken = Broken::new();
    let Some(user) = made.users.values().next() else { return broken };
    let connection = &context.connection;
    let credentials = &user.credentials;
    let known = connection.identity_of(credentials).await;
    if let Observed::Answer(answer) = &known
        && (400..500).contains(&answer.status)
    {
        let reason = format!("the key of a new user is answered {}", known.summary());
        broken.insert(Capability::IamUsers, reason);
        return broken;
    }
    let forged = Credentials::long_term(&credentials.access_key_id, WRONG_SECRET);
    if is_allowed(&connection.identity_of(&forged).await) {
        let reason = "GetCallerIdentity takes a wrong secret access key".to_owned();
        broken.insert(Capability::Sigv4, reason);
    }
    let mut tried = Vec::new();
    for (call, parameters) in self::tried(&connection.target, &connection.endpoints) {
        tried.push((call, connection.call_as(credentials, call, parameters).await));
    }
    broken.extend(unguarded(&tried).map(|reason| (Capability::IamEnforcement, reason)));
    broken
}

/// Why nobody looks at policies: a user without any was allowed all that it tried.
fn unguarded(tried: &[(&str, Observed)]) -> Option<String> {
    let names: Vec<&str> = tried.iter().map(|(name, _)| *name).collect();
    let all = !tried.is_empty() && tried.iter().all(|(_, observed)| is_allowed(observed));
    all.then(|| format!("a user without policies is allowed {}", names.join(", ")))
}

fn is_allowed(observed: &Observed) -> bool {
    matches!(observed, Observed::Answer(answer) if (200..300).contains(&answer.status))
}

#[cfg(test)]
mod tests {
    use stspec_verdict::Observation;

    use super::*;

    fn answered(status: u16) -> Observed {
        Observed::Answer(Observation::new(status, Vec::new(), b"", 0))
    }

    #[track_caller]
    fn check(tried: &[(&str, Observed)], found: Option<&str>) {
        assert_eq!(unguarded(tried).as_deref(), found);
    }

    #[test]
    fn nobody_guards_where_everything_is_allowed_to_a_user_without_policies() {
        check(
            &[("iam.ListUsers", answered(200)), ("s3.ListBuckets", answered(200))],
            Some("a user without policies is allowed iam.ListUsers, s3.ListBuckets"),
        );
    }

    #[test]
    fn one_refusal_is_enough_and_silence_is_none() {
        check(&[("a", answered(200)), ("b", answered(403))], None);
        check(&[("a", answered(200)), ("b", Observed::NoAnswer("gone".into()))], None);
        check(&[], None);
    }
}
