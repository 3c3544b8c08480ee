//! Whether a target has what its file declares, asked before any rule is.
//!
//! A rule that needs a capability shows nothing on a target without it, and a declared one that does not
//! work is a failure. A user without policies finds out: it has to be known, its signature has to be
//! looked at, and it may do nothing.

use std::collections::{BTreeMap, BTreeSet};

use stspec_scenario::{Account, Capability, Library, Name, Presence, Rule, TargetKind, User};
use stspec_verdict::Observed;

use crate::accounts::needed_accounts;
use crate::credentials::Credentials;
use crate::provision::{Ownership, Provisioned, capabilities, provision, settle};
use crate::run::Site;
use crate::sign::WRONG_SECRET;

/// What is declared and does not work, each with how that was seen.
pub(crate) type Broken = BTreeMap<Capability, String>;

/// The name of the account and of the user that find out.
const ACCOUNT: &str = "declared";
const USER: &str = "powerless";

/// Finds out which of the declared capabilities that these rules need do not work.
///
/// The embedded reference is not asked: its file describes what stspec itself starts, and faults that
/// are switched on there are for rules to find.
pub(crate) async fn broken(library: &Library, rules: &[&Rule], site: &Site) -> Broken {
    let mut broken = Broken::new();
    let connection = &site.connection;
    let declared = |capability| connection.presence(capability) == Presence::Present;
    if connection.target.kind == TargetKind::Embedded {
        return broken;
    }
    let needed = needed(library, rules);
    if needed.contains(&Capability::ClockSet)
        && declared(Capability::ClockSet)
        && connection.clock_control.is_none()
    {
        broken.insert(Capability::ClockSet, "nothing answers at /_stspec/clock".to_owned());
    }
    let asked = [Capability::IamUsers, Capability::Sigv4, Capability::IamEnforcement];
    let asked: Vec<Capability> = asked
        .into_iter()
        .filter(|capability| needed.contains(capability) && declared(*capability))
        .collect();
    if asked.is_empty() || connection.presence(Capability::IamUsers) == Presence::Absent {
        return broken;
    }
    let Some(account) = account() else { return broken };
    match provision(&account, Ownership::Shared, site).await {
        Ok(made) => {
            site.settling.announce("a user without policies");
            settle(&made, site).await;
            let seen = see(&made, site).await;
            broken.extend(seen.into_iter().filter(|(capability, _)| asked.contains(capability)));
        }
        Err(failure) if failure.refused && declared(Capability::IamUsers) => {
            broken.insert(Capability::IamUsers, failure.reason);
        }
        // Whatever kept it from being made will be met by the accounts of rules, and told there.
        Err(_) => {}
    }
    broken
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
async fn see(made: &Provisioned, site: &Site) -> Broken {
    let mut broken = Broken::new();
    let Some(user) = made.users.values().next() else { return broken };
    let connection = &site.connection;
    let credentials = &user.credentials;
    let known = connection.identity_of(credentials).await;
    if let Observed::Answer(answer) = &known
        && answer.status >= 400
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
    let mut tried = vec![
        ("iam.ListUsers", connection.call_as(credentials, "iam.ListUsers", &[]).await),
        (
            "sts.GetFederationToken",
            connection.call_as(credentials, "sts.GetFederationToken", &[("Name", USER)]).await,
        ),
    ];
    if connection.presence(Capability::S3) == Presence::Present {
        let listed = connection.call_as(credentials, "s3.ListBuckets", &[]).await;
        tried.push(("s3.ListBuckets", listed));
    }
    for (_, observed) in &tried {
        if let Observed::Answer(answer) = observed {
            site.secrets.register_answer(answer);
        }
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
