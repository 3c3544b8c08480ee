//! Renderings of loads and of their comparison.

use stspec_measure::{
    Caps, Ending, LoadRecord, MEASURED_GENERATOR, MEASURED_MACHINE, Series, compare, merge,
};
use stspec_report::Style;
use stspec_report::load::{
    comparison_json, comparison_terminal, csv, html, json, prometheus, read, terminal,
};

use crate::load_example::{FOREIGN, histogram, open, search};

#[track_caller]
fn check(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing from\n{text}");
    }
}

fn merged() -> LoadRecord {
    let other = LoadRecord { run: "r4d5e6".into(), share: "1/2".parse().ok(), ..open() };
    merge(&[open(), other]).expect("shards of one run")
}

#[test]
fn a_report_is_read_as_it_was_written() {
    let capped = LoadRecord { ending: Ending::Capped, ..open() };
    for record in [open(), search(), merged(), capped] {
        assert_eq!(read(&json(&record)).expect("our own report"), record);
    }
}

#[test]
fn a_report_of_before_there_were_caps_in_it_is_read() {
    let mut older = json(&open());
    for part in ["\"caps\":{\"rate\":200,\"total\":5000},", "\"crowded\":9,"] {
        assert!(older.contains(part), "`{part}` is not in {older}");
        older = older.replacen(part, "", 1);
    }
    let record = read(&older).expect("an older report");
    assert_eq!(record.caps, Caps::default());
    assert_eq!(record.offered.map(|offered| (offered.turns, offered.crowded)), Some((1_000, 0)));
}

#[test]
fn the_summary_holds_what_most_readers_want() {
    let report: serde_json::Value = serde_json::from_str(&json(&open())).expect("JSON");
    let summary = &report["summary"];
    assert_eq!(
        (summary["verdict"].as_str(), summary["requests"].as_u64()),
        (Some("fail"), Some(1_016))
    );
    assert_eq!(summary["counted"]["requests"].as_u64(), Some(992));
    assert_eq!(summary["latency_us"]["max"].as_u64(), Some(90_270));
    assert_eq!(summary["calls"][0]["id"].as_str(), Some("mint"));
    assert_eq!(summary["thresholds"][0]["held"].as_bool(), Some(false));
    let report: serde_json::Value = serde_json::from_str(&json(&search())).expect("JSON");
    assert_eq!(report["summary"]["knee"].as_u64(), Some(300));
}

#[test]
fn a_wrong_answer_of_the_warm_up_stands_in_every_summary() {
    let mut record = open();
    record.calls.iter_mut().for_each(|call| call.counted.wrong = 0);
    record.calls[0].uncounted.wrong = 3;
    let report: serde_json::Value = serde_json::from_str(&json(&record)).expect("JSON");
    let wrong = |counts: &serde_json::Value| counts["wrong"].as_u64();
    let summary = &report["summary"];
    assert_eq!((wrong(summary), wrong(&summary["counted"])), (Some(3), Some(0)));
    check(&html(&record), &["1 016 requests, 2 errors, 3 wrong"]);
    check(&terminal(&record, Style::Plain), &["(8), 0 errors, 3 wrong"]);
}

