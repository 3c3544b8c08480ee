//! What a policy costs the reference: parsing it once, evaluating it for each request.
//!
//! The floors are a copy of the document, and a decision for which no statement has to be looked at.

use std::hint::black_box;

use criterion::Criterion;
use stspec_iam::{
    Context, Issuer, LabelledPolicy, Policies, Policy, PolicyKind, Principal, Request, decide,
    evaluate,
};

/// A policy with lists, wildcards, a variable, conditions and a Deny.
const DOCUMENT: &str = include_str!("policy/identity.json");

/// A session policy that narrows it.
const SESSION: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}]}"#;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    parsing(&mut criterion);
    evaluating(&mut criterion);
    criterion.final_summary();
}

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("policy/parse");
    group.bench_function("floor: copy", |bencher| bencher.iter(|| black_box(DOCUMENT).to_owned()));
    group.bench_function("policy", |bencher| {
        bencher.iter(|| Policy::parse(black_box(DOCUMENT), PolicyKind::Identity));
    });
    group.finish();
}

fn evaluating(criterion: &mut Criterion) {
    let identity =
        Policy::parse(DOCUMENT, PolicyKind::Identity).expect("the document is well-formed");
    let session = Policy::parse(SESSION, PolicyKind::Session).expect("the document is well-formed");
    let identity = || vec![LabelledPolicy::new("identity", &identity)];
    let federated = Policies {
        identity: identity(),
        session: Some(vec![LabelledPolicy::new("session", &session)]),
        ..Policies::default()
    };
    let mut group = criterion.benchmark_group("policy/evaluate");
    for (name, policies, allowed) in [
        ("floor: no policy", Policies::default(), false),
        ("identity and session", federated, true),
    ] {
        let principal = carol();
        let context = Context::of(&principal);
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: "arn:aws:s3:::bucket/reports/2026/november.csv",
            resource_account: None,
            context: &context,
        };
        assert_eq!(evaluate(&request, &policies).allowed(), allowed, "`{name}` decides otherwise");
        group.bench_function(name, |bencher| {
            bencher.iter(|| decide(black_box(&request), black_box(&policies)));
        });
        group.bench_function(format!("{name}, with the statements that match"), |bencher| {
            bencher.iter(|| evaluate(black_box(&request), black_box(&policies)));
        });
    }
    group.finish();
}

fn carol() -> Principal {
    Principal::Federated {
        account: "123456789012".to_owned(),
        arn: "arn:aws:sts::123456789012:federated-user/carol".to_owned(),
        issuer: Issuer::User { arn: "arn:aws:iam::123456789012:user/broker".to_owned() },
    }
}
