//! The processor time of a mint beside a bare server that answers the same number of bytes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::outcome::Outcome;
use super::server::{Sample, Server};
use super::{Bench, bar, median, print_round};
use crate::error::Problem;
use crate::files::used;
use crate::terminal::{complain, say};
use crate::watch::{failed, start};

/// Rounds; in each of them every server is measured once.
const ROUNDS: usize = 5;

/// How long a server is measured in one round.
const ROUND_SECONDS: u32 = 5;

/// Size of the bare server's answer, near that of the reference to the request of the benches.
const ANSWER_BYTES: &str = "1100";

/// A server with the script of its request and what its rounds took.
struct Candidate {
    label: &'static str,
    server: Server,
    script: PathBuf,
    samples: Vec<Sample>,
}

/// Measures every build and the bare server in turns; only this build has a bar.
pub(super) fn measure(bench: &Bench) -> Result<Vec<Outcome>, Problem> {
    let mut candidates = candidates(bench)?;
    for round in 1..=ROUNDS {
        for candidate in &mut candidates {
            let sample = candidate.server.round(bench, &candidate.script, ROUND_SECONDS)?;
            print_round(round, candidate.label, sample);
            candidate.samples.push(sample);
        }
    }
    let Some((bare, builds)) = candidates.split_last() else { return Ok(Vec::new()) };
    for build in builds {
        say(&format!(
            "mint: {:<8} {:>6.1} us, bare {:.1} us: {:.2} times",
            build.label,
            build.microseconds(),
            bare.microseconds(),
            build.beside(bare)
        ));
    }
    Ok(builds.first().map(|build| bar::mint(build.beside(bare))).into_iter().collect())
}

impl Candidate {
    fn microseconds(&self) -> f64 {
        median(self.samples.iter().map(|sample| sample.microseconds()))
    }

    /// The median of what it took as a multiple of what another took in the same round.
    fn beside(&self, other: &Self) -> f64 {
        let rounds = self.samples.iter().zip(&other.samples);
        median(rounds.map(|(own, other)| own.microseconds() / other.microseconds()))
    }
}

/// The builds, this one first, and the bare server at the end.
fn candidates(bench: &Bench) -> Result<Vec<Candidate>, Problem> {
    let mut candidates = Vec::new();
    for build in bench.builds() {
        let server = reference(bench, build.program)?;
        let script = script(bench, &server, build.label)?;
        candidates.push(Candidate { label: build.label, server, script, samples: Vec::new() });
    }
    let script = candidates.first().map(|candidate| candidate.script.clone()).unwrap_or_default();
    let bare = bench.examples.join("bare");
    let server = Server::start(bench.cores.server(bare).arg(ANSWER_BYTES))?;
    candidates.push(Candidate { label: "bare", server, script, samples: Vec::new() });
    Ok(candidates)
}

/// The reference of a build.
pub(super) fn reference(bench: &Bench, stspec: &Path) -> Result<Server, Problem> {
    Server::start(bench.cores.server(stspec).arg("serve"))
}

/// Creates a user on the reference, and writes down the request that wrk repeats: a mint that the user signed.
pub(super) fn script(bench: &Bench, reference: &Server, name: &str) -> Result<PathBuf, Problem> {
    complain(&format!("creating a user on {}", reference.endpoint));
    let mut mint = Command::new(bench.examples.join("mint"));
    let mut child = start(mint.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
    let sent = child.stdin.take().map(|mut stdin| stdin.write_all(reference.line.as_bytes()));
    let output = child.wait_with_output();
    let (Some(Ok(())), Ok(output)) = (sent, output) else {
        return Err(failed(&mint, "could not be talked to"));
    };
    if !output.status.success() {
        return Err(failed(&mint, format!("ends with {}", output.status)));
    }
    let path = bench.folder.join(format!("{name}.lua"));
    used(&bench.folder, fs::create_dir_all(&bench.folder))?;
    used(&path, fs::write(&path, output.stdout))?;
    Ok(path)
}
