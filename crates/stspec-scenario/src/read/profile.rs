//! A file below `scenarios/profiles`.

use super::change::check_load;
use super::expectation::read_expectations;
use super::param::read_params;
use super::scope::{Accounts, Scope, read_principal};
use super::step::{not_for_sdk, read_call, read_captured};
use super::{Fields, Reader, parse_milliseconds};
use crate::diagnostic::{Code, Span};
use crate::keys::{
    CALL_TURN, KNEE, LOAD_CALL, LOAD_SHAPE, PROFILE, RATE_MAX, REQUESTS_MAX, STAGE, STEPS_TURN,
    THRESHOLDS, USERS_MAX, WEIGHT_MAX,
};
use crate::model::{
    Iteration, Knee, Limit, LoadCall, LoadShape, Measure, Open, Principal, Profile, Rate, Stage,
    Threshold, Transport,
};
use crate::name::Name;
use crate::word::Word;
use crate::yaml::{Node, NodeKind};

/// How many users wait for the starts of an open shape unless the profile says otherwise.
const CONNECTIONS_DEFAULT: u32 = 64;

/// How late a turn may start before it is dropped unless the profile says otherwise, in milliseconds.
const GIVE_UP_MS_DEFAULT: u64 = 5_000;

/// How often a search halves what is left unless the profile says otherwise.
const REFINE_DEFAULT: u32 = 4;

/// Longest time in a profile, in milliseconds: two days, longer than any soak.
///
/// Source: ours.
const TIME_MS_MAX: u64 = 48 * 3_600 * 1_000;

/// A profile; `stem` is what its name has to be.
pub(crate) fn read_profile(
    reader: &mut Reader<'_>,
    node: &Node,
    stem: &str,
    accounts: &Accounts,
) -> Option<Profile> {
    let fields = reader.fields(node, &PROFILE)?;
    let name = reader.own_name(&fields, "profile", stem);
    let says = fields.get("says").and_then(|node| reader.prose(node));
    let (account, mut scope) = Scope::of_account(reader, fields.get("account"), accounts);
    scope.let_sessions_only_sign();
    let shape = fields.get("shape").and_then(|node| read_shape(reader, node));
    let requests = read_count(reader, &fields, "requests", REQUESTS_MAX);
    let warm_up_ms = read_time(reader, &fields, "warm_up", 0);
    let transport = fields.get("transport").map(|node| reader.word(node, Code::UnknownWord));
    let seed = fields.get("seed").and_then(|node| reader.integer(node, 0..=i64::MAX));
    let thresholds = read_thresholds(reader, &fields, shape.as_ref());
    let mut ids = Vec::new();
    let prepare = fields.get("prepare").map(|node| read_calls(reader, node, &mut scope, &mut ids));
    let iterations = read_turns(reader, &fields, &scope, &mut ids);
    let profile = Profile {
        name: name?,
        says: says?,
        account: account?,
        shape: shape?,
        requests,
        warm_up_ms,
        transport: transport.unwrap_or(Some(Transport::Hyper))?,
        seed: seed.and_then(|seed| u64::try_from(seed).ok()).unwrap_or(1),
        thresholds,
        prepare: prepare.unwrap_or_default(),
        iterations,
    };
    check_profile(reader, &fields, &profile);
    Some(profile)
}

/// What the parts of a profile demand of each other.
fn check_profile(reader: &mut Reader<'_>, fields: &Fields<'_>, profile: &Profile) {
    let shape_span = fields.get("shape").map_or(fields.span, |node| node.span);
    let shape = &profile.shape;
    let is_search = matches!(shape, LoadShape::Knee(_));
    check_length(reader, shape_span, profile);
    if !is_search && shape.duration_ms() > 0 && profile.warm_up_ms >= shape.duration_ms() {
        let span = fields.get("warm_up").map_or(shape_span, |node| node.span);
        let message = "the warm-up is as long as the shape, so nothing would count";
        reader.report(Code::BadValue, span, message, None);
    }
    if let Some(node) = fields.get("requests").filter(|_| is_search) {
        let message = "a search for the knee ends by itself";
        reader.report(Code::BadValue, node.span, message, Some("remove `requests:`".to_owned()));
    }
    if profile.transport == Transport::AwsSdk
        && let Some(node) = fields.get("transport")
        && let Some((id, message)) = profile.calls().find_map(not_by_sdk)
    {
        reader.report(Code::SdkCannot, node.span, format!("call `{id}`: {message}"), None);
    }
}

