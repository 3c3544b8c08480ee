//! The load engine: users that take turns in parallel. The only file that names goose.
//!
//! goose schedules: it starts the users, gives each of them the parts of the mix by weight, and waits
//! for all of them at the end. It does not send, as its client follows redirects and heeds proxies, and
//! its own metrics are off, as it throws away what came before the last user had started and offers no
//! way to keep it that doesn't print.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use goose::client::GooseClientBuilder;
use goose::config::GooseConfiguration;
use goose::goose::{GooseUser, Scenario, Transaction, TransactionFunction};
use goose::{GooseAttack, GooseError};
use tokio::sync::Mutex;

use crate::error::AttackError;

/// How many users are started per second, as goose reads it: a profile's users are there at once.
const USERS_STARTED_PER_SECOND: &str = "1000";

/// How long a user waits, when there is nothing left to do, before it looks for goose's wish to end.
const IDLE_MS: u64 = 10;

/// goose's killswitch is a variable of the process: two attacks would end each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Something that users do in turns, and how often in relation to the other parts.
pub(crate) struct Part {
    /// At least 1.
    pub(crate) weight: u32,
    /// Does it once; `Break` says that nothing is left to do, for any part.
    pub(crate) turn: Turn,
}

/// Makes the future of one turn.
pub(crate) type Turn = Arc<dyn Fn() -> TurnFuture + Send + Sync>;

/// One turn on its way.
pub(crate) type TurnFuture = Pin<Box<dyn Future<Output = ControlFlow<()>> + Send>>;

/// Lets users take turns until one of them finds that nothing is left to do, and waits for all of them.
///
/// Turns that were begun are finished. `host` must be a URL, and nothing is sent to it from here.
pub(crate) async fn drive(host: &str, users: u32, parts: &[Part]) -> Result<(), AttackError> {
    let _alone = ONE_AT_A_TIME.lock().await;
    keep_quiet();
    keep_ctrl_c();
    let gave_up = |error: GooseError| AttackError::Engine { reason: error.to_string() };
    let attack = prepared(host, users, parts).map_err(gave_up)?;
    let driven = Box::pin(attack.execute()).await;
    goose::reset_killswitch();
    driven.map(|_metrics| ()).map_err(gave_up)
}

/// Takes the place of the handler of Ctrl-C that goose would install, which ends the process at the
/// second one, in the midst of cleaning up.
///
/// A process has one such handler, and goose does without when there is one. This one does nothing, and
/// hands the signal on to nobody: who waits for Ctrl-C must start to wait after this.
pub(crate) fn keep_ctrl_c() {
    let _one_was_there_already = ctrlc::set_handler(|| {});
}

/// Takes the place of the logger that goose would install, which prints to stdout, unless the process
/// has a logger of its own.
fn keep_quiet() {
    struct Silence;
    impl log::Log for Silence {
        fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
            false
        }
        fn log(&self, _record: &log::Record<'_>) {}
        fn flush(&self) {}
    }
    let _one_was_there_already = log::set_logger(&Silence);
}

fn prepared(host: &str, users: u32, parts: &[Part]) -> Result<GooseAttack, GooseError> {
    let mut scenario = Scenario::new("profile");
    for part in parts {
        let weight = usize::try_from(part.weight).unwrap_or(usize::MAX);
        let transaction = Transaction::new(transaction_function(&part.turn)).set_weight(weight)?;
        scenario = scenario.register_transaction(transaction);
    }
    // One client for all users instead of one each: they never use it.
    let client = GooseClientBuilder::new().without_cookies();
    let attack = GooseAttack::initialize_with_config(configuration(host, users))?
        .set_client_builder_without_cookies(client)?
        .register_scenario(scenario);
    Ok(attack)
}

/// Settings under which goose prints nothing, writes nothing and listens nowhere.
fn configuration(host: &str, users: u32) -> GooseConfiguration {
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(host.to_owned());
    configuration.users = Some(usize::try_from(users).unwrap_or(usize::MAX));
    configuration.increase_rate = Some(USERS_STARTED_PER_SECOND.to_owned());
    configuration.quiet = 1;
    configuration.no_metrics = true;
    configuration.no_print_metrics = true;
    configuration.no_telnet = true;
    configuration
}

fn transaction_function(turn: &Turn) -> TransactionFunction {
    let turn = Arc::clone(turn);
    Arc::new(move |_user: &mut GooseUser| {
        let taken = turn();
        Box::pin(async move {
            if taken.await.is_break() {
                goose::trigger_killswitch("nothing is left to do");
                tokio::time::sleep(Duration::from_millis(IDLE_MS)).await;
            }
            Ok(())
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// A part that counts its turns, and a total that all parts take from.
    fn counting(weight: u32, left: &Arc<AtomicU32>) -> (Part, Arc<AtomicU32>) {
        let turns = Arc::new(AtomicU32::new(0));
        let (counted, left) = (Arc::clone(&turns), Arc::clone(left));
        let turn: Turn = Arc::new(move || {
            let (counted, left) = (Arc::clone(&counted), Arc::clone(&left));
            Box::pin(async move {
                let taken = left
                    .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                match taken {
                    Ok(_) => {
                        tokio::task::yield_now().await;
                        counted.fetch_add(1, Ordering::Relaxed);
                        ControlFlow::Continue(())
                    }
                    Err(_) => ControlFlow::Break(()),
                }
            })
        });
        (Part { weight, turn }, turns)
    }

    /// Checks how many turns parts of these weights take, give or take one round of each user.
    #[track_caller]
    fn check(users: u32, total: u32, weights: &[u32]) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let left = Arc::new(AtomicU32::new(total));
        let (parts, turns): (Vec<_>, Vec<_>) =
            weights.iter().map(|weight| counting(*weight, &left)).unzip();
        runtime.block_on(drive("http://127.0.0.1:9", users, &parts)).unwrap();
        let turns: Vec<u32> = turns.iter().map(|turns| turns.load(Ordering::Relaxed)).collect();
        assert_eq!(turns.iter().sum::<u32>(), total, "{turns:?}");
        let sum: u32 = weights.iter().sum();
        for (weight, turns) in weights.iter().zip(&turns) {
            let due = total * weight / sum;
            assert!(turns.abs_diff(due) <= users * weight, "{due} of weight {weight}: {turns}");
        }
    }

    #[test]
    fn parts_get_turns_by_their_weight() {
        check(4, 1_000, &[6, 3, 1]);
    }

    #[test]
    fn a_weight_without_others_takes_every_turn() {
        check(3, 50, &[7]);
    }

    #[test]
    fn there_may_be_more_users_than_turns() {
        check(8, 3, &[1, 1]);
    }

    #[test]
    fn a_second_attack_waits_for_the_first() {
        let first = std::thread::spawn(|| check(2, 100, &[1]));
        check(2, 100, &[1]);
        first.join().unwrap();
    }

    #[test]
    fn an_ended_attack_leaves_no_wish_to_end_the_next() {
        check(1, 1, &[1]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _alone = runtime.block_on(ONE_AT_A_TIME.lock());
        assert!(!goose::is_killswitch_triggered());
    }
}
