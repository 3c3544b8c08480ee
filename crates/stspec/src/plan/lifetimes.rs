//! How long the credentials of a run live: access keys until it ends, sessions for as long as they were
//! asked for.

use std::collections::BTreeMap;
use std::fmt::Write;

use stspec_scenario::{Matcher, Param, Principal, Root, Rule, Service, Step};

use super::{count, length, plural, scenarios, sent};

/// How long a session lives for which nobody says how long, in seconds.
///
/// Source: STS API Reference, `DurationSeconds` of GetFederationToken and GetSessionToken, which is
/// 12 hours for users and 1 hour for root, and of AssumeRole.
const MINTS: [(&str, u32); 3] =
    [("GetFederationToken", 43_200), ("GetSessionToken", 43_200), ("AssumeRole", 3_600)];

/// The longest session that root can have, in seconds.
///
/// Source: STS API Reference, `DurationSeconds` of GetFederationToken and GetSessionToken.
const ROOT_SECONDS_MAX: u32 = 3_600;

/// The shortest and the longest session of all, in seconds; AWS refuses others.
///
/// Source: STS API Reference, `DurationSeconds`.
const SECONDS_MIN: u32 = 900;
const SECONDS_MAX: u32 = 129_600;

/// The credentials that rules make, with so many access keys, and what becomes of them.
pub(super) fn lifetimes(rules: &[&Rule], keys: usize) -> String {
    let mut text = String::from("\ncredentials:\n");
    if keys > 0 {
        let keys = count(keys, "access key");
        let _infallible = writeln!(text, "  {keys} of IAM users, removed with the users");
    }
    let minted = minted(rules);
    for ((seconds, operation), count) in &minted {
        let sessions = plural(*count, "session");
        let _infallible = writeln!(text, "  {sessions} of {operation} for {}", length(*seconds));
    }
    if let Some(((longest, _), _)) = minted.last_key_value() {
        let _infallible = writeln!(
            text,
            "  nobody can revoke a session: they outlive the run by up to {}; those of users lose all \
             power as soon as the run removes their users, those of root keep theirs",
            length(*longest)
        );
    } else if keys == 0 {
        text.push_str("  none\n");
    }
    text
}

/// Sessions by how long they live and what makes them, the longest last. What a rule expects to be
/// refused is left out.
fn minted<'a>(rules: &[&'a Rule]) -> BTreeMap<(u32, &'a str), u32> {
    let mut minted = BTreeMap::new();
    for (_, scenario) in scenarios(rules) {
        for step in &scenario.steps {
            if let Some((seconds, operation)) = session(step) {
                *minted.entry((seconds, operation)).or_insert(0) += sent(scenario, step);
            }
        }
    }
    minted
}

/// What a step mints, and for how long, unless it is to be refused.
fn session(step: &Step) -> Option<(u32, &'static str)> {
    let (operation, default) = MINTS.into_iter().find(|(operation, _)| {
        step.call.service == Service::Sts && step.call.operation == *operation
    })?;
    let is_root = step.principal == Principal::Root && operation != "AssumeRole";
    if is_refused(step) {
        return None;
    }
    let seconds = match step.params.iter().find(|(name, _)| name == "DurationSeconds") {
        None => default,
        // What is filled in later is counted as if it were the longest, so that no session is missed.
        Some((_, param)) => longest(param).unwrap_or(SECONDS_MAX),
    };
    let seconds = if is_root { seconds.min(ROOT_SECONDS_MAX) } else { seconds };
    (SECONDS_MIN..=SECONDS_MAX).contains(&seconds).then_some((seconds, operation))
}

/// Whether every outcome that is accepted has a status of its own that is no success.
fn is_refused(step: &Step) -> bool {
    let refuses = |path: &stspec_scenario::Path, matcher: &Matcher| {
        let status = match matcher {
            Matcher::Eq(status) => status.as_literal(),
            _ => None,
        };
        path.root() == Root::Status && status.is_some_and(|status| !status.starts_with('2'))
    };
    !step.outcomes.is_empty()
        && step.outcomes.iter().all(|outcome| {
            outcome.expectations.iter().any(|each| refuses(&each.path, &each.matcher))
        })
}

/// The longest duration that a parameter names, if it can be known.
fn longest(param: &Param) -> Option<u32> {
    let seconds = |text: &str| text.trim().parse::<u32>().ok();
    match param {
        Param::Text(text) => text.as_literal().map(|text| seconds(text).unwrap_or(0)),
        Param::All(texts) => {
            texts.iter().map(|text| text.as_literal().and_then(seconds)).max().flatten()
        }
        _ => None,
    }
}
