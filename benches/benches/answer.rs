//! What an answer costs the harness: reading it, finding a value in it, judging it.
//!
//! The floors are what any reading must do with the same bytes: copy them, and check that they are text.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use stspec_scenario::{Grade, Path};
use stspec_verdict::{
    Observation, Observed, ResolvedExpectation, ResolvedMatcher, ResolvedOutcome, judge,
};

/// An answer of `GetFederationToken`, as long as AWS's are.
const BODY: &str = include_str!("answer/get-federation-token.xml");

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    reading(&mut criterion);
    judging(&mut criterion);
    criterion.final_summary();
}

fn reading(criterion: &mut Criterion) {
    let body = BODY.as_bytes();
    let mut group = criterion.benchmark_group("answer/read");
    let bytes = u64::try_from(body.len()).expect("a body's length fits into 64 bits");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("floor: copy", |bencher| bencher.iter(|| black_box(body).to_vec()));
    group.bench_function("floor: check that it is UTF-8", |bencher| {
        bencher.iter(|| str::from_utf8(black_box(body)).is_ok());
    });
    group.bench_function("observation", |bencher| bencher.iter(|| observation(black_box(body))));
    group.finish();
}

fn judging(criterion: &mut Criterion) {
    let observed = Observed::Answer(observation(BODY.as_bytes()));
    let mut group = criterion.benchmark_group("answer/judge");
    for (name, outcomes) in [("floor: status only", status_only()), ("six expectations", whole())] {
        assert!(judge(&outcomes, &observed).is_accepted(), "`{name}` must accept the answer");
        group.bench_function(name, |bencher| {
            bencher.iter(|| judge(black_box(&outcomes), black_box(&observed)));
        });
    }
    group.finish();
}

fn observation(body: &[u8]) -> Observation {
    let headers = [
        ("x-amzn-requestid", "c6104cbe-af31-11e0-8154-cbc7ccf896c7"),
        ("content-type", "text/xml"),
        ("date", "Sat, 21 Nov 2026 20:00:00 GMT"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Observation::new(200, headers, body, 0)
}

fn status_only() -> Vec<ResolvedOutcome> {
    outcome(&[("status", ResolvedMatcher::Eq("200".to_owned()))])
}

/// What the profile `smoke` expects of a minted session.
fn whole() -> Vec<ResolvedOutcome> {
    let arn = "arn:aws:sts::123456789012:federated-user/stspec-load".to_owned();
    outcome(&[
        ("status", ResolvedMatcher::Eq("200".to_owned())),
        ("result.Credentials.AccessKeyId", ResolvedMatcher::StartsWith("ASIA".to_owned())),
        ("result.Credentials.SecretAccessKey", ResolvedMatcher::Present),
        ("result.Credentials.SessionToken", ResolvedMatcher::Present),
        ("result.Credentials.Expiration", ResolvedMatcher::ExpiresIn(900)),
        ("result.FederatedUser.Arn", ResolvedMatcher::Eq(arn)),
    ])
}

fn outcome(expectations: &[(&str, ResolvedMatcher)]) -> Vec<ResolvedOutcome> {
    let expectations = expectations.iter().map(|(path, matcher)| ResolvedExpectation {
        path: Path::parse(path).expect("the path is written as the language asks"),
        matcher: matcher.clone(),
    });
    vec![ResolvedOutcome { grade: Grade::Ok, expectations: expectations.collect() }]
}
