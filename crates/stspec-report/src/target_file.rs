//! A target as a file of the language, with the finding about each capability.

use std::fmt::Write as _;

use stspec_scenario::{Capability, Endpoints, Name, Target, Word as _};

use crate::text::line;

/// Writes a target's file. `evidence` are comments above a capability.
///
/// How an emulator is started is left out: no examination finds that out.
#[must_use]
pub fn target_file(target: &Target, evidence: impl Fn(Capability) -> Vec<String>) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let mut entry = |key: &str, value: &str| {
        let _ = writeln!(text, "{key}: {value}");
    };
    entry("target", Name::as_str(&target.name));
    entry("says", &quoted(&target.says));
    entry("kind", target.kind.word());
    for (key, value) in target.endpoints.iter().flat_map(endpoints) {
        entry(key, &value);
    }
    entry("region", &quoted(&target.region));
    let regions =
        [("iam_region", &target.iam_region), ("disabled_region", &target.disabled_region)];
    for (key, region) in regions {
        if let Some(region) = region {
            entry(key, &quoted(region));
        }
    }
    entry("partition", &quoted(&target.partition));
    if !target.accounts.is_empty() {
        let accounts: Vec<String> = target.accounts.iter().map(|each| quoted(each)).collect();
        entry("accounts", &format!("[{}]", accounts.join(", ")));
    }
    if let Some(limit) = target.limits.requests_per_second {
        entry("limits", &format!("{{requests_per_second: {limit}}}"));
    }
    text.push_str("capabilities:\n");
    for (capability, presence) in &target.capabilities {
        for evidence in evidence(*capability) {
            let _ = writeln!(text, "  # {}", line(&evidence));
        }
        let _ = writeln!(text, "  {capability}: {presence}");
    }
    if target.start.is_some() {
        text.push_str("# and `start:` as it stands in the present file\n");
    }
    text
}

/// One key if all services have the same endpoint.
fn endpoints(endpoints: &Endpoints) -> Vec<(&'static str, String)> {
    let everywhere = |url: &Option<String>| url.as_ref() == Some(&endpoints.sts);
    if everywhere(&endpoints.iam) && everywhere(&endpoints.s3) {
        return vec![("endpoint", quoted(&endpoints.sts))];
    }
    let others = [("iam", &endpoints.iam), ("s3", &endpoints.s3)];
    let others = others.into_iter().filter_map(|(service, url)| Some((service, url.as_ref()?)));
    let urls = std::iter::once(("sts", &endpoints.sts)).chain(others);
    let urls: Vec<String> =
        urls.map(|(service, url)| format!("{service}: {}", quoted(url))).collect();
    vec![("endpoints", format!("{{{}}}", urls.join(", ")))]
}

/// A text in double quotes; what JSON escapes, YAML reads the same way.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
