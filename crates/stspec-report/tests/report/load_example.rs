//! An example of a load with some of everything: two calls, one that prepares, errors, wrong answers, drops.

use stspec_measure::{
    CallLoad, Caps, CpuShare, CredentialsSeen, Ending, GeneratorRecord, Histogram, Level,
    LoadCounts, LoadRecord, Machine, Offered, Second, Series, TimedCounts, check_thresholds,
};
use stspec_scenario::{
    Knee, Limit, LoadShape, Measure, Name, Open, Rate, Stage, Threshold, Transport,
};
use stspec_verdict::{Resources, TargetRecord};

/// What stands in every foreign text, so that no rendering forgets to escape it.
pub(crate) const FOREIGN: &str = "<b>\"&\\\n\u{1b}[31m";

pub(crate) fn histogram(latencies_us: impl IntoIterator<Item = u64>) -> Histogram {
    let mut histogram = Histogram::default();
    for latency_us in latencies_us {
        histogram.record(latency_us);
    }
    histogram
}

fn call(id: &str, prepares: bool, latency: Histogram) -> CallLoad {
    let requests = if prepares { 0 } else { latency.count() + 1 };
    CallLoad {
        id: id.into(),
        call: "sts.GetFederationToken".into(),
        principal: "federator".into(),
        expected: "status equal to `200`".into(),
        prepares,
        counted: LoadCounts { requests, errors: u64::from(!prepares), wrong: 0 },
        uncounted: LoadCounts { requests: 8, errors: 0, wrong: 0 },
        latency,
        error_examples: if prepares { vec![] } else { vec![format!("refused {FOREIGN}")] },
        wrong_examples: Vec::new(),
    }
}

fn second(number: u64) -> Second {
    let latency = histogram((1..=100).map(|each| each * 37 + number * 100));
    let counts = LoadCounts { requests: 101, errors: 1, wrong: number % 2 };
    Second { counts, dropped: number, latency }
}

/// An open load of some seconds.
pub(crate) fn open() -> LoadRecord {
    let mint = call("mint", false, histogram((1..=900).map(|each| each * 37)));
    let mut scoped = call("mint-scoped", false, histogram((1..=90).map(|each| each * 1_003)));
    scoped.counted.wrong = 2;
    scoped.wrong_examples = vec![format!("status: expected 200, observed {FOREIGN}")];
    let stages = vec![
        Stage { to: 100, over_ms: 2_000, hold_ms: 0 },
        Stage { to: 100, over_ms: 0, hold_ms: 8_500 },
    ];
    let open = Open { connections: 16, give_up_ms: 250 };
    let threshold = |measure, limit| Threshold { measure, limit };
    LoadRecord {
        run: "r1a2b3".into(),
        profile: Name::parse("steady").expect("a name"),
        target: TargetRecord {
            name: "emulator".into(),
            endpoint: format!("http://127.0.0.1:4566/{FOREIGN}"),
            arguments: "--endpoint http://127.0.0.1:4566".into(),
        },
        share: "0/2".parse().ok(),
        started: "2026-11-22T04:00:00.123456789Z".parse().expect("a timestamp"),
        shape: LoadShape::Rate(Rate { stages, open }),
        transport: Transport::Hyper,
        seed: 7,
        requests_planned: Some(1_000),
        caps: Caps { rate: Some(200), total: Some(5_000) },
        ending: Ending::Complete,
        duration_us: 9_500_000,
        warm_up_us: 1_000_000,
        calls: vec![call("prepare", true, Histogram::default()), mint, scoped],
        series: Series::of_seconds((0..10).map(second).collect()),
        offered: Some(Offered {
            turns: 1_000,
            dropped: 45,
            crowded: 9,
            lag: histogram((0..955).map(|lag| lag % 90)),
        }),
        credentials: CredentialsSeen { seen: 980, repeated: 0, one_of: 4 },
        generator: GeneratorRecord {
            machine: Machine {
                os: "linux".into(),
                architecture: "x86_64".into(),
                processor: Some("Example CPU".into()),
                cores: 2,
                memory_bytes: Some(8_000_000_000),
            },
            version: "0.1.0".into(),
            cpu: Some(CpuShare {
                generator_us: 4_000_000,
                reference_us: 0,
                machine_us: Some(12_000_000),
                wall_us: 9_500_000,
            }),
            memory_bytes_max: Some(23_000_000),
        },
        thresholds: vec![
            threshold(Measure::Wrong, Limit::Count(0)),
            threshold(Measure::Errors, Limit::PerMillion(10_000)),
            threshold(Measure::P99, Limit::TimeUs(50_000)),
            threshold(Measure::Rate, Limit::AtLeast(90)),
        ],
        levels: Vec::new(),
        resources: Resources { created: 3, removed: 3, leaked: 0 },
        shards: Vec::new(),
    }
}

/// A search that broke at its third rate.
pub(crate) fn search() -> LoadRecord {
    let open_shape = Open { connections: 16, give_up_ms: 250 };
    let limits = [Threshold { measure: Measure::P99, limit: Limit::TimeUs(5_000) }];
    let level = |(rate, latency_us): (u32, u64)| {
        let observed = TimedCounts {
            counts: LoadCounts { requests: 100, errors: 0, wrong: 0 },
            latency: histogram((0..100).map(|each| latency_us + each)),
            duration_us: 1_000_000,
            offered: Some(Offered { turns: 100, lag: histogram([5, 6, 7]), ..Offered::default() }),
        };
        let mut missed = check_thresholds(&limits, &observed, LoadCounts::default());
        missed.retain(|held| !held.held);
        Level { rate, observed, missed, saturation: None }
    };
    LoadRecord {
        shape: LoadShape::Knee(Knee {
            from: 100,
            to: 800,
            hold_ms: 1_000,
            refine: 1,
            open: open_shape,
        }),
        requests_planned: None,
        thresholds: limits.to_vec(),
        levels: [(100, 400), (200, 900), (400, 30_000), (300, 2_000)].map(level).into(),
        ..open()
    }
}
