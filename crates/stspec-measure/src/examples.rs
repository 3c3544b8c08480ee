//! Records for tests of this crate.

use jiff::{SignedDuration, Timestamp};
use stspec_scenario::{LoadShape, Name, Stage, Transport};
use stspec_verdict::{Resources, TargetRecord};

use crate::call::CallLoad;
use crate::caps::Caps;
use crate::counts::{LoadCounts, Offered, Second};
use crate::generator::GeneratorRecord;
use crate::histogram::Histogram;
use crate::record::{CredentialsSeen, Ending, LoadRecord};
use crate::series::Series;

pub(crate) fn second(latencies_us: &[u64]) -> Second {
    let mut latency = Histogram::default();
    for latency_us in latencies_us {
        latency.record(*latency_us);
    }
    let counts = LoadCounts { requests: latency.count(), errors: 0, wrong: 0 };
    Second { counts, dropped: 1, latency }
}

/// A shard that begins so many milliseconds after another and lasts as long as its seconds.
pub(crate) fn shard(run: &str, after_ms: i64, seconds: &[&[u64]]) -> LoadRecord {
    let series: Vec<Second> = seconds.iter().map(|latencies_us| second(latencies_us)).collect();
    let mut call = CallLoad { id: "mint".into(), ..CallLoad::default() };
    for second in &series {
        call.counted.add(second.counts);
        call.latency.merge(&second.latency);
    }
    call.wrong_examples = vec![format!("of {run}"), "of both".into()];
    let begin: Timestamp = "2026-11-22T00:00:00Z".parse().expect("a timestamp");
    LoadRecord {
        run: run.into(),
        profile: Name::parse("steady").expect("a name"),
        target: TargetRecord {
            name: "t".into(),
            endpoint: String::new(),
            arguments: String::new(),
        },
        share: None,
        started: begin + SignedDuration::from_millis(after_ms),
        shape: LoadShape::Users(vec![Stage { to: 2, over_ms: 0, hold_ms: 3_000 }]),
        transport: Transport::Hyper,
        seed: 1,
        requests_planned: None,
        caps: Caps::default(),
        ending: Ending::Complete,
        duration_us: 1_000_000 * u64::try_from(series.len()).expect("few"),
        warm_up_us: 500_000,
        calls: vec![call],
        series: Series::of_seconds(series),
        offered: Some(Offered { turns: 5, dropped: 1, crowded: 0, lag: second(&[3]).latency }),
        credentials: CredentialsSeen { seen: 7, repeated: 1, one_of: 2 },
        generator: GeneratorRecord::default(),
        thresholds: Vec::new(),
        levels: Vec::new(),
        resources: Resources { created: 2, removed: 1, leaked: 1 },
        shards: Vec::new(),
    }
}
