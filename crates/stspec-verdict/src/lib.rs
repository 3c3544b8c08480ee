//! What a target did, and whether that is what a rule expects.
//!
//! Everything here is pure: no socket, no clock, no file. An answer comes in as bytes and becomes
//! an [`Observation`]; [`judge()`] compares it with the outcomes of a step, whose templates
//! [`resolve()`] has filled in; [`compose()`] turns the judgements of a whole scenario into verdicts,
//! because a refusal counts only in company; a [`RunRecord`] keeps what a report needs.
//!
//! Start at [`judge()`] and [`compose()`].

mod baseline;
mod baseline_record;
mod blame;
mod compose;
mod error;
mod exit_code;
mod expectation;
mod fingerprint;
mod judge;
mod matcher;
mod normalise;
mod observation;
mod quick;
mod record;
mod redact;
mod resolve;
mod snapshot;
mod summary;
mod trace;
mod verdict;

pub use baseline::apply_baseline;
pub use baseline_record::{BaselineFinding, BaselineKind, BaselineRecord};
pub use blame::Blame;
pub use compose::{Expects, NotSent, StepOutcome, StepRun, StepVerdict, compose, expects};
pub use error::ResolveError;
pub use exit_code::{ExitCode, exit_code};
pub use expectation::{Pattern, ResolvedExpectation, ResolvedMatcher, ResolvedOutcome};
pub use fingerprint::fingerprint;
pub use judge::{Deviation, Judgement, judge};
pub use normalise::{
    Answer, Document, Exchange, HEADERS_KEPT, NamedValue, Request, Tree, normalise,
};
pub use observation::{
    BODY_BYTES_MAX, Body, Content, DEPTH_MAX, Found, MalformedBody, NODES_MAX, Node, Observation,
    Observed,
};
pub use quick::{Issued, QuickJudge, QuickVerdict};
pub use record::{
    CheckId, CheckRecord, End, Redaction, Resources, RuleRecord, RunRecord, TargetRecord,
    Throttled, rule_verdict,
};
pub use redact::{REDACTED, Redactor, SECRET_BYTES_MIN};
pub use resolve::{describe, describe_as_written, resolve};
pub use snapshot::{SnapshotChange, SnapshotRecord};
pub use summary::{Counts, Summary, summarise};
pub use trace::{TracedAnswer, TracedExchange};
pub use verdict::Verdict;
