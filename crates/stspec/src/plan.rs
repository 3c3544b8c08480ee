//! `stspec run --plan`: what would be made and sent, before anything is.

use std::fmt::Write;

use stspec_runner::needed_accounts;
use stspec_scenario::{Account, Library, Rule};

/// The plan in words: what is made on the target, then the checks of each rule.
pub(crate) fn plan(library: &Library, rules: &[&Rule]) -> String {
    let mut text = String::from("made on the target, and removed again:\n");
    let accounts = needed_accounts(library, rules);
    for account in &accounts {
        describe_account(&mut text, account);
    }
    if accounts.is_empty() {
        text.push_str("  nothing\n");
    }
    let mut requests = 0;
    text.push_str("\nsent:\n");
    for rule in rules {
        for scenario in &rule.scenarios {
            let calls: u32 = scenario.steps.iter().map(|step| step.hold).sum();
            requests += calls;
            let requests = plural(calls, "request");
            let _infallible = writeln!(text, "  {}/{}: {requests}", rule.id, scenario.name.slug());
        }
    }
    let rules = plural(u32::try_from(rules.len()).unwrap_or(u32::MAX), "rule");
    let _infallible = writeln!(text, "\n{rules}, {}", plural(requests, "request"));
    text
}

fn describe_account(text: &mut String, account: &Account) {
    for user in &account.users {
        let policies =
            plural(u32::try_from(user.policies.len()).unwrap_or(u32::MAX), "inline policy");
        let _infallible = writeln!(
            text,
            "  user stspec-RUN-{}-{}, with an access key and {policies}",
            account.name, user.name
        );
    }
    for bucket in &account.buckets {
        let objects = plural(u32::try_from(bucket.objects.len()).unwrap_or(u32::MAX), "object");
        let policy = if bucket.policy.is_some() { " and a bucket policy" } else { "" };
        let _infallible = writeln!(
            text,
            "  bucket stspec-RUN-{}-{}, with {objects}{policy}",
            account.name, bucket.name
        );
    }
}

fn plural(count: u32, word: &str) -> String {
    match (count, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {word}s"),
    }
}