/// Replaces a part of the example's report, and says what reading it comes to.
#[track_caller]
fn check_read(part: &str, replacement: &str, expected: &str) {
    let text = json(&open());
    assert!(text.contains(part), "`{part}` is not in {text}");
    let error = read(&text.replacen(part, replacement, 1)).expect_err("a contradiction");
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_report_of_another_kind_is_refused() {
    check_read("stspec/load/v1", "stspec/load/v2", "a `stspec/load/v2`, not a `stspec/load/v1`");
    check_read("\"0/2\"", "\"2/2\"", "`2/2` names no shard");
    check_read("\"schema\"", "\"scheme\"", "`schema` is missing");
    assert!(read("").is_err() && read("[]").is_err() && read("{\"schema\":1}").is_err());
}

#[test]
fn unknown_and_missing_members_are_refused() {
    check_read("\"seed\":7", "\"sede\":7", "unknown field `sede`");
    check_read("\"seed\":7,", "", "missing field `seed`");
    check_read("\"seed\":7", "\"seed\":-7", "invalid value: integer `-7`");
    check_read(
        "\"transport\":\"hyper\"",
        "\"transport\":\"hype\"",
        "`transport`: `hype` is no transport",
    );
    check_read("\"profile\":\"steady\"", "\"profile\":\"a b\"", "`profile`: `a b` is no name");
    check_read("2026-11-22T04:00:00", "2026-13-22T04:00:00", "is no point in time");
}

#[test]
fn numbers_that_contradict_each_other_are_refused() {
    check_read(
        "\"requests\":901,\"errors\":1",
        "\"requests\":901,\"errors\":902",
        "`calls[1].counted`: it has more errors",
    );
    check_read(
        "\"requests\":901,\"errors\":1,\"wrong\":0",
        "\"requests\":901,\"errors\":1,\"wrong\":901",
        "more wrong answers than answers",
    );
    check_read(
        "\"requests\":901,\"errors\":1",
        "\"requests\":900,\"errors\":1",
        "`calls[1]`: it has more latencies",
    );
    check_read("\"min_us\":37,", "\"min_us\":38,", "`calls[1].latency`: its buckets contradict");
    check_read("[37,1],[74,1]", "[74,1],[37,1]", "not in ascending order");
    check_read(
        "\"turns\":1000,\"dropped\":45",
        "\"turns\":1000,\"dropped\":1001",
        "more turns were dropped",
    );
    check_read(
        "\"seen\":980,\"repeated\":0",
        "\"seen\":980,\"repeated\":981",
        "more were repeated",
    );
    check_read("\"crowded\":9", "\"crowded\":1001", "more turns were crowded than offered");
    check_read("\"one_of\":4", "\"one_of\":0", "none of those seen was remembered");
    check_read(
        "\"requests\":901,",
        "\"requests\":9007199254740993,",
        "is more than can be counted",
    );
    check_read("\"duration_us\":9500000", "\"duration_us\":9500000000000", "longer than any run");
    check_read(
        "{\"time_us\":50000}",
        "{\"count\":50000}",
        "`thresholds[2]`: the limit is not of the kind",
    );
    check_read("\"to\":100", "\"to\":0", "`shape.stages[0]`: a stage leads to at least 1");
}

#[test]
fn the_terminal_shows_what_was_loaded_what_came_of_it_and_how_far_to_trust_it() {
    let text = terminal(&open(), Style::Plain);
    check(
        &text,
        &[
            "load r1a2b3 · profile steady · target emulator at http://127.0.0.1:4566/<b>",
            "shape    open: to 100/s over 2s, then 100/s for 8500ms; 16 connections, dropped after 250ms",
            "sent by  stspec 0.1.0 over hyper, seed 7, 2026-11-22 04:00:00 UTC",
            "Example CPU, 2 cores, linux x86_64, generator used 21 % of it, 23 MB at most",
            "mint                         901      1      0  16.7 ms",
            "all                          992      2      2",
            "rate        104 answers/s for 9.5 s of 1 000 turns planned, complete; at most 200 turns/s and 5 000 turns",
            "offered     1 000 turns, 45 dropped (4.5 %), 9 waited for a connection; the generator was late by p50 43 µs",
            "credentials 980 seen, 0 repeated; 1 of 4 remembered, so an equal pair goes unnoticed at 75 %",
            "apart       24 requests in a warm-up of 1.0 s or to prepare users (8), 0 errors, 0 wrong",
            "  2 wrong answers, such as\n    status: expected 200, observed <b>\"&\\\\n\\u{1b}[31m",
            "missed wrong    at most 0          observed 2",
            "kept   errors   at most 1 %        observed 2 of 1 016, 0.1968 %",
            "generator: not the limit, as far as processor time and lag tell",
            "verdict: fail\n",
        ],
    );
    let widest = text.lines().filter(|line| line.contains(" ms ")).map(|line| line.chars().count());
    assert!(widest.max() <= Some(100), "{text}");
    assert!(!text.contains('\u{1b}') && terminal(&open(), Style::Colour).contains('\u{1b}'));
}

#[test]
fn the_terminal_shows_where_a_search_broke() {
    let text = terminal(&search(), Style::Plain);
    check(
        &text,
        &[
            "knee      300/s keep every threshold, 400/s do not",
            "p99 30.0 ms (at most 5.00 ms)",
            "thresholds are held against the first rate, 100/s",
        ],
    );
    assert!(!text.contains("connections were busy"), "{text}");
    let mut crowded = search();
    for level in &mut crowded.levels {
        level.observed.offered.as_mut().expect("an open shape").crowded =
            u64::from(level.rate) / 10;
    }
    let says = ["; all connections were busy", "all 8 connections were busy when 40 of 100 turns"];
    check(&terminal(&crowded, Style::Plain), &says);
}

#[test]
fn a_rate_tells_a_busy_machine_from_a_generator_at_its_limit() {
    let mut record = search();
    let mut check = |begins: &str, words: &str| {
        let says = format!("{begins}: so it was");
        record.levels.iter_mut().for_each(|level| level.saturation = Some(says.clone()));
        check(&terminal(&record, Style::Plain), &[&format!("pass; {words}\n")]);
        check(&html(&record), &[&format!("pass; {words}</td>")]);
    };
    check(MEASURED_GENERATOR, "the generator was the limit");
    check(MEASURED_MACHINE, "the machine was busy");
}

#[test]
fn a_shard_is_not_held_against_the_rate_of_all() {
    let words = "of all shards together: `stspec load merge`";
    let part = terminal(&open(), Style::Plain);
    check(&part, &[&format!("later  rate     at least 90 /s     {words}\n")]);
    check(&html(&open()), &[words]);
    let whole = terminal(&merged(), Style::Plain);
    check(&whole, &["kept   rate     at least 90 /s "]);
    assert!(!whole.contains(words) && !html(&merged()).contains(words), "{whole}");
}

#[test]
fn the_terminal_says_what_a_merged_record_does_not_know() {
    let text = terminal(&merged(), Style::Plain);
    check(
        &text,
        &["whether two shards were handed the same ones is not known", "shard    Example CPU"],
    );
}

#[test]
fn the_page_is_whole_and_nothing_in_it_is_markup_that_we_did_not_write() {
    for record in [open(), search(), merged()] {
        let page = html(&record);
        assert!(
            !page.contains(FOREIGN) && !page.contains("<b>") && !page.contains('\u{1b}'),
            "{page}"
        );
        assert!(!page.contains("<script") && !page.contains("src="), "no script, nothing loaded");
        for element in ["figure", "svg", "table", "dl", "section", "p", "h2"] {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
        check(&page, &["default-src 'none'", "latency over time", "latency by percentile"]);
    }
    let page = html(&search());
    check(&page, &["knee 300/s", "latency by offered rate", "limit of p99"]);
    check(&page, &["· knee: 300/s keep every threshold, 400/s do not ·", "<h2>rates</h2>"]);
    check(&page, &["<tr><th scope=\"row\">300</th>", "<td class=\"pass\">pass</td>"]);
    check(&page, &["<td class=\"fail\">p99 30.0 ms (at most 5.00 ms)"]);
}

#[test]
fn a_load_without_any_answer_has_a_page_too() {
    let mut record =
        LoadRecord { series: Series::default(), offered: None, duration_us: 0, ..open() };
    record.calls.iter_mut().for_each(|call| call.latency = histogram([]));
    assert!(!html(&record).contains("<svg") && !html(&record).contains("NaN"));
    assert!(terminal(&record, Style::Plain).contains("rate        0 answers/s"));
}

#[test]
fn a_load_that_took_long_is_told_in_parts() {
    let mut record = open();
    record.series = Series::new(record.series.parts, 4).expect("some time");
    record.duration_us = 38_000_000;
    let text = json(&record);
    check(&text, &["\"series_seconds_each\":4"]);
    assert_eq!(read(&text).expect("our own report"), record);
    assert!(!json(&open()).contains("series_seconds_each"), "as reports always were");
    let error = read(&text.replace("_each\":4", "_each\":0")).expect_err("no time at all");
    assert!(error.to_string().contains("`series_seconds_each`: a part takes some time"), "{error}");
    let error = read(&text.replace("_each\":4", "_each\":400000")).expect_err("too long");
    assert!(error.to_string().contains("more seconds than any run"), "{error}");
    let starts: Vec<String> = csv(&record)
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(',').map(|(second, _)| second.to_owned()))
        .collect();
    assert_eq!(starts[..3], ["0", "4", "8"]);
    check(&html(&record), &[">30 s<"]);
}

#[test]
fn the_seconds_are_lines() {
    let mut record = open();
    record.series.parts[1] = stspec_measure::Second::default();
    let text = csv(&record);
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("second,requests,errors,wrong,dropped,p50_us,p95_us,p99_us,max_us")
    );
    assert_eq!(lines.next(), Some("0,101,1,0,0,1855,3519,3663,3700"));
    assert_eq!(lines.next(), Some("1,0,0,0,0,,,,"));
    assert_eq!(text.lines().count(), 11);
}

