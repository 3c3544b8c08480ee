//! The load engine: virtual users that iterate in parallel. The only file that names goose.
//!
//! goose starts the users, lets each of them iterate, and waits for all of them at the end. `mix.rs` draws the next
//! iteration with the profile's seed, because goose's order has no seed. `schedule` decides which users are active
//! when, because goose's test plans count whole seconds only, and print. goose does not send: its client follows
//! redirects, uses proxies and stops its clock at the headers, so each user has a client of ours. goose's own metrics
//! are on only with its dashboard or its report, as they cost a fifth of a request.

use std::future::Future;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use goose::client::GooseClientBuilder;
use goose::config::GooseConfiguration;
use goose::goose::{GooseUser, Scenario, Transaction, TransactionFunction};
use goose::{GooseAttack, GooseError};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::EngineError;

/// How many users are started per second, as goose reads it: all of them at once.
const USERS_STARTED_PER_SECOND: &str = "1000000";

/// How many iterations a user makes before goose takes its next turn, where goose counts none of them.
///
/// Source: ours; goose's work between two transactions is done once for so many iterations. What ends a load is checked
/// in each iteration all the same.
const ITERATIONS_AT_ONCE: u32 = 64;

/// How long a user waits, when no iteration is left, before it looks whether goose ends.
const IDLE_MS: u64 = 10;

/// goose's killswitch is a variable of the process: two attacks would end each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Makes the future of one iteration of a user; `Break` means that no iteration is left, for any user.
pub(crate) type IterationFn<U> =
    Arc<dyn for<'u> Fn(&'u mut U) -> IterationFuture<'u> + Send + Sync>;

/// One iteration in progress.
pub(crate) type IterationFuture<'u> = Pin<Box<dyn Future<Output = ControlFlow<()>> + Send + 'u>>;

/// What the engine counts by itself, if its own metrics are on.
pub(crate) trait Reports: Send + 'static {
    /// The requests since the last call.
    fn drain(&mut self) -> Vec<Report>;
}

/// A request as the engine's metrics count it.
#[derive(Debug)]
pub(crate) struct Report {
    /// The number of the call.
    pub(crate) call: usize,
    pub(crate) took: Duration,
    /// Why it counts as failed, if it does.
    pub(crate) error: Option<String>,
}

/// The engine's own view of an attack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineView {
    /// The port of goose's live dashboard, which listens on 127.0.0.1.
    pub dashboard_port: Option<u16>,
    /// Where goose writes its own report, as HTML.
    pub report: Option<PathBuf>,
    /// The folder for what is saved from the dashboard; without one goose makes one where it is started.
    pub folder: Option<PathBuf>,
}

impl EngineView {
    pub(crate) fn is_enabled(&self) -> bool {
        self.dashboard_port.is_some() || self.report.is_some()
    }
}

/// How many users there are, and what their calls are called in the engine's own view.
pub(crate) struct Crew<'a> {
    /// A URL, to which nothing is sent from here.
    pub(crate) host: &'a str,
    /// How many users are started, all at once.
    pub(crate) users: u32,
    /// The names of the calls by their number.
    pub(crate) names: Vec<String>,
    pub(crate) view: &'a EngineView,
}

/// The right to drive a load: a process drives one at a time.
pub(crate) struct EngineLock(
    #[expect(dead_code, reason = "it is only held")] MutexGuard<'static, ()>,
);

/// Waits until this process drives no other load.
pub(crate) async fn lock_engine() -> EngineLock {
    EngineLock(ONE_AT_A_TIME.lock().await)
}

/// Lets users iterate until one of them finds that no iteration is left, and waits for all of them. Iterations that
/// have begun are finished.
pub(crate) async fn drive<U: Reports>(
    _alone: &EngineLock,
    crew: Crew<'_>,
    new_user: Arc<dyn Fn() -> U + Send + Sync>,
    iteration: &IterationFn<U>,
) -> Result<(), EngineError> {
    keep_quiet();
    keep_ctrl_c();
    let gave_up = |error: GooseError| EngineError::GaveUp { reason: error.to_string() };
    let attack = prepared(&crew, &new_user, iteration).map_err(gave_up)?;
    let driven = Box::pin(attack.execute()).await;
    goose::reset_killswitch();
    driven.map(|_metrics| ()).map_err(gave_up)
}

/// Replaces the handler of Ctrl-C that goose would install, which ends the process at the second Ctrl-C, even while it
/// cleans up.
///
/// A process has one such handler, and goose installs none if there is one. This one does nothing; to wait for Ctrl-C,
/// start waiting after this call.
pub fn keep_ctrl_c() {
    let _one_was_there_already = ctrlc::set_handler(|| {});
}

/// Replaces the logger that goose would install, which prints to stdout, unless the process has a logger.
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

fn prepared<U: Reports>(
    crew: &Crew<'_>,
    new_user: &Arc<dyn Fn() -> U + Send + Sync>,
    iteration: &IterationFn<U>,
) -> Result<GooseAttack, GooseError> {
    let mut scenario = Scenario::new("profile");
    let names: Arc<Vec<String>> = Arc::new(crew.names.clone());
    let at_once = if crew.view.is_enabled() { 1 } else { ITERATIONS_AT_ONCE };
    let function = transaction_function(new_user, iteration, &names, at_once);
    scenario = scenario.register_transaction(Transaction::new(function));
    // One client for all users instead of one each: they never use it.
    let client = GooseClientBuilder::new().without_cookies();
    let attack = GooseAttack::initialize_with_config(configuration(crew))?
        .set_client_builder_without_cookies(client)?
        .register_scenario(scenario);
    Ok(attack)
}

