//! What came since the last report, as a Locust master counts it, and beside it as we do.

use std::collections::BTreeMap;

use stspec_measure::{CallLoad, Histogram, LoadCounts};

/// What a Locust master shows where it shows an HTTP method otherwise.
const METHOD: &str = "AWS";

/// What came since the last report.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stats {
    /// One for each call that was sent.
    pub(crate) entries: Vec<Entry>,
    /// All of them together.
    pub(crate) total: Entry,
    pub(crate) failures: Vec<Failure>,
    /// The class of the users.
    pub(crate) class: String,
    /// How many of them there are now.
    pub(crate) users: u32,
}

/// What came of a call, or of all of them. Times of day are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) method: &'static str,
    pub(crate) start: f64,
    pub(crate) last_request: Option<f64>,
    pub(crate) counts: LoadCounts,
    /// Requests whose time does not count: those without an answer and those that prepare users.
    pub(crate) untimed: u64,
    pub(crate) latency_sum_us: u64,
    pub(crate) min_us: Option<u64>,
    pub(crate) max_us: Option<u64>,
    /// Rounded milliseconds and how many answers took so long.
    pub(crate) response_times_ms: BTreeMap<u64, u64>,
    /// Buckets of a [`Histogram`] and how many answers fell into them.
    pub(crate) buckets: Vec<(u32, u64)>,
    /// Requests and failures by the second of the day in which they were noticed.
    pub(crate) per_second: BTreeMap<i64, (u64, u64)>,
}

/// Failures of a call of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// Equal for failures that the master is to add up.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) method: &'static str,
    pub(crate) words: String,
    pub(crate) occurrences: u64,
    pub(crate) first_seen: f64,
    pub(crate) last_seen: f64,
}

/// Turns counts that only grow into what came since the last report.
#[derive(Debug, Default)]
pub(crate) struct Reporter {
    reported: Vec<CallLoad>,
    /// What was looked at last, for the seconds.
    seen: Vec<LoadCounts>,
    per_second: Vec<BTreeMap<i64, (u64, u64)>>,
    /// When the last report was taken.
    since: Option<f64>,
}

/// Times of day, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: f64,
    /// The full second that `now` is in.
    pub(crate) second: i64,
    /// When the last answer came.
    pub(crate) last_request: Option<f64>,
}

impl Entry {
    pub(crate) fn failures(&self) -> u64 {
        self.counts.errors + self.counts.wrong
    }
}

impl Reporter {
    /// Looks at the counts so far, so that the master's seconds are full of what came in them.
    pub(crate) fn look(&mut self, calls: &[CallLoad], second: i64) {
        self.seen.resize(calls.len(), LoadCounts::default());
        self.per_second.resize(calls.len(), BTreeMap::new());
        for ((call, seen), seconds) in calls.iter().zip(&mut self.seen).zip(&mut self.per_second) {
            let all = all(call);
            let new = less(all, *seen);
            if new.requests > 0 {
                let (requests, failures) = seconds.entry(second).or_default();
                *requests += new.requests;
                *failures += new.errors + new.wrong;
            }
            *seen = all;
        }
    }

    /// What came since the last report that was [taken](Self::taken); `class` and `users` are left to the caller.
    pub(crate) fn report(&mut self, calls: &[CallLoad], moment: Moment) -> Stats {
        self.look(calls, moment.second);
        self.reported.resize(calls.len(), CallLoad::default());
        let start = self.since.unwrap_or(moment.now);
        let mut stats = Stats { total: total(start), ..Stats::default() };
        for ((call, before), seconds) in calls.iter().zip(&self.reported).zip(&self.per_second) {
            let entry = entry(call, before, seconds.clone(), (start, moment));
            if entry.counts.requests > 0 {
                stats.failures.extend(failures(call, &entry, moment.now));
                add(&mut stats.total, &entry);
                stats.entries.push(entry);
            }
        }
        stats
    }

