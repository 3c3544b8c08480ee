//! A file below `scenarios/targets`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::start::read_start;
use super::{Fields, Reader, nearest_or_all, parse_seconds};
use crate::diagnostic::Code;
use crate::keys::{ENDPOINTS, LIMITS, REQUESTS_PER_SECOND_MAX, TARGET};
use crate::model::{
    ACCOUNT_ID_DIGITS, AWS_REQUESTS_PER_SECOND_MAX, Capability, Endpoints, Limits, Presence,
    Target, TargetKind,
};
use crate::word::{Word, words};
use crate::yaml::Node;

/// A target; `stem` is what its name has to be.
pub(crate) fn read_target(reader: &mut Reader<'_>, node: &Node, stem: &str) -> Option<Target> {
    let fields = reader.fields(node, &TARGET)?;
    let name = reader.own_name(&fields, "target", stem);
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let kind = fields.get("kind").and_then(|node| reader.word(node, Code::UnknownWord));
    let endpoints = read_endpoints(reader, &fields);
    let region = fields.get("region").and_then(|node| reader.prose(node));
    let iam_region = fields.get("iam_region").and_then(|node| reader.prose(node));
    let partition = fields.get("partition").and_then(|node| reader.prose(node));
    let disabled_region = fields.get("disabled_region").and_then(|node| reader.prose(node));
    let accounts = read_account_ids(reader, &fields);
    let limits = read_limits(reader, &fields, kind);
    let capabilities = read_capabilities(reader, &fields);
    let settle = fields.get("settle").and_then(|node| read_settle(reader, node));
    let start = fields.get("start").map(|node| (node.span, read_start(reader, node)));
    if let (Some((span, _)), Some(TargetKind::Embedded | TargetKind::Aws)) = (&start, kind) {
        let message = "only an emulator is installed and started";
        reader.report(Code::BadValue, *span, message, None);
    }
    check_kind(reader, &fields, kind);
    check_capabilities(reader, &fields, endpoints.as_ref(), &capabilities);
    check_disabled_region(reader, &fields, &capabilities);
    Some(Target {
        name: name?,
        says: says?,
        kind: kind?,
        endpoints,
        region: region?,
        iam_region,
        partition: partition?,
        disabled_region,
        accounts,
        limits,
        capabilities,
        settle,
        start: start.and_then(|(_, start)| start),
    })
}

/// Longest time that changes of IAM are given to be in effect, in seconds.
///
/// Source: ours; the sessions of rules live for 15 minutes, and some see two changes.
const SETTLE_SECONDS_MAX: i64 = 300;

fn read_settle(reader: &mut Reader<'_>, node: &Node) -> Option<Duration> {
    let text = reader.text(node)?;
    let seconds = parse_seconds(text).filter(|seconds| (0..=SETTLE_SECONDS_MAX).contains(seconds));
    if seconds.is_none() {
        let message = format!("`{text}` is no length of time up to {SETTLE_SECONDS_MAX}s");
        let help = Some("write seconds or minutes: `15s`".to_owned());
        reader.report(Code::BadValue, node.span, message, help);
    }
    u64::try_from(seconds?).ok().map(Duration::from_secs)
}

