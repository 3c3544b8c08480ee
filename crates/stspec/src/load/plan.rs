//! What a load would send, before anything is sent.

use std::fmt::Write;
use std::time::Duration;

use stspec_load::Caps;
use stspec_scenario::{Knee, Limit, LoadCall, LoadShape, Profile, Stage};

use crate::target::Named;

/// Renders a profile with its shape over time, its turns, its limits, and how much it comes to.
pub(super) fn plan(profile: &Profile, named: &Named, caps: Caps) -> String {
    let mut text = format!("profile {}: {}\n\n", profile.name, profile.says);
    let mut line = |name: &str, value: String| {
        writeln!(text, "{name:<11} {value}").expect("text can always be added to a string");
    };
    let endpoint = named.endpoints().map_or("started for this", |endpoints| &endpoints.sts);
    line("target", format!("{} ({endpoint})", named.name()));
    line("account", format!("{}, made before and removed afterwards", profile.account));
    line("transport", profile.transport.to_string());
    line("seed", profile.seed.to_string());
    for (number, piece) in shape(&profile.shape).into_iter().enumerate() {
        line(if number == 0 { "shape" } else { "" }, piece);
    }
    line("amount", amount(profile, caps));
    if let Some(limit) = named.target().requests_per_second() {
        line("limit", format!("{limit} requests a second from here, those that set up among them"));
    }
    if profile.warm_up_ms > 0 {
        line("warm-up", format!("{}, in which latencies don't count", time(profile.warm_up_ms)));
    }
    if !profile.prepare.is_empty() {
        line("prepare", "once for each user, and again before its sessions expire".to_owned());
        profile.prepare.iter().for_each(|load_call| line("", call(load_call)));
    }
    let weights: u32 = profile.iterations.iter().map(|turn| turn.weight).sum();
    for (number, turn) in profile.iterations.iter().enumerate() {
        let share = format!("{} of {weights}:", turn.weight);
        for (step, load_call) in turn.calls.iter().enumerate() {
            let share = if step == 0 { share.as_str() } else { "then" };
            line(
                if number + step == 0 { "turns" } else { "" },
                format!("{share:<10} {}", call(load_call)),
            );
        }
    }
    for (number, threshold) in profile.thresholds.iter().enumerate() {
        let limit = format!("{} {}", threshold.measure, limit(threshold.limit));
        line(if number == 0 { "thresholds" } else { "" }, limit);
    }
    text
}

fn call(load_call: &LoadCall) -> String {
    format!("{}: {} as {}", load_call.id, load_call.call, load_call.principal)
}

fn shape(shape: &LoadShape) -> Vec<String> {
    match shape {
        LoadShape::Users(list) => stages(list, "users, closed loop"),
        LoadShape::Rate(rate) => {
            let mut lines = stages(&rate.stages, "turns/s, open loop");
            lines.push(open(rate.open));
            lines
        }
        LoadShape::Knee(knee) => search(*knee),
    }
}

fn open(open: stspec_scenario::Open) -> String {
    let late = time(open.give_up_ms);
    format!("{} connections; a turn that is {late} late is dropped", open.connections)
}

fn stages(stages: &[Stage], what: &str) -> Vec<String> {
    let line = |stage: &Stage| {
        let mut text = format!("{} {what}", stage.to);
        if stage.over_ms > 0 {
            write!(text, ", reached over {}", time(stage.over_ms)).expect("text can be added");
        }
        if stage.hold_ms > 0 {
            write!(text, ", for {}", time(stage.hold_ms)).expect("text can be added");
        }
        text
    };
    stages.iter().map(line).collect()
}

fn search(knee: Knee) -> Vec<String> {
    let Knee { from, to, hold_ms, refine, open: how } = knee;
    vec![
        format!("from {from} turns/s, doubled up to {to} until a threshold is missed"),
        format!("then halved {refine} times; each rate for {}", time(hold_ms)),
        open(how),
    ]
}

/// How many turns it comes to, as far as that is known, and how long it takes.
fn amount(profile: &Profile, caps: Caps) -> String {
    let duration_ms = profile.shape.duration_ms();
    let mut text = match (&profile.shape, profile.requests) {
        (LoadShape::Rate(rate), None) => {
            format!("{} turns in {}", turns(&rate.stages), time(duration_ms))
        }
        (LoadShape::Users(_), None) => format!("as many turns as fit into {}", time(duration_ms)),
        (LoadShape::Knee(_), _) => "as many rates as it takes".to_owned(),
        (_, Some(turns)) if duration_ms > 0 => {
            format!("{turns} turns, for {} at most", time(duration_ms))
        }
        (_, Some(turns)) => format!("{turns} turns"),
    };
    if let Some(rate) = caps.rate {
        write!(text, "; at most {rate} turns/s").expect("text can be added");
    }
    if let Some(total) = caps.total {
        write!(text, "; at most {total} turns").expect("text can be added");
    }
    text
}

/// How many turns an open shape starts.
pub(super) fn turns(stages: &[Stage]) -> u64 {
    let mut from = 0;
    let mut thousandths = 0;
    for stage in stages {
        let to = u64::from(stage.to);
        thousandths += (from + to) * stage.over_ms / 2 + to * stage.hold_ms;
        from = to;
    }
    thousandths.div_ceil(1_000)
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::Count(most) => format!("at most {most}"),
        Limit::PerMillion(most) => format!("at most {most} of a million"),
        Limit::TimeUs(most) => format!("at most {:?}", Duration::from_micros(most)),
        Limit::AtLeast(least) => format!("at least {least} a second"),
    }
}

fn time(ms: u64) -> String {
    format!("{:?}", Duration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_shape_starts_what_lies_below_its_rate() {
        let stage = |to, over_ms, hold_ms| Stage { to, over_ms, hold_ms };
        assert_eq!(turns(&[stage(1_000, 0, 2_000)]), 2_000);
        assert_eq!(turns(&[stage(1_000, 2_000, 1_000)]), 2_000);
        assert_eq!(turns(&[stage(400, 0, 1_000), stage(200, 1_000, 1_000)]), 900);
        assert_eq!(turns(&[stage(3, 0, 500)]), 2);
    }
}
