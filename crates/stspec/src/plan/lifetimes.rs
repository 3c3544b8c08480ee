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

/// The parameter that says how long.
const DURATION: &str = "DurationSeconds";

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
        // Seconds that make no minutes stand as they are, as they are what is tested.
        let life = if seconds % 60 == 0 { length(*seconds) } else { plural(*seconds, "second") };
        let _infallible = writeln!(text, "  {sessions} of {operation} for {life}");
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
    if step.principal == Principal::Anonymous || is_refused(step) {
        return None;
    }
    let param = step.params.iter().find(|(name, _)| name == DURATION);
    let seconds = match (&step.send.body, param) {
        (Some(body), _) => in_body(body).unwrap_or(default),
        (None, None) => default,
        // What is filled in later is counted as if it were the longest, so that no session is missed.
        (None, Some((_, param))) => longest(param).unwrap_or(SECONDS_MAX),
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

/// The duration that a body names which is sent as it stands.
fn in_body(body: &str) -> Option<u32> {
    let pairs = url::form_urlencoded::parse(body.as_bytes());
    let seconds = pairs.filter(|(name, _)| name == DURATION).map(|(_, value)| value.parse().ok());
    seconds.max().flatten()
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

#[cfg(test)]
mod tests {
    use stspec_scenario::{Call, Name, Outcome, Role, SigningOptions, Template, WireOptions};

    use super::*;
    use crate::scenarios::library;

    /// Rules about how long sessions live, by their leading segments.
    const ABOUT_DURATION: [&str; 3] = [
        "get-federation-token/duration",
        "get-federation-token/life",
        "get-session-token/duration",
    ];

    /// Steps of other rules in which another duration is what is tried, or which would take a target
    /// that refuses 900 seconds for one that refuses the caller.
    const DURATION_IS_TRIED: [&str; 7] = [
        "get-federation-token/answer/access-key-form one-day",
        "get-federation-token/answer/expiration-format one-day",
        "get-federation-token/caller/root mint",
        "get-federation-token/caller/user mint",
        "get-federation-token/size/same-input-same-size longer-session",
        "get-federation-token/wire/repeated-parameter half-an-hour",
        "get-federation-token/wire/repeated-parameter duration",
    ];

    #[test]
    fn sessions_live_as_shortly_as_can_be_unless_their_duration_is_tested() {
        let library = library(None).expect("the shipped scenarios");
        let (mut long, mut short) = (Vec::new(), 0);
        for rule in library.rules() {
            if ABOUT_DURATION.iter().any(|about| rule.id.is_selected_by(about)) {
                continue;
            }
            for step in rule.scenarios.iter().flat_map(|scenario| &scenario.steps) {
                match session(step) {
                    Some((SECONDS_MIN, _)) => short += 1,
                    Some(_) => long.push(format!("{} {}", rule.id, step.id)),
                    None => {}
                }
            }
        }
        assert_eq!(long, DURATION_IS_TRIED);
        assert!(short > 500, "{short}");
    }

    fn step(principal: Principal, call: &str, seconds: Option<&str>) -> Step {
        let seconds = seconds.map(|text| Param::Text(Template::parse(text).expect("a template")));
        Step {
            id: Name::parse("step").expect("a name"),
            after_seconds: 0,
            role: Role::Probe,
            principal,
            call: Call::parse(call).expect("a call"),
            client: stspec_scenario::Client::Raw,
            params: seconds.map(|seconds| (DURATION.to_owned(), seconds)).into_iter().collect(),
            sign: SigningOptions::default(),
            send: WireOptions::default(),
            outcomes: Vec::new(),
            session: None,
            hold: 1,
        }
    }

    #[track_caller]
    fn check(principal: Principal, call: &str, seconds: Option<&str>, expected: Option<u32>) {
        let found = session(&step(principal, call, seconds)).map(|(seconds, _)| seconds);
        assert_eq!(found, expected);
    }

    #[test]
    fn sessions_live_as_long_as_asked_for_or_as_documented() {
        let user = || Principal::User(Name::parse("user").expect("a name"));
        check(user(), "sts.GetFederationToken", Some("900"), Some(900));
        check(user(), "sts.GetFederationToken", None, Some(43_200));
        check(user(), "sts.AssumeRole", None, Some(3_600));
        check(Principal::Root, "sts.GetFederationToken", Some("7200"), Some(3_600));
        check(Principal::Root, "sts.GetSessionToken", None, Some(3_600));
        check(user(), "sts.GetFederationToken", Some("899"), None);
        check(user(), "sts.GetFederationToken", Some("soon"), None);
        check(user(), "sts.GetFederationToken", Some("${step.a.result.B}"), Some(SECONDS_MAX));
        check(user(), "sts.GetCallerIdentity", None, None);
        check(Principal::Anonymous, "sts.GetFederationToken", None, None);
    }

    #[test]
    fn what_is_to_be_refused_mints_nothing() {
        let mut step = step(Principal::Root, "sts.GetSessionToken", None);
        let expectation = |status: &str| stspec_scenario::Expectation {
            path: stspec_scenario::Path::parse("status").expect("a path"),
            matcher: Matcher::Eq(Template::literal(status)),
        };
        let outcome = |status| Outcome {
            grade: stspec_scenario::Grade::Ok,
            expectations: vec![expectation(status)],
        };
        step.outcomes = vec![outcome("403")];
        assert_eq!(session(&step), None);
        step.outcomes.push(outcome("200"));
        assert!(session(&step).is_some());
    }

    #[test]
    fn a_body_of_its_own_says_how_long() {
        let check = |body, expected| assert_eq!(in_body(body), expected, "{body}");
        check("Action=GetFederationToken&DurationSeconds=900", Some(900));
        check("Duration%53econds=900", Some(900));
        check("DurationSeconds=900&DurationSeconds=1800", Some(1800));
        check("Action=GetFederationToken", None);
    }
}