/// A call that the SDK can't be made to send, if it is one, and why.
fn not_by_sdk(load_call: &LoadCall) -> Option<(&Name, String)> {
    let LoadCall { id, call, principal, params, .. } = load_call;
    if *principal == Principal::Anonymous {
        return Some((id, "the SDK signs what it sends".to_owned()));
    }
    not_for_sdk(*call, params).map(|(_, message)| (id, message))
}

/// A shape of users may end by a number of requests alone; a rate starts nothing in no time.
fn check_length(reader: &mut Reader<'_>, span: Span, profile: &Profile) {
    let help = match profile.shape {
        LoadShape::Users(_) if profile.requests.is_none() => {
            "add `hold: 30s` to the last stage, or `requests:` beside the shape"
        }
        LoadShape::Rate(_) => "add `hold: 30s` to the last stage",
        LoadShape::Users(_) | LoadShape::Knee(_) => return,
    };
    if profile.shape.duration_ms() == 0 {
        reader.report(Code::BadValue, span, "this shape never begins", Some(help.to_owned()));
    }
}

fn read_shape(reader: &mut Reader<'_>, node: &Node) -> Option<LoadShape> {
    let fields = reader.fields(node, &LOAD_SHAPE)?;
    let given: Vec<&str> =
        ["users", "rate", "knee"].into_iter().filter(|key| fields.get(key).is_some()).collect();
    if given.len() != 1 {
        let message = "a shape is one of `users`, `rate` and `knee`";
        reader.report(Code::BadValue, fields.span, message, None);
        return None;
    }
    if let Some(users) = fields.get("users") {
        for key in ["connections", "give_up"] {
            if let Some(node) = fields.get(key) {
                let message = format!("`{key}` belongs to an open shape; here users send at once");
                reader.report(Code::BadValue, node.span, message, None);
            }
        }
        return read_stages(reader, users, USERS_MAX).map(LoadShape::Users);
    }
    let open = Open {
        connections: read_count(reader, &fields, "connections", USERS_MAX)
            .unwrap_or(CONNECTIONS_DEFAULT),
        give_up_ms: read_time(reader, &fields, "give_up", GIVE_UP_MS_DEFAULT).max(1),
    };
    if let Some(rate) = fields.get("rate") {
        let stages = read_stages(reader, rate, RATE_MAX)?;
        return Some(LoadShape::Rate(Rate { stages, open }));
    }
    read_knee(reader, fields.get("knee")?, open).map(LoadShape::Knee)
}

fn read_stages(reader: &mut Reader<'_>, node: &Node, to_max: i64) -> Option<Vec<Stage>> {
    let items = reader.list(node)?;
    if items.is_empty() {
        reader.report(Code::BadValue, node.span, "a shape needs a stage", None);
        return None;
    }
    let stages = items.iter().map(|item| {
        let fields = reader.fields(item, &STAGE)?;
        let to = read_count(reader, &fields, "to", to_max);
        let over_ms = read_time(reader, &fields, "over", 0);
        let hold_ms = read_time(reader, &fields, "hold", 0);
        Some(Stage { to: to?, over_ms, hold_ms })
    });
    // Every stage is read before one that has a fault drops the shape.
    let stages: Vec<Option<Stage>> = stages.collect();
    stages.into_iter().collect()
}

