//! A load observation as a table for the terminal.

use std::fmt::Write;

use crate::histogram::Histogram;
use crate::observation::{CallLoad, LoadObservation};

/// Widest name of a call that keeps its columns aligned, in characters.
const NAME_CHARS: usize = 44;

/// Renders what a target did under load: a line per call, the totals, what was wrong, the verdict.
///
/// Plain text, the same for the same observation. Calls are numbered as the profile lists them.
#[must_use]
pub fn render(observation: &LoadObservation) -> String {
    let mut text = String::new();
    head(&mut text, observation);
    table(&mut text, observation);
    for (position, call) in numbered(observation) {
        misses(&mut text, position, call);
    }
    line(&mut text, &format!("\nverdict: {}", observation.verdict()));
    text
}

fn head(text: &mut String, observation: &LoadObservation) {
    let LoadObservation { profile, endpoint, users, requests_planned, ending, .. } = observation;
    line(text, &format!("profile {profile} against {endpoint}: {users} users, closed loop"));
    line(
        text,
        &format!(
            "{} of {requests_planned} requests in {}, {} requests/s, {ending}\n",
            observation.requests(),
            seconds(observation.duration_us),
            observation.requests_per_second(),
        ),
    );
}

fn table(text: &mut String, observation: &LoadObservation) {
    line(
        text,
        &format!(
            "  #  {:NAME_CHARS$} requests errors  wrong   p50 µs   p90 µs   p99 µs   max µs",
            "call"
        ),
    );
    for (position, call) in numbered(observation) {
        let counts = [call.requests, call.errors, call.wrong];
        row(text, &position.to_string(), &name(call), counts, &call.latency);
    }
    let totals = [observation.requests(), observation.errors(), observation.wrong()];
    row(text, "", "all", totals, &observation.latency());
}

fn row(text: &mut String, number: &str, name: &str, counts: [u64; 3], latency: &Histogram) {
    let [requests, errors, wrong] = counts;
    let times = [50, 90, 99].map(|percent| latency.percentile_us(percent));
    let [p50, p90, p99] = times.map(microseconds);
    let max = microseconds(latency.max_us());
    line(
        text,
        &format!(
            "{number:>3}  {name:NAME_CHARS$} {requests:>8} {errors:>6} {wrong:>6} \
             {p50:>8} {p90:>8} {p99:>8} {max:>8}"
        ),
    );
}

fn misses(text: &mut String, position: usize, call: &CallLoad) {
    if call.errors == 0 && call.wrong == 0 {
        return;
    }
    line(text, &format!("\n{position}  {} expects {}", name(call), call.expected));
    for (kind, count, examples) in
        [("errors", call.errors, &call.error_examples), ("wrong", call.wrong, &call.wrong_examples)]
    {
        if count > 0 {
            line(text, &format!("   {count} {kind}, such as"));
        }
        for example in examples {
            line(text, &format!("     {example}"));
        }
    }
}

fn numbered(observation: &LoadObservation) -> impl Iterator<Item = (usize, &CallLoad)> {
    (1..).zip(&observation.calls)
}

fn name(call: &CallLoad) -> String {
    format!("{} as {}", call.call, call.principal)
}

fn microseconds(time_us: Option<u64>) -> String {
    time_us.map_or_else(|| "-".to_owned(), |time_us| time_us.to_string())
}

/// To the millisecond, rounded down.
fn seconds(time_us: u64) -> String {
    format!("{}.{:03} s", time_us / 1_000_000, time_us % 1_000_000 / 1_000)
}

/// Adds a line without trailing blanks.
fn line(text: &mut String, line: &str) {
    writeln!(text, "{}", line.trim_end_matches(' ')).expect("text can always be added to a string");
}

#[cfg(test)]
mod tests {
    use stspec_scenario::Name;

    use super::*;
    use crate::budget::Ending;

    fn call(operation: &str, latencies_us: &[u64]) -> CallLoad {
        let mut latency = Histogram::default();
        for latency_us in latencies_us {
            latency.record(*latency_us);
        }
        CallLoad {
            call: operation.to_owned(),
            principal: "federator".to_owned(),
            weight: 1,
            expected: "status equal to `200`".to_owned(),
            requests: latency.count(),
            latency,
            ..CallLoad::default()
        }
    }

    fn observation(calls: Vec<CallLoad>) -> LoadObservation {
        LoadObservation {
            profile: Name::parse("smoke").unwrap(),
            endpoint: "http://127.0.0.1:9".to_owned(),
            users: 2,
            requests_planned: 4,
            ending: Ending::Complete,
            duration_us: 1_234_567,
            calls,
        }
    }

    #[track_caller]
    fn check(observation: &LoadObservation, expected: &str) {
        let rendered = render(observation);
        assert_eq!(rendered, expected, "\n{rendered}");
    }

    #[test]
    fn a_line_per_call_and_one_for_all() {
        let calls = vec![
            call("sts.GetFederationToken", &[100, 200, 90_000]),
            call("sts.GetCallerIdentity", &[50]),
        ];
        check(
            &observation(calls),
            "\
profile smoke against http://127.0.0.1:9: 2 users, closed loop
4 of 4 requests in 1.234 s, 3 requests/s, complete

  #  call                                         requests errors  wrong   p50 µs   p90 µs   p99 µs   max µs
  1  sts.GetFederationToken as federator                 3      0      0      200    90000    90000    90000
  2  sts.GetCallerIdentity as federator                  1      0      0       50       50       50       50
     all                                                 4      0      0      100    90000    90000    90000

verdict: pass
",
        );
    }

    #[test]
    fn misses_are_shown_with_what_was_expected() {
        let missed = CallLoad {
            requests: 4,
            errors: 1,
            wrong: 2,
            error_examples: vec!["connection refused".to_owned()],
            wrong_examples: vec!["status: expected 200, observed 500".to_owned()],
            ..call("sts.GetCallerIdentity", &[])
        };
        check(
            &observation(vec![missed]),
            "\
profile smoke against http://127.0.0.1:9: 2 users, closed loop
4 of 4 requests in 1.234 s, 3 requests/s, complete

  #  call                                         requests errors  wrong   p50 µs   p90 µs   p99 µs   max µs
  1  sts.GetCallerIdentity as federator                  4      1      2        -        -        -        -
     all                                                 4      1      2        -        -        -        -

1  sts.GetCallerIdentity as federator expects status equal to `200`
   1 errors, such as
     connection refused
   2 wrong, such as
     status: expected 200, observed 500

verdict: fail
",
        );
    }
}