#[test]
fn prometheus_gets_counters_and_histograms_that_grow() {
    let mut record = open();
    record.target.name = "a\\b\"c\nd".into();
    let text = prometheus(&record);
    check(
        &text,
        &[
            "# TYPE stspec_load_requests_total counter\n",
            "stspec_load_requests_total{call=\"mint\",phase=\"counted\"} 901\n",
            "stspec_load_requests_total{call=\"prepare\",phase=\"apart\"} 8\n",
            "stspec_load_wrong_total{call=\"mint-scoped\",phase=\"counted\"} 2\n",
            "stspec_load_latency_seconds_bucket{call=\"mint\",le=\"0.000255\"} 6\n",
            "stspec_load_latency_seconds_bucket{call=\"mint\",le=\"0.001023\"} 27\n",
            "stspec_load_latency_seconds_bucket{call=\"mint\",le=\"+Inf\"} 900\n",
            "stspec_load_latency_seconds_sum{call=\"mint\"} 15.001650\n",
            "stspec_load_latency_seconds_count{call=\"mint\"} 900\n",
            "stspec_load_lag_seconds_count 955\n",
            "stspec_load_dropped_total 45\n",
            "target=\"a\\\\b\\\"c\\nd\"",
        ],
    );
    check_grows(&text);
}

