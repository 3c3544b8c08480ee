//! `stspec run --plan`: what would be made and sent, before anything is.

use std::fmt::Write;

use stspec_runner::{
    CLOCK_CONTROL_PATH, CapabilityCheck, RequestCounts, capability_check, forecast_requests,
    needed_accounts, probes_clock_control, recognition_checks,
};
use stspec_scenario::{
    Account, Endpoints, Library, Name, Rule, Scenario, Step, Target, TargetKind,
};

use crate::plan::lifetimes::lifetimes;

mod lifetimes;

/// The plan in words: where, what is made there, the requests of each rule and of each operation, and how
/// long credentials live.
pub(crate) fn plan(
    library: &Library,
    rules: &[&Rule],
    target: &Target,
    endpoints: Option<&Endpoints>,
    disabled_sts: Option<&str>,
) -> String {
    let mut text = place(target, endpoints, disabled_sts);
    text.push_str("\nmade on the target, and removed again:\n");
    let shared = needed_accounts(library, rules);
    let capability_check =
        endpoints.and_then(|endpoints| capability_check(library, rules, target, endpoints));
    for account in shared
        .iter()
        .copied()
        .chain(capability_check.iter().map(|capability_check| &capability_check.account))
    {
        describe_account(&mut text, account);
    }
    let own = own_accounts(library, rules);
    for (account, whose) in &own {
        let things = things(account);
        let name = &account.name;
        let _infallible = writeln!(
            text,
            "  account {name} once more, for {whose} alone: {things}, called stspec-RUN-NUMBER-{name}-…"
        );
    }
    let by_steps = made_by_steps(rules);
    text.extend(by_steps.iter().map(String::as_str));
    if shared.is_empty() && own.is_empty() && by_steps.is_empty() && capability_check.is_none() {
        text.push_str("  nothing\n");
    }
    text.push_str("\nsent:\n");
    if capability_check.is_some() {
        text.push_str("  first, whether what the target's file declares works\n");
    }
    let of_steps = describe_scenarios(&mut text, rules);
    let accounts: Vec<&Account> =
        shared.into_iter().chain(own.iter().map(|(account, _)| *account)).collect();
    let asking =
        capability_check.iter().map(|capability_check| capability_check.account.users.len());
    let keys = accounts.iter().map(|account| account.users.len()).chain(asking).sum();
    let mut before: Vec<RequestCounts> = accounts.into_iter().map(forecast_requests).collect();
    before.extend(capability_check.map(|CapabilityCheck { requests, .. }| requests));
    let mut requests = all_requests(rules, &before, recognition_checks(keys, target));
    if endpoints.is_some_and(|endpoints| probes_clock_control(target, endpoints)) {
        requests.push((format!("GET {CLOCK_CONTROL_PATH}"), 1));
    }
    text.push_str("\nsent, by operation, with what makes the accounts and removes them:\n");
    for (call, count) in &requests {
        let _infallible = writeln!(text, "  {count:>6}  {call}");
    }
    text.push_str(&lifetimes(rules, keys));
    text.push_str(&totals(rules, of_steps, requests.iter().map(|(_, count)| count).sum(), target));
    text
}

/// Where everything would happen, and where it may.
fn place(target: &Target, endpoints: Option<&Endpoints>, disabled_sts: Option<&str>) -> String {
    let Some(endpoints) = endpoints else {
        return format!("on target {}: a server inside of this process\n", target.name);
    };
    let mut text = format!("on target {}, region {}:\n", target.name, target.region);
    let urls = [("iam", &endpoints.iam), ("s3", &endpoints.s3)];
    let urls = urls.into_iter().filter_map(|(service, url)| url.as_ref().map(|url| (service, url)));
    for (service, url) in std::iter::once(("sts", &endpoints.sts)).chain(urls) {
        let _infallible = writeln!(text, "  {service:<3}  {url}");
    }
    if let (Some(url), Some(region)) = (disabled_sts, &target.disabled_region) {
        let _infallible = writeln!(text, "  sts  {url}, of the disabled region {region}");
    }
    let allowed = match target.accounts.as_slice() {
        [] if target.kind == TargetKind::Aws => {
            "none; name one with --allow-account, or nothing is made".to_owned()
        }
        [] => return text,
        accounts => accounts.join(", "),
    };
    let _infallible = writeln!(text, "  accounts that may be touched: {allowed}");
    text
}

/// The accounts that a scenario has to itself, with the scenario.
fn own_accounts<'a>(library: &'a Library, rules: &[&Rule]) -> Vec<(&'a Account, String)> {
    let own = scenarios(rules).filter(|(_, scenario)| scenario.fresh);
    own.filter_map(|(rule, scenario)| {
        let account = library.account(scenario.account.as_ref()?)?;
        Some((account, format!("{}/{}", rule.id, scenario.name.slug())))
    })
    .collect()
}

/// A line for each step that makes something itself.
fn made_by_steps(rules: &[&Rule]) -> Vec<String> {
    let makes = ["iam.CreateUser", "iam.CreateRole", "iam.CreatePolicy", "s3.CreateBucket"];
    let mut lines = Vec::new();
    for (rule, scenario) in scenarios(rules) {
        for step in &scenario.steps {
            let call = step.call.to_string();
            if makes.contains(&call.as_str()) {
                let (slug, id) = (scenario.name.slug(), &step.id);
                let copies = plural(scenario.copies, "time");
                lines.push(format!("  what {call} of {}/{slug}/{id} makes, {copies}\n", rule.id));
            }
        }
    }
    lines
}

