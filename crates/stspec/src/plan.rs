//! `stspec run --plan`: what would be made and sent, before anything is.

use std::fmt::Write;

use stspec_runner::needed_accounts;
use stspec_scenario::{Account, Library, Name, Rule};

/// The plan in words: what is made on the target, then the checks of each rule.
pub(crate) fn plan(library: &Library, rules: &[&Rule]) -> String {
    let mut text = String::from("made on the target, and removed again:\n");
    let accounts = needed_accounts(library, rules);
    for account in &accounts {
        describe_account(&mut text, account);
    }
    let own = own_accounts(rules);
    text.extend(own.iter().map(String::as_str));
    if accounts.is_empty() && own.is_empty() {
        text.push_str("  nothing\n");
    }
    let mut requests = 0;
    text.push_str("\nsent:\n");
    for rule in rules {
        for scenario in &rule.scenarios {
            let calls: u32 = scenario.steps.iter().map(|step| step.hold).sum::<u32>();
            let calls = calls.saturating_mul(scenario.copies);
            requests += calls;
            let requests = plural(calls, "request");
            let waiting = match scenario.seconds() {
                0 => String::new(),
                seconds => format!(", while {seconds} s pass"),
            };
            let slug = scenario.name.slug();
            let _infallible = writeln!(text, "  {}/{slug}: {requests}{waiting}", rule.id);
        }
    }
    let rules = plural(u32::try_from(rules.len()).unwrap_or(u32::MAX), "rule");
    let _infallible = writeln!(text, "\n{rules}, {}", plural(requests, "request"));
    text
}

/// A line for each scenario that has an account to itself.
fn own_accounts(rules: &[&Rule]) -> Vec<String> {
    let scenarios =
        rules.iter().flat_map(|rule| rule.scenarios.iter().map(|scenario| (&rule.id, scenario)));
    let own = scenarios.filter(|(_, scenario)| scenario.fresh).filter_map(|(rule, scenario)| {
        let account = scenario.account.as_ref()?;
        Some(format!("  account {account} once more, for {rule}/{} alone\n", scenario.name.slug()))
    });
    own.collect()
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
        let objects = count(bucket.objects.len(), "object");
        let policy = if bucket.policy.is_some() { " and a bucket policy" } else { "" };
        line("bucket", &bucket.name, &format!("with {objects}{policy}"));
    }
}

fn count(number: usize, word: &str) -> String {
    plural(u32::try_from(number).unwrap_or(u32::MAX), word)
}

fn plural(count: u32, word: &str) -> String {
    match (count, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {word}s"),
    }
}