fn read_knee(reader: &mut Reader<'_>, node: &Node, open: Open) -> Option<Knee> {
    let fields = reader.fields(node, &KNEE)?;
    let from = read_count(reader, &fields, "from", RATE_MAX);
    let to = read_count(reader, &fields, "to", RATE_MAX);
    let hold_ms = read_time(reader, &fields, "hold", 0);
    let refine = match fields.get("refine") {
        Some(node) => reader.integer(node, 0..=16).and_then(|refine| u32::try_from(refine).ok()),
        None => Some(REFINE_DEFAULT),
    };
    let knee = Knee { from: from?, to: to?, hold_ms, refine: refine?, open };
    if knee.to < knee.from || knee.hold_ms == 0 {
        let message = "a search goes from a rate to one that is not lower, and holds each a while";
        reader.report(Code::BadValue, fields.span, message, None);
        return None;
    }
    Some(knee)
}

/// What was written, and that nothing may be wrong or left unanswered where nobody says otherwise.
fn read_thresholds(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    shape: Option<&LoadShape>,
) -> Vec<Threshold> {
    let mut thresholds = Vec::new();
    let given = fields.get("thresholds").and_then(|node| reader.fields(node, &THRESHOLDS));
    for (word, measure) in Measure::ALL {
        let node = given.as_ref().and_then(|given| given.get(word));
        if let (Some(node), Measure::Dropped, Some(LoadShape::Users(_))) = (node, measure, shape) {
            let message = "`dropped` belongs to an open shape; users never drop a turn";
            let help = "remove it, or load with `shape: {rate: …}`".to_owned();
            reader.report(Code::BadValue, node.span, message, Some(help));
        }
        let limit = match (node, measure) {
            (Some(node), _) => read_limit(reader, node, *measure),
            (None, Measure::Wrong | Measure::Errors) => Some(Limit::Count(0)),
            (None, _) => None,
        };
        thresholds.extend(limit.map(|limit| Threshold { measure: *measure, limit }));
    }
    thresholds
}

fn read_limit(reader: &mut Reader<'_>, node: &Node, measure: Measure) -> Option<Limit> {
    let text = match measure {
        Measure::Wrong | Measure::Errors | Measure::Dropped | Measure::Rate => {
            reader.text_or_integer(node)?
        }
        _ => reader.text(node)?,
    };
    let (limit, help) = match measure {
        Measure::Wrong | Measure::Errors | Measure::Dropped => {
            (parse_share(text), "write a count or a share: `0`, `0.1%`")
        }
        Measure::Rate => (text.parse().ok().map(Limit::AtLeast), "write answers per second: `500`"),
        _ => {
            let limit = parse_milliseconds(text).map(|time_ms| Limit::TimeUs(time_ms * 1_000));
            (limit, "write a time: `50ms`")
        }
    };
    if limit.is_none() {
        let message = format!("`{text}` is no limit of `{}`", measure.word());
        reader.report(Code::BadValue, node.span, message, Some(help.to_owned()));
    }
    limit
}

/// A count, or a share in percent with up to four digits after the point.
fn parse_share(text: &str) -> Option<Limit> {
    let Some(percent) = text.strip_suffix('%') else { return text.parse().ok().map(Limit::Count) };
    let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 4 {
        return None;
    }
    let per_million = format!("{whole}{part:0<4}").parse::<u32>().ok()?;
    (per_million <= 1_000_000).then_some(Limit::PerMillion(per_million))
}

fn read_count(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, max: i64) -> Option<u32> {
    let count = reader.integer(fields.get(key)?, 1..=max)?;
    u32::try_from(count).ok()
}

/// A time in milliseconds; `default` if none is given, and after a report.
fn read_time(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, default: u64) -> u64 {
    let Some(node) = fields.get(key) else { return default };
    let Some(text) = reader.text(node) else { return default };
    let time_ms = parse_milliseconds(text).filter(|time_ms| *time_ms <= TIME_MS_MAX);
    time_ms.unwrap_or_else(|| {
        let message = format!("`{text}` is no length of time up to 48 hours");
        let help = "write milliseconds, seconds, minutes or hours: `250ms`, `30s`".to_owned();
        reader.report(Code::BadValue, node.span, message, Some(help));
        default
    })
}

fn read_turns(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    scope: &Scope,
    ids: &mut Vec<Name>,
) -> Vec<Iteration> {
    let Some(node) = fields.get("calls") else { return Vec::new() };
    let items = reader.list(node).unwrap_or_default();
    if items.is_empty() {
        reader.report(Code::BadValue, node.span, "a profile needs a call", None);
    }
    items.iter().filter_map(|item| read_turn(reader, item, scope, ids)).collect()
}