/// Settings under which goose prints nothing, and writes and listens only where the options say so.
fn configuration(crew: &Crew<'_>) -> GooseConfiguration {
    let mut configuration = GooseConfiguration::default();
    configuration.host = Some(crew.host.to_owned());
    configuration.users = Some(usize::try_from(crew.users).unwrap_or(usize::MAX));
    configuration.increase_rate = Some(USERS_STARTED_PER_SECOND.to_owned());
    configuration.quiet = 1;
    configuration.no_metrics = !crew.view.is_enabled();
    configuration.no_print_metrics = true;
    configuration.no_telnet = true;
    if let Some(port) = crew.view.dashboard_port {
        configuration.dashboard = true;
        configuration.dashboard_port = Some(port);
        let folder = crew.view.folder.as_ref();
        configuration.output_dir = folder.map(|folder| folder.display().to_string());
    }
    let report = crew.view.report.as_ref();
    configuration.report_file = report.map(|path| path.display().to_string()).into_iter().collect();
    configuration
}

/// Holds a user of ours in goose, which clones what it holds.
struct Seat<U>(Arc<Mutex<U>>);

impl<U> Clone for Seat<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

fn transaction_function<U: Reports>(
    new_user: &Arc<dyn Fn() -> U + Send + Sync>,
    iteration: &IterationFn<U>,
    names: &Arc<Vec<String>>,
    iterations_at_once: u32,
) -> TransactionFunction {
    let (new_user, iteration, names) =
        (Arc::clone(new_user), Arc::clone(iteration), Arc::clone(names));
    Arc::new(move |goose_user: &mut GooseUser| {
        let (new_user, iteration, names) =
            (Arc::clone(&new_user), Arc::clone(&iteration), Arc::clone(&names));
        Box::pin(async move {
            let seated = goose_user.get_session_data::<Seat<U>>().cloned();
            let seat = seated.unwrap_or_else(|| {
                let seat = Seat(Arc::new(Mutex::new(new_user())));
                goose_user.set_session_data(seat.clone());
                seat
            });
            // Nobody else ever holds it.
            let mut user = seat.0.lock().await;
            let mut made = iteration(&mut user).await;
            // With its metrics off, goose needs no turn between two iterations.
            for _ in 1..iterations_at_once {
                if made.is_break() {
                    break;
                }
                made = iteration(&mut user).await;
            }
            for report in user.drain() {
                let name = names.get(report.call).map_or("call", String::as_str);
                let (took, error) = (report.took, report.error);
                goose_user
                    .record_custom_request_duration(
                        "AWS",
                        name,
                        took,
                        error.is_none(),
                        None,
                        error.as_deref(),
                    )
                    .await?;
            }
            if made.is_break() {
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

    use tokio::time::Instant;

    use super::*;

    static QUIET: EngineView = EngineView { dashboard_port: None, report: None, folder: None };

    /// A user without anything of its own.
    struct Counter;

    impl Reports for Counter {
        fn drain(&mut self) -> Vec<Report> {
            Vec::new()
        }
    }

    /// Lets so many users iterate, once so many of them have come; returns how many iterations there were and how
    /// many users came.
    fn attack(users: u32, total: u32, gathered: u32) -> (u32, u32) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let left = Arc::new(AtomicU32::new(total));
        let (taken, came) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (counted, count, coming) = (Arc::clone(&taken), Arc::clone(&came), Arc::clone(&came));
        let iteration: IterationFn<Counter> = Arc::new(move |_| {
            let (counted, left, coming) =
                (Arc::clone(&counted), Arc::clone(&left), Arc::clone(&coming));
            Box::pin(async move {
                // At most 20 seconds: who has not come by then is missing from the count.
                for _ in 0..20_000 {
                    if coming.load(Ordering::Relaxed) >= gathered {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let next = left
                    .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                if next.is_err() {
                    return ControlFlow::Break(());
                }
                tokio::task::yield_now().await;
                counted.fetch_add(1, Ordering::Relaxed);
                ControlFlow::Continue(())
            })
        });
        let new_user = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Counter
        });
        let crew = Crew { host: "http://127.0.0.1:9", users, names: Vec::new(), view: &QUIET };
        runtime
            .block_on(async { drive(&lock_engine().await, crew, new_user, &iteration).await })
            .unwrap();
        (taken.load(Ordering::Relaxed), came.load(Ordering::Relaxed))
    }

    #[track_caller]
    fn check(users: u32, total: u32) {
        let (taken, came) = attack(users, total, 1);
        assert!(taken == total && came <= users, "{taken} of {total} by {came}");
    }

    #[test]
    fn every_iteration_is_made_once() {
        check(4, 1_000);
    }

    #[test]
    fn there_may_be_more_users_than_iterations() {
        check(8, 3);
    }

    #[test]
    fn a_thousand_users_are_started_at_once() {
        let started = Instant::now();
        // None of them iterates before all have come, so a fast one takes no other's iterations.
        assert_eq!(attack(1_000, 20_000, 1_000), (20_000, 1_000));
        // Generous, as machines are shared: with goose's own pace it would take minutes.
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }

    #[test]
    fn a_second_attack_waits_for_the_first() {
        let first = std::thread::spawn(|| check(2, 100));
        check(2, 100);
        first.join().unwrap();
    }

    #[test]
    fn an_ended_attack_leaves_no_wish_to_end_the_next() {
        check(1, 1);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _alone = runtime.block_on(lock_engine());
        assert!(!goose::is_killswitch_triggered());
    }
}
