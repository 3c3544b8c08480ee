//! A call of a profile as its answers are judged.

use std::sync::atomic::{AtomicU32, Ordering};

use stspec_runner::ReadyCall;
use stspec_scenario::Path;
use stspec_verdict::{QuickJudge, ResolvedMatcher};

/// How many wrong answers of a call are described; those that differ become examples.
///
/// Source: ours; a description costs a hundred times what a right answer costs.
const DESCRIBED_MAX: u32 = 32;

/// A call as its answers are judged.
pub(crate) struct JudgedCall {
    /// Its id in reports.
    pub(crate) id: String,
    pub(crate) quick: Option<QuickJudge>,
    /// Whether an expected answer issues credentials, or has to because later calls are signed with them.
    pub(crate) issues: bool,
    /// How many wrong answers were described; most are only counted.
    described: AtomicU32,
}

impl JudgedCall {
    pub(crate) fn new(id: String, ready: &ReadyCall) -> Self {
        let issues = ready.captures() || ready.issues_session() && expects_success(ready);
        let quick = match ready.outcomes.as_slice() {
            [outcome] => QuickJudge::new(outcome, issues),
            _ => None,
        };
        Self { id, quick, issues, described: AtomicU32::new(0) }
    }

    /// Whether the next wrong answer is described.
    pub(crate) fn describes_next(&self) -> bool {
        self.described.fetch_add(1, Ordering::Relaxed) < DESCRIBED_MAX
    }
}

/// Whether the expected status of a call is 200.
fn expects_success(ready: &ReadyCall) -> bool {
    let is_200 = |matcher: &ResolvedMatcher| *matcher == ResolvedMatcher::Eq("200".to_owned());
    let status = Path::parse("status").ok();
    ready
        .outcomes
        .iter()
        .flat_map(|outcome| &outcome.expectations)
        .any(|each| Some(&each.path) == status.as_ref() && is_200(&each.matcher))
}
