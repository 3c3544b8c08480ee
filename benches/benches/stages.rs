//! Where the time of one `GetFederationToken` goes in the reference, stage by stage.
//!
//! The floor is a copy of the request's body; `answer` is all stages together, without a socket.

use std::hint::black_box;
use std::time::SystemTime;

use bytes::Bytes;
use criterion::Criterion;
use http::{HeaderMap, HeaderName, HeaderValue};
use stspec_benches::{SESSION_POLICY, Signer, get_federation_token, signed_headers};
use stspec_reference::bench::{StagedRequest, Stages};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let stages = Stages::new().expect("the operating system has random bytes");
    let body = get_federation_token();
    let request = request(&stages, &body);
    let (verify, evaluate) = (stages.verify(&request), stages.evaluate(&request));
    let seal = stages.seal(SESSION_POLICY);
    let token = seal();
    assert!(verify() && evaluate(), "the user may mint");
    assert_eq!(stages.answer(&request).0, 200, "the request is a good one");

    let mut group = criterion.benchmark_group("stages");
    group.bench_function("floor: copy", |bencher| bencher.iter(|| black_box(&body).clone()));
    group.bench_function("parse", |bencher| bencher.iter(|| stages.parse(black_box(&request))));
    group.bench_function("verify", |bencher| bencher.iter(&verify));
    group.bench_function("evaluate", |bencher| bencher.iter(&evaluate));
    group.bench_function("seal", |bencher| bencher.iter(&seal));
    group.bench_function("write", |bencher| bencher.iter(|| Stages::write(black_box(&token))));
    group.bench_function("answer", |bencher| bencher.iter(|| stages.answer(black_box(&request))));
    group.finish();
    criterion.final_summary();
}

fn request(stages: &Stages, body: &str) -> StagedRequest {
    let (access_key_id, secret_access_key) = stages.access_key();
    let signer = Signer { host: "localhost", service: "sts", access_key_id, secret_access_key };
    #[expect(clippy::disallowed_methods, reason = "the bench signs as a client would, now")]
    let now = SystemTime::now();
    let headers = signed_headers(&signer, body, now).into_iter().map(|(name, value)| {
        let name = HeaderName::try_from(name).expect("a header name");
        (name, HeaderValue::try_from(value).expect("a header value"))
    });
    StagedRequest::post(headers.collect::<HeaderMap>(), Bytes::from(body.to_owned()))
}
