//! Plays one scenario: sends its steps in order, keeps what they yield, and has them judged.
//!
//! From a step to a byte on the wire, a request passes these layers, in this order:
//!
//! | layer | where | what it does, and why there |
//! |---|---|---|
//! | time | `let_time_pass` below | moves the clock or waits before anything else, once for all replicas |
//! | replicas | [`play`] | all replicas have sent one step before any sends the next |
//! | cancellation | `ScenarioRun::run_step` | checked between steps: what was started is always waited for |
//! | settling | `ScenarioRun::settle_and_play` | waits for changes first; repeats controls, never probes, so it lies outside of judging |
//! | judging | `ScenarioRun::play_once` | judges what came back of one attempt |
//! | hold | `ScenarioRun::send` | sends as often as `hold:` says, so that a flipping answer shows |
//! | ledger | `ScenarioRun::send_noted` | notes a resource before each single request that creates it |
//! | circuit breaker | `ScenarioRun::send_once` | a service that stopped answering is not asked again, so a run always ends |
//! | throttling | `Throttling::outlast` | repeats what was throttled; outside of signing, because each attempt needs a fresh signature |
//! | rate limit | `Transport::permit` | waits for a permit before signing, because signatures age |
//! | request, signature | `wire/request.rs`, `wire/sign.rs` | the last moment before sending, at the target's time |
//! | transport | `wire/transport.rs` | one deadline; registers secrets and keeps the trace, whoever sent the request |

use std::time::Duration;

use futures::future::join_all;
use stspec_scenario::{Rule, Scenario};
use stspec_verdict::{CheckRecord, NotSent};
use tokio::time::Instant;

use crate::conformance::context::PlayContext;
use crate::conformance::replicas::{Replica, worst_of};
use crate::conformance::scenario_run::ScenarioRun;
use crate::conformance::set_up::set_up;
use crate::conformance::step::records;
use crate::options::{Pace, Purpose};
use crate::run_context::RunContext;
use crate::target::settling::sleep_until;

/// Most copies that are played where only verdicts count: a mistake that a hundred copies meet shows
/// among these, and a proof plays them for each fault.
const COPIES_FOR_VERDICTS_MAX: u32 = 20;

/// Plays a scenario of a rule and returns its checks in file order; `number` is the scenario's own
/// within the run.
pub(crate) async fn play(
    context: PlayContext<'_>,
    rule: &Rule,
    scenario: &Scenario,
    number: usize,
) -> Vec<CheckRecord> {
    let (account, mut obstacle) = match set_up(context, rule, scenario, number).await {
        Ok(account) => (account, None),
        Err(obstacle) => (None, Some(obstacle)),
    };
    let copies = match context.purpose {
        Purpose::Report => scenario.copies,
        Purpose::Verdicts => scenario.copies.min(COPIES_FOR_VERDICTS_MAX),
    };
    let mut runs: Vec<ScenarioRun<'_>> = Replica::all(copies)
        .map(|replica| ScenarioRun::new(context, rule, scenario, replica, account.clone()))
        .collect();
    for step in &scenario.steps {
        obstacle = match obstacle {
            Some(obstacle) => Some(obstacle),
            None => let_time_pass(context, step.after_seconds).await.err(),
        };
        // Step by step together: all copies have sent one before any sends the next.
        join_all(runs.iter_mut().map(|run| run.run_step(step, obstacle.as_ref()))).await;
    }
    // Where it fails, it is tried again at the end of the run, which tells of it. A scenario without
    // time finds nothing to put back, as none is played while the clock is moved.
    let _ = context.run.connection.put_clock_back().await;
    worst_of(runs.into_iter().map(|run| records(rule, scenario, run.played)).collect())
}

/// Lets time pass: on the target's clock, or by waiting.
async fn let_time_pass(context: PlayContext<'_>, seconds: u32) -> Result<(), NotSent> {
    let RunContext { connection, cancelled, .. } = context.run;
    if seconds == 0 || cancelled.is_cancelled() {
        return Ok(());
    }
    match (&connection.clock_control, context.pace) {
        (Some(control), _) => {
            let moved = control.advance(seconds, &connection.transport).await;
            moved.map_err(|reason| NotSent::Clock { reason })
        }
        (None, Pace::Slow) => {
            let end = Instant::now() + Duration::from_secs(seconds.into());
            sleep_until(end, cancelled).await;
            Ok(())
        }
        (None, Pace::Quick) => Err(NotSent::Clock { reason: "it has no control".to_owned() }),
    }
}
