//! Which rules of a run have finished.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use stspec_scenario::{Rule, RuleId};
use stspec_verdict::{CheckRecord, Verdict, rule_verdict};

use crate::event::{Events, RunEvent};

/// Follows the scenarios of a run and reports each rule when its last one has been played.
pub(super) struct RuleProgress {
    rules: usize,
    state: Mutex<State>,
    events: Events,
}

struct State {
    finished: usize,
    open: BTreeMap<RuleId, OpenRule>,
}

/// A rule of which scenarios are still to be played.
struct OpenRule {
    scenarios_left: usize,
    verdicts: Vec<Verdict>,
}

impl RuleProgress {
    /// Starts before the first scenario of these rules.
    pub(super) fn new(rules: &[&Rule], events: Events) -> Self {
        let open = |rule: &&Rule| {
            let open = OpenRule { scenarios_left: rule.scenarios.len(), verdicts: Vec::new() };
            (rule.id.clone(), open)
        };
        let open = rules.iter().map(open).collect();
        Self { rules: rules.len(), state: Mutex::new(State { finished: 0, open }), events }
    }

    /// Takes note of a scenario that was played.
    pub(super) fn scenario_finished(&self, rule: &RuleId, checks: &[CheckRecord]) {
        let event = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.count(rule, checks, self.rules)
        };
        if let Some(event) = event {
            self.events.emit(&event);
        }
    }
}

impl State {
    /// The event to report, if that was the rule's last scenario.
    fn count(&mut self, rule: &RuleId, checks: &[CheckRecord], of: usize) -> Option<RunEvent> {
        let open = self.open.get_mut(rule)?;
        open.scenarios_left = open.scenarios_left.saturating_sub(1);
        open.verdicts.extend(checks.iter().map(|check| check.verdict));
        if open.scenarios_left > 0 {
            return None;
        }
        let closed = self.open.remove(rule)?;
        self.finished += 1;
        let (rule, verdict) = (rule.clone(), rule_verdict(closed.verdicts));
        Some(RunEvent::RuleFinished { rule, verdict, finished: self.finished, of })
    }
}