    /// Notes that a report of these calls is on its way, so that the next one tells what comes after it.
    pub(crate) fn taken(&mut self, calls: Vec<CallLoad>, moment: Moment) {
        self.since = Some(moment.now);
        self.per_second.clear();
        self.reported = calls;
    }
}

/// Everything that was sent of a call: the master is to count what the target counts.
fn all(call: &CallLoad) -> LoadCounts {
    let mut all = call.counted;
    all.add(call.uncounted);
    all
}

fn less(counts: LoadCounts, before: LoadCounts) -> LoadCounts {
    LoadCounts {
        requests: counts.requests.saturating_sub(before.requests),
        errors: counts.errors.saturating_sub(before.errors),
        wrong: counts.wrong.saturating_sub(before.wrong),
    }
}

fn total(start: f64) -> Entry {
    Entry { name: "Aggregated".to_owned(), start, ..Entry::default() }
}

fn entry(
    call: &CallLoad,
    before: &CallLoad,
    per_second: BTreeMap<i64, (u64, u64)>,
    (start, moment): (f64, Moment),
) -> Entry {
    let counts = less(all(call), all(before));
    let buckets = new_buckets(&call.latency, &before.latency);
    let timed: u64 = buckets.iter().map(|(_, count)| count).sum();
    let sum_us = call.latency.sum_us().saturating_sub(before.latency.sum_us());
    let mut response_times_ms = BTreeMap::new();
    for (bucket, count) in &buckets {
        let (_, top_us) = Histogram::bucket_bounds_us(*bucket);
        let longest_us = call.latency.max_us().map_or(top_us, |max_us| max_us.min(top_us));
        *response_times_ms.entry(rounded_ms(longest_us)).or_default() += count;
    }
    let first = buckets.first().map(|(bucket, _)| Histogram::bucket_bounds_us(*bucket).0);
    let last = buckets.last().map(|(bucket, _)| Histogram::bucket_bounds_us(*bucket).1);
    Entry {
        name: call.id.clone(),
        method: METHOD,
        start,
        last_request: (counts.requests > 0).then_some(moment.last_request.unwrap_or(moment.now)),
        counts,
        untimed: counts.requests.saturating_sub(timed),
        latency_sum_us: u64::try_from(sum_us).unwrap_or(u64::MAX),
        // Of the interval to its bucket, and never beyond those of the whole run.
        min_us: first.map(|bottom_us| bottom_us.max(call.latency.min_us().unwrap_or(0))),
        max_us: last.map(|top_us| top_us.min(call.latency.max_us().unwrap_or(u64::MAX))),
        response_times_ms,
        buckets,
        per_second,
    }
}

fn new_buckets(latency: &Histogram, before: &Histogram) -> Vec<(u32, u64)> {
    let before: BTreeMap<u32, u64> = before.buckets().collect();
    let new = |(bucket, count): (u32, u64)| {
        (bucket, count.saturating_sub(before.get(&bucket).copied().unwrap_or(0)))
    };
    latency.buckets().map(new).filter(|(_, count)| *count > 0).collect()
}

/// A latency in whole milliseconds of two significant digits, halves to the even neighbour.
///
/// Source: Locust 2.47, `bucket_response_time`, which leaves the halves to Python's `round`.
fn rounded_ms(us: u64) -> u64 {
    let unit_us = match us {
        0..100_000 => 1_000,
        100_000..1_000_000 => 10_000,
        1_000_000..10_000_000 => 100_000,
        _ => 1_000_000,
    };
    let (whole, rest) = (us / unit_us, us % unit_us);
    let up = rest * 2 > unit_us || (rest * 2 == unit_us && !whole.is_multiple_of(2));
    (whole + u64::from(up)) * (unit_us / 1_000)
}

