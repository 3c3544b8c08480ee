//! Where the time of one request goes in the load generator, stage by stage, each beside its floor.
//!
//! The floor of signing is the hashing that no signer can leave out, that of judging a search for one word, that
//! of counting one addition.

use std::hint::black_box;
use std::time::{Duration, UNIX_EPOCH};

use criterion::Criterion;
use stspec_benches::SESSION_POLICY;
use stspec_load::bench::Counts;
use stspec_runner::bench::RequestStages;
use stspec_scenario::{Grade, Path};
use stspec_verdict::{
    Observation, Observed, ResolvedExpectation, ResolvedMatcher, ResolvedOutcome, judge,
};
use stspec_verdict::{QuickJudge, QuickVerdict};

const DATE: &str = "Sat, 21 Nov 2026 20:00:00 GMT";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    send(&mut criterion);
    judge_answer(&mut criterion);
    count(&mut criterion);
    criterion.final_summary();
}

fn send(criterion: &mut Criterion) {
    let pairs = [("Name", "speed"), ("DurationSeconds", "3600"), ("Policy", SESSION_POLICY)];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let now = UNIX_EPOCH + Duration::from_secs(1_795_305_601);
    let mut stages =
        RequestStages::new(&pairs, "http://127.0.0.1:4566", now).expect("a plain request");
    let canonical = vec![b'x'; 256];
    let mut group = criterion.benchmark_group("send");
    group.bench_function("floor: hash", |bencher| {
        bencher.iter(|| RequestStages::hash(black_box(&canonical)));
    });
    group.bench_function("build", |bencher| bencher.iter(|| black_box(&stages).build()));
    group.bench_function("build and sign", |bencher| {
        bencher.iter(|| black_box(&mut stages).sign());
    });
    group.bench_function("sign by aws-sigv4", |bencher| {
        bencher.iter(|| black_box(&stages).sign_by_aws());
    });
    group.finish();
}

fn judge_answer(criterion: &mut Criterion) {
    let (outcome, answer) = (outcome(), answer());
    let quick = QuickJudge::new(&outcome, true).expect("plain expectations");
    let quickly = || quick.judge(200, Some(DATE), black_box(answer.as_bytes()));
    assert!(matches!(quickly(), QuickVerdict::Accepted(Some(_))), "the answer is as expected");
    let mut group = criterion.benchmark_group("judge");
    group.bench_function("floor: find", |bencher| {
        bencher.iter(|| black_box(answer.as_str()).contains("PackedPolicySizes"));
    });
    group.bench_function("quickly", |bencher| bencher.iter(quickly));
    group.bench_function("the long way", |bencher| {
        bencher.iter(|| {
            let date = ("date".to_owned(), DATE.to_owned());
            let observed = Observation::new(200, [date], black_box(answer.as_bytes()), 1);
            judge(std::slice::from_ref(&outcome), &Observed::Answer(observed))
        });
    });
    group.finish();
}

fn count(criterion: &mut Criterion) {
    let mut counts = Counts::default();
    let mut sum = vec![0_u64; 16];
    let mut group = criterion.benchmark_group("count");
    group.bench_function("floor: add", |bencher| {
        bencher.iter(|| black_box(&mut sum).iter_mut().take(1).for_each(|sum| *sum += 1));
    });
    group.bench_function("an answer", |bencher| bencher.iter(|| counts.record()));
    group.bench_function("credentials", |bencher| bencher.iter(|| counts.note()));
    group.finish();
    assert_eq!(counts.seen().repeated, 0, "all of them are different");
}

fn outcome() -> ResolvedOutcome {
    let expectation = |path: &str, matcher| ResolvedExpectation {
        path: Path::parse(path).expect("a path"),
        matcher,
    };
    let expectations = vec![
        expectation("status", ResolvedMatcher::Eq("200".to_owned())),
        expectation(
            "result.Credentials.AccessKeyId",
            ResolvedMatcher::StartsWith("ASIA".to_owned()),
        ),
        expectation("result.Credentials.Expiration", ResolvedMatcher::ExpiresIn(3_600)),
        expectation(
            "result.FederatedUser.Arn",
            ResolvedMatcher::Eq("arn:aws:sts::123456789012:federated-user/speed".to_owned()),
        ),
    ];
    ResolvedOutcome { grade: Grade::Ok, expectations }
}

/// As large as AWS's: the session token makes most of it.
fn answer() -> String {
    let token = "IQoJb3JpZ2luX2Vj".repeat(40);
    format!(
        "<GetFederationTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
         <GetFederationTokenResult>\n    <Credentials>\n      \
         <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\n      \
         <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>\n      \
         <SessionToken>{token}</SessionToken>\n      \
         <Expiration>2026-11-21T21:00:00Z</Expiration>\n    </Credentials>\n    \
         <FederatedUser>\n      <FederatedUserId>123456789012:speed</FederatedUserId>\n      \
         <Arn>arn:aws:sts::123456789012:federated-user/speed</Arn>\n    </FederatedUser>\n    \
         <PackedPolicySize>6</PackedPolicySize>\n  </GetFederationTokenResult>\n  \
         <ResponseMetadata>\n    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>\n  \
         </ResponseMetadata>\n</GetFederationTokenResponse>\n"
    )
}
