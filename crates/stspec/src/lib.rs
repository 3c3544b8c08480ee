//! The command line of stspec as a library, so that tests run what people run.
//!
//! The only crate that reads the environment and prints. Start at [`dispatch`].

mod aws;
mod baseline;
mod catalog;
mod cli;
mod credentials;
mod doctor;
mod environment;
mod error;
mod explain;
mod interruption;
mod lint;
mod list;
#[cfg(feature = "load")]
mod load;
mod matrix;
mod new;
mod output;
mod plan;
mod progress;
mod prove;
mod publish;
mod run;
mod scenarios;
mod serve;
mod snapshots;
mod sweep;
mod target;

pub use cli::Cli;
pub use error::Problem;
pub use output::complain;
pub use prove::{Proof, by_revision, prove};
pub use run::{Scope, check, select};
pub use scenarios::library;
pub use target::{Chosen, default_target, reference};

use cli::Command;
use stspec_verdict::ExitCode;

/// The API revision that targets are held to unless `--revision` says otherwise.
///
/// All that was recorded on AWS so far is of this revision or earlier. The one of 2026-09-15, which
/// changes what PackedPolicySize means, is announced, and nobody has published a recording of it.
pub const REVISION_DEFAULT: &str = "2026-09-14";

/// Does what the command line says and tells how it ended.
pub async fn dispatch(cli: Cli) -> ExitCode {
    let scenarios = cli.scenarios.as_deref();
    let outcome = match cli.command {
        Command::Run(args) => run::command(scenarios, args).await,
        #[cfg(feature = "load")]
        Command::Load(args) => Box::pin(load::command(scenarios, args)).await,
        #[cfg(not(feature = "load"))]
        Command::Load { .. } => Err(Problem::NotInThisBuild { part: "`stspec load`" }),
        Command::Snapshot(command) => snapshots::command(scenarios, command).await,
        Command::Baseline(command) => baseline::command(scenarios, command).await,
        Command::Matrix(args) => matrix::command(&args),
        Command::Doctor(args) => doctor::command(scenarios, args).await,
        Command::Sweep(args) => sweep::command(scenarios, args).await,
        Command::Prove(args) => prove::command(scenarios, &args),
        Command::Serve(args) => serve::command(args).await,
        Command::List { kind } => list::command(scenarios, kind),
        Command::Explain { subject } => explain::command(scenarios, &subject),
        Command::Lint(args) => lint::command(scenarios, &args),
        Command::Catalog(command) => catalog::command(scenarios, &command),
        Command::New { rule } => new::command(&rule),
    };
    outcome.unwrap_or_else(|problem| output::complain(&problem))
}
