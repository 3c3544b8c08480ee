//! The command line of stspec. Start at [`stspec::dispatch`].

use std::process::ExitCode;

use clap::Parser;
use stspec::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let code = match runtime {
        Ok(runtime) => runtime.block_on(stspec::dispatch(cli)),
        Err(error) => stspec::complain(&stspec::Problem::Ours(format!("no runtime: {error}"))),
    };
    ExitCode::from(code.code())
}