fn read_turn(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &Scope,
    ids: &mut Vec<Name>,
) -> Option<Iteration> {
    // What a turn captures is known to its own calls only.
    let mut scope = scope.clone();
    let has_steps =
        matches!(&node.kind, NodeKind::Map(entries) if entries.iter().any(|e| e.key == "steps"));
    let fields = reader.fields(node, if has_steps { &STEPS_TURN } else { &CALL_TURN })?;
    let weight = match fields.get("weight") {
        Some(_) => read_count(reader, &fields, "weight", WEIGHT_MAX),
        None => Some(1),
    };
    let calls = match fields.get("steps") {
        Some(steps) => read_calls(reader, steps, &mut scope, ids),
        None => read_fields(reader, &fields, &mut scope, ids).into_iter().collect(),
    };
    if calls.is_empty() && has_steps {
        reader.report(Code::BadValue, fields.span, "a turn needs a call", None);
    }
    Some(Iteration { weight: weight?, calls })
}

fn read_calls(
    reader: &mut Reader<'_>,
    node: &Node,
    scope: &mut Scope,
    ids: &mut Vec<Name>,
) -> Vec<LoadCall> {
    let items = reader.list(node).unwrap_or_default();
    let calls = items.iter().filter_map(|item| {
        let fields = reader.fields(item, &LOAD_CALL)?;
        read_fields(reader, &fields, scope, ids)
    });
    calls.collect()
}

fn read_fields(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    scope: &mut Scope,
    ids: &mut Vec<Name>,
) -> Option<LoadCall> {
    let id = fields.get("id").and_then(|node| {
        let name = reader.name(node)?;
        note_id(reader, &name, node.span, ids);
        Some(name)
    });
    let call = fields.get("call").and_then(|node| read_call(reader, node));
    let principal = fields.get("as").and_then(|node| read_signer(reader, node, scope));
    let params = fields.get("params").map(|node| read_params(reader, node, scope));
    let expectations = fields.get("expect").map(|node| read_expectations(reader, node, scope));
    let session = read_captured(reader, fields, call, scope);
    if let (Some(call), Some(node)) = (call, fields.get("call")) {
        let params = params.as_deref().unwrap_or_default();
        check_load(reader, node.span, call, params);
    }
    Some(LoadCall {
        id: id?,
        call: call?,
        principal: principal?,
        params: params.unwrap_or_default(),
        expectations: expectations?,
        session,
    })
}

fn note_id(reader: &mut Reader<'_>, name: &Name, span: Span, ids: &mut Vec<Name>) {
    if ids.contains(name) {
        let message = format!("another call of this profile is `{name}`, too");
        reader.report(Code::DuplicateId, span, message, None);
    }
    ids.push(name.clone());
}

/// Who signs; the administrator only arranges.
fn read_signer(reader: &mut Reader<'_>, node: &Node, scope: &Scope) -> Option<Principal> {
    let principal = read_principal(reader, node, scope)?;
    if principal == Principal::Admin {
        let message = "a profile can't call as the administrator";
        let help = Some("call as `root` or as a user of the account".to_owned());
        reader.report(Code::AdminBeyondControl, node.span, message, help);
    }
    Some(principal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, limit: Option<Limit>) {
        assert_eq!(parse_share(text), limit, "{text}");
    }

    #[test]
    fn shares_are_counts_or_percent() {
        check("0", Some(Limit::Count(0)));
        check("12", Some(Limit::Count(12)));
        check("1%", Some(Limit::PerMillion(10_000)));
        check("0.1%", Some(Limit::PerMillion(1_000)));
        check("0.0001%", Some(Limit::PerMillion(1)));
        check("100%", Some(Limit::PerMillion(1_000_000)));
    }

    #[test]
    fn what_is_neither_is_no_share() {
        for text in ["", "%", "-1", "1.%", ".5%", "0.00001%", "101%", "1 %", "x%", "1.5"] {
            check(text, None);
        }
    }
}