fn add(total: &mut Entry, entry: &Entry) {
    total.counts.add(entry.counts);
    total.untimed += entry.untimed;
    total.latency_sum_us += entry.latency_sum_us;
    total.last_request = total.last_request.or(entry.last_request);
    total.min_us = [total.min_us, entry.min_us].into_iter().flatten().min();
    total.max_us = total.max_us.max(entry.max_us);
    for (ms, count) in &entry.response_times_ms {
        *total.response_times_ms.entry(*ms).or_default() += count;
    }
    for (second, (requests, failures)) in &entry.per_second {
        let of_total = total.per_second.entry(*second).or_default();
        of_total.0 += requests;
        of_total.1 += failures;
    }
}

/// The wrong answers and the errors of a call, each with an example.
fn failures(call: &CallLoad, entry: &Entry, now: f64) -> impl Iterator<Item = Failure> {
    let kinds = [
        ("wrong", entry.counts.wrong, &call.wrong_examples),
        ("error", entry.counts.errors, &call.error_examples),
    ];
    kinds.into_iter().filter(|(_, count, _)| *count > 0).map(
        move |(kind, occurrences, examples)| {
            let example = examples.first().map_or("no example was kept", String::as_str);
            let words =
                if examples.len() > 1 { format!("{example}, and others") } else { example.into() };
            Failure {
                key: format!("{METHOD}.{}.{kind}", call.id),
                name: call.id.clone(),
                method: METHOD,
                words: format!("{kind}: {words}"),
                occurrences,
                first_seen: entry.start,
                last_seen: now,
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call with so many answers of each latency, and so many of them wrong.
    fn call(id: &str, latencies_us: &[u64], wrong: u64, errors: u64) -> CallLoad {
        let mut call = CallLoad { id: id.to_owned(), ..CallLoad::default() };
        for latency_us in latencies_us {
            call.latency.record(*latency_us);
        }
        call.counted = LoadCounts { requests: call.latency.count() + errors, errors, wrong };
        call.wrong_examples = vec!["status: expected 200, observed 403".to_owned()];
        call.error_examples = vec!["hung up".to_owned(), "refused".to_owned()];
        call
    }

    /// A report that is taken.
    fn reported(reporter: &mut Reporter, calls: Vec<CallLoad>, moment: Moment) -> Stats {
        let stats = reporter.report(&calls, moment);
        reporter.taken(calls, moment);
        stats
    }

    #[test]
    fn a_report_that_was_not_taken_is_in_the_next_one() {
        let mut reporter = Reporter::default();
        reported(&mut reporter, vec![call("mint", &[5], 0, 0)], at(1));
        let lost = reporter.report(&[call("mint", &[5, 6, 7], 1, 0)], at(4));
        assert_eq!(lost.total.counts, LoadCounts { requests: 2, errors: 0, wrong: 1 });
        let next = reported(&mut reporter, vec![call("mint", &[5, 6, 7, 8], 1, 0)], at(7));
        assert_eq!(next.total.counts, LoadCounts { requests: 3, errors: 0, wrong: 1 });
        assert_eq!(next.total.per_second, BTreeMap::from([(4, (2, 1)), (7, (1, 0))]));
        assert_eq!((next.failures.len(), next.total.start), (1, 1.0));
        let after = reported(&mut reporter, vec![call("mint", &[5, 6, 7, 8], 1, 0)], at(10));
        assert_eq!((after.total.counts.requests, after.total.per_second.len()), (0, 0));
    }

    fn at(second: i64) -> Moment {
        let now = f64::from(i32::try_from(second).unwrap());
        Moment { now, second, last_request: Some(now - 0.5) }
    }

    #[test]
    fn a_report_has_what_came_since_the_last_one() {
        let mut reporter = Reporter::default();
        let first = reported(&mut reporter, vec![call("mint", &[1_400, 2_600], 0, 0)], at(10));
        assert_eq!(first.total.counts.requests, 2);
        let second =
            reporter.report(&[call("mint", &[1_400, 2_600, 2_600, 147_000], 1, 1)], at(13));
        let [entry] = second.entries.as_slice() else { panic!("one call") };
        assert_eq!(entry.counts, LoadCounts { requests: 3, errors: 1, wrong: 1 });
        assert_eq!((entry.untimed, entry.failures(), entry.latency_sum_us), (1, 2, 149_600));
        assert_eq!(entry.response_times_ms, BTreeMap::from([(3, 1), (150, 1)]));
        assert_eq!(entry.buckets.iter().map(|(_, count)| count).sum::<u64>(), 2);
        assert_eq!((entry.start, entry.last_request), (10.0, Some(12.5)));
        assert_eq!(entry.max_us, Some(147_000));
        assert!(entry.min_us.unwrap().abs_diff(2_600) <= 26, "{:?}", entry.min_us);
    }

    #[test]
    fn reports_add_up_to_all_that_was_counted() {
        let mut reporter = Reporter::default();
        let (mut requests, mut seconds) = (0, 0);
        let latencies: Vec<u64> = (0..50).map(|number| number * 997).collect();
        for sent in [0, 1, 1, 20, 50, 50] {
            let load = call("mint", &latencies[..sent], 0, 0);
            reporter.look(std::slice::from_ref(&load), 5);
            let stats = reported(&mut reporter, vec![load], at(6));
            requests += stats.total.counts.requests;
            seconds += stats.total.per_second.values().map(|(requests, _)| requests).sum::<u64>();
        }
        assert_eq!((requests, seconds), (50, 50));
    }

    #[test]
    fn what_was_not_sent_since_is_not_in_the_report() {
        let mut reporter = Reporter::default();
        let load = || vec![call("mint", &[5], 0, 0), call("identity", &[], 0, 0)];
        assert_eq!(reported(&mut reporter, load(), at(1)).entries.len(), 1);
        let nothing = reporter.report(&load(), at(4));
        assert!(nothing.entries.is_empty() && nothing.failures.is_empty());
        assert_eq!((nothing.total.last_request, nothing.total.min_us), (None, None));
    }

    #[test]
    fn preparing_is_counted_and_not_timed() {
        let mut reporter = Reporter::default();
        let uncounted = LoadCounts { requests: 4, errors: 0, wrong: 1 };
        let load = CallLoad { id: "session".to_owned(), uncounted, ..CallLoad::default() };
        let stats = reporter.report(&[load], at(1));
        assert_eq!((stats.total.counts.requests, stats.total.untimed), (4, 4));
        assert_eq!(stats.failures[0].words, "wrong: no example was kept");
    }

    #[test]
    fn failures_are_told_apart_with_an_example() {
        let mut reporter = Reporter::default();
        let stats = reporter.report(&[call("mint", &[5, 5], 2, 3)], at(1));
        let told: Vec<(&str, &str, u64)> = stats
            .failures
            .iter()
            .map(|each| (each.key.as_str(), each.words.as_str(), each.occurrences))
            .collect();
        assert_eq!(
            told,
            [
                ("AWS.mint.wrong", "wrong: status: expected 200, observed 403", 2),
                ("AWS.mint.error", "error: hung up, and others", 3),
            ]
        );
    }

    #[test]
    fn times_are_rounded_as_by_locusts_own_workers() {
        // Made with `bucket_response_time` of Locust 2.47.0.
        for (us, ms) in [
            (0, 0),
            (499, 0),
            (500, 0),
            (501, 1),
            (1_500, 2),
            (2_500, 2),
            (99_499, 99),
            (99_600, 100),
            (100_000, 100),
            (147_000, 150),
            (145_000, 140),
            (155_000, 160),
            (994_000, 990),
            (999_000, 1_000),
            (3_432_000, 3_400),
            (9_960_000, 10_000),
            (58_760_000, 59_000),
        ] {
            assert_eq!(rounded_ms(us), ms, "{us} µs");
        }
    }
}