fn read_endpoints(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Endpoints> {
    match (fields.get("endpoint"), fields.get("endpoints")) {
        (None, None) => None,
        (Some(node), None) => {
            let url = read_url(reader, node)?;
            Some(Endpoints { sts: url.clone(), iam: Some(url.clone()), s3: Some(url) })
        }
        (None, Some(node)) => {
            let endpoints = reader.fields(node, &ENDPOINTS)?;
            let mut url = |key| endpoints.get(key).and_then(|node| read_url(reader, node));
            let (sts, iam, s3) = (url("sts"), url("iam"), url("s3"));
            Some(Endpoints { sts: sts?, iam, s3 })
        }
        (Some(node), Some(_)) => {
            let message = "a target has `endpoint` or `endpoints`, and this has both";
            reader.report(Code::BadValue, node.span, message, None);
            None
        }
    }
}

pub(super) fn read_url(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        let message = format!("`{text}` is no URL with `http://` or `https://` and a host");
        reader.report(Code::BadValue, node.span, message, None);
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn read_account_ids(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<String> {
    let items = fields.get("accounts").and_then(|node| reader.list(node)).unwrap_or_default();
    let mut accounts = Vec::new();
    for item in items {
        let Some(text) = reader.text(item) else { continue };
        if text.len() != ACCOUNT_ID_DIGITS || !text.chars().all(|c| c.is_ascii_digit()) {
            let message = format!("`{text}` is no account id of {ACCOUNT_ID_DIGITS} digits");
            reader.report(Code::BadValue, item.span, message, None);
        }
        accounts.push(text.to_owned());
    }
    accounts
}

/// On AWS the limit may be lowered and not raised.
fn read_limits(reader: &mut Reader<'_>, fields: &Fields<'_>, kind: Option<TargetKind>) -> Limits {
    let Some(node) = fields.get("limits") else { return Limits::default() };
    let limits = reader.fields(node, &LIMITS);
    let max = match kind {
        Some(TargetKind::Aws) => i64::from(AWS_REQUESTS_PER_SECOND_MAX),
        _ => REQUESTS_PER_SECOND_MAX,
    };
    let node = limits.and_then(|limits| limits.get("requests_per_second"));
    let count = node.and_then(|node| reader.integer(node, 1..=max));
    Limits { requests_per_second: count.and_then(|count| u32::try_from(count).ok()) }
}

fn read_capabilities(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
) -> BTreeMap<Capability, Presence> {
    let entries = fields.get("capabilities").and_then(|node| reader.map(node)).unwrap_or_default();
    let mut capabilities = BTreeMap::new();
    for entry in entries {
        let capability = Capability::from_word(&entry.key);
        if capability.is_none() {
            let message = format!("`{}` is no capability", entry.key);
            let known = words::<Capability>();
            reader.report(
                Code::UnknownCapability,
                entry.key_span,
                message,
                nearest_or_all(&entry.key, &known),
            );
        }
        let presence = reader.word(&entry.value, Code::UnknownWord);
        if let (Some(capability), Some(presence)) = (capability, presence) {
            capabilities.insert(capability, presence);
        }
    }
    capabilities
}

fn check_kind(reader: &mut Reader<'_>, fields: &Fields<'_>, kind: Option<TargetKind>) {
    let kind_span = fields.get("kind").map_or(fields.span, |node| node.span);
    let endpoint = fields.get("endpoint").or_else(|| fields.get("endpoints"));
    match (kind, endpoint) {
        (Some(TargetKind::Embedded), Some(node)) => {
            let message = "an embedded target has no endpoint before it is started";
            reader.report(Code::BadValue, node.span, message, None);
        }
        (Some(TargetKind::Emulator), None) => {
            let message = "an emulator needs the key `endpoint` or `endpoints`";
            reader.report(Code::MissingKey, kind_span, message, None);
        }
        (Some(TargetKind::Aws), _) if fields.get("accounts").is_none() => {
            let message = "a target on AWS needs the key `accounts`";
            let help = "list the account ids that may be touched, or write `accounts: []` and name \
                        them with --allow-account";
            reader.report(Code::MissingKey, kind_span, message, Some(help.to_owned()));
        }
        _ => {}
    }
}

/// A capability that is declared present needs a place where it could be.
fn check_capabilities(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    endpoints: Option<&Endpoints>,
    capabilities: &BTreeMap<Capability, Presence>,
) {
    let Some(endpoints) = endpoints else { return };
    let needs = [
        (Capability::IamUsers, "iam", &endpoints.iam),
        (Capability::IamPolicies, "iam", &endpoints.iam),
        (Capability::IamRoles, "iam", &endpoints.iam),
        (Capability::S3, "s3", &endpoints.s3),
    ];
    for (capability, service, endpoint) in needs {
        if capabilities.get(&capability) == Some(&Presence::Present) && endpoint.is_none() {
            let span = fields.get("endpoints").map_or(fields.span, |node| node.span);
            let message = format!("`{capability}` is present, and `{service}` has no endpoint");
            reader.report(Code::BadValue, span, message, None);
        }
    }
}

/// A region that is switched off is named, or nobody could sign for it.
fn check_disabled_region(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    capabilities: &BTreeMap<Capability, Presence>,
) {
    let declared = capabilities.get(&Capability::RegionDisabled) == Some(&Presence::Present);
    if declared && fields.get("disabled_region").is_none() {
        let span = fields.get("capabilities").map_or(fields.span, |node| node.span);
        let message = "`region.disabled` is present, and `disabled_region` does not say which";
        reader.report(Code::MissingKey, span, message, Some("add `disabled_region:`".to_owned()));
    }
}