/// Each family is told once, before its samples, and the buckets of a histogram never fall.
#[track_caller]
fn check_grows(text: &str) {
    let mut told: Vec<&str> = Vec::new();
    let mut last: Option<(String, u64)> = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let name = rest.split(' ').next().expect("a name");
            assert!(!told.contains(&name), "{name} is told twice");
            told.push(name);
            continue;
        }
        if line.starts_with('#') {
            continue;
        }
        assert!(line.starts_with(told.last().expect("a family")), "{line}");
        let Some((labels, bound)) = line.split_once("le=") else { continue };
        let count = bound.rsplit(' ').next().expect("a value").parse().expect("a count");
        if let Some((before, least)) = &last {
            assert!(before != labels || count >= *least, "{line}");
        }
        last = Some((labels.to_owned(), count));
    }
}

#[test]
fn a_comparison_says_what_changed_and_by_how_much() {
    let mut after = LoadRecord { run: "r9".into(), ..open() };
    for second in &mut after.series.parts {
        second.latency = histogram((1..=100).map(|each| each * 74));
    }
    let comparison = compare(&[open()], &[after], 50_000, 1).expect("comparable");
    let text = comparison_terminal(&comparison, Style::Plain);
    check(
        &text,
        &[
            "before  r1a2b3 on emulator\nafter   r9 on emulator\n",
            "all calls                 before       after    change  95 % interval",
            "slower\n",
            "note: a side has one run",
            "the smallest change that would have shown: ",
            "verdict: worse\n",
        ],
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 104 || line.starts_with("note")),
        "{text}"
    );
    let report: serde_json::Value =
        serde_json::from_str(&comparison_json(&comparison)).expect("JSON");
    assert_eq!(report["schema"].as_str(), Some("stspec/load-comparison/v1"));
    assert_eq!(
        (report["verdict"].as_str(), report["exit_code"].as_u64()),
        (Some("worse"), Some(8))
    );
    assert_eq!(report["overall"][1]["metric"].as_str(), Some("p50"));
    assert!(report["overall"][1]["interval_per_million"][0].as_i64() > Some(50_000), "{report}");
}
