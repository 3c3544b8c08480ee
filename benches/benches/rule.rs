//! What a rule file costs: from its text to a typed rule, with its account beside it.
//!
//! The floor is a copy of the same text.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use stspec_scenario::{Library, ReadContext};

/// A table, a scenario of steps and their accounts: copies of shipped files that stay as they are, so
/// that the numbers of two commits compare.
const FILES: [(&str, &str); 4] = [
    ("rules/get-federation-token/duration/minimum.yaml", include_str!("rule/minimum.yaml")),
    (
        "rules/get-federation-token/permissions/no-session-policy.yaml",
        include_str!("rule/no-session-policy.yaml"),
    ),
    ("accounts/federator.yaml", include_str!("rule/federator.yaml")),
    ("accounts/federator-with-bucket.yaml", include_str!("rule/federator-with-bucket.yaml")),
];

/// The faults that those rules name.
const FAULTS: [&str; 5] = [
    "duration-minimum-ignored",
    "duration-minimum-off-by-one",
    "duration-ignored",
    "expiration-too-late",
    "no-policy-inherits-issuer",
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    loading(&mut criterion);
    criterion.final_summary();
}

fn loading(criterion: &mut Criterion) {
    let context = ReadContext::with_faults(FAULTS);
    let (library, diagnostics) = Library::load(files(), &context);
    assert!(diagnostics.is_empty(), "the files must load: {diagnostics:?}");
    assert_eq!(library.rules().len(), 2, "both rules must load");
    let mut group = criterion.benchmark_group("rule/load");
    let bytes: usize = FILES.iter().map(|(_, text)| text.len()).sum();
    group.throughput(Throughput::Bytes(u64::try_from(bytes).expect("they fit into memory")));
    group.bench_function("floor: copy", |bencher| bencher.iter(files));
    group.bench_function("two rules and their accounts", |bencher| {
        bencher.iter(|| Library::load(files(), black_box(&context)));
    });
    group.finish();
}

fn files() -> Vec<(String, String)> {
    let files = black_box(FILES);
    files.map(|(file, text)| (file.to_owned(), text.to_owned())).to_vec()
}