/// A line for each scenario; returns how many requests they send.
fn describe_scenarios(text: &mut String, rules: &[&Rule]) -> u32 {
    let mut requests = 0;
    for (rule, scenario) in scenarios(rules) {
        let calls = scenario.steps.iter().map(|step| sent(scenario, step)).sum::<u32>();
        requests += calls;
        let calls = plural(calls, "request");
        let waiting = match scenario.seconds() {
            0 => String::new(),
            seconds => format!(", while {seconds} s pass"),
        };
        let slug = scenario.name.slug();
        let _infallible = writeln!(text, "  {}/{slug}: {calls}{waiting}", rule.id);
    }
    requests
}

/// Every request that is known beforehand, by operation: those before the rules, those of the rules, and
/// `known` questions whether a new access key is known.
fn all_requests(rules: &[&Rule], before: &[RequestCounts], known: usize) -> Vec<(String, u32)> {
    let mut requests = std::collections::BTreeMap::new();
    let mut add = |call: String, count: u32| *requests.entry(call).or_insert(0) += count;
    // Who the credentials are, and whether new ones are known.
    let known = u32::try_from(known).unwrap_or(u32::MAX);
    add("sts.GetCallerIdentity".to_owned(), known.saturating_add(1));
    for (call, count) in before.iter().flatten() {
        add((*call).to_owned(), *count);
    }
    for (_, scenario) in scenarios(rules) {
        for step in &scenario.steps {
            add(step.call.to_string(), sent(scenario, step));
        }
    }
    requests.into_iter().collect()
}

/// How often a step is sent.
fn sent(scenario: &Scenario, step: &Step) -> u32 {
    step.hold.max(1).saturating_mul(scenario.copies)
}

fn scenarios<'a>(rules: &[&'a Rule]) -> impl Iterator<Item = (&'a Rule, &'a Scenario)> {
    rules
        .iter()
        .copied()
        .flat_map(|rule| rule.scenarios.iter().map(move |scenario| (rule, scenario)))
}

/// The numbers, and how long it takes at the least where the target is asked slowly.
fn totals(rules: &[&Rule], of_steps: u32, all: u32, target: &Target) -> String {
    let rules = count(rules.len(), "rule");
    let (of_steps, requests) = (plural(of_steps, "request"), plural(all, "request"));
    let pace = target.requests_per_second().map_or_else(String::new, |limit| {
        let seconds = all.saturating_sub(1).div_ceil(limit.max(1));
        format!(", {limit} a second: {} at the least", length(seconds))
    });
    format!(
        "\n{rules}, {of_steps}; {requests} with what makes and removes accounts{pace}; \
         waiting and what steps make add to it\n"
    )
}

/// A length of time with its largest units.
fn length(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, 0) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// How many of which things an account consists of.
fn things(account: &Account) -> String {
    let objects = account.buckets.iter().map(|bucket| bucket.objects.len()).sum();
    let things = [
        (account.policies.len(), "policy"),
        (account.users.len(), "user"),
        (account.roles.len(), "role"),
        (account.buckets.len(), "bucket"),
        (objects, "object"),
    ];
    let things = things.into_iter().filter(|(number, _)| *number > 0);
    things.map(|(number, word)| count(number, word)).collect::<Vec<_>>().join(", ")
}

fn describe_account(text: &mut String, account: &Account) {
    let mut line = |kind: &str, thing: &Name, holding: &str| {
        let _infallible = writeln!(text, "  {kind} stspec-RUN-{}-{thing}, {holding}", account.name);
    };
    for policy in &account.policies {
        line("policy", &policy.name, "managed");
    }
    for user in &account.users {
        let policies = count(user.policies.len(), "inline policy");
        let attached = match user.attach.len() {
            0 => String::new(),
            attached => format!(", {}", count(attached, "attached policy")),
        };
        let boundary = if user.boundary.is_some() { ", a boundary" } else { "" };
        line("user", &user.name, &format!("with an access key and {policies}{attached}{boundary}"));
    }
    for role in &account.roles {
        line("role", &role.name, &format!("with {}", count(role.policies.len(), "inline policy")));
    }
    for bucket in &account.buckets {
        let keys: Vec<&str> = bucket.objects.iter().map(|(key, _)| key.as_str()).collect();
        let objects = match keys.as_slice() {
            [] => "empty".to_owned(),
            keys => format!("with {}: {}", count(keys.len(), "object"), keys.join(", ")),
        };
        let policy = if bucket.policy.is_some() { ", and a bucket policy" } else { "" };
        line("bucket", &bucket.name, &format!("{objects}{policy}"));
    }
}

fn count(number: usize, word: &str) -> String {
    plural(u32::try_from(number).unwrap_or(u32::MAX), word)
}

fn plural(count: u32, word: &str) -> String {
    match (count, word.strip_suffix('y').filter(|_| !word.ends_with("key"))) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_their_largest_units() {
        let check = |seconds, expected: &str| assert_eq!(length(seconds), expected);
        check(59, "59 s");
        check(60, "1 min");
        check(754, "12 min 34 s");
        check(3600, "1 h");
        check(129_600, "36 h");
        check(5_460, "1 h 31 min");
    }
}
