//! Whether a server stays as fast and as small after it minted a great many sessions.

use std::path::Path;

use super::mint::{reference, script};
use super::outcome::Outcome;
use super::server::Server;
use super::{Bench, bar, median, print_round};
use crate::error::Problem;
use crate::terminal::complain;

/// Rounds; in each of them both servers are measured once.
const ROUNDS: usize = 5;

/// How long a server is measured in one round. Short, so that the fresh one stays fresh.
const ROUND_SECONDS: u32 = 2;

/// How long wrk runs at a time while all sessions are minted.
const MINTING_SECONDS: u32 = 5;

/// Most runs of wrk that all sessions may take; a signature holds for three times as long.
const MINTING_RUNS_MAX: usize = 60;

/// Mints many sessions on one server, and measures it and a fresh one in turns.
pub(super) fn measure(bench: &Bench, sessions: f64) -> Result<Vec<Outcome>, Problem> {
    let used = reference(bench, &bench.stspec)?;
    let used_script = script(bench, &used, "used")?;
    let before = used.resident_bytes()?;
    let minted = mint(bench, &used, &used_script, sessions)?;
    let after = used.resident_bytes()?;
    complain(&format!("minted {minted:.0} sessions; memory from {before} to {after} bytes"));
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let fresh = reference(bench, &bench.stspec)?;
        let fresh_script = script(bench, &fresh, "fresh")?;
        let young = fresh.round(bench, &fresh_script, ROUND_SECONDS)?;
        print_round(round, "fresh", young);
        let old = used.round(bench, &used_script, ROUND_SECONDS)?;
        print_round(round, "used", old);
        ratios.push(old.microseconds() / young.microseconds());
    }
    Ok(vec![bar::resident(after), bar::growth(median(ratios.into_iter()))])
}

/// Mints at least so many sessions and returns how many it minted.
fn mint(bench: &Bench, server: &Server, script: &Path, sessions: f64) -> Result<f64, Problem> {
    let mut minted = 0.0;
    for _ in 0..MINTING_RUNS_MAX {
        if minted >= sessions {
            return Ok(minted);
        }
        minted += server.round(bench, script, MINTING_SECONDS)?.requests;
    }
    Err(Problem::Usage(format!(
        "minted only {minted:.0} sessions in {MINTING_RUNS_MAX} runs of wrk; use a smaller `--sessions`"
    )))
}
